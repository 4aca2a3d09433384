package main_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	gatehouse "gatehouse/cmd/gatehouse"
	"gatehouse/errors"
)

// terminals opens a pseudo-terminal: what is written to one end is what somebody
// types at the other.
func terminals(t *testing.T) (keyboard, screen *os.File) {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = keyboard.Close() })
	var number, unlock int32
	for request, value := range map[uintptr]*int32{syscall.TIOCSPTLCK: &unlock, syscall.TIOCGPTN: &number} {
		if _, _, failed := syscall.Syscall(syscall.SYS_IOCTL, keyboard.Fd(), request, uintptr(unsafe.Pointer(value))); failed != 0 {
			t.Fatal(failed)
		}
	}
	screen, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = screen.Close() })
	return keyboard, screen
}

// At a terminal, delete asks; only yes deletes.
func TestDeleteAsks(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, a administration) {
		a.command(createUser("ada")...).ok(t)
		for _, tt := range []struct {
			typed  string
			status int
		}{{"\n", gatehouse.ExitFailed}, {"no\n", gatehouse.ExitFailed}, {"\x04", gatehouse.ExitFailed}, {"Y\n", gatehouse.ExitOK}} {
			keyboard, screen := terminals(t)
			if _, err := keyboard.WriteString(tt.typed); err != nil {
				t.Fatal(err)
			}
			var stdout, stderr bytes.Buffer
			status := gatehouse.Run(t.Context(), []string{"user", "delete", "ada"}, a.environ, screen, &stdout, &stderr)
			if status != tt.status {
				t.Errorf("%q: status %d, want %d: %s", tt.typed, status, tt.status, stderr.String())
			}
			contains(t, stderr.String(), "Delete user ada (ada@example.com) for good? [y/N] ")
			if status != gatehouse.ExitOK {
				contains(t, stderr.String(), "nothing was deleted")
			}
			if _, err := a.store.UserByUsername(t.Context(), "ada"); errors.Is(err, errors.UserNotFound) != (tt.status == gatehouse.ExitOK) {
				t.Errorf("%q: after it %v", tt.typed, err)
			}
		}
	})
}

// What is no terminal is not asked, /dev/null among them.
func TestDeleteAsksNobody(t *testing.T) {
	t.Parallel()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	var out strings.Builder
	status := gatehouse.Run(t.Context(), []string{"user", "delete", "ada", "--server", "http://127.0.0.1:1"}, []string{"GATEHOUSE_TOKEN=token"}, null, &out, &out)
	if status != gatehouse.ExitUsage {
		t.Errorf("status %d, want %d", status, gatehouse.ExitUsage)
	}
	contains(t, out.String(), "say --yes")
}
