package signin

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/explain"
	"gatehouse/server/interaction"
	"gatehouse/server/web"
	"gatehouse/templates"
)

// visit is a request for a page of an interaction, or with its form.
type visit struct {
	interaction.Interaction
	c   echo.Context
	app *identity.Application
	set *templates.Set
}

// open reads the interaction with this id. It returns errors.SignInExpired if
// there is none in this browser, and errors.InvalidClient if its application is
// gone.
func (h *Handler) open(c echo.Context, id string) (*visit, error) {
	ctx := c.Request().Context()
	t := web.Trail(ctx)
	i, err := h.Interactions.Read(ctx, id, h.Browsers.Binding(c))
	if err != nil {
		if fault := errors.From(err); fault.Code == errors.SignInExpired {
			t.Fail(explain.InteractionOwn, fault.Cause().Error(), "")
		}
		return nil, err
	}
	t.Pass(explain.InteractionOwn)
	app, err := h.Directory.Application(ctx, i.ClientID)
	switch {
	case errors.Is(err, errors.ApplicationNotFound):
		t.Fail(explain.ClientKnown, explain.ClientID(i.ClientID), "")
		return nil, errors.InvalidClient.Because(err)
	case err != nil:
		return nil, err
	}
	t.SetApplication(app)
	if app.Disabled {
		t.Fail(explain.ClientEnabled, "disabled", "enabled")
		return nil, errors.InvalidClient.Because(errors.New("the application is disabled"))
	}
	t.Pass(explain.ClientKnown, explain.ClientEnabled)
	set, err := h.Pages()
	if err != nil {
		return nil, err
	}
	return &visit{i, c, app, set}, nil
}

// language is that of the page.
func (v *visit) language() string {
	return templates.Language(strings.Fields(v.Parameters.Get("ui_locales")), v.c.Request().Header.Get("Accept-Language"))
}

func (v *visit) application() templates.Application {
	return templates.Application{Name: v.app.ShownName(), Policy: v.app.PolicyURI, Terms: v.app.TOSURI}
}

// formOf is what the page's form sends along.
func (h *Handler) formOf(v *visit, path string) templates.Form {
	return templates.Form{Action: path, CSRF: h.Browsers.Token(v.c), Interaction: v.ID}
}

func (v *visit) write(page templates.Page) error { return v.writeWith(http.StatusOK, page) }

// writeWith answers with the page. The window of an application that wants pages
// in a window of its own (OpenID Connect Core §3.1.2.1) goes on knowing that one.
func (v *visit) writeWith(status int, page templates.Page) error {
	if v.Parameters.Get("display") != "popup" {
		web.Alone(v.c)
	}
	return web.WritePage(v.c, status, page)
}

// user returns a user, or nil if there is none with this id.
func (h *Handler) user(v *visit, id string) (*identity.User, error) {
	user, err := h.Directory.User(v.c.Request().Context(), id)
	if errors.Is(err, errors.UserNotFound) {
		return nil, nil //nolint:nilnil // a user who is gone is no mistake
	}
	return user, err
}

// accountOf is what a page says of a user.
func accountOf(user *identity.User) templates.Account {
	return templates.Account{ID: user.ID, Name: cmp.Or(user.FullName(), user.Username), Email: user.Email}
}

// refused is a form that is shown once more. It implements web.Told.
type refused struct {
	error
	visit *visit
	page  templates.Page
}

func (r *refused) Unwrap() error { return r.error }

// Tell answers with the form.
func (r *refused) Tell(c echo.Context, t web.Telling) error {
	web.SetRetryAfter(c, t.RetryAfter)
	return r.visit.writeWith(t.Status, r.page)
}
