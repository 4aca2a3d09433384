package main

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"sync"

	"gatehouse/client"
)

// mostLedgers is how many are kept.
const mostLedgers = 1000

// ledger is what the service is about.
type ledger struct {
	ID        int    `json:"id"`
	CreatedBy string `json:"createdBy"` // the name in the token
}

// ledgers keeps them in memory.
type ledgers struct {
	mu   sync.Mutex
	last int
	byID map[int]ledger
}

func newLedgers() *ledgers { return &ledgers{byID: make(map[int]ledger)} }

// list handles GET /ledgers.
func (l *ledgers) list(w http.ResponseWriter, _ *http.Request) {
	l.mu.Lock()
	all := make([]ledger, 0, len(l.byID))
	for _, id := range slices.Sorted(maps.Keys(l.byID)) {
		all = append(all, l.byID[id])
	}
	l.mu.Unlock()
	answer(w, http.StatusOK, all)
}

// create handles POST /ledgers.
func (l *ledgers) create(w http.ResponseWriter, r *http.Request) {
	token, ok := client.FromContext(r.Context())
	if !ok { // the route is not protected
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.byID) == mostLedgers {
		w.WriteHeader(http.StatusInsufficientStorage)
		return
	}
	l.last++
	made := ledger{ID: l.last, CreatedBy: token.Name}
	l.byID[made.ID] = made
	answer(w, http.StatusCreated, made)
}

// remove handles DELETE /ledgers/{id}.
func (l *ledgers) remove(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.Atoi(r.PathValue("id"))
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, there := l.byID[id]; err != nil || !there {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	delete(l.byID, id)
	w.WriteHeader(http.StatusNoContent)
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the caller has gone if it cannot be written
}
