package main

import (
	"context"
	"time"

	"gatehouse/identity"
	"gatehouse/identity/bootstrap"
	"gatehouse/identity/permissions"
	"gatehouse/identity/wire"
)

func (l local) stored() permissions.Stored { return permissions.Stored{Store: l.store} }

func (l local) decide(ctx context.Context, q permissions.Question) (wire.Decision, error) {
	answer, err := permissions.Decide(ctx, l.stored(), q)
	if err != nil {
		return wire.Decision{}, err
	}
	now := time.Now().UTC().Truncate(time.Millisecond) // as the API has it
	return wire.Decision{Authorized: answer.Allowed, Timestamp: now, Reason: wire.ReasonOf(answer)}, nil
}

func (l local) permitted(ctx context.Context, sub, product string) (map[string][]string, error) {
	return permissions.List(ctx, l.stored(), sub, product)
}

func (l local) whoCan(ctx context.Context, q identity.Question, most int) (wire.Able, error) {
	policy, err := l.policy(ctx)
	if err != nil {
		return wire.Able{}, err
	}
	able, err := permissions.WhoCan(ctx, policy, l.store, q, most)
	return wire.FromAble(able), err
}

func (l local) simulate(ctx context.Context, before *identity.Policy, p permissions.Proposal) (wire.Simulation, error) {
	simulation, err := permissions.Simulate(ctx, before, l.store, p)
	return wire.FromSimulation(simulation), err
}

func (l local) present() bootstrap.Present { return l.store }
