package registry

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"time"

	"gatehouse/errors"
	"gatehouse/identity"
)

// Client ids and secrets are twice as many hex digits as these.
const (
	clientIDBytes = 10
	secretBytes   = 20
)

// MaxKeepOld is the longest time that an old secret may work beside a new one.
const MaxKeepOld = 30 * 24 * time.Hour

// RotateSecret gives an application a new secret (empty: one is made up) and
// returns it; it is not shown again. The present one works for so much longer,
// older ones no more.
func (r *Registry) RotateSecret(ctx context.Context, id, secret string, keepOldFor time.Duration, versions Versions) (app identity.Application, shown string, err error) {
	if keepOldFor < 0 || keepOldFor > MaxKeepOld {
		return app, "", errors.IdentityMalformed.On(map[string]string{"keepOldFor": "must be seconds, from 0 to 2592000"})
	}
	if secret == "" {
		secret = randomHex(secretBytes)
	}
	app, err = r.changeApplication(ctx, "application.rotate-secret", id, versions, func(_ context.Context, app *identity.Application, now time.Time) (facts, error) {
		if app.Public {
			return nil, errors.FieldUnmodifiable.On(map[string]string{"clientSecret": "does not exist, for the application is public"})
		}
		if !app.UsesSecret() {
			return nil, errors.FieldUnmodifiable.On(map[string]string{"clientSecret": "does not exist, for the application proves itself by " + app.TokenEndpointAuthMethod})
		}
		next := []identity.ClientSecret{{Hash: r.HashSecret(secret)}}
		if keepOldFor > 0 {
			next = append(next, keepNewest(app.Secrets, now, now.Add(keepOldFor))...)
		}
		app.Secrets = next
		return facts{"oldSecretKeptFor": keepOldFor.Seconds()}, nil
	})
	return app, secret, err
}

// keepNewest returns the newest secret that still works, which now ends by then.
func keepNewest(secrets []identity.ClientSecret, now, until time.Time) []identity.ClientSecret {
	for _, secret := range secrets {
		if !secret.ExpiresAt.IsZero() && !secret.ExpiresAt.After(now) {
			continue
		}
		if secret.ExpiresAt.IsZero() || secret.ExpiresAt.After(until) {
			secret.ExpiresAt = until
		}
		return []identity.ClientSecret{secret}
	}
	return nil
}

// newest are the secrets of an application that gets power: old ones, which may be
// in other hands, end.
func newest(secrets []identity.ClientSecret) []identity.ClientSecret {
	return secrets[:min(1, len(secrets))]
}

// randomHex is twice as many hex digits as bytes.
func randomHex(bytes int) string {
	random := make([]byte, bytes)
	_, _ = rand.Read(random) // never fails (crypto/rand)
	return hex.EncodeToString(random)
}
