package kernel

import (
	"slices"

	"github.com/fluxion-go/fluxion/cell"
)

// noHistory remembers nothing.
type noHistory struct{}

func (noHistory) Session() int                 { return 1 }
func (noHistory) Entries() []cell.HistoryEntry { return nil }
func (noHistory) Add(int, string, string)      {}

// A historyQuery is the content of a history_request.
type historyQuery struct {
	Access  string `json:"hist_access_type"`
	Output  bool   `json:"output"`
	Session int    `json:"session"` // counted back from the current one where not positive
	Start   int    `json:"start"`
	Stop    *int   `json:"stop"` // exclusive; missing for "to the end"
	N       *int   `json:"n"`
	Pattern string `json:"pattern"`
	Unique  bool   `json:"unique"`
}

// find returns the cells that q asks for, oldest first.
func find(h cell.History, q historyQuery) []cell.HistoryEntry {
	entries := h.Entries()
	switch q.Access {
	case "range":
		session := q.Session
		if session <= 0 {
			session += h.Session()
		}
		return slices.DeleteFunc(entries, func(e cell.HistoryEntry) bool {
			return e.Session != session || e.Line < q.Start || q.Stop != nil && e.Line >= *q.Stop
		})
	case "search":
		pattern := q.Pattern
		if pattern == "" {
			pattern = "*"
		}
		g := newGlob(pattern)
		return last(entries, q.N, q.Unique, func(e cell.HistoryEntry) bool { return g.match(e.Source) })
	}
	return last(entries, q.N, q.Unique, func(cell.HistoryEntry) bool { return true })
}

// last returns the last n entries that are wanted, all where n is nil. With
// unique, only the latest of cells with the same text counts.
func last(entries []cell.HistoryEntry, n *int, unique bool, wanted func(cell.HistoryEntry) bool) []cell.HistoryEntry {
	found := []cell.HistoryEntry{}
	seen := map[string]bool{}
	for _, e := range slices.Backward(entries) {
		if n != nil && len(found) >= *n {
			break
		}
		if unique && seen[e.Source] || !wanted(e) {
			continue
		}
		seen[e.Source] = true
		found = append(found, e)
	}
	slices.Reverse(found)
	return found
}

// recall answers history_request.
func (k *kernel) recall(r *request) any {
	q := historyQuery{Access: "tail"}
	if bad := arguments(r, &q); bad != nil {
		return bad
	}
	switch q.Access {
	case "tail", "range", "search":
	default:
		return failure("malformed request", "hist_access_type is "+q.Access+": want tail, range or search")
	}
	rows := [][]any{}
	for _, e := range find(k.History, q) {
		var content any = e.Source
		if q.Output {
			var shown any // null where the cell had no value
			if e.Output != "" {
				shown = e.Output
			}
			content = []any{e.Source, shown}
		}
		rows = append(rows, []any{e.Session, e.Line, content})
	}
	return fields{"status": "ok", "history": rows}
}
