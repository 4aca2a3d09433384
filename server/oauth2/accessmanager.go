package oauth2

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/explain"
	"gatehouse/server/web"
)

// accessManagerResponse is the answer in the /v1 dialect, its fields in the
// order that the contract gives them.
type accessManagerResponse struct {
	AccessToken  string `json:"accessToken"`
	TokenType    string `json:"tokenType"`
	ExpiresIn    int64  `json:"expiresIn"`
	RefreshToken string `json:"refreshToken"`
	IDToken      string `json:"idToken,omitempty"`
	Scope        string `json:"scope"`
	DeviceToken  string `json:"deviceToken,omitempty"`
}

// accessManagerNames gives RFC 6749's name for each field of the /v1 dialect.
var accessManagerNames = map[string]string{
	"grantType":    "grant_type",
	"username":     "username",
	"password":     "password",
	"clientId":     "client_id",
	"clientSecret": "client_secret",
	"refreshToken": "refresh_token",
	"scope":        "scope",
	"metadata":     "metadata",

	"rememberDevice": rememberDevice,
	"deviceToken":    deviceToken,
}

// accessManagerFields is the other way round.
var accessManagerFields = inverse(accessManagerNames)

// AccessToken handles POST /v1/login/oauth/access_token.
func (h *Handler) AccessToken(c echo.Context) error { return h.accessManager(c, "") }

// RefreshToken handles POST /v1/login/oauth/refresh_token.
func (h *Handler) RefreshToken(c echo.Context) error {
	return h.accessManager(c, identity.GrantRefreshToken)
}

// accessManager answers a token request in the /v1 dialect; only names the grant
// that an endpoint is for, if it is for one alone.
func (h *Handler) accessManager(c echo.Context, only string) error {
	if err := h.throttled(c); err != nil {
		return err
	}
	g, err := h.accessManagerGrant(c, only)
	if err != nil {
		return err
	}
	out, err := h.issue(c.Request().Context(), g)
	if err != nil {
		return renameFields(err)
	}
	noStore(c)
	return c.JSON(http.StatusOK, accessManagerResponse{
		AccessToken:  out.AccessToken,
		TokenType:    "Bearer",
		ExpiresIn:    out.ExpiresIn,
		RefreshToken: out.RefreshToken,
		IDToken:      out.IDToken,
		Scope:        out.Scope,
		DeviceToken:  out.DeviceToken,
	})
}

func (h *Handler) accessManagerGrant(c echo.Context, only string) (*grant, error) {
	form, metadata, err := accessManagerBody(c)
	noteBody(c.Request(), wantBoth, err)
	if err != nil {
		return nil, err
	}
	shown, err := shownCredentials(c.Request(), form, "clientId", "clientSecret")
	noteCredentials(c.Request().Context(), err)
	if err != nil {
		return nil, err
	}
	kind := form.Get("grantType")
	switch {
	case only != "" && kind == "":
		kind = only
	case only != "" && kind != only:
		web.Trail(c.Request().Context()).Fail(explain.GrantKnown, explain.Name(kind), only)
		return nil, errors.UnknownGrant.With(kind).On(map[string]string{"grantType": "must be " + only + " here"})
	case kind == identity.GrantAuthorizationCode: // of the standard endpoint alone
		web.Trail(c.Request().Context()).Fail(explain.GrantKnown, kind, knownGrants())
		return nil, errors.UnknownGrant.With(kind).On(map[string]string{"grantType": "is not a known grant"})
	}
	g := h.newGrant(c, kind, shown)
	g.Metadata = metadata
	g.Params = make(url.Values, len(form))
	for field, values := range form {
		g.Params[accessManagerNames[field]] = values
	}
	return g, nil
}

// accessManagerBody reads JSON or a form into the form's shape. It refuses
// fields that the endpoint does not know.
func accessManagerBody(c echo.Context) (form url.Values, metadata map[string]any, err error) {
	codes := web.AuthCodes()
	if web.MediaType(c.Request()) != web.MediaForm {
		body, err := web.Object(c, codes)
		if err != nil {
			return nil, nil, err
		}
		return flatten(body)
	}
	if form, err = web.Form(c, codes); err != nil {
		return nil, nil, err
	}
	if metadata, err = formMetadata(form); err != nil {
		return nil, nil, err
	}
	return form, metadata, unknownFields(form)
}

// flatten turns a JSON object into the form's shape: every field but metadata is
// a string, and rememberDevice may be true or false.
func flatten(body map[string]any) (url.Values, map[string]any, error) {
	if err := unknownFields(body); err != nil {
		return nil, nil, err
	}
	form, wrong := make(url.Values, len(body)), map[string]string{}
	var metadata map[string]any
	for field, value := range body {
		if field == "metadata" {
			object, ok := value.(map[string]any)
			if !ok && value != nil {
				wrong[field] = "must be an object"
			}
			metadata = object
			continue
		}
		switch v := value.(type) {
		case string:
			form[field] = []string{v}
		case nil:
			form[field] = []string{""}
		case bool:
			if accessManagerNames[field] != rememberDevice {
				wrong[field] = "must be a string"
			}
			form[field] = []string{strconv.FormatBool(v)}
		default:
			wrong[field] = "must be a string"
		}
	}
	if len(wrong) > 0 {
		return nil, nil, errors.Malformed.On(wrong)
	}
	return form, metadata, checkMetadata(metadata)
}

func unknownFields[V any](body map[string]V) error {
	var unknown []string
	for field := range body {
		if _, ok := accessManagerNames[field]; !ok {
			unknown = append(unknown, field)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	slices.Sort(unknown)
	return errors.UnexpectedFields.On(web.Fields(web.ReasonUnexpected, unknown...))
}

// renameFields gives the fields at fault their names in the /v1 dialect.
func renameFields(err error) error {
	fault := errors.From(err)
	if len(fault.Fields) == 0 {
		return err
	}
	renamed := make(map[string]string, len(fault.Fields))
	for field, reason := range fault.Fields {
		if name, ok := accessManagerFields[field]; ok {
			field = name
		}
		renamed[field] = reason
	}
	again := *fault
	again.Fields = renamed
	return &again
}

func inverse(m map[string]string) map[string]string {
	inverted := make(map[string]string, len(m))
	for k, v := range m {
		inverted[v] = k
	}
	return inverted
}
