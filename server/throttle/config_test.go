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
