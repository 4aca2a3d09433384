package keys

import "gatehouse/storage"

// Opens says whether the master secret is the one, or one of those, that a stored
// signing key is encrypted under.
func (m *Master) Opens(stored storage.Key) bool {
	_, err := open(m, stored)
	return err == nil
}
