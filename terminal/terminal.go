// Package terminal writes for a person's eyes, on a terminal or on what is
// none. On a terminal there is a status line below the text that changes in
// place; in a pipe or a file there are only the lines that stay.
package terminal

import (
	"io"
	"os"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/term"

	"github.com/fluxion-go/fluxion/cell"
)

// A Writer writes text and keeps a status line below it. It is safe for use by
// several goroutines.
type Writer struct {
	mu     sync.Mutex
	w      io.Writer
	fd     int // of the terminal; -1 where w is none
	color  bool
	status string // what the status line shows, or ""
	drawn  bool   // the status line is on the screen, the cursor behind it
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
	Blue  Color = "34"
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

// Write writes text above the status line.
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

// Entered says that the person has ended the line, whose end the terminal
// itself shows.
func (t *Writer) Entered() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.column = false
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

// Status makes line the status line; "" removes it. It does nothing where the
// writer is no terminal.
func (t *Writer) Status(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.fd < 0 || line == t.status {
		return
	}
	t.erase()
	t.status = line
	t.draw()
}

// draw puts the status line where the cursor is. Below a line that has not
// ended there is no place for it, so it waits.
func (t *Writer) draw() {
	if t.status == "" || t.column {
		return
	}
	width, _, err := term.GetSize(t.fd)
	if err != nil || width <= 0 {
		width = 80
	}
	io.WriteString(t.w, t.Paint(Dim, Fit(t.status, width-1)))
	t.drawn = true
}

func (t *Writer) erase() {
	if t.drawn {
		io.WriteString(t.w, "\r\x1b[K")
		t.drawn = false
	}
}

// Fit shortens line to width columns and leaves out control characters. Wide
// characters, such as Chinese ones, count as two columns.
func Fit(line string, width int) string {
	var b strings.Builder
	used, end := 0, 0 // end: the length of what leaves room for an ellipsis
	for _, r := range strings.ReplaceAll(line, "\t", " ") {
		w := columns(r)
		if r < ' ' || r == 0x7f {
			continue
		}
		if used+w > width {
			return b.String()[:end] + "…"
		}
		b.WriteRune(r)
		if used += w; used < width {
			end = b.Len()
		}
	}
	return b.String()
}

func columns(r rune) int {
	switch {
	case r < ' ' || unicode.Is(unicode.Mn, r):
		return 0
	case r >= 0x1100 && r <= 0x115f, r >= 0x2e80 && r <= 0xa4cf, r >= 0xac00 && r <= 0xd7a3,
		r >= 0xf900 && r <= 0xfaff, r >= 0xfe30 && r <= 0xfe6f, r >= 0xff00 && r <= 0xff60, r >= 0x1f300 && r <= 0x1faff:
		return 2
	}
	return 1
}
