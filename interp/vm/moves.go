package vm

import (
	"slices"
	"unsafe"

	"golang.org/x/tools/go/ssa"
)

// A move sets a phi at the end of a block.
type move struct {
	phi   *ssa.Phi
	from  ssa.Value
	reads map[uintptr]bool // places of the phis that from is made of
}

// moves compiles the moves into the phis of block to along its edge from
// predecessor p. All phis change at the same time, so a move must wait
// while another still reads what it sets; where each waits for another, one of
// them goes through a temporary.
func (c *compiler) moves(to *ssa.BasicBlock, p int) []op {
	list := c.phiMoves(to, p)
	var out, last []op
	for len(list) > 0 {
		i := c.nextMove(list)
		if i >= 0 {
			m := list[i]
			out = append(out, c.moveTo(c.slot(m.phi), m))
		} else {
			i = 0
			m := list[0]
			temporary := c.alloc(m.phi.Type())
			out = append(out, c.moveTo(temporary, m))
			last = append(last, op{run: c.copySlot(m.phi, c.slot(m.phi), temporary)})
		}
		list = append(list[:i:i], list[i+1:]...)
	}
	return append(out, last...)
}

// phi reserves the place of a phi. That of a counter, of which nothing is used but
// its next value, is the place of that value.
func (c *compiler) phi(v *ssa.Phi) {
	off := c.slot(v)
	if next := c.counted(v); next != nil {
		c.slots[next] = off
	}
}

// counted is the next value of a counter of which nothing else is used, or nil.
func (c *compiler) counted(v *ssa.Phi) *ssa.BinOp {
	next, ok := onlyUser(v).(*ssa.BinOp)
	if ok && next.Block() == v.Block() && slices.Contains(v.Edges, ssa.Value(next)) && kindOf(next.Type()) == kindOf(v.Type()) {
		return next
	}
	return nil
}

// phiMoves lists the moves that change anything.
func (c *compiler) phiMoves(to *ssa.BasicBlock, p int) []*move {
	var list []*move
	for _, i := range to.Instrs {
		phi, ok := i.(*ssa.Phi)
		if !ok {
			break
		}
		from := phi.Edges[p]
		if from == phi || len(*phi.Referrers()) == 0 {
			continue
		}
		if c.trees[from] == nil && c.slots[from] == c.slot(phi) { // both have one place
			continue
		}
		m := &move{phi: phi, from: from, reads: map[uintptr]bool{}}
		reads := []ssa.Value{from}
		if x, ok := from.(*ssa.Field); ok {
			reads[0] = x.X
		}
		if t := c.trees[from]; t != nil {
			reads = append(reads, t.reads...)
		}
		for _, r := range reads {
			if r, ok := r.(*ssa.Phi); ok {
				m.reads[c.slot(r)] = true
			}
		}
		list = append(list, m)
	}
	// Where a loop counts in the end, countingLoop runs it.
	slices.SortStableFunc(list, func(a, b *move) int {
		switch ca, cb := c.isCount(a), c.isCount(b); {
		case ca == cb:
			return 0
		case ca:
			return 1
		}
		return -1
	})
	return list
}

// isCount reports whether a move adds to its phi.
func (c *compiler) isCount(m *move) bool {
	t := c.trees[m.from]
	return t != nil && additionOf(c.slot(m.phi), t) != nil
}

// nextMove is the index of a move whose phi no other reads, or -1.
func (c *compiler) nextMove(list []*move) int {
	for i, m := range list {
		free := true
		for _, other := range list {
			free = free && (other == m || !other.reads[c.slot(m.phi)])
		}
		if free {
			return i
		}
	}
	return -1
}

func (c *compiler) moveTo(dst uintptr, m *move) op {
	t := c.trees[m.from]
	if t == nil {
		return c.op(c.copyTo(dst, m.from), c.pos, 0)
	}
	o := c.op(c.copyTo(dst, m.from), t.pos, t.effects)
	o.adds = additionOf(dst, t)
	return o
}

// copyTo makes the step that puts v, of any kind, at dst of the frame.
func (c *compiler) copyTo(dst uintptr, v ssa.Value) step {
	if k := kindOf(v.Type()); k != kindAggregate {
		return byKind[k].assign(c, dst, v)
	}
	desc, p := c.vm.desc(v.Type()), c.aggregate(v)
	return func(t *thread, f frame) { desc.Move(unsafe.Add(f, dst), p(t, f)) }
}

// copySlot makes the step that copies a value of v's type within the frame.
func (c *compiler) copySlot(v ssa.Value, dst, src uintptr) step {
	desc := c.vm.desc(v.Type())
	return func(t *thread, f frame) { desc.Move(unsafe.Add(f, dst), unsafe.Add(f, src)) }
}
