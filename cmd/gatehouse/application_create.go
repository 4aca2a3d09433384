package main

import "github.com/spf13/cobra"

func newApplicationCreate(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "create PRODUCT",
		Short: "Create an application",
		Long: `Creates an application (an OAuth 2.0 client) of a product that is registered, and
prints its client id and, this once, its secret. A public application has none, nor has
one that proves itself by private_key_jwt.

Without --grant it may use client_credentials. Without --scope an application that
signs users in may ask for openid profile email offline_access groups, another one
for no scope.`,
		Example: `  gatehouse product create billing
  gatehouse application create billing --description "Nightly run" --scope invoices:read --audience https://api.example.com
  gatehouse application create billing --description Console --grant password,refresh_token
  gatehouse application create billing --description Phone --public --grant password,refresh_token --refresh-token-lifetime 168h
  gatehouse application create billing --description Web --grant authorization_code,refresh_token --redirect-uri https://billing.example.com/callback --trusted`,
	}
	o := &object{cmd: cmd}
	applicationFlags(o)
	return applicationKind().create(c, cmd, o, "name")
}

func newApplicationUpdate(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "update APPLICATION",
		Short: "Change an application",
		Long: `Changes of an application what flags are given for; a list, and metadata, replace
what is there. Its product and its client id never change. One that becomes public, or
proves itself by private_key_jwt, loses its secret; one that ceases to has none until
rotate-secret makes it one.`,
		Example: `  gatehouse application update 3f0c9a5be1d24c7b8a60 --scope invoices:read,invoices:write
  gatehouse application update 3f0c9a5be1d24c7b8a60 --access-token-lifetime 0s --if-version 3`,
	}
	o := &object{cmd: cmd}
	applicationFlags(o)
	versionFlag(cmd)
	return applicationKind().update(c, cmd, o)
}

// applicationFlags are the flags for what can be said of an application at any time.
func applicationFlags(o *object) {
	o.text("description", "description", "`TEXT` for people")
	o.text("display-name", "displayName", "`NAME` that pages show; \"\": its product")
	o.is("public", "public", "it can keep no secret, such as an app on a phone")
	o.words("grant", "grantTypes", "`GRANT` it may use: authorization_code, client_credentials, password or refresh_token")
	o.words("scope", "scopes", "`SCOPE` it may ask for")
	o.uris("audience", "audiences", "`URI` of a resource it may ask tokens for")
	o.uris("redirect-uri", "redirectUris", "`URI` to send users back to")
	o.uris("post-logout-redirect-uri", "postLogoutRedirectUris", "`URI` to send users to once they are signed out")
	o.uris("allowed-origin", "allowedOrigins", "browser `ORIGIN` that may read answers (default: those of the redirect URIs)")
	o.text("auth-method", "tokenEndpointAuthMethod", "how it proves itself: client_secret_basic, client_secret_post, private_key_jwt, or none if it is public (`METHOD`)")
	o.document("jwks", "jwks", "`FILE` with its public keys, a JWK Set; \"\" takes them away")
	o.text("jwks-uri", "jwksUri", "`URI` where its public keys are; \"\" takes it away")
	o.text("backchannel-logout-uri", "backchannelLogoutUri", "`URI` that is told when a session has ended; \"\" takes it away")
	o.text("frontchannel-logout-uri", "frontchannelLogoutUri", "`URI` that browsers load when their user signs out; \"\" takes it away")
	o.is("trusted", "trusted", "it is a first-party one, whose users are not asked for their consent")
	o.is("require-par", "requirePushedAuthorizationRequests", "it has to push its authorization requests (RFC 9126)")
	o.text("subject-type", "subjectType", "how it knows its users: public, or pairwise for a sub of its own (`TYPE`; public at first)")
	o.text("sector-identifier-uri", "sectorIdentifierUri", "`URI` whose host tells which applications share a pairwise sub; \"\" takes it away")
	o.claims()
	o.text("policy-uri", "policyUri", "`URI` of its privacy policy; \"\" takes it away")
	o.text("tos-uri", "tosUri", "`URI` of its terms of service; \"\" takes it away")
	o.lifetime("access-token-lifetime", "accessTokenLifetime", "how long its access tokens live; 0s: as long as the server says")
	o.lifetime("refresh-token-lifetime", "refreshTokenLifetime", "how long its refresh tokens live unused; 0s: as long as the server says")
	o.lifetime("session-lifetime", "sessionLifetime", "how long its sessions live however often refreshed; 0s: as long as the server says")
	o.text("id-token-alg", "idTokenSignedResponseAlg", "how its id tokens are signed, RS256 or ES256 (`ALG`; RS256 at first)")
	o.metadata()
}
