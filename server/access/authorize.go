package access

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/identity/permissions"
	"gatehouse/server/web"
)

// decision is the answer of POST /v1/authorize.
type decision struct {
	Authorized bool      `json:"authorized"`
	Timestamp  time.Time `json:"timestamp"`
	Reason     *reason   `json:"reason,omitempty"`
}

// reason says what a decision follows from.
type reason struct {
	Subject    subject     `json:"subject"`
	Groups     []string    `json:"groups"` // that counted
	Group      string      `json:"group,omitempty"`
	Permission *permission `json:"permission,omitempty"`
	Missing    string      `json:"missing,omitempty"`
}

// subject is whom a question was about.
type subject struct {
	Type string `json:"type"` // a permissions.Kind
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// permission is one that a group gives, as it is written there.
type permission struct {
	Resource string `json:"resource"`
	Action   string `json:"action"`
}

// Authorize handles POST /v1/authorize.
func (h *Handler) Authorize(c echo.Context) error {
	ctx := c.Request().Context()

	asks, err := h.asks(c)
	if err != nil {
		return err
	}
	explained, err := explained(c, asks)
	if err != nil {
		return err
	}
	question, err := body(c, (*reading).question)
	if err != nil {
		return err
	}
	answer, err := asks.Ask(ctx, question)
	note(ctx, question.Subject, err)
	if err != nil {
		return err
	}
	h.Decided(answer.Allowed)
	out := decision{Authorized: answer.Allowed, Timestamp: h.timestamp()}
	if explained {
		out.Reason = reasonOf(answer)
	}
	return c.JSON(http.StatusOK, out)
}

// explained says whether the request asks for the reasons of decisions, which
// tell of groups and of who is in them. It returns errors.AccessDenied when the
// asker may not know.
func explained(c echo.Context, asks *permissions.Asks) (bool, error) {
	ctx := c.Request().Context()
	if c.Request().URL.RawQuery == "" {
		return false, nil
	}
	q, err := web.ParseQuery(c.Request())
	if err != nil {
		return false, err
	}
	wanted := q.Flag("explain")
	if err := q.Err(ctx); err != nil {
		return false, err
	}
	if wanted && !asks.MayAskAboutOthers() {
		note(ctx, "", errNoReasons)
		return false, errNoReasons
	}
	return wanted, nil
}

var errNoReasons = errors.AccessDenied.On(map[string]string{"explain": "permissions:get is needed to be told the reason"})

// timestamp is when a decision was made, in whole milliseconds.
func (h *Handler) timestamp() time.Time { return h.Now().UTC().Truncate(time.Millisecond) }

func reasonOf(a permissions.Answer) *reason {
	out := &reason{
		Subject: subject{string(a.Subject.Kind), a.Subject.ID, a.Subject.Name},
		Groups:  a.Considered(), Group: a.Group, Missing: a.Missing(),
	}
	if out.Groups == nil {
		out.Groups = []string{}
	}
	if a.Allowed {
		out.Permission = &permission{a.Resource, a.Action}
	}
	return out
}
