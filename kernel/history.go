package kernel

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
)

const (
	// historyLimit is how many cells of earlier sessions are remembered.
	historyLimit = 10000
	// outputLimit is how many bytes of a result are kept with its cell.
	outputLimit = 4 << 10
)

// An entry is one executed cell.
type entry struct {
	Session int    `json:"session"`
	Line    int    `json:"line"` // the execution count
	Source  string `json:"source"`
	Output  string `json:"output,omitempty"`
}

// A history remembers executed cells, in memory and in a file of one JSON
// document per line. Kernels that share the file append to it. A file that has
// grown long is replaced by a shorter one at start. A history that cannot be
// written is kept in memory.
type history struct {
	path   string
	loaded chan struct{} // closed when earlier sessions have been read

	mu      sync.Mutex
	entries []entry
	session int
	file    *os.File
}

// openHistory starts to read the file, which takes some milliseconds that
// nobody has to wait for.
func openHistory(path string) *history {
	h := &history{path: path, loaded: make(chan struct{}), session: 1}
	go func() {
		defer close(h.loaded)
		if path != "" {
			h.load()
		}
	}()
	return h
}

func (h *history) load() {
	data, err := os.ReadFile(h.path)
	if err != nil && os.MkdirAll(filepath.Dir(h.path), 0o700) != nil {
		return
	}
	lines := bytes.SplitAfter(data, []byte("\n"))
	if old := len(lines) - 2*historyLimit; old > 0 {
		lines = lines[len(lines)-historyLimit:]
		replaceFile(h.path, bytes.Join(lines, nil))
	}
	for _, line := range lines[max(0, len(lines)-historyLimit):] {
		var e entry
		if json.Unmarshal(line, &e) == nil && e.Session > 0 { // others are half-written or not ours
			h.entries = append(h.entries, e)
			h.session = max(h.session, e.Session+1)
		}
	}
	h.file, _ = os.OpenFile(h.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
}

// replaceFile writes a file in one step, or not at all.
func replaceFile(path string, data []byte) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return
	}
	w := bufio.NewWriter(f)
	w.Write(data)
	if w.Flush() != nil || f.Close() != nil || os.Rename(f.Name(), path) != nil {
		os.Remove(f.Name())
	}
}

// add remembers one cell.
func (h *history) add(line int, source, output string) {
	<-h.loaded
	h.mu.Lock()
	defer h.mu.Unlock()
	e := entry{h.session, line, source, output[:min(len(output), outputLimit)]}
	h.entries = append(h.entries, e)
	if h.file == nil {
		return
	}
	if data, err := encodeJSON(e); err == nil {
		h.file.Write(append(data, '\n')) // one write: lines of several kernels do not mix
	}
}

func (h *history) close() {
	<-h.loaded
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.file != nil {
		h.file.Close()
		h.file = nil
	}
}

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
func (h *history) find(q historyQuery) []entry {
	<-h.loaded
	h.mu.Lock()
	defer h.mu.Unlock()
	switch q.Access {
	case "range":
		session := q.Session
		if session <= 0 {
			session += h.session
		}
		return slices.DeleteFunc(slices.Clone(h.entries), func(e entry) bool {
			return e.Session != session || e.Line < q.Start || q.Stop != nil && e.Line >= *q.Stop
		})
	case "search":
		pattern := q.Pattern
		if pattern == "" {
			pattern = "*"
		}
		g := newGlob(pattern)
		return last(h.entries, q.N, q.Unique, func(e entry) bool { return g.match(e.Source) })
	}
	return last(h.entries, q.N, q.Unique, func(entry) bool { return true })
}

// last returns the last n entries that are wanted, all where n is nil. With
// unique, only the latest of cells with the same text counts.
func last(entries []entry, n *int, unique bool, wanted func(entry) bool) []entry {
	found := []entry{}
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
	for _, e := range k.history.find(q) {
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

// HistoryFile returns where a user's history is kept by default: in the folder
// that the system has for the data of programs. It is "" where there is none.
func HistoryFile() string {
	dir := os.Getenv("XDG_DATA_HOME")
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		dir = filepath.Join(home, ".local", "share")
		if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
			if dir, err = os.UserConfigDir(); err != nil {
				return ""
			}
		}
	}
	return filepath.Join(dir, "fluxion", "history.jsonl")
}
