package keys

import "time"

// State is what a key is good for.
type State string

// The states that a published key goes through.
const (
	Pending State = "pending" // published, signs later
	Active  State = "active"  // signs
	Retired State = "retired" // its tokens still live
)

// Info is what may be shown of a signing key.
type Info struct {
	ID         string // the kid
	Algorithm  string
	State      State
	CreatedAt  time.Time
	ActiveFrom time.Time
	RetiredAt  time.Time // zero while no successor is known
	ExpiresAt  time.Time // likewise; it leaves the JWKS then
}

// List returns the published keys, oldest first.
func (r *Ring) List() []Info {
	s, now := r.current.Load(), r.Now()
	list, _ := s.published(now)
	infos := make([]Info, 0, len(list))
	for _, k := range list {
		infos = append(infos, Info{
			ID:         k.ID,
			Algorithm:  k.Algorithm,
			State:      s.state(k, now),
			CreatedAt:  k.CreatedAt,
			ActiveFrom: k.ActiveFrom,
			RetiredAt:  k.RetiredAt,
			ExpiresAt:  k.ExpiresAt,
		})
	}
	return infos
}

func (s *snapshot) state(k *key, now time.Time) State {
	switch {
	case s.signing(k.Algorithm, now) == k:
		return Active
	case retired(k.Key, now):
		return Retired
	default:
		return Pending
	}
}
