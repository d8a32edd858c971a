// Package history keeps the cells that were run, in one file for notebooks and
// terminals alike. The file is of lines, a JSON document each; several programs
// may read and write it at the same time.
package history

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"github.com/fluxion-go/fluxion/cell"
)

const (
	// limit is how many cells are remembered. A file of twice as many is cut
	// when a session begins.
	limit = 10000
	// outputLimit is how many bytes of a result are kept with its cell.
	outputLimit = 4 << 10
)

// A line is an entry as the file has it. A session begins with a line that has
// no source, so that no other takes its number.
type line struct {
	Session int    `json:"session"`
	Line    int    `json:"line"`
	Source  string `json:"source"`
	Output  string `json:"output,omitempty"`
}

// A Store is a [cell.History] in a file. Where the file cannot be written, the
// store remembers its own session in memory.
type Store struct {
	path  string
	begun chan struct{} // closed when the session has its number

	mu      sync.Mutex
	session int
	highest int // session in the file
	entries []cell.HistoryEntry
	file    os.FileInfo // what was read, and how much of it
	read    int64
	alone   bool // the file cannot be written
}

// Open begins a session in the file at path; with "" there is none, and the
// session is kept in memory. It returns at once: the file takes some
// milliseconds that nobody has to wait for.
func Open(path string) *Store {
	s := &Store{path: path, begun: make(chan struct{}), session: 1, alone: path == ""}
	go func() {
		defer close(s.begun)
		if !s.alone {
			s.begin()
		}
	}()
	return s
}

func (s *Store) begin() {
	if os.MkdirAll(filepath.Dir(s.path), 0o700) != nil {
		s.alone = true
		return
	}
	unlock := lock(s.path)
	defer unlock()
	s.shorten()
	s.refresh()
	s.session = s.highest + 1
	s.alone = s.write(line{Session: s.session}) != nil
}

// shorten replaces a long file by its end, in one step.
func (s *Store) shorten() {
	data, err := os.ReadFile(s.path)
	lines := bytes.SplitAfter(data, []byte("\n"))
	if err != nil || len(lines) <= 2*limit {
		return
	}
	f, err := os.CreateTemp(filepath.Dir(s.path), filepath.Base(s.path)+".*")
	if err != nil {
		return
	}
	_, err = f.Write(bytes.Join(lines[len(lines)-limit:], nil))
	if f.Close() != nil || err != nil || os.Rename(f.Name(), s.path) != nil {
		os.Remove(f.Name())
	}
}

// refresh reads what was added to the file since it was read last.
func (s *Store) refresh() {
	f, err := os.Open(s.path)
	if err != nil {
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return
	}
	if s.file == nil || !os.SameFile(s.file, info) || info.Size() < s.read {
		s.entries, s.read = nil, 0 // another file has taken its place
	}
	s.file = info
	if info.Size() == s.read {
		return
	}
	if _, err := f.Seek(s.read, io.SeekStart); err != nil {
		return
	}
	data, err := io.ReadAll(f)
	if err != nil {
		return
	}
	whole := bytes.LastIndexByte(data, '\n') + 1 // the rest is being written
	s.read += int64(whole)
	for text := range bytes.Lines(data[:whole]) {
		var l line
		if json.Unmarshal(text, &l) != nil || l.Session <= 0 {
			continue // half-written, or not ours
		}
		s.highest = max(s.highest, l.Session)
		if l.Source != "" {
			s.entries = append(s.entries, cell.HistoryEntry(l))
		}
	}
	if n := len(s.entries) - limit; n > 0 {
		s.entries = slices.Delete(s.entries, 0, n)
	}
}

// write appends a line to the file, which the caller has locked.
func (s *Store) write(l line) error {
	f, err := os.OpenFile(s.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(l); err != nil {
		return err
	}
	_, err = f.Write(b.Bytes())
	return err
}

// Session implements [cell.History].
func (s *Store) Session() int {
	<-s.begun
	return s.session
}

// Entries implements [cell.History].
func (s *Store) Entries() []cell.HistoryEntry {
	<-s.begun
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.alone {
		s.refresh()
	}
	return slices.Clone(s.entries)
}

// Add implements [cell.History].
func (s *Store) Add(count int, source, output string) {
	<-s.begun
	s.mu.Lock()
	defer s.mu.Unlock()
	l := line{s.session, count, source, output[:min(len(output), outputLimit)]}
	if !s.alone {
		unlock := lock(s.path)
		defer unlock()
		if s.write(l) == nil {
			return
		}
		s.alone = true
	}
	s.entries = append(s.entries, cell.HistoryEntry(l))
}

// File returns where a user's history is kept: in the folder for the state of
// programs that the XDG base directory specification names, and on Windows and
// macOS in that for their data. It is "" where there is none.
func File() string {
	dir := os.Getenv("XDG_STATE_HOME")
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		dir = filepath.Join(home, ".local", "state")
		if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
			if dir, err = os.UserConfigDir(); err != nil {
				return ""
			}
		}
	}
	return filepath.Join(dir, "fluxion", "history.jsonl")
}
