package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"gatehouse/identity"
	"gatehouse/server"
	"gatehouse/server/servertest"
	"gatehouse/server/throttle"
	"gatehouse/storage/storagetest"
)

// The small world that the model plays in, so that clashes happen.
var (
	modelUsers  = []string{"ann", "ben", "cid"}
	modelGroups = []string{"red", "green", "blue"}
)

// identityModel is what the API should remember of them.
type identityModel struct {
	s      *servertest.Server
	admin  string // token
	ids    map[string]string
	groups map[string]map[string]bool     // group to members
	powers map[string]map[string][]string // group to permissions
	emails map[string]string
	off    map[string]bool
	tokens map[string]string
	dead   map[string]bool // tokens whose session was ended
}

// do asks the handler directly and returns the status, the code and the body.
func (m *identityModel) do(t *rapid.T, method, path string, body any, token string) (int, map[string]any) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(method, path, strings.NewReader(string(text)))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", token)
	w := httptest.NewRecorder()
	m.s.Handler().ServeHTTP(w, r)
	var answer map[string]any
	_ = json.Unmarshal(w.Body.Bytes(), &answer) // 204 has none
	if w.Code >= 500 {
		t.Fatalf("%s %s %s: %d %s", method, path, text, w.Code, w.Body)
	}
	return w.Code, answer
}

// expect makes a request as the administrator and holds its answer to the model's.
func (m *identityModel) expect(t *rapid.T, method, path string, body any, status int, code string) map[string]any {
	t.Helper()
	got, answer := m.do(t, method, path, body, m.admin)
	if said, _ := answer["code"].(string); got != status || said != code {
		t.Fatalf("%s %s %v: %d %v, want %d %q", method, path, body, got, answer, status, code)
	}
	return answer
}

const unknownID = "0198f3c2-7d1e-7a40-9c3b-5f2d8e6a1b04"

func (m *identityModel) idOf(user string) string {
	if id, there := m.ids[user]; there {
		return id
	}
	return unknownID
}

// rarely is for what is refused and costs a hash of a password all the same.
func rarely(t *rapid.T) bool { return rapid.IntRange(0, 9).Draw(t, "rarely") == 9 }

// someGroups draws one or more groups, and says whether all of them are there.
func (m *identityModel) someGroups(t *rapid.T) (list []string, all bool) {
	list = rapid.SliceOfNDistinct(rapid.SampledFrom(modelGroups), 1, 3, rapid.ID).Draw(t, "groups")
	for _, g := range list {
		if m.groups[g] == nil {
			return list, false
		}
	}
	return list, true
}

func (m *identityModel) join(user string, list []string) {
	for g, members := range m.groups {
		delete(members, user)
		if slices.Contains(list, g) {
			members[user] = true
		}
	}
}

func (m *identityModel) groupsOf(user string) []string {
	list := []string{}
	for g, members := range m.groups {
		if members[user] {
			list = append(list, g)
		}
	}
	slices.Sort(list)
	return list
}

func (m *identityModel) emailTaken(email, by string) bool {
	for user, e := range m.emails {
		if user != by && e == email {
			return true
		}
	}
	return false
}

func (m *identityModel) createUser(t *rapid.T) {
	user, email := rapid.SampledFrom(modelUsers).Draw(t, "user"), rapid.SampledFrom(modelUsers).Draw(t, "email")+"@example.com"
	list, known := m.someGroups(t)
	body := map[string]any{
		"username": strings.ToUpper(user), "email": email, "firstName": "A", "lastName": "B", "password": servertest.NewPassword, "groups": list,
	}
	_, taken := m.ids[user]
	if taken && !rarely(t) {
		return
	}
	switch {
	case taken || m.emailTaken(email, user):
		status, answer := m.do(t, http.MethodPost, "/v1/users", body, m.admin)
		if said := answer["code"]; said != "IDE-2002" && (known || said != "IDE-1006") {
			t.Fatalf("create what clashes: %d %v", status, answer)
		}
	case !known:
		m.expect(t, http.MethodPost, "/v1/users", body, 404, "IDE-1006")
	default:
		m.ids[user], _ = m.expect(t, http.MethodPost, "/v1/users", body, 201, "")["id"].(string)
		m.emails[user] = email
		m.join(user, list)
	}
}

func (m *identityModel) updateUser(t *rapid.T) {
	user := rapid.SampledFrom(modelUsers).Draw(t, "user")
	path, off := "/v1/users/"+m.idOf(user), rapid.Bool().Draw(t, "disabled")
	list, known := m.someGroups(t)
	body := map[string]any{"groups": list, "disabled": off}
	switch {
	case m.ids[user] == "":
		m.expect(t, http.MethodPatch, path, body, 404, "IDE-1003")
	case !known:
		m.expect(t, http.MethodPatch, path, body, 404, "IDE-1006")
	default:
		m.expect(t, http.MethodPatch, path, body, 200, "")
		m.join(user, list)
		if m.off[user] = off; off {
			m.dead[user] = m.tokens[user] != ""
		}
	}
}

func (m *identityModel) deleteUser(t *rapid.T) {
	user := rapid.SampledFrom(modelUsers).Draw(t, "user")
	path := "/v1/users/" + m.idOf(user)
	if m.ids[user] == "" {
		m.expect(t, http.MethodDelete, path, nil, 404, "IDE-1003")
		return
	}
	m.expect(t, http.MethodDelete, path, nil, 204, "")
	m.join(user, nil)
	delete(m.ids, user)
	delete(m.emails, user)
	delete(m.off, user)
	m.dead[user] = m.tokens[user] != ""
}

func somePermissions(t *rapid.T) map[string][]string {
	given := map[string][]string{}
	for _, resource := range rapid.SliceOfDistinct(rapid.SampledFrom([]string{"users", "groups", "*"}), rapid.ID).Draw(t, "resources") {
		given[resource] = []string{rapid.SampledFrom([]string{"get", "*"}).Draw(t, "action")}
	}
	return given
}

func (m *identityModel) createGroup(t *rapid.T) {
	group, given := rapid.SampledFrom(modelGroups).Draw(t, "group"), somePermissions(t)
	body := map[string]any{"id": group, "name": group, "permissions": given}
	if m.groups[group] != nil {
		m.expect(t, http.MethodPost, "/v1/groups", body, 409, "IDE-2002")
		return
	}
	m.expect(t, http.MethodPost, "/v1/groups", body, 201, "")
	m.groups[group], m.powers[group] = map[string]bool{}, given
}

func (m *identityModel) updateGroup(t *rapid.T) {
	group, given := rapid.SampledFrom(modelGroups).Draw(t, "group"), somePermissions(t)
	if m.groups[group] == nil {
		m.expect(t, http.MethodPatch, "/v1/groups/"+group, map[string]any{"permissions": given}, 404, "IDE-1006")
		return
	}
	m.expect(t, http.MethodPatch, "/v1/groups/"+group, map[string]any{"permissions": given}, 200, "")
	m.powers[group] = given
}

func (m *identityModel) deleteGroup(t *rapid.T) {
	group := rapid.SampledFrom(modelGroups).Draw(t, "group")
	if m.groups[group] == nil {
		m.expect(t, http.MethodDelete, "/v1/groups/"+group, nil, 404, "IDE-1006")
		return
	}
	m.expect(t, http.MethodDelete, "/v1/groups/"+group, nil, 204, "")
	delete(m.groups, group)
	delete(m.powers, group)
}

func (m *identityModel) changeMember(t *rapid.T) {
	group, user := rapid.SampledFrom(modelGroups).Draw(t, "group"), rapid.SampledFrom(modelUsers).Draw(t, "user")
	method, status, code, is := http.MethodPut, 409, "IDE-2002", true
	if rapid.Bool().Draw(t, "leave") {
		method, status, code, is = http.MethodDelete, 404, "IDE-2014", false
	}
	path := "/v1/groups/" + group + "/members/" + m.idOf(user)
	switch {
	case m.groups[group] == nil:
		m.expect(t, method, path, nil, 404, "IDE-1006")
	case m.ids[user] == "":
		m.expect(t, method, path, nil, 404, "IDE-1003")
	case m.groups[group][user] == is:
		m.expect(t, method, path, nil, status, code)
	default:
		m.expect(t, method, path, nil, 204, "")
		if m.groups[group][user] = true; !is {
			delete(m.groups[group], user)
		}
	}
}

// mayList says whether the model gives a user a permission.
func (m *identityModel) mayList(user, resource string) bool {
	for _, group := range m.groupsOf(user) {
		if len(m.powers[group][resource]) > 0 || len(m.powers[group]["*"]) > 0 {
			return true
		}
	}
	return false
}

// act has a user, who signs in if they have not yet, try what their groups let
// them do. A user who was disabled has to sign in anew.
func (m *identityModel) act(t *rapid.T) {
	user := rapid.SampledFrom(modelUsers).Draw(t, "user")
	there := m.ids[user] != "" && !m.off[user]
	if m.tokens[user] == "" && !there && !rarely(t) {
		return
	}
	if m.tokens[user] == "" {
		m.tokens[user] = m.signIn(t, user, servertest.NewPassword)
		if (m.tokens[user] != "") != there {
			t.Fatalf("%s signed in is %v, want %v", user, m.tokens[user] != "", there)
		}
	}
	for _, resource := range []string{"users", "groups"} {
		wanted := http.StatusForbidden
		switch {
		case !there || m.dead[user]:
			wanted = http.StatusUnauthorized
		case m.mayList(user, resource):
			wanted = http.StatusOK
		}
		if status, answer := m.do(t, http.MethodGet, "/v1/"+resource, nil, m.tokens[user]); status != wanted {
			t.Fatalf("%s of %v reads %s: %d %v, want %d", user, m.groupsOf(user), resource, status, answer, wanted)
		}
	}
	if m.dead[user] {
		delete(m.tokens, user)
		delete(m.dead, user)
	}
}

// signIn returns a token, or "".
func (m *identityModel) signIn(t *rapid.T, user, password string) string {
	body := map[string]any{"grantType": "password", "username": user, "password": password}
	_, answer := m.do(t, http.MethodPost, "/v1/login/oauth/access_token", body, "")
	token, _ := answer["accessToken"].(string)
	return token
}

// check compares all that there is with the model.
func (m *identityModel) check(t *rapid.T) {
	users, wanted := map[string]string{}, map[string]string{}
	for _, user := range m.listed(t, "users") {
		users[fmt.Sprint(user["id"])] = fmt.Sprint(user["email"], user["groups"], user["disabled"])
	}
	for user, id := range m.ids {
		wanted[id] = fmt.Sprint(m.emails[user], m.groupsOf(user), m.off[user])
	}
	delete(users, m.s.UserID)
	if diff := cmp.Diff(wanted, users); diff != "" {
		t.Fatalf("users (-want +got):\n%s", diff)
	}
	groups, sizes := map[string]string{}, map[string]string{}
	for _, group := range m.listed(t, "groups") {
		groups[fmt.Sprint(group["id"])] = fmt.Sprint(group["userCount"])
	}
	for group, members := range m.groups {
		sizes[group] = fmt.Sprint(len(members))
	}
	delete(groups, identity.AdminGroup)
	if diff := cmp.Diff(sizes, groups); diff != "" {
		t.Fatalf("groups (-want +got):\n%s", diff)
	}
}

// listed is all users, or groups.
func (m *identityModel) listed(t *rapid.T, what string) []map[string]any {
	var all []map[string]any
	items, _ := m.expect(t, http.MethodGet, "/v1/"+what+"?limit=100", nil, 200, "")["items"].([]any)
	for _, item := range items {
		one, _ := item.(map[string]any)
		all = append(all, one)
	}
	return all
}

// clear removes what a run leaves behind.
func (m *identityModel) clear(t *rapid.T) {
	for _, id := range m.ids {
		m.do(t, http.MethodDelete, "/v1/users/"+id, nil, m.admin)
	}
	for group := range m.groups {
		m.do(t, http.MethodDelete, "/v1/groups/"+group, nil, m.admin)
	}
}

// TestIdentityModel plays random administrators against a model in memory.
func TestIdentityModel(t *testing.T) {
	t.Parallel()
	for _, db := range storagetest.Databases() {
		t.Run(db.Name, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t, servertest.Options{DSN: db.DSN(t), Config: func(c *server.Config) { c.Throttle = throttle.Config{} }})
			admin := ""
			rapid.Check(t, func(t *rapid.T) {
				m := &identityModel{
					s: s, ids: map[string]string{}, groups: map[string]map[string]bool{}, powers: map[string]map[string][]string{},
					emails: map[string]string{}, off: map[string]bool{}, tokens: map[string]string{}, dead: map[string]bool{},
				}
				if admin == "" {
					admin = m.signIn(t, s.Username, s.Password)
				}
				m.admin = admin
				defer m.clear(t)
				t.Repeat(map[string]func(*rapid.T){
					"create a user": m.createUser, "update a user": m.updateUser, "delete a user": m.deleteUser,
					"create a group": m.createGroup, "update a group": m.updateGroup, "delete a group": m.deleteGroup,
					"join or leave": m.changeMember, "act": m.act, "": m.check,
				})
			})
		})
	}
}
