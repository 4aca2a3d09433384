package admin

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"gatehouse/errors"
	"gatehouse/identity/registry"
	"gatehouse/server/ratelimit"
)

// refusalsPerMinute is how many refusals of one actor get into the audit trail.
// Anybody with an account can be refused as often as they like, and what is in
// there stays for long: of the ones beyond, the records of package explain tell.
const refusalsPerMinute = 60

// newRefusals counts by node: its Run, which would tell the others, is not called.
func newRefusals(d Deps) *ratelimit.Limiter {
	return ratelimit.New(ratelimit.Deps{Store: d.Counters, Now: d.Now, Log: d.Log}, ratelimit.Config{PerMinute: refusalsPerMinute})
}

// refused puts a refusal into the audit trail: that of a change, and that of
// anything which the caller may not do. A fault of our own refuses nothing.
func (a *API) refused(c *call, r route, err error) {
	fault := errors.From(err)
	switch fault.Kind {
	case errors.KindInternal, errors.KindUnavailable:
		return
	case errors.KindDenied, errors.KindUnauthenticated:
	default:
		if !r.changes() {
			return
		}
	}
	if _, ok := a.refusals.Allow(registry.ActorOf(c.ctx).ID); !ok {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), 2*time.Second)
	defer cancel()
	if err := a.Registry.Refused(ctx, r.audit, c.subject(r), fault.Code.Identity().ID); err != nil {
		a.Log.WarnContext(ctx, "refusal not in the audit trail", slog.String("action", r.audit), slog.Any("error", err))
	}
}

// subject is what the call would have changed, as far as its path tells.
func (c *call) subject(r route) registry.Subject {
	kind, _, _ := strings.Cut(r.audit, ".")
	subject := registry.Subject{Type: kind}
	for _, name := range [2]string{"id", "name"} {
		if id := c.param(name); isSlug(id) { // which UUIDs are, too
			subject.ID = id
		}
	}
	return subject
}
