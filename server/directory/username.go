package directory

import (
	"context"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/storage"
)

// UserByUsername is User by UsernameKey(username).
func (d *Directory) UserByUsername(ctx context.Context, username string) (*identity.User, error) {
	return d.userNamed(ctx, username, d.User)
}

// userNamed looks up a user by username. A username is one user's for as long as
// they exist, so that its id can be remembered without following changes.
func (d *Directory) userNamed(ctx context.Context, username string, byID func(ctx context.Context, id string) (*identity.User, error)) (*identity.User, error) {
	key := identity.UsernameKey(username)
	if id, ok := d.names.Get(key); ok {
		user, err := byID(ctx, id)
		if !errors.Is(err, errors.UserNotFound) {
			return user, err
		}
		d.names.Remove(key) // somebody else may have the name by now
	}
	epoch := d.users.now()
	user, err := d.Identity.UserByUsername(ctx, username)
	if err != nil {
		return nil, err
	}
	d.names.Add(key, user.ID)
	d.users.remember(user.ID, &user, epoch)
	return byID(ctx, user.ID)
}

// Load remembers these users, those that exist, with one statement for all that
// it has to read.
func (d *Directory) Load(ctx context.Context, userIDs []string) error {
	epoch := d.users.now()
	missing := make([]string, 0, len(userIDs))
	for _, id := range userIDs {
		if _, _, ok := d.users.lookup(id); !ok {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	users, err := d.Identity.UsersByID(ctx, missing)
	if err != nil {
		return err
	}
	for i := range users {
		d.users.remember(users[i].ID, &users[i], epoch)
	}
	return nil
}

// Called returns the id of the one among the accounts who is called so, by username
// or by e-mail address; empty: nobody is. That is what login_hint (OpenID Connect
// Core §3.1.2.1) and logout_hint (RP-Initiated Logout 1.0 §2) hold.
func (d *Directory) Called(ctx context.Context, name string, accounts []storage.Account) (userID string, err error) {
	if name == "" {
		return "", nil
	}
	username, email := identity.UsernameKey(name), identity.EmailKey(name)
	for _, account := range accounts {
		user, err := d.User(ctx, account.UserID)
		switch {
		case errors.Is(err, errors.UserNotFound):
			continue
		case err != nil:
			return "", err
		case identity.UsernameKey(user.Username) == username, identity.EmailKey(user.Email) == email:
			return user.ID, nil
		}
	}
	return "", nil
}
