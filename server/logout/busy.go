package logout

import "sync"

// mostPerClient is how many deliveries to one application are on their way before no
// more of them are taken, and how many are taken at once: one that is slow to answer
// leaves room for others, however many of its sessions end.
const mostPerClient = 4

// busy counts the deliveries that are on their way, by client id.
type busy struct {
	mu sync.Mutex
	on map[string]int
}

func (b *busy) begin(clientID string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.on[clientID]++
}

// end says whether there is room for more of the client's by it.
func (b *busy) end(clientID string) (room bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.on[clientID]--
	left := b.on[clientID]
	if left == 0 {
		delete(b.on, clientID)
	}
	return left == mostPerClient-1
}

// clients are those with enough on their way.
func (b *busy) clients() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var ids []string
	for id, n := range b.on {
		if n >= mostPerClient {
			ids = append(ids, id)
		}
	}
	return ids
}
