package session

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"sync"

	"github.com/fluxion-go/fluxion/cell"
)

// Options are what Serve needs besides the evaluator.
type Options struct {
	// Streams are what TakeStreams returned; nil where text that is written
	// past the evaluator is of no interest.
	Streams *Streams

	// Memory is how many bytes the session should stay below: the collector
	// works harder when it comes near. 0 is no limit.
	Memory int64
}

// Serve runs cells for the parent that writes to r and reads from w, until r
// ends. It does not close e.
func Serve(r io.Reader, w io.Writer, e cell.Evaluator, o Options) error {
	if o.Memory > 0 {
		// Above nine tenths the collector would work without end and gain little.
		debug.SetMemoryLimit(o.Memory / 10 * 9)
	}
	s := &server{
		evaluator: e, streams: o.Streams, out: newSender(w),
		calls: map[uint64]context.CancelFunc{}, windows: map[uint64]*flow{}, asked: map[uint64]chan *answer{},
	}
	defer s.out.close()
	s.out.send(&message{Ready: &ready{Version: wireVersion, PID: os.Getpid()}})
	if s.streams != nil {
		s.streams.pass(s.stray)
	}
	err := receive(r, s.handle)
	s.mu.Lock()
	for _, cancel := range s.calls {
		cancel()
	}
	s.mu.Unlock()
	return err
}

// A server is the child's end.
type server struct {
	evaluator cell.Evaluator
	streams   *Streams
	out       *sender

	mu      sync.Mutex
	calls   map[uint64]context.CancelFunc // those that run
	windows map[uint64]*flow              // of calls that may still have output
	latest  *output                       // of the cell that began last
	asked   map[uint64]chan *answer
	asks    uint64 // number of the latest question
}

func (s *server) handle(m *message) {
	switch {
	case m.Cancel:
		s.mu.Lock()
		if cancel := s.calls[m.Call]; cancel != nil {
			cancel()
		}
		s.mu.Unlock()
	case m.Credit != nil:
		s.mu.Lock()
		f := s.windows[m.Call]
		s.mu.Unlock()
		if f != nil {
			f.give(m.Credit.Bytes)
		}
	case m.Answer != nil:
		s.mu.Lock()
		c := s.asked[m.Answer.Number]
		delete(s.asked, m.Answer.Number)
		s.mu.Unlock()
		if c != nil {
			c <- m.Answer
		}
	case m.Eval != nil:
		s.begin(m, true, func(ctx context.Context, out *output) result {
			r := s.evaluator.Eval(ctx, *m.Eval, out)
			return result{Value: packBundle(r.Value), Err: r.Err}
		})
	case m.Comm != nil:
		s.begin(m, false, func(ctx context.Context, out *output) result {
			deliver := cell.DeliverComm
			if e, ok := s.evaluator.(cell.CommEvaluator); ok {
				deliver = e.Comm
			}
			return result{Found: deliver(ctx, m.Comm.Message, out)}
		})
	case m.Complete != nil:
		s.begin(m, false, func(context.Context, *output) result {
			return result{Completion: s.evaluator.Complete(m.Complete.Code, m.Complete.Cursor)}
		})
	case m.Inspect != nil:
		s.begin(m, false, func(context.Context, *output) result {
			b, ok := s.evaluator.Inspect(m.Inspect.Code, m.Inspect.Cursor, m.Inspect.Detail)
			return result{Value: packBundle(b), Found: ok}
		})
	case m.IsComplete != nil:
		s.begin(m, false, func(context.Context, *output) result {
			return result{Completeness: s.evaluator.IsComplete(m.IsComplete.Code)}
		})
	}
}

// begin deals with a request on a goroutine of its own. What it prints is that
// of a cell where cell is set.
func (s *server) begin(m *message, isCell bool, work func(context.Context, *output) result) {
	// The label stands in the traces that the runtime writes when it dies, so
	// that the parent knows which cell is to blame.
	ctx := pprof.WithLabels(context.Background(), pprof.Labels(callLabel, strconv.FormatUint(m.Call, 10)))
	ctx, cancel := context.WithCancel(ctx)
	var out *output
	if isCell || m.Comm != nil {
		out = s.output(ctx, m.Call)
	}
	s.mu.Lock()
	s.calls[m.Call] = cancel
	if isCell {
		s.latest = out
	}
	s.mu.Unlock()
	go func() {
		pprof.SetGoroutineLabels(ctx)
		r := guarded(func() result { return work(ctx, out) })
		if isCell && s.streams != nil {
			s.streams.flush()
		}
		s.mu.Lock()
		delete(s.calls, m.Call) // not cancelled: goroutines of the cell may go on
		s.mu.Unlock()
		s.out.send(&message{Call: m.Call, Result: &r})
		runtime.KeepAlive(out) // "forget" comes after the result
	}()
}

const callLabel = "fluxion-call"

// guarded makes a panic of the evaluator an error of the call.
func guarded(work func() result) (r result) {
	defer func() {
		if p := recover(); p != nil {
			r = result{Err: &cell.Error{Kind: cell.InternalFail, Message: fmt.Sprint(p), Hint: "this is a fault in fluxion; the session goes on"}}
		}
	}()
	return work()
}

// stray takes text that was written past the evaluator.
func (s *server) stray(name, text string) {
	s.mu.Lock()
	out := s.latest
	s.mu.Unlock()
	if out != nil {
		out.Stream(name, text)
	}
}
