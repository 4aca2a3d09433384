package outbound_test

import (
	"net/netip"
	"testing"

	"gatehouse/server/outbound"
)

func TestAllows(t *testing.T) {
	t.Parallel()
	own := outbound.Config{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("::1/128")}}
	for text, want := range map[string]struct{ usually, allowed bool }{
		"93.184.215.14":            {true, true},
		"8.8.8.8":                  {true, true},
		"2606:4700::6810:84e5":     {true, true},
		"::ffff:8.8.8.8":           {true, true},
		"64:ff9b::8.8.8.8":         {true, true},
		"127.0.0.1":                {},
		"127.255.0.9":              {},
		"0.0.0.0":                  {},
		"0.1.2.3":                  {},
		"10.0.0.1":                 {},
		"10.1.2.3":                 {false, true},
		"::ffff:10.1.2.3":          {false, true},
		"64:ff9b::10.1.2.3":        {false, true},
		"172.16.0.1":               {},
		"172.31.255.255":           {},
		"172.32.0.1":               {true, true},
		"192.168.1.1":              {},
		"169.254.169.254":          {},
		"100.64.0.1":               {},
		"192.0.0.8":                {},
		"198.18.0.1":               {},
		"203.0.113.1":              {},
		"224.0.0.1":                {},
		"239.1.1.1":                {},
		"240.0.0.1":                {},
		"255.255.255.255":          {},
		"::":                       {},
		"::1":                      {false, true},
		"::ffff:127.0.0.1":         {},
		"::ffff:169.254.169.254":   {},
		"::127.0.0.1":              {},
		"64:ff9b::127.0.0.1":       {},
		"64:ff9b::169.254.169.254": {},
		"64:ff9b:1::10.0.0.1":      {},
		"2002:7f00:1::":            {},
		"2001::1":                  {},
		"2001:db8::1":              {},
		"fe80::1":                  {},
		"fe80::1%eth0":             {},
		"fec0::1":                  {},
		"fc00::1":                  {},
		"fd12:3456::1":             {},
		"ff02::1":                  {},
		"100::1":                   {},
	} {
		to := netip.MustParseAddr(text)
		if got := (outbound.Config{}).Allows(to); got != want.usually {
			t.Errorf("Allows(%s) = %t", to, got)
		}
		if got := own.Allows(to); got != want.allowed {
			t.Errorf("Allows(%s) where some are allowed = %t", to, got)
		}
	}
	if (outbound.Config{}).Allows(netip.Addr{}) {
		t.Error("Allows(no address) = true")
	}
}
