package throttle_test

import (
	"testing"
	"time"

	"gatehouse/server/throttle"
)

func TestConfigValidate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		config throttle.Config
		ok     bool
	}{
		{"zero", throttle.Config{}, true},
		{"defaults", throttle.Defaults(), true},
		{"negative failures", throttle.Config{Failures: -1}, false},
		{"negative failures of addresses", throttle.Config{AddressFailures: -1}, false},
		{"negative freeze", throttle.Config{Freeze: -time.Second}, false},
		{"two days' freeze", throttle.Config{Freeze: 48 * time.Hour}, false},
		{"two days' window", throttle.Config{Window: 48 * time.Hour}, false},
		{"long delay", throttle.Config{Delay: 3 * time.Second}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if err := tt.config.Validate(); (err == nil) != tt.ok {
				t.Errorf("Validate() = %v, want ok = %t", err, tt.ok)
			}
		})
	}
}

func TestNetwork(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"192.0.2.1":              "192.0.2.1",
		"::ffff:192.0.2.1":       "192.0.2.1",
		"2001:db8:1:2:3:4:5:6":   "2001:db8:1:2::/64",
		"2001:db8:1:2::":         "2001:db8:1:2::/64",
		"fe80::1%eth0":           "fe80::/64",
		"":                       "",
		"@":                      "@",
		"not an address, at all": "not an address, at all",
	} {
		if got := throttle.Network(address); got != want {
			t.Errorf("Network(%q) = %q, want %q", address, got, want)
		}
	}
}
