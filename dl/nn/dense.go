package nn

import (
	"fmt"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

type dense struct {
	units   int
	options options
	w, b    *dl.Tensor // [inputs, units] and [units]
}

// Dense returns the layer x·w + b with as many outputs as units, for inputs
// [n, inputs]; w is [inputs, units], b is [units]. Options: [Weights]
// ([HeNormal] where not given), [Biases] ([Zeros]), [NoBias].
func Dense(units int, given ...Option) Layer {
	l := &dense{units: units}
	l.options = collect(l.String(), given, parameterOptions...)
	if units < 1 {
		panic(misuse("nn", nil, "", "%s: want at least 1 unit", l))
	}
	return l
}

func (l *dense) String() string { return fmt.Sprintf("dense(%d)", l.units) }

func (l *dense) Apply(x *dl.Tensor) *dl.Tensor {
	if s := x.Shape(); len(s) != 2 {
		panic(misuse("input", x, "put nn.Flatten() in front", "shape %s, want 2 axes, (examples, inputs)", graph.ShapeString(s)))
	}
	if l.w == nil {
		inputs := known(x, 1)
		l.w = parameter(x, "weights", l.options.weights, inputs, l.units, inputs, l.units)
		if !l.options.noBias {
			l.b = parameter(x, "biases", l.options.biases, inputs, l.units, l.units)
		}
	}
	if inputs := x.Shape()[1]; inputs >= 0 && inputs != l.w.Shape()[0] {
		panic(misuse("input", x, "", "%d numbers an example, but the layer was made for %d", inputs, l.w.Shape()[0]))
	}
	y := x.MatMul(l.w)
	if l.b != nil {
		y = y.Add(l.b)
	}
	return y
}

func (l *dense) Parameters() []*dl.Tensor { return present(l.w, l.b) }

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
