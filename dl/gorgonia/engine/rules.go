package engine

import (
	"errors"
	"fmt"
	"slices"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// A call is one instruction that becomes nodes.
type call struct {
	*builder
	instr backend.Instr
	out   backend.Value
}

// A rule makes the nodes of an instruction. The result may have any shape with
// the right elements in row-major order.
type rule func(c *call, in []*G.Node) (*G.Node, error)

// rules says how each operation is expressed.
var rules = map[backend.Op]rule{
	backend.Neg:        unary(G.Neg),
	backend.Abs:        unary(G.Abs),
	backend.Sign:       unary(G.Sign),
	backend.Square:     unary(G.Square),
	backend.Sqrt:       unary(G.Sqrt),
	backend.Reciprocal: unary(G.Inverse),
	backend.Exp:        unary(G.Exp),
	backend.Expm1:      unary(G.Expm1),
	backend.Log:        unary(G.Log),
	backend.Log1p:      unary(G.Log1p),
	backend.Sin:        unary(G.Sin),
	backend.Cos:        unary(G.Cos),
	backend.Tanh:       unary(G.Tanh),
	backend.Sigmoid:    unary(G.Sigmoid),
	backend.Softplus:   unary(G.Softplus),
	backend.Floor:      unary(G.Floor),
	backend.Ceil:       unary(G.Ceil),
	backend.ReLU:       unary(G.Rectify),

	backend.Add: binary(G.Add),
	backend.Sub: binary(G.Sub),
	backend.Mul: binary(G.HadamardProd),
	backend.Div: binary(G.HadamardDiv),
	backend.Pow: binary(G.Pow),

	backend.Equal:        comparison(G.Eq),
	backend.NotEqual:     comparison(G.Ne),
	backend.Less:         comparison(G.Lt),
	backend.LessEqual:    comparison(G.Lte),
	backend.Greater:      comparison(G.Gt),
	backend.GreaterEqual: comparison(G.Gte),
	backend.And:          binary(G.HadamardProd), // of zeros and ones
	backend.Cast:         cast,

	backend.Reshape:     func(c *call, in []*G.Node) (*G.Node, error) { return in[0], nil },
	backend.BroadcastTo: func(c *call, in []*G.Node) (*G.Node, error) { return c.broadcast(in[0], shapeOf(c.out.Shape)) },
	backend.Transpose:   transpose,
	backend.Slice:       slice,
	backend.Concat:      concat,

	backend.Sum: reduction(G.Sum),
	backend.Max: reduction(G.Max),

	backend.MatMul:     matMul,
	backend.Softmax:    alongLast(G.SoftMax),
	backend.LogSoftmax: alongLast(G.LogSoftMax),
	backend.Conv2D:     conv2D,
	backend.MaxPool2D:  maxPool2D,
}

func unary(f func(*G.Node) (*G.Node, error)) rule {
	return func(c *call, in []*G.Node) (*G.Node, error) { return f(in[0]) }
}

func binary(f func(a, b *G.Node) (*G.Node, error)) rule {
	return func(c *call, in []*G.Node) (*G.Node, error) {
		a, b, err := c.together(in)
		if err != nil {
			return nil, err
		}
		return f(a, b)
	}
}

// comparison gives zeros and ones of the operands' dtype.
func comparison(f func(a, b *G.Node, same bool) (*G.Node, error)) rule {
	return binary(func(a, b *G.Node) (*G.Node, error) { return f(a, b, true) })
}

// together returns both operands in the shape of the result.
func (c *call) together(in []*G.Node) (a, b *G.Node, err error) {
	if in[0].Dtype() != in[1].Dtype() {
		return nil, nil, fmt.Errorf("not with %v and %v", in[0].Dtype(), in[1].Dtype())
	}
	if a, err = c.broadcast(in[0], shapeOf(c.out.Shape)); err != nil {
		return nil, nil, err
	}
	b, err = c.broadcast(in[1], shapeOf(c.out.Shape))
	return a, b, err
}

// broadcast returns n in a shape of as many axes or more.
func (b *builder) broadcast(n *G.Node, to tensor.Shape) (*G.Node, error) {
	if n.Shape().Eq(to) {
		return n, nil
	}
	return b.apply(layout{name: b.fresh("broadcast"), from: n.Shape().Clone(), to: to, dtype: n.Dtype()}, n)
}

// alone returns a copy of n that is no other node's equal.
func (b *builder) alone(n *G.Node) (*G.Node, error) {
	return b.apply(layout{name: b.fresh("copy"), from: n.Shape().Clone(), to: n.Shape().Clone(), dtype: n.Dtype()}, n)
}

// cast makes a Bool, which is zeros and ones here, a number, and a number itself.
func cast(c *call, in []*G.Node) (*G.Node, error) {
	from := c.program.Values[c.instr.In[0]].DType
	if c.out.DType != backend.Bool && dtypes[c.out.DType] == in[0].Dtype() {
		return c.alone(in[0])
	}
	return nil, fmt.Errorf("not from %s to %s", from, c.out.DType)
}

func transpose(c *call, in []*G.Node) (*G.Node, error) {
	return c.permuted(in[0], c.instr.Attrs.(backend.TransposeAttrs).Perm)
}

// permuted returns n with its axes in another order, as a copy.
func (b *builder) permuted(n *G.Node, perm []int) (*G.Node, error) {
	if slices.IsSorted(perm) {
		return n, nil
	}
	t, err := G.Transpose(n, perm...)
	if err != nil {
		return nil, err
	}
	return b.alone(t)
}

func slice(c *call, in []*G.Node) (*G.Node, error) {
	attrs := c.instr.Attrs.(backend.SliceAttrs)
	n := in[0]
	from := n.Shape()
	var ranges []tensor.Slice
	for a, start := range attrs.Start {
		if attrs.Step[a] != 1 {
			return nil, errors.New("only with step 1")
		}
		if start == 0 && c.out.Shape[a] == from[a] {
			ranges = append(ranges, nil)
			continue
		}
		ranges = append(ranges, G.S(start, start+c.out.Shape[a]))
	}
	if !slices.ContainsFunc(ranges, func(s tensor.Slice) bool { return s != nil }) {
		return n, nil
	}
	return G.Slice(n, ranges...)
}

func concat(c *call, in []*G.Node) (*G.Node, error) {
	// A node that occurs twice would be counted once.
	parts := make([]*G.Node, len(in))
	for i, n := range in {
		var err error
		if parts[i], err = c.alone(n); err != nil {
			return nil, err
		}
	}
	return G.Concat(c.instr.Attrs.(backend.AxisAttrs).Axis, parts...)
}

// reduction moves the axes to reduce behind the others and makes a matrix of
// them, because gorgonia reduces several axes rightly only by chance.
func reduction(f func(*G.Node, ...int) (*G.Node, error)) rule {
	return func(c *call, in []*G.Node) (*G.Node, error) {
		attrs := c.instr.Attrs.(backend.ReduceAttrs)
		shape := c.program.Values[c.instr.In[0]].Shape
		var perm []int
		kept := 1
		for a, n := range shape {
			if !slices.Contains(attrs.Axes, a) {
				perm = append(perm, a)
				kept *= n
			}
		}
		perm = append(perm, attrs.Axes...)
		n, err := c.permuted(in[0], perm)
		if err != nil {
			return nil, err
		}
		// With a row of ones beside it, no matrix is a vector to gorgonia.
		size := backend.Size(shape) / kept
		if size == 1 {
			return n, nil
		}
		if kept == 1 {
			if n, err = c.reshape(n, tensor.Shape{size}); err != nil {
				return nil, err
			}
			return f(n)
		}
		if n, err = c.reshape(n, tensor.Shape{kept, size}); err != nil {
			return nil, err
		}
		return f(n, 1)
	}
}

// alongLast computes along one axis, which becomes the last of a matrix.
func alongLast(f func(*G.Node, ...int) (*G.Node, error)) rule {
	return func(c *call, in []*G.Node) (*G.Node, error) {
		axis := c.instr.Attrs.(backend.AxisAttrs).Axis
		shape := c.out.Shape
		if len(shape) == 0 {
			return nil, errors.New("not of a number")
		}
		perm := make([]int, 0, len(shape))
		for a := range shape {
			if a != axis {
				perm = append(perm, a)
			}
		}
		perm = append(perm, axis)
		n, err := c.permuted(in[0], perm)
		if err != nil {
			return nil, err
		}
		size := shape[axis]
		if n, err = c.reshape(n, tensor.Shape{backend.Size(shape) / size, size}); err != nil {
			return nil, err
		}
		if n, err = c.alone(n); err != nil {
			return nil, err
		}
		if n, err = f(n, 1); err != nil {
			return nil, err
		}
		moved := make(tensor.Shape, len(perm))
		back := make([]int, len(perm))
		for to, from := range perm {
			moved[to], back[from] = shape[from], to
		}
		if n, err = c.reshape(n, moved); err != nil {
			return nil, err
		}
		return c.permuted(n, back)
	}
}

// matMul is a product of matrices, or of as many pairs of them as there are.
func matMul(c *call, in []*G.Node) (*G.Node, error) {
	attrs, _ := c.instr.Attrs.(backend.MatMulAttrs)
	a, b := in[0], in[1]
	if a.Dims() != 2 || b.Dims() != 2 {
		return nil, errors.New("only of two matrices")
	}
	var err error
	if attrs.TransA {
		if a, err = c.permuted(a, []int{1, 0}); err != nil {
			return nil, err
		}
	}
	if attrs.TransB {
		if b, err = c.permuted(b, []int{1, 0}); err != nil {
			return nil, err
		}
	}
	m, k, n := a.Shape()[0], a.Shape()[1], b.Shape()[1]
	// A matrix with one row or one column is a vector to gorgonia, of which the
	// product is another one.
	switch {
	case k == 1 || m == 1 && n == 1:
		return c.products(a, b, m, k, n)
	case n == 1:
		if b, err = c.reshape(b, tensor.Shape{k}); err != nil {
			return nil, err
		}
		return G.Mul(a, b)
	case m == 1:
		if b, err = c.permuted(b, []int{1, 0}); err != nil {
			return nil, err
		}
		if a, err = c.reshape(a, tensor.Shape{k}); err != nil {
			return nil, err
		}
		return G.Mul(b, a)
	}
	return G.Mul(a, b)
}

// products multiplies where the result is an outer product or a single number.
func (c *call) products(a, b *G.Node, m, k, n int) (*G.Node, error) {
	var err error
	if k == 1 {
		if a, err = c.broadcast(a, tensor.Shape{m, n}); err != nil {
			return nil, err
		}
		if b, err = c.broadcast(b, tensor.Shape{m, n}); err != nil {
			return nil, err
		}
		return G.HadamardProd(a, b)
	}
	if a, err = c.reshape(a, tensor.Shape{k}); err != nil {
		return nil, err
	}
	if b, err = c.reshape(b, tensor.Shape{k}); err != nil {
		return nil, err
	}
	if a, err = G.HadamardProd(a, b); err != nil {
		return nil, err
	}
	return G.Sum(a)
}

func conv2D(c *call, in []*G.Node) (*G.Node, error) {
	a := c.instr.Attrs.(backend.ConvAttrs)
	w := in[1].Shape()
	switch {
	case a.Groups > 1:
		return nil, errors.New("only without groups")
	case a.Pad[0] != a.Pad[1] || a.Pad[2] != a.Pad[3]:
		return nil, errors.New("only with as much padding before as behind")
	}
	return G.Conv2d(in[0], in[1], tensor.Shape{w[2], w[3]}, []int{a.Pad[0], a.Pad[2]}, a.Stride[:], a.Dilation[:])
}

func maxPool2D(c *call, in []*G.Node) (*G.Node, error) {
	a := c.instr.Attrs.(backend.PoolAttrs)
	if a.Pad != [4]int{} {
		return nil, errors.New("only without padding: gorgonia pads with zeros")
	}
	return G.MaxPool2D(in[0], tensor.Shape{a.Size[0], a.Size[1]}, []int{0, 0}, a.Stride[:])
}
