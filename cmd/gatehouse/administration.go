package main

import (
	"context"

	"github.com/spf13/cobra"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/bootstrap"
	"gatehouse/identity/permissions"
	"gatehouse/identity/registry"
	"gatehouse/identity/wire"
	"gatehouse/server/audit"
	refused "gatehouse/server/explain"
	"gatehouse/storage"
)

// administration is where commands administer identities: the database, or the
// API of a running server. Both keep the same rules, take and return what the
// API's JSON holds, and refuse with the same codes.
type administration interface {
	users() collection[wire.User]
	groups() collection[wire.Group]
	applications() collection[wire.Application]
	products() collection[wire.Product]

	resetPassword(ctx context.Context, userID, password string) error
	unlock(ctx context.Context, userID string) error
	sessions(ctx context.Context, userID string) ([]wire.Session, error)
	endSession(ctx context.Context, userID, sessionID string) error
	endSessions(ctx context.Context, userID string) error
	addMember(ctx context.Context, groupID, userID string) error
	removeMember(ctx context.Context, groupID, userID string) error
	addApplication(ctx context.Context, groupID, applicationID string) error
	removeApplication(ctx context.Context, groupID, applicationID string) error
	// rotateSecret takes the body of POST /v1/applications/{id}/rotate-secret.
	rotateSecret(ctx context.Context, applicationID string, body map[string]any) (versioned[wire.Application], error)
	// refusals returns why requests with an id were refused, the last one first,
	// or errors.RefusalNotFound.
	refusals(ctx context.Context, requestID string) ([]refused.Explanation, error)
	// auditEvents returns a page of the audit trail.
	auditEvents(ctx context.Context, q storage.AuditQuery) (audit.Page, error)

	// decide answers a question about somebody, with the reason.
	decide(ctx context.Context, q permissions.Question) (wire.Decision, error)
	// permitted returns what somebody may do: resources, and the actions for each.
	permitted(ctx context.Context, sub, product string) (map[string][]string, error)
	// whoCan returns all who may do something, at most so many users by name.
	whoCan(ctx context.Context, q identity.Question, most int) (wire.Able, error)
	// simulate returns what a proposal flips of what is answered by a policy, which
	// is that of now.
	simulate(ctx context.Context, before *identity.Policy, p permissions.Proposal) (wire.Simulation, error)
	// present is what files are compared with.
	present() bootstrap.Present
}

// collection is all there is of one kind. Bodies are those of the API.
type collection[T any] interface {
	// list returns one page of what a query finds; of the query, all but the page
	// is for users alone.
	list(ctx context.Context, query identity.UserQuery) (listing[T], error)
	// find returns the id of the one that has the id or the name.
	find(ctx context.Context, name string) (id string, err error)
	read(ctx context.Context, id string) (versioned[T], error)
	create(ctx context.Context, body map[string]any) (versioned[T], error)
	update(ctx context.Context, id string, body map[string]any, versions registry.Versions) (versioned[T], error)
	remove(ctx context.Context, id string, versions registry.Versions) error
}

// administer makes a command of work on identities, in the database or, with
// --server, over the API.
func (c *cli) administer(cmd *cobra.Command, work func(ctx context.Context, a administration, args []string) error) *cobra.Command {
	var at remoteFlags
	at.add(cmd)
	c.storeFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if at.server == "" {
			return blame(c.withStore(func(ctx context.Context, d *database, args []string) error {
				return work(asCommand(ctx), local{d}, args)
			})(cmd, args))
		}
		if cmd.Flags().Changed("data-dir") || cmd.Flags().Changed("config") {
			return misused("--server asks a running server: leave out --data-dir and --config")
		}
		r, err := at.dial(c.environ)
		if err != nil {
			return err
		}
		return blame(work(cmd.Context(), r, args))
	}
	return cmd
}

// blame says of an error whether the command line is at fault: what it says is
// incomplete or malformed, and would be whatever there is.
func blame(err error) error {
	var code errors.Code
	if !errors.As(err, &code) || code.Kind != errors.KindInvalid {
		return err
	}
	switch code {
	case errors.WeakPassword, errors.InvalidApplicationName, errors.UnusablePasswordHash:
		return err
	}
	return usageError{err}
}
