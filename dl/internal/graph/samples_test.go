package graph

import (
	"math/rand/v2"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// A sample is one way to apply an operation. Operands are float64 arrays with
// elements drawn from [low, high), or the numbers given.
type sample struct {
	attrs any
	in    []operand
	stops bool // the derivative is zero by definition, whatever differences say
}

type operand struct {
	shape     []int
	low, high float64
	ints      []int64 // set for operands of indices or labels
	bools     bool
	fixed     []float64
	holes     bool // every third element is 0
	diagonal  bool // of matrices: 3, 6, … are added to the diagonal, which makes them positive definite
}

// r is an operand with elements between low and high.
func r(low, high float64, shape ...int) operand { return operand{shape: shape, low: low, high: high} }

// x is an operand with elements of both signs.
func x(shape ...int) operand { return r(-2, 2, shape...) }

func ints(v ...int64) operand { return operand{shape: []int{len(v)}, ints: v} }

func one(o operand) []sample { return []sample{{in: []operand{o}}} }

// reduced returns samples of a reduction.
func reduced(o func(shape ...int) operand) []sample {
	axes := func(keep bool, axes ...int) sample {
		return sample{attrs: backend.ReduceAttrs{Axes: axes, Keep: keep}, in: []operand{o(2, 3, 4)}}
	}
	return []sample{axes(false, 0, 1, 2), axes(false, 1), axes(true, 0, 2), axes(false, 2)}
}

func positive(shape ...int) operand { return r(0.5, 2, shape...) }
func truth(shape ...int) operand    { return operand{shape: shape, bools: true} }

// pairs returns samples of an operation that broadcasts two operands.
func pairs(a, b func(shape ...int) operand) []sample {
	return []sample{
		{in: []operand{a(2, 3), b(2, 3)}},
		{in: []operand{a(2, 3), b(3)}},
		{in: []operand{a(), b(2, 2)}},
		{in: []operand{a(2, 1, 2), b(3, 1)}},
	}
}

func span(start, stop, step int) Range { return Range{Start: start, Stop: stop, Step: step} }

func conv(stride, pad, dilation, groups int, same bool) ConvAttrs {
	return ConvAttrs{backend.ConvAttrs{Stride: [2]int{stride, stride}, Pad: [4]int{pad, pad, pad, pad}, Dilation: [2]int{dilation, dilation}, Groups: groups}, same}
}

func pool(size, stride, pad int, same bool) PoolAttrs {
	return PoolAttrs{backend.PoolAttrs{Size: [2]int{size, size}, Stride: [2]int{stride, stride}, Pad: [4]int{pad, pad, pad, pad}}, same}
}

// samples holds the rows of every operation. A test fails where one has none.
var samples = map[backend.Op][]sample{
	backend.Neg: one(x(2, 3)), backend.Abs: one(x(2, 3)), backend.Sign: one(x(5)), backend.Square: one(x(2, 3)),
	backend.Sqrt: one(positive(2, 3)), backend.Reciprocal: one(positive(2, 3)), backend.Exp: one(x(2, 3)),
	backend.Expm1: one(x(3)), backend.Log: one(positive(2, 3)), backend.Log1p: one(r(-0.5, 2, 4)),
	backend.Sin: one(x(4)), backend.Cos: one(x(4)), backend.Tan: one(r(-1, 1, 4)), backend.Tanh: one(x(2, 3)),
	backend.Sigmoid: one(x(2, 3)), backend.Softplus: one(x(2, 3)), backend.ReLU: one(x(3, 4)),
	backend.Floor: one(x(4)), backend.Ceil: one(x(4)), backend.Round: one(x(4)), backend.Erf: one(x(4)), backend.GELU: one(x(4)), backend.GELUGrad: one(x(4)),

	backend.Add: pairs(x, x), backend.Sub: pairs(x, x), backend.Mul: pairs(x, x), backend.Div: pairs(x, positive),
	backend.Pow: append(pairs(positive, x),
		sample{in: []operand{x(4), {fixed: []float64{3}}}},
		sample{in: []operand{x(4), {fixed: []float64{2}}}},
		sample{in: []operand{x(4), {fixed: []float64{1}}}},
		sample{in: []operand{x(4), {fixed: []float64{0}}}}),
	backend.Mod:     pairs(x, positive),
	backend.Maximum: pairs(x, x), backend.Minimum: pairs(x, x),
	backend.Equal: pairs(x, x), backend.NotEqual: pairs(x, x), backend.Less: pairs(x, x),
	backend.LessEqual: pairs(x, x), backend.Greater: pairs(x, x), backend.GreaterEqual: pairs(x, x),
	backend.And: pairs(truth, truth), backend.Or: pairs(truth, truth), backend.Not: one(truth(3)),
	backend.Where: {
		{in: []operand{truth(2, 3), x(2, 3), x(2, 3)}},
		{in: []operand{truth(3), x(2, 1), x()}},
	},
	backend.Cast: {
		{attrs: CastAttrs{backend.Float64}, in: []operand{x(3)}},
		{attrs: CastAttrs{backend.Int64}, in: []operand{x(3)}},
		{attrs: CastAttrs{backend.Float64}, in: []operand{truth(3)}},
	},
	StopGradientOp: {{in: []operand{x(3)}, stops: true}},
	keyedOp: {
		{attrs: keyedAttrs{backend.RandomUniform, RandomAttrs{backend.Float64, []int{3}}}, in: []operand{ints(7, 2)}},
		{attrs: keyedAttrs{backend.RandomNormal, RandomAttrs{DType: backend.Float64}}, in: []operand{ints(7, 2), x(2, 2)}},
	},
	customOp: {{attrs: customAttrs{func(xs []*Node, y, g *Node) ([]*Node, error) { return make([]*Node, len(xs)), nil }},
		in: []operand{x(3), x(3)}, stops: true}},

	backend.Reshape: {
		{attrs: ShapeAttrs{[]int{3, 2}}, in: []operand{x(2, 3)}},
		{attrs: ShapeAttrs{[]int{Dim(1), -1, 1}}, in: []operand{x(2, 3, 2)}},
		{attrs: ShapeAttrs{}, in: []operand{x(2, 3), x(6)}},
	},
	backend.BroadcastTo: {
		{attrs: ShapeAttrs{[]int{2, 2, 3}}, in: []operand{x(2, 1)}},
		{attrs: ShapeAttrs{}, in: []operand{x(3), x(2, 3)}},
	},
	SumTo: {
		{attrs: ShapeAttrs{[]int{2, 1}}, in: []operand{x(3, 2, 2)}},
		{attrs: ShapeAttrs{[]int{}}, in: []operand{x(2, 2)}},
		{attrs: ShapeAttrs{}, in: []operand{x(2, 3), x(3)}},
	},
	backend.Transpose: {
		{attrs: backend.TransposeAttrs{Perm: []int{1, 0}}, in: []operand{x(2, 3)}},
		{attrs: backend.TransposeAttrs{Perm: []int{2, 0, 1}}, in: []operand{x(2, 3, 2)}},
	},
	backend.Slice: {
		{attrs: RangeAttrs{[]Range{span(1, 3, 1), WholeRange}}, in: []operand{x(4, 3)}},
		{attrs: RangeAttrs{[]Range{span(0, 5, 2), {Step: -1, FromStart: true, ToEnd: true}}}, in: []operand{x(5, 3)}},
		{attrs: RangeAttrs{[]Range{{Start: -3, Step: 1, ToEnd: true}, {Stop: -1, Step: 1, FromStart: true}}}, in: []operand{x(4, 3)}},
	},
	Unslice: {
		{attrs: UnsliceAttrs{[]Range{span(1, 3, 1), WholeRange}, []int{4, 3}}, in: []operand{x(2, 3)}},
		{attrs: UnsliceAttrs{[]Range{span(0, 5, 2), span(1, 3, 1)}, nil}, in: []operand{x(3, 2), x(5, 4)}},
	},
	backend.Pad: {
		{attrs: backend.PadAttrs{Before: []int{1, 0}, After: []int{2, 0}}, in: []operand{x(2, 3)}},
		{attrs: backend.PadAttrs{Before: []int{0, 2}, After: []int{1, 1}}, in: []operand{x(2, 3)}},
	},
	backend.Concat: {
		{attrs: backend.AxisAttrs{Axis: 0}, in: []operand{x(2, 3), x(1, 3)}},
		{attrs: backend.AxisAttrs{Axis: 1}, in: []operand{x(2, 1), x(2, 2), x(2, 3)}},
	},
	Part: {
		{attrs: PartAttrs{1, 1}, in: []operand{x(2, 6), x(2, 1), x(2, 2), x(2, 3)}},
	},
	backend.Gather: {
		{attrs: backend.AxisAttrs{Axis: 0}, in: []operand{x(4, 2), ints(3, 0, 0)}},
		{attrs: backend.AxisAttrs{Axis: 1}, in: []operand{x(2, 3, 2), ints(2, -1, 0, 1)}},
	},
	backend.ScatterAdd: {
		{attrs: ScatterAttrs{0, 4}, in: []operand{ints(3, 0, 0), x(3, 2)}},
		{attrs: ScatterAttrs{1, -1}, in: []operand{ints(2, 1), x(2, 2), x(2, 3)}},
	},
	backend.OneHot: {{attrs: OneHotAttrs{4, backend.Float64}, in: []operand{ints(3, 0, 7)}}},

	backend.Sum: reduced(x), Mean: reduced(x), backend.Prod: reduced(positive), backend.Max: reduced(x), backend.Min: reduced(x),
	Count: reduced(x), backend.Any: reduced(truth), backend.All: reduced(truth),
	backend.ArgMax: {{attrs: backend.AxisAttrs{Axis: 1}, in: []operand{x(2, 4)}}},
	backend.ArgMin: {{attrs: backend.AxisAttrs{Axis: 0}, in: []operand{x(2, 4)}}},

	backend.MatMul: {
		{attrs: backend.MatMulAttrs{}, in: []operand{x(2, 3), x(3, 4)}},
		{attrs: backend.MatMulAttrs{TransA: true}, in: []operand{x(3, 2), x(3, 4)}},
		{attrs: backend.MatMulAttrs{TransB: true}, in: []operand{x(2, 3), x(4, 3)}},
		{attrs: backend.MatMulAttrs{TransA: true, TransB: true}, in: []operand{x(3, 2), x(4, 3)}},
		{attrs: backend.MatMulAttrs{}, in: []operand{x(2, 1, 2, 3), x(2, 3, 2)}},
		{attrs: backend.MatMulAttrs{TransB: true}, in: []operand{x(2, 2, 3), x(2, 3)}},
	},
	backend.Softmax:                 {{attrs: backend.AxisAttrs{Axis: 1}, in: []operand{x(2, 3)}}, {attrs: backend.AxisAttrs{Axis: 0}, in: []operand{x(3, 2)}}},
	backend.LogSoftmax:              {{attrs: backend.AxisAttrs{Axis: 1}, in: []operand{x(2, 3)}}, {attrs: backend.AxisAttrs{Axis: 0}, in: []operand{x(3, 2)}}},
	backend.SoftmaxCrossEntropy:     {{in: []operand{x(3, 4), ints(0, 3, 1)}}},
	backend.SoftmaxCrossEntropyGrad: {{in: []operand{x(3, 4), ints(0, 3, 1), x(3)}}},

	backend.Conv2D: {
		{attrs: conv(1, 0, 1, 1, false), in: []operand{x(2, 2, 4, 4), x(3, 2, 3, 2)}},
		{attrs: conv(2, 1, 1, 1, false), in: []operand{x(1, 2, 5, 4), x(2, 2, 3, 3)}},
		{attrs: conv(1, 1, 2, 2, false), in: []operand{x(1, 4, 5, 5), x(2, 2, 2, 2)}},
		{attrs: conv(2, 0, 1, 1, true), in: []operand{x(1, 1, 5, 4), x(1, 1, 2, 3)}},
	},
	backend.Conv2DGradInput: {
		{attrs: ConvGradAttrs{conv(2, 1, 1, 1, false), []int{1, 2, 5, 4}}, in: []operand{x(2, 2, 3, 3), x(1, 2, 3, 2)}},
	},
	backend.Conv2DGradWeight: {
		{attrs: ConvGradAttrs{conv(2, 1, 1, 1, false), []int{2, 2, 3, 3}}, in: []operand{x(1, 2, 5, 4), x(1, 2, 3, 2)}},
	},
	backend.MaxPool2D: {
		{attrs: pool(2, 2, 0, false), in: []operand{x(1, 2, 4, 5)}},
		{attrs: pool(3, 2, 1, false), in: []operand{x(1, 1, 4, 5)}},
		{attrs: pool(2, 2, 0, true), in: []operand{x(1, 1, 3, 5)}},
	},
	backend.MaxPool2DGrad: {{attrs: pool(2, 2, 0, false), in: []operand{x(1, 2, 4, 4), x(1, 2, 2, 2)}}},
	backend.MaxPool2DPick: {{attrs: pool(3, 2, 1, false), in: []operand{x(1, 1, 4, 4), x(1, 1, 4, 4)}}},
}

// node draws the operand.
func (o operand) node(rng *rand.Rand, make func(Type, backend.Buffer) *Node) *Node {
	n := backend.Size(o.shape)
	switch {
	case o.ints != nil:
		b := backend.NewBuffer(backend.Int64, n)
		copy(backend.View[int64](b), o.ints)
		return Constant(Type{backend.Int64, o.shape}, b)
	case o.bools:
		b := backend.NewBuffer(backend.Bool, n)
		for i := range n {
			b.Bytes()[i] = uint8(rng.IntN(2))
		}
		return Constant(Type{backend.Bool, o.shape}, b)
	}
	b := backend.NewBuffer(backend.Float64, n)
	for i := range n {
		backend.View[float64](b)[i] = o.low + (o.high-o.low)*rng.Float64()
		if o.holes && i%3 == 0 {
			backend.View[float64](b)[i] = 0
		}
	}
	if o.diagonal {
		k := o.shape[len(o.shape)-1]
		for i := range n {
			if row := i / k % k; row == i%k {
				backend.View[float64](b)[i] += float64(4 * (row + 1))
			} else {
				backend.View[float64](b)[i] /= 2
			}
		}
	}
	if o.fixed != nil {
		copy(backend.View[float64](b), o.fixed)
		return Constant(Type{backend.Float64, o.shape}, b)
	}
	return make(Type{backend.Float64, o.shape}, b)
}
