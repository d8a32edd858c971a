package vm

import (
	"golang.org/x/tools/go/ssa"

	"github.com/fluxion-go/fluxion/interp/vm/forge"
)

// goStatement compiles a go statement.
func (c *compiler) goStatement(v *ssa.Go) {
	c.do(callOperands(&v.Call), mayWrite|mayPanic, func() step {
		evaluate := c.evaluateCall(&v.Call, true)
		return func(t *thread, f frame) {
			call := evaluate(t, f)
			t.vm.goroutine(t.run, call.run)
		}
	})
}

// deferStatement compiles a defer statement.
func (c *compiler) deferStatement(v *ssa.Defer) {
	operands := callOperands(&v.Call)
	if v.DeferStack != nil {
		operands = append(operands, v.DeferStack)
	}
	c.do(operands, mayWrite|mayPanic, func() step {
		evaluate := c.evaluateCall(&v.Call, false)
		if v.DeferStack == nil {
			off := c.fn.deferOff
			return func(t *thread, f frame) {
				call := evaluate(t, f)
				d := *at[*deferStack](f, off)
				d.calls = append(d.calls, call)
			}
		}
		stack := exprOf(operandOf[pointer](c, v.DeferStack)) // that of the function around a loop body
		return func(t *thread, f frame) {
			call := evaluate(t, f)
			d := (*deferStack)(stack(t, f))
			d.calls = append(d.calls, call)
		}
	})
}

//go:noinline
func (c *compiler) runDefers(*ssa.RunDefers) {
	c.do(nil, mayWrite, func() step {
		off := c.fn.deferOff
		return func(t *thread, f frame) { (*at[*deferStack](f, off)).runAll(t) }
	})
}

// evaluateCall evaluates the function and the arguments of a go or defer statement.
// With fresh set the callee's frame is not one of the thread's.
func (c *compiler) evaluateCall(call *ssa.CallCommon, fresh bool) func(t *thread, f frame) deferredCall {
	enter := (*function).enter
	if fresh {
		enter = (*function).newFrame
	}
	if b, ok := call.Value.(*ssa.Builtin); ok {
		return c.evaluateBuiltin(b, call)
	}
	if f, ok := call.Value.(*ssa.Function); ok && !call.IsInvoke() {
		fn := c.vm.function(f)
		args := c.arguments(call.Args, fn.params)
		return func(t *thread, f frame) deferredCall {
			g := enter(fn, t)
			for _, a := range args {
				a(t, f, g)
			}
			return deferredCall{fn: fn, frame: g}
		}
	}
	if call.IsInvoke() {
		return c.evaluateMethod(call, enter)
	}
	return c.evaluateValue(call, enter)
}

func (c *compiler) evaluateMethod(call *ssa.CallCommon, enter func(*function, *thread) frame) func(t *thread, f frame) deferredCall {
	params, results, size := c.vm.layout(call.Signature(), nil)
	area := c.area(params, results, size)
	x := exprOf(operandOf[iface](c, call.Value))
	args := c.arguments(call.Args, params)
	id := call.Method.Id()
	compiled := c.vm.methodBridge(call, params, results)
	return func(t *thread, f frame) deferredCall {
		i := x(t, f)
		if i.tab == nil {
			nilPanic()
		}
		mc := t.vm.find((*forge.Itab)(i.tab), id)
		if mc.fn != nil {
			g := enter(mc.fn, t)
			mc.setReceiver(g, i.data)
			for _, a := range args {
				a(t, f, g)
			}
			return deferredCall{fn: mc.fn, frame: g}
		}
		g := area.New()
		for _, a := range args {
			a(t, f, g)
		}
		return deferredCall{other: func(*thread) { compiled(i, g) }}
	}
}

func (c *compiler) evaluateValue(call *ssa.CallCommon, enter func(*function, *thread) frame) func(t *thread, f frame) deferredCall {
	params, results, size := c.vm.layout(call.Signature(), nil)
	area := c.area(params, results, size)
	x := exprOf(operandOf[pointer](c, call.Value))
	args := c.arguments(call.Args, params)
	entry := c.vm.entryOf(call)
	compiled := c.vm.valueBridge(call, params, results)
	return func(t *thread, f frame) deferredCall {
		v := x(t, f)
		if v != nil {
			if cl := closureAt(v, entry); cl != nil {
				g := enter(cl.fn, t)
				*at[pointer](g, headClosure) = v
				for _, a := range args {
					a(t, f, g)
				}
				return deferredCall{fn: cl.fn, frame: g}
			}
		}
		g := area.New()
		for _, a := range args {
			a(t, f, g)
		}
		return deferredCall{wrapper: v != nil && forge.IsWrapper(v), other: func(*thread) {
			if v == nil {
				nilPanic()
			}
			compiled(v, g)
		}}
	}
}

// evaluateBuiltin keeps a copy of the frame, in which the builtin runs later.
func (c *compiler) evaluateBuiltin(b *ssa.Builtin, call *ssa.CallCommon) func(t *thread, f frame) deferredCall {
	run := c.effectBuiltin(b.Name(), call.Args)
	fn := c.fn
	return func(t *thread, f frame) deferredCall {
		g := fn.frame.New()
		fn.frame.Move(g, f)
		return deferredCall{other: func(t *thread) { run(t, g) }}
	}
}

// area is the type of an object that looks like a callee's frame.
func (c *compiler) area(params, results []slot, size uintptr) *forge.Type {
	a := &compiler{vm: c.vm, fn: &function{params: params, results: results}, size: size}
	a.markHead()
	return forge.Frame(a.size, a.mask)
}
