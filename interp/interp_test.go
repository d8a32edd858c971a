package interp_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/interp"
	"github.com/fluxion-go/fluxion/preload"
)

var update = flag.Bool("update", false, "write what the cells of testdata print as what they shall print")

// executorsUnderTest run every script.
var executorsUnderTest = []string{"vm", "yaegi"}

// A recorder is an Output that remembers what a cell shows.
type recorder struct {
	mu    sync.Mutex
	text  strings.Builder
	last  string // the stream that was written to last
	lines []string
}

func (r *recorder) Stream(name, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for line := range strings.Lines(text) {
		if r.last != name && r.last != "" {
			r.text.WriteString("\n") // the stream changed in the middle of a line
			r.last = ""
		}
		if r.last == "" {
			r.text.WriteString(name + ": ")
		}
		r.text.WriteString(line)
		r.last = name
		if strings.HasSuffix(line, "\n") {
			r.last = ""
		}
	}
}

func (r *recorder) note(what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.last != "" {
		r.text.WriteString("\n")
		r.last = ""
	}
	r.text.WriteString(what + "\n")
}

func (r *recorder) Display(b cell.Bundle, _ string) { r.note("display: " + b.String()) }
func (r *recorder) Update(b cell.Bundle, _ string)  { r.note("update: " + b.String()) }
func (r *recorder) Clear(bool)                      { r.note("clear") }
func (r *recorder) Page(b cell.Bundle)              { r.note("page: " + strings.TrimSpace(b.String())) }

func (r *recorder) Input(string, bool) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.lines) == 0 {
		return "", fmt.Errorf("nobody is there to answer")
	}
	line := r.lines[0]
	r.lines = r.lines[1:]
	return line, nil
}

func (r *recorder) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.text.String()
	if r.last != "" {
		s += "\n"
	}
	return s
}

func newEvaluator(t testing.TB, executor string) cell.Evaluator {
	t.Helper()
	e, err := interp.New(interp.Config{
		Library:  preload.Packages{},
		Imports:  preload.Packages{}.Implicit(),
		Executor: executor,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// evaluate runs one cell and returns all that a person sees of it.
func evaluate(t testing.TB, e cell.Evaluator, count int, code string, lines ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out := &recorder{lines: lines}
	res := e.Eval(ctx, cell.Request{Code: code, Count: count}, out)
	s := out.String()
	if !res.Value.Empty() {
		s += "= " + res.Value.String() + "\n"
	}
	if res.Err != nil {
		s += res.Err.Report()
	}
	return s
}

// A script is a session in a file: cells and what they show, in turn.
//
//	--- cell
//	6 * 7
//	--- shows
//	= 42
//
// Text before the first cell is a comment. What an executor shows in another
// way follows as "--- shows yaegi". A line "--- never yaegi: REASON" in front
// says that the executor runs no cell of the script, and why. A line "--- not yaegi: REASON" before a cell
// says that the executor does not run it, and why; "--- input TEXT" gives a line
// to a cell that asks for one.
type script struct {
	comment string
	never   map[string]string // executor → why it does not run the script
	cells   []scriptCell
}

type scriptCell struct {
	code  string
	shows map[string]string // by executor; that of the first for all who do not differ
	not   map[string]string // executor → why it does not run the cell
	input []string
}

// want is what an executor shall show.
func (c *scriptCell) want(executor string) string {
	if s, ok := c.shows[executor]; ok {
		return s
	}
	return c.shows[""]
}

func readScript(text string) script {
	s := script{never: map[string]string{}}
	next := scriptCell{shows: map[string]string{}, not: map[string]string{}}
	add := func(line string) { s.comment += line }
	for line := range strings.Lines(text) {
		directive, ok := strings.CutPrefix(line, "--- ")
		if !ok {
			add(line)
			continue
		}
		word, rest, _ := strings.Cut(strings.TrimSpace(directive), " ")
		switch word {
		case "cell":
			s.cells = append(s.cells, next)
			next = scriptCell{shows: map[string]string{}, not: map[string]string{}}
			add = func(line string) { s.cells[len(s.cells)-1].code += line }
		case "shows":
			c := s.cells[len(s.cells)-1]
			c.shows[rest] = ""
			add = func(line string) { c.shows[rest] += line }
		case "never":
			who, why, _ := strings.Cut(rest, ": ")
			s.never[who] = why
		case "not":
			who, why, _ := strings.Cut(rest, ": ")
			next.not[who] = why
		case "input":
			next.input = append(next.input, rest)
		}
	}
	return s
}

func (s script) String() string {
	var b strings.Builder
	b.WriteString(s.comment)
	for who, why := range s.never {
		fmt.Fprintf(&b, "--- never %s: %s\n", who, why)
	}
	for _, c := range s.cells {
		for who, why := range c.not {
			fmt.Fprintf(&b, "--- not %s: %s\n", who, why)
		}
		for _, line := range c.input {
			fmt.Fprintf(&b, "--- input %s\n", line)
		}
		fmt.Fprintf(&b, "--- cell\n%s--- shows\n%s", c.code, c.shows[""])
		for _, executor := range executorsUnderTest {
			if shows, ok := c.shows[executor]; ok {
				fmt.Fprintf(&b, "--- shows %s\n%s", executor, shows)
			}
		}
	}
	return b.String()
}

func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, file := range files {
		for i, executor := range executorsUnderTest {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txt")+"/"+executor, func(t *testing.T) {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				s := readScript(string(text))
				if s.never[executor] != "" {
					return
				}
				e := newEvaluator(t, executor)
				for n := range s.cells {
					c := &s.cells[n]
					if c.not[executor] != "" {
						continue
					}
					code := strings.TrimSuffix(c.code, "\n")
					got := evaluate(t, e, n+1, code, c.input...)
					switch want := c.want(executor); {
					case *update && i == 0:
						c.shows = map[string]string{"": got}
					case *update && got != c.shows[""]:
						c.shows[executor] = got
					case !*update && got != want:
						t.Errorf("cell %d:\n%s\nshows\n%s\nwant\n%s", n+1, code, got, want)
					}
				}
				if *update {
					if err := os.WriteFile(file, []byte(s.String()), 0o644); err != nil {
						t.Fatal(err)
					}
				}
			})
		}
	}
}
