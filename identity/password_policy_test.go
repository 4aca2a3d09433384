package identity_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
	"gatehouse/identity"
)

func TestPasswordPolicyCheck(t *testing.T) {
	t.Parallel()
	type policy = identity.PasswordPolicy
	free := policy{
		AllowNoUpper: true, AllowNoLower: true, AllowNoDigit: true, AllowNoSpecial: true,
		AllowRepeats: true, AllowCommon: true, AllowNames: true,
	}
	const (
		short   = "must have at least 12 characters"
		upper   = "must hold an upper case letter"
		lower   = "must hold a lower case letter"
		digit   = "must hold a digit"
		special = "must hold a character that is neither letter nor digit"
		repeats = "must not hold two equal characters in a row"
		common  = "must not be a common password, or one with signs added or letters replaced"
		names   = "must not hold the username or the e-mail address"
	)
	tests := []struct {
		name     string
		policy   policy
		password string
		want     string // the reason; empty: accepted
	}{
		{"good", policy{}, "m4ngrove-Tide", ""},
		{"twelve characters", policy{}, "m4ngrove-Tid", ""},
		{"twelve characters of several bytes", policy{}, "Ü1-äöüßéèêñç", ""},
		{"255 characters of several bytes", policy{}, strings.Repeat("aÉ-1愛", 51), ""},
		{"space and NUL are special", policy{}, "m4ngrove \x00Tide", ""},
		{"eleven characters", policy{}, "m4ngrove-Ti", short},
		{"eleven characters and an accent", policy{}, "m4ngrove-Te\u0301", short},
		{"256 characters", policy{}, strings.Repeat("aB-1", 64), "must have at most 255 characters"},
		{"no upper", policy{}, "m4ngrove-tide", upper},
		{"no lower", policy{}, "M4NGROVE-TIDE", lower},
		{"no digit", policy{}, "mangrove-Tide", digit},
		{"no special", policy{}, "m4ngroveATide", special},
		{"repeat", policy{}, "m4ngrove--Tide", repeats},
		{"repeat once normalised", policy{}, "m4ngrove-Tide\u00e9e\u0301", repeats},
		{"common", policy{}, "Pas5word-1234", common},
		{"username", policy{}, "x1-ADA.Lovelace", names},
		{"address", policy{}, "x1-Regent@example.com", names},
		{"local part of the address", policy{}, "x1-rEgEnT-zq-x", names},
		{"bad UTF-8", policy{}, "m4ngrove-Tide\xff", "must be valid UTF-8"},
		{"several rules, in order", policy{}, "aa", strings.Join([]string{short, upper, digit, special, repeats}, ", ")},

		{"upper allowed to miss", policy{AllowNoUpper: true}, "m4ngrove-tide", ""},
		{"lower allowed to miss", policy{AllowNoLower: true}, "M4NGROVE-TIDE", ""},
		{"digit allowed to miss", policy{AllowNoDigit: true}, "mangrove-Tide", ""},
		{"special allowed to miss", policy{AllowNoSpecial: true}, "m4ngroveATide", ""},
		{"repeats allowed", policy{AllowRepeats: true}, "m4ngrove--Tide", ""},
		{"common allowed", policy{AllowCommon: true}, "Pas5word-1234", ""},
		{"names allowed", policy{AllowNames: true}, "x1-ADA.Lovelace", ""},
		{"all allowed", free, "passwordpassword", ""},
		{"all allowed, still too short", free, "a", short},
		{"shorter minimum", policy{MinLength: 8}, "m4ngr-Ti", ""},
		{"longer minimum", policy{MinLength: 14}, "m4ngrove-Tide", "must have at least 14 characters"},
		{"lower maximum", policy{MaxLength: 64}, strings.Repeat("aB-1", 16) + "x", "must have at most 64 characters"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := tt.policy.Check(tt.password, "Ada.Lovelace", "regent@example.com")
			if tt.want == "" && err == nil {
				return
			}
			if !errors.Is(err, errors.WeakPassword) {
				t.Fatalf("Check(%q) = %v, want %q", tt.password, err, tt.want)
			}
			if diff := cmp.Diff(map[string]string{"password": tt.want}, errors.From(err).Fields); diff != "" {
				t.Errorf("Check(%q) (-want +got):\n%s", tt.password, diff)
			}
		})
	}
}

func TestPasswordPolicyCheckIgnoresNamesThatSayNothing(t *testing.T) {
	t.Parallel()
	if err := (identity.PasswordPolicy{}).Check("m4ngrove-Tide", "", "de@example.com"); err != nil {
		t.Errorf("Check() = %v, want nil", errors.From(err).Fields)
	}
}

func TestPasswordPolicyCommon(t *testing.T) {
	t.Parallel()
	only := identity.PasswordPolicy{
		MinLength: 8, AllowNoUpper: true, AllowNoLower: true, AllowNoDigit: true, AllowNoSpecial: true, AllowRepeats: true,
	}
	for _, password := range []string{
		"password", "PASSWORD", "Password1!", "P@ssw0rd2024!", "pa$$word", "p455w0rd!!", "123password", "!!password!!",
		"12345678", "1234567890", "qwertyuiop", "1q2w3e4r5t6y", "iloveyou", "Welcome123", "W3lc0me!", "changeme", "Adm1n1strator",
		"l1verp00l", "1iverpoo1", "SenhaSenha1", "passwordpassword", "P@ssw0rdP@ssw0rd", "Brasil2026", "sunshine#7", "Summer2026!!",
	} {
		if err := only.Check(password, "", ""); !errors.Is(err, errors.WeakPassword) {
			t.Errorf("Check(%q) = %v, want %v", password, err, errors.WeakPassword)
		}
	}
	for _, password := range []string{
		"m4ngrove-Tide", "correct horse battery staple", "passwordmangrove", "79318642", "mangrove", "€€€€€€€€", "!!!!!!!!??",
	} {
		if err := only.Check(password, "", ""); err != nil {
			t.Errorf("Check(%q) = %v, want nil", password, errors.From(err).Fields)
		}
	}
}

// The list is searched by halves, so it has to be in order.
func TestCommonPasswordsAreSorted(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("password_common.txt")
	if err != nil {
		t.Fatal(err)
	}
	list := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if len(list) < 2000 {
		t.Errorf("the list has %d passwords, want some thousands", len(list))
	}
	sorted := slices.Compact(slices.Sorted(slices.Values(list)))
	if diff := cmp.Diff(sorted, list); diff != "" {
		t.Errorf("not sorted or not unique (-want +got):\n%s", diff)
	}
	for _, word := range list {
		if word != strings.ToLower(word) || len(word) < 4 || strings.ContainsAny(word, " \t\r") {
			t.Errorf("%q cannot be found, or is found in too much", word)
		}
	}
}

func TestPasswordPolicyValidate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		policy identity.PasswordPolicy
		ok     bool
	}{
		{"zero", identity.PasswordPolicy{}, true},
		{"bounds", identity.PasswordPolicy{MinLength: 8, MaxLength: 64}, true},
		{"other bounds", identity.PasswordPolicy{MinLength: 32, MaxLength: 255}, true},
		{"short", identity.PasswordPolicy{MinLength: 7}, false},
		{"longer than what is generated", identity.PasswordPolicy{MinLength: 33}, false},
		{"maximum too low", identity.PasswordPolicy{MaxLength: 63}, false},
		{"maximum too high", identity.PasswordPolicy{MaxLength: 256}, false},
		{"negative", identity.PasswordPolicy{MinLength: -1}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if err := tt.policy.Validate(); (err == nil) != tt.ok {
				t.Errorf("Validate() = %v, want ok = %t", err, tt.ok)
			}
		})
	}
}

func TestGeneratePassword(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	strictest := identity.PasswordPolicy{MinLength: 32, MaxLength: 64}
	for range 300 {
		password := identity.GeneratePassword()
		// Names of three characters, none of which may occur by accident.
		for _, name := range []string{"ada", "abc", "2b2", "x.y"} {
			if err := strictest.Check(password, name, name+"@localhost"); err != nil {
				t.Fatalf("Check(%q) = %v, want nil", password, errors.From(err).Fields)
			}
		}
		if seen[password] {
			t.Fatalf("GeneratePassword() = %q twice", password)
		}
		seen[password] = true
	}
}
