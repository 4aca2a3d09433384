package clients_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
)

// TestFrontChannelInChromium signs somebody out, of which an application hears from
// their browser.
func TestFrontChannelInChromium(t *testing.T) {
	t.Parallel()
	s := start(t)
	heard := make(chan url.Values, 10)
	base := serve(t, func(base string) http.Handler {
		party := http.NewServeMux()
		party.Handle("/", newGoOIDC(t, s, base, []string{"--trusted", "--frontchannel-logout-uri", base + "/ended?tenant=1"}, nil))
		party.HandleFunc("GET /ended", func(_ http.ResponseWriter, r *http.Request) { heard <- r.URL.Query() })
		return party
	})

	w := newWindow(t, "en")
	w.open(t, base+"/", "/login")
	w.keys(t, s.Admin.Username+kb.Tab+s.Admin.Password+kb.Enter)
	w.arrive(t, "/callback")
	w.open(t, s.Issuer+"/oauth2/logout", "/oauth2/logout")
	w.press(t, "button.main")
	w.arrive(t, "/logout")
	select {
	case told := <-heard:
		if told.Get("iss") != s.Issuer || told.Get("sid") == "" || told.Get("tenant") != "1" {
			t.Errorf("told of %v", told)
		}
	case <-time.After(15 * time.Second):
		t.Errorf("not told: %q", w.complained())
	}
	if complaints := w.complained(); len(complaints) > 0 {
		t.Errorf("complained of: %q", complaints)
	}
}
