package nn

import (
	"fmt"

	"github.com/fluxion-go/fluxion/dl"
)

// A recurrent layer computes its state at each step of sequences from the input
// there and the state of the step before.
type recurrent struct {
	name           string
	units          int
	gates          int // how many times units the projections are
	options        options
	step           func(l *recurrent, x, h, c *dl.Tensor) (nextH, nextC *dl.Tensor)
	wx, wh, bx, bh *dl.Tensor // [inputs, gates·units], [units, gates·units] and twice [gates·units]
}

var recurrentOptions = append([]string{"Recurrent", "Last"}, parameterOptions...)

// Recurrent sets how the weights begin by which a recurrent layer looks at its
// own state.
func Recurrent(init Initializer) Option {
	return Option{"Recurrent", func(o *options) { o.recurrent = init }}
}

// Last makes a recurrent layer give its state after the last step only: [n,
// units] rather than [n, steps, units].
func Last() Option { return Option{"Last", func(o *options) { o.last = true }} }

// Activation sets what a layer that has an activation in it applies, such as
// (*dl.Tensor).ReLU.
func Activation(f func(x *dl.Tensor) *dl.Tensor) Option {
	return Option{"Activation", func(o *options) { o.activation = f }}
}

func newRecurrent(l recurrent, given []Option, allowed []string) Layer {
	l.options = collect(l.String(), append([]Option{Weights(GlorotUniform)}, given...), allowed...)
	if l.options.activation == nil {
		l.options.activation = (*dl.Tensor).Tanh
	}
	if l.units < 1 {
		panic(misuse("nn", nil, "", "%s: want at least 1 unit", &l))
	}
	return &l
}

// RNN returns the network of Elman, "Finding structure in time" (1990), over
// sequences x [n, steps, inputs]: with h₀ = 0,
//
//	hₜ = tanh(xₜ·W + b + hₜ₋₁·U + c)
//
// It gives all states, [n, steps, units]. Options: [Last], [Activation] instead
// of tanh, [Weights] ([GlorotUniform]), [Recurrent] ([Orthogonal]), [Biases],
// [NoBias], [Penalise].
func RNN(units int, given ...Option) Layer {
	return newRecurrent(recurrent{name: "rnn", units: units, gates: 1,
		step: func(l *recurrent, x, h, c *dl.Tensor) (*dl.Tensor, *dl.Tensor) {
			return l.options.activation(x.Add(l.project(h))), c
		}}, given, append([]string{"Activation"}, recurrentOptions...))
}

// LSTM returns long short-term memory, Hochreiter and Schmidhuber (1997) with
// the forget gate of Gers and others (2000), over sequences x [n, steps,
// inputs]: with h₀ = c₀ = 0, the four gates side by side in W, U and the biases,
//
//	i, f, g, o = σ, σ, tanh, σ of xₜ·W + b + hₜ₋₁·U + d
//	cₜ = f·cₜ₋₁ + i·g
//	hₜ = o·tanh(cₜ)
//
// It gives all hₜ, [n, steps, units]. It has the options of [RNN] but
// Activation.
func LSTM(units int, given ...Option) Layer {
	return newRecurrent(recurrent{name: "lstm", units: units, gates: 4,
		step: func(l *recurrent, x, h, c *dl.Tensor) (*dl.Tensor, *dl.Tensor) {
			all := x.Add(l.project(h))
			gate := func(k int) *dl.Tensor { return all.Slice(dl.All, dl.Between(k*l.units, (k+1)*l.units)) }
			c = gate(1).Sigmoid().Mul(c).Add(gate(0).Sigmoid().Mul(gate(2).Tanh()))
			return gate(3).Sigmoid().Mul(c.Tanh()), c
		}}, given, recurrentOptions)
}

// GRU returns gated recurrent units, Cho and others (2014), in the form of
// PyTorch, over sequences x [n, steps, inputs]: with h₀ = 0, the three gates
// side by side in W, U and the biases,
//
//	r = σ(xₜ·Wᵣ + bᵣ + hₜ₋₁·Uᵣ + dᵣ)
//	z = σ(xₜ·W_z + b_z + hₜ₋₁·U_z + d_z)
//	g = tanh(xₜ·W_g + b_g + r·(hₜ₋₁·U_g + d_g))
//	hₜ = (1−z)·g + z·hₜ₋₁
//
// It gives all hₜ, [n, steps, units]. It has the options of [RNN] but
// Activation.
func GRU(units int, given ...Option) Layer {
	return newRecurrent(recurrent{name: "gru", units: units, gates: 3,
		step: func(l *recurrent, x, h, c *dl.Tensor) (*dl.Tensor, *dl.Tensor) {
			u := l.project(h)
			gate := func(t *dl.Tensor, k int) *dl.Tensor { return t.Slice(dl.All, dl.Between(k*l.units, (k+1)*l.units)) }
			r := gate(x, 0).Add(gate(u, 0)).Sigmoid()
			z := gate(x, 1).Add(gate(u, 1)).Sigmoid()
			g := gate(x, 2).Add(r.Mul(gate(u, 2))).Tanh()
			return g.Add(z.Mul(h.Sub(g))), c
		}}, given, recurrentOptions)
}

// project returns h·U + its biases.
func (l *recurrent) project(h *dl.Tensor) *dl.Tensor {
	y := h.MatMul(l.wh)
	if l.bh != nil {
		y = y.Add(l.bh)
	}
	return y
}

func (l *recurrent) String() string {
	if l.options.last {
		return fmt.Sprintf("%s(%d, last)", l.name, l.units)
	}
	return fmt.Sprintf("%s(%d)", l.name, l.units)
}

func (l *recurrent) Parameters() []*dl.Tensor { return present(l.wx, l.wh, l.bx, l.bh) }
func (l *recurrent) penalties() []*dl.Tensor  { return l.options.of(l.wx, l.wh) }

func (l *recurrent) Apply(x *dl.Tensor) *dl.Tensor {
	checkSteps(x)
	if l.wx == nil {
		l.make(x, known(x, 2))
	}
	if in := x.Shape()[2]; in >= 0 && in != l.wx.Shape()[0] {
		panic(misuse("input", x, "", "%d numbers a step, but the layer was made for %d", in, l.wx.Shape()[0]))
	}
	projected := x.SwapAxes(0, 1).MatMul(l.wx) // [steps, n, …]: the input may be the narrower of the two to turn
	if l.bx != nil {
		projected = projected.Add(l.bx)
	}
	start := dl.ZerosLike(projected.Slice(0, dl.All, dl.To(l.units)))
	states := dl.Scan(func(x, h, c *dl.Tensor) (nextH, nextC *dl.Tensor) { return l.step(l, x, h, c) }, dl.ScanOptions{
		Sequences: []dl.Sequence{{X: projected}},
		States:    []dl.State{{Initial: start}, {Initial: start}},
	})[0]
	if l.options.last {
		return states.Index(-1)
	}
	return states.SwapAxes(0, 1)
}

func (l *recurrent) make(x *dl.Tensor, inputs int) {
	wide := l.gates * l.units
	l.wx = parameter(x, "weights", l.options.weights, inputs, l.units, inputs, wide)
	// Each gate has a matrix of its own, which matters to Orthogonal.
	var parts []*dl.Tensor
	for range l.gates {
		parts = append(parts, l.options.recurrent(l.units, l.units, l.units, l.units))
	}
	whole := dl.Concat(1, parts...)
	l.wh = parameter(x, "recurrent weights", func(int, int, ...int) *dl.Tensor { return whole }, l.units, l.units, l.units, wide)
	if !l.options.noBias {
		l.bx = parameter(x, "biases", l.options.biases, inputs, l.units, wide)
		l.bh = parameter(x, "recurrent biases", l.options.biases, inputs, l.units, wide)
	}
}

type bidirectional struct{ parent }

// Bidirectional returns the layer of two layers over sequences, of which the
// second gets and gives its steps in reverse order, with their outputs side by
// side: Schuster and Paliwal (1997). The two must be different layers.
//
//	nn.Bidirectional(nn.LSTM(32), nn.LSTM(32)) // gives [n, steps, 64]
func Bidirectional(forward, backward Layer) Layer {
	if forward == nil || backward == nil || forward == backward {
		panic(misuse("nn", nil, "", "Bidirectional needs two layers, not one twice"))
	}
	return &bidirectional{parent{layers: []Layer{forward, backward}, names: []string{"forward", "backward"}}}
}

func (l *bidirectional) String() string                { return "bidirectional" }
func (l *bidirectional) Apply(x *dl.Tensor) *dl.Tensor { return l.ApplyIn(Evaluation(), x) }

func (l *bidirectional) ApplyIn(p *Pass, x *dl.Tensor) *dl.Tensor {
	checkSteps(x)
	there, back := p.Apply(l.layers[0], x), p.Apply(l.layers[1], x.Flip(1))
	if back.Rank() == 3 {
		back = back.Flip(1)
	}
	return dl.Concat(-1, there, back)
}
