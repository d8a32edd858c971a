package session

import (
	"context"
	"errors"
	"io"
	"runtime"
	"sync"

	"github.com/fluxion-go/fluxion/cell"
)

// An output is what a call shows, in the child.
type output struct {
	server *server
	ctx    context.Context // of the call; done when it is interrupted
	call   uint64
	flow   *flow
}

// output makes the output of a call. When nothing can write to it any more,
// the parent is told.
func (s *server) output(ctx context.Context, call uint64) *output {
	f := &flow{}
	f.changed.L = &f.mu
	out := &output{server: s, ctx: ctx, call: call, flow: f}
	s.mu.Lock()
	s.windows[call] = f
	s.mu.Unlock()
	runtime.AddCleanup(out, s.forget, call)
	return out
}

func (s *server) forget(call uint64) {
	s.mu.Lock()
	delete(s.windows, call)
	s.mu.Unlock()
	s.out.send(&message{Call: call, Forget: true})
}

// Stream implements cell.Output.
func (o *output) Stream(name, text string) {
	for len(text) > piece {
		o.say(&message{Stream: &stream{name, []byte(text[:piece])}})
		text = text[piece:]
	}
	if text != "" {
		o.say(&message{Stream: &stream{name, []byte(text)}})
	}
}

// Display implements cell.Output.
func (o *output) Display(b cell.Bundle, id string) { o.show(display, b, id) }

// Update implements cell.Output.
func (o *output) Update(b cell.Bundle, id string) { o.show(update, b, id) }

// Page implements cell.Output.
func (o *output) Page(b cell.Bundle) { o.show(page, b, "") }

func (o *output) show(how showing, b cell.Bundle, id string) {
	o.say(&message{Show: &show{how, packBundle(b), id}})
}

// Clear implements cell.Output.
func (o *output) Clear(wait bool) { o.say(&message{Clear: &clearing{wait}}) }

// Comm implements cell.CommOutput.
func (o *output) Comm(m cell.CommMessage) { o.say(&message{Comm: &comm{m}}) }

// say sends m once there is room for it. An interrupted cell does not wait:
// what it still says is lost where nobody takes it.
func (o *output) say(m *message) {
	if !o.flow.take(o.ctx, m.bytes()) {
		return
	}
	m.Call = o.call
	if o.server.out.write(m) != nil {
		o.flow.give(m.bytes())
	}
	runtime.KeepAlive(o) // so that nothing follows "forget"
}

// Input implements cell.Output.
func (o *output) Input(prompt string, password bool) (string, error) {
	s := o.server
	reply := make(chan *answer, 1)
	s.mu.Lock()
	s.asks++
	number := s.asks
	s.asked[number] = reply
	s.mu.Unlock()
	if err := s.out.send(&message{Call: o.call, Ask: &question{number, prompt, password}}); err != nil {
		return "", err
	}
	select {
	case a := <-reply:
		switch {
		case a.EOF:
			return "", io.EOF
		case a.Err != "":
			return "", errors.New(a.Err)
		}
		return a.Text, nil
	case <-o.ctx.Done():
		s.mu.Lock()
		delete(s.asked, number)
		s.mu.Unlock()
		return "", errors.New("interrupted while waiting for input")
	}
}

// A flow bounds the output of a call that is under way.
type flow struct {
	mu      sync.Mutex
	changed sync.Cond
	used    int
}

// take waits until at most window bytes are under way and adds n; false when ctx
// is done before.
func (f *flow) take(ctx context.Context, n int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.used > window {
		stop := context.AfterFunc(ctx, func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.changed.Broadcast()
		})
		defer stop()
		for f.used > window {
			if ctx.Err() != nil {
				return false
			}
			f.changed.Wait()
		}
	}
	f.used += n
	return true
}

// give says that n bytes have arrived.
func (f *flow) give(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.used -= n
	f.changed.Broadcast()
}
