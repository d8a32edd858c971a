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
	FatalError   ErrorKind = "fatal error"   // the session's process ended, and its values with it
	MemoryLimit  ErrorKind = "memory limit"  // the cell was stopped before the machine ran out of memory
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
	return strings.Join(e.lines(func(_, s string) string { return s }), "\n") + "\n"
}

// Traceback returns the lines of Report in the colours that terminals and
// notebooks know, as the Jupyter protocol and notebook files want it.
func (e *Error) Traceback() []string {
	return e.lines(func(color, s string) string { return "\x1b[" + color + "m" + s + "\x1b[0m" })
}

// The parameters of the select-graphic-rendition code.
const (
	boldRed = "1;31"
	green   = "32"
	cyan    = "36"
)

func (e *Error) lines(paint func(color, s string) string) []string {
	lines := e.describe(nil, paint)
	for i := range e.More {
		lines = e.More[i].describe(append(lines, ""), paint)
	}
	return lines
}

func (e *Error) describe(lines []string, paint func(color, s string) string) []string {
	head, more, _ := strings.Cut(e.Message, "\n")
	lines = append(lines, paint(boldRed, string(e.Kind))+": "+head)
	if more != "" {
		lines = append(lines, strings.Split(more, "\n")...)
	}
	if e.Pos.Line > 0 {
		lines = append(lines, "  "+paint(green, e.Pos.String()))
	}
	if e.Source != "" {
		lines = append(lines, "    "+e.Source)
		if blanks, ok := e.caret(); ok {
			lines = append(lines, "    "+blanks+paint(boldRed, "^"))
		}
	}
	if e.Hint != "" {
		lines = append(lines, paint(cyan, "hint")+": "+e.Hint)
	}
	for i := 0; i < len(e.Frames); i++ {
		f := e.Frames[i]
		line := fmt.Sprintf("  %s at %s", f.Func, paint(green, f.Pos.String()))
		again := 0 // a recursion is told once
		for i+1 < len(e.Frames) && e.Frames[i+1] == f {
			again++
			i++
		}
		if source := strings.TrimSpace(f.Source); source != "" {
			line += ": " + source
		}
		if again > 0 {
			line += fmt.Sprintf(" (and %d times more)", again)
		}
		lines = append(lines, line)
	}
	return lines
}

// caret returns what stands before a mark below the column (in bytes from 1).
// Tabs stay tabs, so that the mark stands right at any tab width.
func (e *Error) caret() (blanks string, ok bool) {
	if e.Pos.Column < 1 || e.Pos.Column > len(e.Source)+1 {
		return "", false
	}
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, e.Source[:e.Pos.Column-1]), true
}
