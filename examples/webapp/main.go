// Webapp is a web page behind single sign-on: whoever opens it signs in at Gatehouse
// first, and sees what it was told of them. With Gatehouse running in one terminal,
//
//	go run ./cmd/gatehouse serve --dev
//
// make the application known to it, start it, and open http://localhost:8080 in a browser:
//
//	go run ./cmd/gatehouse apply examples/webapp/gatehouse.yaml
//	go run ./examples/webapp
//
// It signs in with any library of OpenID Connect: this is coreos/go-oidc, which
// knows nothing of Gatehouse but its address. The application is a public one, with
// PKCE in place of a secret, so that there is none to copy; one that runs on a server
// of its own has a secret, and WEBAPP_SECRET is where it goes.
package main

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"time"
)

func main() {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Getenv("WEBAPP_SECRET"), log)
	stop()
	if err != nil {
		log.Error("the application ends", slog.Any("error", err))
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, secret string, log *slog.Logger) error {
	flags := flag.NewFlagSet("webapp", flag.ContinueOnError)
	issuer := flags.String("issuer", "http://localhost:4000", "`URL` of Gatehouse, as its tokens say")
	clientID := flags.String("client-id", "7e1f9a3d48620e7a5b0c", "`ID` of the application at Gatehouse")
	address := flags.String("address", "localhost:8080", "`HOST:PORT` to listen on")
	if err := flags.Parse(args); err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", *address)
	if err != nil {
		return err
	}
	own := "http://" + *address
	if _, port, _ := net.SplitHostPort(*address); port == "0" {
		own = "http://" + listener.Addr().String()
	}
	app, err := discover(ctx, *issuer, *clientID, secret, own, log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	server := &http.Server{Handler: app.routes(), ReadHeaderTimeout: 5 * time.Second}
	ctx, cancel := context.WithCancel(ctx)
	var ending sync.WaitGroup
	ending.Go(func() {
		<-ctx.Done()
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(limited) // what takes longer ends with the process
	})
	log.InfoContext(ctx, "listening", slog.String("url", own))
	err = server.Serve(listener)
	cancel()
	ending.Wait()
	if !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
