package web_test

import (
	"net/http"
	"slices"
	"testing"

	"gatehouse/server/web"
)

func TestClientAddress(t *testing.T) {
	t.Parallel()
	trusted := []string{"10.0.0.0/8", "192.0.2.1", "2001:db8::/32"}
	tests := []struct {
		name      string
		proxies   []string
		peer      string
		forwarded []string
		want      string
	}{
		{"direct", nil, "203.0.113.9:4711", nil, "203.0.113.9"},
		{"direct over IPv6", nil, "[2001:db8::1%eth0]:4711", nil, "2001:db8::1"},
		{"no peer", nil, "@", nil, ""},
		{"nobody is trusted", nil, "203.0.113.9:1", []string{"198.51.100.1"}, "203.0.113.9"},
		{"a stranger's header", trusted, "203.0.113.9:1", []string{"198.51.100.1"}, "203.0.113.9"},
		{"one proxy", trusted, "10.1.2.3:1", []string{"198.51.100.1"}, "198.51.100.1"},
		{"a proxy by address", trusted, "192.0.2.1:1", []string{"198.51.100.1"}, "198.51.100.1"},
		{"a chain of proxies", trusted, "10.1.2.3:1", []string{"198.51.100.1, 10.9.9.9,192.0.2.1"}, "198.51.100.1"},
		{"what a client made up", trusted, "10.1.2.3:1", []string{"1.1.1.1, 198.51.100.1, 10.9.9.9"}, "198.51.100.1"},
		{"several lines", trusted, "10.1.2.3:1", []string{"1.1.1.1", "198.51.100.1", "10.9.9.9"}, "198.51.100.1"},
		{"proxies all the way", trusted, "10.1.2.3:1", []string{"10.4.4.4, 10.5.5.5"}, "10.4.4.4"},
		{"no header", trusted, "10.1.2.3:1", nil, "10.1.2.3"},
		{"rubbish behind a proxy", trusted, "10.1.2.3:1", []string{"198.51.100.1, unknown"}, "10.1.2.3"},
		{"an address with a port", trusted, "10.1.2.3:1", []string{"198.51.100.1:8080"}, "198.51.100.1"},
		{"IPv6 with a port", trusted, "[2001:db8::7]:1", []string{"[2001:dead::1]:8080"}, "2001:dead::1"},
		{"IPv6 in brackets", trusted, "[2001:db8::7]:1", []string{"[2001:dead::1]"}, "2001:dead::1"},
		{"IPv4 written as IPv6", trusted, "[::ffff:10.1.2.3]:1", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			proxies, err := web.ParseProxies(tt.proxies)
			if err != nil {
				t.Fatal(err)
			}
			r := &http.Request{RemoteAddr: tt.peer, Header: http.Header{"X-Forwarded-For": tt.forwarded}}
			if got := proxies.ClientAddress(r); got != tt.want {
				t.Errorf("ClientAddress = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestParseProxiesRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "proxy.example", "10.0.0.0/33", "10.0.0"} {
		if got, err := web.ParseProxies([]string{text}); err == nil {
			t.Errorf("ParseProxies(%q) = %v, want an error", text, got)
		}
	}
}

func TestAddressKey(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"203.0.113.9":          "203.0.113.9",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
		"2001:db8:1:2::":       "2001:db8:1:2::/64",
		"::ffff:203.0.113.9":   "::ffff:203.0.113.9",
		"":                     "",
		"x":                    "x",
	}
	for address, want := range tests {
		if got := web.AddressKey(address); got != want {
			t.Errorf("AddressKey(%q) = %q, want %q", address, got, want)
		}
	}
}

func TestSameNetwork(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"203.0.113.9", "203.0.113.9", true},
		{"203.0.113.9", "203.0.1.1", true},
		{"203.0.113.9", "203.1.113.9", false},
		{"203.0.113.9", "::ffff:203.0.1.1", true},
		{"203.0.113.9", "::203.0.113.9", false},
		{"2001:db8:1:2::1", "2001:db8:1:ffff::1", true},
		{"2001:db8:1:2::1", "2001:db8:2:2::1", false},
		{"fe80::1%eth0", "fe80::2%eth1", true},
		{"2001:db8::1", "203.0.113.9", false},
		{"", "", false},
		{"x", "x", false},
		{"203.0.113.9", "", false},
	} {
		if got := web.SameNetwork(tt.a, tt.b); got != tt.want {
			t.Errorf("SameNetwork(%q, %q) = %v, want %v", tt.a, tt.b, got, tt.want)
		}
		if got := web.SameNetwork(tt.b, tt.a); got != tt.want {
			t.Errorf("SameNetwork(%q, %q) = %v, want %v", tt.b, tt.a, got, tt.want)
		}
	}
}

func FuzzClientAddress(f *testing.F) {
	proxies, err := web.ParseProxies([]string{"10.0.0.0/8"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add("10.0.0.1:1", "198.51.100.1, 10.0.0.2")
	f.Add("[::1]:1", "[::1]:2")
	f.Fuzz(func(t *testing.T, peer, forwarded string) {
		r := &http.Request{RemoteAddr: peer, Header: http.Header{"X-Forwarded-For": {forwarded}}}
		address := proxies.ClientAddress(r)
		if again := proxies.ClientAddress(&http.Request{RemoteAddr: "[" + address + "]:1"}); address != "" && again != address {
			t.Errorf("ClientAddress(%q, %q) = %q, which reads as %q", peer, forwarded, address, again)
		}
	})
}

func TestNetworksAround(t *testing.T) {
	t.Parallel()
	for address, want := range map[string][]string{
		"2001:db8:1:2ff::3": {"2001:db8:1:200::/56", "2001:db8:1::/48"},
		"fe80::1%eth0":      {"fe80::/56", "fe80::/48"},
		"192.0.2.7":         nil,
		"::ffff:192.0.2.7":  nil,
		"":                  nil,
		"made up/64":        nil,
	} {
		if got := web.NetworksAround(web.AddressKey(address)); !slices.Equal(got, want) {
			t.Errorf("NetworksAround() of %q = %v, want %v", address, got, want)
		}
	}
}
