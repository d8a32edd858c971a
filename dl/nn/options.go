package nn

import (
	"fmt"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// An Option changes how a layer is made. An option that the layer does not
// have is an error.
type Option struct {
	name  string
	apply func(*options)
}

type options struct {
	stride, pad     int
	dilation        int
	groups, extra   int
	same, noBias    bool
	epsilon         float64
	momentum        float64
	rate            float64
	causal, last    bool
	preNorm         bool
	activation      func(*dl.Tensor) *dl.Tensor
	recurrent       Initializer
	weights, biases Initializer
	penalty         Penalty
}

// Same pads the input of a convolution or pooling with zeros such that, with
// stride 1, the output has as many rows and columns.
func Same() Option { return Option{"Same", func(o *options) { o.same = true }} }

// Pad puts n rows and columns of zeros on every side of the input of a
// convolution or pooling.
func Pad(n int) Option { return Option{"Pad", func(o *options) { o.pad = n }} }

// Stride sets how far the window of a convolution or pooling moves: n rows, or
// n columns.
func Stride(n int) Option { return Option{"Stride", func(o *options) { o.stride = n }} }

// Dilation sets the distance of the elements that a filter reads.
func Dilation(n int) Option { return Option{"Dilation", func(o *options) { o.dilation = n }} }

// Groups splits channels and filters into n groups that are convolved apart.
func Groups(n int) Option { return Option{"Groups", func(o *options) { o.groups = n }} }

// Extra makes the result of a transposed convolution larger by n on each axis
// than the fewest that fit: PyTorch's output_padding.
func Extra(n int) Option { return Option{"Extra", func(o *options) { o.extra = n }} }

// NoBias leaves out the biases of a layer.
func NoBias() Option { return Option{"NoBias", func(o *options) { o.noBias = true }} }

// Weights sets how the weights of a layer begin.
func Weights(init Initializer) Option {
	return Option{"Weights", func(o *options) { o.weights = init }}
}

// Biases sets how the biases of a layer begin.
func Biases(init Initializer) Option {
	return Option{"Biases", func(o *options) { o.biases = init }}
}

// Penalise adds a penalty on the weights of a layer, not its biases, to what
// training makes small:
//
//	nn.Dense(100, nn.Penalise(nn.L2(1e-4)))
func Penalise(p Penalty) Option {
	return Option{"Penalise", func(o *options) { o.penalty = p }}
}

// of returns the penalties on weights, of which some may be nil.
func (o options) of(weights ...*dl.Tensor) []*dl.Tensor {
	var costs []*dl.Tensor
	for _, w := range weights {
		if o.penalty != nil && w != nil {
			costs = append(costs, o.penalty(w))
		}
	}
	return costs
}

var (
	parameterOptions = []string{"NoBias", "Weights", "Biases", "Penalise"}
	windowOptions    = []string{"Same", "Pad", "Stride"}
)

// collect returns what the options of a layer say. allowed lists the names of
// those that it has.
func collect(layer string, given []Option, allowed ...string) options {
	o := options{stride: 1, dilation: 1, groups: 1, epsilon: 1e-5, momentum: 0.1, weights: HeNormal, biases: Zeros, recurrent: Orthogonal(1)}
	for _, g := range given {
		known := false
		for _, name := range allowed {
			known = known || name == g.name
		}
		if !known {
			panic(misuse("nn", nil, fmt.Sprintf("its options are %v", allowed), "%s has no option %s", layer, g.name))
		}
		g.apply(&o)
	}
	if o.dilation < 1 || o.groups < 1 || o.extra < 0 {
		panic(misuse("nn", nil, "", "%s with dilation %d, %d groups and %d extra; want at least 1, 1 and 0", layer, o.dilation, o.groups, o.extra))
	}
	if o.stride < 1 || o.pad < 0 {
		panic(misuse("nn", nil, "", "%s with stride %d and padding %d; want a stride of at least 1 and no negative padding", layer, o.stride, o.pad))
	}
	return o
}

// parameter makes a variable in the dtype of x, or in float32 where that is
// not a floating-point type.
func parameter(x *dl.Tensor, name string, init Initializer, fanIn, fanOut int, shape ...int) *dl.Tensor {
	v := init(fanIn, fanOut, shape...)
	if x.DType().IsFloat() {
		v = v.Cast(x.DType())
	}
	return dl.Variable(v, name)
}

// known returns the length of an axis of x, which a layer needs to make its
// parameters.
func known(x *dl.Tensor, axis int) int {
	n := x.Shape()[axis]
	if n < 0 {
		panic(misuse("input", x, "give the placeholder this dimension", "axis %d of shape %s is unknown, but the size of the parameters depends on it", axis, graph.ShapeString(x.Shape())))
	}
	return n
}

// present returns those of the parameters that there are.
func present(all ...*dl.Tensor) []*dl.Tensor {
	var out []*dl.Tensor
	for _, p := range all {
		if p != nil {
			out = append(out, p)
		}
	}
	return out
}
