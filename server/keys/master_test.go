package keys_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"gatehouse/server/keys"
)

const (
	oldSecret = "an old master secret of 32 characters or more"
	newSecret = "a new master secret of 32 characters or more"
)

func TestNewMaster(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		secrets []string
		want    string // part of the error; empty for none
	}{
		{"one", []string{oldSecret}, ""},
		{"two", []string{newSecret, oldSecret}, ""},
		{"exactly 32 characters", []string{strings.Repeat("é", 32)}, ""},
		{"none", nil, "no master secret"},
		{"31 characters", []string{strings.Repeat("é", 31)}, "master secret 1 is shorter"},
		{"empty second", []string{newSecret, ""}, "master secret 2 is shorter"},
		{"twice", []string{newSecret, newSecret}, "master secret 2 is listed twice"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := keys.NewMaster(tt.secrets...)
			if got := fmt.Sprint(err); tt.want == "" && err != nil || !strings.Contains(got, tt.want) {
				t.Errorf("NewMaster() = %v, want %q", err, tt.want)
			}
		})
	}
}

func TestMasterSealsAndOpens(t *testing.T) {
	t.Parallel()
	m := master(t, newSecret)
	for _, plain := range []string{"", "a", strings.Repeat("long", 1000)} {
		sealed := seal(t, m, "test", plain)
		opened, err := m.Open("test", sealed)
		if err != nil || string(opened) != plain {
			t.Errorf("Open(Seal(%.10q)) = %.10q, %v", plain, opened, err)
		}
		if len(plain) > 16 && bytes.Contains(sealed, []byte(plain)) {
			t.Errorf("Seal(%.10q) shows the text", plain)
		}
		if bytes.Equal(sealed, seal(t, m, "test", plain)) {
			t.Errorf("Seal(%.10q) twice gives the same text", plain)
		}
	}
}

func TestMasterOpensNothingElse(t *testing.T) {
	t.Parallel()
	m := master(t, newSecret)
	sealed := seal(t, m, "test", "plain")

	if _, err := m.Open("other", sealed); err == nil {
		t.Error("Open with another purpose succeeded")
	}
	if _, err := master(t, oldSecret).Open("test", sealed); err == nil {
		t.Error("Open under another secret succeeded")
	}
	for n := range sealed {
		if _, err := m.Open("test", sealed[:n]); err == nil {
			t.Errorf("Open of the first %d bytes succeeded", n)
		}
		changed := bytes.Clone(sealed)
		changed[n] ^= 1
		if _, err := m.Open("test", changed); err == nil {
			t.Errorf("Open with byte %d changed succeeded", n)
		}
	}
}

func TestMasterSecretsRotate(t *testing.T) {
	t.Parallel()
	before, after := master(t, oldSecret), master(t, newSecret, oldSecret)
	sealed := seal(t, before, "test", "plain")

	if opened, err := after.Open("test", sealed); err != nil || string(opened) != "plain" {
		t.Errorf("Open under the second secret = %q, %v", opened, err)
	}
	if before.Stale(sealed) || !after.Stale(sealed) {
		t.Errorf("Stale() = %v before and %v after, want false and true", before.Stale(sealed), after.Stale(sealed))
	}
	if after.Stale(seal(t, after, "test", "plain")) {
		t.Error("Stale() of what was just sealed = true")
	}
	if !after.VerifyMAC("test", []byte("data"), before.MAC("test", []byte("data"))) {
		t.Error("VerifyMAC under the second secret = false")
	}
	hash := before.HashSecret("secret")
	if ok, stale := before.VerifySecret("secret", hash); !ok || stale {
		t.Errorf("VerifySecret before = %v, %v, want true, false", ok, stale)
	}
	if ok, stale := after.VerifySecret("secret", hash); !ok || !stale {
		t.Errorf("VerifySecret after = %v, %v, want true, true", ok, stale)
	}
}

func TestVerifyMAC(t *testing.T) {
	t.Parallel()
	m := master(t, newSecret)
	mac := m.MAC("test", []byte("data"))
	tests := []struct {
		name    string
		purpose string
		data    string
		mac     []byte
		want    bool
	}{
		{"whole", "test", "data", mac, true},
		{"first 8 bytes", "test", "data", mac[:8], true},
		{"first 7 bytes", "test", "data", mac[:7], false},
		{"empty", "test", "data", nil, false},
		{"too long", "test", "data", append(bytes.Clone(mac), 0), false},
		{"other purpose", "other", "data", mac, false},
		{"other data", "test", "date", mac, false},
		{"other MAC", "test", "data", m.MAC("test", []byte("date")), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := m.VerifyMAC(tt.purpose, []byte(tt.data), tt.mac); got != tt.want {
				t.Errorf("VerifyMAC() = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestVerifySecret(t *testing.T) {
	t.Parallel()
	m := master(t, newSecret)
	hash := m.HashSecret("secret")
	if !strings.HasPrefix(hash, "hmac-sha256$") || strings.Count(hash, "$") != 2 {
		t.Errorf("HashSecret() = %q, want hmac-sha256$<id>$<base64>", hash)
	}
	tests := []struct{ name, secret, hash string }{
		{"wrong secret", "Secret", hash},
		{"no secret", "", hash},
		{"no hash", "secret", ""},
		{"neither", "", ""},
		{"another scheme", "secret", "sha256" + strings.TrimPrefix(hash, "hmac-sha256")},
		{"another master secret", "secret", master(t, oldSecret).HashSecret("secret")},
		{"cut short", "secret", hash[:len(hash)-4]},
		{"without its MAC", "secret", hash[:strings.LastIndex(hash, "$")+1]},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if ok, stale := m.VerifySecret(tt.secret, tt.hash); ok || stale {
				t.Errorf("VerifySecret(%q, %q) = %v, %v, want false, false", tt.secret, tt.hash, ok, stale)
			}
		})
	}
}

func TestMasterPrintsNoSecret(t *testing.T) {
	t.Parallel()
	m := master(t, newSecret)
	seal(t, m, "test", "plain")
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("text", "master", m)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("json", "master", m)
	printed := log.String() + fmt.Sprintf("%v %+v %#v %s", m, m, m, m)
	if strings.Contains(printed, newSecret) || strings.Contains(printed, "prk") || !strings.Contains(printed, "[redacted]") {
		t.Errorf("printed %s, want [redacted]", printed)
	}
}

func master(t testing.TB, secrets ...string) *keys.Master {
	t.Helper()
	m, err := keys.NewMaster(secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func seal(t testing.TB, m *keys.Master, purpose, plain string) []byte {
	t.Helper()
	sealed, err := m.Seal(purpose, []byte(plain))
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}
