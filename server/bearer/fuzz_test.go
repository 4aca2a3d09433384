package bearer_test

import (
	"slices"
	"strings"
	"testing"

	"gatehouse/errors"
	"gatehouse/server/bearer"
	"gatehouse/server/keys"
)

// FuzzVerify holds that nothing but a token we made is taken, whatever it looks
// like, and that refusing it says AUT-0007. The keys differ from run to run, so
// in the corpus {n} stands for the n-th part of a good token.
func FuzzVerify(f *testing.F) {
	n := newNode(f, bearer.Config{})
	good := []string{
		n.userToken(f),
		n.sign(f, keys.RS256, keys.TypAccessToken, n.applicationClaims(f)),
	}
	for _, text := range []string{
		"{0}.{1}.{2}", "{3}.{4}.{5}", "{0}.{1}.", "{0}.{1}", "{0}.{4}.{2}", "{3}.{1}.{2}", "{0}.{1}.{2}.", "{0}.{1}.{2}=",
		"{0}\n.{1}.{2}", "", ".", "..", "...", "eyJhbGciOiJub25lIn0.{1}.", "eyJ0eXAiOiJhdCtqd3QifQ.{1}.{2}",
		`{"payload":"{1}","protected":"{0}","signature":"{2}"}`, "bnVsbA.bnVsbA.bnVsbA", "W10.W10.W10", "e30.e30.e30",
	} {
		f.Add(text)
	}
	var places []string
	for i, part := range strings.Split(good[0]+"."+good[1], ".") {
		places = append(places, "{"+string(rune('0'+i))+"}", part)
	}
	fill := strings.NewReplacer(places...)
	f.Fuzz(func(t *testing.T, text string) {
		raw := fill.Replace(text)
		token, err := n.Verify(t.Context(), raw)
		_, again := n.Inspect(t.Context(), raw)
		hint, hintErr := n.ReadHint(t.Context(), raw)
		if slices.Contains(good, raw) {
			if err != nil || again != nil || hintErr != nil || token.ID != hint.TokenID {
				t.Errorf("a good token: Verify() = %+v, %v, Inspect() = %v, ReadHint() = %+v, %v", token, err, again, hint, hintErr)
			}
			return
		}
		for _, err := range []error{err, again, hintErr} {
			if !errors.Is(err, errors.TokenInvalid) {
				t.Errorf("Verify(%q), Inspect or ReadHint = %v, want %v", raw, err, errors.TokenInvalid)
			}
		}
	})
}
