package vm

import (
	"go/types"
	"sync"
	"sync/atomic"
	"unsafe"
	"weak"

	"golang.org/x/tools/go/ssa"

	"github.com/fluxion-go/fluxion/interp/vm/forge"
)

// A step is compiled code that has no value, an expr code that has one, and a
// terminator the end of a block, which returns the next block, nil at the end.
type (
	step        = func(t *thread, f frame)
	expr[T any] = func(t *thread, f frame) T
	terminator  = func(t *thread, f frame) *block
)

// A function is one function of the program. It is compiled on its first call.
type function struct {
	vm      *machine
	ssa     *ssa.Function // nil once it is compiled or redirected: then mu is held
	key     functionKey
	sig     *types.Signature
	source  *functionSource // nil where it has none
	entry   bool            // it runs once
	id      int             // 0 for an entry
	bound   int             // number of free variables
	params  []slot
	results []slot
	size    uintptr // of the frame's head, parameters and results

	ready   atomic.Bool
	mu      sync.Mutex  // held while it is compiled
	frame   *forge.Type // of its frames
	wipe    []uintptr   // the words of a frame that can hold on to an object
	once    bool        // frames are too large to be kept for the next call
	plain   bool        // neither once nor anything to wipe
	code    atomic.Pointer[code]
	lineage *lineage // nil where it replaces nothing and has not been replaced

	usesRecover bool
	hasDefer    bool
	deferOff    uintptr // where the frame has its deferStack

	closureMu sync.Mutex
	head      atomic.Pointer[closureHead]
	static    *closure // the func value without free variables
}

// A lineage is the definitions of one function. All but the latest call that: so none
// of them keeps those between alive.
type lineage struct{ latest atomic.Pointer[function] }

// code is what a function runs. A redefinition replaces it as a whole, so that
// calls in other goroutines run either the old code or the new.
type code struct {
	run         step
	first       terminator // that of the first block, where the block has no steps
	usesRecover bool
	transparent bool // a wrapper, through which recover sees
}

// setFrame sets the type of fn's frames, size bytes with pointers where mask has a
// bit.
func (fn *function) setFrame(size uintptr, mask []byte) {
	fn.frame = forge.Frame(size, mask)
	for w := range uintptr(len(mask)) * 8 {
		if mask[w/8]>>(w%8)&1 == 0 {
			continue
		}
		switch off := w * 8; off {
		case headLink:
			continue
		case headClosure:
			if fn.bound == 0 {
				continue
			}
		case headPanicking:
			if !fn.usesRecover {
				continue
			}
		}
		fn.wipe = append(fn.wipe, w*8)
	}
	const most = 16 << 10
	if size > most || fn.entry {
		fn.once, fn.wipe = true, nil
	}
	fn.plain = !fn.once && len(fn.wipe) == 0
}

// layout places the parameters and results of a function in its frame.
func (m *machine) layout(sig *types.Signature, recv types.Type) (params, results []slot, size uintptr) {
	off := uintptr(headSize)
	add := func(t types.Type) slot {
		r := m.rtype(t)
		off = align(off, uintptr(r.Align()))
		s := slot{off, t, kindOf(t)}
		off += max(r.Size(), 1) // no slot lies past the end of the frame
		return s
	}
	// The receiver comes last, so that other offsets do not depend on its type.
	if recv != nil {
		params = append(params, slot{})
	}
	for v := range sig.Params().Variables() {
		params = append(params, add(v.Type()))
	}
	off = align(off, 8)
	for v := range sig.Results().Variables() {
		results = append(results, add(v.Type()))
	}
	if recv != nil {
		params[0] = add(recv)
	}
	return params, results, align(off, 8)
}

func align(off, to uintptr) uintptr { return (off + to - 1) &^ (to - 1) }

// function returns the function for f.
func (m *machine) function(f *ssa.Function) *function { return m.functionFor(f, false) }

// functionFor is function; entry says that f is the entry of a cell.
func (m *machine) functionFor(f *ssa.Function, entry bool) *function {
	m.functionMu.Lock()
	defer m.functionMu.Unlock()
	if fn := m.functions[weak.Make(f)].Value(); fn != nil {
		return fn
	}
	fn := &function{vm: m, ssa: f, key: weak.Make(f), sig: f.Signature, bound: len(f.FreeVars), entry: entry}
	if !entry {
		m.lastID++
		fn.id = m.lastID
	}
	m.keepFunction(f, fn)
	var recv types.Type
	if r := f.Signature.Recv(); r != nil {
		recv = r.Type()
		if len(f.Params) > 0 {
			recv = f.Params[0].Type()
		}
	}
	fn.params, fn.results, fn.size = m.layout(f.Signature, recv)
	fn.scan()
	return fn
}

// scan looks for what a function's prologue depends on.
func (fn *function) scan() {
	for _, b := range fn.ssa.Blocks {
		for _, i := range b.Instrs {
			switch i := i.(type) {
			case *ssa.Defer:
				if isBuiltin(i.Call.Value, "recover") {
					fn.usesRecover = true
				}
				if i.DeferStack == nil {
					fn.hasDefer = true
				}
			case *ssa.RunDefers:
				fn.hasDefer = true
			case *ssa.Call:
				if isBuiltin(i.Call.Value, "recover") {
					fn.usesRecover = true
				}
				if isBuiltin(i.Call.Value, "ssa:deferstack") {
					fn.hasDefer = true
				}
			}
		}
	}
}

func isBuiltin(v ssa.Value, name string) bool {
	b, ok := v.(*ssa.Builtin)
	return ok && b.Name() == name
}

// prepare compiles fn.
func (fn *function) prepare() {
	fn.mu.Lock()
	defer fn.mu.Unlock()
	if fn.ready.Load() {
		return
	}
	fn.code.Store(fn.vm.compile(fn))
	fn.ssa = nil
	fn.ready.Store(true)
}

// redirect makes callers of fn, of which frames may be active, call to, whose
// parameters and results have the same layout.
func (fn *function) redirect(to *function) {
	if fn == to {
		return
	}
	fn.mu.Lock()
	defer fn.mu.Unlock()
	if fn.frame == nil { // any frame that holds parameters and results will do
		c := &compiler{vm: fn.vm, fn: fn, size: fn.size}
		c.markHead()
		fn.setFrame(c.size, c.mask)
	}
	if fn.lineage == nil {
		fn.lineage = &lineage{}
	}
	fn.lineage.latest.Store(to)
	to.lineage = fn.lineage
	fn.code.Store(&code{run: fn.forward, transparent: true})
	fn.ssa = nil
	fn.ready.Store(true)
}

// forward calls the function that has taken fn's place.
func (fn *function) forward(t *thread, f frame) {
	to := fn.lineage.latest.Load()
	g := to.enter(t)
	for i, s := range fn.params {
		fn.vm.desc(s.typ).Move(unsafe.Add(g, to.params[i].off), unsafe.Add(f, s.off))
	}
	t.depth-- // the call takes the place of this one
	to.call(t, g, t.lines[t.depth])
	t.depth++
	for i, s := range fn.results {
		fn.vm.desc(s.typ).Move(unsafe.Add(f, s.off), unsafe.Add(g, to.results[i].off))
	}
	to.leave(t, g)
}
