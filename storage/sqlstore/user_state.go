package sqlstore

import (
	"fmt"
	"time"

	"gatehouse/identity"
)

// stateful says whether a query has conditions on how users stand, which no list
// is kept of.
func stateful(q identity.UserQuery) bool {
	return q.Disabled != nil || !q.FrozenAt.IsZero() || !q.SignedInBefore.IsZero() || !q.SignedInAfter.IsZero()
}

// stateConditions are those conditions, each with AND before it, and the arguments
// with theirs. They are put so that the partial indexes on users serve them.
func stateConditions(q identity.UserQuery, args []any) (conditions string, with []any) {
	compare := func(condition string, at time.Time) {
		if at.IsZero() {
			return
		}
		args = append(args, stamp(at))
		conditions += fmt.Sprintf(" AND "+condition+" $%d", len(args))
	}
	if q.Disabled != nil {
		conditions = " AND users.disabled"
		if !*q.Disabled {
			conditions = " AND NOT users.disabled"
		}
	}
	compare("users.frozen_until >", q.FrozenAt)
	compare("users.last_sign_in <", q.SignedInBefore)
	compare("users.last_sign_in >=", q.SignedInAfter)
	return conditions, args
}

// stands says whether a user meets those conditions.
func stands(user identity.User, q identity.UserQuery) bool {
	switch {
	case q.Disabled != nil && user.Disabled != *q.Disabled:
		return false
	case !q.FrozenAt.IsZero() && user.FrozenAt(q.FrozenAt).IsZero():
		return false
	case !q.SignedInBefore.IsZero() && (user.LastSignIn.IsZero() || !user.LastSignIn.Before(q.SignedInBefore)):
		return false
	}
	return q.SignedInAfter.IsZero() || !user.LastSignIn.IsZero() && !user.LastSignIn.Before(q.SignedInAfter)
}
