package vm

import (
	"reflect"
	"unsafe"

	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/fluxion-go/fluxion/interp/vm/forge"
)

// native binds a function without a body to compiled code.
func (m *machine) native(fn *function) step {
	f := fn.ssa
	if replace := replacements[f.String()]; replace != nil {
		return replace(m, fn)
	}
	if f.Origin() != nil {
		if generic := genericNatives[originName(f)]; generic != nil {
			return generic(m, fn)
		}
	}
	v, ok := m.nativeFunc(f)
	if !ok {
		unsupported(f.Pos(), "%s has no compiled form that a cell can call", f)
	}
	return m.bridge(v, fn.params, fn.results)
}

// nativeFunc is the compiled function or method that f is.
func (m *machine) nativeFunc(f *ssa.Function) (reflect.Value, bool) {
	if r := f.Signature.Recv(); r != nil {
		t := m.rtype(r.Type())
		if m.methodTable(forge.Of(t)) != nil {
			return reflect.Value{}, false
		}
		method, ok := t.MethodByName(f.Name())
		if !ok || !method.Func.IsValid() {
			return reflect.Value{}, false
		}
		return method.Func, true
	}
	if f.Pkg == nil {
		return reflect.Value{}, false
	}
	v, ok := m.symbol(f.Pkg.Pkg, f.Name())
	if !ok || v.Kind() != reflect.Func {
		return reflect.Value{}, false
	}
	m.typeMu.Lock()
	m.learn(f.Signature, v.Type())
	m.typeMu.Unlock()
	return v, true
}

// canCall reports whether f, which has no body, has a compiled form.
func (m *machine) canCall(f *ssa.Function) bool {
	if replacements[f.String()] != nil || f.Origin() != nil && genericNatives[originName(f)] != nil {
		return true
	}
	if f.Name() == "init" && f.Signature.Recv() == nil {
		return true
	}
	_, ok := m.nativeFunc(f)
	return ok
}

// bridge calls compiled function v with the parameters and results in a frame.
func (m *machine) bridge(v reflect.Value, params, results []slot) step {
	t := v.Type()
	if call := bridgeOf(shapeOf(t), offsets(params), offsets(results)); call != nil {
		p := forge.FuncPointer(v.Interface())
		return func(_ *thread, f frame) { call(p, f) }
	}
	return func(_ *thread, f frame) { callByReflect(v, f, params, results) }
}

// valueBridge calls func values of compiled code that have the signature called.
func (m *machine) valueBridge(call *ssa.CallCommon, params, results []slot) func(f pointer, g frame) {
	t := m.rtype(call.Value.Type())
	if bridge := bridgeOf(shapeOf(t), offsets(params), offsets(results)); bridge != nil {
		return bridge
	}
	return func(f pointer, g frame) { callByReflect(reflect.NewAt(t, pointer(&f)).Elem(), g, params, results) }
}

// methodBridge calls methods of compiled types through the interface called.
func (m *machine) methodBridge(call *ssa.CallCommon, params, results []slot) func(i iface, g frame) {
	t := m.rtype(call.Value.Type())
	index := methodIndex(t, call.Method.Name())
	sig := m.rtype(types.NewSignatureType(nil, nil, nil, call.Signature().Params(), call.Signature().Results(), call.Signature().Variadic()))
	// The receiver's word goes first; it is put where frames have their link.
	receiver := append([]uintptr{headLink}, offsets(params)...)
	if bridge := bridgeOf(withReceiver(shapeOf(sig)), receiver, offsets(results)); bridge != nil {
		return func(i iface, g frame) {
			*at[pointer](g, headLink) = i.data
			bridge(compiledMethod((*forge.Itab)(i.tab), index), g)
			*at[pointer](g, headLink) = nil
		}
	}
	return func(i iface, g frame) {
		callByReflect(reflect.NewAt(t, pointer(&i)).Elem().Method(index), g, params, results)
	}
}

func offsets(slots []slot) []uintptr {
	out := make([]uintptr, len(slots))
	for i, s := range slots {
		out[i] = s.off
	}
	return out
}

// callByReflect calls compiled function v with the parameters and results in f.
func callByReflect(v reflect.Value, f frame, params, results []slot) {
	t := v.Type()
	in := make([]reflect.Value, len(params))
	for i, s := range params {
		in[i] = reflect.NewAt(t.In(i), unsafe.Add(f, s.off)).Elem()
	}
	var out []reflect.Value
	if t.IsVariadic() {
		out = v.CallSlice(in)
	} else {
		out = v.Call(in)
	}
	for i, s := range results {
		reflect.NewAt(t.Out(i), unsafe.Add(f, s.off)).Elem().Set(out[i])
	}
}

// callInFrame compiles a call of a compiled function that has a bridge: the bridge
// reads arguments and writes results where the caller's frame has them. It
// reports whether f is one.
func (c *compiler) callInFrame(v *ssa.Call, f *ssa.Function) bool {
	if f.Blocks != nil || f.Origin() != nil || replacements[f.String()] != nil || isTransparent(c.ssa) {
		return false
	}
	native, ok := c.vm.nativeFunc(f)
	if !ok {
		return false // an error where it is called
	}
	shape := shapeOf(native.Type())
	if none := make([]uintptr, len(shape)); bridgeOf(shape, none, none) == nil {
		return false
	}
	pos := int32(v.Call.Pos())
	c.do(v.Call.Args, mayWrite|isCall, func() step {
		var sets []step
		params := make([]uintptr, len(v.Call.Args))
		for i, a := range v.Call.Args {
			var set step
			if params[i], set = c.inFrame(a); set != nil {
				sets = append(sets, set)
			}
		}
		call, p := bridgeOf(shape, params, c.resultOffsets(v)), forge.FuncPointer(native.Interface())
		run := func(t *thread, f frame) {
			if t.cancelled() {
				panic(interrupted{})
			}
			t.lines[t.depth] = pos
			call(p, f)
		}
		switch len(sets) {
		case 0:
			return run
		case 1:
			set := sets[0]
			return func(t *thread, f frame) {
				set(t, f)
				if t.cancelled() {
					panic(interrupted{})
				}
				t.lines[t.depth] = pos
				call(p, f)
			}
		}
		return func(t *thread, f frame) {
			for _, set := range sets {
				set(t, f)
			}
			run(t, f)
		}
	})
	return true
}

// inFrame is the place of v, which is not an aggregate, in the frame, and the step
// that puts it there, nil where it is there already.
func (c *compiler) inFrame(v ssa.Value) (uintptr, step) {
	if c.trees[v] == nil {
		switch v.(type) {
		case *ssa.Const, *ssa.Global, *ssa.Function, *ssa.Alloc:
		default:
			return c.slot(v), nil
		}
	}
	off := c.alloc(v.Type())
	return off, byKind[kindOf(v.Type())].assign(c, off, v)
}

// resultOffsets are the places of the results of v.
func (c *compiler) resultOffsets(v *ssa.Call) []uintptr {
	results := v.Call.Signature().Results()
	if results.Len() == 0 {
		return nil
	}
	dst := c.slot(v)
	if results.Len() == 1 {
		return []uintptr{dst}
	}
	out := make([]uintptr, results.Len())
	for i := range out {
		out[i] = dst + c.tupleOffset(results, i)
	}
	return out
}

// callWithoutFrame compiles calls of some compiled functions that are often called
// in loops, without a frame for them. It reports whether f is one.
func (c *compiler) callWithoutFrame(v *ssa.Call, f *ssa.Function) bool {
	if f.Blocks != nil || f.Pkg == nil || f.Signature.Recv() != nil || replacements[f.String()] != nil {
		return false
	}
	s, ok := c.vm.symbol(f.Pkg.Pkg, f.Name())
	if !ok {
		return false
	}
	a := v.Call.Args
	var build func() any
	switch fn := s.Interface().(type) {
	case func(float64) float64:
		build = func() any {
			x := exprOf(operandOf[float64](c, a[0]))
			return expr[float64](func(t *thread, f frame) float64 { return fn(x(t, f)) })
		}
	case func(float64, float64) float64:
		build = func() any {
			x, y := exprOf(operandOf[float64](c, a[0])), exprOf(operandOf[float64](c, a[1]))
			return expr[float64](func(t *thread, f frame) float64 { x := x(t, f); return fn(x, y(t, f)) })
		}
	case func(string) string:
		build = func() any {
			x := exprOf(operandOf[string](c, a[0]))
			return expr[string](func(t *thread, f frame) string { return fn(x(t, f)) })
		}
	case func(string, string) bool:
		build = func() any {
			x, y := exprOf(operandOf[string](c, a[0])), exprOf(operandOf[string](c, a[1]))
			return expr[bool](func(t *thread, f frame) bool { x := x(t, f); return fn(x, y(t, f)) })
		}
	case func(string, ...any) string:
		build = func() any {
			x, y := exprOf(operandOf[string](c, a[0])), exprOf(operandOf[slice](c, a[1]))
			return expr[string](func(t *thread, f frame) string {
				x := x(t, f)
				s := y(t, f)
				return fn(x, *(*[]any)(pointer(&s))...)
			})
		}
	case func(...any) string:
		build = func() any {
			x := exprOf(operandOf[slice](c, a[0]))
			return expr[string](func(t *thread, f frame) string { s := x(t, f); return fn(*(*[]any)(pointer(&s))...) })
		}
	default:
		return false
	}
	c.define(v, a, mayWrite|mayPanic, func(tree *tree) { tree.x = build() })
	return true
}
