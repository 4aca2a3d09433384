package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gatehouse/errors"
	"gatehouse/identity"
)

// order is what users can be sorted by.
type order struct {
	list   string
	column string // of users
}

// orders are identity.UserOrders.
var orders = map[string]order{
	"createdAt": {usersList, "id"},
	"username":  {usernameList, "username_key"},
	"email":     {emailList, "email_key"},
	"lastName":  {lastNameList, "last_name_order"},
}

// Users implements identity.Users. One condition, and any order without one,
// cost the same however much is found; several cost what the narrowest finds. Those
// on how users stand count what they find by an index.
func (s *Store) Users(ctx context.Context, q identity.UserQuery) ([]identity.User, int, error) {
	users, total, err := s.findUsers(ctx, q)
	if err != nil {
		return nil, 0, fmt.Errorf("list users: %w", err)
	}
	return users, total, nil
}

func (s *Store) findUsers(ctx context.Context, q identity.UserQuery) ([]identity.User, int, error) {
	for _, value := range []string{q.Prefix, q.Username, q.Email, q.Group} {
		if !storable(value) {
			return []identity.User{}, 0, nil
		}
	}
	name, backward := strings.CutPrefix(q.Sort, "-")
	by, ok := orders[name]
	if !ok && q.Sort != "" {
		return nil, 0, errors.New("users cannot be sorted by " + name)
	}
	prefix := fold(q.Prefix)
	switch {
	case q.Username != "" || q.Email != "":
		return s.exactUsers(ctx, q, prefix)
	case stateful(q):
		if !ok && prefix == "" {
			by = orders["createdAt"]
		}
		return s.selectUsers(ctx, selection{prefix: prefix, group: q.Group, by: by, backward: backward, page: q.Page, state: q})
	case prefix == "" && q.Group == "":
		if !ok {
			by = orders["createdAt"]
		}
		return s.listPage(ctx, span{list: s.dialect.listNamed(by.list)}, q.Page, backward)
	case prefix == "" && (!ok || by.list == usersList):
		return s.listPage(ctx, span{list: s.dialect.listNamed(memberList + q.Group)}, q.Page, backward)
	case q.Group == "" && !ok && len(prefix) <= maxKind:
		return s.listPage(ctx, s.dialect.prefixSpan(prefix), q.Page, false)
	default:
		return s.selectUsers(ctx, selection{prefix: prefix, group: q.Group, by: by, backward: backward, page: q.Page})
	}
}

// exactUsers returns the one user, if there is one, with the username or the
// address that is asked for and everything else.
func (s *Store) exactUsers(ctx context.Context, q identity.UserQuery, prefix string) ([]identity.User, int, error) {
	find, value := s.UserByUsername, q.Username
	if value == "" {
		find, value = s.UserByEmail, q.Email
	}
	user, err := find(ctx, value)
	if err != nil && !errors.Is(err, errors.UserNotFound) {
		return nil, 0, err
	}
	if err != nil || q.Email != "" && identity.EmailKey(user.Email) != identity.EmailKey(q.Email) ||
		q.Group != "" && !slices.Contains(user.Groups, q.Group) || !begins(user, prefix) || !stands(user, q) {
		return []identity.User{}, 0, nil
	}
	w := windowOf(q.Page, 1, false)
	return []identity.User{user}[w.from:w.to], 1, nil
}

// begins says whether a folded prefix finds a user.
func begins(user identity.User, prefix string) bool {
	return prefix == "" || slices.ContainsFunc(termsOf(user), func(t term) bool { return strings.HasPrefix(t.value, prefix) })
}
