package storagetest

import (
	"context"
	"testing"

	"gatehouse/errors"
	"gatehouse/storage"
)

func testInTx(t *testing.T, open func(t *testing.T) Store) {
	parallel(t, open(t), map[string]func(t *testing.T, s Store){
		"it commits":                         testInTxCommits,
		"it rolls back on an error":          testInTxError,
		"it rolls back on a panic":           testInTxPanic,
		"it joins the one around it":         testInTxNested,
		"a failed part fails the whole":      testInTxNestedError,
		"a failed statement fails the whole": testInTxStatementError,
		"a cancelled one leaves nothing":     testInTxCancelled,
	})
}

// create creates a session in a transaction and returns its id.
func create(ctx context.Context, t *testing.T, s Store) string {
	t.Helper()
	session := newSession(newID())
	noError(t, s.CreateSession(ctx, session))
	if _, err := s.Session(ctx, session.ID); err != nil {
		t.Errorf("Session() in its own transaction = %v", err)
	}
	return session.ID
}

// exists checks whether a session was stored.
func exists(t *testing.T, s Store, id string, want bool) {
	t.Helper()
	_, err := s.Session(t.Context(), id)
	if err != nil && !errors.Is(err, errors.SessionNotFound) {
		t.Fatal(err)
	}
	if (err == nil) != want {
		t.Errorf("the session is stored: %v, want %v", err == nil, want)
	}
}

func testInTxCommits(t *testing.T, s Store) {
	var id string
	noError(t, s.InTx(t.Context(), func(ctx context.Context) error {
		id = create(ctx, t, s)
		return nil
	}))
	exists(t, s, id, true)
}

func testInTxError(t *testing.T, s Store) {
	var id string
	failed := errors.New("failed")
	err := s.InTx(t.Context(), func(ctx context.Context) error {
		id = create(ctx, t, s)
		return failed
	})
	if !errors.Is(err, failed) {
		t.Errorf("InTx() = %v, want %v", err, failed)
	}
	exists(t, s, id, false)
}

func testInTxPanic(t *testing.T, s Store) {
	var id string
	func() {
		defer func() {
			if got := recover(); got != "panicked" {
				t.Errorf("recovered %v, want what was panicked", got)
			}
		}()
		_ = s.InTx(t.Context(), func(ctx context.Context) error {
			id = create(ctx, t, s)
			panic("panicked")
		})
	}()
	exists(t, s, id, false)
	exists(t, s, create(t.Context(), t, s), true) // the store goes on
}

func testInTxNested(t *testing.T, s Store) {
	var outer, inner string
	failed := errors.New("failed")
	for _, result := range []error{nil, failed} {
		err := s.InTx(t.Context(), func(ctx context.Context) error {
			outer = create(ctx, t, s)
			noError(t, s.InTx(ctx, func(ctx context.Context) error {
				inner = create(ctx, t, s)
				return nil
			}))
			return result
		})
		if !errors.Is(err, result) {
			t.Errorf("InTx() = %v, want %v", err, result)
		}
		exists(t, s, outer, result == nil)
		exists(t, s, inner, result == nil)
	}
}

func testInTxNestedError(t *testing.T, s Store) {
	var id string
	failed := errors.New("failed")
	err := s.InTx(t.Context(), func(ctx context.Context) error {
		id = create(ctx, t, s)
		_ = s.InTx(ctx, func(context.Context) error { return failed })
		return nil
	})
	if !errors.Is(err, failed) {
		t.Errorf("InTx() = %v, want %v", err, failed)
	}
	exists(t, s, id, false)
}

func testInTxStatementError(t *testing.T, s Store) {
	code := newCode()
	noError(t, s.CreateCode(t.Context(), code))
	var id string
	err := s.InTx(t.Context(), func(ctx context.Context) error {
		id = create(ctx, t, s)
		if err := s.CreateCode(ctx, code); err == nil {
			t.Error("CreateCode() of one that is there = nil")
		}
		return nil
	})
	if err == nil {
		t.Error("InTx() = nil")
	}
	exists(t, s, id, false)
}

func testInTxCancelled(t *testing.T, s Store) {
	ctx, cancel := context.WithCancel(t.Context())
	session := newSession(newID())
	err := s.InTx(ctx, func(ctx context.Context) error {
		err := s.CreateSession(ctx, session)
		cancel()
		return errors.Join(err, s.Announce(ctx, storage.Change{Kind: storage.UserChanged, Key: session.ID, Until: now}))
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("InTx() = %v, want %v", err, context.Canceled)
	}
	exists(t, s, session.ID, false)
}
