package vm

import (
	"go/types"
	"sync/atomic"
	"unsafe"
)

// A thread is the state of one goroutine that runs interpreted code.
type thread struct {
	stop  *int32 // run.stop
	vm    *machine
	run   *run
	depth int // active calls

	// lines says what each active call is at: lines[d] is the position of the
	// latest call or line marker in the function at depth d.
	lines []int32

	// panicLines are the lines at which the present panic began, once a function
	// with deferred calls has caught it.
	panicLines []int32
	panicDepth int // the depth of that function

	entering *deferStack // set while a deferred function is being entered
	free     []frame     // lists of free frames, by function id
	cells    int         // that have ended on it
}

// maxDepth is how many calls can be active in a goroutine.
const maxDepth = 1 << 19

func (m *machine) thread(r *run) *thread {
	t, ok := m.threads.Get().(*thread)
	if !ok {
		t = &thread{vm: m, lines: make([]int32, 64)}
	}
	t.run, t.stop = r, &r.stop
	t.depth, t.entering, t.panicLines = 0, nil, t.panicLines[:0]
	return t
}

// cancelled reports whether the run is to end. The load costs what one that is not
// atomic does.
func (t *thread) cancelled() bool { return atomic.LoadInt32(t.stop) != 0 }

func (m *machine) release(t *thread) { m.threads.Put(t) }

// retire is release at the end of a cell. The free frames are those of functions
// that may never be called again, so a thread is not used for ever.
func (m *machine) retire(t *thread) {
	const most = 64
	if t.cells++; t.cells < most {
		m.release(t)
	}
}

// at is the T at an offset from the start of a frame or another object.
func at[T any](f frame, off uintptr) *T { return (*T)(unsafe.Add(f, off)) }

// The head of a frame.
const (
	headLink      = 0  // next free frame
	headClosure   = 8  // the closure called
	headPanicking = 16 // in a function that calls recover: the deferStack of its caller
	headSize      = 24
)

// A slot is a place in a frame.
type slot struct {
	off  uintptr
	typ  types.Type
	kind kind
}

// enter takes a frame for a call of fn.
func (fn *function) enter(t *thread) frame {
	if fn.id < len(t.free) {
		if f := t.free[fn.id]; f != nil {
			t.free[fn.id] = *(*frame)(f)
			return f
		}
	}
	return fn.newFrame(t)
}

// newFrame makes a frame that is not taken from the free ones.
func (fn *function) newFrame(t *thread) frame {
	if !fn.ready.Load() {
		fn.prepare()
	}
	if fn.id >= len(t.free) {
		t.free = append(t.free, make([]frame, fn.id+64-len(t.free))...)
	}
	return fn.frame.New()
}

// leave gives a frame back, without what it held on to.
func (fn *function) leave(t *thread, f frame) {
	if fn.id < len(t.free) && !fn.once {
		for _, off := range fn.wipe {
			*at[pointer](f, off) = nil
		}
		*(*frame)(f) = t.free[fn.id]
		t.free[fn.id] = f
	}
}

// call runs fn on frame f, whose parameters are set; pos is the place of the call.
func (fn *function) call(t *thread, f frame, pos int32) {
	if t.cancelled() || t.entering != nil || t.depth+1 >= len(t.lines) {
		fn.slowCall(t)
	}
	t.lines[t.depth] = pos
	t.depth++
	if code := fn.code.Load(); code.first != nil {
		if b := code.first(t, f); b != nil {
			loop(t, f, b)
		}
	} else {
		code.run(t, f)
	}
	t.depth--
}

// slowCall handles what is seldom true when a call begins.
func (fn *function) slowCall(t *thread) {
	if t.cancelled() {
		panic(interrupted{})
	}
	if t.depth > maxDepth {
		panic(runtimeError("stack overflow"))
	}
	if t.depth+1 >= len(t.lines) {
		t.lines = append(t.lines, make([]int32, len(t.lines)+64)...)
	}
	if code := fn.code.Load(); !code.usesRecover && !code.transparent {
		t.entering = nil
	}
}
