package cell

import (
	"fmt"
	"strings"
)

// An ErrorKind says what stopped a cell.
type ErrorKind string

// The kinds of error, as users see them in front of the message.
const (
	SyntaxError  ErrorKind = "syntax error"  // the text is not Go
	CompileError ErrorKind = "compile error" // go/types refuses it
	RuntimePanic ErrorKind = "panic"         // the cell panicked
	Interrupted  ErrorKind = "interrupted"   // the user stopped it
	Exited       ErrorKind = "exit"          // os.Exit, log.Fatal and their like
	MagicError   ErrorKind = "magic"         // a line that begins with % or ! failed
	InternalFail ErrorKind = "internal"      // fluxion itself is at fault
)

// An Error says why a cell failed. Line and Column count from 1 in the text of
// the cell, Column in bytes; both are 0 where no place is known.
type Error struct {
	Kind    ErrorKind
	Message string  // in the compiler's words, or what was passed to panic
	Pos     Pos     // the place
	Source  string  // the source line at Pos, without its line end
	Hint    string  // one line that may help, or ""
	Frames  []Frame // the user's calls, innermost first; for panics
	More    []Error // the further errors of the same cell, in order of position
}

// A Pos is a place in a cell.
type Pos struct {
	Cell         int // execution count of the cell
	Line, Column int
}

// String returns "cell 3, line 2, column 5".
func (p Pos) String() string {
	var parts []string
	if p.Cell > 0 {
		parts = append(parts, fmt.Sprintf("cell %d", p.Cell))
	}
	if p.Line > 0 {
		parts = append(parts, fmt.Sprintf("line %d", p.Line))
	}
	if p.Column > 0 {
		parts = append(parts, fmt.Sprintf("column %d", p.Column))
	}
	return strings.Join(parts, ", ")
}

// A Frame is one active call of the user's code.
type Frame struct {
	Func   string
	Pos    Pos
	Source string // the source line at Pos
}

// Error returns kind, place and message on one line.
func (e *Error) Error() string {
	if e.Pos.Line == 0 {
		return fmt.Sprintf("%s: %s", e.Kind, e.Message)
	}
	return fmt.Sprintf("%s: %s: %s", e.Pos, e.Kind, e.Message)
}

// Report returns what a person reads: the message, its place, the source line
// with a caret below the column, the hint, and for panics the user's calls.
func (e *Error) Report() string {
	var b strings.Builder
	e.report(&b)
	for i := range e.More {
		b.WriteByte('\n')
		e.More[i].report(&b)
	}
	return b.String()
}

func (e *Error) report(b *strings.Builder) {
	fmt.Fprintf(b, "%s: %s\n", e.Kind, e.Message)
	if e.Pos.Line > 0 {
		fmt.Fprintf(b, "  %s\n", e.Pos)
	}
	caret(b, e.Source, e.Pos.Column)
	if e.Hint != "" {
		fmt.Fprintf(b, "hint: %s\n", e.Hint)
	}
	for _, f := range e.Frames {
		fmt.Fprintf(b, "  %s at %s", f.Func, f.Pos)
		if src := strings.TrimSpace(f.Source); src != "" {
			fmt.Fprintf(b, ": %s", src)
		}
		b.WriteByte('\n')
	}
}

// caret writes the source line and marks its column (in bytes from 1). Tabs
// before the column stay tabs, so that the mark stands right at any tab width.
func caret(b *strings.Builder, source string, column int) {
	if source == "" {
		return
	}
	fmt.Fprintf(b, "    %s\n", source)
	if column < 1 || column > len(source)+1 {
		return
	}
	b.WriteString("    ")
	for _, r := range source[:column-1] {
		if r != '\t' {
			r = ' '
		}
		b.WriteRune(r)
	}
	b.WriteString("^\n")
}
