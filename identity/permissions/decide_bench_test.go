package permissions_test

import (
	"encoding/json"
	"math/rand/v2"
	"runtime"
	"testing"

	"gatehouse/identity"
	"gatehouse/identity/permissions"
	"gatehouse/storage/storagetest"
)

// crowd is the policy of storagetest.CreateCrowd, with a million permissions.
func crowd(b *testing.B) (groups []identity.Group, products []string) {
	b.Helper()
	for i := range storagetest.CrowdGroups {
		groups = append(groups, asRead(b, storagetest.CrowdGroup(i)))
	}
	for i := range storagetest.CrowdProducts {
		products = append(products, storagetest.CrowdProduct(i))
	}
	return groups, products
}

// asRead is the group as it comes from a database: it shares no text with others.
func asRead(b *testing.B, g identity.Group) identity.Group {
	b.Helper()
	text, err := json.Marshal(g)
	if err != nil {
		b.Fatal(err)
	}
	var read identity.Group
	if err := json.Unmarshal(text, &read); err != nil {
		b.Fatal(err)
	}
	return read
}

// asking is somebody's question.
type asking struct {
	groups []string
	identity.Question
}

// BenchmarkDecide decides questions of thousands of different users, so that the
// processor's caches do not know the answer either.
func BenchmarkDecide(b *testing.B) {
	groups, products := crowd(b)
	p := identity.NewPolicy(groups, products)
	for _, bench := range []struct {
		name    string
		in      int // how many groups
		allowed bool
		product bool
	}{
		{"one group allows it", 1, true, false},
		{"one group does not", 1, false, false},
		{"the last of ten groups allows it", 10, true, false},
		{"none of ten groups does", 10, false, false},
		{"the last of ten groups allows it for its product", 10, true, true},
	} {
		b.Run(bench.name, func(b *testing.B) {
			list := make([]asking, 1<<13)
			random := rand.New(rand.NewPCG(1, 2))
			for i := range list {
				list[i] = askingOf(groups, random, bench.in, bench.allowed)
				if bench.product {
					list[i].Product = p.Product(list[i].groups[bench.in-1])
				}
			}
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				a := &list[n%len(list)]
				n++
				if p.Decide(a.groups, a.Question).Allowed != bench.allowed {
					b.Fatalf("%+v", a)
				}
			}
		})
	}
}

// askingOf is a question of a member of so many groups, of which the last or none
// allows it.
func askingOf(groups []identity.Group, random *rand.Rand, in int, allowed bool) asking {
	a := asking{Question: identity.Question{Resource: "nothing-at-all", Action: "post"}}
	var last identity.Group
	for range in {
		last = groups[random.IntN(len(groups))]
		a.groups = append(a.groups, last.ID)
	}
	for resource, actions := range last.Permissions {
		if allowed {
			a.Resource, a.Action = resource, actions[random.IntN(len(actions))]
		}
		break
	}
	return a
}

// BenchmarkReadPolicy reads the policy from a database, as a node does when it
// starts, and reports what it holds then, and what was allocated on the way.
func BenchmarkReadPolicy(b *testing.B) {
	for _, db := range storagetest.Databases() {
		b.Run(db.Name, func(b *testing.B) {
			dsn := db.DSN(b)
			storagetest.CreateCrowd(b, dsn)
			from := permissions.Stored{Store: storagetest.Open(b, dsn)}
			b.ReportAllocs()
			var p *identity.Policy
			for b.Loop() {
				var err error
				if p, err = from.Policy(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			with := heap()
			runtime.KeepAlive(p)
			p = nil
			b.ReportMetric(float64(with-heap())/(1<<20), "held-MiB")
		})
	}
}

// heap is how many bytes are in use that cannot be collected.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// BenchmarkPolicyWith changes one group of ten thousand.
func BenchmarkPolicyWith(b *testing.B) {
	groups, products := crowd(b)
	p := identity.NewPolicy(groups, products)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		g := groups[n%len(groups)]
		n++
		if !p.With(g).Knows(g.ID) {
			b.Fatal(g.ID)
		}
	}
}

// BenchmarkPolicyPermissions lists what a member of ten groups may do.
func BenchmarkPolicyPermissions(b *testing.B) {
	groups, products := crowd(b)
	p := identity.NewPolicy(groups, products)
	random := rand.New(rand.NewPCG(1, 2))
	a := askingOf(groups, random, 10, true)
	b.ReportAllocs()
	for b.Loop() {
		if len(p.Permissions(a.groups, "")) == 0 {
			b.Fatal(a)
		}
	}
}
