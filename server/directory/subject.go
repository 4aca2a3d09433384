package directory

import (
	"context"
	"crypto/rand"
	"encoding/base64"

	"gatehouse/errors"
	"gatehouse/identity"
)

// subjectBytes is the size of a pairwise sub before it is text, and subjectLength
// after: no user's id is so long.
const (
	subjectBytes  = 32
	subjectLength = 43
)

// Subject returns by which sub an application knows a user: the user's id, or for
// one with pairwise subjects another that says nothing (OpenID Connect Core §8.1).
func (d *Directory) Subject(ctx context.Context, app *identity.Application, userID string) (string, error) {
	if !app.Pairwise() {
		return userID, nil
	}
	sector := app.Sector()
	key := userID + " " + sector
	if subject, ok := d.subjects.Get(key); ok {
		return subject, nil
	}
	raw := make([]byte, subjectBytes)
	_, _ = rand.Read(raw) // never fails
	subject, err := d.Store.PairwiseSubject(ctx, userID, sector, base64.RawURLEncoding.EncodeToString(raw))
	if err != nil {
		return "", err
	}
	d.subjects.Add(key, subject)
	d.subjects.Add(subject, userID)
	return subject, nil
}

// UserKnownAs returns the id of the user whom an application knows by a sub, or
// errors.UserNotFound: also where the sub is somebody's for applications of another
// sector, who could else find out together whom each of them knows.
func (d *Directory) UserKnownAs(ctx context.Context, app *identity.Application, subject string) (userID string, err error) {
	if userID, err = d.UserOfSubject(ctx, subject); err != nil {
		return "", err
	}
	known, err := d.Subject(ctx, app, userID)
	if err == nil && known != subject {
		err = errors.UserNotFound
	}
	return userID, err
}

// UserOfSubject returns the id of the user whom any application knows by a sub. A
// public one is the id itself, whether or not it is anybody's.
func (d *Directory) UserOfSubject(ctx context.Context, subject string) (userID string, err error) {
	if len(subject) != subjectLength {
		return subject, nil
	}
	if userID, ok := d.subjects.Get(subject); ok {
		return userID, nil
	}
	if userID, err = d.Store.UserOfSubject(ctx, subject); err != nil {
		return "", err
	}
	d.subjects.Add(subject, userID)
	return userID, nil
}
