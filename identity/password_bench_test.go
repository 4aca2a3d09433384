package identity_test

import (
	"testing"

	"gatehouse/identity"
)

func BenchmarkPasswordsHash(b *testing.B) {
	passwords := identity.NewPasswords(identity.PasswordConfig{})
	for b.Loop() {
		if _, err := passwords.Hash(b.Context(), "m4ngrove-Tide"); err != nil {
			b.Fatal(err)
		}
	}
}

// The three take the same time: nobody can tell by it whether a user exists.
func BenchmarkPasswordsVerify(b *testing.B) {
	passwords := identity.NewPasswords(identity.PasswordConfig{})
	hash, err := passwords.Hash(b.Context(), "m4ngrove-Tide")
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct{ name, hash, password string }{
		{"right password", hash, "m4ngrove-Tide"},
		{"wrong password", hash, "m4ngrove-Tido"},
		{"unknown user", "", "m4ngrove-Tide"},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if _, _, err := passwords.Verify(b.Context(), c.hash, c.password); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
