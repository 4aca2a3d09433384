package oauth2

import (
	"bytes"
	"context"
	"fmt"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/registry"
	"gatehouse/server/explain"
	"gatehouse/server/web"
	"gatehouse/storage"
)

// Auditor keeps audit events: see registry.Registry.
type Auditor interface {
	InTx(ctx context.Context, f func(ctx context.Context) error) error
	Note(ctx context.Context, action string, subject registry.Subject, after map[string]any) error
}

// justSpent says whether the token shown is the one spent last, and was so lately
// when it was shown that the answer may have been lost on the way.
func (h *Handler) justSpent(s *refreshState) bool {
	return bytes.Equal(s.token.hash(), s.row.Refresh.SpentHash) &&
		s.shownAt.Before(s.row.Refresh.SpentAt.Add(h.config.RefreshGrace))
}

// mayRepeat says whether the token shown was just spent, by who may be the same client.
func (h *Handler) mayRepeat(app *identity.Application, s *refreshState) bool {
	return h.justSpent(s) && s.sameClient(app)
}

// sameClient says whether the client may be the one that spent the token. A
// confidential client has proved that it is. Of a public one nothing is known but
// where it asks from: the same address, or the same network with the same user agent.
func (s *refreshState) sameClient(app *identity.Application) bool {
	spender := s.spender()
	return !app.Public || sameAddress(spender.Address, s.from.Address) ||
		sameUserAgent(spender.UserAgent, s.from.UserAgent) && web.SameNetwork(spender.Address, s.from.Address)
}

// spender is where the token was spent last. An earlier release did not keep that:
// then it is where the sign-in came from.
func (s *refreshState) spender() storage.Origin {
	if spender := s.row.Refresh.SpentFrom; len(spender.UserAgent) > 0 {
		return spender
	}
	return storage.NewOrigin(s.row.Address, s.row.UserAgent)
}

// sameAddress says whether two addresses are one subscriber's. What is not known is
// not the same, here and for user agents.
func sameAddress(a, b string) bool { return a != "" && web.AddressKey(a) == web.AddressKey(b) }

func sameUserAgent(a, b []byte) bool {
	none := storage.NewOrigin("", "").UserAgent
	return bytes.Equal(a, b) && !bytes.Equal(a, none)
}

// repeated returns the successor of a token that was just spent.
func (h *Handler) repeated(ctx context.Context, app *identity.Application, s *refreshState) (string, error) {
	switch {
	case !s.row.EndedAt.IsZero():
		return "", errors.InvalidRefreshToken.Because(errors.New("its session has ended"))
	case !h.mayRepeat(app, s):
		return "", h.reused(ctx, app, s)
	}
	if !sameAddress(s.spender().Address, s.from.Address) {
		note := func(ctx context.Context) error { return h.note(ctx, "session.refresh-repeat", app, s) }
		if err := h.Audit.InTx(s.actor(ctx, app), note); err != nil {
			return "", err
		}
	}
	return s.token.open(s.row.Refresh.Successor)
}

// errMadeUp is why a token is refused that names a session and was never issued.
var errMadeUp = errors.New("nobody was given it")

// reused refuses a token that is neither live nor repeatable. If it was ever
// issued, then two parties hold the session's tokens and nobody can tell which
// of them is the thief: the session ends (RFC 9700 §4.14.2).
func (h *Handler) reused(ctx context.Context, app *identity.Application, s *refreshState) error {
	t := web.Trail(ctx)
	if !s.token.genuine(h.Master) {
		t.FailToken(explain.RefreshGenuine, s.token.Text, "", "")
		return errors.InvalidRefreshToken.Because(errMadeUp)
	}
	t.Pass(explain.RefreshGenuine)
	s.noteReuse(t, h.justSpent(s))
	err := h.Audit.InTx(s.actor(ctx, app), func(ctx context.Context) error {
		ended, err := h.endLiveSession(ctx, s.row.ID)
		if err != nil || !ended {
			return err
		}
		return h.note(ctx, "session.refresh-reuse", app, s)
	})
	if err != nil {
		return err
	}
	h.Log.WarnContext(ctx, "refresh token reused, session ended",
		"session", s.row.ID, "user", s.row.UserID, "client", s.row.ClientID,
		"generation", s.token.Generation, "live_generation", s.row.Refresh.Generation)
	return errors.InvalidRefreshToken.Because(errors.New("it was spent before"))
}

// noteReuse notes why a spent token is not repeatable.
func (s *refreshState) noteReuse(t *explain.Trail, justSpent bool) {
	if justSpent {
		t.Pass(explain.RefreshNotSpent)
		t.FailToken(explain.RefreshSameClient, s.token.Text, "from "+s.from.Address, "from "+s.spender().Address+"; the session ends now")
		return
	}
	t.FailToken(explain.RefreshNotSpent, s.token.Text, fmt.Sprintf("generation %d", s.token.Generation),
		fmt.Sprintf("generation %d, since %s; the session ends now", s.row.Refresh.Generation, explain.At(s.row.Refresh.SpentAt)))
}

// actor is a context in which the client that showed the token acts.
func (s *refreshState) actor(ctx context.Context, app *identity.Application) context.Context {
	return registry.WithActor(ctx, registry.Actor{
		Type: registry.ActorApplication, ID: app.ClientID, Name: app.Name, Address: s.from.Address, RequestID: web.RequestID(ctx),
	})
}

// note appends an event about the user whose refresh token was shown twice.
func (h *Handler) note(ctx context.Context, action string, app *identity.Application, s *refreshState) error {
	subject := registry.Subject{Type: "user", ID: s.row.UserID}
	if user, err := h.Directory.User(ctx, s.row.UserID); err == nil {
		subject.Name = user.Username
	}
	return h.Audit.Note(ctx, action, subject, map[string]any{
		"session": s.row.ID, "application": app.ClientID,
		"address": s.from.Address, "spentFrom": s.spender().Address, "spentAt": s.row.Refresh.SpentAt,
	})
}
