package interp

import (
	"fmt"
	"go/types"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/fluxion-go/fluxion/cell"
)

// A magic is a line that is no Go: it begins with % or ?.
type magic struct {
	offset int
	name   string // without its %; "?" or "??" for a question
	args   string
}

// magics lists what can stand behind %.
var magics = []struct {
	name, args, doc string
	run             func(r *run, args string) *cell.Error
}{
	{"time", "[CODE]", "run the cell and say how long it took", (*run).magicTime},
	{"who", "", "list what the session has declared", (*run).magicWho},
	{"reset", "", "forget all declarations and begin a new session", (*run).magicReset},
	{"executor", "[NAME]", "say what runs the cells, or begin a new session with another", (*run).magicExecutor},
	{"help", "", "list these commands", nil}, // set in init: it reads this table
}

func init() {
	for i := range magics {
		if magics[i].name == "help" {
			magics[i].run = (*run).magicHelp
		}
	}
}

// splitMagics takes the magics out of a cell; in the rest they are blank, so
// that offsets stay. A line is a magic if it begins with % or ? and does not lie
// in a raw string or a comment: no line of Go begins so. What follows %time is
// code and stays.
func splitMagics(code string) (rest string, found []magic) {
	b := []byte(code)
	var open string // what ends the raw string or comment that a line lies in
	for start := 0; start < len(code); {
		end := len(code)
		if i := strings.IndexByte(code[start:], '\n'); i >= 0 {
			end = start + i
		}
		line := code[start:end]
		text := strings.TrimSpace(line)
		if open == "" && (strings.HasPrefix(text, "%") || strings.HasPrefix(text, "?")) {
			m := magic{offset: start + strings.Index(line, text[:1])}
			stop := end
			if text[0] == '%' {
				m.name, m.args, _ = strings.Cut(text[1:], " ")
				if m.name == "time" {
					stop = m.offset + len("%time")
				}
			} else {
				m.args = strings.TrimLeft(text, "?")
				m.name = text[:len(text)-len(m.args)]
			}
			m.args = strings.TrimSpace(m.args)
			found = append(found, m)
			blank(b[start:stop])
			line = string(b[start:end])
		}
		open = stillOpen(line, open)
		start = end + 1
	}
	return string(b), found
}

// stillOpen returns what must come to end the raw string or comment in which a
// line of Go ends; open is the same of the line before.
func stillOpen(line, open string) string {
	for i := 0; i < len(line); {
		if open != "" {
			j := strings.Index(line[i:], open)
			if j < 0 {
				return open
			}
			i += j + len(open)
			open = ""
			continue
		}
		switch c := line[i]; {
		case c == '`':
			open = "`"
		case strings.HasPrefix(line[i:], "//"):
			return ""
		case strings.HasPrefix(line[i:], "/*"):
			open = "*/"
			i++
		case c == '"' || c == '\'':
			for i++; i < len(line) && line[i] != c; i++ {
				if line[i] == '\\' {
					i++
				}
			}
		}
		i++
	}
	return open
}

// magic runs m.
func (r *run) magic(m magic) *cell.Error {
	if strings.HasPrefix(m.name, "?") {
		return r.question(m)
	}
	var names []string
	for _, known := range magics {
		if known.name == m.name {
			return known.run(r, m.args)
		}
		names = append(names, "%"+known.name)
	}
	return &cell.Error{
		Kind:    cell.MagicError,
		Message: fmt.Sprintf("there is no %%%s", m.name),
		Hint:    "there are " + strings.Join(names, ", "),
	}
}

// question shows what is known of a name in the pager.
func (r *run) question(m magic) *cell.Error {
	b, ok := r.Inspect(m.args, len(m.args), len(m.name)-1)
	if !ok {
		return &cell.Error{Kind: cell.MagicError, Message: fmt.Sprintf("nothing is known of %q", m.args), Hint: "write ?name or ?package.Name"}
	}
	r.out.Page(b)
	return nil
}

func (r *run) magicTime(string) *cell.Error {
	begin := time.Now()
	r.after = append(r.after, func() {
		r.out.Stream("stdout", fmt.Sprintf("time: %v\n", time.Since(begin).Round(10*time.Microsecond)))
	})
	return nil
}

func (r *run) magicWho(string) *cell.Error {
	r.evaluator.mu.Lock()
	scope := maps.Clone(r.session.scope)
	r.evaluator.mu.Unlock()
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	for _, name := range slices.Sorted(maps.Keys(scope)) {
		fmt.Fprintf(w, "%s\t%s\t%s\n", name, kindOfObject(scope[name]), shortType(scope[name]))
	}
	_ = w.Flush() // to a strings.Builder
	if b.Len() == 0 {
		b.WriteString("nothing is declared\n")
	}
	r.out.Stream("stdout", b.String())
	return nil
}

func shortType(obj types.Object) string {
	t := obj.Type()
	if _, ok := obj.(*types.TypeName); ok {
		t = t.Underlying()
	}
	s := typeString(t)
	if len(s) > 60 {
		s = s[:57] + "..."
	}
	return s
}

func (r *run) magicReset(string) *cell.Error { return r.restart(r.engine) }

func (r *run) magicExecutor(name string) *cell.Error {
	if name == "" {
		r.out.Stream("stdout", fmt.Sprintf("%s (there are: %s)\n", r.engine, strings.Join(executorNames(), ", ")))
		return nil
	}
	if name == r.engine {
		return nil
	}
	return r.restart(name)
}

// restart begins a new session.
func (r *run) restart(executor string) *cell.Error {
	if err := r.reset(executor); err != nil {
		return &cell.Error{Kind: cell.MagicError, Message: err.Error()}
	}
	return nil
}

func (r *run) magicHelp(string) *cell.Error {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	for _, m := range magics {
		fmt.Fprintf(w, "%%%s %s\t%s\n", m.name, m.args, m.doc)
	}
	fmt.Fprint(w, "?NAME\tshow what NAME is; ??NAME shows its source as well\n")
	_ = w.Flush() // to a strings.Builder
	r.out.Stream("stdout", b.String())
	return nil
}
