package permissions

import (
	"context"

	"gatehouse/identity"
)

// Decide answers a question about anybody, whom its subject must name, for those
// who may know everything: whoever has the database. It returns
// errors.SubjectNotFound when the subject is nobody.
func Decide(ctx context.Context, from Source, q Question) (Answer, error) {
	policy, subject, err := known(ctx, from, q.Kind, q.Subject)
	if err != nil {
		return Answer{}, err
	}
	return answerTo(policy, subject, q.Question), nil
}

// List returns what anybody may do, as Asks.List does, for those who may know
// everything. It returns errors.SubjectNotFound when the subject is nobody.
func List(ctx context.Context, from Source, sub, product string) (map[string][]string, error) {
	policy, subject, err := known(ctx, from, "", sub)
	if err != nil {
		return nil, err
	}
	return permittedTo(policy, subject, product), nil
}

func known(ctx context.Context, from Source, kind Kind, sub string) (*identity.Policy, Subject, error) {
	kind, name := nameOf(kind, sub)
	subject, err := find(ctx, from, kind, name)
	if err != nil {
		return nil, Subject{}, err
	}
	policy, err := from.Policy(ctx)
	return policy, subject, err
}

func answerTo(policy *identity.Policy, subject Subject, q identity.Question) Answer {
	answer := Answer{Subject: subject, Question: q, policy: policy}
	if !subject.Disabled {
		answer.Decision = policy.Decide(subject.Groups, q)
	}
	return answer
}

func permittedTo(policy *identity.Policy, subject Subject, product string) map[string][]string {
	if subject.Disabled {
		return map[string][]string{}
	}
	return policy.Permissions(subject.Groups, product)
}
