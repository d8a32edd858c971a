package engine

import (
	"fmt"
	"math"
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
// the right elements in row-major order, and either dtype of floats.
type rule func(c *call, in []*G.Node) *G.Node

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
	backend.Tan: func(c *call, in []*G.Node) *G.Node {
		return c.two(G.HadamardDiv, c.one(G.Sin, in[0]), c.one(G.Cos, in[0]))
	},
	backend.Trunc: func(c *call, in []*G.Node) *G.Node {
		return c.two(G.HadamardProd, c.one(G.Sign, in[0]), c.one(G.Floor, c.one(G.Abs, in[0])))
	},
	backend.ReLU: func(c *call, in []*G.Node) *G.Node { return c.two(G.MaxBetween, in[0], c.full(0, in[0])) },

	backend.Add:     binary(G.Add),
	backend.Sub:     binary(G.Sub),
	backend.Mul:     binary(G.HadamardProd),
	backend.Div:     binary(G.HadamardDiv),
	backend.Pow:     binary(G.Pow),
	backend.Maximum: extremum(G.MaxBetween),
	backend.Minimum: extremum(G.MinBetween),

	backend.Equal:        comparison(G.Eq),
	backend.NotEqual:     comparison(G.Ne),
	backend.Less:         comparison(G.Lt),
	backend.LessEqual:    comparison(G.Lte),
	backend.Greater:      comparison(G.Gt),
	backend.GreaterEqual: comparison(G.Gte),

	// Bools are zeros and ones.
	backend.And:   binary(G.HadamardProd),
	backend.Or:    binary(G.MaxBetween),
	backend.Not:   func(c *call, in []*G.Node) *G.Node { return c.two(G.Sub, c.full(1, in[0]), in[0]) },
	backend.Where: where,
	backend.Cast:  cast,

	backend.Reshape:     func(c *call, in []*G.Node) *G.Node { return in[0] },
	backend.BroadcastTo: func(c *call, in []*G.Node) *G.Node { return c.broadcast(in[0], shapeOf(c.out.Shape)) },
	backend.Transpose: func(c *call, in []*G.Node) *G.Node {
		return c.permuted(in[0], c.instr.Attrs.(backend.TransposeAttrs).Perm)
	},
	backend.Slice:  slice,
	backend.Pad:    pad,
	backend.Concat: func(c *call, in []*G.Node) *G.Node { return c.concat(c.instr.Attrs.(backend.AxisAttrs).Axis, in...) },
	backend.Gather: gather,
	backend.OneHot: func(c *call, in []*G.Node) *G.Node { return c.oneHot(in[0], c.out.Shape[len(c.out.Shape)-1]) },

	backend.Sum: reduction(func(c *call, n *G.Node) *G.Node { return c.along(G.Sum, n) }),
	backend.Max: reduction(func(c *call, n *G.Node) *G.Node { return c.along(G.Max, n) }),
	backend.Min: reduction(func(c *call, n *G.Node) *G.Node { return c.one(G.Neg, c.along(G.Max, c.one(G.Neg, n))) }),
	backend.Any: reduction(func(c *call, n *G.Node) *G.Node { return c.along(G.Max, n) }),
	backend.All: reduction(func(c *call, n *G.Node) *G.Node { return c.one(G.Neg, c.along(G.Max, c.one(G.Neg, n))) }),

	backend.MatMul:                  matMul,
	backend.Softmax:                 alongLast(G.SoftMax),
	backend.LogSoftmax:              alongLast(G.LogSoftMax),
	backend.SoftmaxCrossEntropy:     crossEntropy,
	backend.SoftmaxCrossEntropyGrad: crossEntropyGrad,

	backend.Conv2D:           conv2D,
	backend.Conv2DGradInput:  conv2DGradInput,
	backend.Conv2DGradWeight: conv2DGradWeight,
	backend.MaxPool2D:        func(c *call, in []*G.Node) *G.Node { n, _ := c.maxPool(in[0]); return n },
	backend.MaxPool2DGrad:    maxPool2DGrad,
	backend.AvgPool2D:        avgPool2D,
}

// takesInts reports whether operand k of an operation, or, for those that only
// move or compare elements, everything about it, may be integers.
func takesInts(op backend.Op, k int) bool {
	switch op {
	case backend.Gather, backend.SoftmaxCrossEntropy, backend.SoftmaxCrossEntropyGrad:
		return k == 1
	case backend.OneHot, backend.Cast, backend.Equal, backend.NotEqual,
		backend.Less, backend.LessEqual, backend.Greater, backend.GreaterEqual:
		return true
	}
	return false
}

// one applies an operation of one operand that keeps its shape, and two one of
// two operands of one shape.
func (b *builder) one(f func(*G.Node) (*G.Node, error), x *G.Node) *G.Node {
	if b.err != nil {
		return nil
	}
	return b.native(func(in ...*G.Node) (*G.Node, error) { return f(in[0]) }, x.Shape().Clone(), x)
}

func (b *builder) two(f func(x, y *G.Node) (*G.Node, error), x, y *G.Node) *G.Node {
	if b.err != nil {
		return nil
	}
	return b.native(func(in ...*G.Node) (*G.Node, error) { return f(in[0], in[1]) }, x.Shape().Clone(), x, y)
}

// full returns a constant of the shape and dtype of n.
func (b *builder) full(v float64, n *G.Node) *G.Node {
	if b.err != nil {
		return nil
	}
	data := make([]float64, n.Shape().TotalSize())
	for i := range data {
		data[i] = v
	}
	return b.constant(data, n.Shape(), n.Dtype())
}

func (b *builder) constant(data []float64, shape tensor.Shape, dtype tensor.Dtype) *G.Node {
	if b.err != nil {
		return nil
	}
	var backing any = data
	if dtype == tensor.Float32 {
		backing = converted[float32](data)
	}
	b.made++
	t := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(backing))
	return G.NewTensor(b.graph, dtype, shape.Dims(), G.WithShape(shape...), G.WithValue(t), G.WithName(fmt.Sprintf("constant#%d", b.made)))
}

func converted[To, From float32 | float64](data []From) []To {
	out := make([]To, len(data))
	for i, x := range data {
		out[i] = To(x)
	}
	return out
}

// inDType returns n with elements of another dtype.
func (b *builder) inDType(n *G.Node, d tensor.Dtype) *G.Node {
	if b.err != nil || n.Dtype() == d {
		return n
	}
	shape := n.Shape().Clone()
	return b.add("convert", shape, d, func(vs []G.Value) (G.Value, error) {
		if data, ok := vs[0].Data().([]float32); ok {
			return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(converted[float64](data))), nil
		}
		return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(converted[float32](vs[0].Data().([]float64)))), nil
	}, n)
}

func unary(f func(*G.Node) (*G.Node, error)) rule {
	return func(c *call, in []*G.Node) *G.Node { return c.one(f, in[0]) }
}

func binary(f func(a, b *G.Node) (*G.Node, error)) rule {
	return func(c *call, in []*G.Node) *G.Node {
		return c.two(f, c.broadcast(in[0], shapeOf(c.out.Shape)), c.broadcast(in[1], shapeOf(c.out.Shape)))
	}
}

// comparison gives zeros and ones of the operands' dtype.
func comparison(f func(a, b *G.Node, same bool) (*G.Node, error)) rule {
	return binary(func(a, b *G.Node) (*G.Node, error) { return f(a, b, true) })
}

// extremum gives NaN where either operand is, as gorgonia does for the first.
func extremum(f func(a, b *G.Node) (*G.Node, error)) rule {
	return func(c *call, in []*G.Node) *G.Node {
		a, b := c.broadcast(in[0], shapeOf(c.out.Shape)), c.broadcast(in[1], shapeOf(c.out.Shape))
		nan := c.two(func(x, y *G.Node) (*G.Node, error) { return G.Ne(x, y, true) }, b, c.copy(b))
		return c.choose(nan, b, c.two(f, a, b))
	}
}

func cast(c *call, in []*G.Node) *G.Node {
	switch from := c.program.Values[c.instr.In[0]].DType; {
	case c.out.DType == backend.Bool && from != backend.Bool:
		return c.two(func(x, y *G.Node) (*G.Node, error) { return G.Ne(x, y, true) }, in[0], c.full(0, in[0]))
	case isInt(c.out.DType) && from != backend.Bool && from != c.out.DType:
		return c.fail(fmt.Errorf("not from %s to %s", from, c.out.DType))
	}
	return in[0]
}

func where(c *call, in []*G.Node) *G.Node {
	shape := shapeOf(c.out.Shape)
	return c.choose(c.broadcast(in[0], shape), c.broadcast(in[1], shape), c.broadcast(in[2], shape))
}

// choose returns a where cond is 1, and b where it is 0, all of one shape. It
// picks elements out of both, one behind the other: a product with cond would
// let what is not a number through.
func (b *builder) choose(cond, x, y *G.Node) *G.Node {
	if b.err != nil {
		return nil
	}
	n := x.Shape().TotalSize()
	both := b.concat(1, b.reshape(x, tensor.Shape{1, n}), b.reshape(y, tensor.Shape{1, n}))
	at := b.indices(cond, tensor.Shape{n}, func(i int, v float64) int {
		if v != 0 {
			return i
		}
		return n + i
	})
	return b.reshape(b.pick(both, at, 1), x.Shape().Clone())
}

// indices makes integers of a node's elements, which choose elements of others.
func (b *builder) indices(n *G.Node, shape tensor.Shape, of func(i int, v float64) int) *G.Node {
	return b.add("indices", shape, tensor.Int, func(vs []G.Value) (G.Value, error) {
		out := make([]int, shape.TotalSize())
		switch data := vs[0].Data().(type) {
		case []float32:
			for i, v := range data {
				out[i] = of(i, float64(v))
			}
		case []float64:
			for i, v := range data {
				out[i] = of(i, v)
			}
		}
		return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(out)), nil
	}, n)
}

// pick chooses rows along an axis of a matrix.
func (b *builder) pick(n, at *G.Node, axis int) *G.Node {
	if b.err != nil {
		return nil
	}
	shape := n.Shape().Clone()
	if shape.TotalSize() == 1 { // gorgonia gives one element for any number of indices
		shape[axis] = at.Shape()[0]
		return b.broadcast(n, shape)
	}
	shape[axis] = at.Shape()[0]
	return b.native(func(in ...*G.Node) (*G.Node, error) { return G.ByIndices(in[0], in[1], axis) }, shape, n, at)
}

// gather takes indices as the reference does: negative ones count from the end,
// and one out of range is moved to the nearest element.
func gather(c *call, in []*G.Node) *G.Node {
	axis := c.instr.Attrs.(backend.AxisAttrs).Axis
	shape, at := c.program.Values[c.instr.In[0]].Shape, c.program.Values[c.instr.In[1]].Shape
	n := shape[axis]
	indices := c.indices(in[1], tensor.Shape{backend.Size(at)}, func(_ int, v float64) int {
		i := int(v)
		if i < 0 {
			i += n
		}
		return min(max(i, 0), n-1)
	})
	return c.picked(in[0], axis, indices)
}

// steps returns the indices start, start+step, …
func (b *builder) steps(start, step, length int) *G.Node {
	at := make([]float64, length)
	for i := range at {
		at[i] = float64(start + i*step)
	}
	return b.indices(b.constant(at, tensor.Shape{length}, tensor.Float64), tensor.Shape{length}, func(_ int, v float64) int { return int(v) })
}

// picked chooses elements along an axis, which becomes the last of a matrix.
func (b *builder) picked(n *G.Node, axis int, at *G.Node) *G.Node {
	perm := axisLast(n.Dims(), axis)
	last := b.permuted(n, perm)
	if b.err != nil {
		return nil
	}
	shape := last.Shape().Clone()
	k := len(shape) - 1
	m := b.pick(b.reshape(last, tensor.Shape{shape.TotalSize() / shape[k], shape[k]}), at, 1)
	shape[k] = at.Shape()[0]
	return b.permuted(b.reshape(m, shape), inverse(perm))
}

// oneHot compares each number with 0, 1, 2, …
func (b *builder) oneHot(n *G.Node, classes int) *G.Node {
	if b.err != nil {
		return nil
	}
	rows := n.Shape().TotalSize()
	shape := tensor.Shape{rows, classes}
	classOf := make([]float64, rows*classes)
	for i := range classOf {
		classOf[i] = float64(i % classes)
	}
	return b.two(func(x, y *G.Node) (*G.Node, error) { return G.Eq(x, y, true) },
		b.broadcast(b.reshape(n, tensor.Shape{rows, 1}), shape), b.constant(classOf, shape, n.Dtype()))
}

// slice picks elements along one axis after another. Gorgonia's own slices know
// no negative steps.
func slice(c *call, in []*G.Node) *G.Node {
	attrs := c.instr.Attrs.(backend.SliceAttrs)
	n := in[0]
	for a, start := range attrs.Start {
		n = c.cut(n, a, start, attrs.Step[a], c.out.Shape[a])
	}
	return n
}

// cut returns elements of an axis.
func (b *builder) cut(n *G.Node, axis, start, step, length int) *G.Node {
	if b.err != nil || start == 0 && step == 1 && length == n.Shape()[axis] {
		return n
	}
	return b.picked(n, axis, b.steps(start, step, length))
}

func pad(c *call, in []*G.Node) *G.Node {
	attrs := c.instr.Attrs.(backend.PadAttrs)
	return c.pad(in[0], attrs.Before, attrs.After, 0)
}

// pad puts a number before and after each axis.
func (b *builder) pad(n *G.Node, before, after []int, v float64) *G.Node {
	for a := range before {
		var parts []*G.Node
		for k, length := range []int{before[a], 0, after[a]} {
			if b.err != nil {
				return nil
			}
			switch {
			case k == 1:
				parts = append(parts, n)
			case length > 0:
				shape := n.Shape().Clone()
				shape[a] = length
				data := make([]float64, shape.TotalSize())
				for i := range data {
					data[i] = v
				}
				parts = append(parts, b.constant(data, shape, n.Dtype()))
			}
		}
		n = b.concat(a, parts...)
	}
	return n
}

func (b *builder) concat(axis int, parts ...*G.Node) *G.Node {
	if b.err != nil || len(parts) == 1 {
		return parts[0]
	}
	shape := parts[0].Shape().Clone()
	for _, n := range parts[1:] {
		shape[axis] += n.Shape()[axis]
	}
	return b.native(func(in ...*G.Node) (*G.Node, error) { return G.Concat(axis, in...) }, shape, parts...)
}

// reduction moves the axes to reduce behind the others and makes a matrix of
// them, because gorgonia reduces several axes rightly only by chance. f reduces
// the last axis of a matrix, or all of a vector.
func reduction(f func(c *call, n *G.Node) *G.Node) rule {
	return func(c *call, in []*G.Node) *G.Node {
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
		size := backend.Size(shape) / kept
		n := c.permuted(in[0], append(perm, attrs.Axes...))
		switch {
		case size == 1:
			return n
		case kept == 1:
			return f(c, c.reshape(n, tensor.Shape{size}))
		}
		return f(c, c.reshape(n, tensor.Shape{kept, size}))
	}
}

// along reduces the last axis of a matrix, or all of a vector.
func (b *builder) along(f func(*G.Node, ...int) (*G.Node, error), n *G.Node) *G.Node {
	if b.err != nil {
		return nil
	}
	if n.Dims() == 1 {
		return b.native(func(in ...*G.Node) (*G.Node, error) { return f(in[0]) }, tensor.Shape{1}, n)
	}
	return b.native(func(in ...*G.Node) (*G.Node, error) { return f(in[0], 1) }, n.Shape()[:1].Clone(), n)
}

// alongLast computes along one axis, which becomes the last of a matrix.
func alongLast(f func(*G.Node, ...int) (*G.Node, error)) rule {
	return func(c *call, in []*G.Node) *G.Node {
		axis, shape := c.instr.Attrs.(backend.AxisAttrs).Axis, c.out.Shape
		perm := axisLast(len(shape), axis)
		n := c.permuted(in[0], perm)
		if c.err != nil {
			return nil
		}
		moved := n.Shape().Clone()
		return c.permuted(c.reshape(c.rows(f, c.reshape(n, tensor.Shape{backend.Size(shape) / shape[axis], shape[axis]})), moved), inverse(perm))
	}
}

// rows computes on each row of a matrix.
func (b *builder) rows(f func(*G.Node, ...int) (*G.Node, error), n *G.Node) *G.Node {
	return b.one(func(x *G.Node) (*G.Node, error) { return f(x, 1) }, n)
}

// crossEntropy picks the logarithm of the probability of each row's label.
func crossEntropy(c *call, in []*G.Node) *G.Node {
	shape := in[0].Shape()
	n, classes := shape[0], shape[1]
	logs := c.reshape(c.rows(G.LogSoftMax, in[0]), tensor.Shape{1, n * classes})
	// A label that is no class chooses what is not a number.
	logs = c.pad(logs, []int{0, 0}, []int{0, 1}, math.NaN())
	return c.one(G.Neg, c.pick(logs, c.indices(in[1], tensor.Shape{n}, func(i int, v float64) int {
		if v < 0 || v >= float64(classes) {
			return n * classes
		}
		return i*classes + int(v)
	}), 1))
}

// crossEntropyGrad is the probabilities less 1 at the label, times ∂losses.
func crossEntropyGrad(c *call, in []*G.Node) *G.Node {
	shape := in[0].Shape().Clone()
	hot := c.inDType(c.oneHot(in[1], shape[1]), in[0].Dtype())
	d := c.broadcast(c.reshape(in[2], tensor.Shape{shape[0], 1}), shape)
	return c.two(G.HadamardProd, c.two(G.Sub, c.rows(G.SoftMax, in[0]), hot), d)
}
