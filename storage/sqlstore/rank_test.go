package sqlstore_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/storage/sqlstore"
	"gatehouse/storage/storagetest"
)

// small opens a database whose lists are split early.
func small(t *testing.T, database storagetest.Database) *sqlstore.Store {
	t.Helper()
	s := database.Open(t)
	s.SetBlock(3)
	return s
}

// checkRanks fails the test if a list does not count what is there.
func checkRanks(ctx context.Context, t interface{ Fatal(args ...any) }, s *sqlstore.Store) (blocks int) {
	blocks, _, err := s.CheckRanks(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return blocks
}

// Whatever is done to users and groups, in whatever order, lists count what is
// there and queries find what a plain model finds.
func TestRanksModel(t *testing.T) {
	t.Parallel()
	for _, database := range storagetest.Databases() {
		t.Run(database.Name, func(t *testing.T) {
			t.Parallel()
			s := small(t, database)
			rapid.Check(t, func(rt *rapid.T) {
				m := &model{t: rt, ctx: t.Context(), s: s, users: make(map[string]identity.User), groups: make(map[string]bool)}
				defer m.clear()
				rt.Repeat(rapid.StateMachineActions(m))
			})
		})
	}
}

type model struct {
	t      *rapid.T
	ctx    context.Context
	s      *sqlstore.Store
	users  map[string]identity.User // by id
	groups map[string]bool
}

var names = rapid.SampledFrom([]string{"", "a", "ab", "abc", "abd", "Ab", "b", "ba", "é", "e\u0301", "ÿ", "\U0010FFFF"})

func (m *model) must(err error) {
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *model) someGroups(t *rapid.T) []string {
	ids := slices.Sorted(maps.Keys(m.groups))
	return slices.DeleteFunc(ids, func(string) bool { return rapid.Bool().Draw(t, "without") })
}

func (m *model) someUser(t *rapid.T) identity.User {
	if len(m.users) == 0 {
		t.Skip("nobody")
	}
	return m.users[rapid.SampledFrom(slices.Sorted(maps.Keys(m.users))).Draw(t, "user")]
}

func (m *model) someGroup(t *rapid.T) string {
	return rapid.SampledFrom(append(slices.Sorted(maps.Keys(m.groups)), "none")).Draw(t, "group")
}

func (m *model) rename(t *rapid.T, u identity.User) identity.User {
	u.Username = fmt.Sprintf("%s%d", rapid.SampledFrom([]string{"a", "ab", "B"}).Draw(t, "username"), rapid.IntRange(0, 99).Draw(t, "number"))
	u.Email = u.Username + rapid.SampledFrom([]string{"", "@x", "b@x"}).Draw(t, "address")
	u.FirstName, u.LastName = names.Draw(t, "first name"), names.Draw(t, "last name")
	u.Groups = m.someGroups(t)
	return u
}

// free says whether nobody else has a user's names.
func (m *model) free(u identity.User) bool {
	for _, other := range m.users {
		if other.ID != u.ID && (strings.EqualFold(other.Username, u.Username) || strings.EqualFold(other.Email, u.Email)) {
			return false
		}
	}
	return true
}

func (m *model) CreateUsers(t *rapid.T) {
	var users []identity.User
	free, names := true, make(map[string]bool)
	for range rapid.IntRange(1, 6).Draw(t, "users") {
		u := m.rename(t, identity.User{ID: uuid.Must(uuid.NewV7()).String(), CreatedAt: time.Now(), UpdatedAt: time.Now(), Version: 1})
		name, address := strings.ToLower(u.Username), strings.ToLower("@"+u.Email)
		if names[name] || names[address] {
			continue
		}
		names[name], names[address] = true, true
		free = free && m.free(u)
		users = append(users, u)
	}
	err := m.s.CreateUsers(m.ctx, users)
	if free != (err == nil) || err != nil && !errors.Is(err, errors.Conflict) {
		t.Fatalf("CreateUsers() = %v, names are free: %t", err, free)
	}
	if err == nil {
		for _, u := range users {
			m.users[u.ID] = u
		}
	}
}

func (m *model) UpdateUser(t *rapid.T) {
	u := m.rename(t, m.someUser(t))
	err := m.s.UpdateUser(m.ctx, u)
	if free := m.free(u); free != (err == nil) || err != nil && !errors.Is(err, errors.Conflict) {
		t.Fatalf("UpdateUser() = %v, names are free: %t", err, free)
	}
	if err == nil {
		m.users[u.ID] = u
	}
}

func (m *model) DeleteUser(t *rapid.T) {
	u := m.someUser(t)
	m.must(m.s.DeleteUser(m.ctx, u.ID, time.Now()))
	delete(m.users, u.ID)
}

func (m *model) CreateGroup(t *rapid.T) {
	id := rapid.SampledFrom([]string{"g1", "g2", "g3"}).Draw(t, "group")
	err := m.s.CreateGroup(m.ctx, identity.Group{ID: id, CreatedAt: time.Now()})
	if m.groups[id] != errors.Is(err, errors.Conflict) {
		t.Fatalf("CreateGroup() = %v, it is there: %t", err, m.groups[id])
	}
	m.groups[id] = true
}

func (m *model) DeleteGroup(t *rapid.T) {
	id := m.someGroup(t)
	err := m.s.DeleteGroup(m.ctx, id, time.Now())
	if m.groups[id] == errors.Is(err, errors.GroupNotFound) {
		t.Fatalf("DeleteGroup() = %v, it is there: %t", err, m.groups[id])
	}
	delete(m.groups, id)
	for key, u := range m.users {
		u.Groups = slices.DeleteFunc(slices.Clone(u.Groups), func(group string) bool { return group == id })
		m.users[key] = u
	}
}

func (m *model) AddMember(t *rapid.T) {
	u, id := m.someUser(t), m.someGroup(t)
	err := m.s.AddMember(m.ctx, id, u.ID, time.Now())
	switch {
	case !m.groups[id]:
		if !errors.Is(err, errors.GroupNotFound) {
			t.Fatalf("AddMember() = %v, want GroupNotFound", err)
		}
	case slices.Contains(u.Groups, id):
		if !errors.Is(err, errors.Conflict) {
			t.Fatalf("AddMember() again = %v, want Conflict", err)
		}
	default:
		m.must(err)
		u.Groups = append(slices.Clone(u.Groups), id)
		m.users[u.ID] = u
	}
}

func (m *model) RemoveMember(t *rapid.T) {
	u, id := m.someUser(t), m.someGroup(t)
	err := m.s.RemoveMember(m.ctx, id, u.ID, time.Now())
	if is := slices.Contains(u.Groups, id); is != (err == nil) || err != nil && !errors.Is(err, errors.MembershipNotFound) {
		t.Fatalf("RemoveMember() = %v, it is one: %t", err, is)
	}
	u.Groups = slices.DeleteFunc(slices.Clone(u.Groups), func(group string) bool { return group == id })
	m.users[u.ID] = u
}

// Swap does several things in one transaction, which fails or not.
func (m *model) Swap(t *rapid.T) {
	u, fails := m.someUser(t), rapid.Bool().Draw(t, "fails")
	failed := errors.New("failed")
	err := m.s.InTx(m.ctx, func(ctx context.Context) error {
		again := u
		again.ID = uuid.Must(uuid.NewV7()).String()
		m.must(m.s.DeleteUser(ctx, u.ID, time.Now()))
		m.must(m.s.CreateUser(ctx, again))
		if fails {
			return failed
		}
		delete(m.users, u.ID)
		m.users[again.ID] = again
		return nil
	})
	if fails != errors.Is(err, failed) {
		t.Fatalf("InTx() = %v, want it to fail: %t", err, fails)
	}
}

// Check compares what a query finds with what the model does.
func (m *model) Check(t *rapid.T) {
	const limit = 4
	prefix := rapid.SampledFrom([]string{"", "a", "ab", "é", "ÿ"}).Draw(t, "prefix")
	group := rapid.SampledFrom([]string{"", "g1"}).Draw(t, "of group")
	want := m.find(prefix, group)
	number := rapid.IntRange(1, len(want)/limit+1).Draw(t, "page")
	q := identity.UserQuery{Prefix: prefix, Group: group, Sort: "createdAt", Page: identity.Page{Number: number, Limit: limit}}
	users, total, err := m.s.Users(m.ctx, q)
	m.must(err)
	var got []string
	for _, u := range users {
		got = append(got, u.ID)
	}
	q.Sort = ""
	_, byTerm, err := m.s.Users(m.ctx, q)
	m.must(err)
	page := want[(number-1)*limit : min(number*limit, len(want))]
	if !slices.Equal(got, page) || total != len(want) || byTerm != len(want) {
		t.Fatalf("Users(%+v) = %v of %d and %d, want %v of %d", q, got, total, byTerm, page, len(want))
	}
}

// CountAgain compares the ranks with what is there.
func (m *model) CountAgain(t *rapid.T) { checkRanks(m.ctx, t, m.s) }

func (m *model) find(prefix, group string) []string {
	var ids []string
	for id, u := range m.users {
		matches := prefix == ""
		for _, value := range []string{u.Username, u.Email, u.FirstName, u.LastName} {
			value = strings.ToLower(strings.ReplaceAll(value, "e\u0301", "é"))
			matches = matches || strings.HasPrefix(value, prefix)
		}
		if matches && (group == "" || slices.Contains(u.Groups, group)) {
			ids = append(ids, id)
		}
	}
	return slices.Sorted(slices.Values(ids))
}

// clear leaves an empty store to the next round.
func (m *model) clear() {
	checkRanks(m.ctx, m.t, m.s)
	for id := range m.users {
		m.must(m.s.DeleteUser(m.ctx, id, time.Now()))
	}
	for id := range m.groups {
		m.must(m.s.DeleteGroup(m.ctx, id, time.Now()))
	}
	if blocks := checkRanks(m.ctx, m.t, m.s); blocks != 0 {
		m.t.Fatalf("%d blocks of nothing", blocks)
	}
}

// Writers of the same and of other users, and of groups that come and go, leave
// lists that count what is there.
func TestRanksRace(t *testing.T) {
	t.Parallel()
	for _, database := range storagetest.Databases() {
		t.Run(database.Name, func(t *testing.T) {
			t.Parallel()
			s := small(t, database)
			ctx, now := t.Context(), time.Now()
			var shared []string
			for i := range 4 {
				u := identity.User{ID: uuid.Must(uuid.NewV7()).String(), Username: fmt.Sprint("shared", i), Email: fmt.Sprint("s", i)}
				shared = append(shared, u.ID)
				if err := s.CreateUser(ctx, u); err != nil {
					t.Fatal(err)
				}
			}
			var writers sync.WaitGroup
			for w := range 16 {
				writers.Go(func() {
					for i := range 12 {
						if err := disturb(ctx, s, w, i, shared[(w+i)%len(shared)], now); err != nil {
							t.Errorf("writer %d: %v", w, err)
							return
						}
					}
				})
			}
			writers.Wait()
			if blocks := checkRanks(ctx, t, s); blocks < 20 {
				t.Errorf("only %d blocks", blocks)
			}
		})
	}
}

// disturb does one of the things that change lists. That what it wants is there
// or not there any more is no error, and neither is that a deadlock was broken.
func disturb(ctx context.Context, s *sqlstore.Store, w, i int, shared string, now time.Time) error {
	group := fmt.Sprint("g", i%3)
	own := identity.User{ID: uuid.Must(uuid.NewV7()).String(), Username: fmt.Sprintf("w%d-%d", w, i), Email: fmt.Sprintf("%d@%d", i, w)}
	var err error
	switch (w + i) % 6 {
	case 0:
		err = s.CreateGroup(ctx, identity.Group{ID: group, CreatedAt: now})
	case 1:
		own.Groups = []string{group}
		err = s.CreateUsers(ctx, []identity.User{own})
	case 2:
		err = s.AddMember(ctx, group, shared, now)
	case 3:
		err = s.RemoveMember(ctx, group, shared, now)
	case 4:
		err = s.InTx(ctx, func(ctx context.Context) error {
			u, err := s.UserToChange(ctx, shared)
			if err != nil {
				return err
			}
			u.FirstName, u.Groups = fmt.Sprint("name", i), nil
			return s.UpdateUser(ctx, u)
		})
	case 5:
		if err = s.CreateUser(ctx, own); err == nil && i%2 == 0 {
			err = s.DeleteUser(ctx, own.ID, now)
		}
		if w%4 == 0 {
			err = errors.Join(err, s.DeleteGroup(ctx, group, now))
		}
	}
	for _, expected := range []error{errors.Conflict, errors.GroupNotFound, errors.MembershipNotFound, errors.Unavailable} {
		if errors.Is(err, expected) {
			return nil
		}
	}
	return err
}
