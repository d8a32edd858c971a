package cpu

import (
	"fmt"
	"testing"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// random adds n random instructions over arrays (batch, width), (width) and
// images, and updates for its states.
func (m *maker) random(n int) {
	const batch, width, side, channels = 6, 8, 4, 4
	wide, row, img, scalar := []int{batch, width}, []int{width}, []int{batch, channels, side, side}, []int{}
	square, bias := []int{width, width}, []int{channels, 1, 1}
	byShape := map[string][]int{}
	put := func(v int) { s := fmt.Sprint(m.p.Values[v].Shape); byShape[s] = append(byShape[s], v) }
	get := func(shape []int) int { vs := byShape[fmt.Sprint(shape)]; return vs[m.rng.IntN(len(vs))] }
	all := [][]int{wide, row, img, scalar, square, bias}
	states, inputs := map[string][]int{}, map[string]int{}
	for _, s := range all {
		in := m.input(backend.Float32, s...)
		inputs[fmt.Sprint(s)] = in
		put(in)
		for range 2 {
			v := m.state(s...)
			put(v)
			states[fmt.Sprint(s)] = append(states[fmt.Sprint(s)], v)
		}
	}
	filters := m.state(channels, channels, 3, 3)
	conv := backend.ConvAttrs{Stride: [2]int{1, 1}, Pad: [4]int{1, 1, 1, 1}, Dilation: [2]int{1, 1}, Groups: 1}
	pool := backend.PoolAttrs{Size: [2]int{3, 3}, Stride: [2]int{1, 1}, Pad: [4]int{1, 1, 1, 1}}
	bounded := []backend.Op{backend.Tanh, backend.Sigmoid, backend.ReLU, backend.Neg, backend.Abs}
	two := []backend.Op{backend.Add, backend.Sub, backend.Mul, backend.Maximum}
	for range n {
		s := all[m.rng.IntN(len(all))]
		one := func(v int) int { return m.op(bounded[m.rng.IntN(len(bounded))], nil, m.p.Values[v].Shape, v) }
		pair := func(a, b int) int { return m.op(two[m.rng.IntN(len(two))], nil, m.p.Values[a].Shape, a, b) }
		tame := func(v int) int { return m.op(backend.Tanh, nil, m.p.Values[v].Shape, v) }
		switch m.rng.IntN(12) {
		case 0, 1:
			put(one(get(s)))
		case 2, 3:
			put(tame(pair(get(s), get(s))))
		case 4:
			put(tame(pair(get(wide), get(row))))
		case 5:
			put(tame(pair(get(img), get(bias))))
		case 6:
			put(tame(pair(get(s), get(scalar))))
		case 7:
			// Functions that jump see inputs only, as a last bit can decide.
			positive := m.instr(backend.Greater, nil, backend.Bool, s, inputs[fmt.Sprint(s)], m.constant(0))
			put(m.op(backend.Where, nil, s, positive, get(s), get(s)))
		case 8:
			at := backend.MatMulAttrs{TransB: m.rng.IntN(2) == 0}
			put(tame(m.op(backend.MatMul, at, wide, get(wide), get(square))))
			put(tame(m.op(backend.MatMul, backend.MatMulAttrs{TransA: true}, square, get(wide), get(wide))))
		case 9:
			put(tame(m.op(backend.Sum, backend.ReduceAttrs{Axes: []int{0}}, row, get(wide))))
			put(tame(m.op(backend.Sum, backend.ReduceAttrs{Axes: []int{0, 1}}, scalar, get(wide))))
		case 10:
			put(tame(m.op(backend.Conv2D, conv, img, get(img), filters)))
			put(tame(m.op(backend.Conv2DGradInput, conv, img, filters, get(img))))
			sum := m.op(backend.Sum, backend.ReduceAttrs{Axes: []int{0, 2, 3}}, []int{channels}, get(img))
			put(tame(m.op(backend.Reshape, nil, bias, sum)))
		case 11:
			put(m.op(backend.MaxPool2D, pool, img, get(img)))
			put(tame(m.op(backend.MaxPool2DGrad, pool, img, inputs[fmt.Sprint(img)], get(img))))
			put(m.op(backend.Transpose, backend.TransposeAttrs{Perm: []int{1, 0}}, square, get(square)))
		}
	}
	for _, s := range all {
		m.output(get(s))
		for _, state := range states[fmt.Sprint(s)] {
			if m.rng.IntN(4) > 0 {
				m.update(state, get(s))
			}
		}
	}
}

func TestRandomPrograms(t *testing.T) {
	for seed := range uint64(100) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			m := newMaker(seed)
			m.random(5 + int(seed))
			m.check(t, 3e-4)
		})
	}
}
