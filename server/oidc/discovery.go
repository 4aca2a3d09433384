package oidc

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"gatehouse/identity"
	"gatehouse/server/claims"
	"gatehouse/templates"
)

// metadata is what both discovery documents say (OpenID Connect Discovery §3,
// RFC 8414 §2). It lists what works and nothing else.
type metadata struct {
	Issuer                string   `json:"issuer"`
	AuthorizationEndpoint string   `json:"authorization_endpoint"`
	TokenEndpoint         string   `json:"token_endpoint"`
	PAREndpoint           string   `json:"pushed_authorization_request_endpoint"`
	JWKSURI               string   `json:"jwks_uri"`
	UserinfoEndpoint      string   `json:"userinfo_endpoint"`
	EndSessionEndpoint    string   `json:"end_session_endpoint"`
	IntrospectionEndpoint string   `json:"introspection_endpoint"`
	RevocationEndpoint    string   `json:"revocation_endpoint"`
	Scopes                []string `json:"scopes_supported"`
	ResponseTypes         []string `json:"response_types_supported"`
	ResponseModes         []string `json:"response_modes_supported"`
	GrantTypes            []string `json:"grant_types_supported"`
	SubjectTypes          []string `json:"subject_types_supported"`
	ACRValues             []string `json:"acr_values_supported"`
	Prompts               []string `json:"prompt_values_supported"` // Initiating User Registration via OpenID Connect §4
	Displays              []string `json:"display_values_supported"`
	UILocales             []string `json:"ui_locales_supported"`
	IDTokenAlgorithms     []string `json:"id_token_signing_alg_values_supported"`
	CodeChallenges        []string `json:"code_challenge_methods_supported"`
	clientAuthentication
	ClaimTypes          []string `json:"claim_types_supported"`
	Claims              []string `json:"claims_supported"`
	ClaimsParameter     bool     `json:"claims_parameter_supported"`
	RequestParameter    bool     `json:"request_parameter_supported"`
	RequestURIParameter bool     `json:"request_uri_parameter_supported"`
	PARRequired         bool     `json:"require_pushed_authorization_requests"`
	Iss                 bool     `json:"authorization_response_iss_parameter_supported"` // RFC 9207 §3
	FrontchannelLogout  bool     `json:"frontchannel_logout_supported"`
	FrontchannelSession bool     `json:"frontchannel_logout_session_supported"`
	BackchannelLogout   bool     `json:"backchannel_logout_supported"`
	BackchannelSession  bool     `json:"backchannel_logout_session_supported"`
	Documentation       string   `json:"service_documentation"`
}

// clientAuthentication is how clients prove themselves at each endpoint.
type clientAuthentication struct {
	TokenAuth               []string `json:"token_endpoint_auth_methods_supported"`
	TokenAlgorithms         []string `json:"token_endpoint_auth_signing_alg_values_supported"`
	IntrospectionAuth       []string `json:"introspection_endpoint_auth_methods_supported"`
	IntrospectionAlgorithms []string `json:"introspection_endpoint_auth_signing_alg_values_supported"`
	RevocationAuth          []string `json:"revocation_endpoint_auth_methods_supported"`
	RevocationAlgorithms    []string `json:"revocation_endpoint_auth_signing_alg_values_supported"`
}

func newDiscovery(issuer string) (document, error) {
	proofs := []string{identity.AuthBasic, identity.AuthPost, identity.AuthPrivateKeyJWT}
	proofsOrNone := append(slices.Clone(proofs), identity.AuthNone)
	algorithms := []string{"RS256", "ES256"}
	body, err := json.Marshal(metadata{
		Issuer:                issuer,
		AuthorizationEndpoint: issuer + "/oauth2/authorize",
		TokenEndpoint:         issuer + "/oauth2/token",
		PAREndpoint:           issuer + "/oauth2/par",
		JWKSURI:               issuer + "/oauth2/jwks",
		UserinfoEndpoint:      issuer + "/oauth2/userinfo",
		EndSessionEndpoint:    issuer + "/oauth2/logout",
		IntrospectionEndpoint: issuer + "/oauth2/introspect",
		RevocationEndpoint:    issuer + "/oauth2/revoke",
		Scopes:                []string{"openid", "profile", "email", "phone", "address", "groups", "offline_access"},
		ResponseTypes:         []string{"code"},
		ResponseModes:         []string{"query", "form_post"},
		GrantTypes: []string{
			identity.GrantAuthorizationCode, identity.GrantPassword, identity.GrantClientCredentials, identity.GrantRefreshToken,
		},
		SubjectTypes:      []string{identity.SubjectPublic, identity.SubjectPairwise},
		ACRValues:         []string{claims.ACRPassword},
		Prompts:           []string{"none", "login", "consent", "select_account"},
		Displays:          []string{"page", "popup", "touch", "wap"},
		UILocales:         templates.Languages(),
		IDTokenAlgorithms: algorithms,
		CodeChallenges:    []string{"S256"},
		clientAuthentication: clientAuthentication{
			TokenAuth: proofsOrNone, TokenAlgorithms: algorithms,
			IntrospectionAuth: proofs, IntrospectionAlgorithms: algorithms,
			RevocationAuth: proofsOrNone, RevocationAlgorithms: algorithms,
		},
		ClaimTypes: []string{"normal"},
		Claims: slices.Concat(
			[]string{"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "at_hash", "sid"}, claims.Supported(),
		),
		ClaimsParameter: true, Iss: true,
		FrontchannelLogout: true, FrontchannelSession: true, BackchannelLogout: true, BackchannelSession: true,
		Documentation: issuer + "/docs",
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
