package device_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"gatehouse/identity"
	"gatehouse/server/device"
	"gatehouse/server/keys"
)

// clock is a time that can be moved.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func newDevices(t testing.TB, secrets ...string) (device.Devices, *clock) {
	t.Helper()
	if secrets == nil {
		secrets = []string{strings.Repeat("secret", 8)}
	}
	master, err := keys.NewMaster(secrets...)
	if err != nil {
		t.Fatal(err)
	}
	c := &clock{time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	return device.Devices{Master: master, Now: c.Now}, c
}

func newUser() *identity.User {
	return &identity.User{ID: uuid.Must(uuid.NewV7()).String(), Credentials: 1}
}

func TestTokenIsOfOneUserAndTheirCredentials(t *testing.T) {
	t.Parallel()
	devices, _ := newDevices(t)
	ada, bob := newUser(), newUser()
	got, ok := devices.Read(devices.Token(ada, ""))
	if !ok || got.UserID != ada.ID || !got.Of(ada) {
		t.Fatalf("Read() = %+v, %t, want a device of %s", got, ok, ada.ID)
	}
	if got.Of(bob) || got.Of(nil) {
		t.Error("the device is one of another user, or of nobody")
	}
	ada.Credentials++
	if got.Of(ada) {
		t.Error("the device is known after the credentials have changed")
	}
	again, _ := devices.Read(devices.Token(ada, got.ID))
	if again.ID != got.ID || !again.Of(ada) {
		t.Errorf("a renewed token = %+v, want the same device", again)
	}
	if other, _ := devices.Read(devices.Token(ada, "")); other.ID == got.ID {
		t.Error("two devices have one id")
	}
}

func TestTokenExpires(t *testing.T) {
	t.Parallel()
	devices, clock := newDevices(t)
	token := devices.Token(newUser(), "")
	clock.now = clock.now.Add(device.Life - time.Second)
	if _, ok := devices.Read(token); !ok {
		t.Error("Read() before its end = false")
	}
	clock.now = clock.now.Add(time.Second)
	if _, ok := devices.Read(token); ok {
		t.Error("Read() at its end = true")
	}
}

func TestTokenIsNotForged(t *testing.T) {
	t.Parallel()
	devices, _ := newDevices(t)
	token := devices.Token(newUser(), "")
	raw, _ := base64.RawURLEncoding.DecodeString(token)
	for i := range raw {
		changed := append([]byte(nil), raw...)
		changed[i] ^= 1
		if _, ok := devices.Read(base64.RawURLEncoding.EncodeToString(changed)); ok {
			t.Errorf("Read() with byte %d changed = true", i)
		}
	}
	other, _ := newDevices(t, strings.Repeat("another", 8))
	for _, text := range []string{"", "x", token + "A", token[1:], other.Token(newUser(), "")} {
		if _, ok := devices.Read(text); ok {
			t.Errorf("Read(%q) = true", text)
		}
	}
	if token := devices.Token(&identity.User{ID: "no UUID"}, ""); token != "" {
		t.Errorf("Token() of a user without a UUID = %q", token)
	}
}

func TestTokenOutlivesANewMasterSecret(t *testing.T) {
	t.Parallel()
	old, next := strings.Repeat("secret", 8), strings.Repeat("terces", 8)
	before, _ := newDevices(t, old)
	after, _ := newDevices(t, next, old)
	if _, ok := after.Read(before.Token(newUser(), "")); !ok {
		t.Error("Read() after the master secret was replaced = false")
	}
}

func TestListKeepsOneTokenOfEachUser(t *testing.T) {
	t.Parallel()
	devices, _ := newDevices(t)
	list := ""
	var users []*identity.User
	for range device.MaxDevices + 2 {
		users = append(users, newUser())
		list = devices.Remember(list, devices.Token(users[len(users)-1], ""))
	}
	all := devices.ReadAll(list)
	if len(all) != device.MaxDevices {
		t.Fatalf("%d devices, want %d", len(all), device.MaxDevices)
	}
	for i, d := range all {
		if want := users[len(users)-1-i]; !d.Of(want) {
			t.Errorf("device %d = %+v, want one of %s", i, d, want.ID)
		}
	}
	list = devices.Remember(list, devices.Token(users[5], ""))
	again := devices.ReadAll(list)
	if len(again) != device.MaxDevices || !again[0].Of(users[5]) || again[0].ID == all[6].ID {
		t.Errorf("after the sixth has signed in again: %d devices, the first %+v", len(again), again[0])
	}
	for _, broken := range []string{"x." + list[:device.TokenLength], list + ".x", list + list, "...", devices.Remember("nonsense", "nonsense")} {
		if n := len(devices.ReadAll(broken)); n > device.MaxDevices {
			t.Errorf("ReadAll(%q) has %d devices", broken, n)
		}
	}
}

func FuzzRead(f *testing.F) {
	devices, _ := newDevices(f)
	ada := &identity.User{ID: "019cab12-0000-7000-8000-000000000001", Credentials: 1}
	token := devices.Token(ada, "")
	for _, seed := range []string{"", token, token + "." + token, fmt.Sprintf("%s.%s", token[1:], token)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, d := range devices.ReadAll(text) {
			if !d.Of(ada) {
				t.Errorf("ReadAll(%q) = %+v, which this server has not made", text, d)
			}
		}
		if list := devices.Remember(text, token); len(devices.ReadAll(list)) != 1 {
			t.Errorf("Remember(%q) = %q", text, list)
		}
	})
}
