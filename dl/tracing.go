package dl

import (
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// ErrTraced is behind the [Error] of looking at the values of a tensor in a Go
// function that is called once to learn what it computes, by [Jit], [Scan] and
// the like.
var ErrTraced = errors.New("traced")

// A trace is a call of a Go function by Jit. Assignments in it become updates:
// from an assignment on, the variable is what was assigned.
type trace struct {
	goroutine string
	assigned  []*assigned
	read      []*Tensor
}

type assigned struct {
	t   *Tensor
	old *graph.Node
	new *Tensor
}

var (
	tracing atomic.Pointer[trace]
	tracers sync.Mutex // one trace at a time
)

// runTrace calls f as a trace. A trace in a trace becomes part of it.
func runTrace(f func()) *trace {
	if ownTrace() != nil {
		panic(&Error{Op: "jit", Axis: -1, Msg: "a function compiled by dl.Jit is called for the first time, on concrete tensors, while another is traced",
			Help: "call it once before, or give it tensors that depend on the arguments", Cause: ErrTraced})
	}
	tracers.Lock()
	defer tracers.Unlock()
	tr := &trace{goroutine: goroutine()}
	tracing.Store(tr)
	defer func() {
		tracing.Store(nil)
		for _, a := range tr.assigned {
			a.t.n = a.old
		}
	}()
	f()
	return tr
}

// ownTrace returns the trace that the calling goroutine is in, or nil. Others
// compute as usual.
func ownTrace() *trace {
	tr := tracing.Load()
	if tr == nil || tr.goroutine != goroutine() {
		return nil
	}
	return tr
}

// goroutine returns the name that the runtime has for the calling goroutine.
// It is looked at only while something is traced.
func goroutine() string {
	var b [40]byte
	head := b[:runtime.Stack(b[:], false)]
	for i, c := range head {
		if c == '[' {
			return string(head[:i])
		}
	}
	return string(head)
}

func noteRead(t *Tensor) {
	if tr := ownTrace(); tr != nil && !slices.Contains(tr.read, t) {
		tr.read = append(tr.read, t)
	}
}

// assign makes t, a variable, stand for x for the rest of the trace.
func (tr *trace) assign(t *Tensor, x any) {
	i := slices.IndexFunc(tr.assigned, func(a *assigned) bool { return a.t == t })
	if i < 0 {
		a := &assigned{t: t, old: t.n}
		a.new = wrap(Set(t, x).New.n)
		tr.assigned = append(tr.assigned, a)
		t.n = a.new.n
		return
	}
	a := tr.assigned[i]
	present := t.n
	t.n = a.old // the variable, which says what fits
	defer func() { t.n = present }()
	a.new = wrap(Set(t, x).New.n)
	present = a.new.n
}

func (tr *trace) updates() []Update {
	var us []Update
	for _, a := range tr.assigned {
		us = append(us, Update{a.t, a.new})
	}
	return us
}
