package identity_test

import (
	"strings"
	"testing"

	"gatehouse/errors"
	"gatehouse/identity"
)

// foreign are hashes of "m4ngrove-Tide" by other implementations: the reference
// one of Argon2, libxcrypt's bcrypt, OpenSSL's PBKDF2 and scrypt.
var foreign = map[string]string{
	"argon2id":                    "$argon2id$v=19$m=256,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$h3e5SY1XrnKq2JUtmegWmPpzR0OZCQcwDzqPl2h0uxw",
	"argon2id with lanes":         "$argon2id$v=19$m=512,t=3,p=4$c2FsdHNhbHRzYWx0c2FsdA$LDPfffTAAklb4MvhJPm2Gepl57NP0aA5jCU6jh+pVA8",
	"argon2i":                     "$argon2i$v=19$m=256,t=3,p=2$c2FsdHNhbHRzYWx0c2FsdA$2pzFRx0hFgDW5wbwfH+9hdxM4sJUBXRhDvG2PV5JOvg",
	"bcrypt":                      "$2b$04$abcdefghijklmnopqrstuu6FdH/DrykHLwkhsiZ6KPJewyplb5ZrO",
	"bcrypt 2a":                   "$2a$04$abcdefghijklmnopqrstuu6FdH/DrykHLwkhsiZ6KPJewyplb5ZrO",
	"bcrypt 2y":                   "$2y$04$abcdefghijklmnopqrstuu6FdH/DrykHLwkhsiZ6KPJewyplb5ZrO",
	"PBKDF2-SHA256":               "$pbkdf2-sha256$i=1000,l=32$c2FsdHNhbHRzYWx0c2FsdA$PYWiaWH02HTIB+cljmWkuD4a7x3YEz+HfYDe6W2HmmE",
	"PBKDF2-SHA256, no length":    "$pbkdf2-sha256$i=1000$c2FsdHNhbHRzYWx0c2FsdA$PYWiaWH02HTIB+cljmWkuD4a7x3YEz+HfYDe6W2HmmE",
	"PBKDF2-SHA256 without names": "$pbkdf2-sha256$1000$c2FsdHNhbHRzYWx0c2FsdA$PYWiaWH02HTIB.cljmWkuD4a7x3YEz.HfYDe6W2HmmE",
	"PBKDF2-SHA256, dots in salt": "$pbkdf2-sha256$1000$./v7./v7./v7./v7./v7.w$1HLylDWePEbq/XWciiRSu97hzsW/XdcAyySfro5iS0Y",
	"PBKDF2-SHA512":               "$pbkdf2-sha512$i=1000,l=64$c2FsdHNhbHRzYWx0c2FsdA$m+/+10Yh1p/sNA717t2fvo8mEtY4YqcwM2u/Pi2+41uPUIBQ7UvA8oAA+kvtpnYlGOKJ/0/29nsHwpt2NLvOuw",
	"PBKDF2-SHA512 without names": "$pbkdf2-sha512$1000$c2FsdHNhbHRzYWx0c2FsdA$m./.10Yh1p/sNA717t2fvo8mEtY4YqcwM2u/Pi2.41uPUIBQ7UvA8oAA.kvtpnYlGOKJ/0/29nsHwpt2NLvOuw",
	"scrypt":                      "$scrypt$ln=10,r=8,p=2$c2FsdHNhbHRzYWx0c2FsdA$4ANTYthtrAG4V/gDDKbf2illJDf+8bEHRf2uZjE/W5Q",
}

func TestPasswordsVerifyForeign(t *testing.T) {
	t.Parallel()
	passwords := identity.NewPasswords(quick())
	for name, hash := range foreign {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if ok, stale, err := passwords.Verify(t.Context(), hash, "m4ngrove-Tide"); !ok || !stale || err != nil {
				t.Errorf("Verify() = %t, %t, %v, want true, true, nil", ok, stale, err)
			}
			if ok, stale, err := passwords.Verify(t.Context(), hash, "m4ngrove-tide"); ok || stale || err != nil {
				t.Errorf("Verify() of a wrong password = %t, %t, %v, want false, false, nil", ok, stale, err)
			}
		})
	}
}

func TestPasswordsVerifyForeignNotNormalised(t *testing.T) {
	t.Parallel()
	// By a system that took the password as it came, an e and an accent.
	const hash = "$argon2id$v=19$m=256,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$OoEleAQ9IpzQoksQR3K5+wuPHZldJxTliZ9tWLF1V7I"
	ok, stale, err := identity.NewPasswords(quick()).Verify(t.Context(), hash, "cafe\u0301")
	if !ok || !stale || err != nil {
		t.Errorf("Verify() = %t, %t, %v, want true, true, nil", ok, stale, err)
	}
}

const (
	salt = "c2FsdHNhbHRzYWx0c2FsdA"
	key  = "h3e5SY1XrnKq2JUtmegWmPpzR0OZCQcwDzqPl2h0uxw"
)

func TestPasswordsVerifyRefusesHashes(t *testing.T) {
	t.Parallel()
	passwords := identity.NewPasswords(quick())
	for name, hash := range map[string]string{
		"plain text":             "m4ngrove-Tide",
		"unknown scheme":         "$argon2d$v=19$m=256,t=2,p=1$" + salt + "$" + key,
		"no fields":              "$argon2id$",
		"old version":            "$argon2id$v=16$m=256,t=2,p=1$" + salt + "$" + key,
		"no version":             "$argon2id$m=256,t=2,p=1$" + salt + "$" + key,
		"other order":            "$argon2id$v=19$t=2,m=256,p=1$" + salt + "$" + key,
		"missing parameter":      "$argon2id$v=19$m=256,t=2$" + salt + "$" + key,
		"no number":              "$argon2id$v=19$m=,t=2,p=1$" + salt + "$" + key,
		"a terabyte":             "$argon2id$v=19$m=1073741824,t=2,p=1$" + salt + "$" + key,
		"past an int":            "$argon2id$v=19$m=99999999999999999999,t=2,p=1$" + salt + "$" + key,
		"no passes":              "$argon2id$v=19$m=256,t=0,p=1$" + salt + "$" + key,
		"a thousand passes":      "$argon2id$v=19$m=256,t=1000,p=1$" + salt + "$" + key,
		"no lanes":               "$argon2id$v=19$m=256,t=2,p=0$" + salt + "$" + key,
		"256 lanes":              "$argon2id$v=19$m=256,t=2,p=256$" + salt + "$" + key,
		"salt is not base64":     "$argon2id$v=19$m=256,t=2,p=1$?$" + key,
		"huge salt":              "$argon2id$v=19$m=256,t=2,p=1$" + strings.Repeat("AAAA", 86) + "$" + key,
		"no key":                 "$argon2id$v=19$m=256,t=2,p=1$" + salt + "$",
		"short key":              "$argon2id$v=19$m=256,t=2,p=1$" + salt + "$AAAA",
		"long key":               "$argon2id$v=19$m=256,t=2,p=1$" + salt + "$" + strings.Repeat("AAAA", 43),
		"one field more":         "$argon2id$v=19$m=256,t=2,p=1$" + salt + "$" + key + "$",
		"bcrypt cut short":       "$2b$04$abcdefghijklmnopqrstuu6FdH/DrykHLwkhsiZ6KPJewyplb5Zr",
		"bcrypt for a day":       "$2b$31$abcdefghijklmnopqrstuu6FdH/DrykHLwkhsiZ6KPJewyplb5ZrO",
		"bcrypt cost":            "$2b$xx$abcdefghijklmnopqrstuu6FdH/DrykHLwkhsiZ6KPJewyplb5ZrO",
		"PBKDF2 without rounds":  "$pbkdf2-sha256$i=0$" + salt + "$" + key,
		"PBKDF2 for a day":       "$pbkdf2-sha256$i=4000001$" + salt + "$" + key,
		"PBKDF2 of other length": "$pbkdf2-sha256$i=1000,l=31$" + salt + "$" + key,
		"PBKDF2-SHA1":            "$pbkdf2$1000$" + salt + "$" + key,
		"scrypt of 1 GiB":        "$scrypt$ln=20,r=8,p=1$" + salt + "$" + key,
		"scrypt past an int":     "$scrypt$ln=64,r=8,p=1$" + salt + "$" + key,
		"scrypt without memory":  "$scrypt$ln=0,r=8,p=1$" + salt + "$" + key,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ok, stale, err := passwords.Verify(t.Context(), hash, "m4ngrove-Tide")
			if ok || stale || err == nil {
				t.Fatalf("Verify() = %t, %t, %v, want an error", ok, stale, err)
			}
			if code := errors.From(err); code.ID != errors.Internal.ID || strings.Contains(err.Error(), key) {
				t.Errorf("Verify() = %v, want an error without a code or the hash", err)
			}
			err = identity.CheckPasswordHash(hash)
			if !errors.Is(err, errors.UnusablePasswordHash) || strings.Contains(errors.From(err).Fields["passwordHash"], key) {
				t.Errorf("CheckPasswordHash() = %v, want %v without the hash", err, errors.UnusablePasswordHash)
			}
		})
	}
}

func FuzzParseHash(f *testing.F) {
	for _, hash := range foreign {
		f.Add(hash)
	}
	f.Fuzz(func(t *testing.T, hash string) {
		memory, err := identity.ParseHash(hash)
		if memory < 0 || memory > 256<<20 {
			t.Errorf("ParseHash(%q) needs %d bytes", hash, memory)
		}
		if err != nil && len(hash) > 40 && strings.Contains(err.Error(), hash) {
			t.Errorf("ParseHash(%q) tells the hash in its error: %v", hash, err)
		}
	})
}
