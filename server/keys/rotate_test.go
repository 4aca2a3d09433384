package keys_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/server/keys"
	"gatehouse/server/servertest"
	"gatehouse/storage"
)

var config = keys.Config{RotateEvery: 30 * 24 * time.Hour, PublishBefore: 2 * time.Hour, RetainFor: 48 * time.Hour}

func TestRotate(t *testing.T) {
	t.Parallel()
	now := servertest.ClockAt(start)
	r := open(t, seeded(t), now, config, oldSecret)
	oldToken := sign(t, r, keys.ES256)
	oldKey := kid(t, r, oldToken)
	_, etag := r.JWKS()

	now.Advance(time.Hour)
	if err := r.Rotate(t.Context(), keys.ES256); err != nil {
		t.Fatal(err)
	}
	want := []string{"ES256 active", "ES256 pending", "RS256 active"}
	if diff := cmp.Diff(want, states(r)); diff != "" {
		t.Errorf("after Rotate (-want +got):\n%s", diff)
	}
	if _, changed := r.JWKS(); changed == etag {
		t.Error("the ETag stayed although a key was added")
	}

	now.Advance(config.PublishBefore - time.Second)
	if got := kid(t, r, sign(t, r, keys.ES256)); got != oldKey {
		t.Errorf("a second before its time %s signs, want %s", got, oldKey)
	}
	now.Advance(time.Second)
	if got := kid(t, r, sign(t, r, keys.ES256)); got == oldKey {
		t.Error("the old key still signs when the new one is due")
	}
	want = []string{"ES256 active", "ES256 retired", "RS256 active"}
	if diff := cmp.Diff(want, states(r)); diff != "" {
		t.Errorf("when the new key is due (-want +got):\n%s", diff)
	}
	verify(t, r, oldToken)

	now.Advance(config.RetainFor - time.Second)
	verify(t, r, oldToken)
	_, etag = r.JWKS()
	now.Advance(time.Second)
	if diff := cmp.Diff([]string{"ES256 active", "RS256 active"}, states(r)); diff != "" {
		t.Errorf("when the last token has expired (-want +got):\n%s", diff)
	}
	if got := len(jwks(t, r).Keys); got != 2 {
		t.Errorf("the JWKS holds %d keys, want 2", got)
	}
	if _, changed := r.JWKS(); changed == etag {
		t.Error("the ETag stayed although a key left")
	}
	if _, _, ok := r.Public(oldKey); ok {
		t.Error("Public still knows the key that left")
	}
}

func TestRotateAnnounces(t *testing.T) {
	t.Parallel()
	now, store := servertest.ClockAt(start), seeded(t)
	r := open(t, store, now, config, oldSecret)
	var announced []storage.ChangeKind
	store.OnAnnounce(func(changes []storage.Change) {
		for _, c := range changes {
			announced = append(announced, c.Kind)
		}
	})
	if err := r.Rotate(t.Context(), keys.ES256); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]storage.ChangeKind{storage.KeysChanged}, announced); diff != "" {
		t.Errorf("announced (-want +got):\n%s", diff)
	}
}

func TestRotateAllAlgorithms(t *testing.T) {
	t.Parallel()
	now := servertest.ClockAt(start)
	r := open(t, seeded(t), now, config, oldSecret)
	if err := r.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{"ES256 active", "ES256 pending", "RS256 active", "RS256 pending"}
	if diff := cmp.Diff(want, states(r)); diff != "" {
		t.Errorf("after Rotate (-want +got):\n%s", diff)
	}
	if err := r.Rotate(t.Context(), keys.ES256, "ES384"); err == nil || len(r.List()) != 4 {
		t.Errorf("Rotate of an unknown algorithm = %v and leaves %d keys, want an error and 4", err, len(r.List()))
	}
}

func TestRotateNow(t *testing.T) {
	t.Parallel()
	now := servertest.ClockAt(start)
	r := open(t, seeded(t), now, config, oldSecret)
	oldKey := kid(t, r, sign(t, r, keys.ES256))
	if err := r.Rotate(t.Context(), keys.ES256); err != nil {
		t.Fatal(err)
	}
	now.Advance(time.Minute)
	before := r.List()
	if err := r.RotateNow(t.Context(), keys.ES256); err != nil {
		t.Fatal(err)
	}
	var newKey string
	for _, k := range r.List() {
		if !slices.ContainsFunc(before, func(b keys.Info) bool { return b.ID == k.ID }) {
			newKey = k.ID
		}
	}
	if got := kid(t, r, sign(t, r, keys.ES256)); got != oldKey {
		t.Errorf("before the nodes know the new key %s signs, want %s", got, oldKey)
	}
	for _, later := range []time.Duration{2 * time.Second, config.PublishBefore, config.RetainFor} {
		now.Advance(later)
		if got := kid(t, r, sign(t, r, keys.ES256)); got != newKey {
			t.Errorf("%v later %s signs, want %s", later, got, newKey)
		}
	}
	if diff := cmp.Diff([]string{"ES256 active", "RS256 active"}, states(r)); diff != "" {
		t.Errorf("in the end (-want +got):\n%s", diff)
	}
}

func TestRotateDue(t *testing.T) {
	t.Parallel()
	now := servertest.ClockAt(start)
	r := open(t, seeded(t), now, config, oldSecret)
	oldKey := kid(t, r, sign(t, r, keys.ES256))

	now.Advance(config.RotateEvery - config.PublishBefore - time.Second)
	rotateDue(t, r)
	if got := len(r.List()); got != 2 {
		t.Fatalf("a second too early there are %d keys, want 2", got)
	}
	now.Advance(time.Second)
	for range 2 { // the second one finds nothing to do
		rotateDue(t, r)
		want := []string{"ES256 active", "ES256 pending", "RS256 active", "RS256 pending"}
		if diff := cmp.Diff(want, states(r)); diff != "" {
			t.Errorf("when rotation is due (-want +got):\n%s", diff)
		}
	}
	now.Advance(config.PublishBefore)
	if got := kid(t, r, sign(t, r, keys.ES256)); got == oldKey {
		t.Error("the old key still signs after RotateEvery")
	}
}

func TestTwoNodesRotateAtOnce(t *testing.T) {
	t.Parallel()
	now, store := servertest.ClockAt(start), seeded(t)
	here, there := open(t, store, now, config, oldSecret), open(t, store, now, config, oldSecret)
	now.Advance(config.RotateEvery)
	done := make(chan error, 2)
	for _, r := range []*keys.Ring{here, there} {
		go func() { done <- r.RotateDue(t.Context()) }()
	}
	for range 2 {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"ES256 active", "ES256 pending", "RS256 active", "RS256 pending"}
	for _, r := range []*keys.Ring{here, there} {
		if err := r.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, states(r)); diff != "" {
			t.Errorf("after both rotated (-want +got):\n%s", diff)
		}
	}
}

func TestRotateWhenOutrun(t *testing.T) {
	t.Parallel()
	now, store := servertest.ClockAt(start), seeded(t)
	there := open(t, store, now, config, oldSecret)
	faster := 0
	here := open(t, &outrun{store, func() error {
		if faster == 0 {
			return nil
		}
		faster--
		now.Advance(time.Minute)
		return there.Rotate(t.Context(), keys.ES256)
	}}, now, config, oldSecret)

	faster = 1
	if err := here.Rotate(t.Context(), keys.ES256); err != nil {
		t.Fatal(err)
	}
	want := []string{"ES256 active", "ES256 pending", "ES256 pending", "RS256 active"}
	if diff := cmp.Diff(want, states(here)); diff != "" {
		t.Errorf("after both rotated (-want +got):\n%s", diff)
	}
	faster = 100
	if err := here.Rotate(t.Context(), keys.ES256); err == nil || !strings.Contains(err.Error(), "other nodes") {
		t.Errorf("Rotate() = %v while other nodes are always faster", err)
	}
}

func TestSignWithAClockThatIsBehind(t *testing.T) {
	t.Parallel()
	r := open(t, seeded(t), servertest.ClockAt(start.Add(-time.Minute)), config, oldSecret)
	verify(t, r, sign(t, r, keys.ES256))
}

func rotateDue(t testing.TB, r *keys.Ring) {
	t.Helper()
	if err := r.RotateDue(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func kid(t testing.TB, r *keys.Ring, token string) string {
	t.Helper()
	header, _ := verify(t, r, token)
	return header.KeyID
}

// states lists the algorithms and states of all keys in alphabetical order.
func states(r *keys.Ring) []string {
	var list []string
	for _, k := range r.List() {
		list = append(list, k.Algorithm+" "+string(k.State))
	}
	slices.Sort(list)
	return list
}
