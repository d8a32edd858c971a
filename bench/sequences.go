package main

import (
	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/nn"
	"github.com/fluxion-go/fluxion/dl/opt"
)

// fitting returns the work of training a model by Fit for some steps, on a
// batch that is the same in each.
func fitting(model *nn.Model, x, y *dl.Tensor, o nn.FitOptions) func() int {
	o.Batch = x.Shape()[0]
	return func() int {
		model.Fit(x, y, o)
		return o.Epochs
	}
}

// language trains a model of the next word by Fit: embedding, recurrent layer,
// classifier.
func language(recurrent func(units int, given ...nn.Option) nn.Layer) func() func() int {
	const length, batch, hidden, words = 100, 32, 128, 1000
	return func() func() int {
		model := nn.Sequential(nn.Embedding(words, hidden), recurrent(hidden), nn.Dense(words))
		return fitting(model, dl.RandInt(0, words, batch, length), dl.RandInt(0, words, batch, length),
			nn.FitOptions{Epochs: 40, Optimizer: opt.SGD(0.1)})
	}
}

// transformer trains four pre-norm layers with causal attention by Fit.
func transformer() func() int {
	const depth, batch, length, width, heads = 4, 8, 128, 256, 4
	var layers []nn.Layer
	for range depth {
		layers = append(layers, nn.TransformerBlock(heads, 4*width, nn.PreNorm(), nn.Causal(), nn.Activation((*dl.Tensor).GELU)))
	}
	return fitting(nn.Sequential(layers...), dl.Randn(batch, length, width), dl.Randn(batch, length, width),
		nn.FitOptions{Epochs: 20, Optimizer: opt.SGD(0.01), Loss: nn.MeanSquaredError})
}
