package logout

import (
	"context"
	"time"

	"gatehouse/errors"
	"gatehouse/storage"
)

// What comes of an attempt.
const (
	delivered = "delivered"
	failed    = "failed" // and is tried again
	givenUp   = "given up"
)

// pauses are the times between attempts; the last one again and again.
var pauses = [...]time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour}

// giveUpAfter is how long after the end of a session its application is told of it.
const giveUpAfter = 24 * time.Hour

// pauseAfter is the time until the next attempt, after so many before this one.
func pauseAfter(attempts int) time.Duration { return pauses[min(max(attempts, 0), len(pauses)-1)] }

// deliver makes one attempt and keeps what came of it. If that cannot be kept,
// the delivery is taken again.
func (s *Sender) deliver(ctx context.Context, d storage.Delivery) {
	log := s.Log.With("client", d.ClientID, "session", d.SessionID, "attempts", d.Attempts+1)
	result, err := s.attempt(ctx, d)
	next := s.Now().Add(pauseAfter(d.Attempts))
	if result == failed && next.After(d.CreatedAt.Add(giveUpAfter)) {
		result = givenUp
	}
	switch result {
	case delivered:
		log.DebugContext(ctx, "application told of the end of a session")
	case failed:
		log.WarnContext(ctx, "application not told of the end of a session, to be tried again", "at", next, "error", err)
	case givenUp:
		log.ErrorContext(ctx, "application not told of the end of a session", "error", err)
	}
	s.Told(result)
	if result == failed {
		err = s.Store.RetryDelivery(ctx, d.ID, next)
	} else {
		err = s.Store.EndDelivery(ctx, d.ID)
	}
	if err != nil {
		log.ErrorContext(ctx, "what came of telling an application is not kept", "result", result, "error", err)
	}
}

// attempt tells an application once, unless nobody has answered there a moment ago.
func (s *Sender) attempt(ctx context.Context, d storage.Delivery) (result string, err error) {
	token, err := s.token(ctx, d)
	switch {
	case errors.Is(err, errors.ApplicationNotFound):
		return givenUp, err
	case err != nil:
		return failed, err
	case s.quiet.is(d.URI, s.Now()):
		return failed, errQuiet
	}
	err = s.post(ctx, d.URI, token)
	var refused errRefused
	switch {
	case err == nil:
		return delivered, nil
	case !errors.As(err, &refused):
		s.quiet.found(d.URI, s.Now())
	}
	return failed, err
}
