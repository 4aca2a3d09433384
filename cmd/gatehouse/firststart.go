package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/registry"
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

// createFirst creates the administrator, the application and its product.
func (d *database) createFirst(ctx context.Context, made *credentials) error {
	if _, err := d.master(); err != nil {
		return err
	}
	return local{d}.change(func(r *registry.Registry) error {
		return r.InTx(asCommand(ctx), func(ctx context.Context) error {
			_, err := r.CreateUser(ctx, registry.NewUser{
				Username: made.Admin.Username, Email: "admin@localhost", FirstName: "Administrator",
				Password: made.Admin.Password, Groups: []string{identity.AdminGroup},
			})
			debug.FreeOSMemory() // the hash's, which the heap would otherwise keep growing from
			if err != nil {
				return err
			}
			const product, description = "dev", "Made by gatehouse serve --dev"
			if _, err := r.CreateProduct(ctx, identity.Product{Name: product, Description: description}); err != nil {
				return err
			}
			_, _, err = r.CreateApplication(ctx, registry.NewApplication{Secret: made.Application.ClientSecret, Application: identity.Application{
				Name: product, Description: description, ClientID: made.Application.ClientID,
				GrantTypes: []string{identity.GrantPassword, identity.GrantClientCredentials, identity.GrantRefreshToken},
			}})
			return err
		})
	})
}

// createBuiltIn creates the first-party application unless it is there.
func (d *database) createBuiltIn(ctx context.Context) error {
	_, err := d.store.ApplicationByClientID(ctx, identity.FirstPartyClientID)
	if !errors.Is(err, errors.ApplicationNotFound) {
		return err
	}
	err = local{d}.change(func(r *registry.Registry) error {
		_, _, err := r.CreateApplication(asCommand(ctx), registry.NewApplication{Application: identity.Application{
			Name: identity.FirstPartyProduct, Description: "Password requests that bring no client run as this application",
			ClientID: identity.FirstPartyClientID, Public: true, BuiltIn: true,
			GrantTypes: []string{identity.GrantPassword, identity.GrantRefreshToken}, IDTokenSignedResponseAlg: keys.ES256,
		}})
		return err
	})
	if errors.Is(err, errors.Conflict) { // another node was faster
		return nil
	}
	return err
}

// randomHex is so many random bytes in hexadecimal.
func randomHex(bytes int) string {
	random := make([]byte, bytes)
	_, _ = rand.Read(random) // never fails
	return hex.EncodeToString(random)
}
