package vm

import (
	"go/token"
	"go/types"
	"reflect"
	"sync/atomic"
	"unsafe"

	"golang.org/x/tools/go/ssa"

	"github.com/fluxion-go/fluxion/interp/vm/forge"
)

// An argSetter puts an argument from the caller's frame f into the callee's.
type argSetter = func(t *thread, f, callee frame)

// A dynamicCall calls a function found at run time and returns the frame that has
// the results, and whose it is; nil where it is an area of the caller's frame.
type dynamicCall = func(t *thread, f frame) (frame, *function)

func callOperands(call *ssa.CallCommon) []ssa.Value {
	var out []ssa.Value
	if _, ok := call.Value.(*ssa.Builtin); !ok {
		out = append(out, call.Value)
	}
	return append(out, call.Args...)
}

// arguments compiles the copying of arguments into a callee's frame.
func (c *compiler) arguments(args []ssa.Value, params []slot) []argSetter {
	out := make([]argSetter, len(args))
	for i, v := range args {
		out[i] = c.argument(v, params[i])
	}
	return out
}

// A sumArgument is the argument R[a] + k, as n-1 of a recursive call is.
type sumArgument struct {
	dst, a uintptr
	k      int
}

// sumArgument is v as an argument for param, nil where it is something else.
func (c *compiler) sumArgument(v ssa.Value, param slot) *sumArgument {
	t := c.trees[v]
	if t == nil || t.kind != kindInt || t.binary == nil || t.binary.registers {
		return nil
	}
	k := t.binary.k.(int)
	switch t.binary.op {
	case token.ADD:
	case token.SUB:
		k = -k
	default:
		return nil
	}
	c.take(v)
	return &sumArgument{param.off, t.binary.a, k}
}

func (c *compiler) argument(v ssa.Value, param slot) argSetter {
	dst := param.off
	if param.kind == kindAggregate {
		p, desc := c.aggregate(v), c.vm.desc(v.Type())
		return func(t *thread, f, callee frame) { desc.Move(unsafe.Add(callee, dst), p(t, f)) }
	}
	if s := c.sumArgument(v, param); s != nil {
		a, k := s.a, s.k
		return func(t *thread, f, callee frame) { *at[int](callee, dst) = *at[int](f, a) + k }
	}
	return byKind[param.kind].argument(c, v, dst)
}

// call compiles a call statement or expression.
func (c *compiler) call(v *ssa.Call) {
	call := &v.Call
	if b, ok := call.Value.(*ssa.Builtin); ok {
		c.builtin(v, b)
		return
	}
	f, ok := call.Value.(*ssa.Function)
	if !ok || call.IsInvoke() {
		_, results, _ := c.vm.layout(call.Signature(), nil)
		c.finishCall(v, callOperands(call), results, nil, func() dynamicCall { return c.dynamic(call) })
		return
	}
	if f.Blocks == nil && f.Name() == "init" && f.Signature.Recv() == nil {
		return // of a package, which has been run
	}
	if c.callWithoutFrame(v, f) || c.callInFrame(v, f) {
		return
	}
	fn := c.vm.function(f)
	c.finishCall(v, call.Args, fn.results, fn, nil)
}

// finishCall compiles a call of fn, or of what dynamic finds, and what is done
// with its results.
func (c *compiler) finishCall(v *ssa.Call, operands []ssa.Value, results []slot, fn *function, dynamic func() dynamicCall) {
	pos := int32(v.Call.Pos())
	const e = mayWrite | isCall
	if len(results) == 1 && results[0].kind != kindAggregate {
		off := results[0].off
		c.define(v, operands, e, func(tree *tree) {
			k := byKind[results[0].kind]
			if fn != nil {
				tree.x = k.callStatic(c, fn, v.Call.Args, off, pos)
			} else {
				tree.x = k.callDynamic(dynamic(), off)
			}
		})
		return
	}
	c.do(operands, e, func() step {
		var call dynamicCall
		if fn != nil {
			static := staticCall(fn, c.arguments(v.Call.Args, fn.params), pos)
			if len(results) == 0 {
				return func(t *thread, f frame) { fn.leave(t, static(t, f)) }
			}
			call = func(t *thread, f frame) (frame, *function) { return static(t, f), fn }
		} else {
			call = dynamic()
		}
		if len(results) == 0 {
			return func(t *thread, f frame) {
				if g, fn := call(t, f); fn != nil {
					fn.leave(t, g)
				}
			}
		}
		copies := c.resultCopies(v, results)
		return func(t *thread, f frame) {
			g, fn := call(t, f)
			for _, copy := range copies {
				copy(f, g)
			}
			if fn != nil {
				fn.leave(t, g)
			}
		}
	})
}

// resultCopies copy the results of v from the callee's frame g.
func (c *compiler) resultCopies(v *ssa.Call, results []slot) []func(f, g frame) {
	dst := c.slot(v)
	out := make([]func(f, g frame), len(results))
	for i, r := range results {
		to, from := dst, r.off
		if tuple, ok := v.Type().(*types.Tuple); ok {
			to += c.tupleOffset(tuple, i)
		}
		desc := c.vm.desc(r.typ)
		switch {
		case desc.PtrBytes == 0 && desc.Size == 8:
			out[i] = func(f, g frame) { *at[uint64](f, to) = *at[uint64](g, from) }
		case r.kind == kindString:
			out[i] = func(f, g frame) { *at[string](f, to) = *at[string](g, from) }
		case r.kind == kindInterface:
			out[i] = func(f, g frame) { *at[iface](f, to) = *at[iface](g, from) }
		default:
			out[i] = func(f, g frame) { desc.Move(unsafe.Add(f, to), unsafe.Add(g, from)) }
		}
	}
	return out
}

// staticCall calls fn and returns its frame.
func staticCall(fn *function, args []argSetter, pos int32) expr[frame] {
	switch len(args) {
	case 0:
		return func(t *thread, f frame) frame {
			g := fn.enter(t)
			fn.call(t, g, pos)
			return g
		}
	case 1:
		a := args[0]
		return func(t *thread, f frame) frame {
			g := fn.enter(t)
			a(t, f, g)
			fn.call(t, g, pos)
			return g
		}
	case 2:
		a, b := args[0], args[1]
		return func(t *thread, f frame) frame {
			g := fn.enter(t)
			a(t, f, g)
			b(t, f, g)
			fn.call(t, g, pos)
			return g
		}
	}
	return func(t *thread, f frame) frame {
		g := fn.enter(t)
		for _, a := range args {
			a(t, f, g)
		}
		fn.call(t, g, pos)
		return g
	}
}

func (ofKind[T]) callStatic(c *compiler, fn *function, args []ssa.Value, result uintptr, pos int32) any {
	if len(args) == 1 {
		if sum := c.sumArgument(args[0], fn.params[0]); sum != nil {
			return callWithOne[T](fn, nil, *sum, result, pos)
		}
		return callWithOne[T](fn, c.argument(args[0], fn.params[0]), sumArgument{}, result, pos)
	}
	call := staticCall(fn, c.arguments(args, fn.params), pos)
	return expr[T](func(t *thread, f frame) T {
		g := call(t, f)
		r := *at[T](g, result)
		fn.leave(t, g)
		return r
	})
}

// callWithOne is enter, call and leave in one closure, where arg is nil for the
// argument sum. It was worth a third of the time of fib(30).
//
//go:noinline
func callWithOne[T any](fn *function, arg argSetter, sum sumArgument, result uintptr, pos int32) expr[T] {
	id := fn.id
	return func(t *thread, f frame) T {
		var g frame
		if free := t.free; id < len(free) && free[id] != nil {
			g = free[id]
			free[id] = *(*frame)(g)
		} else {
			g = fn.newFrame(t)
		}
		if arg != nil {
			arg(t, f, g)
		} else {
			*at[int](g, sum.dst) = *at[int](f, sum.a) + sum.k
		}
		if t.cancelled() || t.entering != nil || t.depth+1 >= len(t.lines) {
			fn.slowCall(t)
		}
		t.lines[t.depth] = pos
		t.depth++
		if code := fn.code.Load(); code.first != nil {
			if b := code.first(t, g); b != nil {
				loop(t, g, b)
			}
		} else {
			code.run(t, g)
		}
		t.depth--
		r := *at[T](g, result)
		if free := t.free; fn.plain && id < len(free) {
			*(*frame)(g) = free[id]
			free[id] = g
		} else {
			fn.leave(t, g)
		}
		return r
	}
}

//go:noinline
func (ofKind[T]) callDynamic(call dynamicCall, result uintptr) any {
	return expr[T](func(t *thread, f frame) T {
		g, fn := call(t, f)
		r := *at[T](g, result)
		if fn != nil {
			fn.leave(t, g)
		}
		return r
	})
}

// dynamic compiles a call of an interface method or of a func value.
func (c *compiler) dynamic(call *ssa.CallCommon) dynamicCall {
	if call.IsInvoke() {
		return c.callMethod(call)
	}
	return c.callValue(call)
}

// scratch reserves an area of the frame that looks like a callee's frame, for calls
// of compiled code.
func (c *compiler) scratch(params, results []slot, size uintptr) uintptr {
	base := align(c.size, 8)
	c.size = base + size
	for _, s := range params {
		c.mark(base+s.off, c.vm.rtype(s.typ))
	}
	for _, s := range results {
		c.mark(base+s.off, c.vm.rtype(s.typ))
	}
	return base
}

// A methodCache is a method that was found at a call site.
type methodCache struct {
	tab   *forge.Itab
	fn    *function // nil where the method is compiled
	boxed bool
	recv  *forge.Type
	off   uintptr // of the receiver in fn's frame
}

// methodCaches are what was found at a call site, for the types that came first.
type methodCaches struct {
	list  [4]*methodCache
	count int
}

// lookup returns what was found for tab, finding it if need be.
func (m *machine) lookup(site *atomic.Pointer[methodCaches], tab *forge.Itab, id string) *methodCache {
	known := site.Load()
	if known != nil {
		for _, mc := range known.list[:known.count] {
			if mc.tab == tab {
				return mc
			}
		}
	}
	mc := m.find(tab, id)
	more := &methodCaches{}
	if known != nil {
		*more = *known
	}
	if more.count == len(more.list) { // begin anew
		*more = methodCaches{}
	}
	more.list[more.count] = mc
	more.count++
	site.Store(more)
	return mc
}

// find looks up a method by its id in the type of an interface value.
func (m *machine) find(tab *forge.Itab, id string) *methodCache {
	table := m.methodTable(tab.Type)
	if table == nil {
		return &methodCache{tab: tab}
	}
	info := table[id]
	fn := m.method(info)
	return &methodCache{tab, fn, info.boxed, tab.Type, fn.params[0].off}
}

func (mc *methodCache) setReceiver(callee frame, data pointer) {
	if mc.boxed {
		mc.recv.Move(unsafe.Add(callee, mc.off), data)
	} else {
		*at[pointer](callee, mc.off) = data
	}
}

// methodIndex is the position of a method in the table of an interface type.
func methodIndex(t reflect.Type, name string) int {
	m, _ := t.MethodByName(name)
	return m.Index
}

// compiledMethod is the func value of method i of tab, which takes the receiver's
// word first: a func value is a pointer to the address of its code.
func compiledMethod(tab *forge.Itab, i int) pointer {
	return pointer(unsafe.Add(pointer(&tab.Fun[0]), uintptr(i)*unsafe.Sizeof(tab.Fun[0])))
}

func (c *compiler) callMethod(call *ssa.CallCommon) dynamicCall {
	params, results, size := c.vm.layout(call.Signature(), nil)
	pos := int32(call.Pos())
	x := exprOf(operandOf[iface](c, call.Value))
	args := c.arguments(call.Args, params)
	id := call.Method.Id()
	base := c.scratch(params, results, size)
	compiled := c.vm.methodBridge(call, params, results)
	var cache atomic.Pointer[methodCaches]
	return func(t *thread, f frame) (frame, *function) {
		i := x(t, f)
		if i.tab == nil {
			t.lines[t.depth] = pos
			nilPanic()
		}
		tab := (*forge.Itab)(i.tab)
		var mc *methodCache
		if known := cache.Load(); known != nil && known.list[0].tab == tab {
			mc = known.list[0]
		} else {
			mc = t.vm.lookup(&cache, tab, id)
		}
		if fn := mc.fn; fn != nil {
			g := fn.enter(t)
			mc.setReceiver(g, i.data)
			for _, a := range args {
				a(t, f, g)
			}
			fn.call(t, g, pos)
			return g, fn
		}
		g := unsafe.Add(f, base)
		for _, a := range args {
			a(t, f, g)
		}
		t.lines[t.depth] = pos
		compiled(i, g)
		return g, nil
	}
}

func (c *compiler) callValue(call *ssa.CallCommon) dynamicCall {
	params, results, size := c.vm.layout(call.Signature(), nil)
	pos := int32(call.Pos())
	x := exprOf(operandOf[pointer](c, call.Value))
	args := c.arguments(call.Args, params)
	base := c.scratch(params, results, size)
	entry := c.vm.entryOf(call)
	compiled := c.vm.valueBridge(call, params, results)
	return func(t *thread, f frame) (frame, *function) {
		v := x(t, f)
		if v == nil {
			t.lines[t.depth] = pos
			nilPanic()
		}
		if cl := closureAt(v, entry); cl != nil {
			fn := cl.fn
			g := fn.enter(t)
			*at[pointer](g, headClosure) = v
			for _, a := range args {
				a(t, f, g)
			}
			fn.call(t, g, pos)
			return g, fn
		}
		g := unsafe.Add(f, base)
		for _, a := range args {
			a(t, f, g)
		}
		t.lines[t.depth] = pos
		compiled(v, g)
		return g, nil
	}
}

// entryOf is the typed entry of the closures that have the signature called.
func (m *machine) entryOf(call *ssa.CallCommon) uintptr {
	if e := typedEntry(m.rtype(plainSignature(call.Signature()))); e != 0 {
		return e
	}
	return noEntry
}

// makeClosure compiles a function literal that has free variables.
func (c *compiler) makeClosure(v *ssa.MakeClosure) {
	fn := c.vm.function(v.Fn.(*ssa.Function))
	c.do(v.Bindings, mayRead, func() step {
		dst := c.slot(v)
		vars := make([]expr[pointer], len(v.Bindings))
		for i, b := range v.Bindings {
			if kindOf(b.Type()) == kindPointer {
				vars[i] = exprOf(operandOf[pointer](c, b))
				continue
			}
			p, desc := c.memoryOf(b), c.vm.desc(b.Type())
			vars[i] = func(t *thread, f frame) pointer {
				copy := desc.New()
				desc.Move(copy, p(t, f))
				return copy
			}
		}
		return func(t *thread, f frame) {
			cl := fn.closure(len(vars))
			for i, x := range vars {
				cl.vars[i] = x(t, f)
			}
			*at[pointer](f, dst) = pointer(cl)
		}
	})
}
