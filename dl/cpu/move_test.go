package cpu

import (
	"slices"
	"testing"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// TestMoves compares slices, paddings and joins of random boxes, of several
// dtypes, with the plain versions.
func TestMoves(t *testing.T) {
	for seed := range uint64(60) {
		m := newMaker(seed)
		rank := 1 + m.rng.IntN(4)
		var large, small, start, after, ones []int
		for range rank {
			n := 1 + m.rng.IntN(7)
			k := 1 + m.rng.IntN(n)
			s := m.rng.IntN(n - k + 1)
			if m.rng.IntN(2) == 0 {
				k, s = n, 0
			}
			large, small, start, after, ones = append(large, n), append(small, k), append(start, s), append(after, n-k-s), append(ones, 1)
		}
		for _, d := range []backend.DType{backend.Float32, backend.Int64, backend.Bool} {
			x, y := m.input(d, large...), m.input(d, small...)
			if seed%2 == 0 { // a reshape moves nothing, and must be seen through
				x = m.instr(backend.Reshape, nil, d, large, m.instr(backend.Reshape, nil, d, []int{backend.Size(large)}, x))
			}
			part := m.instr(backend.Slice, backend.SliceAttrs{Start: start, Step: ones}, d, small, x)
			m.output(part, m.instr(backend.Pad, backend.PadAttrs{Before: start, After: after}, d, large, y))
			axis := m.rng.IntN(rank)
			joined := append([]int{}, small...)
			joined[axis] *= 3
			m.output(m.instr(backend.Concat, backend.AxisAttrs{Axis: axis}, d, joined, y, part, y))
		}
		m.check(t, 0)
	}
}

// TestJoinedPads adds up parts of an array in random order, with gaps and
// overlaps, and other arrays between them.
func TestJoinedPads(t *testing.T) {
	joins := 0
	for seed := range uint64(60) {
		m := newMaker(seed)
		shape := []int{1 + m.rng.IntN(9), 1 + m.rng.IntN(5)}
		axis := m.rng.IntN(2)
		var terms []int
		for at := 0; at < shape[axis]; {
			n := 1 + m.rng.IntN(shape[axis]-at)
			before, after, s := []int{0, 0}, []int{0, 0}, []int{shape[0], shape[1]}
			before[axis], after[axis], s[axis] = at, shape[axis]-at-n, n
			part := m.op(backend.Exp, nil, s, m.input(backend.Float32, s...))
			terms = append(terms, m.op(backend.Pad, backend.PadAttrs{Before: before, After: after}, shape, part))
			switch m.rng.IntN(4) {
			case 0: // a gap
				at++
				fallthrough
			default:
				at += n
			case 1:
				if m.rng.IntN(4) == 0 { // an overlap
					at++
				} else {
					at += n
				}
			}
		}
		for range m.rng.IntN(3) {
			terms = append(terms, m.input(backend.Float32, shape...))
		}
		m.rng.Shuffle(len(terms), func(i, j int) { terms[i], terms[j] = terms[j], terms[i] })
		for len(terms) > 1 {
			i := m.rng.IntN(len(terms) - 1)
			terms[i] = m.op(backend.Add, nil, shape, terms[i], terms[i+1])
			terms = append(terms[:i+1], terms[i+2:]...)
		}
		m.output(m.op(backend.Exp, nil, shape, terms[0]))
		for _, i := range joinPads(&m.p).Instrs {
			if i.Op == backend.Concat {
				joins++
			}
		}
		m.check(t, 1e-6)
	}
	if joins < 20 {
		t.Errorf("%d joins in 60 sums", joins)
	}
}

func TestPermutations(t *testing.T) {
	for seed := range uint64(80) {
		m := newMaker(seed)
		rank := 2 + m.rng.IntN(5)
		perm := m.rng.Perm(rank)
		var shape, out []int
		for range rank {
			shape = append(shape, 1+m.rng.IntN(5))
		}
		if seed%3 == 0 {
			shape[m.rng.IntN(rank)] = 17
		}
		for _, a := range perm {
			out = append(out, shape[a])
		}
		m.output(m.op(backend.Transpose, backend.TransposeAttrs{Perm: perm}, out, m.input(backend.Float32, shape...)))
		m.check(t, 0)
	}
}

// TestGatheredRows: rows that are there, that are counted from the end, and that
// are not there.
func TestGatheredRows(t *testing.T) {
	for _, c := range []struct{ x, at []int }{
		{[]int{7, 5}, []int{4}},
		{[]int{7}, []int{3}},
		{[]int{3, 4, 2}, []int{40}},
		{[]int{2, 16}, []int{5, 3, 2}},
		{[]int{1, 1}, []int{1}},
		{[]int{3, 3}, []int{0}},
		{[]int{3, 0}, []int{2}},
		{[]int{500, 300}, []int{64}},
	} {
		for _, d := range []backend.DType{backend.Int32, backend.Int64} {
			m := newMaker(1)
			x := m.input(backend.Float32, c.x...)
			at := m.instr(backend.Sub, nil, d, c.at, m.input(d, c.at...), m.input(d, c.at...))
			shape := slices.Concat(c.at, c.x[1:])
			y := m.op(backend.Gather, backend.AxisAttrs{Axis: 0}, shape, x, at)
			m.output(y, m.op(backend.Exp, nil, shape, y))
			m.check(t, 1e-6)
		}
	}
}
