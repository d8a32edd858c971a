package vm

import (
	"go/token"

	"golang.org/x/tools/go/ssa"
)

// A block is a compiled basic block.
type block struct {
	ops   []op
	steps []step // the ops with the markers of their lines
	term  terminator
}

// An op is a step and where it may panic.
type op struct {
	run  step
	pos  int32 // of what may panic in it, or 0
	line int   // of pos or of the call
	call bool  // it marks its line itself
	adds *addition
}

// mark sets the line of the active call before run.
func mark(pos int32, run step) step {
	return func(t *thread, f frame) {
		t.lines[t.depth] = pos
		run(t, f)
	}
}

func markTerminator(pos int32, term terminator) terminator {
	return func(t *thread, f frame) *block {
		t.lines[t.depth] = pos
		return term(t, f)
	}
}

// markedSteps are the steps of ops, in which the first of each line that may panic
// marks it.
func markedSteps(ops []op) []step {
	var out []step
	marked := 0
	for _, o := range ops {
		switch {
		case o.pos != 0 && o.line != marked:
			out = append(out, mark(o.pos, o.run))
			marked = o.line
			continue
		case o.call:
			marked = o.line
		}
		out = append(out, o.run)
	}
	return out
}

// oneLine returns the position that marks all of ops, 0 where nothing in them may
// panic; ok is false where they have more than one line to mark.
func oneLine(ops []op) (pos int32, ok bool) {
	line := 0
	for _, o := range ops {
		if o.pos == 0 && !o.call {
			continue
		}
		if line != 0 && o.line != line {
			return 0, false
		}
		line = o.line
		if o.pos != 0 {
			pos = o.pos
		}
	}
	return pos, true
}

// runFrom runs a function from block b.
func (c *compiler) runFrom(b *block) step {
	if len(b.steps) > 0 || b.term == nil {
		return func(t *thread, f frame) { loop(t, f, b) }
	}
	term := b.term
	return func(t *thread, f frame) {
		if next := term(t, f); next != nil {
			loop(t, f, next)
		}
	}
}

func loop(t *thread, f frame, b *block) {
	for b != nil {
		for _, run := range b.steps {
			run(t, f)
		}
		b = b.term(t, f)
	}
}

// blockEnd is the compiled end of a block, linked when all blocks are compiled.
type blockEnd struct {
	cond    expr[bool]
	compare any   // *comparison[T] that cond is
	pos     int32 // where cond may panic, or 0
	yes, no []op
	test    *ssa.BinOp // what cond is, where it compares two ints
}

// end sets the terminator of the block being compiled, which may panic at pos.
func (c *compiler) end(term terminator, pos token.Pos) {
	if pos.IsValid() {
		term = markTerminator(int32(pos), term)
	}
	c.blocks[c.block.Index].term = term
}

// panicPos is where the evaluation of pending operands may panic.
func (c *compiler) panicPos(operands ...ssa.Value) token.Pos {
	for _, v := range operands {
		if t := c.trees[v]; t != nil && t.effects&mayPanic != 0 {
			return t.pos
		}
	}
	return token.NoPos
}

func (c *compiler) jump(v *ssa.Jump) {
	from, to := c.block, c.block.Succs[0]
	moves := c.moves(to, predecessor(from, to, 0))
	c.flush()
	c.links = append(c.links, func() { c.linkJump(from, to, moves) })
}

func (c *compiler) branch(v *ssa.If) {
	pos := c.panicPos(v.Cond)
	c.order([]ssa.Value{v.Cond}, 0, false)
	var compare any
	var not expr[bool]
	if t := c.trees[v.Cond]; t != nil {
		compare, not = t.compare, t.not
	}
	cond := exprOf(operandOf[bool](c, v.Cond))
	c.flush()
	from, yes, no := c.block, c.block.Succs[0], c.block.Succs[1]
	yesMoves := c.moves(yes, predecessor(from, yes, 0))
	nth := 0
	if yes == no {
		nth = 1
	}
	noMoves := c.moves(no, predecessor(from, no, nth))
	end := &blockEnd{cond: cond, compare: compare, yes: yesMoves, no: noMoves, pos: int32(pos)}
	if _, ok := compare.(*comparison[int]); ok {
		end.test = v.Cond.(*ssa.BinOp)
	}
	c.ends[from.Index] = end
	c.links = append(c.links, func() {
		yesJump, noJump := c.edge(from, yes, yesMoves), c.edge(from, no, noMoves)
		yesEdge, noEdge := &yesJump, &noJump
		yesBlock, noBlock := c.plainEdge(from, yes, yesMoves, &yesEdge), c.plainEdge(from, no, noMoves, &noEdge)
		var term terminator
		if not != nil {
			term = branchOn(not, nil, noEdge, yesEdge, noBlock, yesBlock)
		} else {
			term = branchOn(cond, compare, yesEdge, noEdge, yesBlock, noBlock)
		}
		if end.pos != 0 {
			term = markTerminator(end.pos, term)
		}
		c.blocks[from.Index].term = term
	})
}

// plainEdge handles a forward edge without moves: it returns its block, or, where the
// block has no steps, lets edge point to its terminator, which is not known yet.
func (c *compiler) plainEdge(from, to *ssa.BasicBlock, moves []op, edge **terminator) *block {
	b := c.blocks[to.Index]
	if len(moves) > 0 || to.Index <= from.Index {
		return nil
	}
	if len(b.steps) > 0 {
		return b
	}
	*edge = &b.term
	return nil
}

// predecessor is the index of the nth edge from a block in the predecessors of
// another.
func predecessor(from, to *ssa.BasicBlock, nth int) int {
	for i, p := range to.Preds {
		if p == from {
			if nth == 0 {
				return i
			}
			nth--
		}
	}
	return -1
}

// edge makes the terminator that makes moves and goes on at block to.
func (c *compiler) edge(from, to *ssa.BasicBlock, moves []op) terminator {
	b := c.blocks[to.Index]
	back := to.Index <= from.Index
	direct := len(b.steps) == 0 && !back // run its terminator at once
	return edgeOf(b, markedSteps(moves), back, direct)
}

func edgeOf(b *block, moves []step, back, direct bool) terminator {
	switch {
	case back && len(moves) == 1:
		m := moves[0]
		return func(t *thread, f frame) *block {
			m(t, f)
			if t.cancelled() {
				panic(interrupted{})
			}
			return b
		}
	case back && len(moves) == 2:
		m, n := moves[0], moves[1]
		return func(t *thread, f frame) *block {
			m(t, f)
			n(t, f)
			if t.cancelled() {
				panic(interrupted{})
			}
			return b
		}
	case back:
		return func(t *thread, f frame) *block {
			for _, m := range moves {
				m(t, f)
			}
			if t.cancelled() {
				panic(interrupted{})
			}
			return b
		}
	case direct && len(moves) == 0:
		return func(t *thread, f frame) *block { return b.term(t, f) }
	case direct && len(moves) == 1:
		m := moves[0]
		return func(t *thread, f frame) *block {
			m(t, f)
			return b.term(t, f)
		}
	case direct && len(moves) == 2:
		m, n := moves[0], moves[1]
		return func(t *thread, f frame) *block {
			m(t, f)
			n(t, f)
			return b.term(t, f)
		}
	case len(moves) == 0:
		return func(t *thread, f frame) *block { return b }
	case len(moves) == 1:
		m := moves[0]
		return func(t *thread, f frame) *block {
			m(t, f)
			return b
		}
	}
	return func(t *thread, f frame) *block {
		for _, m := range moves {
			m(t, f)
		}
		return b
	}
}

// branchOn joins a condition and two edges. An edge with a block is returned to
// loop; of the other, which may not be known yet, the terminator is called.
func branchOn(cond expr[bool], compare any, yes, no *terminator, yesBlock, noBlock *block) terminator {
	switch q := compare.(type) {
	case *comparison[int]:
		if q.onRegister() {
			return compareBranch(q, yes, no, yesBlock, noBlock)
		}
	case *comparison[uint64]:
		if q.onRegister() {
			return compareBranch(q, yes, no, yesBlock, noBlock)
		}
	case *comparison[int32]:
		if q.onRegister() {
			return compareBranch(q, yes, no, yesBlock, noBlock)
		}
	case *comparison[uint8]:
		if q.onRegister() {
			return compareBranch(q, yes, no, yesBlock, noBlock)
		}
	}
	switch {
	case yesBlock != nil && noBlock != nil:
		return func(t *thread, f frame) *block {
			if cond(t, f) {
				return yesBlock
			}
			return noBlock
		}
	case yesBlock != nil:
		return func(t *thread, f frame) *block {
			if cond(t, f) {
				return yesBlock
			}
			return (*no)(t, f)
		}
	case noBlock != nil:
		return func(t *thread, f frame) *block {
			if cond(t, f) {
				return (*yes)(t, f)
			}
			return noBlock
		}
	}
	return func(t *thread, f frame) *block {
		if cond(t, f) {
			return (*yes)(t, f)
		}
		return (*no)(t, f)
	}
}

// returns compiles a return.
func (c *compiler) returns(v *ssa.Return) {
	pos := c.panicPos(v.Results...)
	c.order(v.Results, mayWrite, false)
	if len(v.Results) == 1 && kindOf(v.Results[0].Type()) != kindAggregate {
		term := byKind[kindOf(v.Results[0].Type())].returns(c, c.fn.results[0].off, v.Results[0])
		c.flush()
		c.end(term, pos)
		return
	}
	sets := make([]step, len(v.Results))
	for i, r := range v.Results {
		sets[i] = c.copyTo(c.fn.results[i].off, r)
	}
	c.flush()
	switch len(sets) {
	case 0:
		c.end(func(t *thread, f frame) *block { return nil }, pos)
	case 1:
		set := sets[0]
		c.end(func(t *thread, f frame) *block {
			set(t, f)
			return nil
		}, pos)
	default:
		c.end(func(t *thread, f frame) *block {
			for _, set := range sets {
				set(t, f)
			}
			return nil
		}, pos)
	}
}

// panics compiles a call of panic.
func (c *compiler) panics(v *ssa.Panic) {
	before := c.panicPos(v.X)
	c.order([]ssa.Value{v.X}, mayWrite, false)
	x, pos := exprOf(operandOf[iface](c, v.X)), int32(v.Pos())
	c.flush()
	c.end(func(t *thread, f frame) *block {
		i := x(t, f)
		t.lines[t.depth] = pos
		panic(*(*any)(pointer(&i)))
	}, before)
}
