package nn

import (
	"fmt"

	"github.com/fluxion-go/fluxion/dl"
)

type attention struct {
	heads        int
	options      options
	w, b         *dl.Tensor // [size, 3·size] and [3·size]: of queries, keys and values
	out, outBias *dl.Tensor // [size, size] and [size]
}

// Causal makes attention look at no later step than its own.
func Causal() Option { return Option{"Causal", func(o *options) { o.causal = true }} }

// Drop sets the rate of [Dropout] inside a layer.
func Drop(rate float64) Option { return Option{"Drop", func(o *options) { o.rate = rate }} }

// MultiHeadAttention returns the attention of Vaswani and others, "Attention is
// all you need" (2017), section 3.2, over sequences x [n, steps, size]: with
// the size cut into so many heads of d numbers each,
//
//	softmax(Q·Kᵀ/√d)·V     where Q, K, V = x·W + b
//
// for each head, side by side, and a last linear map. Of two inputs, as
// [Joiner], the queries come from the first, keys and values from the second,
// which may have another number of steps but not another size. A third input
// [n, steps] is 1 where a step of the second may be looked at, and 0 where it is
// padding. The numbers of steps may be unknown until the call. Options: [Causal], [Drop] of the weights of attention, [Weights] ([GlorotUniform]),
// [Biases], [NoBias], [Penalise].
func MultiHeadAttention(heads int, given ...Option) Joiner {
	l := &attention{heads: heads}
	l.options = collect(l.String(), append([]Option{Weights(GlorotUniform)}, given...), append([]string{"Causal", "Drop"}, parameterOptions...)...)
	if heads < 1 {
		panic(misuse("nn", nil, "", "%s: want at least 1 head", l))
	}
	checkRate("Drop", l.options.rate)
	return l
}

func (l *attention) String() string {
	if l.options.causal {
		return fmt.Sprintf("attention(%d, causal)", l.heads)
	}
	return fmt.Sprintf("attention(%d)", l.heads)
}

func (l *attention) Parameters() []*dl.Tensor { return present(l.w, l.b, l.out, l.outBias) }
func (l *attention) penalties() []*dl.Tensor  { return l.options.of(l.w, l.out) }

func (l *attention) Apply(x *dl.Tensor) *dl.Tensor { return l.ApplyIn(Evaluation(), x) }

func (l *attention) ApplyIn(p *Pass, x *dl.Tensor) *dl.Tensor {
	l.make(x)
	size := l.out.Shape()[0]
	all := x.MatMul(l.w)
	if l.b != nil {
		all = all.Add(l.b)
	}
	part := func(k int) *dl.Tensor { return all.Slice(dl.All, dl.All, dl.Between(k*size, (k+1)*size)) }
	return l.attend(p, part(0), part(1), part(2), nil)
}

// ApplyAll implements [Joiner].
func (l *attention) ApplyAll(p *Pass, xs ...*dl.Tensor) *dl.Tensor {
	if len(xs) == 1 {
		return l.ApplyIn(p, xs[0])
	}
	if len(xs) > 3 {
		panic(misuse("input", nil, "", "%d inputs, want one, or queries and what they look at, and a mask of the latter", len(xs)))
	}
	var mask *dl.Tensor
	if len(xs) == 3 {
		mask = xs[2]
	}
	checkSteps(xs[1])
	l.make(xs[0])
	size := l.out.Shape()[0]
	part := func(x *dl.Tensor, k int) *dl.Tensor {
		columns := dl.Between(k*size, (k+1)*size)
		y := x.MatMul(l.w.Slice(dl.All, columns))
		if l.b != nil {
			y = y.Add(l.b.Slice(columns))
		}
		return y
	}
	return l.attend(p, part(xs[0], 0), part(xs[1], 1), part(xs[1], 2), mask)
}

func (l *attention) make(x *dl.Tensor) {
	checkSteps(x)
	if l.w != nil {
		return
	}
	size := known(x, 2)
	if size%l.heads != 0 {
		panic(misuse("input", x, "", "%d numbers a step do not fall into %d heads", size, l.heads))
	}
	l.w = parameter(x, "weights", l.options.weights, size, size, size, 3*size)
	l.out = parameter(x, "output weights", l.options.weights, size, size, size, size)
	if !l.options.noBias {
		l.b = parameter(x, "biases", l.options.biases, size, size, 3*size)
		l.outBias = parameter(x, "output biases", l.options.biases, size, size, size)
	}
}

// attend returns what queries find, all three [n, steps, size]. mask is nil, or
// true where there is a key to look at, [n, keys].
func (l *attention) attend(p *Pass, q, k, v, mask *dl.Tensor) *dl.Tensor {
	apart := func(t *dl.Tensor) *dl.Tensor { return t.Unflatten(2, l.heads, -1).Transpose(0, 2, 1, 3) }
	o := dl.AttentionOptions{Causal: l.options.causal}
	if mask != nil {
		if mask.Rank() != 2 {
			panic(misuse("input", mask, "the third input says of each key whether it may be looked at: 1, or 0 for padding", "shape %v, want (examples, keys)", mask.Shape()))
		}
		o.Mask = mask.NotEqual(0).ExpandDims(1).ExpandDims(1)
	}
	if p.Training() {
		o.Drop = l.options.rate
	}
	y := dl.Attention(apart(q), apart(k), apart(v), o).Transpose(0, 2, 1, 3).FlattenAxes(2, 3).MatMul(l.out)
	if l.outBias != nil {
		y = y.Add(l.outBias)
	}
	return y
}

type transformer struct {
	parent
	options options
}

// PreNorm makes [TransformerBlock] normalise what goes into its parts rather
// than what comes out, which trains more stably when many are stacked.
func PreNorm() Option { return Option{"PreNorm", func(o *options) { o.preNorm = true }} }

// TransformerBlock returns a block of Vaswani and others (2017) over sequences
// x [n, steps, size]: attention with so many heads, then a network with a
// hidden layer of so many units at each step, each with a residual connection
// and layer normalisation,
//
//	x ← norm(x + attention(x))
//	x ← norm(x + W₂·relu(W₁·x))
//
// as TransformerEncoderLayer of PyTorch. Options: [PreNorm], [Causal], [Drop],
// [Activation] instead of ReLU, [Epsilon] of the norms.
func TransformerBlock(heads, hidden int, given ...Option) Layer {
	name := fmt.Sprintf("transformer(%d, %d)", heads, hidden)
	o := collect(name, given, "PreNorm", "Causal", "Drop", "Activation", "Epsilon")
	checkRate("Drop", o.rate)
	if o.activation == nil {
		o.activation = (*dl.Tensor).ReLU
	}
	within := []Option{Drop(o.rate)}
	if o.causal {
		within = append(within, Causal())
	}
	return &transformer{options: o, parent: parent{
		names: []string{"attention", "norm1", "dense1", "dense2", "norm2"},
		layers: []Layer{
			MultiHeadAttention(heads, within...), LayerNorm(Epsilon(o.epsilon)),
			Dense(hidden, Weights(GlorotUniform)), Dense(1, Weights(GlorotUniform)), LayerNorm(Epsilon(o.epsilon)),
		}}}
}

func (l *transformer) String() string {
	a, d := l.layers[0].(*attention), l.layers[2].(*dense)
	return fmt.Sprintf("transformer(%d, %d)", a.heads, d.units)
}

func (l *transformer) Apply(x *dl.Tensor) *dl.Tensor { return l.ApplyIn(Evaluation(), x) }

func (l *transformer) ApplyIn(p *Pass, x *dl.Tensor) *dl.Tensor {
	checkSteps(x)
	if d := l.layers[3].(*dense); d.w == nil {
		d.units = known(x, 2) // which only the input says
	}
	drop := func(t *dl.Tensor) *dl.Tensor {
		if p.Training() && l.options.rate > 0 {
			return dl.Dropout(t, l.options.rate)
		}
		return t
	}
	attend := func(x *dl.Tensor) *dl.Tensor { return drop(p.Apply(l.layers[0], x)) }
	feed := func(x *dl.Tensor) *dl.Tensor {
		return drop(p.Apply(l.layers[3], drop(l.options.activation(p.Apply(l.layers[2], x)))))
	}
	if l.options.preNorm {
		x = x.Add(attend(p.Apply(l.layers[1], x)))
		return x.Add(feed(p.Apply(l.layers[4], x)))
	}
	x = p.Apply(l.layers[1], x.Add(attend(x)))
	return p.Apply(l.layers[4], x.Add(feed(x)))
}
