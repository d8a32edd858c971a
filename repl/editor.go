package repl

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/reeflective/readline"
	"github.com/reeflective/readline/inputrc"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/terminal"
)

// An editor reads cells from a person: in several lines, with colours,
// completion, and a history that outlives the session. Its keys are those of
// GNU readline, and of the person's inputrc.
type editor struct {
	shell     *readline.Shell
	ask       *readline.Shell // for the questions of cells, which are not history
	evaluator cell.Evaluator
	out       *terminal.Writer
	colors    bool
	keyboard  *keyboard // nil where there is none
	prompt    string
	past      *past // nil where nothing outlives the session

	mu      sync.Mutex
	reading bool
	late    string // a line that a goroutine of an earlier cell has not ended yet
}

// newEditor returns an editor that shows what h remembers; where h is nil, what
// was typed in this session.
func newEditor(e cell.Evaluator, out *terminal.Writer, h cell.History, colors bool) *editor {
	ed := &editor{shell: readline.NewShell(inputrc.WithApp("fluxion")), ask: readline.NewShell(), evaluator: e, out: out, colors: colors}
	rl := ed.shell
	rl.Prompt.Primary(func() string { return ed.prompt })
	rl.Completer = ed.complete
	if colors {
		rl.SyntaxHighlighter = highlight
	}
	rl.Config.Vars["multiline-column"] = false // its bars would be copied with the code
	rl.Config.Vars["history-autosuggest"] = colors
	rl.Config.Vars["menu-complete-display-prefix"] = true // shows the list before it takes from it
	rl.Config.Vars["completion-ignore-case"] = true
	rl.Config.Vars["enable-bracketed-paste"] = true // so that pasted code is not indented once more
	paste := rl.Keymap.Commands()["bracketed-paste-begin"]
	rl.Keymap.Register(map[string]func(){
		"bracketed-paste-begin": func() { ed.paste(paste) },
		"fluxion-inspect":       ed.inspect,
		"fluxion-newline":       func() { ed.insert("\n") },
		"fluxion-close":         ed.closeBrace,
		"fluxion-tab":           ed.tab,
		"fluxion-enter":         ed.enter,
	})
	for _, keymap := range []string{"emacs", "vi-insert"} {
		for keys, command := range map[string]string{`\eOP`: "fluxion-inspect", `\e[11~`: "fluxion-inspect", `\eh`: "fluxion-inspect",
			`\e\C-m`: "fluxion-newline", "}": "fluxion-close", `\t`: "fluxion-tab", `\C-m`: "fluxion-enter", `\C-j`: "fluxion-enter"} {
			rl.Config.Bind(keymap, inputrc.Unescape(keys), command, false)
		}
	}
	ed.keyboard, _ = newKeyboard()
	if h != nil {
		ed.past = &past{history: h}
		rl.History.Add("history", ed.past)
	}
	return ed
}

// read reads one cell. It returns errInterrupted where the person drops it,
// and io.EOF where they leave.
func (ed *editor) read(prompt string) (string, error) {
	ed.prompt = prompt
	if ed.past != nil {
		ed.past.refresh()
	}
	ed.setReading(true)
	code, err := ed.readline(ed.shell)
	ed.setReading(false)
	switch {
	case errors.Is(err, readline.ErrInterrupt):
		return "", errInterrupted
	case errors.Is(err, io.EOF):
		return "", io.EOF
	}
	return code, err
}

func (ed *editor) readline(rl *readline.Shell) (string, error) {
	if ed.keyboard == nil {
		return rl.Readline()
	}
	return ed.keyboard.during(rl.Readline)
}

func (ed *editor) setReading(on bool) {
	ed.mu.Lock()
	defer ed.mu.Unlock()
	ed.reading = on
	if !on && ed.late != "" {
		ed.out.WriteString(ed.late)
		ed.late = ""
	}
}

// print writes above the prompt, line by line, what a goroutine of an earlier
// cell says while the person types. Where nobody types it reports false and
// does nothing.
func (ed *editor) print(text string) bool {
	ed.mu.Lock()
	defer ed.mu.Unlock()
	if !ed.reading {
		return false
	}
	ed.late += text
	if end := strings.LastIndexByte(ed.late, '\n'); end >= 0 {
		// The terminal is raw: a line's end does not bring the cursor back.
		ed.shell.PrintTransientf("%s\r", strings.ReplaceAll(ed.late[:end], "\n", "\r\n"))
		ed.late = ed.late[end+1:]
	}
	return true
}

// question asks for one line, without showing it where it is a password.
func (ed *editor) question(prompt string, password bool) (string, error) {
	// What stands before the last line of the prompt is text, not prompt.
	if i := strings.LastIndexByte(prompt, '\n') + 1; i > 0 {
		ed.out.WriteString(prompt[:i])
		prompt = prompt[i:]
	}
	ed.ask.Prompt.Primary(func() string { return prompt })
	ed.ask.SyntaxHighlighter = nil
	if password {
		ed.ask.SyntaxHighlighter = func(line []rune) string { return strings.Repeat("•", len(line)) }
	}
	line, err := ed.readline(ed.ask)
	if errors.Is(err, readline.ErrInterrupt) {
		err = errInterrupted
	}
	return line, err
}

// enter runs the cell if it is complete, and otherwise begins a new line, as far
// to the right as its block stands.
func (ed *editor) enter() {
	rl := ed.shell
	code := string(*rl.Line())
	at := rl.Cursor().Pos()
	inside := strings.ContainsRune(string((*rl.Line())[at:]), '\n')
	if isCommand(code) || strings.TrimSpace(code) == "" {
		rl.Keymap.Commands()["accept-line"]()
		return
	}
	c := ed.evaluator.IsComplete(code)
	switch {
	case c.Status == cell.Incomplete && at == rl.Line().Len():
		ed.insert("\n" + c.Indent)
	case c.Status == cell.Incomplete || inside:
		ed.insert("\n")
	default:
		rl.Keymap.Commands()["accept-line"]()
	}
}

// paste inserts what is pasted. Terminals send a carriage return for a line's
// end.
func (ed *editor) paste(insert func()) {
	insert()
	rl := ed.shell
	ends := strings.NewReplacer("\r\n", "\n", "\r", "\n")
	before, after := string((*rl.Line())[:rl.Cursor().Pos()]), string((*rl.Line())[rl.Cursor().Pos():])
	before = ends.Replace(before)
	rl.Line().Set([]rune(before + ends.Replace(after))...)
	rl.Cursor().Set(len([]rune(before)))
}

func (ed *editor) insert(text string) {
	rl := ed.shell
	rl.Line().Insert(rl.Cursor().Pos(), []rune(text)...)
	rl.Cursor().Move(len([]rune(text)))
}

// closeBrace inserts a brace, where the block that it closes is indented.
func (ed *editor) closeBrace() {
	rl := ed.shell
	at := rl.Cursor().Pos()
	before := string((*rl.Line())[:at])
	margin := before[strings.LastIndexByte(before, '\n')+1:]
	if strings.HasSuffix(margin, "\t") && strings.TrimSpace(margin) == "" {
		rl.Line().Cut(at-1, at)
		rl.Cursor().Dec()
	}
	ed.insert("}")
}

// tab completes; at the begin of a line, where there is nothing to complete, it
// indents.
func (ed *editor) tab() {
	rl := ed.shell
	before := string((*rl.Line())[:rl.Cursor().Pos()])
	if strings.TrimSpace(before[strings.LastIndexByte(before, '\n')+1:]) == "" {
		ed.insert("\t")
		return
	}
	rl.Keymap.Commands()["menu-complete"]()
}

func (ed *editor) complete(line []rune, cursor int) readline.Completions {
	code := string(line)
	at := len(string(line[:cursor]))
	c := ed.evaluator.Complete(code, at)
	if len(c.Items) == 0 || c.Start < 0 || c.Start > at {
		return readline.Completions{}
	}
	var items []readline.Completion
	for _, item := range c.Items {
		items = append(items, readline.Completion{Value: item.Text, Display: item.Text, Description: describe(item), Tag: plural(item.Kind)})
	}
	completions := readline.CompleteRaw(items).JustifyDescriptions()
	completions.PREFIX = code[c.Start:at]
	return completions
}

// describe says in one line what an item is.
func describe(item cell.CompletionItem) string {
	text := item.Signature
	if doc, _, _ := strings.Cut(item.Doc, "\n"); doc != "" {
		if text != "" {
			text += "  "
		}
		text += doc
	}
	return terminal.Fit(text, 120)
}

func plural(kind string) string {
	switch {
	case kind == "":
		return ""
	case strings.HasSuffix(kind, "y"):
		return strings.TrimSuffix(kind, "y") + "ies"
	}
	return kind + "s"
}

// inspect shows what is known about the name at the cursor, below the line.
func (ed *editor) inspect() {
	rl := ed.shell
	code := string(*rl.Line())
	at := len(string((*rl.Line())[:rl.Cursor().Pos()]))
	b, ok := ed.evaluator.Inspect(code, at, 0)
	if !ok {
		rl.Hint.SetTemporary("nothing is known about what stands here")
		return
	}
	columns, rows := ed.out.Size()
	lines := strings.Split(terminal.Twin(b), "\n")
	if most := max(rows/2, 3); len(lines) > most {
		lines = append(lines[:most-1], fmt.Sprintf("… (%d lines more: ?name shows all)", len(lines)-most+1))
	}
	for i := range lines {
		lines[i] = terminal.Fit(lines[i], columns-1)
	}
	rl.Hint.SetTemporary(strings.Join(lines, "\n"))
}
