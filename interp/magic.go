package interp

import (
	"fmt"
	"go/token"
	"slices"
	"strings"

	"github.com/fluxion-go/fluxion/cell"
)

// A magic is what a cell says that is no Go: a line that begins with %, ! or ?,
// or the whole of a cell that begins with %%.
type magic struct {
	offset, end int    // its extent; code of its own line lies behind end
	name        string // "time", "!", "?" or "??"
	args        string
	whole       bool   // %%name: the cell is its
	body        string // the cell below the line, for those that take it
	code        bool   // code follows on the line
}

// A command is a magic that exists.
type command struct {
	name  string
	form  string // how it is written
	doc   string
	whole bool // it takes the cell below as it is: %%name
	timed bool // code may follow on its line, or stand below it
	run   func(r *run, m magic) *cell.Error
}

// commands are all that there are.
var commands []command

func init() { // some of them read the table
	commands = []command{
		{name: "time", form: "%time [CODE]", doc: "run the code, or the cell below, and say how long it took", timed: true, run: (*run).magicTime},
		{name: "timeit", form: "%timeit [CODE]", doc: "run the code, or the cell below, many times and say how long one run takes", timed: true, run: (*run).magicTimeit},
		{name: "who", form: "%who", doc: "list what the session has declared", run: (*run).magicWho},
		{name: "reset", form: "%reset", doc: "forget all declarations and begin a new session", run: (*run).magicReset},
		{name: "load", form: "%load FILE", doc: "run the Go code of a file, or the cells that %save wrote", run: (*run).magicLoad},
		{name: "save", form: "%save FILE", doc: "write the cells that ran in this session to a file", run: (*run).magicSave},
		{name: "writefile", form: "%%writefile [-a] FILE", doc: "write the cell below to a file, or with -a to its end", whole: true, run: (*run).magicWriteFile},
		{name: "get", form: "%get [MODULE@VERSION]", doc: "bring a Go module that cells can import, or list those that are there", run: (*run).magicGet},
		{name: "executor", form: "%executor [NAME]", doc: "say what runs the cells, or begin a new session with another", run: (*run).magicExecutor},
		{name: "help", form: "%help", doc: "list these commands", run: (*run).magicHelp},
		{name: "!", form: "!COMMAND", doc: "run a command of the system's shell", run: (*run).magicShell},
		{name: "?", form: "?NAME", doc: "show what NAME is", run: (*run).question},
		{name: "??", form: "??NAME", doc: "show its source as well", run: (*run).question},
	}
}

// find returns the command called name, or nil.
func find(name string) *command {
	if i := slices.IndexFunc(commands, func(c command) bool { return c.name == name }); i >= 0 {
		return &commands[i]
	}
	return nil
}

// A divided cell is split into Go and magics.
type divided struct {
	rest   string // the cell; what is no Go is blank, so that offsets stay
	magics []magic
}

// asked is a line such as name? or a.B??.
var asked = pattern(`^[\pL_][\pL\d_.]*\?\??$`)

// splitMagics takes the magics out of a cell. A line is one if it begins with %
// or ?, or ends in ? behind a name, and does not lie in a raw string or a
// comment: no line of Go does. One that begins with ! is one where a statement
// could begin: there, Go has a use for it only as the value of the cell, which
// can be written in parentheses.
func splitMagics(code string) divided {
	if d, ok := wholeMagic(code); ok {
		return d
	}
	var found []magic
	b := []byte(code)
	var open string // what ends the raw string or comment that a line lies in
	for start := 0; start < len(code); {
		end := len(code)
		if i := strings.IndexByte(code[start:], '\n'); i >= 0 {
			end = start + i
		}
		line := code[start:end]
		if text := strings.TrimSpace(line); open == "" && text != "" {
			m, ok := lineMagic(text)
			if ok && (m.name != "!" || beginsStatement(string(b[:start]))) {
				m.offset = start + strings.Index(line, text[:1])
				m.end = end
				if m.code {
					m.end = m.offset + len("%") + len(m.name)
				}
				found = append(found, m)
				blank(b[start:m.end])
				line = string(b[start:end])
			}
		}
		open = stillOpen(line, open)
		start = end + 1
	}
	return divided{string(b), found}
}

// wholeMagic reads a cell that begins with %%.
func wholeMagic(code string) (divided, bool) {
	offset := len(code) - len(strings.TrimLeft(code, " \t\r\n"))
	line, body, _ := strings.Cut(code[offset:], "\n")
	line = strings.TrimRight(line, " \t\r")
	if !strings.HasPrefix(line, "%%") {
		return divided{}, false
	}
	m := magic{offset: offset, end: min(offset+len(line)+1, len(code)), whole: true}
	m.name, m.args, _ = strings.Cut(line[2:], " ")
	m.args = strings.TrimSpace(m.args)
	b := []byte(code)
	if c := find(m.name); c != nil && c.timed {
		m.whole = false
		blank(b[:m.end])
		return divided{string(b), []magic{m}}, true
	}
	m.body = body
	m.end = len(code)
	blank(b)
	return divided{string(b), []magic{m}}, true
}

// lineMagic reads a line that may be a magic.
func lineMagic(text string) (magic, bool) {
	switch {
	case text[0] == '%':
		name, args, _ := strings.Cut(text[1:], " ")
		m := magic{name: name, args: strings.TrimSpace(args)}
		if c := find(name); c != nil && c.timed {
			m.code = m.args != ""
		}
		return m, true
	case text[0] == '!':
		return magic{name: "!", args: strings.TrimSpace(text[1:])}, !strings.HasPrefix(text, "!=")
	case text[0] == '?':
		args := strings.TrimLeft(text, "?")
		return magic{name: text[:min(len(text)-len(args), 2)], args: strings.TrimSpace(args)}, true
	case asked().MatchString(text):
		args := strings.TrimRight(text, "?")
		return magic{name: text[len(args):], args: args}, true
	}
	return magic{}, false
}

// beginsStatement reports whether a statement of a cell could begin behind code.
func beginsStatement(code string) bool {
	depth, last := 0, token.SEMICOLON
	for _, t := range lex(code) {
		switch t.tok {
		case token.LPAREN, token.LBRACE, token.LBRACK:
			depth++
		case token.RPAREN, token.RBRACE, token.RBRACK:
			depth--
		case token.EOF:
			return depth == 0 && last == token.SEMICOLON
		}
		last = t.tok
	}
	return false
}

// A step of a cell is a magic, or a piece of code.
type step struct {
	magic      *magic
	start, end int // of the code
	role       role
}

// A role is what a piece of code is to its cell.
type role int

const (
	isLast   role = iota // its value is that of the cell
	isBefore             // more code follows
	isTimed              // stands on the line of %time or %timeit, and more follows
)

// steps lists what a cell does, in order.
func (d divided) steps() []step {
	var steps []step
	at := 0
	code := func(end int, as role) {
		if at < end && strings.TrimSpace(d.rest[at:end]) != "" {
			steps = append(steps, step{start: at, end: end, role: as})
		}
		at = max(at, end)
	}
	for i := range d.magics {
		m := &d.magics[i]
		code(m.offset, isBefore)
		steps = append(steps, step{magic: m})
		at = max(at, m.end)
		if m.code {
			code(at+statementEnd(d.rest[at:]), isTimed)
		}
	}
	code(len(d.rest), isBefore)
	for i := len(steps) - 1; i >= 0; i-- {
		if steps[i].magic == nil {
			steps[i].role = isLast
			break
		}
	}
	return steps
}

// statementEnd returns where the line, or the lines, end that the statements on
// the first line of code need.
func statementEnd(code string) int {
	depth := 0
	for _, t := range lex(code) {
		switch t.tok {
		case token.LPAREN, token.LBRACE, token.LBRACK:
			depth++
		case token.RPAREN, token.RBRACE, token.RBRACK:
			depth--
		case token.SEMICOLON:
			if depth <= 0 && t.lit == "\n" {
				return endOf(code, t)
			}
		}
	}
	return len(code)
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
	c := find(m.name)
	switch {
	case c == nil:
		var forms, names []string
		for _, c := range commands {
			form, _, _ := strings.Cut(c.form, " ")
			forms, names = append(forms, form), append(names, c.name)
		}
		e := magicError("there is no %%%s", m.name)
		e.Hint = "there are " + strings.Join(forms, ", ")
		if near := didYouMean(m.name, names); near != "" {
			e.Hint = strings.Replace(near, "mean ", "mean %", 1) + " " + e.Hint
		}
		return e
	case c.whole && !m.whole:
		e := magicError("%%%s takes the cell below it", m.name)
		e.Hint = "begin the cell with " + c.form
		return e
	case !c.whole && m.whole:
		e := magicError("%%%%%s does not take a cell", m.name)
		e.Hint = "write " + c.form
		return e
	}
	return c.run(r, m)
}

func magicError(format string, args ...any) *cell.Error {
	return &cell.Error{Kind: cell.MagicError, Message: fmt.Sprintf(format, args...)}
}

// question shows what is known of a name in the pager.
func (r *run) question(m magic) *cell.Error {
	b, ok := r.inspect(m.args, len(m.args), len(m.name)-1, 1)
	if !ok {
		e := magicError("nothing is known of %q", m.args)
		e.Hint = "write ?name or ?package.Name"
		return e
	}
	r.out.Page(b)
	return nil
}

func (r *run) magicReset(magic) *cell.Error { return r.restart(r.engineName()) }

func (r *run) engineName() string {
	r.evaluator.mu.Lock()
	defer r.evaluator.mu.Unlock()
	return r.engine
}

func (r *run) magicExecutor(m magic) *cell.Error {
	switch m.args {
	case "":
		r.out.Stream("stdout", fmt.Sprintf("%s (there are: %s)\n", r.engineName(), strings.Join(executorNames(), ", ")))
		return nil
	case r.engineName():
		return nil
	}
	return r.restart(m.args)
}

// restart begins a new session.
func (r *run) restart(executor string) *cell.Error {
	if err := r.reset(executor); err != nil {
		return magicError("%v", err)
	}
	return nil
}

func (r *run) magicHelp(magic) *cell.Error {
	var rows [][]string
	for _, c := range commands {
		rows = append(rows, []string{c.form, c.doc})
	}
	r.out.Stream("stdout", columns(rows))
	return nil
}
