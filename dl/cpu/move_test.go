package cpu

import (
	"fmt"
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

// TestGather takes rows at indices and adds them up again. Some indices are
// negative, and some out of range.
func TestGather(t *testing.T) {
	for i, c := range []struct {
		x, at []int
		axis  int
		index backend.DType
	}{
		{[]int{5, 3}, []int{7}, 0, backend.Int64}, {[]int{1, 1}, []int{1}, 0, backend.Int32}, {[]int{10}, []int{4, 5}, 0, backend.Int64},
		{[]int{40, 2, 70}, []int{300}, 0, backend.Int32}, {[]int{7, 128}, []int{33, 11}, 0, backend.Int64}, {[]int{6, 5, 4}, []int{3}, 1, backend.Int64},
		{[]int{6, 0}, []int{3}, 0, backend.Int64}, {[]int{6, 4}, []int{0}, 0, backend.Int64}, {[]int{500, 300}, []int{64}, 0, backend.Int64}, {[]int{3, 1000}, []int{50}, 0, backend.Int64},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			m := newMaker(uint64(i))
			x, ids := m.input(backend.Float32, c.x...), m.input(c.index, c.at...)
			ids = m.instr(backend.Sub, nil, c.index, c.at, ids, m.input(c.index, c.at...))
			taken := slices.Concat(c.x[:c.axis], c.at, c.x[c.axis+1:])
			at := backend.AxisAttrs{Axis: c.axis}
			rows := m.op(backend.Gather, at, taken, x, ids)
			m.output(rows, m.op(backend.Exp, nil, taken, rows), m.op(backend.ScatterAdd, at, c.x, ids, rows))
			d := backend.Float64
			m.output(m.op(backend.Cast, nil, taken, m.instr(backend.Gather, at, d, taken, m.instr(backend.Cast, nil, d, c.x, x), ids)))
			m.check(t, 1e-6)
		})
	}
}

// TestLongSlice takes so many rows that they are copied in parts.
func TestLongSlice(t *testing.T) {
	for _, rows := range []int{64, 99, 127, 401} {
		m := newMaker(uint64(rows))
		x := m.input(backend.Float32, rows+1, 640)
		m.output(m.op(backend.Slice, backend.SliceAttrs{Start: []int{1, 0}, Step: []int{1, 1}}, []int{rows, 640}, x))
		t.Run(fmt.Sprint(rows), func(t *testing.T) { m.check(t, 0) })
	}
}

// TestLongConcat joins arrays so long that they are copied in parts.
func TestLongConcat(t *testing.T) {
	for axis := range 2 {
		m := newMaker(1)
		shapes := [][]int{{3, 20_001}, {3, 20_001}, {3, 20_001}}
		shapes[0][axis], shapes[2][axis] = 1, 2
		joined := slices.Clone(shapes[1])
		joined[axis] += 3
		var in []int
		for _, s := range shapes {
			in = append(in, m.input(backend.Float32, s...))
		}
		m.output(m.op(backend.Concat, backend.AxisAttrs{Axis: axis}, joined, in...))
		m.check(t, 0)
	}
}
