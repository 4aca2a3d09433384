package storagetest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"gatehouse/identity"
)

func testSearch(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	c := newCrowd(t, s, 300)
	for name, test := range map[string]func(t *testing.T, s Store, c *crowd){
		"every filter and order, page by page": testSearchPages,
		"how users stand, with all else":       testSearchStates,
		"every prefix finds whom it should":    testSearchPrefixes,
		"prefixes at the edges of Unicode":     testSearchEdges,
		"pages that cannot be":                 testSearchPagesOutside,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, s, c)
		})
	}
}

// crowd is a store's users and what queries should find among them.
type crowd struct {
	users  []identity.User // in order of creation
	groups []string
}

// names that differ in case, width, composition, length and script.
var searchNames = []string{
	"Ada", "ADA", "ada", "Adam", "Élodie", "E\u0301lodie", "\uff21da", "\ufb01sh", "fish", "ΟΔΟΣ", "οδος", "Straße",
	"łukasz", "Łukasz", "李", "李小龍", "한국", "नमस्ते", "🗝️ keys", "%", "_", "a%b", "a_b", "a\\b", "a\x01b", "\u00ff", "\u00ff\u00ff",
	"\U0010FFFF", "\U0010FFFF\U0010FFFF", "\ud7ff", "\ue000", "O'Neil", "van der Berg", "", "Ada Lovelace",
	strings.Repeat("x", 300), strings.Repeat("x", 300) + "y", strings.Repeat("ö", 200),
}

func newCrowd(t *testing.T, s Store, n int) *crowd {
	t.Helper()
	c := &crowd{groups: []string{"all-group", "some-group", "few-group"}}
	for _, id := range c.groups {
		noError(t, s.CreateGroup(t.Context(), identity.Group{ID: id, CreatedAt: now, UpdatedAt: now, Version: 1}))
	}
	for i := range n {
		id := newID()
		u := identity.User{
			ID: id, Username: fmt.Sprintf("%s%d", []string{"user", "User", "ada", "x_"}[i%4], i*7919%n), Email: fmt.Sprintf("e%d@Example.com", i*31%n),
			FirstName: searchNames[i%len(searchNames)], LastName: searchNames[i*17%len(searchNames)],
			CreatedAt: kept(now), UpdatedAt: kept(now), Version: 1,
		}
		switch i % 5 { // terms that repeat or begin with one another
		case 1:
			u.Email = u.Username + "@example.com"
		case 2:
			u.FirstName = u.Username
		case 3:
			u.LastName = u.FirstName + "son"
		}
		u.Disabled = i%7 == 0
		if i%4 > 0 {
			u.LastSignIn = kept(now.AddDate(0, 0, -i%30))
		}
		if i%6 == 0 {
			u.FrozenUntil = kept(now.Add(time.Duration(i%18-6) * time.Minute))
		}
		u.Groups = []string{"all-group"}
		if i%3 == 0 {
			u.Groups = append(u.Groups, "some-group")
		}
		if i%50 == 0 {
			u.Groups = []string{"all-group", "few-group"}
		}
		c.users = append(c.users, u)
	}
	noError(t, s.CreateUsers(t.Context(), c.users[:n/2]))
	for _, u := range c.users[n/2:] {
		noError(t, s.CreateUser(t.Context(), u))
	}
	return c
}

func searched(value string) string {
	return strings.ToLower(strings.ToUpper(norm.NFKC.String(value)))
}

// find is what a query should find, all pages of it: the usernames.
func (c *crowd) find(q identity.UserQuery) []string {
	type found struct{ key, id, username string }
	var all []found
	prefix := strings.ReplaceAll(searched(q.Prefix), "\x01", " ")
	name, backward := strings.CutPrefix(q.Sort, "-")
	for _, u := range c.users {
		f := found{id: u.ID, username: u.Username}
		matches := prefix == ""
		for _, value := range []string{u.Username, u.Email, u.FirstName, u.LastName} {
			value = strings.ReplaceAll(searched(value), "\x01", " ")
			if prefix != "" && strings.HasPrefix(value, prefix) && (!matches || value < f.key) {
				f.key, matches = value, true
			}
		}
		if !matches || q.Group != "" && !slices.Contains(u.Groups, q.Group) ||
			q.Username != "" && !strings.EqualFold(q.Username, u.Username) || q.Email != "" && !strings.EqualFold(q.Email, u.Email) {
			continue
		}
		if q.Disabled != nil && u.Disabled != *q.Disabled || !q.FrozenAt.IsZero() && !u.FrozenUntil.After(q.FrozenAt) ||
			!q.SignedInBefore.IsZero() && (u.LastSignIn.IsZero() || !u.LastSignIn.Before(q.SignedInBefore)) ||
			!q.SignedInAfter.IsZero() && u.LastSignIn.Before(q.SignedInAfter) {
			continue
		}
		switch name {
		case "createdAt":
			f.key = ""
		case "username":
			f.key = strings.ToLower(u.Username)
		case "email":
			f.key = strings.ToLower(u.Email)
		case "lastName":
			f.key = strings.ReplaceAll(searched(u.LastName), "\x01", " ")
		}
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b found) int { return cmp.Or(strings.Compare(a.key, b.key), strings.Compare(a.id, b.id)) })
	if backward {
		slices.Reverse(all)
	}
	usernames := []string{}
	for _, f := range all {
		usernames = append(usernames, f.username)
	}
	return usernames
}

// check compares all pages of a query with what it should find.
func (c *crowd) check(ctx context.Context, t *testing.T, s Store, q identity.UserQuery) {
	t.Helper()
	want := c.find(q)
	for q.Number = 1; ; q.Number++ {
		users, total, err := s.Users(ctx, q)
		if err != nil {
			t.Fatalf("Users(%+v) = %v", q, err)
		}
		got, from := []string{}, min((q.Number-1)*q.Limit, len(want))
		for _, u := range users {
			got = append(got, u.Username)
		}
		if page := want[from:min(from+q.Limit, len(want))]; total != len(want) || !slices.Equal(got, page) {
			t.Fatalf("Users(%+v) = %+q of %d, want %+q of %d", q, got, total, page, len(want))
		}
		if from == len(want) {
			return
		}
	}
}

func searchSorts() []string {
	sorts := []string{""}
	for _, order := range identity.UserOrders {
		sorts = append(sorts, order, "-"+order)
	}
	return sorts
}

func testSearchPages(t *testing.T, s Store, c *crowd) {
	for _, prefix := range []string{"", "a", "user", "x"} {
		for _, group := range []string{"", "all-group", "some-group", "few-group", "no-group"} {
			for _, sort := range searchSorts() {
				c.check(t.Context(), t, s, identity.UserQuery{Prefix: prefix, Group: group, Sort: sort, Page: identity.Page{Limit: 70}})
			}
		}
	}
	u := c.users[51]
	for _, q := range []identity.UserQuery{
		{Username: upper(u.Username)},
		{Email: upper(u.Email)},
		{Username: u.Username, Email: u.Email, Prefix: u.Username[:2], Group: "all-group", Sort: "-email"},
		{Username: u.Username, Email: c.users[0].Email},
		{Username: u.Username, Group: "few-group"},
		{Email: u.Email, Prefix: "zz"},
		{Username: "nobody"},
		{Email: "nobody@example.com"},
	} {
		q.Limit = 1
		c.check(t.Context(), t, s, q)
	}
	if _, _, err := s.Users(t.Context(), identity.UserQuery{Sort: "password", Page: identity.Page{Number: 1, Limit: 1}}); err == nil {
		t.Error("Users() sorted by what is no order = nil")
	}
}

func testSearchStates(t *testing.T, s Store, c *crowd) {
	yes, no, week := true, false, kept(now.AddDate(0, 0, -7))
	for _, state := range []identity.UserQuery{
		{Disabled: &yes},
		{Disabled: &no},
		{FrozenAt: kept(now)},
		{SignedInBefore: week},
		{SignedInAfter: week},
		{Disabled: &no, FrozenAt: kept(now), SignedInBefore: kept(now), SignedInAfter: week},
	} {
		for _, prefix := range []string{"", "a", "user"} {
			for _, group := range []string{"", "some-group", "few-group"} {
				for _, sort := range searchSorts() {
					q := state
					q.Prefix, q.Group, q.Sort, q.Page = prefix, group, sort, identity.Page{Limit: 70}
					c.check(t.Context(), t, s, q)
				}
			}
		}
		for _, u := range c.users[:30] {
			q := state
			q.Username, q.Page = u.Username, identity.Page{Limit: 1}
			c.check(t.Context(), t, s, q)
		}
	}
}

func testSearchPrefixes(t *testing.T, s Store, c *crowd) {
	seen := make(map[string]bool)
	for _, u := range c.users[:len(searchNames)*2] {
		for _, value := range []string{u.Username, u.Email, u.FirstName, u.LastName} {
			for i := range value {
				if prefix := value[:i]; (i < 5 || i%50 == 0) && !seen[prefix] {
					seen[prefix] = true
				}
			}
			seen[value] = true
		}
	}
	for prefix := range seen {
		c.check(t.Context(), t, s, identity.UserQuery{Prefix: prefix, Page: identity.Page{Limit: 100}})
		c.check(t.Context(), t, s, identity.UserQuery{Prefix: upper(prefix), Group: "some-group", Page: identity.Page{Limit: 100}})
	}
}

func testSearchEdges(t *testing.T, s Store, c *crowd) {
	for _, prefix := range []string{
		"\u00ff", "\U0010FFFF", strings.Repeat("\U0010FFFF", 3), "a\U0010FFFF", "\ud7ff", "\ue000", "%", "_", "\\", "a%", "a_", "'", "\x01", " ",
		strings.Repeat("x", 299), strings.Repeat("x", 301), strings.Repeat("x", 2000), "\u0301", "e\u0301", "ﬁ",
	} {
		for _, sort := range []string{"", "-username"} {
			c.check(t.Context(), t, s, identity.UserQuery{Prefix: prefix, Sort: sort, Page: identity.Page{Limit: 9}})
		}
	}
	for name, text := range strange {
		if name == "long" {
			text = strings.Repeat("a", 10_000)
		}
		for _, q := range []identity.UserQuery{{Prefix: text}, {Username: text}, {Email: text}, {Group: text}} {
			q.Page = identity.Page{Number: 1, Limit: 10}
			if users, total, err := s.Users(t.Context(), q); len(users) != 0 || total != 0 || err != nil {
				t.Errorf("Users() by what is %s = %d of %d, %v, want none", name, len(users), total, err)
			}
		}
	}
	if !utf8.ValidString(strings.Join(searchNames, "")) {
		t.Error("a name is no text")
	}
}

func testSearchPagesOutside(t *testing.T, s Store, c *crowd) {
	const last = int(^uint(0) >> 1)
	for _, q := range []identity.UserQuery{
		{},
		{Sort: "-email"},
		{Prefix: "a"},
		{Group: "some-group"},
		{Prefix: "a", Group: "all-group"},
		{Prefix: "a", Group: "few-group"},
		{Username: c.users[0].Username},
	} {
		for _, number := range []int{2000, 1 << 40, last} {
			q.Page = identity.Page{Number: number, Limit: 100}
			users, total, err := s.Users(t.Context(), q)
			if len(users) != 0 || total != len(c.find(q)) || err != nil {
				t.Errorf("Users(%+v) = %d of %d, %v, want none of %d", q, len(users), total, err, len(c.find(q)))
			}
		}
	}
}
