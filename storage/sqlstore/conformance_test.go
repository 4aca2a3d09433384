package sqlstore_test

import (
	"testing"

	"gatehouse/storage/storagetest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	for _, database := range storagetest.Databases() {
		t.Run(database.Name, func(t *testing.T) {
			t.Parallel()
			storagetest.Run(t, func(t *testing.T) storagetest.Store {
				s := database.Open(t)
				s.SetBlock(8)
				return s
			})
		})
	}
}
