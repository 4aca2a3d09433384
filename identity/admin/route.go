package admin

import (
	"net/http"
	"strings"
)

// route is one endpoint.
type route struct {
	method, path string
	needs        string // permissions, "resource:action", with spaces between; never empty
	whose        whose  // who need not be given them
	audit        string // what it is in the audit trail: "subject.verb"
	handle       func(*API, *call) error
}

// whose says who has a permission without being given it.
type whose uint8

const (
	nobodys   whose = iota
	own             // the user whose id is in the path
	everybody       // everyone: the handler sees to it that they get no further than themselves
)

// routes is the table of all endpoints.
func routes() []route {
	return []route{
		{http.MethodGet, "/v1/users", "users:get", nobodys, "user.list", (*API).listUsers},
		{http.MethodPost, "/v1/users", "users:post", nobodys, "user.create", (*API).createUser},
		{http.MethodGet, "/v1/users/:id", "users:get", nobodys, "user.read", (*API).readUser},
		{http.MethodPatch, "/v1/users/:id", "users:patch", nobodys, "user.update", (*API).updateUser},
		{http.MethodDelete, "/v1/users/:id", "users:delete", nobodys, "user.delete", (*API).deleteUser},
	}
}

// changes says whether the endpoint changes anything.
func (r route) changes() bool { return r.method != http.MethodGet }

// permissions are those that the endpoint needs, each a resource and an action.
func (r route) permissions() [][2]string {
	words := strings.Fields(r.needs)
	all := make([][2]string, len(words))
	for i, word := range words {
		all[i][0], all[i][1], _ = strings.Cut(word, ":")
	}
	return all
}
