package permissions

import (
	"context"

	"gatehouse/errors"
	"gatehouse/identity"
)

// Asker is who asks: a user, or an application for itself.
type Asker struct {
	UserID    string // empty: an application asks
	ClientID  string
	Known     string   // what the asker is called beside ids and names, such as a pairwise sub; empty: nothing
	Consented bool     // a consent lets it ask: about its user alone, and at Products alone
	Products  []string // that the consent names
}

// Question asks whether a subject may do something.
type Question struct {
	Subject string // as Find takes it; empty: whoever asks
	Kind    Kind   // empty: any
	identity.Question
}

// Answer says whether a subject may do what was asked, and why.
type Answer struct {
	Subject  Subject
	Question identity.Question
	identity.Decision
	policy *identity.Policy
}

// Asks answers the questions of one asker, by what one source says.
type Asks struct {
	from    Source
	asker   Subject
	known   string
	ownOnly bool // it may not ask about others, whatever its permissions
	policy  *identity.Policy
	found   map[named]sought
}

type named struct {
	kind Kind
	sub  string
}

// sought is what became of looking for a subject.
type sought struct {
	subject  Subject
	own      bool // it is the asker, or a role that an application asks about
	withheld bool // it was not looked for: the asker may not know
	err      error
}

// By returns the questions of an asker. It returns errors.EnforcerUnusable when
// the policy cannot be read, and errors.SubjectNotFound when the asker is gone.
func By(ctx context.Context, from Source, asker Asker) (*Asks, error) {
	policy, err := from.Policy(ctx)
	if err != nil {
		return nil, unusable(err)
	}
	kind, name := User, asker.UserID
	if name == "" {
		kind, name = Application, asker.ClientID
	}
	self, err := find(ctx, from, kind, name)
	if err != nil {
		return nil, unusable(err)
	}
	if asker.Consented {
		self.Groups = policy.OfProducts(self.Groups, asker.Products)
	}
	return &Asks{from: from, asker: self, known: asker.Known, ownOnly: asker.Consented, policy: policy, found: make(map[named]sought)}, nil
}

// unusable is what an error of the source is to those who ask for a decision.
func unusable(err error) error {
	if errors.Is(err, errors.SubjectNotFound) {
		return err
	}
	return errors.EnforcerUnusable.Because(err)
}

// Policy is the policy by which the questions are answered.
func (a *Asks) Policy() *identity.Policy { return a.policy }

// MayAskAboutOthers says whether the asker may ask about more than itself, in a
// question for one product or (empty) for all: see identity.Policy.MayAskAboutOthers.
func (a *Asks) MayAskAboutOthers(product string) bool {
	return !a.ownOnly && !a.asker.Disabled && a.policy.MayAskAboutOthers(a.asker.Groups, product)
}

// Ask answers a question. It returns errors.AccessDenied when the asker may not
// ask about the subject, errors.SubjectNotFound when that is nobody, and
// errors.EnforcerUnusable when it cannot be read.
func (a *Asks) Ask(ctx context.Context, q Question) (Answer, error) {
	subject, err := a.Subject(ctx, q.Kind, q.Subject, q.Product)
	if err != nil {
		return Answer{}, err
	}
	return answerTo(a.policy, subject, q.Question), nil
}

// List returns what a subject may do, for one product if one is named: resources,
// and the actions for each, sorted. It returns what Ask returns.
func (a *Asks) List(ctx context.Context, sub, product string) (map[string][]string, error) {
	subject, err := a.Subject(ctx, "", sub, product)
	if err != nil {
		return nil, err
	}
	return permittedTo(a.policy, subject, product), nil
}

// Subject returns whom a subject names, of a kind if there is one, if the asker
// may ask about it for the product. It returns what Ask returns.
func (a *Asks) Subject(ctx context.Context, kind Kind, sub, product string) (Subject, error) {
	key := named{kind, sub}
	s, known := a.found[key]
	if !known || s.withheld && a.MayAskAboutOthers(product) {
		s = a.seek(ctx, kind, sub, product)
		a.found[key] = s
	}
	if !s.own && !a.MayAskAboutOthers(product) {
		return Subject{}, errNotAllowed
	}
	return s.subject, s.err
}

var errNotAllowed = errors.AccessDenied.On(map[string]string{"sub": "is not the token's own: permissions:get is needed to ask about others"})

// seek finds a subject. An application speaks for one role, that of its product's
// editors: if its token is asked about another role, it is asked about something
// that it has not, whatever else it may know. So a service that asks by a token
// it was shown, for a role of its own, lets in no other product's application. A
// role of a product that is not registered is nobody.
func (a *Asks) seek(ctx context.Context, kind Kind, sub, product string) (s sought) {
	if sub == "" && kind == "" {
		return sought{subject: a.asker, own: true}
	}
	kind, name := nameOf(kind, sub)
	if a.isSelf(kind, name) {
		return sought{subject: a.asker, own: true}
	}
	if a.asker.Kind == Application && (kind == Role || kind == "") {
		if group, isRole := roleGroup(kind, name); isRole {
			return a.role(name, group)
		}
	}
	if !a.MayAskAboutOthers(product) { // and need not learn who there is
		return sought{withheld: true}
	}
	if s.subject, s.err = find(ctx, a.from, kind, name); s.err != nil {
		s.err = unusable(s.err)
	}
	return s
}

// role is a role as an application has it.
func (a *Asks) role(name, group string) sought {
	role := Subject{Kind: Role, ID: name}
	switch {
	case !isThere(a.policy, group):
		return sought{own: true, err: errors.SubjectNotFound}
	case group == identity.EditorGroup(a.asker.Name):
		role.Groups, role.Disabled = []string{group}, a.asker.Disabled
	}
	return sought{subject: role, own: true}
}

// isSelf says whether a name is the asker's. An id comes before a username that
// looks like it.
func (a *Asks) isSelf(kind Kind, name string) bool {
	if kind != "" && kind != a.asker.Kind {
		return false
	}
	if id, ok := userID(name); ok {
		return id == a.asker.ID
	}
	if name == a.asker.ID || name != "" && name == a.known {
		return true
	}
	return a.asker.Kind == User && identity.UsernameKey(name) == identity.UsernameKey(a.asker.Name)
}
