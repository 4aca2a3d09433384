package registry

import (
	"context"
	"maps"
	"reflect"
	"sync"
	"time"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/storage"
)

// Subject is whom or what an audit event is about.
type Subject struct{ Type, ID, Name string }

// facts is what a subject is like, by the names of the API, secrets left out.
type facts map[string]any

// record appends an event to the audit trail in the context's transaction, with
// what differs between before and after (nil: there was none, or is none).
func (r *Registry) record(ctx context.Context, action string, subject Subject, before, after facts) error {
	event := r.event(ctx, action, subject)
	event.Before, event.After = differences(before, after)
	return r.recordAll(ctx, event)
}

func (r *Registry) recordAll(ctx context.Context, events ...storage.AuditEvent) error {
	if err := r.Store.AppendAudit(ctx, events...); err != nil {
		return err
	}
	if p, inside := ctx.Value(pendingKey{r}).(*pending); inside {
		p.events = append(p.events, events...)
	}
	return nil
}

// Refused appends the event that a change was refused with a code.
func (r *Registry) Refused(ctx context.Context, action string, subject Subject, code string) error {
	event := r.event(ctx, action, subject)
	event.Code = code
	if err := r.Store.AppendAudit(ctx, event); err != nil {
		return err
	}
	r.Emit(event)
	return nil
}

func (r *Registry) event(ctx context.Context, action string, subject Subject) storage.AuditEvent {
	actor, now := ActorOf(ctx), r.now()
	return storage.AuditEvent{
		ID: storage.NewID(r.moments.next(now)), At: now, ExpiresAt: now.Add(r.AuditRetention),
		ActorType: actor.Type, ActorID: actor.ID, ActorName: actor.Name,
		Action: action, SubjectType: subject.Type, SubjectID: subject.ID, SubjectName: subject.Name,
		Address: actor.Address, RequestID: actor.RequestID,
	}
}

// SignInEvent is the event that a user has proved who they are. Whoever stores the
// sign-in stores it in the same transaction, and gives it to Emit afterwards.
func (r *Registry) SignInEvent(ctx context.Context, user identity.User, address, requestID string, after map[string]any) storage.AuditEvent {
	event := r.event(WithActor(ctx, self(user, address, requestID)), signIn, subjectOf(user))
	event.After = after
	return event
}

// SignInRefused appends the event that a user has proved who they are, and was
// refused all the same.
func (r *Registry) SignInRefused(ctx context.Context, user identity.User, address, requestID string, code errors.Code) error {
	return r.Refused(WithActor(ctx, self(user, address, requestID)), signIn, subjectOf(user), code.ID)
}

const signIn = "user.sign-in"

// self is a user who signs in.
func self(user identity.User, address, requestID string) Actor {
	return Actor{Type: ActorUser, ID: user.ID, Name: user.Username, Address: address, RequestID: requestID}
}

// differences leaves out what is the same before and after.
func differences(before, after facts) (map[string]any, map[string]any) {
	if before == nil || after == nil {
		return before, after
	}
	was, is := maps.Clone(before), maps.Clone(after)
	for name, value := range before {
		if now, ok := after[name]; ok && reflect.DeepEqual(value, now) {
			delete(was, name)
			delete(is, name)
		}
	}
	return was, is
}

// moments are when events happened, none of them twice, so that the ids that are
// made of them are in the order of the events.
type moments struct {
	mu   sync.Mutex
	last time.Time
}

// next returns the first moment from now on that nothing has happened in. A
// clock that was turned back by more than a little counts for itself.
func (m *moments) next(now time.Time) time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !now.After(m.last) && m.last.Sub(now) < time.Second {
		now = m.last.Add(time.Microsecond)
	}
	m.last = now
	return now
}
