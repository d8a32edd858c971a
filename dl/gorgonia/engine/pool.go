package engine

import (
	"errors"
	"slices"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// maxPool returns the maxima of windows, and the operation that made them, which
// remembers where they were.
func (c *call) maxPool(x *G.Node) (*G.Node, G.Op) {
	a := c.instr.Attrs.(backend.PoolAttrs)
	if a.Pad[0] != a.Pad[1] || a.Pad[2] != a.Pad[3] {
		c.fail(errors.New("only with as much padding before as behind"))
		return nil, nil
	}
	op, dtype, err := opOf(func(in ...*G.Node) (*G.Node, error) {
		return G.MaxPool2D(in[0], a.Size[:], []int{a.Pad[0], a.Pad[2]}, a.Stride[:])
	}, []*G.Node{x})
	if err != nil {
		return c.fail(err), nil
	}
	shape := x.Shape().Clone()
	for i := range 2 {
		shape[2+i] = (shape[2+i]+a.Pad[2*i]+a.Pad[2*i+1]-a.Size[i])/a.Stride[i] + 1
	}
	return c.apply(op, shape, dtype, x), op
}

// maxPool2DGrad pools again, so that the operation remembers the places of the
// maxima, and applies gorgonia's rule of differentiation.
func maxPool2DGrad(c *call, in []*G.Node) *G.Node {
	y, op := c.maxPool(in[0])
	if c.err != nil {
		return nil
	}
	return c.native(func(in ...*G.Node) (*G.Node, error) {
		ds, err := op.(G.SDOp).SymDiff(G.Nodes{in[0]}, in[1], in[2])
		if err != nil {
			return nil, err
		}
		return ds[0], nil
	}, shapeOf(c.out.Shape), in[0], y, in[1])
}

// avgPool2D adds the patches up that im2col lays out, and divides by how many
// elements count.
func avgPool2D(c *call, in []*G.Node) *G.Node {
	a := c.instr.Attrs.(backend.AvgPoolAttrs)
	s, r := in[0].Shape(), c.out.Shape
	n := s[0] * s[1]
	window := a.Size[0] * a.Size[1]
	attrs := backend.ConvAttrs{Stride: a.Stride, Pad: a.Pad, Dilation: [2]int{1, 1}, Groups: 1}
	v := convolution{ConvAttrs: attrs, images: []int{n, 1, s[2], s[3]}, filters: []int{1, 1, a.Size[0], a.Size[1]},
		results: []int{n, 1, r[2], r[3]}, even: a.Pad[0] == a.Pad[1] && a.Pad[2] == a.Pad[3]}
	counts := make([]float64, n*r[2]*r[3])
	for i := range counts {
		counts[i] = float64(window)
		if !a.CountPad {
			at := [2]int{i / r[3] % r[2], i % r[3]}
			counts[i] = 1
			for k := range 2 {
				lo := at[k]*a.Stride[k] - a.Pad[2*k]
				counts[i] *= float64(max(0, min(lo+a.Size[k], s[2+k])-max(lo, 0)))
			}
		}
	}
	cols, _ := v.patches(c.builder, c.reshape(in[0], slices.Clone(v.images)))
	sum := c.reshape(cols, tensor.Shape{len(counts)})
	if window > 1 && c.err == nil {
		if len(counts) == 1 {
			cols = c.reshape(cols, tensor.Shape{window})
		}
		sum = c.along(G.Sum, cols)
	}
	return c.two(G.HadamardDiv, sum, c.constant(counts, tensor.Shape{len(counts)}, in[0].Dtype()))
}
