package throttle

import (
	"context"
	"fmt"
	"time"

	"gatehouse/server/explain"
	"gatehouse/server/quota"
	"gatehouse/server/web"
)

// remembered is how long after its freeze a row of failures is there: until the next
// cleanup, at the latest.
const remembered = 10 * time.Minute

// hold makes room for the rows in which a failure of the attempt would be counted, and
// returns the keys of those that are new. It returns errors.TooManyRequests where the
// network of who asks has as many as it may: what cannot be counted is not answered.
// A confidential application is never refused, for its users share what it may have.
func (g *Guard) hold(ctx context.Context, a Attempt, c counts) ([]string, error) {
	held, giveWay, err := g.failures.Hold(c.keys(), a.givers(c))
	if err != nil {
		web.Trail(ctx).Fail(explain.RateLimit, "too many failures to remember", "fewer")
		return nil, err
	}
	if len(giveWay) > 0 {
		if failed := g.Store.ClearFailures(ctx, giveWay); failed != nil {
			g.failures.Release(held)
			return nil, fmt.Errorf("clear failures: %w", failed)
		}
	}
	return held, nil
}

// keys are those that a failure is counted under.
func (c counts) keys() []string {
	var keys []string
	for _, one := range append(c.own, c.slow, c.shared) {
		if one.key != "" && one.limit > 0 {
			keys = append(keys, one.key)
		}
	}
	return keys
}

// givers are who answers for the rows.
func (a Attempt) givers(c counts) []quota.Giver {
	switch {
	case c.device != "":
		return quota.User(c.device)
	case c.session:
		return quota.User(a.Session)
	case a.Client != "":
		return quota.Application(a.Client)
	}
	return quota.Stranger(a.Address)
}
