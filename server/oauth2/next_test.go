package oauth2_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/interaction"
	"gatehouse/server/oauth2"
	"gatehouse/storage"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestChoose(t *testing.T) {
	t.Parallel()
	account := func(id string, ago time.Duration) storage.Account {
		return storage.Account{UserID: id, AuthTime: noon.Add(-ago)}
	}
	ada, grace := account("ada", time.Hour), account("grace", time.Minute)
	nobody, one, two := []storage.Account(nil), []storage.Account{ada}, []storage.Account{ada, grace}
	request := func(change func(a *oauth2.Authorization)) oauth2.Authorization {
		a := oauth2.Authorization{MaxAge: -1, Params: url.Values{}}
		change(&a)
		return a
	}
	plain := request(func(*oauth2.Authorization) {})
	none := func(a *oauth2.Authorization) { a.Prompt.None = true }
	login := request(func(a *oauth2.Authorization) { a.Prompt.Login = true })
	select1 := request(func(a *oauth2.Authorization) { a.Prompt.Choose = true })
	age := func(d time.Duration) oauth2.Authorization {
		return request(func(a *oauth2.Authorization) { a.MaxAge = d })
	}
	meant := request(func(a *oauth2.Authorization) { a.Subject = "grace" })
	silent := request(none)
	silentAge := request(func(a *oauth2.Authorization) { none(a); a.MaxAge = time.Minute })
	silentMeant := request(func(a *oauth2.Authorization) { none(a); a.Subject = "grace" })
	silentHint := request(func(a *oauth2.Authorization) { none(a); a.Params.Set("login_hint", "somebody") })
	chosen := func(id string) interaction.State { return interaction.State{UserID: id} }
	signedIn := func(id string) interaction.State { return interaction.State{UserID: id, SignedIn: true} }
	asked := func(step interaction.Step, only string) oauth2.Verdict { return oauth2.Verdict{Step: step, Only: only} }
	goesOn := func(a storage.Account) oauth2.Verdict { return oauth2.Verdict{Account: a} }
	refused := func(err error) oauth2.Verdict { return oauth2.Verdict{Err: err} }
	signIn := asked(interaction.SignIn, "")

	for _, tt := range []struct {
		name     string
		request  oauth2.Authorization
		done     interaction.State
		accounts []storage.Account
		hinted   string
		want     oauth2.Verdict
	}{
		{"nobody", plain, interaction.State{}, nobody, "", signIn},
		{"one", plain, interaction.State{}, one, "", goesOn(ada)},
		{"several", plain, interaction.State{}, two, "", goesOn(ada)},
		{"several, and login_hint means one", plain, interaction.State{}, two, "grace", goesOn(grace)},
		{"several, and one chosen", plain, chosen("grace"), two, "", goesOn(grace)},
		{"the chosen one is gone", plain, chosen("grace"), one, "", signIn},
		{"signed in for it", plain, signedIn("ada"), one, "", goesOn(ada)},
		{"another is wanted", plain, interaction.State{Another: true}, one, "", signIn},
		{"another was wanted, and has signed in", plain, interaction.State{Another: true, UserID: "grace", SignedIn: true}, two, "", goesOn(grace)},
		{"declined", plain, interaction.State{Declined: true, UserID: "ada"}, one, "", refused(errors.Declined)},
		{"login", login, interaction.State{}, one, "", signIn},
		{"login, chosen", login, chosen("ada"), one, "", asked(interaction.SignIn, "ada")},
		{"login, done", login, signedIn("ada"), one, "", goesOn(ada)},
		{"login, done by somebody who is gone", login, signedIn("grace"), one, "", signIn},
		{"select_account, nobody", select1, interaction.State{}, nobody, "", signIn},
		{"select_account", select1, interaction.State{}, one, "", asked(interaction.Choose, "")},
		{"select_account, chosen", select1, chosen("ada"), one, "", goesOn(ada)},
		{"max_age, young enough", age(time.Hour), interaction.State{}, one, "", goesOn(ada)},
		{"max_age, too old", age(time.Hour - time.Second), interaction.State{}, one, "", signIn},
		{"max_age, too old, done", age(time.Second), signedIn("grace"), two, "", goesOn(grace)},
		{"max_age, done too long ago", age(time.Minute), signedIn("ada"), one, "", asked(interaction.SignIn, "ada")},
		{"max_age 0", age(0), interaction.State{}, []storage.Account{account("ada", 0)}, "", signIn},
		{"max_age 0, done", age(0), signedIn("ada"), []storage.Account{account("ada", 0)}, "", goesOn(account("ada", 0))},
		{"meant, and there", meant, interaction.State{}, two, "", goesOn(grace)},
		{"meant, and not there", meant, interaction.State{}, one, "", asked(interaction.SignIn, "grace")},
		{"meant, and another chosen", meant, chosen("ada"), two, "", asked(interaction.SignIn, "grace")},
		{"meant, and another signed in", meant, signedIn("ada"), one, "", asked(interaction.SignIn, "grace")},
		{"none, nobody", silent, interaction.State{}, nobody, "", refused(errors.LoginRequired)},
		{"none, one", silent, interaction.State{}, one, "", goesOn(ada)},
		{"none, several", silent, interaction.State{}, two, "", goesOn(ada)},
		{"none, too old", silentAge, interaction.State{}, one, "", refused(errors.LoginRequired)},
		{"none, meant and there", silentMeant, interaction.State{}, two, "", goesOn(grace)},
		{"none, meant and not there", silentMeant, interaction.State{}, one, "", refused(errors.LoginRequired)},
		{"none, a hint that means none of several", silentHint, interaction.State{}, two, "", refused(errors.AccountRequired)},
		{"none, a hint that means one of several", silentHint, interaction.State{}, two, "grace", goesOn(grace)},
		{"none, a hint and one", silentHint, interaction.State{}, one, "", goesOn(ada)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := oauth2.Choose(&tt.request, oauth2.Facts{Done: tt.done, Accounts: tt.accounts, Hinted: tt.hinted, Now: noon})
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateErrors()); diff != "" {
				t.Errorf("Choose() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAgree(t *testing.T) {
	t.Parallel()
	ada := storage.Account{UserID: "ada"}
	all := []string{"openid", "email"}
	asks, silent, again := oauth2.Prompt{}, oauth2.Prompt{None: true}, oauth2.Prompt{Consent: true}
	done := func(user string, scopes ...string) interaction.State {
		return interaction.State{UserID: user, Agreed: true, Consented: scopes}
	}
	goesOn, ask := oauth2.Verdict{Account: ada}, oauth2.Verdict{Account: ada, Step: interaction.Consent}
	refused := oauth2.Verdict{Err: errors.ConsentRequired}
	for _, tt := range []struct {
		name      string
		prompt    oauth2.Prompt
		scopes    []string
		done      interaction.State
		consented []string
		want      oauth2.Verdict
	}{
		{"never asked", asks, all, interaction.State{}, nil, ask},
		{"asked before", asks, all, interaction.State{}, all, goesOn},
		{"asked before for more", asks, all, interaction.State{}, []string{"email", "openid", "phone"}, goesOn},
		{"scopes have grown", asks, all, interaction.State{}, []string{"openid"}, ask},
		{"said yes", asks, all, done("ada", "openid", "email"), all, goesOn},
		{"said yes, and has taken it back", asks, all, done("ada", "openid", "email"), nil, ask},
		{"somebody else said yes", asks, all, done("grace", "openid", "email"), nil, ask},
		{"nothing to remember", asks, nil, interaction.State{}, nil, ask},
		{"nothing to remember, said yes", asks, nil, done("ada"), nil, goesOn},
		{"consent, asked before", again, all, interaction.State{}, all, ask},
		{"consent, said yes", again, all, done("ada", "openid", "email"), all, goesOn},
		{"consent, said yes, and has taken it back", again, all, done("ada", "openid", "email"), nil, ask},
		{"consent, said yes to less", again, all, done("ada", "openid"), all, ask},
		{"consent, somebody else said yes", again, all, done("grace", "openid", "email"), all, ask},
		{"consent, nothing to remember", again, nil, interaction.State{}, nil, ask},
		{"none, nothing to remember", silent, nil, interaction.State{}, nil, refused},
		{"none, never asked", silent, all, interaction.State{}, nil, refused},
		{"none, asked before", silent, all, interaction.State{}, all, goesOn},
		{"none, scopes have grown", silent, all, interaction.State{}, []string{"openid"}, refused},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := oauth2.Authorization{Prompt: tt.prompt, Scopes: tt.scopes, App: &identity.Application{}}
			got := oauth2.Agree(&a, oauth2.Facts{Done: tt.done}, ada, tt.consented)
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateErrors()); diff != "" {
				t.Errorf("Agree() (-want +got):\n%s", diff)
			}
		})
	}
}
