package outbound_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"gatehouse/errors"
	"gatehouse/server/outbound"
)

var loopback = outbound.Config{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}}

// get returns the status of the answer.
func get(t *testing.T, c *http.Client, address string) (int, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatalf("request: %v", err)
	}
	response, err := c.Do(r)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	return response.StatusCode, nil
}

// Whatever a name or a number stands for, nothing is sent to a private address.
func TestRefusesPrivateAddresses(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(s.Close)
	port := s.URL[strings.LastIndex(s.URL, ":"):]
	c := outbound.New(outbound.Config{})
	for _, host := range []string{
		"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::1]", "0.0.0.0", "[::]", "[64:ff9b::7f00:1]", "127.1.2.3", "169.254.169.254",
	} {
		if _, err := get(t, c, "http://"+host+port); !errors.Is(err, outbound.ErrPrivate) {
			t.Errorf("GET %s = %v, want %v", host, err, outbound.ErrPrivate)
		}
	}
	if n := asked.Load(); n > 0 {
		t.Errorf("%d requests arrived", n)
	}
	if _, err := get(t, outbound.New(loopback), s.URL); err != nil || asked.Load() != 1 {
		t.Errorf("GET where it is allowed = %v", err)
	}
}

func TestFollowsNobody(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	target := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(target.Close)
	s := httptest.NewServer(http.RedirectHandler(target.URL, http.StatusFound))
	t.Cleanup(s.Close)
	status, err := get(t, outbound.New(loopback), s.URL)
	if err != nil || status != http.StatusFound || asked.Load() > 0 {
		t.Errorf("GET = %d, %v; followed %d times", status, err, asked.Load())
	}
}

// A proxy would connect to whatever it is told to.
func TestUsesNoProxy(t *testing.T) {
	var asked atomic.Int64
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(proxy.Close)
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("http_proxy", proxy.URL)
	if _, err := get(t, outbound.New(loopback), "http://10.0.0.1/"); !errors.Is(err, outbound.ErrPrivate) || asked.Load() > 0 {
		t.Errorf("GET = %v; the proxy was asked %d times", err, asked.Load())
	}
}

// Certificates are checked, and headers are bounded.
func TestDistrusts(t *testing.T) {
	t.Parallel()
	s := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(s.Close)
	if _, err := get(t, outbound.New(loopback), s.URL); err == nil {
		t.Error("a certificate of nobody was taken")
	}
	long := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X", strings.Repeat("x", 32<<10))
		_, _ = io.WriteString(w, "x")
	}))
	t.Cleanup(long.Close)
	if _, err := get(t, outbound.New(loopback), long.URL); err == nil {
		t.Error("a header of 32 KiB was taken")
	}
}
