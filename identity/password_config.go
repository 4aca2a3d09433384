package identity

import (
	"fmt"
	"runtime"

	"gatehouse/errors"
)

// PasswordConfig says what hashing a password costs and how many are hashed at
// once. A zero field means its default.
type PasswordConfig struct {
	MemoryKiB   int // Argon2id memory of one hash, in KiB; default 19456 (19 MiB)
	Iterations  int // Argon2id passes over it; default 2
	Parallelism int // Argon2id lanes; default 1
	Concurrent  int // hashes at once; default GOMAXPROCS
	Queue       int // callers that may wait for their turn, the next is refused; default 64
}

// The least that OWASP's Password Storage Cheat Sheet accepts of Argon2id: any
// of its pairs of memory and passes, which cost an attacker about the same.
var leastArgon2id = []struct{ memoryKiB, iterations int }{
	{47104, 1}, {19456, 2}, {12288, 3}, {9216, 4}, {7168, 5},
}

// Validate says what is wrong with the configuration, all of it at once.
func (c PasswordConfig) Validate() error {
	c = c.withDefaults()
	var all []error
	within := func(name string, value, least, most int) {
		if value < least || value > most {
			all = append(all, fmt.Errorf("%s is %d, want %d to %d", name, value, least, most))
		}
	}
	within("memory in KiB", c.MemoryKiB, 7168, maxHashMemory/1024)
	within("iterations", c.Iterations, 1, maxArgon2Iterations)
	within("parallelism", c.Parallelism, 1, maxArgon2Lanes)
	within("concurrent hashes", c.Concurrent, 1, 1024)
	within("queue", c.Queue, 1, 65536)
	if len(all) == 0 && !c.strong() {
		all = append(all, fmt.Errorf("%d KiB with %d iterations is less than OWASP's minimum for Argon2id, such as 19456 KiB with 2", c.MemoryKiB, c.Iterations))
	}
	return errors.Join(all...)
}

func (c PasswordConfig) strong() bool {
	for _, least := range leastArgon2id {
		if c.MemoryKiB >= least.memoryKiB && c.Iterations >= least.iterations {
			return true
		}
	}
	return false
}

func (c PasswordConfig) withDefaults() PasswordConfig {
	for _, f := range []struct {
		field *int
		value int
	}{
		{&c.MemoryKiB, 19456},
		{&c.Iterations, 2},
		{&c.Parallelism, 1},
		{&c.Concurrent, runtime.GOMAXPROCS(0)},
		{&c.Queue, 64},
	} {
		if *f.field == 0 {
			*f.field = f.value
		}
	}
	return c
}
