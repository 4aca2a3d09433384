package oauth2

import (
	"cmp"
	"slices"
	"time"

	"gatehouse/errors"
	"gatehouse/server/interaction"
	"gatehouse/storage"
)

// verdict is what comes next of an authorization request: a step for a person, an
// error for the application, or, with neither, the account goes on.
type verdict struct {
	Account storage.Account
	Step    interaction.Step
	Only    string // id of the user who has to sign in, nobody else may; empty: anybody
	Err     error
}

// facts are what a verdict depends on beside the request.
type facts struct {
	Done     interaction.State // what a person has done for the request so far
	Accounts []storage.Account // who is signed in in the browser, the one used last first
	Hinted   string            // id of the one among them that login_hint means; empty: none
	Now      time.Time
}

// choose says who goes on, as far as that needs no consent.
func choose(a *authorization, f facts) verdict {
	done := f.Done
	switch {
	case done.Declined:
		return verdict{Err: errors.Declined}
	case a.Prompt.None:
		return silently(a, f)
	case done.Another && !done.SignedIn:
		return verdict{Step: interaction.SignIn, Only: a.Subject}
	}
	wanted := cmp.Or(done.UserID, a.Subject, f.Hinted)
	account, ok := accountOf(f.Accounts, wanted)
	switch {
	case !ok:
		return verdict{Step: interaction.SignIn, Only: a.Subject}
	case a.Subject != "" && account.UserID != a.Subject:
		return verdict{Step: interaction.SignIn, Only: a.Subject}
	case a.Prompt.Choose && done.UserID == "" && a.Subject == "":
		return verdict{Step: interaction.Choose}
	case done.SignedIn && done.UserID == account.UserID && !a.stale(account, f.Now):
	case a.Prompt.Login || a.tooOld(account, f.Now):
		return verdict{Step: interaction.SignIn, Only: cmp.Or(a.Subject, done.UserID)}
	}
	return verdict{Account: account}
}

// silently is choose where nobody may be asked (prompt=none).
func silently(a *authorization, f facts) verdict {
	account, ok := accountOf(f.Accounts, cmp.Or(a.Subject, f.Hinted))
	switch {
	case !ok || a.tooOld(account, f.Now):
		return verdict{Err: errors.LoginRequired}
	case a.Subject == "" && f.Hinted == "" && a.Params.Has("login_hint") && len(f.Accounts) > 1:
		return verdict{Err: errors.AccountRequired}
	}
	return verdict{Account: account}
}

// tooOld says whether an account signed in too long ago for the request.
func (a *authorization) tooOld(account storage.Account, now time.Time) bool {
	return a.MaxAge >= 0 && (a.MaxAge == 0 || now.Sub(account.AuthTime) > a.MaxAge)
}

// stale says of an account that has signed in for the request whether that has
// become too long ago: somebody may have taken their time on another page. A minute
// is never too long, or nobody could sign in with less.
func (a *authorization) stale(account storage.Account, now time.Time) bool {
	return a.MaxAge > 0 && now.Sub(account.AuthTime) > max(a.MaxAge, time.Minute)
}

// agree says whether the account has to be asked before it goes on. consented is
// what its user lets the application have: what they have agreed to for the request
// they may have withdrawn since. Where there is nothing to remember, or nothing may
// be remembered, they have to agree for the request.
func agree(a *authorization, f facts, account storage.Account, consented []string) verdict {
	items := a.Consent()
	all := func(in []string) bool {
		return !slices.ContainsFunc(items, func(item string) bool { return !slices.Contains(in, item) })
	}
	agreed := f.Done.Agreed && f.Done.UserID == account.UserID && all(f.Done.Consented)
	remembered := len(items) > 0 && !a.Prompt.Consent
	switch {
	case all(consented) && (agreed || remembered):
		return verdict{Account: account}
	case a.Prompt.None:
		return verdict{Err: errors.ConsentRequired}
	}
	return verdict{Account: account, Step: interaction.Consent}
}

// accountOf finds the account of a user, or with no id the one used last.
func accountOf(accounts []storage.Account, userID string) (storage.Account, bool) {
	for _, account := range accounts {
		if userID == "" || account.UserID == userID {
			return account, true
		}
	}
	return storage.Account{}, false
}
