// Package terminal writes for a person's eyes, on a terminal or on what is
// none. On a terminal there are status lines below the text that change in
// place, and pictures where it can show them; in a pipe or a file there are
// only the lines that stay.
package terminal

import (
	"io"
	"os"
	"strings"
	"sync"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/term"

	"github.com/fluxion-go/fluxion/cell"
)

// A Writer writes text and keeps status lines below it. It is safe for use by
// several goroutines.
type Writer struct {
	mu     sync.Mutex
	w      io.Writer
	fd     int // of the terminal; -1 where w is none
	color  bool
	status string // what the status lines show, or ""
	drawn  int    // how many of them are on the screen, the cursor behind the last
	column bool   // the text written last did not end its line
}

// New returns a Writer on w. It treats w as a terminal when w is a file that
// is one, and colours only there and only when the environment has no
// NO_COLOR (https://no-color.org) and TERM is not dumb.
func New(w io.Writer) *Writer {
	t := &Writer{w: w, fd: -1}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb" {
		t.fd = int(f.Fd())
		t.color = os.Getenv("NO_COLOR") == ""
	}
	return t
}

// IsTerminal reports whether a person may be looking, and lines can change.
func (t *Writer) IsTerminal() bool { return t.fd >= 0 }

// A Color is the parameter of the terminal's select-graphic-rendition code.
type Color string

// The colours of our output; every terminal theme defines them.
const (
	Bold  Color = "1"
	Dim   Color = "2"
	Red   Color = "31"
	Green Color = "32"
	Blue  Color = "94" // the bright one: the other is hard to read on black
)

// Paint returns s in color, or s itself where colours are off.
func (t *Writer) Paint(color Color, s string) string {
	if !t.color || s == "" {
		return s
	}
	return "\x1b[" + string(color) + "m" + s + "\x1b[0m"
}

// Error returns the report on a failed cell in lines, coloured where colours
// are on.
func (t *Writer) Error(e *cell.Error) []string {
	if t.color {
		return e.Traceback()
	}
	return strings.Split(strings.TrimSuffix(e.Report(), "\n"), "\n")
}

// Size returns how many columns and rows the terminal has, 80 and 24 where that
// is not known.
func (t *Writer) Size() (columns, rows int) {
	columns, rows, err := term.GetSize(t.fd)
	if err != nil || columns <= 0 || rows <= 0 {
		return 80, 24
	}
	return columns, rows
}

// Write writes text above the status lines.
func (t *Writer) Write(text []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(text) == 0 {
		return 0, nil
	}
	t.erase()
	n, err := t.w.Write(text)
	t.column = text[len(text)-1] != '\n'
	t.draw()
	return n, err
}

// WriteString is Write for a string.
func (t *Writer) WriteString(text string) (int, error) { return t.Write([]byte(text)) }

// Echoed says that the terminal itself has shown what was typed, such as ^C.
func (t *Writer) Echoed() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.column = true
}

// FreshLine ends the line that the text stands in, if it has begun one.
func (t *Writer) FreshLine() {
	t.mu.Lock()
	begun := t.column
	t.mu.Unlock()
	if begun {
		t.WriteString("\n")
	}
}

// Status makes text the status lines; "" removes them. Of more lines than half
// the terminal has it shows the last. It does nothing where the writer is no
// terminal.
func (t *Writer) Status(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.fd < 0 || text == t.status {
		return
	}
	t.erase()
	t.status = text
	t.draw()
}

// draw puts the status lines where the cursor is. Below a line that has not
// ended there is no place for them, so they wait.
func (t *Writer) draw() {
	if t.status == "" || t.column {
		return
	}
	columns, rows := t.Size()
	lines := strings.Split(t.status, "\n")
	if most := max(rows/2, 1); len(lines) > most {
		lines = lines[len(lines)-most:]
	}
	for i, line := range lines {
		if line == ansi.Strip(line) {
			lines[i] = t.Paint(Dim, Fit(line, columns-1))
		} else {
			lines[i] = ansi.Truncate(line, columns-1, "") + ansi.ResetStyle
		}
	}
	io.WriteString(t.w, strings.Join(lines, "\n"))
	t.drawn = len(lines)
}

func (t *Writer) erase() {
	if t.drawn == 0 {
		return
	}
	up := ""
	if t.drawn > 1 {
		up = ansi.CursorUp(t.drawn - 1)
	}
	io.WriteString(t.w, "\r"+up+ansi.EraseScreenBelow)
	t.drawn = 0
}

// Fit shortens line to width columns and leaves out colours and control
// characters. Wide characters, such as Chinese ones, count as two columns.
func Fit(line string, width int) string {
	line = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, ansi.Strip(strings.ReplaceAll(line, "\t", " ")))
	return ansi.Truncate(line, width, "…")
}
