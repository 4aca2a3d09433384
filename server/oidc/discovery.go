package oidc

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"gatehouse/identity"
)

// metadata is what both discovery documents say (OpenID Connect Discovery §3,
// RFC 8414 §2). It lists what works and nothing else.
type metadata struct {
	Issuer                string   `json:"issuer"`
	TokenEndpoint         string   `json:"token_endpoint"`
	JWKSURI               string   `json:"jwks_uri"`
	UserinfoEndpoint      string   `json:"userinfo_endpoint"`
	IntrospectionEndpoint string   `json:"introspection_endpoint"`
	RevocationEndpoint    string   `json:"revocation_endpoint"`
	Scopes                []string `json:"scopes_supported"`
	ResponseTypes         []string `json:"response_types_supported"`
	GrantTypes            []string `json:"grant_types_supported"`
	SubjectTypes          []string `json:"subject_types_supported"`
	IDTokenAlgorithms     []string `json:"id_token_signing_alg_values_supported"`
	TokenAuth             []string `json:"token_endpoint_auth_methods_supported"`
	IntrospectionAuth     []string `json:"introspection_endpoint_auth_methods_supported"`
	RevocationAuth        []string `json:"revocation_endpoint_auth_methods_supported"`
	ClaimTypes            []string `json:"claim_types_supported"`
	Claims                []string `json:"claims_supported"`
	ClaimsParameter       bool     `json:"claims_parameter_supported"`
	RequestParameter      bool     `json:"request_parameter_supported"`
	RequestURIParameter   bool     `json:"request_uri_parameter_supported"`
	Documentation         string   `json:"service_documentation"`
}

func newDiscovery(issuer string) (document, error) {
	secretOrNone := []string{identity.AuthBasic, identity.AuthPost, identity.AuthNone}
	body, err := json.Marshal(metadata{
		Issuer:                issuer,
		TokenEndpoint:         issuer + "/oauth2/token",
		JWKSURI:               issuer + "/oauth2/jwks",
		UserinfoEndpoint:      issuer + "/oauth2/userinfo",
		IntrospectionEndpoint: issuer + "/oauth2/introspect",
		RevocationEndpoint:    issuer + "/oauth2/revoke",
		Scopes:                []string{"openid", "profile", "email", "groups", "offline_access"},
		ResponseTypes:         []string{},
		GrantTypes:            []string{identity.GrantPassword, identity.GrantClientCredentials, identity.GrantRefreshToken},
		SubjectTypes:          []string{"public"},
		IDTokenAlgorithms:     []string{"RS256", "ES256"},
		TokenAuth:             secretOrNone,
		IntrospectionAuth:     secretOrNone[:2],
		RevocationAuth:        secretOrNone,
		ClaimTypes:            []string{"normal"},
		Claims: []string{
			"iss", "sub", "aud", "exp", "iat", "auth_time", "amr", "azp", "at_hash", "sid",
			"name", "given_name", "family_name", "preferred_username", "updated_at", "email", "email_verified", "groups",
		},
		Documentation: issuer + "/errors",
	})
	if err != nil {
		return document{}, fmt.Errorf("discovery document: %w", err)
	}
	sum := sha256.Sum256(body)
	return document{body, `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`}, nil
}

// Discovery handles GET of both discovery documents.
func (h *Handler) Discovery(c echo.Context) error { return h.discovery.serve(c) }

// JWKS handles GET /oauth2/jwks.
func (h *Handler) JWKS(c echo.Context) error {
	body, etag := h.Keys.JWKS()
	return document{body, etag}.serve(c)
}

// document is JSON that was made once and is served many times.
type document struct {
	body []byte
	etag string
}

// Header values that every document is served with. Caches may keep it for five
// minutes, a time that is short against how long a new key is published before
// it signs.
var (
	jsonType    = []string{echo.MIMEApplicationJSON}
	fiveMinutes = []string{"public, max-age=300"}
)

func (d document) serve(c echo.Context) error {
	header := c.Response().Header()
	header[echo.HeaderCacheControl] = fiveMinutes
	header["Etag"] = []string{d.etag}
	if c.Request().Header.Get("If-None-Match") == d.etag {
		return c.NoContent(http.StatusNotModified)
	}
	header[echo.HeaderContentType] = jsonType
	c.Response().WriteHeader(http.StatusOK)
	_, err := c.Response().Write(d.body)
	return err
}
