package interaction_test

import (
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
	"gatehouse/server/interaction"
	"gatehouse/server/servertest"
	"gatehouse/storage/storagetest"
)

var (
	mine   = []byte("the binding of one browser")
	others = []byte("the binding of another one")
)

// each runs a test with a keeper on every database.
func each(t *testing.T, run func(t *testing.T, k interaction.Keeper, clock *servertest.Clock)) {
	t.Helper()
	for _, db := range storagetest.Databases() {
		t.Run(db.Name, func(t *testing.T) {
			t.Parallel()
			clock := servertest.NewClock()
			run(t, interaction.Keeper{Store: db.Open(t), Now: clock.Now}, clock)
		})
	}
}

// request is a state with something in each field.
func request() interaction.State {
	return interaction.State{
		ClientID:   "0123456789abcdef0123",
		Parameters: url.Values{"state": {"é\"<&>"}, "resource": {"https://a.example.com", "https://b.example.com"}},
		BeganAt:    time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
		Step:       interaction.Consent,
		Account:    "somebody",
		Scopes:     []string{"openid", "profile"},
		UserID:     "somebody",
		SignedIn:   true,
		Another:    true,
		Agreed:     true,
		Consented:  []string{"openid"},
		Declined:   true,
	}
}

func begin(t *testing.T, k interaction.Keeper) interaction.Interaction {
	t.Helper()
	i, err := k.Begin(t.Context(), mine, request())
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func read(t *testing.T, k interaction.Keeper, id string) interaction.Interaction {
	t.Helper()
	i, err := k.Read(t.Context(), id, mine)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func TestWhatIsKeptIsRead(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k interaction.Keeper, _ *servertest.Clock) {
		begun := begin(t, k)
		if len(begun.ID) != 43 {
			t.Errorf("id %q, want one of 256 bits", begun.ID)
		}
		if diff := cmp.Diff(request(), read(t, k, begun.ID).State); diff != "" {
			t.Error(diff)
		}
		if again := begin(t, k); again.ID == begun.ID {
			t.Error("two interactions have one id")
		}
	})
}

func TestWhoMayRead(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k interaction.Keeper, clock *servertest.Clock) {
		i := begin(t, k)
		for name, tt := range map[string]struct {
			id      string
			binding []byte
		}{
			"another browser": {i.ID, others},
			"no browser":      {i.ID, nil},
			"another id":      {strings.Repeat("A", 43), mine},
			"no id":           {"", mine},
			"not an id":       {"\x00' OR 1=1", mine},
			"a long id":       {strings.Repeat("A", 1<<20), mine},
		} {
			if _, err := k.Read(t.Context(), tt.id, tt.binding); !errors.Is(err, errors.SignInExpired) {
				t.Errorf("%s: %v, want %v", name, err, errors.SignInExpired)
			}
		}
		clock.Advance(interaction.Life - time.Second)
		read(t, k, i.ID)
		clock.Advance(time.Second)
		if _, err := k.Read(t.Context(), i.ID, mine); !errors.Is(err, errors.SignInExpired) {
			t.Errorf("when its time is over: %v, want %v", err, errors.SignInExpired)
		}
	})
}

func TestSave(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k interaction.Keeper, _ *servertest.Clock) {
		i := begin(t, k)
		first, second := read(t, k, i.ID), read(t, k, i.ID)
		first.UserID, second.UserID = "first", "second"
		if err := k.Save(t.Context(), &first); err != nil {
			t.Fatal(err)
		}
		if err := k.Save(t.Context(), &second); !errors.Is(err, errors.SignInExpired) {
			t.Errorf("a save of what was read before another one: %v, want %v", err, errors.SignInExpired)
		}
		first.Step = interaction.Choose
		if err := k.Save(t.Context(), &first); err != nil {
			t.Errorf("a second save of the same: %v", err)
		}
		if got := read(t, k, i.ID); got.UserID != "first" || got.Step != interaction.Choose {
			t.Errorf("kept: %+v", got.State)
		}
	})
}

func TestOneOfManySavesCounts(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k interaction.Keeper, _ *servertest.Clock) {
		i := begin(t, k)
		const tabs = 8
		var saved atomic.Int32
		var all sync.WaitGroup
		start := make(chan struct{})
		for range tabs {
			copied := read(t, k, i.ID)
			all.Go(func() {
				<-start
				switch err := k.Save(t.Context(), &copied); {
				case err == nil:
					saved.Add(1)
				case !errors.Is(err, errors.SignInExpired):
					t.Error(err)
				}
			})
		}
		close(start)
		all.Wait()
		if got := saved.Load(); got != 1 {
			t.Errorf("%d saves counted, want 1", got)
		}
	})
}

func TestEnd(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k interaction.Keeper, _ *servertest.Clock) {
		i, late := begin(t, k), begin(t, k)
		late = read(t, k, late.ID)
		for range 2 { // doing it again changes nothing
			if err := k.End(t.Context(), i); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := k.Read(t.Context(), i.ID, mine); !errors.Is(err, errors.SignInExpired) {
			t.Errorf("after its end: %v, want %v", err, errors.SignInExpired)
		}
		if err := k.Save(t.Context(), &i); !errors.Is(err, errors.SignInExpired) {
			t.Errorf("a save after its end: %v, want %v", err, errors.SignInExpired)
		}
		read(t, k, late.ID)
	})
}

func TestWhoGoesOn(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		do   func(s *interaction.State)
		want interaction.State
	}{
		{"signed in", func(s *interaction.State) { s.SignInAs("somebody") }, interaction.State{UserID: "somebody", SignedIn: true, Agreed: true, Consented: []string{"openid"}}},
		{"another signed in", func(s *interaction.State) { s.SignInAs("bob") }, interaction.State{UserID: "bob", SignedIn: true}},
		{"chosen", func(s *interaction.State) { s.Choose("somebody") }, interaction.State{UserID: "somebody", SignedIn: true, Agreed: true, Consented: []string{"openid"}}},
		{"another chosen", func(s *interaction.State) { s.Choose("bob") }, interaction.State{UserID: "bob"}},
		{"another to sign in", func(s *interaction.State) { s.UseAnother() }, interaction.State{Another: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := request()
			tt.do(&s)
			got := interaction.State{UserID: s.UserID, SignedIn: s.SignedIn, Another: s.Another, Agreed: s.Agreed, Consented: s.Consented}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
