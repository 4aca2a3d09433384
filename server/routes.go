package server

import (
	"gatehouse/identity/admin"
	"gatehouse/server/access"
	"gatehouse/server/apidocs"
	"gatehouse/server/oauth2"
	"gatehouse/server/oidc"
	"gatehouse/server/signin"
)

// routes is the list of everything that answers.
func (s *Server) routes(grants *oauth2.Handler, logins *signin.Handler, users *oidc.Handler, decisions *access.Handler, identities *admin.API) {
	e := s.echo
	probes := newHealth(healthDeps{
		Version: s.Version, Now: s.Now, Log: s.Log, Ping: s.Store.Ping, Fresh: s.feed.Fresh,
		HasKeys: func() bool { return len(s.keys.List()) > 0 }, Draining: s.gate.draining.Load,
	})
	e.GET("/health", probes.live)
	e.GET("/readyz", probes.ready)
	e.GET("/version", probes.release)

	pages := newErrorPages(s.gate.errors)
	e.GET("/errors", pages.index)
	e.GET("/errors/:code", pages.detail)
	e.GET("/assets/:name", pages.asset)

	api := apidocs.New(apidocs.Deps{Issuer: s.config.Tokens.Issuer, StatusOf: statusOf, Pages: s.pages})
	e.GET("/openapi.yaml", api.Document)
	e.GET("/docs", api.Page)

	e.GET("/oauth2/authorize", grants.Authorize)
	e.POST("/oauth2/authorize", grants.Authorize)
	e.POST("/oauth2/par", grants.Push)
	e.GET("/login", logins.Login)
	e.POST("/login", logins.SignIn)
	e.GET("/accounts", logins.Accounts)
	e.POST("/accounts", logins.Choose)
	e.GET("/consent", logins.Consent)
	e.POST("/consent", logins.Decide)
	e.GET("/oauth2/logout", users.SignOut)
	e.POST("/oauth2/logout", users.SignOut)
	e.GET("/logout", users.SignOut)
	e.POST("/logout", users.ConfirmSignOut)
	e.POST("/oauth2/token", grants.Token)
	e.POST("/oauth2/introspect", grants.Introspect)
	e.POST("/oauth2/revoke", grants.Revoke)
	e.GET("/oauth2/userinfo", users.Userinfo)
	e.POST("/oauth2/userinfo", users.Userinfo)
	e.GET("/oauth2/jwks", users.JWKS)
	e.GET("/.well-known/openid-configuration", users.Discovery)
	e.GET("/.well-known/oauth-authorization-server", users.Discovery)

	e.POST("/v1/login/oauth/access_token", grants.AccessToken)
	e.POST("/v1/login/oauth/refresh_token", grants.RefreshToken)
	e.POST("/v1/logout", users.Logout)
	e.GET("/v1/userinfo", users.AccessManagerUserinfo)
	e.GET("/v1/sessions", users.ListSessions)
	e.DELETE("/v1/sessions/:id", users.EndSession)
	e.GET("/v1/consents", users.ListConsents)
	e.DELETE("/v1/consents/:clientId", users.WithdrawConsent)

	e.POST("/v1/authorize", decisions.Authorize)
	e.POST("/v1/authorize/batch", decisions.AuthorizeBatch)
	e.POST("/v1/permissions/who-can", decisions.WhoCan)
	e.POST("/v1/permissions/simulate", decisions.Simulate)
	e.GET("/v1/permissions", decisions.Permissions)
	e.GET("/v1/permissions/:sub", decisions.PermissionsOf)
	e.GET("/v1/permissions/:owner/:sub", decisions.PermissionsOfOwned)

	e.POST("/access/v1/evaluation", decisions.Evaluation)
	e.POST("/access/v1/evaluations", decisions.Evaluations)
	e.GET("/.well-known/authzen-configuration", decisions.Configuration)

	identities.Mount(e)
}
