package vm

import (
	"context"
	"reflect"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
	"weak"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/interp/exec"
)

// grace is how long a cancelled cell may take to leave compiled code.
const grace = 50 * time.Millisecond

// deferGrace is how long the deferred calls of a cancelled cell may run.
const deferGrace = 20 * time.Millisecond

// A run is one execution of a cell with all goroutines that it started, which
// are cancelled together.
type run struct {
	stop    int32         // 1 when cancelled; polled
	hard    int32         // 1 when deferred calls must end as well; polled by them
	stopped chan struct{} // closed then
	once    sync.Once
	exit    atomic.Pointer[exec.Exit]

	waiting atomic.Int32 // goroutines, for each other
	wakes   atomic.Int64

	deferring atomic.Pointer[deferring]
	callback  atomic.Pointer[callbackPanic]
	entries   []*function // what it calls is alive while it runs
}

func newRun() *run { return &run{stopped: make(chan struct{})} }

func (r *run) cancel() {
	r.once.Do(func() {
		atomic.StoreInt32(&r.stop, 1)
		close(r.stopped)
		time.AfterFunc(deferGrace, func() { atomic.StoreInt32(&r.hard, 1) })
	})
}

// interrupted is the panic value that unwinds a cancelled run. It cannot be
// recovered. Deferred calls run on the way, so that what the cell has locked is
// unlocked, but not for long.
type interrupted struct{}

// exiting is what the panic value of os.Exit has, ours and that of the symbols.
type exiting interface{ ExitCode() int }

// exitPanic is the panic value of os.Exit.
type exitPanic struct{ code int }

func (e exitPanic) ExitCode() int { return e.code }

// unwinding reports whether a panic value is one that cannot be recovered.
func unwinding(v any) bool {
	switch v.(type) {
	case interrupted, exiting, *exec.Exit:
		return true
	}
	return false
}

// outcome is what became of a run.
type outcome struct {
	value any
	err   error
	cut   bool // the run was cancelled
}

// Run implements exec.Executor.
func (m *machine) Run(ctx context.Context, c *exec.Cell) (reflect.Value, error) {
	if err := ctx.Err(); err != nil {
		return reflect.Value{}, err
	}
	entry, err := m.add(c)
	if err != nil {
		return reflect.Value{}, err
	}
	if c.Loaded != nil {
		c.Loaded()
	}
	r := newRun()
	m.latest.Store(r)
	m.bind(r)
	return m.await(ctx, r, func(done chan<- outcome) { m.execute(r, done, entry) })
}

// Call implements exec.Executor.
func (m *machine) Call(ctx context.Context, f func()) error {
	r := newRun()
	m.bind(r)
	_, err := m.await(ctx, r, func(done chan<- outcome) {
		var o outcome
		defer func() { done <- o }()
		protect(f, func(v any) { o = m.outcomeOf(r, nil, v) })
	})
	return err
}

// RunProgram implements exec.Executor.
func (m *machine) RunProgram(ctx context.Context, p *exec.Program) error {
	built, err := m.addProgram(p)
	if err != nil {
		return err
	}
	r := newRun()
	m.latest.Store(r)
	if isQuiet(p) {
		over := make(chan struct{})
		defer close(over)
		go m.watch(r, over)
	}
	_, err = m.await(ctx, r, func(done chan<- outcome) {
		m.execute(r, done, m.function(built.Func("init")), m.function(built.Func("main")))
	})
	return err
}

// await calls body in a new goroutine of r and returns the value that it sends
// to done, or an error as Run does.
func (m *machine) await(ctx context.Context, r *run, body func(done chan<- outcome)) (reflect.Value, error) {
	done := make(chan outcome, 1)
	m.begin(r)
	go func() {
		defer m.end(r)
		body(done)
	}()
	select {
	case o := <-done:
		if !o.cut {
			return reflect.ValueOf(o.value), o.err
		}
	case <-ctx.Done():
	case <-r.stopped: // os.Exit in another goroutine, or Close
	}
	r.cancel()
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
	if e := r.exit.Load(); e != nil {
		return reflect.Value{}, e
	}
	if err := ctx.Err(); err != nil {
		return reflect.Value{}, err
	}
	return reflect.Value{}, context.Canceled
}

// execute calls functions without parameters and sends the outcome of the last,
// or of the one that ends the goroutine.
func (m *machine) execute(r *run, done chan<- outcome, functions ...*function) {
	r.entries = functions
	t := m.thread(r)
	var o outcome
	defer func() { done <- o }()
	protect(func() {
		for _, fn := range functions {
			f := fn.enter(t)
			fn.call(t, f, 0)
			if len(fn.results) == 1 {
				o.value = *at[any](f, fn.results[0].off)
			}
			fn.leave(t, f)
		}
		m.retire(t)
	}, func(v any) { o = m.outcomeOf(r, t, v) })
}

// protect calls body and, where that does not return, failed with the value of its
// panic, nil after runtime.Goexit. It is at the bottom of every goroutine that
// the vm starts.
//
//go:noinline
func protect(body func(), failed func(v any)) {
	returned := false
	defer func() {
		if !returned {
			failed(recover())
		}
	}()
	body()
	returned = true
}

// outcomeOf reads the panic value that ended a goroutine of r, nil after
// runtime.Goexit; t is its thread, nil where compiled code began it.
func (m *machine) outcomeOf(r *run, t *thread, v any) outcome {
	switch v := v.(type) {
	case nil:
		return outcome{}
	case interrupted:
		return outcome{cut: true}
	case *exec.Exit:
		return outcome{err: v}
	case exiting:
		return outcome{err: &exec.Exit{Code: v.ExitCode()}}
	case *exec.Unsupported:
		return outcome{err: v}
	}
	return outcome{err: m.panicOf(r, t, v)}
}

// goroutine runs f in a new goroutine of the run.
func (m *machine) goroutine(r *run, f func(t *thread)) {
	m.begin(r)
	go func() {
		defer m.end(r)
		t := m.thread(r)
		protect(func() {
			f(t)
			m.release(t)
		}, func(v any) { m.stray(r, t, v) })
	}()
}

// stray reports the panic value that ended a goroutine other than a run's first.
func (m *machine) stray(r *run, t *thread, v any) {
	o := m.outcomeOf(r, t, v)
	switch err := o.err.(type) {
	case nil:
	case *exec.Exit: // ends the cell, if it is still there
		r.exit.Store(err)
		r.cancel()
	case *exec.Panic:
		m.config.Stray(err)
	default:
		m.config.Stray(&exec.Panic{Value: err, Text: err.Error()})
	}
}

// begin and end count the goroutines of a run.
func (m *machine) begin(r *run) {
	m.runMu.Lock()
	m.runs[r]++
	m.runMu.Unlock()
}

func (m *machine) end(r *run) {
	m.runMu.Lock()
	defer m.runMu.Unlock()
	if m.runs[r]--; m.runs[r] == 0 {
		delete(m.runs, r)
	}
}

// Close cancels every run that still has a goroutine.
func (m *machine) Close() error {
	m.runMu.Lock()
	defer m.runMu.Unlock()
	for r := range m.runs {
		r.cancel()
	}
	return nil
}

// bind makes r the run of the cell that the calling goroutine belongs to.
func (m *machine) bind(r *run) {
	c := cell.Current().Whole()
	w := weak.Make(c)
	m.cells.Store(w, r)
	runtime.AddCleanup(c, func(w weak.Pointer[cell.Running]) { m.cells.Delete(w) }, w)
}

// currentRun is the run that the calling goroutine belongs to: interpreted code
// that compiled code calls has no other way to know.
func (m *machine) currentRun() *run {
	if r, ok := m.cells.Load(weak.Make(cell.Current().Whole())); ok {
		return r.(*run)
	}
	return m.latest.Load()
}

// allowDeepStacks raises the limit of a goroutine's stack so that maxDepth is
// reached first: a stack overflow cannot be recovered.
func allowDeepStacks() {
	const limit = maxDepth * 8 << 10 // an interpreted call takes some hundred bytes, at worst a few thousand
	if old := debug.SetMaxStack(limit); old > limit {
		debug.SetMaxStack(old)
	}
}
