package main

import (
	"math"

	"github.com/fluxion-go/fluxion/dl"
)

// A cell computes the next state of a recurrent layer from what the inputs
// bring and the states before; the first state is also its result.
type cell struct {
	states, gates int
	next          func(pre *dl.Tensor, states []*dl.Tensor) []*dl.Tensor
}

var (
	simple = cell{1, 1, func(pre *dl.Tensor, _ []*dl.Tensor) []*dl.Tensor { return []*dl.Tensor{pre.Tanh()} }}
	long   = cell{2, 4, func(pre *dl.Tensor, states []*dl.Tensor) []*dl.Tensor {
		n := pre.Shape()[1] / 4
		gate := func(i int) *dl.Tensor { return pre.Slice(dl.Between(0, pre.Shape()[0]), dl.Between(i*n, (i+1)*n)) }
		c := gate(1).Sigmoid().Mul(states[1]).Add(gate(0).Sigmoid().Mul(gate(2).Tanh()))
		return []*dl.Tensor{gate(3).Sigmoid().Mul(c.Tanh()), c}
	}}
)

// language trains a model of the next word: embedding, recurrent layer,
// classifier.
func language(c cell) func() func() int {
	const length, batch, hidden, words = 100, 32, 128, 1000
	return func() func() int {
		weight := func(name string, shape ...int) *dl.Tensor { return dl.Variable(dl.Randn(shape...).Mul(0.08), name) }
		embedding := weight("embedding", words, hidden)
		in, turn := weight("input", hidden, c.gates*hidden), weight("turn", hidden, c.gates*hidden)
		bias := weight("bias", c.gates*hidden)
		out, outBias := weight("out", hidden, words), weight("out bias", words)
		x, y := dl.Placeholder("x", dl.Int64, length, batch), dl.Placeholder("y", dl.Int64, length*batch)

		inputs := embedding.Gather(x, 0).MatMul(in).Add(bias)
		states := make([]*dl.Tensor, c.states)
		for i := range states {
			states[i] = dl.Zeros(batch, hidden)
		}
		var results []*dl.Tensor
		for t := range length {
			states = c.next(inputs.Index(t).Add(states[0].MatMul(turn)), states)
			results = append(results, states[0])
		}
		logits := dl.Stack(0, results...).Reshape(length*batch, hidden).MatMul(out).Add(outBias)
		cost := dl.SoftmaxCrossEntropy(logits, y).Mean()
		return trainer(0.1, cost, []*dl.Tensor{embedding, in, turn, bias, out, outBias}, []*dl.Tensor{x, y},
			dl.RandInt(0, words, length, batch), dl.RandInt(0, words, length*batch))
	}
}

// transformer trains four pre-norm layers with causal attention.
func transformer() func() int {
	const depth, batch, length, width, heads = 4, 8, 128, 256, 4
	var parameters []*dl.Tensor
	weight := func(rows, columns int) *dl.Tensor {
		w := dl.Variable(dl.Randn(rows, columns).Mul(1/math.Sqrt(float64(rows))), "weight")
		parameters = append(parameters, w)
		return w
	}
	vector := func(n int, v float64) *dl.Tensor {
		b := dl.Variable(dl.Full(v, n), "vector")
		parameters = append(parameters, b)
		return b
	}
	dense := func(x *dl.Tensor, from, to int) *dl.Tensor { return x.MatMul(weight(from, to)).Add(vector(to, 0)) }
	norm := func(x *dl.Tensor) *dl.Tensor {
		centred := x.Sub(x.Mean(-1).ExpandDims(-1))
		spread := centred.Square().Mean(-1).ExpandDims(-1).Add(1e-5).Sqrt()
		return centred.Div(spread).Mul(vector(width, 1)).Add(vector(width, 0))
	}
	mask := make([]float32, length*length)
	for i := range length {
		for j := i + 1; j < length; j++ {
			mask[i*length+j] = -1e9
		}
	}
	later := dl.New(mask, length, length)
	attention := func(x *dl.Tensor) *dl.Tensor {
		qkv := dense(x, width, 3*width).Reshape(batch, length, 3, heads, width/heads).Transpose(2, 0, 3, 1, 4)
		q, k, v := qkv.Index(0), qkv.Index(1), qkv.Index(2)
		scores := q.MatMul(k.Transpose(0, 1, 3, 2)).Mul(1 / math.Sqrt(width/heads)).Add(later)
		a := scores.Softmax(-1).MatMul(v).Transpose(0, 2, 1, 3).Reshape(batch, length, width)
		return dense(a, width, width)
	}
	gelu := func(x *dl.Tensor) *dl.Tensor {
		return x.Mul(0.5).Mul(x.Mul(1 / math.Sqrt2).Erf().Add(1))
	}
	x, y := dl.Placeholder("x", dl.Float32, batch, length, width), dl.Placeholder("y", dl.Float32, batch, length, width)
	h := x
	for range depth {
		h = h.Add(attention(norm(h)))
		h = h.Add(dense(gelu(dense(norm(h), width, 4*width)), 4*width, width))
	}
	cost := h.Sub(y).Square().Mean()
	return trainer(0.01, cost, parameters, []*dl.Tensor{x, y}, dl.Randn(batch, length, width), dl.Randn(batch, length, width))
}
