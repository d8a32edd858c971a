package cell

// A HistoryEntry is one cell that was run.
type HistoryEntry struct {
	Session int    // from 1; a session is one run of a kernel or a REPL
	Line    int    // the execution count
	Source  string // the text of the cell
	Output  string // its value as text, or ""
}

// A History remembers the cells of all front ends over their sessions. Its
// methods may be called from any goroutine.
type History interface {
	// Session returns the number of this session.
	Session() int

	// Entries returns what is remembered, oldest first, with what other front
	// ends have added since. The slice is the caller's.
	Entries() []HistoryEntry

	// Add remembers a cell of this session.
	Add(line int, source, output string)
}
