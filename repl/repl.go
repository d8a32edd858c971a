// Package repl is the terminal face of an evaluator: it reads cells, runs them
// and shows what they give.
package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"golang.org/x/term"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/terminal"
)

// Options says where a session reads and writes.
type Options struct {
	In        io.Reader // the standard input where a person is at it, otherwise a script
	Out       io.Writer
	Err       io.Writer      // takes what a script's cells write to stderr; nil means Out
	Evaluator cell.Evaluator // Run does not close it
	Banner    string         // the first line that a person sees; may be ""
	History   cell.History   // of what persons ran; nil keeps it for the session alone
}

const help = `A cell is Go: imports, declarations, statements, and an expression whose value
is shown. Enter goes to the next line until the Go is complete.

  Tab        completes; again, walks through the list
  F1, Alt-H  tells about the name at the cursor, as does ?name
  Alt-Enter  always begins a new line
  Up, Down   walk through the history, Ctrl-R searches it
  Ctrl-C     drops what is typed, or stops the running cell; what it made stays
  Ctrl-D     leaves, as does :quit
  %help      lists the magics

Keys are those of GNU readline; ~/.inputrc changes them. Pictures are shown
where the terminal takes them; FLUXION_GRAPHICS=kitty, sixel or none overrules
what is known of it. NO_COLOR=1 turns colours off.
`

// A CellError is the error of the cell that ended a script.
type CellError struct{ Err *cell.Error }

func (e *CellError) Error() string { return strings.TrimSuffix(e.Err.Report(), "\n") }

// Unwrap returns the error of the cell.
func (e *CellError) Unwrap() error { return e.Err }

// A session is one run of the REPL.
type session struct {
	Options
	out        *terminal.Writer
	script     *script // where it reads; nil with a person
	editor     *editor // nil with a script
	count      int     // execution count of the next cell
	interrupts chan os.Signal
}

// Run reads cells and runs them until the input ends, a line says :quit, or
// ctx is cancelled.
//
// With a person at the terminal it has a line editor, and goes on after an
// error. In a script, which is any other input, there are no prompts, and the
// first error ends the run: Run returns it as a [*CellError].
func Run(ctx context.Context, opts Options) error {
	s := &session{Options: opts, out: terminal.New(opts.Out), count: 1, interrupts: make(chan os.Signal, 1)}
	person := s.out.IsTerminal() && opts.In == io.Reader(os.Stdin) && term.IsTerminal(int(os.Stdin.Fd()))
	if s.Err == nil || person {
		s.Err = s.out
	}
	if person {
		s.editor = newEditor(opts.Evaluator, s.out, opts.History, terminal.Colors(os.Getenv) > 0)
		if s.Banner != "" {
			fmt.Fprintf(s.out, "%s\nType :help for help, :quit to leave.\n", s.Banner)
		}
	} else {
		s.script = newScript(opts.In)
		defer s.script.close()
	}
	signal.Notify(s.interrupts, os.Interrupt)
	defer signal.Stop(s.interrupts)
	for {
		code, err := s.read(ctx)
		switch {
		case errors.Is(err, errInterrupted) && person:
			continue
		case errors.Is(err, io.EOF) && strings.TrimSpace(code) == "":
			return nil
		case err != nil && strings.TrimSpace(code) == "":
			return err
		}
		switch strings.TrimSpace(code) {
		case "":
			continue
		case ":quit", ":q":
			return nil
		case ":help", ":h":
			s.out.WriteString(help)
			continue
		}
		if person && s.History != nil {
			s.History.Add(s.count, strings.TrimRight(code, "\n"), "") // before it runs, since it may end the program
		}
		if e := s.eval(ctx, code); e != nil && !person {
			return &CellError{e}
		}
	}
}

// isCommand reports whether a line is for the REPL itself.
func isCommand(code string) bool { return strings.HasPrefix(code, ":") }

// read reads one cell. At the end of the input it returns io.EOF and what was
// read before.
func (s *session) read(ctx context.Context) (string, error) {
	if s.editor != nil {
		s.out.FreshLine()
		return s.editor.read(s.out.Paint(terminal.Blue, fmt.Sprintf("[%d]> ", s.count)))
	}
	var code strings.Builder
	for {
		line, err := s.script.line(ctx, s.interrupts)
		if err != nil {
			if errors.Is(err, errInterrupted) {
				code.Reset()
			}
			return code.String(), err
		}
		code.WriteString(line + "\n")
		text := code.String()
		if isCommand(text) || strings.TrimSpace(text) == "" || s.Evaluator.IsComplete(text).Status != cell.Incomplete {
			return text, nil
		}
	}
}

// eval runs one cell and shows what comes of it. An interrupt stops it.
func (s *session) eval(ctx context.Context, code string) *cell.Error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case <-s.interrupts:
			if s.editor != nil {
				s.out.Echoed()
			}
			cancel()
		case <-ended:
		}
	}()
	out := &output{session: s, ctx: ctx, cancel: cancel}
	res := s.Evaluator.Eval(ctx, cell.Request{Code: strings.TrimRight(code, "\n"), Count: s.count}, out)
	close(ended)
	<-watched
	s.count++
	out.end()
	if res.Err != nil {
		if s.editor != nil {
			s.out.FreshLine()
			for _, line := range s.out.Error(res.Err) {
				s.out.WriteString(line + "\n")
			}
		}
		return res.Err
	}
	out.show(res.Value)
	return nil
}
