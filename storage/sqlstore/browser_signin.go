package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"gatehouse/errors"
	"gatehouse/storage"
)

// mostAccounts is how many accounts a browser may have.
const mostAccounts = 10

// SignInBrowser implements storage.Browsers. It locks the browser before the
// user, whom nobody holds who waits for a browser.
func (s *Store) SignInBrowser(ctx context.Context, in storage.BrowserSignIn) error {
	if !storable(in.Account.UserID) {
		return unavailable(errUserChanged)
	}
	err := s.InTx(ctx, func(ctx context.Context) error {
		id, turn, err := s.renewBrowser(ctx, in)
		if errors.Is(err, sql.ErrNoRows) {
			if err := s.createBrowser(ctx, in); err != nil {
				return err
			}
			return s.addAccount(ctx, in.Browser.ID, 1, in)
		}
		if err != nil {
			return err
		}
		if err := s.addAccount(ctx, id, turn, in); err != nil {
			return err
		}
		return s.dropAccounts(ctx, id, in.Browser.CreatedAt)
	})
	if err != nil {
		return fmt.Errorf("sign in in browser: %w", err)
	}
	return nil
}

// renewBrowser gives the browser that was shown its new hash, and returns its
// next turn. It says sql.ErrNoRows when there is no such browser, or no more.
func (s *Store) renewBrowser(ctx context.Context, in storage.BrowserSignIn) (id string, turn int64, err error) {
	if in.Old == nil {
		return "", 0, sql.ErrNoRows
	}
	b := in.Browser
	err = s.one(ctx, []any{&id, &turn}, `UPDATE browsers SET hash = $3, old_hash = hash, address = $4, user_agent = $5,
			expires_at = CASE WHEN expires_at > $6 THEN expires_at ELSE $6 END, turns = turns + 1
		WHERE hash = $1 AND expires_at > $2 RETURNING id, turns`,
		in.Old, stamp(b.CreatedAt), b.Hash, legible(b.Address), legible(b.UserAgent), stamp(in.Account.ExpiresAt))
	if !errors.Is(err, sql.ErrNoRows) {
		return id, turn, err
	}
	var renewed bool
	err = s.one(ctx, []any{&renewed}, `SELECT EXISTS (SELECT 1 FROM browsers WHERE old_hash = $1)`, in.Old)
	switch {
	case err != nil:
		return "", 0, err
	case renewed:
		return "", 0, unavailable(errors.New("the browser has another cookie by now"))
	}
	return "", 0, sql.ErrNoRows
}

func (s *Store) createBrowser(ctx context.Context, in storage.BrowserSignIn) error {
	b := in.Browser
	_, err := s.exec(ctx, `INSERT INTO browsers (id, hash, address, user_agent, created_at, expires_at, turns)
		VALUES ($1, $2, $3, $4, $5, $6, 1)`, b.ID, b.Hash, legible(b.Address), legible(b.UserAgent), stamp(b.CreatedAt), stamp(in.Account.ExpiresAt))
	return err
}

// addAccount puts the account into a browser, if its user is as they were when
// the password was checked.
func (s *Store) addAccount(ctx context.Context, browserID string, turn int64, in storage.BrowserSignIn) error {
	a := in.Account
	args := []any{browserID, a.UserID, stamp(a.AuthTime), legible(a.ACR), column[[]string]{a.AMR}, a.Remembered, stamp(a.ExpiresAt), stamp(a.LastUsedAt), turn}
	n, err := s.storeAccount(ctx, args, in)
	if err == nil && n == 0 {
		return unavailable(errUserChanged)
	}
	return err
}

const insertAccount = `INSERT INTO browser_accounts (browser_id, user_id, auth_time, acr, amr, remembered, expires_at, last_used_at, turn)
	SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9`

const replaceAccount = `
	ON CONFLICT (browser_id, user_id) DO UPDATE SET auth_time = excluded.auth_time, acr = excluded.acr, amr = excluded.amr,
		remembered = excluded.remembered, expires_at = excluded.expires_at, last_used_at = excluded.last_used_at, turn = excluded.turn`

func (s *Store) storeAccount(ctx context.Context, args []any, in storage.BrowserSignIn) (int64, error) {
	if in.SignedIn != nil {
		return s.storeSignIn(ctx, signIn{
			insert: insertAccount, conflict: replaceAccount, returning: "user_id",
			args: args, password: in.Password, SignedIn: *in.SignedIn,
		})
	}
	unchanged := ""
	if in.Password != "" {
		args, unchanged = append(args, in.Password), ` AND users.password_hash = $10`
	}
	return s.exec(ctx, insertAccount+` FROM users WHERE users.id = $2 AND NOT users.disabled`+unchanged+s.dialect.share+replaceAccount, args...)
}

// dropAccounts signs those out of a browser that are too many.
func (s *Store) dropAccounts(ctx context.Context, browserID string, at time.Time) error {
	var surplus []string
	err := s.each(ctx, func(rows *sql.Rows) error {
		var userID string
		err := rows.Scan(&userID)
		surplus = append(surplus, userID)
		return err
	}, `SELECT user_id FROM browser_accounts WHERE browser_id = $1 ORDER BY turn DESC LIMIT 1000 OFFSET $2`, browserID, mostAccounts)
	if err != nil {
		return err
	}
	for _, userID := range surplus {
		if _, err := s.LeaveBrowser(ctx, browserID, userID, at, at.Add(storage.MaxAccessLifetime)); err != nil {
			return err
		}
	}
	return nil
}
