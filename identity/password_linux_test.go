package identity_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"gatehouse/identity"
)

// BenchmarkPasswordsStorm is what many sign-ins at once cost in CPU and memory,
// beside as many bare Argon2id keys.
func BenchmarkPasswordsStorm(b *testing.B) {
	passwords := identity.NewPasswords(identity.PasswordConfig{})
	salt := []byte("saltsaltsaltsalt")
	for _, c := range []struct {
		name string
		hash func()
	}{
		{"Passwords", func() { _, _, _ = passwords.Verify(context.Background(), "", "m4ngrove-Tide") }},
		{"bare", func() { argon2.IDKey([]byte("m4ngrove-Tide"), salt, 2, 19456, 1, 32) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			ballast := pointers(5 << 20) // about what an idle server has on its heap
			forgetPeak(b)
			idle, cpu := status(b, "VmRSS"), processCPU(b)
			var n atomic.Int64
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					c.hash()
					n.Add(1)
				}
			})
			b.ReportMetric(float64((processCPU(b)-cpu).Microseconds())/float64(n.Load()), "cpu-µs/op")
			b.ReportMetric(float64(status(b, "VmHWM")-idle)/1024, "peak-MiB")
			runtime.KeepAlive(ballast)
		})
	}
}

// pointers is a part of the heap that the collector has to follow.
func pointers(size int) []*[]string {
	var all []*[]string
	for range size / 256 {
		s := make([]string, 14)
		all = append(all, &s)
	}
	return all
}

func processCPU(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// forgetPeak makes the process's peak memory what it needs now.
func forgetPeak(b *testing.B) {
	debug.FreeOSMemory()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		b.Skip("the peak of memory cannot be measured here:", err)
	}
}

// status is a figure of /proc/self/status in KiB.
func status(b *testing.B, name string) int {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	var kib int
	_, line, _ := strings.Cut(string(text), name+":")
	if _, err := fmt.Sscan(line, &kib); err != nil {
		b.Fatal(err)
	}
	return kib
}
