package oidc

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/server/bearer"
	"gatehouse/server/caller"
	"gatehouse/server/claims"
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

// AccessManagerUserinfo handles GET /v1/userinfo. Its answer is always the same, so
// a token that rests on a consent has to have the scopes of all of it.
func (h *Handler) AccessManagerUserinfo(c echo.Context) error {
	token, err := h.user(c)
	if err != nil {
		return err
	}
	for _, scope := range []string{"openid", "profile", "email"} {
		if !caller.Of(token).MayRead(scope) {
			web.Trail(c.Request().Context()).Fail(explain.ScopeGranted, explain.List(token.Scopes), scope)
			return errors.AccessDenied.Because(errors.New("the token lacks the scope " + scope))
		}
	}
	u := token.User
	return c.JSON(http.StatusOK, accessManagerUserinfo{
		Subject:           token.Subject,
		Name:              u.FullName(),
		PreferredUsername: u.Username,
		Email:             u.Email,
		EmailVerified:     u.EmailVerified,
		Picture:           text(u.Metadata["picture"]),
		Profile:           text(u.Metadata["profile"]),
	})
}

// userinfo is the answer of the UserInfo endpoint (OpenID Connect Core §5.3.2).
type userinfo struct {
	subject string
	user    claims.Claims
}

// MarshalJSON writes sub, and what else is told.
func (u userinfo) MarshalJSON() ([]byte, error) {
	subject, err := json.Marshal(struct {
		Subject string `json:"sub"`
	}{u.subject})
	if err != nil {
		return nil, fmt.Errorf("userinfo: %w", err)
	}
	user, err := u.user.MarshalJSON()
	return claims.Join(subject, user), err
}

// Userinfo handles GET and POST /oauth2/userinfo (OpenID Connect Core §5.3).
func (h *Handler) Userinfo(c echo.Context) error {
	token, err := h.userOfForm(c)
	if err != nil {
		return err
	}
	web.AllowApplication(c, token.Application) // to read a refusal, too
	if !token.HasScope("openid") {
		web.Trail(c.Request().Context()).Fail(explain.ScopeGranted, explain.List(token.Scopes), "openid")
		return errors.AccessDenied.Because(errors.New("the token lacks the scope openid"))
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.JSON(http.StatusOK, userinfo{token.Subject, claims.About(token.User, token.Application, claims.Want{Scopes: token.Scopes, Names: token.Claims, Released: token.Released})})
}

// userOfForm is user for a request that may have its token in a form (RFC 6750 §2.2).
func (h *Handler) userOfForm(c echo.Context) (*bearer.Token, error) {
	r := c.Request()
	if r.Method != http.MethodPost || web.MediaType(r) != web.MediaForm {
		return h.user(c)
	}
	form, err := web.Form(c, web.AuthCodes())
	switch raw := form.Get("access_token"); {
	case err != nil:
		return nil, err
	case raw == "":
		return h.user(c)
	case len(r.Header["Authorization"]) > 0: // §2: no more than one method
		return nil, errors.Malformed.On(web.Fields("stands in the body and in the Authorization header", "access_token"))
	default:
		token, err := h.Bearer.Verify(r.Context(), raw)
		return ofUser(c, token, err)
	}
}

func text(v any) string {
	s, _ := v.(string)
	return s
}
