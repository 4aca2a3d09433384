package access

import (
	"context"
	"strings"

	"gatehouse/identity/permissions"
	"gatehouse/server/web"
)

// load has the users whose ids are in the questions read at once, so that those
// who are not remembered do not cost a statement each. Those that the asker may not
// ask about are not: the time it takes would tell who there is.
func (h *Handler) load(ctx context.Context, asks *permissions.Asks, questions []permissions.Question) error {
	seen := make(map[string]bool, len(questions))
	var ids []string
	for _, q := range questions {
		id, ok := web.ParseUUID(q.Subject[strings.LastIndexByte(q.Subject, '/')+1:])
		if ok && !seen[id] && asks.MayAskAboutOthers(q.Product) {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return h.Directory.Load(ctx, ids)
}
