package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"gatehouse/storage"
)

// Browser implements storage.Browsers.
func (s *Store) Browser(ctx context.Context, hash []byte, now time.Time) (storage.Browser, bool, error) {
	var browser storage.Browser
	err := s.each(ctx, func(rows *sql.Rows) error {
		row, err := scanBrowser(rows)
		row.Accounts = append(browser.Accounts, row.Accounts...)
		browser = row
		return err
	}, `SELECT `+browserColumns+`
		FROM browsers
		LEFT JOIN browser_accounts ON browser_accounts.browser_id = browsers.id
		LEFT JOIN users ON users.id = browser_accounts.user_id AND NOT users.disabled
		WHERE browsers.hash = $1 AND browsers.expires_at > $2
		ORDER BY browser_accounts.turn DESC`, hash, stamp(now))
	if err != nil {
		return storage.Browser{}, false, fmt.Errorf("read browser: %w", err)
	}
	if browser.ID == "" {
		return storage.Browser{}, false, nil
	}
	return browser, true, nil
}

// BrowsersOfUser implements storage.Browsers.
func (s *Store) BrowsersOfUser(ctx context.Context, userID string, now time.Time) ([]storage.Browser, error) {
	if !storable(userID) {
		return nil, nil
	}
	var browsers []storage.Browser
	err := s.each(ctx, func(rows *sql.Rows) error {
		row, err := scanBrowser(rows)
		browsers = append(browsers, row)
		return err
	}, `SELECT `+browserColumns+`
		FROM browser_accounts
		JOIN browsers ON browsers.id = browser_accounts.browser_id
		JOIN users ON users.id = browser_accounts.user_id AND NOT users.disabled
		WHERE browser_accounts.user_id = $1 AND browser_accounts.expires_at > $2
		ORDER BY auth_time DESC, browsers.id DESC LIMIT 1000`, userID, stamp(now))
	if err != nil {
		return nil, fmt.Errorf("list browsers of user: %w", err)
	}
	return browsers, nil
}

// browserColumns are what scanBrowser reads: a browser, and one of its accounts or
// none.
const browserColumns = `browsers.id, browsers.hash, address, browsers.user_agent, browsers.created_at, browsers.expires_at,
	users.id, auth_time, acr, amr, remembered, last_used_at, browser_accounts.expires_at`

func scanBrowser(rows *sql.Rows) (b storage.Browser, err error) {
	var account storage.Account
	var amr column[[]string]
	var createdAt, expiresAt, authTime, usedAt, overAt stamp
	err = rows.Scan(&b.ID, &b.Hash, &b.Address, &b.UserAgent, &createdAt, &expiresAt,
		null(&account.UserID), &authTime, null(&account.ACR), &amr, null(&account.Remembered), &usedAt, &overAt)
	b.CreatedAt, b.ExpiresAt = time.Time(createdAt), time.Time(expiresAt)
	if account.UserID != "" {
		account.AMR, account.AuthTime, account.LastUsedAt, account.ExpiresAt = amr.v, time.Time(authTime), time.Time(usedAt), time.Time(overAt)
		b.Accounts = []storage.Account{account}
	}
	return b, err
}

// useBrowser makes the next turn of a browser that somebody is signed in in.
const useBrowser = `UPDATE browsers SET turns = turns + 1 WHERE id = $1
	AND EXISTS (SELECT 1 FROM browser_accounts WHERE browser_id = $1 AND user_id = $2)`

// useAccount gives an account the latest turn of its browser.
const useAccount = `UPDATE browser_accounts SET last_used_at = $3, turn = (SELECT turns FROM %s WHERE id = $1)
	WHERE browser_id = $1 AND user_id = $2`

// UseAccount implements storage.Browsers.
func (s *Store) UseAccount(ctx context.Context, browserID, userID string, at time.Time) error {
	if !storable(browserID) || !storable(userID) {
		return nil
	}
	err := s.useAccount(ctx, browserID, userID, stamp(at))
	if err != nil {
		return fmt.Errorf("use account: %w", err)
	}
	return nil
}

func (s *Store) useAccount(ctx context.Context, args ...any) error {
	if s.dialect.writesInWith {
		_, err := s.exec(ctx, `WITH used AS (`+useBrowser+` RETURNING id, turns) `+fmt.Sprintf(useAccount, "used")+
			` AND EXISTS (SELECT 1 FROM used)`, args...)
		return err
	}
	return s.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.exec(ctx, useBrowser, args...); err != nil {
			return err
		}
		_, err := s.exec(ctx, fmt.Sprintf(useAccount, "browsers"), args...)
		return err
	})
}

// LeaveBrowser implements storage.Browsers. A session that is being created there
// either needs the account that goes, or is there to be ended afterwards.
func (s *Store) LeaveBrowser(ctx context.Context, browserID, userID string, at, until time.Time) (ended []storage.Session, err error) {
	if !storable(browserID) || !storable(userID) {
		return nil, nil
	}
	leave, whose, args := `DELETE FROM browsers WHERE id = $1`, `browser_id = $2`, []any{browserID}
	if userID != "" {
		leave, whose = `DELETE FROM browser_accounts WHERE browser_id = $1 AND user_id = $2`, `browser_id = $2 AND user_id = $3`
		args = append(args, userID)
	}
	err = s.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.exec(ctx, leave, args...); err != nil {
			return err
		}
		ended, err = s.end(ctx, at, until, whose, args...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("leave browser: %w", err)
	}
	return ended, nil
}

// SignOutEverywhere implements storage.Browsers.
func (s *Store) SignOutEverywhere(ctx context.Context, userID, except string) error {
	_, err := s.exec(ctx, `DELETE FROM browser_accounts WHERE user_id = $1 AND browser_id <> $2`, legible(userID), legible(except))
	if err != nil {
		return fmt.Errorf("sign out everywhere: %w", err)
	}
	return nil
}
