package identity_test

import (
	"context"
	"fmt"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/errors"
	"gatehouse/identity"
)

// quick is the cheapest configuration that is valid.
func quick() identity.PasswordConfig {
	return identity.PasswordConfig{MemoryKiB: 7168, Iterations: 5, Concurrent: 2}
}

func TestPasswords(t *testing.T) {
	t.Parallel()
	passwords := identity.NewPasswords(quick())
	tests := []struct {
		name         string
		set, entered string
		ok           bool
	}{
		{"the same", "m4ngrove-Tide", "m4ngrove-Tide", true},
		{"another", "m4ngrove-Tide", "m4ngrove-tide", false},
		{"empty", "m4ngrove-Tide", "", false},
		{"set composed, entered decomposed", "caf\u00e9", "cafe\u0301", true},
		{"set decomposed, entered composed", "cafe\u0301", "caf\u00e9", true},
		{"compatible is not equal", "\ufb01sh", "fish", false},
		{"NUL counts", "a\x00b", "a\x00c", false},
		{"255 characters of four bytes", strings.Repeat("🗝", 255), strings.Repeat("🗝", 255), true},
		{"the last of 255 differs", strings.Repeat("🗝", 255), strings.Repeat("🗝", 254) + "🔑", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			hash, err := passwords.Hash(t.Context(), tt.set)
			if err != nil {
				t.Fatalf("Hash() = %v", err)
			}
			if !strings.HasPrefix(hash, "$argon2id$v=19$m=7168,t=5,p=1$") {
				t.Errorf("Hash() = %q, want Argon2id with the parameters", hash)
			}
			ok, stale, err := passwords.Verify(t.Context(), hash, tt.entered)
			if err != nil || ok != tt.ok || stale {
				t.Errorf("Verify() = %t, %t, %v, want %t, false, nil", ok, stale, err, tt.ok)
			}
		})
	}
}

func TestPasswordsHashSalts(t *testing.T) {
	t.Parallel()
	passwords := identity.NewPasswords(quick())
	one, err1 := passwords.Hash(t.Context(), "m4ngrove-Tide")
	two, err2 := passwords.Hash(t.Context(), "m4ngrove-Tide")
	if err1 != nil || err2 != nil || one == two {
		t.Errorf("Hash() twice = %q, %v and %q, %v, want two hashes", one, err1, two, err2)
	}
}

func TestPasswordsRefusesTheLongest(t *testing.T) {
	t.Parallel()
	passwords := identity.NewPasswords(quick())
	if _, err := passwords.Hash(t.Context(), strings.Repeat("a", 1025)); !errors.Is(err, errors.WeakPassword) {
		t.Errorf("Hash() = %v, want %v", err, errors.WeakPassword)
	}
	hash, err := passwords.Hash(t.Context(), strings.Repeat("a", 1024))
	if err != nil {
		t.Fatal(err)
	}
	if ok, _, err := passwords.Verify(t.Context(), hash, strings.Repeat("a", 1025)); ok || err != nil {
		t.Errorf("Verify() = %t, %v, want false, nil", ok, err)
	}
}

func TestPasswordsVerifyNobody(t *testing.T) {
	t.Parallel()
	passwords := identity.NewPasswords(quick())
	for _, password := range []string{"", "m4ngrove-Tide", strings.Repeat("a", 1<<20)} {
		if ok, stale, err := passwords.Verify(t.Context(), "", password); ok || stale || err != nil {
			t.Errorf("Verify() = %t, %t, %v, want false, false, nil", ok, stale, err)
		}
	}
}

func TestPasswordsVerifyStale(t *testing.T) {
	t.Parallel()
	hash, err := identity.NewPasswords(quick()).Hash(t.Context(), "m4ngrove-Tide")
	if err != nil {
		t.Fatal(err)
	}
	today := identity.NewPasswords(identity.PasswordConfig{MemoryKiB: 9216, Iterations: 4})
	if ok, stale, err := today.Verify(t.Context(), hash, "m4ngrove-Tide"); !ok || !stale || err != nil {
		t.Errorf("Verify() with other parameters = %t, %t, %v, want true, true, nil", ok, stale, err)
	}
	if ok, stale, err := today.Verify(t.Context(), hash, "wrong"); ok || stale || err != nil {
		t.Errorf("Verify() of a wrong password = %t, %t, %v, want false, false, nil", ok, stale, err)
	}
}

// slow is the hash of a system that takes 16 milliseconds for each MiB.
func slow(mib int) string {
	return strings.Replace(foreign["argon2id"], "m=256,t=2", fmt.Sprintf("m=%d,t=32", mib*1024), 1)
}

// hold occupies the only slot for half a second, or until the returned function
// has waited for that.
func hold(t *testing.T, passwords *identity.Passwords) (wait func()) {
	t.Helper()
	var held sync.WaitGroup
	held.Go(func() {
		if _, _, err := passwords.Verify(context.Background(), slow(32), "x"); err != nil {
			t.Errorf("Verify() = %v", err)
		}
	})
	time.Sleep(50 * time.Millisecond)
	return held.Wait
}

func TestPasswordsQueue(t *testing.T) {
	t.Parallel()
	config := quick()
	config.Concurrent, config.Queue = 1, 2
	passwords := identity.NewPasswords(config)
	defer hold(t, passwords)()

	waiting, cancel := context.WithCancel(t.Context())
	var left sync.WaitGroup
	for range 2 {
		left.Go(func() {
			_, _, err := passwords.Verify(waiting, "", "x")
			if !errors.Is(err, errors.Unavailable) || !errors.Is(err, context.Canceled) {
				t.Errorf("Verify() given up while waiting = %v, want %v", err, errors.Unavailable)
			}
		})
	}
	for passwords.Waiting() < 2 {
		time.Sleep(time.Millisecond)
	}
	_, _, err := passwords.Verify(t.Context(), "", "x")
	if !errors.Is(err, errors.Unavailable) || errors.From(err).RetryAfter != time.Second {
		t.Errorf("Verify() with a full queue = %v, want %v after 1s", err, errors.Unavailable)
	}
	cancel()
	left.Wait()
	if n := passwords.Waiting(); n != 0 {
		t.Errorf("Waiting() = %d, want 0", n)
	}
}

func TestPasswordsAreServedInOrder(t *testing.T) {
	t.Parallel()
	config := quick()
	config.Concurrent = 1
	passwords := identity.NewPasswords(config)
	wait := hold(t, passwords)
	var order atomic.Int32
	var all sync.WaitGroup
	for i := range int32(4) {
		all.Go(func() {
			if _, _, err := passwords.Verify(context.Background(), slow(4), "x"); err != nil {
				t.Errorf("Verify() = %v", err)
			}
			// The next one takes a while longer.
			if got := order.Add(1) - 1; got != i {
				t.Errorf("caller %d was served as number %d", i, got)
			}
		})
		for passwords.Waiting() <= int(i) {
			time.Sleep(time.Millisecond)
		}
	}
	wait()
	all.Wait()
}

// Not parallel: what other tests allocate would count.
func TestPasswordsMemory(t *testing.T) {
	passwords := identity.NewPasswords(identity.PasswordConfig{Concurrent: 2})
	runtime.GC()
	before := heapObjects()
	var most atomic.Uint64
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			for range 12 {
				if _, _, err := passwords.Verify(context.Background(), "", "x"); err != nil {
					t.Errorf("Verify() = %v", err)
				}
				if now := heapObjects(); now > most.Load() {
					most.Store(now)
				}
			}
		})
	}
	all.Wait()
	const two, little = 2 * 19456 << 10, 4 << 20
	if added := most.Load() - before; added > two+little {
		t.Errorf("hashing added %d KiB to the heap, want two blocks of 19456 KiB at most", added>>10)
	}
}

// heapObjects is how many bytes of the heap are in use or not yet collected.
func heapObjects() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

func TestPasswordsIgnoresTheDead(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := identity.NewPasswords(quick()).Hash(ctx, "x"); !errors.Is(err, errors.Unavailable) {
		t.Errorf("Hash() = %v, want %v", err, errors.Unavailable)
	}
}

func TestPasswordConfigValidate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		config identity.PasswordConfig
		ok     bool
	}{
		{"zero", identity.PasswordConfig{}, true},
		{"quick", quick(), true},
		{"RFC 9106, second choice", identity.PasswordConfig{MemoryKiB: 65536, Iterations: 3, Parallelism: 4}, true},
		{"less memory", identity.PasswordConfig{MemoryKiB: 19455}, false},
		{"less memory, more passes", identity.PasswordConfig{MemoryKiB: 12288, Iterations: 3}, true},
		{"one pass", identity.PasswordConfig{Iterations: 1}, false},
		{"much memory", identity.PasswordConfig{MemoryKiB: 256*1024 + 1}, false},
		{"many passes", identity.PasswordConfig{Iterations: 33}, false},
		{"many lanes", identity.PasswordConfig{Parallelism: 17}, false},
		{"negative", identity.PasswordConfig{Concurrent: -1}, false},
		{"negative queue", identity.PasswordConfig{Queue: -1}, false},
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
