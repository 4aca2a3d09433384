package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
	"gatehouse/server"
	"gatehouse/server/servertest"
	"gatehouse/storage"
)

// auditEvent is what the tests look at.
type auditEvent struct {
	ID                         string
	Actor, Subject             struct{ Type, ID, Name string }
	Action, RequestID, Address string
	Code                       string
	Before, After              map[string]any
}

func auditPage(t *testing.T, w *world, query string) (events []auditEvent, next string) {
	t.Helper()
	a := w.Get(t, "/v1/audit-events"+query, w.admin)
	want(t, a, http.StatusOK, "")
	var page struct {
		Items []auditEvent
		Next  string
	}
	if err := json.Unmarshal(a.Body, &page); err != nil {
		t.Fatal(err)
	}
	return page.Items, page.Next
}

// TestChangesAndRefusalsAreAudited: each is an event that says who did what to
// whom, under the request's id, and no secret is in it.
func TestChangesAndRefusalsAreAudited(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		w := newWorld(t, s)
		const next = "Banburismus-Hut-8!"
		for i, request := range []struct{ method, path, body string }{
			{http.MethodPatch, "/v1/users/$grace", `{"lastName":"Hopper"}`},
			{http.MethodPatch, "/v1/users/$grace/reset-password", `{"newPassword":"` + next + `"}`},
			{http.MethodDelete, "/v1/users/$ada", ``},
			{http.MethodPost, "/v1/users", newUser("joan@example.com", "grace@example.com")},
			{http.MethodPut, "/v1/groups/admin-group/members/$grace", ``},
			{http.MethodPost, "/v1/applications/$app/rotate-secret", ``},
		} {
			w.do(t, request.method, request.path, request.body, servertest.Header("X-Request-Id", fmt.Sprintf("audited-%d", i)))
		}
		want(t, s.Get(t, "/v1/users", s.ActAs(t, "alan", servertest.NewPassword), servertest.Header("X-Request-Id", "audited-6")), http.StatusForbidden, "IDE-2001")
		s.Get(t, "/v1/users", servertest.Bearer("nonsense"), servertest.Header("X-Request-Id", "audited-7"))

		events, _ := auditPage(t, w, "?limit=100")
		got := map[string]string{}
		for _, e := range events {
			if id, ok := strings.CutPrefix(e.RequestID, "audited-"); ok {
				got[id] = strings.Join([]string{e.Actor.Name, e.Action, e.Subject.Type, e.Subject.Name, e.Code}, " ")
			}
			if e.Address == "" || e.Actor.ID == "" {
				t.Errorf("an event without actor or address: %+v", e)
			}
		}
		if diff := cmp.Diff(map[string]string{
			"0": "ada user.update user grace ", "1": "ada user.reset-password user grace ", "2": "ada user.delete user  IDE-2004",
			"3": "ada user.create user  IDE-2002", "4": "ada group.add-member group Administrators ", "5": "ada application.rotate-secret application billing " + clientOf(t, w) + " ",
			"6": "alan user.list user  IDE-2001",
		}, got); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
		text := string(w.Get(t, "/v1/audit-events?limit=100", w.admin).Body)
		for _, secret := range []string{next, servertest.NewPassword, "$argon2", "Hash"} {
			if strings.Contains(text, secret) {
				t.Errorf("the audit trail holds %q", secret)
			}
		}
		one, _ := auditPage(t, w, "?action=user.update&subject="+w.graceID+"&actor="+w.UserID)
		if len(one) != 1 || one[0].Before["lastName"] != "One" || one[0].After["lastName"] != "Hopper" || len(one[0].After) != 1 {
			t.Errorf("what changed: %+v", one)
		}
	})
}

func clientOf(t *testing.T, w *world) string {
	t.Helper()
	return w.Get(t, "/v1/applications/"+w.applicationID, w.admin).Text("clientId")
}

// TestAuditPages: pages follow each other without a gap or a repetition, although
// events are added meanwhile.
func TestAuditPages(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		w := newWorld(t, s)
		for i := range 7 {
			want(t, w.do(t, http.MethodPatch, "/v1/users/$grace", fmt.Sprintf(`{"lastName":"No. %d"}`, i)), http.StatusOK, "")
		}
		whole, _ := auditPage(t, w, "?action=user.update&limit=100")
		var paged []auditEvent
		query := "?action=user.update&limit=3"
		for next := "start"; next != ""; {
			var items []auditEvent
			items, next = auditPage(t, w, query)
			paged = append(paged, items...)
			query = "?action=user.update&limit=3&before=" + next
			want(t, w.do(t, http.MethodPatch, "/v1/users/$grace", `{"lastName":"Meanwhile"}`), http.StatusOK, "")
		}
		if diff := cmp.Diff(whole, paged); diff != "" || len(whole) != 7 {
			t.Errorf("%d events at once, by pages (-want +got):\n%s", len(whole), diff)
		}
		at := s.Clock.Now()
		for query, found := range map[string]bool{
			"?from=" + at.Format(time.RFC3339):                      true,
			"?to=" + at.Format(time.RFC3339):                        false,
			"?from=" + at.Add(time.Second).Format(time.RFC3339):     false,
			"?subjectType=group&action=group.create&subject=clerks": true,
			"?actor=nobody": false,
			"?action=user.": true,
			"?action=user":  false,
		} {
			if items, _ := auditPage(t, w, query); (len(items) > 0) != found {
				t.Errorf("%s finds %d", query, len(items))
			}
		}
	})
}

// TestRefusalsOfOneActorAreBounded: whoever is refused without end does not fill
// the audit trail.
func TestRefusalsOfOneActorAreBounded(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	w := newWorld(t, s)
	for range 70 {
		want(t, s.Get(t, "/v1/users", w.grace), http.StatusForbidden, "IDE-2001")
	}
	if events, _ := auditPage(t, w, "?limit=100&action=user.list&actor="+w.graceID); len(events) != 60 {
		t.Errorf("%d refusals in the audit trail, want 60", len(events))
	}
}

// forgetful is a database that takes no audit events.
type forgetful struct{ server.Store }

// AppendAudit fails.
func (forgetful) AppendAudit(context.Context, ...storage.AuditEvent) error {
	return errors.New("the audit trail is full")
}

// TestNothingChangesUnaudited: a change whose event cannot be stored is not made,
// and a refusal whose event cannot be stored stays the refusal that it is.
func TestNothingChangesUnaudited(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		w := newWorld(t, s)
		node := s.Another(t, servertest.Options{Config: w.sameIssuer, Store: func(s server.Store) server.Store { return forgetful{s} }})
		path := "/v1/users/" + w.graceID
		before := s.Get(t, path, w.admin)
		want(t, node.JSON(t, http.MethodPatch, path, `{"lastName":"Hopper"}`, w.admin), http.StatusInternalServerError, "IDE-0006")
		want(t, node.JSON(t, http.MethodDelete, path, nil, w.admin), http.StatusInternalServerError, "IDE-0006")
		if after := s.Get(t, path, w.admin); string(after.Body) != string(before.Body) {
			t.Errorf("it is %s, was %s", after.Body, before.Body)
		}
		want(t, node.Get(t, path, w.grace), http.StatusForbidden, "IDE-2001")
		if !strings.Contains(node.Log.String(), "refusal not in the audit trail") {
			t.Error("the log does not tell")
		}
	})
}

// TestIdentityRefusalsAreExplained: the request id leads an administrator to the checks,
// and nobody else.
func TestIdentityRefusalsAreExplained(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	w := newWorld(t, s)
	id := s.Get(t, "/v1/users", w.grace).Header.Get("X-Request-Id")
	within(t, 5*time.Second, "there is no record", func() bool { return s.Get(t, "/v1/refusals/"+id, w.admin).Status == http.StatusOK })
	var found struct {
		Items []struct {
			Code   string
			Caller struct{ Name string }
			Checks []struct {
				Check, Got, Want string
				Passed           bool
			}
			Help struct{ Steps []string }
		}
	}
	if err := json.Unmarshal(s.Get(t, "/v1/refusals/"+id, w.admin).Body, &found); err != nil || len(found.Items) != 1 {
		t.Fatalf("%v: %+v", err, found)
	}
	e := found.Items[0]
	last := e.Checks[len(e.Checks)-1]
	if e.Code != "IDE-2001" || e.Caller.Name != "grace" || last.Check != "permission" || last.Passed || last.Got != "groups clerks" || last.Want != "users:get" || len(e.Help.Steps) == 0 {
		t.Errorf("explained: %+v", e)
	}
	want(t, s.Get(t, "/v1/refusals/"+id, w.grace), http.StatusForbidden, "IDE-2001")
}
