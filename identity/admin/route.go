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
	const get, post, put, patch, remove = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete
	return []route{
		{get, "/v1/users", "users:get", nobodys, "user.list", (*API).listUsers},
		{post, "/v1/users", "users:post", nobodys, "user.create", (*API).createUser},
		{post, ImportPath, "users:post users:patch", nobodys, "user.import", (*API).importUsers},
		{get, "/v1/users/:id", "users:get", nobodys, "user.read", (*API).readUser},
		{patch, "/v1/users/:id", "users:patch", nobodys, "user.update", (*API).updateUser},
		{remove, "/v1/users/:id", "users:delete", nobodys, "user.delete", (*API).deleteUser},
		{patch, "/v1/users/:id/update-password", "update-password:patch", everybody, "user.update-password", (*API).updatePassword},
		{patch, "/v1/users/:id/reset-password", "reset-password:patch", nobodys, "user.reset-password", (*API).resetPassword},
		{post, "/v1/users/:id/unlock", "reset-password:patch", nobodys, "user.unlock", (*API).unlockUser},
		{get, "/v1/users/:id/sessions", "sessions:get", own, "user.list-sessions", (*API).listSessions},
		{remove, "/v1/users/:id/sessions", "sessions:delete", own, "user.end-sessions", (*API).endSessions},
		{remove, "/v1/users/:id/sessions/:sessionId", "sessions:delete", own, "user.end-session", (*API).endSession},

		{get, "/v1/groups", "groups:get", nobodys, "group.list", (*API).listGroups},
		{post, "/v1/groups", "groups:post", nobodys, "group.create", (*API).createGroup},
		{get, "/v1/groups/:id", "groups:get", nobodys, "group.read", (*API).readGroup},
		{patch, "/v1/groups/:id", "groups:patch", nobodys, "group.update", (*API).updateGroup},
		{remove, "/v1/groups/:id", "groups:delete", nobodys, "group.delete", (*API).deleteGroup},
		{put, "/v1/groups/:id/members/:userId", "groups:put", nobodys, "group.add-member", (*API).addMember},
		{remove, "/v1/groups/:id/members/:userId", "groups:delete", nobodys, "group.remove-member", (*API).removeMember},

		{put, "/v1/groups/:id/applications/:applicationId", "groups:put", nobodys, "group.add-application", (*API).addApplication},
		{remove, "/v1/groups/:id/applications/:applicationId", "groups:delete", nobodys, "group.remove-application", (*API).removeApplication},

		{get, "/v1/applications", "applications:get", nobodys, "application.list", (*API).listApplications},
		{post, "/v1/applications", "applications:post", nobodys, "application.create", (*API).createApplication},
		{get, "/v1/applications/:id", "applications:get", nobodys, "application.read", (*API).readApplication},
		{patch, "/v1/applications/:id", "applications:patch", nobodys, "application.update", (*API).updateApplication},
		{remove, "/v1/applications/:id", "applications:delete", nobodys, "application.delete", (*API).deleteApplication},
		{post, "/v1/applications/:id/rotate-secret", "applications:post", nobodys, "application.rotate-secret", (*API).rotateSecret},

		{get, "/v1/products", "products:get", nobodys, "product.list", (*API).listProducts},
		{post, "/v1/products", "products:post", nobodys, "product.create", (*API).createProduct},
		{get, "/v1/products/:name", "products:get", nobodys, "product.read", (*API).readProduct},
		{patch, "/v1/products/:name", "products:patch", nobodys, "product.update", (*API).updateProduct},
		{remove, "/v1/products/:name", "products:delete", nobodys, "product.delete", (*API).deleteProduct},

		{get, "/v1/audit-events", "audit-events:get", nobodys, "audit-event.list", (*API).listAuditEvents},
		{get, "/v1/refusals/:requestId", "audit-events:get", nobodys, "refusal.read", (*API).readRefusals},
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
