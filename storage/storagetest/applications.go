package storagetest

import (
	"context"
	"testing"
	"time"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/storage"
)

func testApplications(t *testing.T, open func(t *testing.T) Store) {
	parallel(t, open(t), map[string]func(t *testing.T, s Store){
		"what is created is read back":        testApplication,
		"what is empty stays empty":           testApplicationSparse,
		"an unknown application is not found": testApplicationUnknown,
		"client ids are unique":               testApplicationConflict,
		"an application needs its product":    testApplicationWithoutProduct,
		"an application is changed":           testUpdateApplication,
		"an application is deleted":           testDeleteApplication,
		"secrets are renewed":                 testRenewClientSecrets,
		"one is a member of groups":           testApplicationMember,
		"but not of unknown ones":             testApplicationMemberUnknown,
		"groups tell of them":                 testMembersApplications,
	})
	t.Run("applications are listed in pages", func(t *testing.T) {
		t.Parallel()
		testApplicationsPages(t, open(t))
	})
}

func newApplication() identity.Application {
	return identity.Application{
		ID: newID(), ClientID: newID(), Name: identity.FirstPartyProduct, Description: "Ledger", Public: true, BuiltIn: true, Disabled: true,
		NotBefore:  kept(now.Add(-time.Hour)),
		Secrets:    []identity.ClientSecret{{Hash: "new"}, {Hash: "old", ExpiresAt: kept(now.Add(time.Hour))}},
		GrantTypes: []string{"password"}, Scopes: []string{"openid"}, Audiences: []string{"https://a.example"},
		TokenEndpointAuthMethod: identity.AuthBasic,
		RedirectURIs:            []string{"https://b.example/cb?x=y"}, PostLogoutRedirectURIs: []string{"https://c.example"},
		AllowedOrigins:      []string{"https://d.example"},
		AccessTokenLifetime: time.Minute, RefreshTokenLifetime: time.Hour, SessionLifetime: 1500 * time.Millisecond,
		IDTokenSignedResponseAlg: "RS256", Metadata: map[string]any{"a": "b"},
		JWKS: `{"keys":[]}`, JWKSURI: "https://e.example/jwks", BackchannelLogoutURI: "https://f.example/logout",
		DisplayName: "Ledger é", Trusted: true, RequirePAR: true, SubjectType: identity.SubjectPairwise, SectorIdentifier: "https://g.example/sector",
		FrontchannelLogoutURI: "https://h.example/out", PolicyURI: "https://i.example/policy", TOSURI: "https://j.example/tos",
		Claims:    []identity.Claim{{Name: "tier", Metadata: "Tier", Scope: "plan"}, {Name: "cost_center", Metadata: "center", Scope: "openid"}},
		CreatedAt: kept(now), UpdatedAt: kept(now.Add(time.Second)), Version: 1,
	}
}

func testApplication(t *testing.T, s Store) {
	app := newApplication()
	noError(t, s.CreateApplication(t.Context(), app))
	got, err := s.Application(t.Context(), app.ID)
	noError(t, err)
	same(t, "Application()", got, app)
	got, err = s.ApplicationByClientID(t.Context(), app.ClientID)
	noError(t, err)
	same(t, "ApplicationByClientID()", got, app)
}

func testApplicationSparse(t *testing.T, s Store) {
	app := identity.Application{ID: newID(), ClientID: newID(), Name: identity.FirstPartyProduct, CreatedAt: kept(now), UpdatedAt: kept(now)}
	noError(t, s.CreateApplication(t.Context(), app))
	got, err := s.Application(t.Context(), app.ID)
	noError(t, err)
	same(t, "Application()", got, app)
}

func testApplicationUnknown(t *testing.T, s Store) {
	ids := map[string]string{"unknown": newID(), "empty": ""}
	for name, text := range strange {
		ids[name] = text
	}
	for name, id := range ids {
		for method, err := range map[string]error{
			"Application":           second(s.Application(t.Context(), id)),
			"ApplicationByClientID": second(s.ApplicationByClientID(t.Context(), id)),
		} {
			if !errors.Is(err, errors.ApplicationNotFound) {
				t.Errorf("%s(%s) = %v, want ApplicationNotFound", method, name, err)
			}
		}
	}
}

func testApplicationConflict(t *testing.T, s Store) {
	app := newApplication()
	noError(t, s.CreateApplication(t.Context(), app))
	for field, change := range map[string]func(*identity.Application){
		"id":       func(a *identity.Application) { a.ID = app.ID },
		"clientId": func(a *identity.Application) { a.ClientID = app.ClientID },
	} {
		other := newApplication()
		change(&other)
		wantConflict(t, s.CreateApplication(t.Context(), other), field)
	}
}

func testApplicationWithoutProduct(t *testing.T, s Store) {
	for name, product := range map[string]string{"unknown": newID(), "not UTF-8": strange["not UTF-8"], "NUL": strange["NUL"]} {
		app := newApplication()
		app.Name = product
		err := s.CreateApplication(t.Context(), app)
		if !errors.Is(err, errors.InvalidApplicationName) || errors.From(err).Fields["name"] == "" {
			t.Errorf("CreateApplication() of a product that is %s = %v, want InvalidApplicationName naming it", name, err)
		}
	}
}

func testUpdateApplication(t *testing.T, s Store) {
	app := newApplication()
	noError(t, s.CreateApplication(t.Context(), app))
	changed := identity.Application{ID: app.ID, ClientID: newID(), Name: newID(), UpdatedAt: kept(now.Add(time.Hour)), Version: 9}
	changed.Secrets = []identity.ClientSecret{{Hash: "newest", ExpiresAt: now.Add(time.Minute)}}
	noError(t, s.InTx(t.Context(), func(ctx context.Context) error {
		got, err := s.ApplicationToChange(ctx, app.ID)
		same(t, "ApplicationToChange()", got, app)
		return errors.Join(err, s.UpdateApplication(ctx, changed))
	}))
	changed.ClientID, changed.Name, changed.BuiltIn, changed.CreatedAt = app.ClientID, app.Name, true, app.CreatedAt
	changed.Secrets[0].ExpiresAt = kept(changed.Secrets[0].ExpiresAt)
	got, err := s.Application(t.Context(), app.ID)
	noError(t, err)
	same(t, "Application()", got, changed)
	wantAnnounced(t, s, storage.ApplicationChanged, app.ClientID, 1)
	if _, err := s.ApplicationToChange(t.Context(), app.ID); err == nil {
		t.Error("ApplicationToChange() outside of a transaction = nil")
	}
}

func testDeleteApplication(t *testing.T, s Store) {
	app := newApplication()
	noError(t, s.CreateApplication(t.Context(), app))
	won := race(t, func(int) (bool, error) {
		err := s.DeleteApplication(t.Context(), app.ID, now)
		if errors.Is(err, errors.ApplicationNotFound) {
			return false, nil
		}
		return err == nil, err
	})
	if won != 1 {
		t.Errorf("%d of %d deleted the application, want 1", won, racers)
	}
	if _, err := s.ApplicationByClientID(t.Context(), app.ClientID); !errors.Is(err, errors.ApplicationNotFound) {
		t.Errorf("ApplicationByClientID() = %v, want ApplicationNotFound", err)
	}
	wantAnnounced(t, s, storage.ApplicationChanged, app.ClientID, 1)
}

func testRenewClientSecrets(t *testing.T, s Store) {
	app := newApplication()
	noError(t, s.CreateApplication(t.Context(), app))
	renewed := []identity.ClientSecret{{Hash: "newer"}, app.Secrets[1]}
	for _, want := range []bool{true, false} { // the second time they are not the old ones any more
		if ok, err := s.RenewClientSecrets(t.Context(), app.ID, app.Secrets, renewed, now.Add(time.Hour)); ok != want || err != nil {
			t.Errorf("RenewClientSecrets() = %t, %v, want %t", ok, err, want)
		}
	}
	got, err := s.Application(t.Context(), app.ID)
	noError(t, err)
	app.Secrets = renewed
	same(t, "Application(), no new version", got, app)
	wantAnnounced(t, s, storage.ApplicationChanged, app.ClientID, 1)
	if ok, err := s.RenewClientSecrets(t.Context(), newID(), app.Secrets, renewed, now); ok || err != nil {
		t.Errorf("RenewClientSecrets() of none = %t, %v, want false", ok, err)
	}
}

func testApplicationsPages(t *testing.T, s Store) {
	var all []string
	for range 5 {
		app := newApplication()
		all = append(all, app.ID)
		noError(t, s.CreateApplication(t.Context(), app))
	}
	for number, want := range [][]string{all[:2], all[2:4], all[4:], {}} {
		apps, total, err := s.Applications(t.Context(), identity.Page{Number: number + 1, Limit: 2})
		noError(t, err)
		ids := []string{}
		for _, app := range apps {
			ids = append(ids, app.ID)
		}
		same(t, "ids", ids, want)
		same(t, "total", total, 5)
	}
}
