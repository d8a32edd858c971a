package vm

import (
	"go/types"
	"reflect"
	"runtime"
	"unsafe"

	"github.com/fluxion-go/fluxion/interp/vm/forge"
)

// A closure is a func value of interpreted code. Compiled code can call it: its
// head is either what package reflect makes for MakeFunc, or, for the signatures
// for which a typed entry was compiled (zz_entries.go), that of a Go closure
// whose only variable is the closure itself. The latter costs a tenth.
type closure struct {
	forge.MakeFunc
	handler handler
	fn      *function
	vars    []pointer // addresses of, or pointers that are, the free variables
}

// A handler has the layout of the Go closure that handlerCode is the code of.
type handler struct {
	code uintptr
	self *closure
}

var handlerCode uintptr

func init() { // refers to itself through the compiler
	make := func(c *closure) func([]reflect.Value) []reflect.Value {
		return func(args []reflect.Value) []reflect.Value { return c.fn.callReflect(c, args) }
	}
	handlerCode = forge.CodeOf(make(new(closure)))
}

// entryCode is the code of the closures that maker makes.
//
//go:noinline
func entryCode[F any](maker func(c *closure) F) uintptr { return forge.CodeOf(maker(new(closure))) }

// signature is the type of fn as a func value, with the receiver as first parameter.
func (fn *function) signature() reflect.Type {
	sig := fn.sig
	if sig.Recv() == nil {
		return fn.vm.rtype(plainSignature(sig))
	}
	fn.vm.rtype(sig.Recv().Type())
	fn.vm.typeMu.Lock()
	defer fn.vm.typeMu.Unlock()
	return fn.vm.funcType(sig, fn.vm.rtypeLocked(fn.params[0].typ, true))
}

// plainSignature is sig without names of parameters and receiver.
func plainSignature(sig *types.Signature) *types.Signature {
	return types.NewSignatureType(nil, nil, nil, sig.Params(), sig.Results(), sig.Variadic())
}

// A closureHead is what all closures of a function begin with.
type closureHead struct {
	forge.MakeFunc
	entry uintptr // code of the typed entry, or 0
}

// makeHead makes the head of fn's closures on first use.
func (fn *function) makeHead() *closureHead {
	fn.closureMu.Lock()
	defer fn.closureMu.Unlock()
	if head := fn.head.Load(); head != nil {
		return head
	}
	sig := fn.signature()
	f := reflect.MakeFunc(sig, func([]reflect.Value) []reflect.Value { return nil }).Interface()
	head := &closureHead{*(*forge.MakeFunc)(forge.FuncPointer(f)), typedEntry(sig)}
	head.Code = forge.MakeFuncCode
	fn.head.Store(head)
	return head
}

// closure makes a func value with n free variables.
func (fn *function) closure(n int) *closure {
	head := fn.head.Load()
	if head == nil {
		head = fn.makeHead()
	}
	c := &closure{MakeFunc: head.MakeFunc, fn: fn}
	c.handler = handler{handlerCode, c}
	c.Handler = pointer(&c.handler)
	if head.entry != 0 {
		c.SetTyped(head.entry, pointer(c))
	}
	if n > 0 {
		c.vars = make([]pointer, n)
	}
	return c
}

// value is the func value of a function without free variables.
func (fn *function) value() pointer {
	fn.makeHead()
	fn.closureMu.Lock()
	defer fn.closureMu.Unlock()
	if fn.static == nil {
		fn.static = fn.closure(0)
	}
	return pointer(fn.static)
}

// closureAt returns the interpreted closure that a func value is, or nil; entry is
// the typed entry of its signature, noEntry where there is none.
func closureAt(f pointer, entry uintptr) *closure {
	code := *(*uintptr)(f)
	if code == entry || code == forge.MakeFuncCode && isOurs((*forge.MakeFunc)(f)) {
		return (*closure)(f)
	}
	return nil
}

// isOurs reports whether a func value of package reflect is a closure: then its
// handler is the one within the closure.
func isOurs(f *forge.MakeFunc) bool {
	return uintptr(f.Handler) == uintptr(pointer(f))+unsafe.Offsetof(closure{}.handler)
}

// noEntry is the address of no code.
const noEntry = 1

// callReflect runs c for compiled code that calls by reflection.
func (fn *function) callReflect(c *closure, args []reflect.Value) (out []reflect.Value) {
	out = make([]reflect.Value, len(fn.results))
	for i, s := range fn.results { // what is returned if the call panics and goes on
		out[i] = reflect.New(fn.vm.rtype(s.typ)).Elem()
	}
	t, f := fn.begin(c)
	defer fn.end(t, f)
	for i, s := range fn.params {
		reflect.NewAt(fn.vm.rtype(s.typ), unsafe.Add(f, s.off)).Elem().Set(args[i])
	}
	fn.call(t, f, 0)
	for i, s := range fn.results {
		fn.vm.desc(s.typ).Move(out[i].Addr().UnsafePointer(), unsafe.Add(f, s.off))
	}
	return out
}

// begin prepares a call of fn by compiled code.
func (fn *function) begin(c *closure) (*thread, frame) {
	t := fn.vm.thread(fn.vm.currentRun())
	f := fn.enter(t)
	*at[pointer](f, headClosure) = pointer(c)
	if d := t.run.deferring.Load(); d != nil && d.goroutine == forge.Goroutine() {
		t.run.deferring.Store(nil)
		t.entering = d.stack
	}
	return t, f
}

// end is deferred after begin. Where the call has panicked, it goes on with the panic,
// if that can reach code of ours that waits for it. On a goroutine that
// compiled code has started it would end the process: there it is reported, and
// the call returns zeros. Thread and frame are not used again in either case.
func (fn *function) end(t *thread, f frame) {
	v := recover()
	switch {
	case v == nil && t.depth == 0:
		fn.leave(t, f)
		fn.vm.release(t)
	case v == nil: // runtime.Goexit
	case !onOwnGoroutine():
		fn.vm.stray(t.run, t, v)
	default:
		if !unwinding(v) {
			t.run.keepCallback(v, t)
		}
		panic(v)
	}
}

// onOwnGoroutine reports whether the calling goroutine is one that the vm started.
func onOwnGoroutine() bool {
	pcs := make([]uintptr, 256)
	for skip := 0; ; skip += len(pcs) {
		n := runtime.Callers(skip, pcs)
		frames := runtime.CallersFrames(pcs[:n])
		for more := n > 0; more; {
			var f runtime.Frame
			if f, more = frames.Next(); f.Entry == protectEntry {
				return true
			}
		}
		if n < len(pcs) {
			return false
		}
	}
}

var protectEntry = forge.CodeOf(protect)
