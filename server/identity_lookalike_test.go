package server_test

import (
	"net/http"
	"net/url"
	"testing"

	"gatehouse/server/servertest"
)

// lookalikes of "kiss": other scripts, widths, normal forms, and characters that
// become ASCII when their case is folded by Unicode's rules.
var lookalikes = []string{
	"\u212Aiss",       // Kelvin sign
	"k\u0131ss",       // dotless i
	"ki\u017Fs",       // long s
	"ki\u00DF",        // sharp s
	"\u043Aiss",       // Cyrillic
	"\u03BAiss",       // Greek
	"\uFF4Biss",       // full width
	"k\u0130ss",       // capital I with dot
	"ki\u0073\u0323s", // combining dot
	"\u24DAiss",       // circled
	"kiss\u200B",      // zero width space
	"\U0001D424iss",   // mathematical
	"kiss\u00AD",      // soft hyphen
	" kiss", "kiss ", "kiss\t",
}

// TestLookalikesReachNobody: no name that looks like another, or that a database
// or a library may take for it, is its user's.
func TestLookalikesReachNobody(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		w := newWorld(t, s)
		id := s.NewUser(t, w.admin, "kiss", "clerks")
		for _, name := range lookalikes {
			a := w.do(t, http.MethodPost, "/v1/users", map[string]any{
				"username": name, "email": "other@example.com", "firstName": "O", "lastName": "T", "password": servertest.NewPassword, "groups": []string{"clerks"},
			})
			want(t, a, http.StatusBadRequest, "IDE-0007")
			for _, path := range []string{"/v1/users?username=", "/v1/users?email="} {
				value := name
				if path == "/v1/users?email=" {
					value += "@example.com"
				}
				want(t, s.Get(t, path+url.QueryEscape(value), w.admin), http.StatusNotFound, "IDE-1004")
			}
			a = s.Form(t, tokenPath, url.Values{"grant_type": {"password"}, "username": {name}, "password": {servertest.NewPassword}})
			want(t, a, http.StatusBadRequest, "AUT-1002")
		}
		for _, name := range []string{"KISS", "Kiss"} { // case alone is folded
			if a := s.Get(t, "/v1/users?username="+name, w.admin); len(usernames(t, a)) != 1 {
				t.Errorf("%s: %s", name, a.Body)
			}
			s.ActAs(t, name, servertest.NewPassword)
			a := w.do(t, http.MethodPost, "/v1/users", map[string]any{
				"username": name, "email": "other@example.com", "firstName": "O", "lastName": "T", "password": servertest.NewPassword, "groups": []string{"clerks"},
			})
			want(t, a, http.StatusConflict, "IDE-2002")
		}
		// An address may be anything, and is another's if a character of it is.
		for i, name := range []string{"\u212Aiss", "k\u0131ss", "ki\u017Fs", "\u043Aiss", "\uFF4Biss"} {
			a := w.do(t, http.MethodPatch, "/v1/users/$grace", map[string]any{"email": name + "@example.com"})
			want(t, a, http.StatusOK, "")
			if found := usernames(t, s.Get(t, "/v1/users?email="+url.QueryEscape(name+"@example.com"), w.admin)); len(found) != 1 || found[0] != "grace" {
				t.Errorf("address no. %d is that of %v", i, found)
			}
		}
		if a := s.Get(t, "/v1/users?email=kiss@example.com", w.admin); a.JSON["items"].([]any)[0].(map[string]any)["id"] != id {
			t.Errorf("the address is that of %s", a.Body)
		}
	})
}
