package oidc

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/server/explain"
	"gatehouse/server/web"
)

// accessManagerUserinfo is the answer of GET /v1/userinfo.
type accessManagerUserinfo struct {
	Subject           string `json:"sub"`
	Name              string `json:"name"`
	PreferredUsername string `json:"preferredUsername"`
	Email             string `json:"email"`
	EmailVerified     bool   `json:"emailVerified"`
	Picture           string `json:"picture,omitempty"`
	Profile           string `json:"profile,omitempty"`
}

// AccessManagerUserinfo handles GET /v1/userinfo.
func (h *Handler) AccessManagerUserinfo(c echo.Context) error {
	token, err := h.user(c)
	if err != nil {
		return err
	}
	u := token.User
	return c.JSON(http.StatusOK, accessManagerUserinfo{
		Subject:           u.ID,
		Name:              u.FullName(),
		PreferredUsername: u.Username,
		Email:             u.Email,
		EmailVerified:     u.EmailVerified,
		Picture:           text(u.Metadata["picture"]),
		Profile:           text(u.Metadata["profile"]),
	})
}

// userinfo is the answer of the UserInfo endpoint (OpenID Connect Core §5.1, §5.4).
type userinfo struct {
	Subject           string   `json:"sub"`
	Name              string   `json:"name,omitempty"`
	GivenName         string   `json:"given_name,omitempty"`
	FamilyName        string   `json:"family_name,omitempty"`
	PreferredUsername string   `json:"preferred_username,omitempty"`
	Picture           string   `json:"picture,omitempty"`
	Profile           string   `json:"profile,omitempty"`
	UpdatedAt         int64    `json:"updated_at,omitempty"`
	Email             string   `json:"email,omitempty"`
	EmailVerified     *bool    `json:"email_verified,omitempty"`
	Groups            []string `json:"groups,omitempty"`
}

// Userinfo handles GET and POST /oauth2/userinfo (OpenID Connect Core §5.3).
func (h *Handler) Userinfo(c echo.Context) error {
	token, err := h.user(c)
	if err != nil {
		return err
	}
	web.AllowApplication(c, token.Application) // to read a refusal, too
	has := func(scope string) bool { return slices.Contains(token.Scopes, scope) }
	if !has("openid") {
		web.Trail(c.Request().Context()).Fail(explain.ScopeGranted, explain.List(token.Scopes), "openid")
		return errors.AccessDenied.Because(errors.New("the token lacks the scope openid"))
	}
	u := token.User
	out := userinfo{Subject: u.ID}
	if has("profile") {
		out.Name, out.GivenName, out.FamilyName = u.FullName(), u.FirstName, u.LastName
		out.PreferredUsername, out.UpdatedAt = u.Username, u.UpdatedAt.Unix()
		out.Picture, out.Profile = text(u.Metadata["picture"]), text(u.Metadata["profile"])
	}
	if has("email") {
		out.Email, out.EmailVerified = u.Email, &u.EmailVerified
	}
	if has("groups") {
		out.Groups = u.Groups
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.JSON(http.StatusOK, out)
}

func text(v any) string {
	s, _ := v.(string)
	return s
}
