package interaction_test

import (
	"context"
	"encoding/base64"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
	"gatehouse/server/interaction"
	"gatehouse/server/keys"
	"gatehouse/server/quota"
	"gatehouse/server/servertest"
	"gatehouse/server/web"
	"gatehouse/storage"
	"gatehouse/storage/storagetest"
)

var (
	mine   = []byte("the binding of the one browser..")
	others = []byte("the binding of another browser..")
)

// fixture is a keeper, and the requests that it is to begin.
type fixture struct {
	interaction.Keeper
	clock *servertest.Clock
	store *counted
	size  int // of a parameter, in bytes
}

// counted counts what is written.
type counted struct {
	storage.Interactions
	writes atomic.Int64
}

func (c *counted) SaveInteraction(ctx context.Context, i storage.Interaction) (bool, error) {
	c.writes.Add(1)
	return c.Interactions.SaveInteraction(ctx, i)
}

// each runs a test on every database, with requests that are sealed and with such
// that are too large for that.
func each(t *testing.T, run func(t *testing.T, f fixture)) {
	t.Helper()
	for _, db := range storagetest.Databases() {
		for name, size := range map[string]int{"sealed": 10, "too large": 3000} {
			t.Run(db.Name+"/"+name, func(t *testing.T) {
				t.Parallel()
				clock, store := servertest.NewClock(), &counted{Interactions: db.Open(t)}
				run(t, fixture{newKeeper(t, store, clock, servertest.Master), clock, store, size})
			})
		}
	}
}

// newKeeper returns the keeper of a node with these master secrets.
func newKeeper(tb testing.TB, store storage.Interactions, clock *servertest.Clock, secrets ...string) interaction.Keeper {
	tb.Helper()
	master, err := keys.NewMaster(secrets...)
	if err != nil {
		tb.Fatal(err)
	}
	return interaction.Keeper{Store: store, Master: master, Bound: interaction.NewBound(clock.Now), Now: clock.Now}
}

// request is a state with something in each field.
func (f fixture) request() interaction.State {
	return interaction.State{
		ClientID:   "0123456789abcdef0123",
		Parameters: url.Values{"state": {"é\"<&>;"}, "resource": {"https://a.example.com", "https://b.example.com"}, "nonce": {strings.Repeat("n", f.size)}},
		BeganAt:    f.clock.Now(),
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

func (f fixture) begin(t *testing.T) interaction.Interaction {
	t.Helper()
	i, err := f.Begin(t.Context(), mine, f.request())
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func (f fixture) read(t *testing.T, id string) interaction.Interaction {
	t.Helper()
	i, err := f.Read(t.Context(), id, mine)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func TestWhatIsKeptIsRead(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, f fixture) {
		begun := f.begin(t)
		if sealed := f.size < 1000; sealed == (len(begun.ID) == 43) || sealed != (f.store.writes.Load() == 0) {
			t.Errorf("id %q, and %d writes", begun.ID, f.store.writes.Load())
		}
		if diff := cmp.Diff(f.request(), f.read(t, begun.ID).State); diff != "" {
			t.Error(diff)
		}
		if again := f.begin(t); again.ID == begun.ID {
			t.Error("two interactions have one id")
		}
	})
}

func TestWhoMayRead(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, f fixture) {
		i := f.begin(t)
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
			"a cut id":        {i.ID[:len(i.ID)-4], mine},
			"a longer id":     {i.ID + "AAAA", mine},
			"a shorter id":    {i.ID[4:], mine},
			"another letter":  {"A" + i.ID[1:len(i.ID)-1] + "A", mine},
		} {
			if _, err := f.Read(t.Context(), tt.id, tt.binding); !errors.Is(err, errors.SignInExpired) {
				t.Errorf("%s: %v, want %v", name, err, errors.SignInExpired)
			}
		}
		f.clock.Advance(interaction.Life - time.Second)
		f.read(t, i.ID)
		f.clock.Advance(time.Second)
		if _, err := f.Read(t.Context(), i.ID, mine); !errors.Is(err, errors.SignInExpired) {
			t.Errorf("when its time is over: %v, want %v", err, errors.SignInExpired)
		}
	})
}

func TestSave(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, f fixture) {
		i := f.begin(t)
		first, second := f.read(t, i.ID), f.read(t, i.ID)
		first.UserID, second.UserID = "first", "second"
		if err := f.Save(t.Context(), &first); err != nil {
			t.Fatal(err)
		}
		if err := f.Save(t.Context(), &second); !errors.Is(err, errors.SignInExpired) {
			t.Errorf("a save of what was read before another one: %v, want %v", err, errors.SignInExpired)
		}
		first.Step = interaction.Choose
		if err := f.Save(t.Context(), &first); err != nil {
			t.Errorf("a second save of the same: %v", err)
		}
		if got := f.read(t, i.ID); got.UserID != "first" || got.Step != interaction.Choose {
			t.Errorf("kept: %+v", got.State)
		}
	})
}

func TestOneOfManySavesCounts(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, f fixture) {
		i := f.begin(t)
		const tabs = 8
		var saved atomic.Int32
		var all sync.WaitGroup
		start := make(chan struct{})
		for range tabs {
			copied := f.read(t, i.ID)
			all.Go(func() {
				<-start
				switch err := f.Save(t.Context(), &copied); {
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

// TestEndsThatAreCounted: a row that is left of a request too large to be sealed takes
// nobody who has signed in, so it counts until it expires.
func TestEndsThatAreCounted(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, f fixture) {
		want := 0
		if f.size == 3000 {
			want = 1
		}
		i := f.begin(t)
		if err := f.End(t.Context(), i); err != nil {
			t.Fatal(err)
		}
		if err := f.End(t.Context(), i); !errors.Is(err, errors.SignInExpired) {
			t.Errorf("ended twice: %v", err)
		}
		if rows, bytes := f.Bound.Held(); rows != want || bytes != want*quota.RowBytes {
			t.Errorf("%d rows, %d bytes are counted, want %d rows", rows, bytes, want)
		}
		f.clock.Advance(interaction.Life + 10*time.Minute)
		if rows, _ := f.Bound.Held(); rows != 0 {
			t.Errorf("%d rows are counted after their time", rows)
		}
	})
}

func TestEnd(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, f fixture) {
		i, saved, late := f.begin(t), f.begin(t), f.begin(t)
		before := f.read(t, i.ID)
		if err := f.Save(t.Context(), &saved); err != nil {
			t.Fatal(err)
		}
		for _, ended := range []interaction.Interaction{i, saved} {
			if err := f.End(t.Context(), ended); err != nil {
				t.Fatal(err)
			}
			if err := f.End(t.Context(), ended); !errors.Is(err, errors.SignInExpired) {
				t.Errorf("a second end: %v, want %v", err, errors.SignInExpired)
			}
			if _, err := f.Read(t.Context(), ended.ID, mine); !errors.Is(err, errors.SignInExpired) {
				t.Errorf("after its end: %v, want %v", err, errors.SignInExpired)
			}
			if err := f.Save(t.Context(), &ended); !errors.Is(err, errors.SignInExpired) {
				t.Errorf("a save after its end: %v, want %v", err, errors.SignInExpired)
			}
		}
		if err := f.Save(t.Context(), &before); !errors.Is(err, errors.SignInExpired) {
			t.Errorf("a save of what was read before its end: %v, want %v", err, errors.SignInExpired)
		}
		if rows, _ := f.Bound.Held(); rows > 3 {
			t.Errorf("%d rows are counted", rows)
		}
		f.read(t, late.ID)
	})
}

// TestChange: what comes next of a request may change before anybody has done
// something. All its IDs are of one request, which is over once.
func TestChange(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, f fixture) {
		first := f.begin(t)
		writes := f.store.writes.Load()
		changed := f.read(t, first.ID)
		next := changed.State
		next.Step = interaction.Choose
		if err := f.Change(t.Context(), &changed, next); err != nil {
			t.Fatal(err)
		}
		sealed := f.size < 1000
		if wrote := f.store.writes.Load() > writes; wrote == sealed || (changed.ID == first.ID) == sealed {
			t.Errorf("wrote: %v, another ID: %v", wrote, changed.ID != first.ID)
		}
		if diff := cmp.Diff(next, f.read(t, changed.ID).State); diff != "" {
			t.Error(diff)
		}
		one, other := f.read(t, first.ID), f.read(t, changed.ID)
		one.Another, other.Another = false, false
		if err := f.Save(t.Context(), &one); err != nil {
			t.Fatal(err)
		}
		if err := f.Save(t.Context(), &other); !errors.Is(err, errors.SignInExpired) {
			t.Errorf("a save under another ID of the same request: %v, want %v", err, errors.SignInExpired)
		}
		other = f.read(t, changed.ID)
		if diff := cmp.Diff(one.State, other.State); diff != "" {
			t.Error(diff)
		}
		f.clock.Advance(interaction.Life)
		if _, err := f.Read(t.Context(), changed.ID, mine); !errors.Is(err, errors.SignInExpired) {
			t.Errorf("another ID lives longer: %v", err)
		}
	})
}

// TestRowsGiveWay: of strangers' requests that are too large for an address, no more
// are kept than there is room for. Progress, and the end of a request, stay.
func TestRowsGiveWay(t *testing.T) {
	t.Parallel()
	for _, db := range storagetest.Databases() {
		t.Run(db.Name, func(t *testing.T) {
			t.Parallel()
			clock, store := servertest.NewClock(), &counted{Interactions: db.Open(t)}
			f := fixture{newKeeper(t, store, clock, servertest.Master), clock, store, 12_000}
			stranger := func() interaction.Interaction {
				s := f.request()
				s.UserID = ""
				i, err := f.Begin(web.WithRequest(t.Context(), web.Request{Address: "2001:db8::1"}), mine, s)
				if err != nil {
					t.Fatal(err)
				}
				return i
			}
			known, signedIn, ended, forgotten := f.begin(t), stranger(), stranger(), stranger()
			signedIn.SignInAs("ada")
			if err := f.Save(t.Context(), &signedIn); err != nil {
				t.Fatal(err)
			}
			if err := f.End(t.Context(), ended); err != nil {
				t.Fatal(err)
			}
			var last interaction.Interaction
			for range 40 {
				last = stranger()
			}
			f.read(t, known.ID)
			f.read(t, signedIn.ID)
			f.read(t, last.ID)
			for name, id := range map[string]string{"ended": ended.ID, "pushed out": forgotten.ID} {
				if _, err := f.Read(t.Context(), id, mine); !errors.Is(err, errors.SignInExpired) {
					t.Errorf("one that was %s: %v, want %v", name, err, errors.SignInExpired)
				}
			}
			if err := f.End(t.Context(), ended); !errors.Is(err, errors.SignInExpired) {
				t.Errorf("the end of one was forgotten: %v", err)
			}
		})
	}
}

// TestMasterSecrets: a begun request survives another first master secret, and means
// nothing to a node that does not have the one that it was sealed under.
func TestMasterSecrets(t *testing.T) {
	t.Parallel()
	const renewed = "another master secret that is only good for tests"
	each(t, func(t *testing.T, f fixture) {
		i := f.begin(t)
		rotated := fixture{newKeeper(t, f.store, f.clock, renewed, servertest.Master), f.clock, f.store, f.size}
		read := rotated.read(t, i.ID)
		if err := rotated.Save(t.Context(), &read); err != nil {
			t.Fatal(err)
		}
		stranger := newKeeper(t, f.store, f.clock, renewed)
		if _, err := stranger.Read(t.Context(), i.ID, mine); f.size < 1000 && !errors.Is(err, errors.SignInExpired) {
			t.Errorf("without the secret: %v, want %v", err, errors.SignInExpired)
		}
	})
}

// TestOrdinaryRequestsAreSmall measures what the address of a page carries.
func TestOrdinaryRequestsAreSmall(t *testing.T) {
	t.Parallel()
	clock := servertest.NewClock()
	k := newKeeper(t, nil, clock, servertest.Master)
	text := strings.Repeat("s", 43)
	i, err := k.Begin(t.Context(), mine, interaction.State{
		ClientID: "0123456789abcdef0123", Step: interaction.SignIn,
		Parameters: url.Values{
			"client_id": {"0123456789abcdef0123"}, "redirect_uri": {"https://app.example.com/callback"}, "response_type": {"code"}, "scope": {"openid profile email"},
			"state": {text}, "nonce": {text}, "code_challenge": {text}, "code_challenge_method": {"S256"},
		},
	})
	if err != nil || len(i.ID) > 640 {
		t.Errorf("an ID of %d bytes, %v, want 640 at most", len(i.ID), err)
	}
	t.Logf("%d bytes", len(i.ID))
}

// FuzzRead: whatever is shown as an ID, and whatever is sealed in it, is read or
// refused.
func FuzzRead(f *testing.F) {
	clock := servertest.NewClock()
	k := newKeeper(f, nothing{}, clock, servertest.Master)
	master, err := keys.NewMaster(servertest.Master)
	if err != nil {
		f.Fatal(err)
	}
	head := strings.Repeat("k", 16) + string(mine)
	f.Add("", "")
	f.Add(strings.Repeat("A", 43), head)
	f.Add("A\n==", head+"\x00\x06\x00\x00\x00\x00\x00\x00"+`{"step":"sign-in","q":"client_id=a&state=%zz"}`)
	f.Add("_-", head+"\xff\xff\xff\xff\xff\xff\xff\xff"+`{"step":"consent","scopes":["openid"],"q":"a=b"}`)
	f.Fuzz(func(t *testing.T, id, plain string) {
		if _, err := k.Read(t.Context(), id, mine); !errors.Is(err, errors.SignInExpired) {
			t.Errorf("%q: %v, want %v", id, err, errors.SignInExpired)
		}
		sealed, err := master.Seal("interaction", []byte(plain))
		if err != nil {
			t.Fatal(err)
		}
		i, err := k.Read(t.Context(), base64.RawURLEncoding.EncodeToString(sealed), mine)
		if err == nil && (!strings.HasPrefix(plain[16:], string(mine)) || i.BeganAt.Add(interaction.Life).Before(clock.Now())) {
			t.Errorf("%q was read: %+v", plain, i)
		}
	})
}

// nothing is a database without interactions.
type nothing struct{ storage.Interactions }

func (nothing) Interaction(context.Context, []byte, time.Time) (storage.Interaction, bool, error) {
	return storage.Interaction{}, false, nil
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
			s := fixture{clock: servertest.NewClock()}.request()
			tt.do(&s)
			got := interaction.State{UserID: s.UserID, SignedIn: s.SignedIn, Another: s.Another, Agreed: s.Agreed, Consented: s.Consented}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
