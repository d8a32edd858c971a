package session

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os/exec"
	"sync"
	"time"

	"github.com/fluxion-go/fluxion/cell"
)

// A Config says how to start the child.
type Config struct {
	// Command makes the command that calls Serve. Its standard streams are the
	// session's.
	Command func() *exec.Cmd

	// Memory is how many bytes the child may have before its cells are
	// stopped; 0 is no limit.
	Memory int64

	// Log hears of children that start and die; it may be nil.
	Log *slog.Logger
}

const (
	// patience is how long questions that need no cell wait for an answer.
	patience = 10 * time.Second
	// farewell is how long a child that is told to end may take.
	farewell = 500 * time.Millisecond
	// stubborn is how long the child may take to end an interrupted cell.
	stubborn = 10 * time.Second
)

// A Session is the parent's end: an evaluator whose cells run in a child
// process. It implements cell.CommEvaluator and cell.Measured.
type Session struct {
	config Config

	mu     sync.Mutex
	child  *child
	calls  uint64 // number of the latest call
	lost   bool   // the values are gone and no cell was told yet
	why    string // what ended the last child
	closed bool
}

// Start starts a child process and returns at once; requests wait until it is
// ready. The error says why it cannot be started.
func Start(config Config) (*Session, error) {
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	s := &Session{config: config}
	var err error
	s.child, err = s.start()
	if err != nil {
		return nil, err
	}
	return s, nil
}

// current returns the child that takes requests, and a number for one.
func (s *Session) current() (*child, uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, 0, errors.New("the session is closed")
	}
	if s.child == nil {
		c, err := s.start()
		if err != nil {
			return nil, 0, err
		}
		s.child = c
	}
	s.calls++
	return s.child, s.calls, nil
}

// died is called when a child has ended. One that had been ready is replaced
// at once, so that the next cell need not wait; another would die as well.
func (s *Session) died(c *child, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.child != c {
		return
	}
	s.child, s.lost, s.why = nil, true, why
	if s.closed || !c.wasReady() {
		return
	}
	if next, err := s.start(); err == nil {
		s.child = next
	}
}

// Eval implements cell.Evaluator.
func (s *Session) Eval(ctx context.Context, req cell.Request, out cell.Output) cell.Result {
	if err := ctx.Err(); err != nil {
		return cell.Result{Err: interrupted()}
	}
	s.mu.Lock()
	lost, why := s.lost, s.why
	s.lost = false
	s.mu.Unlock()
	if lost {
		out.Display(cell.Text("The session before this cell ended ("+why+"): its variables, functions and types are gone. Run the cells that define them again."), "")
	}
	r := s.call(ctx, &message{Eval: &req}, out, 0)
	return cell.Result{Value: r.Value.unpack(), Err: r.Err}
}

func interrupted() *cell.Error {
	return &cell.Error{Kind: cell.Interrupted, Message: "the cell was stopped before it began"}
}

// Comm implements cell.CommEvaluator.
func (s *Session) Comm(ctx context.Context, m cell.CommMessage, out cell.Output) bool {
	return s.call(ctx, &message{Comm: &comm{m}}, out, 0).Found
}

// Complete implements cell.Evaluator.
func (s *Session) Complete(code string, cursor int) cell.Completion {
	r := s.ask(&message{Complete: &place{Code: code, Cursor: cursor}})
	if r.Err != nil {
		return cell.Completion{Start: cursor, End: cursor}
	}
	return r.Completion
}

// Inspect implements cell.Evaluator.
func (s *Session) Inspect(code string, cursor, detail int) (cell.Bundle, bool) {
	r := s.ask(&message{Inspect: &place{code, cursor, detail}})
	return r.Value.unpack(), r.Found
}

// IsComplete implements cell.Evaluator.
func (s *Session) IsComplete(code string) cell.Completeness {
	r := s.ask(&message{IsComplete: &place{Code: code}})
	if r.Err != nil {
		return cell.Completeness{Status: cell.Unknown}
	}
	return r.Completeness
}

// ask is a call that shows nothing and is not worth waiting for.
func (s *Session) ask(m *message) result {
	return s.call(context.Background(), m, nil, patience)
}

// call sends a request and waits for its result, for ever where limit is 0.
func (s *Session) call(ctx context.Context, m *message, out cell.Output, limit time.Duration) result {
	c, number, err := s.current()
	if err != nil {
		return failed(cell.InternalFail, fmt.Sprintf("the process that runs the cells cannot be started: %v", err))
	}
	m.Call = number
	count := 0
	if m.Eval != nil {
		count = m.Eval.Count
	}
	w := c.begin(number, ctx, out, count, m.Eval != nil)
	if c.out.send(m) != nil {
		<-c.done // the reason is known then
		return <-w.result
	}
	var timeout <-chan time.Time
	if limit > 0 {
		t := time.NewTimer(limit)
		defer t.Stop()
		timeout = t.C
	}
	stop := context.AfterFunc(ctx, func() {
		c.out.send(&message{Call: number, Cancel: true})
		select {
		case <-w.over:
		case <-time.After(stubborn):
			c.kill("the cell did not stop when it was interrupted")
		}
	})
	defer stop()
	select {
	case r := <-w.result:
		return r
	case <-timeout:
		c.abandon(number)
		return failed(cell.InternalFail, "no answer came from the process that runs the cells")
	}
}

func failed(kind cell.ErrorKind, text string) result {
	return result{Err: &cell.Error{Kind: kind, Message: text}}
}

// Usage implements cell.Measured.
func (s *Session) Usage() (cell.Usage, bool) {
	s.mu.Lock()
	c := s.child
	s.mu.Unlock()
	if c == nil {
		return cell.Usage{}, false
	}
	return usage(c.cmd.Process.Pid)
}

// Close ends the child.
func (s *Session) Close() error {
	s.mu.Lock()
	c := s.child
	s.closed = true
	s.mu.Unlock()
	if c != nil {
		c.end()
	}
	return nil
}
