package storagetest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/storage"
)

func testBackups(t *testing.T, open func(t *testing.T) Store) {
	for name, test := range map[string]func(t *testing.T, s Store){
		"a snapshot is of one moment":  testSnapshot,
		"what is there stays":          testClearRefuses,
		"what all begin with goes":     testClear,
		"what is settled is not later": testSettle,
		"subjects are copied":          testCopySubjects,
		"consents are copied":          testCopyConsents,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func counts(t *testing.T, ctx context.Context, s Store) storage.Counts {
	t.Helper()
	c, err := s.Counts(ctx)
	noError(t, err)
	return c
}

func testSnapshot(t *testing.T, s Store) {
	user := newUser()
	err := s.Snapshot(t.Context(), func(ctx context.Context) error {
		before := counts(t, ctx, s)
		noError(t, s.CreateUser(t.Context(), user))
		same(t, "counts in the snapshot", counts(t, ctx, s), before)
		if _, err := s.User(ctx, user.ID); !errors.Is(err, errors.UserNotFound) {
			t.Errorf("who was created meanwhile: %v", err)
		}
		if err := s.DeleteUser(ctx, user.ID, now); err == nil {
			t.Error("a snapshot was written to")
		}
		return nil
	})
	noError(t, err)
	same(t, "users", counts(t, t.Context(), s).Users, 1)
	failed := errors.New("failed")
	if err := s.Snapshot(t.Context(), func(context.Context) error { return failed }); !errors.Is(err, failed) {
		t.Errorf("Snapshot() = %v", err)
	}
}

func testClearRefuses(t *testing.T, s Store) {
	noError(t, s.CreateUser(t.Context(), newUser()))
	before := counts(t, t.Context(), s)
	noError(t, s.InTx(t.Context(), func(ctx context.Context) error {
		cleared, err := s.Clear(ctx)
		if cleared {
			t.Error("a database with a user was cleared")
		}
		return err
	}))
	same(t, "counts", counts(t, t.Context(), s), before)
}

func testClear(t *testing.T, s Store) {
	app := newApplication()
	app.Name, app.BuiltIn = identity.FirstPartyProduct, true
	noError(t, s.CreateApplication(t.Context(), app))
	_, err := s.ReplaceKeys(t.Context(), nil, []storage.Key{newKey("a key", now)}, nil)
	noError(t, err)
	same(t, "counts before", counts(t, t.Context(), s), storage.Counts{Products: 1, Groups: 1, Applications: 1, Keys: 1})
	noError(t, s.InTx(t.Context(), func(ctx context.Context) error {
		cleared, err := s.Clear(ctx)
		if !cleared {
			t.Error("a new database was not cleared")
		}
		return err
	}))
	same(t, "counts after", counts(t, t.Context(), s), storage.Counts{})
}

func testSettle(t *testing.T, s Store) {
	if err := s.Settle(t.Context()); err == nil {
		t.Error("Settle() outside of a transaction = nil")
	}
	var users []identity.User
	noError(t, s.InTx(t.Context(), func(ctx context.Context) error {
		for range 3 {
			user := newUser()
			noError(t, s.CreateUser(ctx, user))
			noError(t, s.Settle(ctx))
			users = append(users, user)
		}
		return nil
	}))
	listed, total, err := s.Users(t.Context(), identity.UserQuery{Page: identity.Page{Number: 1, Limit: 10}})
	noError(t, err)
	if total != len(users) || len(listed) != len(users) {
		t.Errorf("%d users of %d are listed", len(listed), total)
	}
}

func testCopySubjects(t *testing.T, s Store) {
	ctx, user := t.Context(), createUser(t, s)
	var want []storage.PairwiseSubject
	for n := range 1200 { // more than one statement takes
		id := fmt.Sprintf("%04d", n)
		want = append(want, storage.PairwiseSubject{UserID: user.ID, Sector: "sector-" + id, Subject: "B" + id})
	}
	want = append(want, storage.PairwiseSubject{UserID: user.ID, Sector: "last", Subject: "a"})
	noError(t, s.CreatePairwiseSubjects(ctx, want))
	noError(t, s.CreatePairwiseSubjects(ctx, nil))
	same(t, "count", counts(t, ctx, s).Subjects, len(want))
	first, err := s.PairwiseSubjectsAfter(ctx, storage.PairwiseSubject{}, 700)
	noError(t, err)
	rest, err := s.PairwiseSubjectsAfter(ctx, first[len(first)-1], 700)
	noError(t, err)
	same(t, "first page", len(first), 700)
	same(t, "subjects", slices.Concat(first, rest), want)
	userID, err := s.UserOfSubject(ctx, "a")
	noError(t, err)
	same(t, "user", userID, user.ID)
	if err := s.CreatePairwiseSubjects(ctx, []storage.PairwiseSubject{{UserID: "nobody", Sector: "s", Subject: "x"}}); !errors.Is(err, errors.Unavailable) {
		t.Errorf("subject of nobody: %v, want Unavailable", err)
	}
}

func testCopyConsents(t *testing.T, s Store) {
	ctx, user, app := t.Context(), createUser(t, s), createApplication(t, s)
	var want []storage.ConsentedScope
	for n := range 600 {
		at := kept(now).Add(time.Duration(n) * time.Microsecond)
		want = append(want, storage.ConsentedScope{UserID: user.ID, ApplicationID: app.ID, Scope: fmt.Sprintf("A%04d", n), GrantedAt: at})
	}
	want = append(want, storage.ConsentedScope{UserID: user.ID, ApplicationID: app.ID, Scope: "a", GrantedAt: kept(now)})
	noError(t, s.CreateConsentedScopes(ctx, want))
	same(t, "count", counts(t, ctx, s).Consents, len(want))
	first, err := s.ConsentedScopesAfter(ctx, storage.ConsentedScope{}, 400)
	noError(t, err)
	rest, err := s.ConsentedScopesAfter(ctx, first[len(first)-1], 400)
	noError(t, err)
	same(t, "first page", len(first), 400)
	same(t, "scopes", slices.Concat(first, rest), want)
	for _, gone := range []storage.ConsentedScope{
		{UserID: "nobody", ApplicationID: app.ID, Scope: "x", GrantedAt: now}, {UserID: user.ID, ApplicationID: "none", Scope: "x", GrantedAt: now},
	} {
		if err := s.CreateConsentedScopes(ctx, []storage.ConsentedScope{gone}); !errors.Is(err, errors.Unavailable) {
			t.Errorf("%+v: %v, want Unavailable", gone, err)
		}
	}
}
