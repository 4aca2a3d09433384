package oauth2

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/server/interaction"
	"gatehouse/server/web"
	"gatehouse/templates"
)

// answer is what goes back to the application, in the order in which it is sent.
type answer [][2]string

// answer takes an answer to the application, with the state that it sent and who
// we are (RFC 9207 §2).
func (h *Handler) answer(c echo.Context, a *authorization, values answer) error {
	if state := a.Params.Get("state"); state != "" {
		values = append(values, [2]string{"state", state})
	}
	values = append(values, [2]string{"iss", h.config.Issuer})
	if a.Mode == modeFormPost {
		return h.post(c, a, values)
	}
	return c.Redirect(http.StatusSeeOther, values.in(a.RedirectURI))
}

// in is the address with the answer in its query. It stays as it is otherwise.
func (v answer) in(uri string) string {
	var out strings.Builder
	out.WriteString(uri)
	separator := "?"
	if strings.Contains(uri, "?") {
		separator = "&"
	}
	for _, one := range v {
		out.WriteString(separator + one[0] + "=" + url.QueryEscape(one[1]))
		separator = "&"
	}
	return out.String()
}

// post answers with the page whose form takes the answer on (OAuth 2.0 Form Post
// Response Mode).
func (h *Handler) post(c echo.Context, a *authorization, values answer) error {
	set, err := h.Pages()
	if err != nil {
		return err
	}
	form := make([]templates.FormValue, len(values))
	for i, one := range values {
		form[i] = templates.FormValue{Name: one[0], Value: one[1]}
	}
	page, err := set.FormPost(templates.FormPost{
		Language:    templates.Language(strings.Fields(a.Params.Get("ui_locales")), c.Request().Header.Get("Accept-Language")),
		Application: templates.Application{Name: a.App.ShownName()},
		URI:         a.RedirectURI,
		Values:      form,
	})
	if err != nil {
		return err
	}
	return web.WritePage(c, http.StatusOK, page)
}

// refuse returns the error in the form in which it reaches the application, if
// that may be told of it: if a is there. The request waits no more; where nothing is
// stored of it, nothing is written, for anybody can have a request refused.
func (h *Handler) refuse(ctx context.Context, a *authorization, i interaction.Interaction, err error) error {
	if a == nil {
		return err
	}
	if i.Stored() {
		if ended := h.Interactions.End(ctx, i); ended != nil {
			h.Log.WarnContext(ctx, "interaction not ended", "error", ended)
		}
	}
	return &told{err, h, a}
}

// told is an error that an application gets to know by way of the browser (RFC
// 6749 §4.1.2.1). It implements web.Told.
type told struct {
	error
	handler *Handler
	about   *authorization
}

func (t *told) Unwrap() error { return t.error }

// Tell takes the error to the application. The parameters at fault are part of the
// description: there is no other place for them.
func (t *told) Tell(c echo.Context, with web.Telling) error {
	text := with.Description
	if fields := fieldsOf(errors.From(t.error)); fields != "" {
		text += " (" + fields + ")"
	}
	return t.handler.answer(c, t.about, answer{{"error", with.Name}, {"error_description", text}, {"error_uri", with.URI}})
}
