package servertest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"gatehouse/identity"
)

// ActAs returns an access token of a user at the first-party application.
func (s *Server) ActAs(t testing.TB, username, password string) With {
	t.Helper()
	a := s.Form(t, "/oauth2/token", url.Values{"grant_type": {"password"}, "username": {username}, "password": {password}})
	if a.Status != http.StatusOK {
		t.Fatalf("sign in as %s: %d %s", username, a.Status, a.Body)
	}
	return Bearer(a.Text("access_token"))
}

// Admin returns an access token of the user that Start made, who may do everything.
func (s *Server) Admin(t testing.TB) With {
	t.Helper()
	return s.ActAs(t, s.Username, s.Password)
}

// ActAsApplication returns an access token of an application's own.
func (s *Server) ActAsApplication(t testing.TB, clientID, clientSecret string) With {
	t.Helper()
	a := s.Form(t, "/oauth2/token", url.Values{"grant_type": {"client_credentials"}}, Basic(clientID, clientSecret))
	if a.Status != http.StatusOK {
		t.Fatalf("token for %s: %d %s", clientID, a.Status, a.Body)
	}
	return Bearer(a.Text("access_token"))
}

// JSON sends a request with a JSON body: a string as it is, nil for none,
// anything else encoded.
func (s *Server) JSON(t testing.TB, method, path string, body any, with ...With) Answer {
	t.Helper()
	if body == nil {
		return s.Send(t, method, path, "", nil, with...)
	}
	text, ok := body.(string)
	if !ok {
		encoded, err := json.Marshal(body)
		if err != nil {
			t.Fatalf("encode body: %v", err)
		}
		text = string(encoded)
	}
	return s.Send(t, method, path, "application/json", []byte(text), with...)
}

// NewPassword is a password that follows the rules.
const NewPassword = "Nanosecond-29.97cm"

// NewUser creates a user in these groups through the API, as an administrator,
// and returns their id. Their password is NewPassword.
func (s *Server) NewUser(t testing.TB, as With, username string, groups ...string) string {
	t.Helper()
	a := s.JSON(t, http.MethodPost, "/v1/users", map[string]any{
		"username": username, "email": username + "@example.com", "firstName": "Some", "lastName": "One",
		"password": NewPassword, "groups": groups,
	}, as)
	if a.Status != http.StatusCreated {
		t.Fatalf("create user %s: %d %s", username, a.Status, a.Body)
	}
	return a.Text("id")
}

// NewGroup creates a group with these permissions through the API.
func (s *Server) NewGroup(t testing.TB, as With, id string, permissions map[string][]string) {
	t.Helper()
	a := s.JSON(t, http.MethodPost, "/v1/groups", map[string]any{"id": id, "name": id, "permissions": permissions}, as)
	if a.Status != http.StatusCreated {
		t.Fatalf("create group %s: %d %s", id, a.Status, a.Body)
	}
}

// JoinGroup makes an application a member of a group through the API.
func (s *Server) JoinGroup(t testing.TB, as With, groupID, clientID string) {
	t.Helper()
	app, err := s.Store.ApplicationByClientID(t.Context(), clientID)
	if err != nil {
		t.Fatalf("application %s: %v", clientID, err)
	}
	if a := s.JSON(t, http.MethodPut, "/v1/groups/"+groupID+"/applications/"+app.ID, nil, as); a.Status != http.StatusNoContent {
		t.Fatalf("add application to %s: %d %s", groupID, a.Status, a.Body)
	}
}

// SomeUser puts a user who cannot sign in into the database, which is faster than
// NewUser, and returns their id.
func (s *Server) SomeUser(tb testing.TB, username string, groups ...string) string {
	tb.Helper()
	user := identity.User{
		ID: newID(tb), Username: username, Email: username + "@example.com", FirstName: "Some", LastName: "One",
		PasswordHash: "none", Groups: groups, CreatedAt: s.Clock.Now(), UpdatedAt: s.Clock.Now(), Version: 1,
	}
	if err := s.Store.CreateUser(tb.Context(), user); err != nil {
		tb.Fatalf("create user %s: %v", username, err)
	}
	return user.ID
}
