package cpu

import (
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// joinPads replaces a sum of arrays that are zero outside of parts which do not
// overlap by those parts, joined. Such sums are the gradients of an array that
// was taken apart by slices, and would otherwise cost the square of the number
// of slices.
func joinPads(p *backend.Program) *backend.Program {
	j := newPadJoiner(p)
	found := false
	for at := range p.Instrs {
		if p.Instrs[at].Op == backend.Add && !j.inner[at] && j.join(at) {
			found = true
		}
	}
	if !found {
		return p
	}
	for at, i := range p.Instrs {
		j.q.Instrs = append(j.q.Instrs, j.instead[at]...)
		if j.instead[at] == nil && !j.gone[at] {
			j.q.Instrs = append(j.q.Instrs, i)
		}
	}
	return &j.q
}

type padJoiner struct {
	q       backend.Program // what is being written
	instrs  []backend.Instr // of the program that is read
	maker   []int           // by value: the instruction that computes it, or −1
	inner   []bool
	gone    []bool
	instead [][]backend.Instr // by instruction
}

func newPadJoiner(p *backend.Program) *padJoiner {
	n := len(p.Instrs)
	j := &padJoiner{q: *p, instrs: p.Instrs, maker: make([]int, len(p.Values)), inner: make([]bool, n), gone: make([]bool, n), instead: make([][]backend.Instr, n)}
	j.q.Values, j.q.Instrs = slices.Clone(p.Values), nil
	uses := make([]int, len(p.Values))
	for v := range j.maker {
		j.maker[v] = -1
	}
	for at, i := range p.Instrs {
		for _, v := range i.In {
			uses[v]++
		}
		for _, v := range i.Out {
			j.maker[v] = at
		}
	}
	for _, v := range p.Outputs {
		uses[v] += 2
	}
	for _, u := range p.Updates {
		uses[u.New] += 2
	}
	// Only results that one instruction reads can be done without.
	for v, n := range uses {
		if n != 1 {
			j.maker[v] = -1
		}
	}
	for _, i := range p.Instrs {
		for _, v := range i.In {
			if m := j.maker[v]; i.Op == backend.Add && m >= 0 && p.Instrs[m].Op == backend.Add && slices.Equal(p.Values[v].Shape, p.Values[i.Out[0]].Shape) {
				j.inner[m] = true
			}
		}
	}
	return j
}

// A strip is a part of an array along one axis: the operand of a Pad.
type strip struct{ value, lo, hi, instr int }

// join rewrites the sum whose last instruction is number at, and reports
// whether it could.
func (j *padJoiner) join(at int) bool {
	p, instrs := &j.q, j.instrs
	sum := instrs[at].Out[0]
	shape := p.Values[sum].Shape
	byAxis := map[int][]strip{}
	var others, adds []int
	stack := []int{sum}
	for first := true; len(stack) > 0; first = false {
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		m := j.maker[v]
		if first {
			m = at
		}
		switch {
		case m >= 0 && instrs[m].Op == backend.Add && slices.Equal(p.Values[v].Shape, shape):
			adds = append(adds, m)
			stack = append(stack, instrs[m].In[1], instrs[m].In[0])
		case m >= 0 && instrs[m].Op == backend.Pad && axisOf(instrs[m]) >= 0:
			a := axisOf(instrs[m])
			x := instrs[m].In[0]
			lo := instrs[m].Attrs.(backend.PadAttrs).Before[a]
			byAxis[a] = append(byAxis[a], strip{x, lo, lo + p.Values[x].Shape[a], m})
		default:
			others = append(others, v)
		}
	}
	var terms []int
	var made []backend.Instr
	for a := range shape {
		strips := byAxis[a]
		slices.SortStableFunc(strips, func(s, t strip) int { return s.lo - t.lo })
		if len(strips) < 2 || overlap(strips) {
			for _, s := range strips {
				others = append(others, instrs[s.instr].Out[0])
			}
			continue
		}
		joined := j.value(p.Values[sum].DType, shape)
		made = append(made, backend.Instr{Op: backend.Concat, Attrs: backend.AxisAttrs{Axis: a}, In: j.filled(strips, a, shape, p.Values[sum].DType), Out: []int{joined}})
		terms = append(terms, joined)
		for _, s := range strips {
			j.gone[s.instr] = true
		}
	}
	if len(terms) == 0 {
		return false
	}
	// The last addition, or the join itself, gives the sum.
	terms = append(terms, others...)
	for len(terms) > 1 {
		v := sum
		if len(terms) > 2 {
			v = j.value(p.Values[sum].DType, shape)
		}
		made = append(made, backend.Instr{Op: backend.Add, In: []int{terms[0], terms[1]}, Out: []int{v}})
		terms = append([]int{v}, terms[2:]...)
	}
	if terms[0] != sum {
		made[len(made)-1].Out[0] = sum
	}
	for _, m := range adds {
		j.gone[m] = true
	}
	j.instead[at] = made
	return true
}

func (j *padJoiner) value(d backend.DType, shape []int) int {
	j.q.Values = append(j.q.Values, backend.Value{DType: d, Shape: shape})
	return len(j.q.Values) - 1
}

// filled returns the values of the strips with zeros between them where they
// leave gaps.
func (j *padJoiner) filled(strips []strip, a int, shape []int, d backend.DType) []int {
	var values []int
	end := 0
	gap := func(to int) {
		if to == end {
			return
		}
		s := slices.Clone(shape)
		s[a] = to - end
		v := j.value(d, s)
		j.q.Values[v].Const = backend.NewBuffer(d, backend.Size(s))
		values = append(values, v)
	}
	for _, s := range strips {
		gap(s.lo)
		values = append(values, s.value)
		end = s.hi
	}
	gap(shape[a])
	return values
}

// overlap reports whether strips, which are in order, do.
func overlap(strips []strip) bool {
	for i, s := range strips[1:] {
		if s.lo < strips[i].hi {
			return true
		}
	}
	return false
}

// axisOf returns the only axis along which a Pad adds something, or −1.
func axisOf(i backend.Instr) int {
	at, axis := i.Attrs.(backend.PadAttrs), -1
	for a := range at.Before {
		if at.Before[a] != 0 || at.After[a] != 0 {
			if axis >= 0 {
				return -1
			}
			axis = a
		}
	}
	return axis
}
