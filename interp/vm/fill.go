package vm

import (
	"go/token"
	"sync/atomic"

	"golang.org/x/tools/go/ssa"
)

// filling is a counting loop whose body does nothing but store a value that it does
// not change in the element at the counter, in one closure; nil for other loops.
func (c *compiler) filling(op token.Token, body, head *ssa.BasicBlock, l counting, exit terminator) terminator {
	var element *ssa.IndexAddr
	var store *ssa.Store
	for _, i := range body.Instrs {
		switch i := i.(type) {
		case *ssa.IndexAddr:
			if element != nil {
				return nil
			}
			element = i
		case *ssa.Store:
			store = i // the only one: there is no other address
		case *ssa.BinOp, *ssa.Jump, *ssa.DebugRef:
		default:
			return nil
		}
	}
	if op != token.LSS || element == nil || store == nil || store.Addr != element || kindOf(element.X.Type()) != kindSlice || kindOf(store.Val.Type()) == kindAggregate {
		return nil
	}
	s, ok := c.constantSlot(element.X, body, head)
	if at, isSlot := c.slots[element.Index]; !ok || !isSlot || at != l.counter {
		return nil
	}
	return byKind[kindOf(store.Val.Type())].fill(c, s, store.Val, body, head, l, exit)
}

// constantSlot is the place of v, if it has one and a loop of two blocks does not
// change it. All blocks have been compiled: a value without a slot is not in the
// frame.
func (c *compiler) constantSlot(v ssa.Value, body, head *ssa.BasicBlock) (off uintptr, ok bool) {
	off, ok = c.slots[v]
	if i, isInstruction := v.(ssa.Instruction); isInstruction {
		ok = ok && i.Block() != body && i.Block() != head
	}
	return off, ok
}

func (ofKind[T]) fill(c *compiler, s uintptr, v ssa.Value, body, head *ssa.BasicBlock, l counting, exit terminator) terminator {
	var value func(f frame) T
	if k, ok := v.(*ssa.Const); ok {
		k := *(*T)(c.vm.constant(k))
		value = func(frame) T { return k }
	} else if off, ok := c.constantSlot(v, body, head); ok {
		value = func(f frame) T { return *at[T](f, off) }
	} else {
		return nil
	}
	return func(t *thread, f frame) *block {
		s, v := *at[[]T](f, s), value(f)
		n, by, limit := *at[int](f, l.counter), l.by.value(f), l.limit.value(f)
		for stop := t.stop; ; {
			s[n] = v
			if n += by; n >= limit {
				*at[int](f, l.counter) = n
				return exit(t, f)
			}
			if atomic.LoadInt32(stop) != 0 {
				panic(interrupted{})
			}
		}
	}
}
