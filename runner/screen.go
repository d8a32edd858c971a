package runner

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/runner/notebook"
	"github.com/fluxion-go/fluxion/terminal"
)

// maxEcho is how many lines of one cell's text appear on the terminal; the
// page has them all.
const maxEcho = 40

// plainEvery is how often a changing line is written where it cannot change.
const plainEvery = 5 * time.Second

// A screen tells the person who waits what the notebook is doing: one line for
// each cell, what the cell prints below it, and on a terminal a line of
// progress that changes in place.
type screen struct {
	out   *terminal.Writer // nil: nobody is to be told
	total int              // cells to run

	mu      sync.Mutex
	label   string // "3/12 first line of the cell"
	begun   time.Time
	lines   int  // of the current cell that were written
	midline bool // the last of them has not ended
	live    terminal.Live
	told    time.Time     // when progress was last written as a plain line
	done    chan struct{} // closed when the running cell has ended
}

func newScreen(w io.Writer, total int) *screen {
	s := &screen{total: total}
	if w != nil {
		s.out = terminal.New(w)
	}
	return s
}

func (s *screen) printf(format string, args ...any) {
	if s.out != nil {
		fmt.Fprintf(s.out, format, args...)
	}
}

// begin announces the k-th cell.
func (s *screen) begin(k int, c *notebook.Cell) {
	if s.out == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.label = fmt.Sprintf("%*d/%d  %s", len(fmt.Sprint(s.total)), k, s.total, terminal.Fit(c.FirstLine(), 70))
	s.begun, s.lines, s.midline, s.live, s.told = time.Now(), 0, false, terminal.Live{}, time.Now()
	s.printf("%s\n", s.out.Paint(terminal.Blue, s.label))
	if s.out.IsTerminal() {
		s.done = make(chan struct{})
		go s.clock(s.done)
	}
}

// clock keeps the seconds in the status line running until done is closed.
func (s *screen) clock(done <-chan struct{}) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
			s.mu.Lock()
			select {
			case <-done:
			default:
				s.status()
			}
			s.mu.Unlock()
		}
	}
}

func (s *screen) status() {
	line := "      " + time.Since(s.begun).Round(time.Second).String()
	if news := s.news(); news != "" {
		line += "  " + news
	}
	s.out.Status(line)
}

// end closes the report on the running cell.
func (s *screen) end(err *cell.Error) {
	if s.out == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done != nil {
		close(s.done)
		s.done = nil
	}
	s.out.Status("")
	for _, text := range s.live.Take() {
		s.echoLines(text)
	}
	if s.midline {
		s.printf("\n")
	}
	if over := s.lines - maxEcho; over > 0 {
		s.printf("      … and %s more\n", plural(over, "line"))
	}
	if err != nil {
		for _, line := range s.out.Error(err) {
			s.printf("      %s\n", line)
		}
	}
	if took := time.Since(s.begun); took >= time.Second {
		s.printf("      %s\n", s.out.Paint(terminal.Dim, roundDuration(took).String()))
	}
}

// text shows what the cell printed.
func (s *screen) text(text string) {
	if s.out == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.echo(text)
}

// display shows the text twin of b. One with an id may still change: on a
// terminal it is progress in the status line, elsewhere a line now and then,
// and what it says in the end is written when the cell has ended.
func (s *screen) display(b cell.Bundle, id string) {
	if s.out == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if id == "" {
		s.echoLines(terminal.Twin(b))
		return
	}
	s.live.Set(id, terminal.Twin(b))
	switch {
	case s.done != nil:
		s.status()
	case !s.out.IsTerminal() && time.Since(s.told) >= plainEvery:
		s.echoLines(s.news())
		s.told = time.Now()
	}
}

// news returns the line that tells how far a training run is.
func (s *screen) news() string {
	for _, text := range s.live.News() {
		return text[strings.LastIndexByte(text, '\n')+1:]
	}
	return ""
}

// echoLines echoes text in lines of its own.
func (s *screen) echoLines(text string) {
	if text == "" {
		return
	}
	if s.midline {
		s.echo("\n")
	}
	s.echo(text + "\n")
}

// echo indents text below the cell's line and cuts it where it gets long.
func (s *screen) echo(text string) {
	for line := range strings.Lines(text) {
		if i := strings.LastIndexByte(strings.TrimRight(line, "\r\n"), '\r'); i >= 0 {
			line = line[i+1:] // a counter that rewrites itself
		}
		if !s.midline {
			s.lines++
			if s.lines <= maxEcho {
				s.printf("      ")
			}
		}
		s.midline = !strings.HasSuffix(line, "\n")
		if s.lines <= maxEcho {
			s.printf("%s", line)
		}
	}
}

func roundDuration(d time.Duration) time.Duration {
	if d < 10*time.Second {
		return d.Round(100 * time.Millisecond)
	}
	return d.Round(time.Second)
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
