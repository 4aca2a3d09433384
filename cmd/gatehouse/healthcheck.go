package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/errors"
)

func newHealthcheck(c *cli) *cobra.Command {
	var url string
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "healthcheck",
		Short: "Ask a running server whether it is ready",
		Long: `Asks a running server for /readyz, for the HEALTHCHECK of a container. Without
--url it asks the address that "listen" is set to, on this machine.

Exit status: 0 ready, 1 not ready or not reached, 2 wrong command line or configuration.`,
		Example: `  gatehouse healthcheck
  gatehouse healthcheck --url http://127.0.0.1:4000 --timeout 1s`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if url == "" {
				cfg, err := load(c.input(cmd, []string{"listen"}))
				if err != nil {
					return err
				}
				url = ownAddress(cfg.Listen)
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), timeout)
			defer cancel()
			return c.healthcheck(ctx, strings.TrimSuffix(url, "/")+"/readyz")
		},
	}
	cmd.Flags().StringVar(&url, "url", "", "the server's `URL`, instead of what listen is set to")
	cmd.Flags().DurationVar(&timeout, "timeout", 3*time.Second, "how long to wait for the answer")
	c.configFlags(cmd, []string{"listen"})
	c.jsonFlag(cmd)
	return cmd
}

// maxReadiness is more than an answer of /readyz takes, in bytes.
const maxReadiness = 64 << 10

func (c *cli) healthcheck(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return usageError{err}
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // straight there, past any proxy
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxReadiness))
	if err != nil {
		return err
	}
	answer := strings.TrimSpace(string(body))
	if c.json && json.Valid(body) {
		fmt.Fprintln(c.stdout, answer)
	}
	if response.StatusCode != http.StatusOK {
		return errors.New("not ready: " + response.Status + " " + answer)
	}
	if !c.json {
		fmt.Fprintln(c.stdout, "ready")
	}
	return nil
}

// ownAddress is the URL under which this machine reaches what listens there.
func ownAddress(listen string) string {
	host, port, _ := net.SplitHostPort(listen)
	if ip := net.ParseIP(host); host == "" || ip.IsUnspecified() {
		host = "127.0.0.1"
		if ip != nil && ip.To4() == nil {
			host = "::1"
		}
	}
	return "http://" + net.JoinHostPort(host, port)
}
