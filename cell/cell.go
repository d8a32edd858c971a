// Package cell names what the rooms of fluxion say to each other.
//
// A front end (kernel, repl, runner) hands the text of a cell to an [Evaluator]
// together with an [Output]; the evaluator runs it and answers with a [Result].
// Everything that passes this border is plain data (text, bytes, numbers and
// positions), so that a process boundary can be put there.
//
// Compiled code that runs inside a cell, such as a training loop, finds its
// cell with [Current]: where output goes, whom to tell about progress, and
// whether the cell was interrupted.
package cell

import "context"

// An Evaluator runs cells in one growing session.
//
// All methods may be called at any time from any goroutine: completion and
// inspection answer while a cell runs. A second cell may be given while one
// runs; an evaluator that cannot keep two apart lets it wait.
//
// Offsets into a cell's text are byte offsets; front ends that count
// otherwise convert.
type Evaluator interface {
	// Eval runs one cell and returns when its statements have ended or ctx is
	// cancelled. It does not panic, whatever the text holds. Output that the
	// cell makes while it runs, also from goroutines that outlive Eval, goes
	// to out.
	Eval(ctx context.Context, req Request, out Output) Result

	// Complete lists what can stand at offset cursor of code.
	Complete(code string, cursor int) Completion

	// Inspect describes the name at offset cursor of code; ok is false where
	// there is nothing to say. Detail 0 is a signature with its
	// documentation, 1 adds the source where it is known.
	Inspect(code string, cursor, detail int) (b Bundle, ok bool)

	// IsComplete says whether code can be run as it stands.
	IsComplete(code string) Completeness

	// Close ends the session and whatever of it still runs.
	Close() error
}

// A Request is one cell to run.
type Request struct {
	Code  string
	Count int // execution count shown to the user; errors name the cell by it
}

// A Result is what became of a cell.
type Result struct {
	Value Bundle // the last expression's value; empty where the cell has none
	Err   *Error // why the cell failed; nil when it did not
}

// Status says whether a text is a whole cell.
type Status string

// The answers that the Jupyter protocol knows.
const (
	Complete   Status = "complete"
	Incomplete Status = "incomplete"
	Invalid    Status = "invalid"
	Unknown    Status = "unknown"
)

// Completeness answers [Evaluator.IsComplete].
type Completeness struct {
	Status Status
	Indent string // what the next line should begin with, where Incomplete
}

// A Completion replaces code[Start:End] by one of Items.
type Completion struct {
	Start, End int
	Items      []CompletionItem
}

// A CompletionItem is one way to go on.
type CompletionItem struct {
	Text      string // what is put into the code
	Kind      string // "function", "variable", "type", "package", "field", "method", "keyword", "constant", "magic" or "path"
	Signature string // type or signature, as Go writes it
	Doc       string // first sentence of the documentation
}
