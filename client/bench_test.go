package client_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"gatehouse/client"
)

func BenchmarkVerify(b *testing.B) {
	is := newIssuer(b)
	b.Run("first", func(b *testing.B) {
		c := is.client(b, func(c *client.Config) { c.Remember = 1 })
		raws := []string{is.token(b), is.token(b), is.token(b)}
		verify(b, c, raws[0]) // which fetches the keys
		i := 0
		b.ReportAllocs()
		for b.Loop() {
			i++
			verify(b, c, raws[i%len(raws)])
		}
	})
	b.Run("seen", func(b *testing.B) {
		c, raw := is.client(b), is.token(b)
		b.ReportAllocs()
		for b.Loop() {
			verify(b, c, raw)
		}
	})
}

func verify(tb testing.TB, c *client.Client, raw string) {
	if _, err := c.Verify(tb.Context(), raw); err != nil {
		tb.Fatalf("Verify: %v", err)
	}
}

func BenchmarkAllowed(b *testing.B) {
	is := newIssuer(b)
	raw := is.token(b)
	bench := func(name string, change func(*client.Config)) {
		b.Run(name, func(b *testing.B) {
			c := is.client(b, change)
			b.ReportAllocs()
			for b.Loop() {
				if allowed, err := c.Allowed(b.Context(), raw, "ledgers", "get"); !allowed || err != nil {
					b.Fatalf("Allowed = %t, %v", allowed, err)
				}
			}
		})
	}
	bench("remembered", func(*client.Config) {})
	bench("asked", func(c *client.Config) { c.DecisionLifetime = -1 })
}

func BenchmarkAuthorize(b *testing.B) {
	is := newIssuer(b)
	h := is.client(b).Authorize("ledgers", "get")(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	r := httptest.NewRequest(http.MethodGet, "/ledgers", nil)
	r.Header.Set("Authorization", "Bearer "+is.token(b))
	b.ReportAllocs()
	for b.Loop() {
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != http.StatusOK {
			b.Fatalf("%d %s", w.Code, w.Body)
		}
	}
}
