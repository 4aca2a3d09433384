package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"gatehouse/server/servertest"
)

// TestUsersAreImported sends both forms, twice, and what cannot be one of them.
func TestUsersAreImported(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		w := newWorld(t, s)
		send := func(query, media, body string, with ...servertest.With) servertest.Answer {
			return s.Send(t, http.MethodPost, "/v1/users/import"+query, media, []byte(body), append([]servertest.With{w.admin}, with...)...)
		}
		counts := func(a servertest.Answer, created, unchanged, refused float64) {
			t.Helper()
			want(t, a, http.StatusOK, "")
			if a.JSON["created"] != created || a.JSON["unchanged"] != unchanged || a.JSON["refused"] != refused {
				t.Errorf("%s, want %v created, %v unchanged, %v refused", a.Body, created, unchanged, refused)
			}
		}
		const lines = `{"username":"joan","email":"joan@example.com","firstName":"Joan","lastName":"Clarke","groups":["clerks"],"password":"Banburismus-Hut-8!"}
{"username":"anna","email":"anna@example.com","firstName":"Anna","lastName":"W","groups":["clerks"],"passwordHash":"plain"}
`
		counts(send("?dryRun=true", "application/x-ndjson", lines), 1, 0, 1)
		want(t, s.Get(t, "/v1/users?username=joan", w.admin), http.StatusNotFound, "IDE-1004")
		counts(send("", "application/x-ndjson; charset=UTF-8", lines), 1, 0, 1)
		counts(send("?key=email", "application/x-ndjson", lines), 0, 1, 1)
		s.ActAs(t, "joan", "Banburismus-Hut-8!")
		counts(send("", "text/csv", "username,email,firstName,lastName,groups\nkurt,kurt@example.com,Kurt,G,clerks\n"), 1, 0, 0)

		var large strings.Builder // more than other requests may have
		for i := range 4000 {
			fmt.Fprintf(&large, `{"username":"many-%04d","email":"many-%04d@example.com","firstName":"%s","lastName":"M","groups":["nothing"]}`+"\n", i, i, strings.Repeat("x", 250))
		}
		if a := send("?dryRun=true", "application/x-ndjson", large.String()); large.Len() < 1<<20 || len(a.JSON["refusals"].([]any)) != 1000 {
			t.Errorf("%d bytes: %d %.300s", large.Len(), a.Status, a.Body)
		}
		want(t, send("?dryRun=maybe", "text/csv", "username\n"), http.StatusBadRequest, "IDE-0005")
		want(t, send("", "application/json", "{}"), http.StatusUnsupportedMediaType, "IDE-2009")
		want(t, send("", "text/csv; charset=latin1", "username\n"), http.StatusUnsupportedMediaType, "IDE-2009")
		want(t, send("", "text/csv", ""), http.StatusBadRequest, "IDE-0007")
		want(t, send("", "text/csv", "username,colour\n"), http.StatusBadRequest, "IDE-0004")
		want(t, send("", "application/x-ndjson", lines, w.grace), http.StatusForbidden, "IDE-2001")
		want(t, send("", "application/x-ndjson", strings.Repeat("\n", 64<<20+1)), http.StatusRequestEntityTooLarge, "IDE-2008")
	})
}
