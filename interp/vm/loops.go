package vm

import (
	"go/token"
	"slices"
	"sync/atomic"
	"unsafe"

	"golang.org/x/tools/go/ssa"
)

// linkJump ends block from. A body that jumps back to a test, its only predecessor,
// becomes a loop in the terminator; the steps before the test are done in it, too.
func (c *compiler) linkJump(from, to *ssa.BasicBlock, moves []op) {
	body, head := c.blocks[from.Index], c.blocks[to.Index]
	test := c.ends[to.Index]
	isLoop := test != nil && from != to && test.pos == 0 &&
		len(from.Preds) == 1 && from.Preds[0] == to && to.Succs[0] == from && to.Succs[1] != from &&
		len(body.steps)+len(moves) > 0
	if !isLoop {
		if body.term = c.countAndTest(to, moves); body.term == nil {
			body.term = c.edge(from, to, moves)
		}
		return
	}
	exit := c.edge(to, to.Succs[1], test.no)
	ops := slices.Concat(body.ops, moves, head.ops)
	steps := markedSteps(ops)
	pos, once := oneLine(ops)
	if once && pos != 0 { // mark it before the loop
		for i, o := range ops {
			steps[i] = o.run
		}
	}
	term := c.counting(steps, ops, test, from, to, exit)
	if term == nil {
		term = loopOn(steps, test.cond, exit)
	}
	if once && pos != 0 {
		term = markTerminator(pos, term)
	}
	body.term = term
	body.steps = nil
}

// loopOn runs steps while cond holds, then exits.
func loopOn(steps []step, cond expr[bool], exit terminator) terminator {
	return func(t *thread, f frame) *block {
		for stop := t.stop; ; {
			for _, run := range steps {
				run(t, f)
			}
			if !cond(t, f) {
				return exit(t, f)
			}
			if atomic.LoadInt32(stop) != 0 {
				panic(interrupted{})
			}
		}
	}
}

// An addition is the step that adds to an int in the frame.
type addition struct {
	register uintptr
	sum      *ssa.BinOp
	k        int // added where it is a constant
	constant bool
}

// additionOf is the addition that the assignment of t to dst is, nil if none.
func additionOf(dst uintptr, t *tree) *addition {
	b := t.binary
	if b == nil || t.kind != kindInt || b.a != dst {
		return nil
	}
	sum, ok := t.value.(*ssa.BinOp)
	if !ok {
		return nil
	}
	k, _ := b.k.(int)
	switch b.op {
	case token.ADD:
		return &addition{dst, sum, k, !b.registers}
	case token.SUB:
		if !b.registers {
			return &addition{dst, sum, -k, true}
		}
	}
	return nil
}

// A counting is the end of a loop that adds to a counter and compares it with a
// limit. Neither what is added nor the limit changes while the loop runs.
type counting struct {
	counter   uintptr
	by, limit invariant
}

// An invariant is an int in the frame or, where off is 0, a constant.
type invariant struct {
	off uintptr
	k   int
}

func (i invariant) value(f frame) int {
	if i.off == 0 {
		return i.k
	}
	return *at[int](f, i.off)
}

// counting makes a loop of body and head, whose ops end with the addition to a counter
// that the head tests; nil where they do not.
func (c *compiler) counting(steps []step, ops []op, test *blockEnd, body, head *ssa.BasicBlock, exit terminator) terminator {
	last := len(ops) - 1
	adds := ops[last].adds
	q, ok := test.compare.(*comparison[int])
	if adds == nil || !ok || q.a.class != inRegister || q.a.off != adds.register || test.test == nil {
		return nil
	}
	l := counting{counter: adds.register, by: invariant{k: adds.k}}
	if !adds.constant {
		if l.by, ok = c.invariant(adds.sum.Y, body, head); !ok {
			return nil
		}
	}
	if l.limit, ok = c.invariant(test.test.Y, body, head); !ok {
		return nil
	}
	if last == 1 {
		if fill := c.filling(q.op, body, head, l, exit); fill != nil {
			return fill
		}
	}
	return countingLoop(q.op, steps[:last], l, exit)
}

// countAndTest makes the jump to the head of a loop that does nothing but add to the
// counter that the head compares, and the comparison; nil for other jumps.
func (c *compiler) countAndTest(head *ssa.BasicBlock, moves []op) terminator {
	test := c.ends[head.Index]
	ops := slices.Concat(moves, c.blocks[head.Index].ops)
	if test == nil || test.pos != 0 || test.test == nil || len(test.yes) > 0 || len(ops) != 1 || ops[0].adds == nil {
		return nil
	}
	adds := ops[0].adds
	q := test.compare.(*comparison[int])
	if q.a.class != inRegister || q.a.off != adds.register {
		return nil
	}
	l := counting{counter: adds.register, by: invariant{k: adds.k}}
	if !adds.constant {
		l.by = invariant{off: c.slots[adds.sum.Y]}
	}
	var ok bool
	if l.limit, ok = c.invariant(test.test.Y, head, head); !ok {
		return nil
	}
	return countingJump(q.op, l, c.blocks[head.Succs[0].Index], c.edge(head, head.Succs[1], test.no))
}

// invariant is the int v, if it does not change in a loop of two blocks.
func (c *compiler) invariant(v ssa.Value, body, head *ssa.BasicBlock) (invariant, bool) {
	part := uintptr(0)
	if k, ok := v.(*ssa.Const); ok {
		return invariant{k: int(k.Int64())}, true
	}
	if call, ok := v.(*ssa.Call); ok && isBuiltin(call.Call.Value, "len") && (call.Block() == body || call.Block() == head) {
		x := call.Call.Args[0]
		switch kindOf(x.Type()) {
		case kindSlice, kindString:
			v, part = x, unsafe.Offsetof(slice{}.Len)
		}
	}
	off, ok := c.constantSlot(v, body, head)
	return invariant{off: off + part}, ok
}
