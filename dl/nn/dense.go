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
// [n, inputs] or, at each step of sequences, [n, steps, inputs]; w is [inputs,
// units], b is [units]. Options: [Weights] ([HeNormal] where not given),
// [Biases] ([Zeros]), [NoBias], [Penalise].
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
	last := x.Rank() - 1
	if s := x.Shape(); len(s) != 2 && len(s) != 3 {
		help := "put nn.Flatten() in front"
		if len(s) < 2 {
			help = oneExample
		}
		panic(misuse("input", x, help, "shape %s, want 2 axes, (examples, inputs), or 3, (examples, steps, inputs)", graph.ShapeString(s)))
	}
	if l.w == nil {
		inputs := known(x, last)
		l.w = parameter(x, "weights", l.options.weights, inputs, l.units, inputs, l.units)
		if !l.options.noBias {
			l.b = parameter(x, "biases", l.options.biases, inputs, l.units, l.units)
		}
	}
	if inputs := x.Shape()[last]; inputs >= 0 && inputs != l.w.Shape()[0] {
		panic(misuse("input", x, "the examples need the features that the model was built or trained with", "%d numbers an example, but the layer was made for %d", inputs, l.w.Shape()[0]))
	}
	y := x.MatMul(l.w)
	if l.b != nil {
		y = y.Add(l.b)
	}
	return y
}

func (l *dense) Parameters() []*dl.Tensor { return present(l.w, l.b) }
func (l *dense) penalties() []*dl.Tensor  { return l.options.of(l.w) }
