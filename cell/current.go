package cell

import (
	"context"
	"errors"
	"os"
	"runtime"
	"runtime/pprof"
	"slices"
	"sync"
	"sync/atomic"
	"unsafe"
)

// A Running is a cell while its code runs: what [Current] returns. A goroutine
// that the cell starts belongs to it, also when it outlives the cell.
type Running struct {
	ctx  context.Context
	out  Output
	rep  Reporter
	part *Running // the cell that this is a part of, with an output of its own; nil for a whole cell

	last atEnd
}

// An atEnd is what is left to do when the code of a cell has ended.
type atEnd struct {
	sync.Mutex
	keys []any
	do   map[any]func()
}

// AtEnd calls f once the code of the cell has ended, well or not, and before it
// counts as done. Of several calls with one key the last holds. Whoever runs
// cells calls End; where nobody does, or has already, f is forgotten.
func (r *Running) AtEnd(key any, f func()) {
	if r = r.Whole(); r == outside {
		return
	}
	l := &r.last
	l.Lock()
	defer l.Unlock()
	if l.do == nil {
		l.do = map[any]func(){}
	}
	if l.do[key] == nil {
		l.keys = append(l.keys, key)
	}
	l.do[key] = f
}

// End does what AtEnd was told, in the order in which the keys came. The cell's
// code has ended; the goroutine is still within [Enter].
func (r *Running) End() {
	l := &r.Whole().last
	l.Lock()
	keys, do := l.keys, l.do
	l.keys, l.do = nil, nil
	l.Unlock()
	for _, k := range keys {
		do[k]()
	}
}

// Whole returns the cell that r is, or is a part of after [Redirect].
func (r *Running) Whole() *Running {
	for r.part != nil {
		r = r.part
	}
	return r
}

// Done is closed when the cell is interrupted. It is nil in a program that
// runs no cell, and so blocks for ever in a select.
func (r *Running) Done() <-chan struct{} { return r.ctx.Done() }

// Context is cancelled when the cell is interrupted.
func (r *Running) Context() context.Context { return r.ctx }

// Output takes what the cell shows; it is never nil.
func (r *Running) Output() Output { return r.out }

// Reporter follows training runs; nil where nobody watches.
func (r *Running) Reporter() Reporter { return r.rep }

// The running cell of a goroutine is found by its profiler labels, which the
// runtime hands down to the goroutines it starts. Only the address of the
// label set is looked at, so nothing here depends on its layout. Reading it
// costs about a nanosecond.
//
//go:linkname runtimeProfLabel runtime/pprof.runtime_getProfLabel
func runtimeProfLabel() unsafe.Pointer

var (
	running sync.Map // address of a label set (uintptr) → *Running
	active  struct {
		sync.Mutex
		cells []*Running
	}
	newest  atomic.Pointer[Running] // the active cell that began last, for goroutines with labels of their own
	outside = &Running{ctx: context.Background(), out: plainOutput{}}
)

// Current returns the cell that the calling goroutine belongs to. In a program
// that runs no cell it returns one that is never interrupted, writes streams
// and text to the standard output and has no Reporter.
func Current() *Running {
	if l := runtimeProfLabel(); l != nil {
		if r, ok := running.Load(uintptr(l)); ok {
			return r.(*Running)
		}
	}
	if r := newest.Load(); r != nil {
		return r
	}
	return outside
}

// Enter calls f as the code of a cell: within f, and in the goroutines that it
// starts, Current returns a cell with this context, output and reporter. The
// reporter may be nil.
func Enter(ctx context.Context, out Output, rep Reporter, f func()) {
	r := &Running{ctx: ctx, out: out, rep: rep}
	begin(r)
	defer end(r)
	r.do(f)
}

// Redirect calls f as code of the same cell, with another output and reporter.
func Redirect(out Output, rep Reporter, f func()) {
	r := Current()
	(&Running{ctx: r.ctx, out: out, rep: rep, part: r}).do(f)
}

// do calls f so that Current returns r.
func (r *Running) do(f func()) {
	pprof.Do(r.ctx, pprof.Labels("fluxion", "cell"), func(context.Context) {
		l := runtimeProfLabel()
		running.Store(uintptr(l), r)
		// The entry lives as long as the last goroutine that carries the labels.
		runtime.AddCleanup((*byte)(l), func(key uintptr) { running.Delete(key) }, uintptr(l))
		f()
	})
}

//go:linkname runtimeSetProfLabel runtime/pprof.runtime_setProfLabel
func runtimeSetProfLabel(labels unsafe.Pointer)

// Carry returns f as code of the cell that the calling goroutine belongs to, for
// functions that are called on goroutines which no cell started, as by
// time.AfterFunc.
func Carry(f func()) func() {
	l := runtimeProfLabel()
	return func() {
		old := runtimeProfLabel()
		runtimeSetProfLabel(l)
		defer runtimeSetProfLabel(old)
		f()
	}
}

func begin(r *Running) {
	active.Lock()
	defer active.Unlock()
	active.cells = append(active.cells, r)
	newest.Store(r)
}

func end(r *Running) {
	active.Lock()
	defer active.Unlock()
	i := slices.Index(active.cells, r)
	active.cells = slices.Delete(active.cells, i, i+1)
	newest.Store(nil)
	if n := len(active.cells); n > 0 {
		newest.Store(active.cells[n-1])
	}
}

// plainOutput shows what compiled code displays when no cell runs: text goes
// to the standard output, and there is nobody to ask.
type plainOutput struct{}

func (plainOutput) Stream(name, text string) {
	if name == "stderr" {
		os.Stderr.WriteString(text)
		return
	}
	os.Stdout.WriteString(text)
}
func (p plainOutput) Display(b Bundle, _ string) { p.Stream("stdout", b.String()+"\n") }
func (p plainOutput) Update(Bundle, string)      {}
func (p plainOutput) Clear(bool)                 {}
func (p plainOutput) Page(b Bundle)              { p.Display(b, "") }
func (p plainOutput) Input(string, bool) (string, error) {
	return "", errors.New("no front end is there to ask for input")
}
