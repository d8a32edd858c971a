package vm

import (
	"slices"

	"golang.org/x/tools/go/ssa"
)

// sharePlaces gives phis that are moved into each other one place in the frame, where
// no two of them are alive at the same time: then there is nothing to move. A counter
// that is raised in one branch of a loop's body is three phis, and one place.
func (c *compiler) sharePlaces() {
	var phis []*ssa.Phi
	number := map[*ssa.Phi]int{}
	wanted := false
	for _, b := range c.ssa.Blocks {
		for _, i := range b.Instrs {
			v, ok := i.(*ssa.Phi)
			if !ok {
				break
			}
			if kindOf(v.Type()) == kindAggregate || c.counted(v) != nil {
				continue
			}
			number[v] = len(phis)
			phis = append(phis, v)
			for _, e := range v.Edges {
				from, ok := e.(*ssa.Phi)
				wanted = wanted || ok && from != v
			}
		}
	}
	const most = 1 << 20 // what finding out may cost
	if !wanted || len(phis)*len(c.ssa.Blocks) > most {
		return
	}
	alive := aliveAtStart(c.ssa.Blocks, number)
	class := make([][]int, len(phis)) // the phis that share the place of each
	for i := range class {
		class[i] = []int{i}
	}
	meet := func(i, j int) bool {
		a, b := phis[i].Block(), phis[j].Block()
		return a == b || alive[a.Index].has(j) || alive[b.Index].has(i)
	}
	for i, v := range phis {
		for _, e := range v.Edges {
			from, ok := e.(*ssa.Phi)
			if !ok {
				continue
			}
			j, ok := number[from]
			if !ok || slices.Contains(class[i], j) || kindOf(from.Type()) != kindOf(v.Type()) {
				continue
			}
			if slices.ContainsFunc(class[i], func(i int) bool { return slices.ContainsFunc(class[j], func(j int) bool { return meet(i, j) }) }) {
				continue
			}
			all := slices.Concat(class[i], class[j])
			for _, k := range all {
				class[k] = all
			}
		}
	}
	for i, v := range phis {
		if len(class[i]) > 1 {
			first := phis[class[i][0]]
			c.slots[v] = c.slot(first)
		}
	}
}

// A numberSet is a set of small numbers.
type numberSet []uint64

func (s numberSet) has(i int) bool { return s[i/64]>>(i%64)&1 != 0 }
func (s numberSet) add(i int)      { s[i/64] |= 1 << (i % 64) }

// addAll adds the numbers of t that are not in except, and reports whether that
// changes s.
func (s numberSet) addAll(t, except numberSet) (changed bool) {
	for i, w := range t {
		if except != nil {
			w &^= except[i]
		}
		if w &^= s[i]; w != 0 {
			s[i] |= w
			changed = true
		}
	}
	return changed
}

// aliveAtStart returns, for each block, the numbers of the phis of other blocks that
// are used in it or after it. A phi uses its operands at the ends of the blocks that
// they come from.
func aliveAtStart(blocks []*ssa.BasicBlock, number map[*ssa.Phi]int) []numberSet {
	words := len(number)/64 + 1
	sets := make([]numberSet, 3*len(blocks))
	for i := range sets {
		sets[i] = make(numberSet, words)
	}
	alive, atEnd, own := sets[:len(blocks)], sets[len(blocks):2*len(blocks)], sets[2*len(blocks):]
	var operands [10]*ssa.Value
	for _, b := range blocks {
		for _, i := range b.Instrs {
			if v, ok := i.(*ssa.Phi); ok {
				if n, ok := number[v]; ok {
					own[b.Index].add(n)
				}
				for k, e := range v.Edges {
					if e, ok := e.(*ssa.Phi); ok {
						if n, ok := number[e]; ok {
							atEnd[b.Preds[k].Index].add(n)
						}
					}
				}
				continue
			}
			for _, o := range i.Operands(operands[:0]) {
				if v, ok := (*o).(*ssa.Phi); ok {
					if n, ok := number[v]; ok && v.Block() != b {
						alive[b.Index].add(n)
					}
				}
			}
		}
	}
	for changed := true; changed; {
		changed = false
		for _, b := range slices.Backward(blocks) {
			for _, next := range b.Succs {
				if atEnd[b.Index].addAll(alive[next.Index], nil) {
					changed = true
				}
			}
			if alive[b.Index].addAll(atEnd[b.Index], own[b.Index]) {
				changed = true
			}
		}
	}
	return alive
}
