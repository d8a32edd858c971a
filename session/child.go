package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/fluxion-go/fluxion/cell"
)

// A child is a process that runs cells, as its parent sees it.
type child struct {
	session *Session
	cmd     *exec.Cmd
	in      io.Closer // its standard input
	out     *sender
	done    chan struct{} // closed when it has ended and everybody was told

	mu      sync.Mutex
	ready   bool
	calls   map[uint64]*waiter
	latest  uint64        // the cell that began last
	killed  string        // why the parent ended it
	cells   int           // running
	watched chan struct{} // closed to end the watch of its memory; nil without one
}

// start starts a process. The session is locked, or not shared yet.
func (s *Session) start() (*child, error) {
	cmd := s.config.Command()
	apart(cmd)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	lastWords, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	c := &child{session: s, cmd: cmd, in: in, out: newSender(in), done: make(chan struct{}), calls: map[uint64]*waiter{}}
	s.config.Log.Debug("started a process for cells", "pid", cmd.Process.Pid)
	words := newWords(c.aside)
	go words.read(lastWords)
	go c.serve(out, words)
	return c, nil
}

// serve takes what the child says until it has ended.
func (c *child) serve(r io.Reader, words *words) {
	err := receive(r, c.handle)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		c.kill(fmt.Sprintf("it said what is no message: %v", err))
	}
	c.out.close()
	// The standard output of a process that lives on, closed, would be a strange
	// fault; do not wait for it.
	timer := time.AfterFunc(farewell, func() { killGroup(c.cmd) })
	last := words.last()
	c.cmd.Wait()
	timer.Stop()
	killGroup(c.cmd) // what its cells have started

	c.mu.Lock()
	killed := c.killed
	c.watchCells(-c.cells)
	c.mu.Unlock()
	death := explain(last, c.cmd.ProcessState, killed)
	c.session.config.Log.Debug("a process for cells has ended", "pid", c.cmd.Process.Pid, "reason", death.what)
	c.session.died(c, death.what)

	c.mu.Lock()
	calls := c.calls
	c.calls = nil
	c.mu.Unlock()
	culprit := 0 // execution count of the cell to blame
	if w := calls[death.call]; w != nil {
		culprit = w.count
	}
	for number, w := range calls {
		if !w.finished() {
			w.push(&message{Call: number, Result: &result{Err: death.error(number == death.call, culprit)}})
		}
	}
	close(c.done)
}

func (c *child) wasReady() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ready
}

// handle takes one message.
func (c *child) handle(m *message) {
	if m.Ready != nil {
		if m.Ready.Version != wireVersion {
			c.kill(fmt.Sprintf("it speaks version %d of the wire: want %d", m.Ready.Version, wireVersion))
			return
		}
		c.mu.Lock()
		c.ready = true
		c.mu.Unlock()
		return
	}
	c.mu.Lock()
	w := c.calls[m.Call]
	if w != nil && (m.Forget || m.Result != nil && w.out == nil) {
		delete(c.calls, m.Call)
	}
	if w != nil && m.Result != nil && w.isCell {
		c.watchCells(-1)
	}
	c.mu.Unlock()
	if w != nil && !m.Forget {
		w.push(m)
	}
}

// aside takes what the child writes to its standard error while it lives.
func (c *child) aside(text []byte) {
	c.mu.Lock()
	w := c.calls[c.latest]
	c.mu.Unlock()
	if w != nil {
		w.push(&message{Stream: &stream{"stderr", text}})
	}
}

// begin expects a result and output for a call.
func (c *child) begin(number uint64, ctx context.Context, out cell.Output, count int, isCell bool) *waiter {
	w := &waiter{child: c, ctx: ctx, out: out, count: count, isCell: isCell, result: make(chan result, 1), over: make(chan struct{})}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.calls == nil { // the child has ended meanwhile
		w.result <- failed(cell.FatalError, "the process that ran the cells has ended")
		return w
	}
	c.calls[number] = w
	if isCell {
		c.latest = number
		c.watchCells(1)
	}
	return w
}

// abandon expects nothing of a call any more.
func (c *child) abandon(number uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.calls, number)
}

// kill ends the process at once; why is told to who waits for it.
func (c *child) kill(why string) {
	c.mu.Lock()
	if c.killed == "" {
		c.killed = why
	}
	c.mu.Unlock()
	killGroup(c.cmd)
}

// end lets the process end and sees to it that it does.
func (c *child) end() {
	c.in.Close()
	select {
	case <-c.done:
	case <-time.After(farewell):
		c.kill("the session was closed")
		<-c.done
	}
}

// A waiter is a call that the child deals with, or whose output still comes.
type waiter struct {
	child  *child
	ctx    context.Context
	out    cell.Output // nil for calls that show nothing
	count  int         // execution count of the cell
	isCell bool
	result chan result
	over   chan struct{} // closed when the result has come

	mu      sync.Mutex
	events  []*message
	busy    bool // a goroutine passes events on
	ended   bool
	overrun string // why the parent stopped the cell
}

func (w *waiter) finished() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ended
}

// push queues an event. Events of one call are passed on in order, and those of
// another do not wait for them.
func (w *waiter) push(m *message) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if m.Result != nil && !w.ended {
		w.ended = true
		close(w.over)
	}
	w.events = append(w.events, m)
	if !w.busy {
		w.busy = true
		go w.pass()
	}
}

func (w *waiter) pass() {
	for {
		w.mu.Lock()
		events := w.events
		w.events = nil
		if len(events) == 0 {
			w.busy = false
			w.mu.Unlock()
			return
		}
		overrun := w.overrun
		w.mu.Unlock()
		for _, m := range events {
			if m.Result != nil {
				if overrun != "" && m.Result.Err != nil && m.Result.Err.Kind == cell.Interrupted {
					m.Result.Err.Kind, m.Result.Err.Message = cell.MemoryLimit, overrun
					m.Result.Err.Hint = "values that the cell has stored are kept; fluxion kernel --memory sets the limit"
				}
				w.result <- *m.Result
				continue
			}
			if w.out == nil {
				continue
			}
			w.show(m)
			if n := m.bytes(); n > 0 && m.Call != 0 {
				w.child.out.send(&message{Call: m.Call, Credit: &credit{n}})
			}
		}
	}
}

// show passes one piece of output on.
func (w *waiter) show(m *message) {
	switch {
	case m.Stream != nil:
		w.out.Stream(m.Stream.Name, string(m.Stream.Text))
	case m.Show != nil:
		b := m.Show.Bundle.unpack()
		switch m.Show.How {
		case display:
			w.out.Display(b, m.Show.ID)
		case update:
			w.out.Update(b, m.Show.ID)
		case page:
			w.out.Page(b)
		}
	case m.Clear != nil:
		w.out.Clear(m.Clear.Wait)
	case m.Comm != nil:
		if out, ok := w.out.(cell.CommOutput); ok {
			out.Comm(m.Comm.Message)
		}
	case m.Ask != nil:
		go w.ask(m.Call, m.Ask) // other goroutines of the cell go on meanwhile
	}
}

func (w *waiter) ask(call uint64, q *question) {
	a := &answer{Number: q.Number}
	text, err := w.out.Input(q.Prompt, q.Password)
	switch {
	case errors.Is(err, io.EOF):
		a.EOF = true
	case err != nil:
		a.Err = err.Error()
	default:
		a.Text = text
	}
	w.child.out.send(&message{Call: call, Answer: a})
}

// describeState says how a process ended that left no last words.
func describeState(s *os.ProcessState) string {
	if s == nil {
		return "the process is gone"
	}
	return s.String()
}
