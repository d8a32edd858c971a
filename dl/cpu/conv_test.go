package cpu

import (
	"slices"

	"fmt"
	"testing"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// outLength is the number of windows of length k along an axis.
func outLength(n, before, after, k, stride int) int { return (n+before+after-k)/stride + 1 }

// A convCase is a convolution with the shapes of its operands.
type convCase struct {
	x, w []int
	at   backend.ConvAttrs
}

// result is the shape of what it computes.
func (c convCase) result() []int {
	return []int{c.x[0], c.w[0],
		outLength(c.x[2], c.at.Pad[0], c.at.Pad[1], (c.w[2]-1)*c.at.Dilation[0]+1, c.at.Stride[0]),
		outLength(c.x[3], c.at.Pad[2], c.at.Pad[3], (c.w[3]-1)*c.at.Dilation[1]+1, c.at.Stride[1])}
}

// maker writes the program of a convolution and its gradients.
func (c convCase) maker(seed uint64) *maker {
	p, y := newMaker(seed), c.result()
	x, w, dy := p.input(backend.Float32, c.x...), p.input(backend.Float32, c.w...), p.input(backend.Float32, y...)
	p.output(p.op(backend.Conv2D, c.at, y, x, w), p.op(backend.Conv2DGradInput, c.at, c.x, w, dy), p.op(backend.Conv2DGradWeight, c.at, c.w, x, dy))
	return p
}

func convCases() []convCase {
	one := [2]int{1, 1}
	return []convCase{
		{[]int{1, 1, 1, 1}, []int{1, 1, 1, 1}, backend.ConvAttrs{Stride: one, Dilation: one, Groups: 1}},
		{[]int{2, 3, 8, 8}, []int{32, 3, 5, 5}, backend.ConvAttrs{Stride: one, Dilation: one, Groups: 1, Pad: [4]int{2, 2, 2, 2}}},
		{[]int{2, 16, 9, 7}, []int{5, 16, 3, 3}, backend.ConvAttrs{Stride: one, Dilation: one, Groups: 1, Pad: [4]int{1, 1, 1, 1}}},
		{[]int{3, 4, 6, 13}, []int{17, 4, 3, 2}, backend.ConvAttrs{Stride: one, Dilation: one, Groups: 1}},
		{[]int{2, 5, 9, 10}, []int{8, 5, 3, 3}, backend.ConvAttrs{Stride: [2]int{2, 2}, Dilation: one, Groups: 1, Pad: [4]int{1, 1, 1, 1}}},
		{[]int{2, 5, 11, 10}, []int{8, 5, 3, 4}, backend.ConvAttrs{Stride: [2]int{3, 2}, Dilation: one, Groups: 1, Pad: [4]int{0, 2, 1, 3}}},
		{[]int{2, 3, 12, 11}, []int{4, 3, 3, 3}, backend.ConvAttrs{Stride: one, Dilation: [2]int{2, 3}, Groups: 1, Pad: [4]int{2, 1, 3, 0}}},
		{[]int{2, 3, 12, 11}, []int{4, 3, 3, 3}, backend.ConvAttrs{Stride: [2]int{2, 3}, Dilation: [2]int{2, 2}, Groups: 1, Pad: [4]int{2, 1, 3, 0}}},
		{[]int{2, 6, 7, 7}, []int{4, 3, 3, 3}, backend.ConvAttrs{Stride: one, Dilation: one, Groups: 2, Pad: [4]int{1, 1, 1, 1}}},
		{[]int{2, 6, 7, 7}, []int{12, 1, 3, 3}, backend.ConvAttrs{Stride: [2]int{2, 1}, Dilation: one, Groups: 6, Pad: [4]int{1, 1, 1, 1}}},
		{[]int{5, 20, 4, 4}, []int{40, 20, 1, 1}, backend.ConvAttrs{Stride: one, Dilation: one, Groups: 1}},
		{[]int{2, 3, 5, 5}, []int{4, 3, 1, 1}, backend.ConvAttrs{Stride: [2]int{2, 2}, Dilation: one, Groups: 1}},
		{[]int{2, 3, 2, 2}, []int{4, 3, 5, 5}, backend.ConvAttrs{Stride: one, Dilation: one, Groups: 1, Pad: [4]int{4, 4, 4, 4}}},
		{[]int{2, 2, 3, 3}, []int{2, 2, 2, 2}, backend.ConvAttrs{Stride: one, Dilation: one, Groups: 1, Pad: [4]int{5, 3, 4, 6}}},
		{[]int{0, 3, 5, 5}, []int{4, 3, 3, 3}, backend.ConvAttrs{Stride: one, Dilation: one, Groups: 1}},
		// From 16 channels of a group on, columns of taps are taken one by one;
		// of few pictures, bands of rows are computed apart.
		{[]int{5, 16, 9, 7}, []int{33, 16, 3, 3}, backend.ConvAttrs{Stride: one, Dilation: one, Groups: 1, Pad: [4]int{1, 1, 1, 1}}},
		{[]int{1, 17, 16, 16}, []int{64, 17, 5, 5}, backend.ConvAttrs{Stride: one, Dilation: one, Groups: 1, Pad: [4]int{2, 2, 2, 2}}},
		{[]int{5, 32, 11, 10}, []int{18, 32, 3, 4}, backend.ConvAttrs{Stride: [2]int{3, 2}, Dilation: one, Groups: 1, Pad: [4]int{0, 2, 1, 3}}},
		{[]int{2, 16, 12, 11}, []int{20, 16, 3, 3}, backend.ConvAttrs{Stride: one, Dilation: [2]int{2, 3}, Groups: 1, Pad: [4]int{2, 1, 3, 0}}},
		{[]int{6, 40, 7, 7}, []int{36, 20, 3, 3}, backend.ConvAttrs{Stride: one, Dilation: one, Groups: 2, Pad: [4]int{1, 1, 1, 1}}},
		{[]int{5, 16, 3, 2}, []int{16, 16, 5, 5}, backend.ConvAttrs{Stride: one, Dilation: one, Groups: 1, Pad: [4]int{4, 4, 4, 4}}},
		{[]int{5, 16, 3, 3}, []int{32, 16, 2, 2}, backend.ConvAttrs{Stride: one, Dilation: one, Groups: 1, Pad: [4]int{5, 3, 4, 6}}},
		{[]int{1, 16, 1, 1}, []int{1, 16, 1, 1}, backend.ConvAttrs{Stride: one, Dilation: one, Groups: 1}},
		{[]int{0, 16, 4, 4}, []int{32, 16, 3, 3}, backend.ConvAttrs{Stride: one, Dilation: one, Groups: 1, Pad: [4]int{1, 1, 1, 1}}},
		// For patches of Winograd's algorithm, which some do not fill.
		{[]int{5, 6, 13, 9}, []int{34, 6, 5, 5}, backend.ConvAttrs{Stride: one, Dilation: one, Groups: 1, Pad: [4]int{2, 2, 2, 2}}},
		{[]int{5, 17, 9, 11}, []int{19, 17, 3, 3}, backend.ConvAttrs{Stride: one, Dilation: one, Groups: 1, Pad: [4]int{1, 1, 1, 1}}},
		{[]int{4, 9, 11, 10}, []int{16, 9, 5, 5}, backend.ConvAttrs{Stride: one, Dilation: one, Groups: 1, Pad: [4]int{0, 3, 2, 1}}},
		{[]int{7, 7, 8, 4}, []int{33, 7, 3, 3}, backend.ConvAttrs{Stride: one, Dilation: one, Groups: 1}},
		{[]int{2, 5, 150, 6}, []int{7, 5, 3, 3}, backend.ConvAttrs{Stride: one, Dilation: one, Groups: 1, Pad: [4]int{2, 0, 0, 2}}},
		{[]int{2, 5, 5, 150}, []int{18, 5, 3, 3}, backend.ConvAttrs{Stride: one, Dilation: one, Groups: 1, Pad: [4]int{1, 1, 1, 1}}},
		{[]int{4, 5, 12, 12}, []int{6, 5, 3, 3}, backend.ConvAttrs{Stride: one, Dilation: one, Groups: 1, Pad: [4]int{5, 4, 0, 3}}},
		{[]int{33, 3, 6, 6}, []int{16, 3, 3, 3}, backend.ConvAttrs{Stride: one, Dilation: one, Groups: 1, Pad: [4]int{1, 1, 1, 1}}},
	}
}

func TestConv(t *testing.T) {
	for i, c := range convCases() {
		t.Run(fmt.Sprint(c), func(t *testing.T) { c.maker(uint64(i)).check(t, 1e-5) })
	}
}

func TestMaxPool(t *testing.T) {
	for i, c := range []struct {
		x  []int
		at backend.PoolAttrs
	}{
		{[]int{2, 16, 8, 8}, backend.PoolAttrs{Size: [2]int{2, 2}, Stride: [2]int{2, 2}}},
		{[]int{2, 32, 9, 7}, backend.PoolAttrs{Size: [2]int{2, 2}, Stride: [2]int{2, 2}}},
		{[]int{2, 3, 9, 7}, backend.PoolAttrs{Size: [2]int{2, 2}, Stride: [2]int{2, 2}}},
		{[]int{2, 16, 9, 7}, backend.PoolAttrs{Size: [2]int{3, 2}, Stride: [2]int{2, 1}, Pad: [4]int{1, 1, 1, 0}}},
		{[]int{2, 5, 6, 6}, backend.PoolAttrs{Size: [2]int{3, 3}, Stride: [2]int{1, 1}, Pad: [4]int{1, 1, 1, 1}}},
		{[]int{1, 1, 1, 1}, backend.PoolAttrs{Size: [2]int{1, 1}, Stride: [2]int{1, 1}}},
		{[]int{0, 4, 6, 6}, backend.PoolAttrs{Size: [2]int{2, 2}, Stride: [2]int{2, 2}}},
	} {
		p := newMaker(uint64(i))
		y := []int{c.x[0], c.x[1], outLength(c.x[2], c.at.Pad[0], c.at.Pad[1], c.at.Size[0], c.at.Stride[0]),
			outLength(c.x[3], c.at.Pad[2], c.at.Pad[3], c.at.Size[1], c.at.Stride[1])}
		x, dy := p.input(backend.Float32, c.x...), p.input(backend.Float32, y...)
		// Rounded numbers have equal maxima, of which the first counts.
		coarse := p.op(backend.Round, nil, c.x, x)
		v := p.input(backend.Float32, c.x...)
		for _, x := range []int{x, coarse} {
			p.output(p.op(backend.MaxPool2D, c.at, y, x), p.op(backend.MaxPool2DGrad, c.at, c.x, x, dy), p.op(backend.MaxPool2DPick, c.at, y, x, v))
		}
		t.Run(fmt.Sprint(c), func(t *testing.T) { p.check(t, 1e-6) })
	}
}

// TestLayout mixes operations that run channels-last with others.
func TestLayout(t *testing.T) {
	at := backend.ConvAttrs{Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1, Pad: [4]int{1, 1, 1, 1}}
	shape := []int{3, 4, 5, 6}
	p := newMaker(1)
	x, w := p.input(backend.Float32, shape...), p.input(backend.Float32, 4, 4, 3, 3)
	y := p.op(backend.Conv2D, at, shape, x, w)
	for _, operand := range [][]int{{}, {6}, {5, 1}, {4, 1, 1}, {1, 4, 1, 1}, {3, 1, 5, 1}, {4, 5, 6}, shape} {
		p.output(p.op(backend.Add, nil, shape, y, p.input(backend.Float32, operand...)))
	}
	for _, axes := range [][]int{{0}, {1}, {2}, {3}, {0, 1}, {0, 2, 3}, {1, 2, 3}, {2, 3}, {0, 1, 2, 3}} {
		var short, long []int
		for a, d := range shape {
			if slices.Contains(axes, a) {
				long = append(long, 1)
				continue
			}
			short, long = append(short, d), append(long, d)
		}
		p.output(p.op(backend.Sum, backend.ReduceAttrs{Axes: axes}, short, y))
		s := p.op(backend.Sum, backend.ReduceAttrs{Axes: axes, Keep: true}, long, y)
		p.output(s, p.op(backend.Mul, nil, shape, y, p.op(backend.BroadcastTo, nil, shape, s)))
	}
	p.output(p.op(backend.Reshape, nil, []int{3, 120}, y), y, y)
	p.output(p.op(backend.Conv2D, at, shape, p.op(backend.BroadcastTo, nil, shape, p.input(backend.Float32, 4, 1, 1)), w))
	positive := p.instr(backend.Greater, nil, backend.Bool, shape, y, p.constant(0))
	p.output(positive, p.op(backend.Where, nil, shape, positive, y, x))
	p.check(t, 1e-5)
}
