package vm

import "github.com/fluxion-go/fluxion/interp/vm/forge"

// A deferredCall is a call whose function and arguments are known.
type deferredCall struct {
	fn    *function
	frame frame           // of fn, with the arguments
	other func(t *thread) // in place of fn: a builtin or compiled code

	// wrapper says that other is a func value of package reflect that may stand for
	// an interpreted function, which can recover.
	wrapper bool
}

// deferring tells an interpreted function that compiled code calls on a goroutine
// that it is the one that was deferred.
type deferring struct {
	goroutine uintptr
	stack     *deferStack
}

func (d deferredCall) run(t *thread) {
	if d.fn == nil {
		d.other(t)
		return
	}
	d.fn.call(t, d.frame, 0)
}

// A deferStack holds the deferred calls of one active call.
type deferStack struct {
	calls     []deferredCall
	value     any // of the panic
	panicking bool
	returned  bool // the body has ended, with its deferred calls
}

// runOne runs a deferred call. A panic in it takes the place of the present one.
func (d *deferStack) runOne(t *thread, c deferredCall) {
	depth := t.depth
	ok := false
	defer func() {
		if ok {
			return
		}
		if v := recover(); v != nil {
			t.depth = depth
			if unwinding(v) {
				panic(v)
			}
			d.panicking, d.value = true, v
		}
	}()
	if c.fn != nil {
		t.entering = d
		c.fn.call(t, c.frame, 0)
		c.fn.leave(t, c.frame)
	} else {
		t.entering = nil
		if c.wrapper {
			t.run.deferring.Store(&deferring{forge.Goroutine(), d})
			defer t.run.deferring.Store(nil)
		}
		c.other(t)
	}
	ok = true
}

// runAll runs the deferred calls, the latest first, and goes on with the panic if
// none has recovered it.
func (d *deferStack) runAll(t *thread) {
	for n := len(d.calls); n > 0; n = len(d.calls) {
		c := d.calls[n-1]
		d.calls[n-1] = deferredCall{}
		d.calls = d.calls[:n-1]
		d.runOne(t, c)
	}
	if d.panicking {
		panic(d.value)
	}
}

// abandon runs the deferred calls of a call that is being unwound by an interrupt;
// after os.Exit there are none. A panic in one ends that one alone.
func (d *deferStack) abandon(t *thread, v any) {
	if _, ok := v.(interrupted); !ok {
		return
	}
	t.stop = &t.run.hard
	d.panicking, d.value = false, nil
	for n := len(d.calls); n > 0 && !t.cancelled(); n = len(d.calls) {
		c := d.calls[n-1]
		d.calls = d.calls[:n-1]
		protect(func() { d.runOne(t, c) }, func(any) {})
		d.panicking = false
	}
}

// guarded runs the body of a function with deferred calls, whose deferStack is at
// off, and reports whether a panic was recovered.
func guarded(t *thread, f frame, off uintptr, body step) (recovered bool) {
	d := &deferStack{}
	*at[*deferStack](f, off) = d
	depth := t.depth
	defer func() {
		if d.returned {
			return
		}
		v := recover()
		if v != nil {
			t.savePanicLines(v)
			t.panicDepth = depth
		}
		t.depth = depth
		if v == nil { // runtime.Goexit
			d.runAll(t)
			return
		}
		if unwinding(v) {
			d.abandon(t, v)
			panic(v)
		}
		d.panicking, d.value = true, v
		d.runAll(t)
		t.panicLines = t.panicLines[:0]
		recovered = true
	}()
	body(t, f)
	if len(d.calls) > 0 { // deferred by the body of a loop over a function
		d.runAll(t)
	}
	d.returned = true
	return false
}

// recover is the builtin in a function that d called.
func (d *deferStack) recover() iface {
	if d == nil || !d.panicking {
		return iface{}
	}
	d.panicking = false
	v := d.value
	d.value = nil
	return *(*iface)(pointer(&v))
}
