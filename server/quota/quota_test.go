package quota_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/server/quota"
	"gatehouse/server/servertest"
)

const (
	whole = 64 << 20
	life  = time.Hour
)

// stored is what a database would hold of what a Bound lets in: bytes by key.
type stored struct {
	*quota.Bound[string]
	rows  map[string]int
	clock *servertest.Clock
}

func newStored() *stored {
	clock := servertest.NewClock()
	return &stored{quota.New[string](quota.Config{Bytes: whole, Life: life}, clock.Now), map[string]int{}, clock}
}

// add stores something from an address, and says whether that was let in.
func (s *stored) add(key, address string, bytes int) bool {
	return s.addOf(key, quota.Stranger(address), bytes)
}

func (s *stored) addOf(key string, givers []quota.Giver, bytes int) bool {
	giveWay, ok := s.Add(key, key, bytes, givers)
	for _, gone := range giveWay {
		delete(s.rows, gone)
	}
	if ok {
		s.rows[key] = bytes + quota.RowBytes
	}
	return ok
}

// held are the bytes of keys that begin with a prefix.
func (s *stored) held(prefix string) (bytes int) {
	for key, n := range s.rows {
		if strings.HasPrefix(key, prefix) {
			bytes += n
		}
	}
	return bytes
}

func (s *stored) there(key string) bool { _, ok := s.rows[key]; return ok }

const large = 12_900 // bytes: a pushed request as large as they come

func TestAFloodStaysWithinItsNetworks(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		address func(i int) string
		most    int
	}{
		"one address":             {func(int) string { return "2001:db8:1:100::1" }, whole / 256},
		"addresses of one /64":    {func(i int) string { return fmt.Sprintf("2001:db8:1:100::%x", i) }, whole / 256},
		"/64s of one /56":         {func(i int) string { return fmt.Sprintf("2001:db8:1:1%02x::1", i%256) }, whole / 128},
		"300 /64s of one /48":     {func(i int) string { return fmt.Sprintf("2001:db8:1:%x::1", i%300) }, whole / 64},
		"/48s":                    {func(i int) string { return fmt.Sprintf("2001:db8:%x::1", i) }, whole / 2},
		"one IPv4 address":        {func(int) string { return "198.51.100.7" }, whole / 64},
		"the same, mapped":        {func(int) string { return "::ffff:198.51.100.7" }, whole / 64},
		"addresses of one /24":    {func(i int) string { return fmt.Sprintf("198.51.100.%d", i%256) }, whole / 32},
		"addresses of one /16":    {func(i int) string { return fmt.Sprintf("198.51.%d.%d", i/256%256, i%256) }, whole / 16},
		"addresses of everywhere": {func(i int) string { return fmt.Sprintf("%d.%d.1.1", 1+i%200, i/200%256) }, whole / 2},
		"no address":              {func(int) string { return "" }, whole / 64},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStored()
			s.add("victim", "203.0.113.9", 600)
			for i := range 4000 {
				s.add(fmt.Sprint("flood", i), tt.address(i), large)
				if got := s.held("flood"); got > tt.most {
					t.Fatalf("%d bytes are stored, want %d at most", got, tt.most)
				}
			}
			if got := s.held("flood"); got < tt.most-2*(large+quota.RowBytes) {
				t.Errorf("%d bytes are stored, want nearly %d", got, tt.most)
			}
			if !s.there("victim") {
				t.Error("somebody elsewhere was pushed out")
			}
			if !s.there("flood3999") || s.there("flood0") {
				t.Error("the oldest did not give way to the latest")
			}
			rows, bytes := s.Held()
			if rows != len(s.rows) || bytes != s.held("") {
				t.Errorf("Held() = %d, %d, want %d, %d", rows, bytes, len(s.rows), s.held(""))
			}
		})
	}
}

// TestTheVictimGoesOn: whoever holds less than a neighbour is not pushed out by what
// the neighbour adds, wherever the neighbour is.
func TestTheVictimGoesOn(t *testing.T) {
	t.Parallel()
	for name, flood := range map[string]func(i int) string{
		"the same /56":  func(i int) string { return fmt.Sprintf("2001:db8:1:1%02x::1", i%255) },
		"the same /48":  func(i int) string { return fmt.Sprintf("2001:db8:1:%x::1", 0x200+i%300) },
		"300 /48s":      func(i int) string { return fmt.Sprintf("2001:db8:%x::1", 2+i%300) },
		"one /64":       func(int) string { return "2001:db8:1:1::1" },
		"IPv4, one /16": func(i int) string { return fmt.Sprintf("198.51.%d.%d", i/256%256, i%256) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStored()
			for i := range 10_000 {
				if i%1000 == 0 && !s.add(fmt.Sprint("victim", i), "2001:db8:1:1ff::1", 600) {
					t.Fatal("the victim was refused")
				}
				s.add(fmt.Sprint("flood", i), flood(i), large)
			}
			if got := s.held("victim"); got != 10*(600+quota.RowBytes) {
				t.Errorf("%d bytes of the victim's are left", got)
			}
		})
	}
}

func TestKnownClientsGoOn(t *testing.T) {
	t.Parallel()
	s := newStored()
	for i := range 10 {
		s.addOf(fmt.Sprint("app", i), quota.Application("one"), large)
		s.addOf(fmt.Sprint("user", i), quota.User("ada"), large)
	}
	for i := range 10_000 {
		s.add(fmt.Sprint("flood", i), fmt.Sprintf("2001:db8:%x::1", i), large)
		s.addOf(fmt.Sprint("other", i), quota.Application("other"), large)
	}
	if got := s.held("app") + s.held("user"); got != 20*(large+quota.RowBytes) {
		t.Errorf("%d bytes are left of those who are known", got)
	}
	if got := s.held("other"); got > whole/8 {
		t.Errorf("one application holds %d bytes", got)
	}
}

func TestWhatIsOverIsNotCounted(t *testing.T) {
	t.Parallel()
	s := newStored()
	for range 3 {
		for i := range 10_000 {
			s.add(fmt.Sprint(i), fmt.Sprintf("2001:db8:%x::1", i), 600)
		}
		if rows, _ := s.Held(); rows != 10_000 {
			t.Errorf("%d rows, want each key once", rows)
		}
		s.clock.Advance(life)
		if rows, bytes := s.Held(); rows != 0 || bytes != 0 {
			t.Errorf("%d rows and %d bytes when their time is over", rows, bytes)
		}
	}
	s.add("a", "192.0.2.1", 600)
	s.Forget("a")
	s.Forget("unknown")
	if rows, bytes := s.Held(); rows != 0 || bytes != 0 {
		t.Errorf("%d rows and %d bytes of what was forgotten", rows, bytes)
	}
}

func TestTooLarge(t *testing.T) {
	t.Parallel()
	s := newStored()
	if s.add("a", "2001:db8::1", whole/256) {
		t.Error("something larger than the share was let in")
	}
	if rows, bytes := s.Held(); rows != 0 || bytes != 0 {
		t.Errorf("%d rows and %d bytes", rows, bytes)
	}
}

func TestAtOnce(t *testing.T) {
	t.Parallel()
	b := quota.New[string](quota.Config{Bytes: 1 << 20, Life: life}, time.Now)
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for i := range 2000 {
				key := fmt.Sprint(worker, i)
				b.Add(key, key, 100, quota.Stranger(fmt.Sprintf("2001:db8:%x:%x::1", i%7, worker)))
				if i%3 == 0 {
					b.Forget(key)
				}
			}
		})
	}
	all.Wait()
	if _, bytes := b.Held(); bytes > 1<<19 {
		t.Errorf("%d bytes, want half of the whole at most", bytes)
	}
}

func TestStranger(t *testing.T) {
	t.Parallel()
	for address, want := range map[string][]string{
		"2001:db8:1:2:3::4":  {"strangers", "2001:db8:1::/48", "2001:db8:1::/56", "2001:db8:1:2::/64"},
		"fe80::1%eth0":       {"strangers", "fe80::/48", "fe80::/56", "fe80::/64"},
		"192.0.2.7":          {"strangers", "192.0.0.0/16", "192.0.2.0/24", "192.0.2.7/32"},
		"::ffff:192.0.2.7":   {"strangers", "192.0.0.0/16", "192.0.2.0/24", "192.0.2.7/32"},
		"":                   {"strangers", ""},
		"not\x00an address,": {"strangers", "not\x00an address,"},
	} {
		var got []string
		for _, g := range quota.Stranger(address) {
			got = append(got, g.Name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("Stranger(%q) = %v, want %v", address, got, want)
		}
	}
}

func BenchmarkAddWhenFull(b *testing.B) {
	bound := quota.New[string](quota.Config{Bytes: whole, Life: life}, time.Now)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		bound.Add(fmt.Sprint(i), "", 600, quota.Stranger(fmt.Sprintf("2001:db8:%x:%x::1", i%5000, i%3)))
	}
}
