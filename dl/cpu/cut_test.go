package cpu

import (
	"fmt"
	"testing"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// TestCut: what has no fast kernel gives the same in parts as whole, in arrays
// large enough to be cut and in small ones.
func TestCut(t *testing.T) {
	for i, n := range []int{0, 1, 2, 33, 100} {
		p := newMaker(uint64(i))
		shape := []int{n, 16, 32}
		x, y := p.input(backend.Float32, shape...), p.input(backend.Float64, shape...)
		at := p.input(backend.Int64, shape...)
		for _, v := range []int{x, y} {
			d := p.p.Values[v].DType
			add := func(op backend.Op, attrs any, d backend.DType, in ...int) {
				p.output(p.instr(op, attrs, d, shape, in...))
			}
			half := p.instr(backend.Tanh, nil, d, shape, v)
			for axis := range 3 {
				add(backend.CumSum, backend.CumulativeAttrs{Axis: axis}, d, v)
				add(backend.Recur, backend.CumulativeAttrs{Axis: axis, Reverse: true}, d, half, v)
				add(backend.ArgSort, backend.SortAttrs{Axis: axis, Descending: axis == 1}, backend.Int64, v)
				if n > 9 || axis > 0 {
					add(backend.TakeAlong, backend.AxisAttrs{Axis: axis}, d, v, at)
					add(backend.AddAlong, backend.AxisAttrs{Axis: axis}, d, at, v)
				}
			}
			images := p.instr(backend.Reshape, nil, d, []int{n, 2, 8, 32}, v)
			window := backend.PoolAttrs{Size: [2]int{3, 2}, Stride: [2]int{1, 2}, Pad: [4]int{1, 1, 0, 0}}
			mean := p.instr(backend.AvgPool2D, backend.AvgPoolAttrs{PoolAttrs: window}, d, []int{n, 2, 8, 16}, images)
			p.output(mean, p.instr(backend.AvgPool2DGrad, backend.AvgPoolAttrs{PoolAttrs: window}, d, []int{n, 2, 8, 32}, mean))
			small := p.instr(backend.MaxPool2D, window, d, []int{n, 2, 8, 16}, images)
			p.output(small, p.instr(backend.MaxPool2DGrad, window, d, []int{n, 2, 8, 32}, images, mean))
			tall := p.instr(backend.Reshape, nil, d, []int{n, 32, 16}, v)
			p.output(p.instr(backend.QR, nil, d, []int{n, 32*16 + 16*16}, tall))
		}
		key := p.input(backend.Int64, 2)
		for k, op := range []backend.Op{backend.RandomUniform, backend.RandomNormal} {
			for _, d := range []backend.DType{backend.Float32, backend.Float64} {
				p.output(p.instr(op, backend.RandomAttrs{Stream: uint32(k)}, d, []int{n, 521}, key))
			}
		}
		p.output(p.instr(backend.RandomBits, backend.RandomAttrs{Stream: 9}, backend.Int64, []int{n, 521}, key))
		t.Run(fmt.Sprint(n), func(t *testing.T) { p.check(t, 1e-5) })
	}
}
