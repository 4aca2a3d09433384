package main

import (
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/google/uuid"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/keys"
)

// credentialsIn is the file in data_dir with what a first start with --dev made up.
const credentialsIn = "dev-credentials.json"

// credentials are what a first start with --dev makes up.
type credentials struct {
	Issuer string `json:"issuer"`
	Admin  struct {
		Username string `json:"username"`
		Password string `json:"password"`
	} `json:"admin"`
	Application struct {
		ClientID     string `json:"clientId"`
		ClientSecret string `json:"clientSecret"`
	} `json:"application"`
}

// generateMasterSecret makes the master secret of a first start with --dev.
func (l *loaded) generateMasterSecret() error {
	if len(l.MasterSecret) > 0 {
		return nil
	}
	path := filepath.Join(l.DataDir, masterSecretIn)
	if err := makePrivateDir(l.DataDir); err != nil {
		return err
	}
	err := writePrivateFile(path, []byte(randomHex(32)+"\n"), os.Link)
	if err != nil && !errors.Is(err, fs.ErrExist) { // another process was faster
		return err
	}
	if wrong := l.generatedSecret(); wrong != nil {
		return wrong
	}
	return nil
}

// firstStart creates an administrator and an application in a database that
// knows nobody, and returns their credentials; it returns nil when there is
// somebody. The credentials are in their file before anything is created, and
// both are created or neither, so a start that was cut short is taken up by the
// next one.
func (d *database) firstStart(ctx context.Context, issuer string) (*credentials, error) {
	_, users, err := d.store.Users(ctx, identity.UserQuery{Page: identity.Page{Number: 1, Limit: 1}})
	if err != nil || users > 0 {
		return nil, err
	}
	path := filepath.Join(d.cfg.DataDir, credentialsIn)
	put := os.Rename // over what a start left behind that was cut short
	made, err := readCredentials(path)
	if errors.Is(err, fs.ErrNotExist) {
		put = os.Link // unless another process is faster
		made, err = newCredentials(), nil
	}
	if err != nil {
		return nil, err
	}
	made.Issuer = issuer
	content, err := json.MarshalIndent(made, "", "  ")
	if err != nil {
		return nil, err
	}
	if err := makePrivateDir(d.cfg.DataDir); err != nil {
		return nil, err
	}
	if err := writePrivateFile(path, append(content, '\n'), put); err != nil {
		return nil, err
	}
	return made, d.createFirst(ctx, made)
}

// readCredentials reads what a start made up that was cut short.
func readCredentials(path string) (*credentials, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	made := &credentials{}
	if err := json.Unmarshal(content, made); err != nil {
		return nil, errors.Join(errors.New(path+" is damaged; remove it"), err)
	}
	return made, nil
}

func newCredentials() *credentials {
	made := &credentials{}
	made.Admin.Username = "admin"
	made.Application.ClientID = randomHex(10)
	made.Application.ClientSecret = randomHex(20)
	made.Admin.Password = identity.GeneratePassword()
	return made
}

// createFirst creates the administrator and the application.
func (d *database) createFirst(ctx context.Context, made *credentials) error {
	admin := identity.User{
		ID: uuid.Must(uuid.NewV7()).String(), Username: made.Admin.Username, Email: "admin@localhost",
		FirstName: "Administrator", Groups: []string{identity.AdminGroup}, CreatedAt: d.now(), UpdatedAt: d.now(), Version: 1,
	}
	app := identity.Application{
		Name: "dev", Description: "Made by gatehouse serve --dev", ClientID: made.Application.ClientID,
		GrantTypes:               []string{identity.GrantPassword, identity.GrantClientCredentials, identity.GrantRefreshToken},
		IDTokenSignedResponseAlg: keys.RS256,
	}
	completeApplication(&app)
	var err error
	if admin.PasswordHash, err = d.hash(ctx, admin, made.Admin.Password); err != nil {
		return err
	}
	debug.FreeOSMemory() // the hash's, which the heap would otherwise keep growing from
	if err := d.newApplication(&app, made.Application.ClientSecret); err != nil {
		return err
	}
	return d.store.InTx(ctx, func(ctx context.Context) error {
		product := identity.Product{Name: app.Name, Description: app.Description, CreatedAt: app.CreatedAt}
		return errors.Join(
			d.store.CreateUser(ctx, admin), d.store.CreateProduct(ctx, product), d.store.CreateApplication(ctx, app))
	})
}

// createBuiltIn creates the first-party application unless it is there.
func (d *database) createBuiltIn(ctx context.Context) error {
	_, err := d.store.ApplicationByClientID(ctx, identity.FirstPartyClientID)
	if !errors.Is(err, errors.ApplicationNotFound) {
		return err
	}
	app := identity.Application{
		Name: "gatehouse", Description: "Password requests that bring no client run as this application",
		ClientID: identity.FirstPartyClientID, Public: true, BuiltIn: true,
		GrantTypes: []string{identity.GrantPassword, identity.GrantRefreshToken}, IDTokenSignedResponseAlg: keys.ES256,
	}
	completeApplication(&app)
	if err := d.newApplication(&app, ""); err != nil {
		return err
	}
	err = d.store.CreateApplication(ctx, app)
	if errors.Is(err, errors.Conflict) { // another node was faster
		return nil
	}
	return err
}
