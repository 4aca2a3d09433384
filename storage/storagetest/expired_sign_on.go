package storagetest

import (
	"testing"
	"time"

	"gatehouse/errors"
)

func testDeleteExpiredSignOn(t *testing.T, s Store) {
	ctx, over, later := t.Context(), now.Add(-time.Second), now.Add(time.Hour)
	texts := []string{newID(), newID()}
	var hashes [][]byte
	for i, at := range []time.Time{over, later} {
		interaction := newInteraction()
		interaction.ExpiresAt = at
		insert(t, s, interaction)
		in := newSignIn(createUser(t, s).ID)
		in.Account.ExpiresAt = at
		noError(t, s.SignInBrowser(ctx, in))
		_, err := s.OnceOnly(ctx, texts[i], at)
		noError(t, err)
		_, err = s.EndSession(ctx, toldSession(t, s).ID, at.AddDate(0, 0, -7), at)
		noError(t, err)
		hashes = append(hashes, interaction.Hash, in.Browser.Hash)
	}
	if n := sweep(t, s, now, 100); n != 4+3 { // and both sessions that ended a week ago, and a line about one
		t.Errorf("deleted %d rows, want 7", n)
	}
	for i, want := range []bool{false, true} {
		_, interaction, err := s.Interaction(ctx, hashes[2*i], over.Add(-time.Second))
		_, browser, browserErr := s.Browser(ctx, hashes[2*i+1], over.Add(-time.Second))
		again, onceErr := s.OnceOnly(ctx, texts[i], later)
		if err := errors.Join(err, browserErr, onceErr); err != nil || interaction != want || browser != want || again == want {
			t.Errorf("left of %d: interaction %v, browser %v, new %v, %v; want them there: %v", i, interaction, browser, again, err, want)
		}
	}
	same(t, "number of deliveries", len(take(t, s, now)), 1)
}
