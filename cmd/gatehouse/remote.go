package main

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"gatehouse/errors"
	"gatehouse/identity/wire"
	"gatehouse/server/audit"
	refused "gatehouse/server/explain"
	"gatehouse/server/web"
	"gatehouse/storage"
)

// remote is the administration of a running server over its API.
type remote struct {
	base   string // URL without a slash at its end
	token  string
	client *http.Client
}

// remoteTimeout is how long one answer may take.
const remoteTimeout = 30 * time.Second

// maxAnswer is more than an answer takes, in bytes: a hundred users, each with
// the most metadata.
const maxAnswer = 16 << 20

func newRemote(base, token string) *remote {
	return &remote{base: strings.TrimRight(base, "/"), token: token, client: &http.Client{
		Timeout: remoteTimeout,
		// An answer that leads elsewhere is none: the token is for this server.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (r *remote) users() collection[wire.User] {
	return remoteUsers{remoteAll[wire.User]{r, "/v1/users"}}
}

func (r *remote) groups() collection[wire.Group] {
	return remoteGroups{remoteAll[wire.Group]{r, "/v1/groups"}}
}

func (r *remote) applications() collection[wire.Application] {
	return remoteApplications{remoteAll[wire.Application]{r, "/v1/applications"}}
}

func (r *remote) products() collection[wire.Product] {
	return remoteProducts{remoteAll[wire.Product]{r, "/v1/products"}}
}

func (r *remote) resetPassword(ctx context.Context, userID, password string) error {
	_, err := r.call(ctx, ask{method: http.MethodPatch, path: under("/v1/users", userID, "reset-password"), body: map[string]any{"newPassword": password}})
	return err
}

func (r *remote) unlock(ctx context.Context, userID string) error {
	_, err := r.call(ctx, ask{method: http.MethodPost, path: under("/v1/users", userID, "unlock")})
	return err
}

func (r *remote) sessions(ctx context.Context, userID string) ([]wire.Session, error) {
	answer, err := r.call(ctx, ask{method: http.MethodGet, path: under("/v1/users", userID, "sessions")})
	if err != nil {
		return nil, err
	}
	var sessions []wire.Session
	err = answer.decode(&sessions)
	return sessions, err
}

func (r *remote) endSession(ctx context.Context, userID, sessionID string) error {
	_, err := r.call(ctx, ask{method: http.MethodDelete, path: under("/v1/users", userID, "sessions", sessionID)})
	return err
}

func (r *remote) endSessions(ctx context.Context, userID string) error {
	_, err := r.call(ctx, ask{method: http.MethodDelete, path: under("/v1/users", userID, "sessions")})
	return err
}

func (r *remote) addMember(ctx context.Context, groupID, userID string) error {
	_, err := r.call(ctx, ask{method: http.MethodPut, path: under("/v1/groups", groupID, "members", userID)})
	return err
}

func (r *remote) removeMember(ctx context.Context, groupID, userID string) error {
	_, err := r.call(ctx, ask{method: http.MethodDelete, path: under("/v1/groups", groupID, "members", userID)})
	return err
}

func (r *remote) addApplication(ctx context.Context, groupID, applicationID string) error {
	_, err := r.call(ctx, ask{method: http.MethodPut, path: under("/v1/groups", groupID, "applications", applicationID)})
	return err
}

func (r *remote) removeApplication(ctx context.Context, groupID, applicationID string) error {
	_, err := r.call(ctx, ask{method: http.MethodDelete, path: under("/v1/groups", groupID, "applications", applicationID)})
	return err
}

func (r *remote) rotateSecret(ctx context.Context, applicationID string, body map[string]any) (versioned[wire.Application], error) {
	return one[wire.Application](r.call(ctx, ask{method: http.MethodPost, path: under("/v1/applications", applicationID, "rotate-secret"), body: body}))
}

func (r *remote) refusals(ctx context.Context, requestID string) ([]refused.Explanation, error) {
	if !web.WellFormedID(requestID) { // such a request has no record
		return nil, errors.RefusalNotFound
	}
	answer, err := r.call(ctx, ask{method: http.MethodGet, path: under("/v1/refusals", requestID)})
	if err != nil {
		return nil, err
	}
	var found struct{ Items []refused.Explanation }
	err = answer.decode(&found)
	return found.Items, err
}

func (r *remote) auditEvents(ctx context.Context, q storage.AuditQuery) (audit.Page, error) {
	query := url.Values{"limit": {strconv.Itoa(q.Limit)}}
	for name, text := range map[string]string{
		"actor": q.Actor, "subject": q.Subject, "subjectType": q.SubjectType, "action": q.Action,
		"from": moment(q.From), "to": moment(q.To), "before": q.Before,
	} {
		if text != "" {
			query.Set(name, text)
		}
	}
	var page audit.Page
	a, err := r.call(ctx, ask{method: http.MethodGet, path: "/v1/audit-events", query: query})
	if err != nil {
		return page, err
	}
	err = a.decode(&page)
	return page, err
}

// moment is a time to the nanosecond as the API reads it, or empty for none.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}
