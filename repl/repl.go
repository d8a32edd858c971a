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

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/terminal"
)

// Options says where a session reads and writes.
type Options struct {
	In        io.Reader // a person at a terminal where In and Out are one, otherwise a script
	Out       io.Writer
	Err       io.Writer      // takes what a script's cells write to stderr; nil means Out
	Evaluator cell.Evaluator // Run does not close it
	Banner    string         // the first line that a person sees; may be ""
}

const help = `A cell is Go: imports, declarations, statements, and an expression whose value
is shown. A line that is not complete goes on in the next.

  ctrl-C    drops what is typed, or stops the running cell; what it made stays
  ctrl-D    leaves, as does :quit
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
	in         *input
	person     bool // somebody is at the terminal
	count      int  // execution count of the next cell
	interrupts chan os.Signal
}

// Run reads cells and runs them until the input ends, a line says :quit, or
// ctx is cancelled.
//
// With a person at the terminal it prompts, and goes on after an error. In a
// script, which is any other input, there are no prompts, and the first error
// ends the run: Run returns it as a [*CellError].
func Run(ctx context.Context, opts Options) error {
	s := &session{Options: opts, out: terminal.New(opts.Out), in: newInput(opts.In), count: 1, interrupts: make(chan os.Signal, 1)}
	s.person = s.in.isTerminal() && s.out.IsTerminal()
	if s.Err == nil || s.person {
		s.Err = s.out
	}
	defer s.in.close()
	signal.Notify(s.interrupts, os.Interrupt)
	defer signal.Stop(s.interrupts)
	if s.person && s.Banner != "" {
		fmt.Fprintf(s.out, "%s\nType :help for help, :quit to leave.\n", s.Banner)
	}
	for {
		code, err := s.read(ctx)
		if err != nil && strings.TrimSpace(code) == "" {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			if s.person {
				s.out.FreshLine()
			}
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
		if e := s.eval(ctx, code); e != nil && !s.person {
			return &CellError{e}
		}
	}
}

// read reads one cell. At the end of the input it returns io.EOF and what was
// read before.
func (s *session) read(ctx context.Context) (string, error) {
	var code strings.Builder
	prompt := fmt.Sprintf("[%d]> ", s.count)
	for {
		s.prompt(prompt)
		line, err := s.in.line(ctx, s.interrupts, false)
		if errors.Is(err, errInterrupted) {
			if !s.person {
				return "", err
			}
			s.out.FreshLine()
			code.Reset()
			prompt = fmt.Sprintf("[%d]> ", s.count)
			continue
		}
		if err != nil {
			return code.String(), err
		}
		if s.person {
			s.out.Entered()
		}
		code.WriteString(line + "\n")
		text := code.String()
		if strings.HasPrefix(text, ":") || strings.TrimSpace(text) == "" {
			return text, nil
		}
		c := s.Evaluator.IsComplete(text)
		if c.Status != cell.Incomplete {
			return text, nil
		}
		dots := strings.Repeat(".", len(fmt.Sprint(s.count))+2)
		prompt = dots + "> " + strings.ReplaceAll(c.Indent, "\t", "    ")
	}
}

func (s *session) prompt(text string) {
	if s.person {
		s.out.FreshLine()
		s.out.WriteString(s.out.Paint(terminal.Blue, text))
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
			cancel()
		case <-ended:
		}
	}()
	out := &output{session: s, ctx: ctx}
	res := s.Evaluator.Eval(ctx, cell.Request{Code: strings.TrimRight(code, "\n"), Count: s.count}, out)
	close(ended)
	<-watched
	s.count++
	out.end()
	if res.Err != nil {
		if s.person {
			s.out.FreshLine()
			for _, line := range s.out.Error(res.Err) {
				s.out.WriteString(line + "\n")
			}
		}
		return res.Err
	}
	out.show(terminal.Twin(res.Value))
	return nil
}
