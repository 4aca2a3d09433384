// Package browser knows who is signed in in the browser that sends a request, and
// whether a form was made for it.
//
// A browser has three cookies. One stands for the sign-ins there and is another one
// after each of them, so that nobody can have planted it (session fixation). One
// binds forms and interactions to the browser, signs nobody in, and stays. The
// third makes it a device that its users are known to sign in from.
package browser

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/device"
	"gatehouse/server/keys"
	"gatehouse/server/web"
	"gatehouse/storage"
)

// Deps is all this package takes from the rest of the program; every field is required.
type Deps struct {
	Store   storage.Browsers
	Master  *keys.Master
	Devices device.Devices
	Secure  bool // the server is reached by https
	Now     func() time.Time
}

// Browsers reads and writes the browsers' cookies.
type Browsers struct {
	Deps
	config Config
}

// New returns Browsers for a configuration that is valid.
func New(d Deps, c Config) *Browsers { return &Browsers{d, c.WithDefaults()} }

// Current returns the browser that sent the request, with who is signed in there;
// one without accounts when nobody is. It costs one statement, none without a
// cookie.
func (b *Browsers) Current(c echo.Context) (storage.Browser, error) {
	found, err := b.Known(c)
	if err != nil {
		return storage.Browser{}, err
	}
	if found.Accounts = b.Live(found.Accounts); len(found.Accounts) == 0 {
		return storage.Browser{}, nil
	}
	return found, nil
}

// Live are those of a browser's accounts that are signed in: none for longer than
// people stay, nor idle for so long. What one does keeps no other signed in.
func (b *Browsers) Live(accounts []storage.Account) []storage.Account {
	now := b.Now()
	return slices.DeleteFunc(slices.Clone(accounts), func(a storage.Account) bool {
		return !now.Before(a.ExpiresAt) || !now.Before(a.LastUsedAt.Add(b.config.idle(a.Remembered)))
	})
}

// SignIns returns in which browsers a user is signed in, the latest sign-in first.
// Each is like a session at the built-in application, which ends by Leave.
func (b *Browsers) SignIns(ctx context.Context, userID string) ([]storage.Session, error) {
	browsers, err := b.Store.BrowsersOfUser(ctx, userID, b.Now())
	if err != nil {
		return nil, err
	}
	var sessions []storage.Session
	for _, known := range browsers {
		for _, a := range b.Live(known.Accounts) {
			used := a.LastUsedAt // which is to the minute
			if used.Before(a.AuthTime) {
				used = a.AuthTime
			}
			sessions = append(sessions, storage.Session{
				ID: known.ID, UserID: a.UserID, ClientID: identity.FirstPartyClientID, BrowserID: known.ID, Address: known.Address, UserAgent: known.UserAgent,
				AuthTime: a.AuthTime, ACR: a.ACR, AMR: a.AMR, CreatedAt: a.AuthTime, LastUsedAt: used, ExpiresAt: a.ExpiresAt,
			})
		}
	}
	return sessions, nil
}

// Known is Current with those who are not signed in any more, for signing out.
func (b *Browsers) Known(c echo.Context) (storage.Browser, error) {
	secret := b.cookie(c, sessionCookie)
	if secret == "" {
		return storage.Browser{}, nil
	}
	found, ok, err := b.Store.Browser(c.Request().Context(), hashOf(secret), b.Now())
	if err != nil || !ok {
		return storage.Browser{}, err
	}
	return found, nil
}

// Use has an account of the browser be the one used last. It writes at most once a
// minute while that stays the same.
func (b *Browsers) Use(c echo.Context, current storage.Browser, userID string) error {
	now := b.Now().Truncate(time.Minute)
	i := slices.IndexFunc(current.Accounts, func(a storage.Account) bool { return a.UserID == userID })
	if i == 0 && !now.After(current.Accounts[0].LastUsedAt) {
		return nil
	}
	return b.Store.UseAccount(c.Request().Context(), current.ID, userID, now)
}

// Remembers says whether people can stay signed in when the browser is closed.
func (b *Browsers) Remembers() bool { return b.config.Remember > 0 }

// SignIn is somebody who has proved who they are.
type SignIn struct {
	UserID   string
	ACR      string
	AMR      []string
	Remember bool                                     // they stay signed in when the browser is closed
	Password string                                   // hash that the password was checked against
	Device   string                                   // token of the browser, which is kept there; empty: none
	SignedIn func(browserID string) *storage.SignedIn // what is stored with the sign-in; nil: nothing
}

// SignIn records that somebody signed in in the browser, and gives it a new
// cookie, which outlives the browser if all who are signed in there want that. It
// returns errors.Unavailable if the user was changed meanwhile.
func (b *Browsers) SignIn(c echo.Context, s SignIn) error {
	before, err := b.Known(c)
	if err != nil {
		return err
	}
	secret, now := newSecret(), b.Now()
	id := before.ID
	if !before.ExpiresAt.After(now) {
		id = uuid.Must(uuid.NewV7()).String()
	}
	s.Remember = s.Remember && b.Remembers()
	row := storage.BrowserSignIn{
		Browser: storage.Browser{
			ID: id, Hash: hashOf(secret), Address: web.ClientAddress(c.Request().Context()), UserAgent: web.Cut(c.Request().UserAgent(), 255), CreatedAt: now,
		},
		Account: storage.Account{
			UserID: s.UserID, AuthTime: now, ACR: s.ACR, AMR: s.AMR, Remembered: s.Remember,
			LastUsedAt: now.Truncate(time.Minute), ExpiresAt: now.Add(b.config.life(s.Remember)),
		},
		Password: s.Password,
	}
	if s.SignedIn != nil {
		row.SignedIn = s.SignedIn(id)
	}
	if old := b.cookie(c, sessionCookie); old != "" {
		row.Old = hashOf(old)
	}
	if err := b.Store.SignInBrowser(c.Request().Context(), row); err != nil {
		return err
	}
	life := time.Duration(0)
	leaves := slices.ContainsFunc(b.Live(before.Accounts), func(a storage.Account) bool { return a.UserID != s.UserID && !a.Remembered })
	if s.Remember && !leaves {
		life = b.config.life(true)
	}
	b.setCookie(c, sessionCookie, secret, life)
	b.rememberDevice(c, s.Device)
	return nil
}

// SignOut signs an account, or everybody with an empty one, out of the browser,
// and returns the sessions that ended. The cookie goes with the last account.
func (b *Browsers) SignOut(c echo.Context, current storage.Browser, userID string) ([]storage.Session, error) {
	ended, err := b.Leave(c.Request().Context(), current.ID, userID)
	if err != nil {
		return nil, err
	}
	others := slices.ContainsFunc(current.Accounts, func(a storage.Account) bool { return userID != "" && a.UserID != userID })
	if !others {
		b.dropCookie(c, sessionCookie)
	}
	return ended, nil
}

// Leave signs an account, or everybody with an empty one, out of a browser that
// need not be the one that asks, and returns the sessions that ended.
func (b *Browsers) Leave(ctx context.Context, browserID, userID string) ([]storage.Session, error) {
	now := b.Now()
	return b.Store.LeaveBrowser(ctx, browserID, userID, now, now.Add(storage.MaxAccessLifetime))
}

// Binding returns what interactions of the browser are bound to. A browser that
// has shown no cookie for it gets one.
func (b *Browsers) Binding(c echo.Context) []byte { return hashOf(b.formSecret(c)) }

// Token returns the csrf_token of a form that is made for the browser.
func (b *Browsers) Token(c echo.Context) string {
	return base64.RawURLEncoding.EncodeToString(b.Master.MAC(formPurpose, []byte(b.formSecret(c))))
}

// formPurpose tells tokens of forms from everything else under the master secret.
const formPurpose = "form"

// CheckForm returns errors.ForgedForm unless a form with this csrf_token was made
// for the browser, and was sent from a page of this server.
func (b *Browsers) CheckForm(c echo.Context, token string) error {
	if site := c.Request().Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" {
		return errors.ForgedForm.Because(errors.New("the form was sent from another site"))
	}
	secret := b.cookie(c, formCookie)
	mac, err := base64.RawURLEncoding.DecodeString(token)
	if secret == "" || err != nil || len(mac) != sha256.Size || !b.Master.VerifyMAC(formPurpose, []byte(secret), mac) {
		return errors.ForgedForm
	}
	return nil
}

// formSecret is what the form cookie holds, or will hold.
func (b *Browsers) formSecret(c echo.Context) string {
	if secret := b.cookie(c, formCookie); secret != "" {
		return secret
	}
	if secret, ok := c.Get(formCookie).(string); ok {
		return secret
	}
	secret := newSecret()
	c.Set(formCookie, secret)
	b.setCookie(c, formCookie, secret, 0)
	return secret
}

// The cookies' names, without the prefix that they have over https.
const (
	sessionCookie = "gatehouse-session"
	formCookie    = "gatehouse-form"
	deviceCookie  = "gatehouse-device"
)

func (b *Browsers) name(name string) string {
	if b.Secure {
		return "__Host-" + name
	}
	return name
}

// cookie returns what a cookie of ours holds; empty when it cannot be one.
func (b *Browsers) cookie(c echo.Context, name string) string {
	cookie, err := c.Cookie(b.name(name))
	if err != nil || len(cookie.Value) != base64.RawURLEncoding.EncodedLen(secretLength) {
		return ""
	}
	return cookie.Value
}

// setCookie sets a cookie that lives as long as given, or, with 0, until the
// browser is closed.
func (b *Browsers) setCookie(c echo.Context, name, value string, life time.Duration) {
	b.sendCookie(c, name, value, int(life/time.Second))
}

func (b *Browsers) dropCookie(c echo.Context, name string) { b.sendCookie(c, name, "", -1) }

func (b *Browsers) sendCookie(c echo.Context, name, value string, maxAge int) {
	c.SetCookie(&http.Cookie{ //nolint:gosec // G124: b.Secure is false for an issuer without TLS alone
		Name: b.name(name), Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true, Secure: b.Secure, SameSite: http.SameSiteLaxMode,
	})
}

// secretLength is in bytes.
const secretLength = 32

func newSecret() string {
	secret := make([]byte, secretLength)
	_, _ = rand.Read(secret) // never fails
	return base64.RawURLEncoding.EncodeToString(secret)
}

func hashOf(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
