package server

import (
	"cmp"
	"time"

	"gatehouse/identity"
	"gatehouse/identity/admin"
	"gatehouse/server/browser"
	"gatehouse/server/keys"
	"gatehouse/server/oauth2"
	"gatehouse/server/outbound"
	"gatehouse/server/ratelimit"
	"gatehouse/server/throttle"
	"gatehouse/server/web"
	"gatehouse/templates"
)

// Config is the configuration of every part. Zero values stand for the parts' defaults.
type Config struct {
	Tokens         oauth2.Config
	Keys           keys.Config
	Passwords      identity.PasswordConfig
	PasswordRules  identity.PasswordPolicy // of new passwords
	Identity       admin.Config
	IdentityApart  bool            // the identity API answers on IdentityHandler alone
	Browser        browser.Config  // how long people stay signed in
	Brand          templates.Brand // of the pages of a sign-in
	Throttle       throttle.Config
	RateLimit      ratelimit.Config // of token requests, per address
	IdentityLimit  ratelimit.Config // of requests to the identity API, per address
	TrustedProxies web.Proxies
	Outbound       outbound.Config // where requests to addresses of applications may go
	CORSOrigins    []string        // browser origins that may call /v1
	CleanupEvery   time.Duration   // how often expired rows are removed; 10 minutes
	AuditRetention time.Duration   // how long audit events are kept; a year
}

func (c Config) auditRetention() time.Duration { return cmp.Or(c.AuditRetention, 365*24*time.Hour) }

func (c Config) cleanupEvery() time.Duration { return cmp.Or(c.CleanupEvery, 10*time.Minute) }
