package storagetest

import (
	"strconv"
	"sync"
	"testing"

	"gatehouse/errors"
)

func testSubjects(t *testing.T, open func(t *testing.T) Store) {
	parallel(t, open(t), map[string]func(t *testing.T, s Store){
		"one for each sector":          testSubject,
		"many ask for the first":       testSubjectRace,
		"a subject goes with its user": testSubjectGoes,
	})
}

func testSubject(t *testing.T, s Store) {
	ctx, user, other := t.Context(), createUser(t, s), createUser(t, s)
	for _, ask := range []struct{ userID, sector, fresh, want string }{
		{user.ID, "a.example.com", user.ID + "-1", user.ID + "-1"},
		{user.ID, "a.example.com", user.ID + "-2", user.ID + "-1"},
		{user.ID, "b.example.com", user.ID + "-3", user.ID + "-3"},
		{other.ID, "a.example.com", other.ID + "-4", other.ID + "-4"},
	} {
		got, err := s.PairwiseSubject(ctx, ask.userID, ask.sector, ask.fresh)
		noError(t, err)
		same(t, "PairwiseSubject()", got, ask.want)
		userID, err := s.UserOfSubject(ctx, ask.want)
		noError(t, err)
		same(t, "UserOfSubject()", userID, ask.userID)
	}
	for _, nobody := range []string{"nobody", user.ID, user.ID + "-2", "", "\x00"} {
		if _, err := s.UserOfSubject(ctx, nobody); !errors.Is(err, errors.UserNotFound) {
			t.Errorf("UserOfSubject(%q) = %v, want UserNotFound", nobody, err)
		}
	}
	if _, err := s.PairwiseSubject(ctx, "nobody", "a.example.com", "x"); !errors.Is(err, errors.UserNotFound) {
		t.Errorf("PairwiseSubject() of nobody = %v, want UserNotFound", err)
	}
}

func testSubjectRace(t *testing.T, s Store) {
	user := createUser(t, s)
	var all sync.WaitGroup
	got := make([]string, 32)
	for i := range got {
		all.Go(func() {
			var err error
			if got[i], err = s.PairwiseSubject(t.Context(), user.ID, "a.example.com", user.ID+strconv.Itoa(i)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, one := range got {
		same(t, "subject of one of many", one, got[0])
	}
}

func testSubjectGoes(t *testing.T, s Store) {
	ctx, user := t.Context(), createUser(t, s)
	subject, err := s.PairwiseSubject(ctx, user.ID, "a.example.com", user.ID+"-1")
	noError(t, err)
	noError(t, s.DeleteUser(ctx, user.ID, now))
	if _, err := s.UserOfSubject(ctx, subject); !errors.Is(err, errors.UserNotFound) {
		t.Errorf("the user is gone, and UserOfSubject() = %v", err)
	}
}
