package engine

import (
	"errors"
	"slices"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// matMul multiplies one pair of matrices after another, and joins the products.
func matMul(c *call, in []*G.Node) *G.Node {
	attrs, _ := c.instr.Attrs.(backend.MatMulAttrs)
	batch := c.out.Shape[:len(c.out.Shape)-2]
	count := backend.Size(batch)
	// matrices returns the operand as a stack of matrices, none transposed.
	matrices := func(n *G.Node, transposed bool) *G.Node {
		rank := n.Dims()
		if transposed {
			perm := axisLast(rank, rank-2)
			n = c.permuted(n, perm)
		}
		if c.err != nil {
			return nil
		}
		shape := n.Shape()
		m := shape[rank-2:].Clone()
		return c.reshape(c.broadcast(n, slices.Concat(batch, m)), tensor.Shape{count, m[0], m[1]})
	}
	a, b := matrices(in[0], attrs.TransA), matrices(in[1], attrs.TransB)
	if c.err != nil {
		return nil
	}
	m, k, n := a.Shape()[1], a.Shape()[2], b.Shape()[2]
	products := make([]*G.Node, count)
	for i := range products {
		x := c.reshape(c.cut(a, 0, i, 1, 1), tensor.Shape{m, k})
		y := c.reshape(c.cut(b, 0, i, 1, 1), tensor.Shape{k, n})
		products[i] = c.reshape(c.product(x, y), tensor.Shape{1, m * n})
	}
	return c.concat(0, products...)
}

// product multiplies two matrices. One with one row or one column is a vector to
// gorgonia, of which the product is another one.
func (b *builder) product(x, y *G.Node) *G.Node {
	if b.err != nil {
		return nil
	}
	m, k, n := x.Shape()[0], x.Shape()[1], y.Shape()[1]
	mul := func(in ...*G.Node) (*G.Node, error) { return G.Mul(in[0], in[1]) }
	switch {
	case k == 1:
		return b.two(G.HadamardProd, b.broadcast(x, tensor.Shape{m, n}), b.broadcast(y, tensor.Shape{m, n}))
	case m == 1 && n == 1:
		return b.along(G.Sum, b.two(G.HadamardProd, b.reshape(x, tensor.Shape{k}), b.reshape(y, tensor.Shape{k})))
	case n == 1:
		return b.native(mul, tensor.Shape{m}, x, b.reshape(y, tensor.Shape{k}))
	case m == 1:
		return b.native(mul, tensor.Shape{n}, b.permuted(y, []int{1, 0}), b.reshape(x, tensor.Shape{k}))
	}
	return b.native(mul, tensor.Shape{m, n}, x, y)
}

// A convolution is a product of matrices: the rows of the one are the patches of
// the images that im2col lays out, with the columns of the other, the filters.
type convolution struct {
	backend.ConvAttrs
	images, filters, results []int
	even                     bool // as much padding before as behind, which im2col can do
}

func (c *call) convolution(images, filters, results []int) (convolution, bool) {
	v := convolution{ConvAttrs: c.instr.Attrs.(backend.ConvAttrs), images: images, filters: filters, results: results}
	if v.Groups > 1 {
		c.fail(errors.New("only without groups"))
		return v, false
	}
	v.even = v.Pad[0] == v.Pad[1] && v.Pad[2] == v.Pad[3]
	return v, true
}

// patches returns the matrix of patches, and the operation that made it.
func (v *convolution) patches(b *builder, x *G.Node) (*G.Node, G.Op) {
	edge := tensor.Shape{v.Pad[0], v.Pad[2]}
	if !v.even {
		x = b.pad(x, []int{0, 0, v.Pad[0], v.Pad[2]}, []int{0, 0, v.Pad[1], v.Pad[3]}, 0)
		edge = tensor.Shape{0, 0}
	}
	if b.err != nil {
		return nil, nil
	}
	f := func(in ...*G.Node) (*G.Node, error) {
		return G.Im2Col(in[0], tensor.Shape(v.filters[2:]), edge, v.Stride[:], v.Dilation[:])
	}
	rows, size := v.sizes()
	op, dtype, err := opOf(f, []*G.Node{x})
	if err != nil {
		return b.fail(err), nil
	}
	cols := b.apply(op, tensor.Shape{v.images[0], v.results[2], v.results[3], size}, dtype, x)
	return b.reshape(cols, tensor.Shape{rows, size}), op
}

// sizes returns how many patches there are, and how many elements one has.
func (v *convolution) sizes() (rows, size int) {
	return v.results[0] * v.results[2] * v.results[3], backend.Size(v.filters[1:])
}

func conv2D(c *call, in []*G.Node) *G.Node {
	v, ok := c.convolution(in[0].Shape(), in[1].Shape(), c.out.Shape)
	if !ok {
		return nil
	}
	_, size := v.sizes()
	cols, _ := v.patches(c.builder, in[0])
	o := v.filters[0]
	y := c.product(cols, c.permuted(c.reshape(in[1], tensor.Shape{o, size}), []int{1, 0}))
	r := v.results
	return c.permuted(c.reshape(y, tensor.Shape{r[0], r[2], r[3], o}), []int{0, 3, 1, 2})
}

// channelsLast returns the derivatives of the results as a matrix with a row for
// each patch.
func (v *convolution) channelsLast(b *builder, dy *G.Node) *G.Node {
	rows, _ := v.sizes()
	return b.reshape(b.permuted(dy, []int{0, 2, 3, 1}), tensor.Shape{rows, v.filters[0]})
}

func conv2DGradWeight(c *call, in []*G.Node) *G.Node {
	v, ok := c.convolution(in[0].Shape(), c.out.Shape, in[1].Shape())
	if !ok {
		return nil
	}
	cols, _ := v.patches(c.builder, in[0])
	return c.product(c.permuted(v.channelsLast(c.builder, in[1]), []int{1, 0}), cols)
}

// conv2DGradInput adds the derivatives of the patches up, which is what gorgonia
// has for the derivative of im2col.
func conv2DGradInput(c *call, in []*G.Node) *G.Node {
	v, ok := c.convolution(c.out.Shape, in[0].Shape(), in[1].Shape())
	if !ok {
		return nil
	}
	_, size := v.sizes()
	d := c.product(v.channelsLast(c.builder, in[1]), c.reshape(in[0], tensor.Shape{v.filters[0], size}))
	d = c.reshape(d, tensor.Shape{v.results[0], v.results[2], v.results[3], size})
	edge, whole := tensor.Shape{v.Pad[0], v.Pad[2]}, tensor.Shape(slices.Clone(v.images))
	if !v.even {
		edge = tensor.Shape{0, 0}
		whole[2] += v.Pad[0] + v.Pad[1]
		whole[3] += v.Pad[2] + v.Pad[3]
	}
	dx := c.native(func(in ...*G.Node) (*G.Node, error) {
		x := G.NewTensor(in[0].Graph(), in[0].Dtype(), 4, G.WithShape(whole...), G.WithName("images"))
		cols, err := G.Im2Col(x, tensor.Shape(v.filters[2:]), edge, v.Stride[:], v.Dilation[:])
		if err != nil {
			return nil, err
		}
		return derivative(cols, in[0], x)
	}, whole, d)
	if !v.even {
		dx = c.cut(c.cut(dx, 2, v.Pad[0], 1, v.images[2]), 3, v.Pad[2], 1, v.images[3])
	}
	return dx
}

// derivative applies the rule by which gorgonia differentiates y, made from x,
// to the derivative dy.
func derivative(y, dy, x *G.Node) (*G.Node, error) {
	op, ok := y.Op().(G.SDOp)
	if !ok {
		return nil, errors.New("gorgonia has no derivative of it")
	}
	ds, err := op.SymDiff(G.Nodes{x}, y, dy)
	if err != nil {
		return nil, err
	}
	return ds[0], nil
}
