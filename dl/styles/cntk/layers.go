package cntk

import (
	"fmt"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/nn"
)

// A Layer computes something from its input. It makes its parameters when it is
// first applied, and uses the same ones from then on.
type Layer func(x *Variable) *Variable

// An Option changes how a layer is made.
type Option func(*options)

type options struct {
	activation func(x *Variable) *Variable
	pad        bool
	strides    [2]int
	init       nn.Initializer
	noBias     bool
}

// Activation sets what is done to the outputs of a layer.
func Activation(f func(x *Variable) *Variable) Option { return func(o *options) { o.activation = f } }

// Pad sets whether a convolution or pooling has zeros around its input such that,
// with stride 1, as many rows and columns come out.
func Pad(pad bool) Option { return func(o *options) { o.pad = pad } }

// Strides sets how far the window of a convolution or pooling moves.
func Strides(rows, columns int) Option {
	return func(o *options) { o.strides = [2]int{rows, columns} }
}

// Init sets how weights begin; [nn.GlorotUniform] where it is not given.
func Init(init nn.Initializer) Option { return func(o *options) { o.init = init } }

// Bias sets whether a layer has biases, which it has where it is not given.
func Bias(bias bool) Option { return func(o *options) { o.noBias = !bias } }

func collect(given []Option) options {
	o := options{init: nn.GlorotUniform, strides: [2]int{1, 1}}
	for _, g := range given {
		g(&o)
	}
	return o
}

// finish applies the activation behind a layer of nn.
func (o options) finish(l nn.Layer) Layer {
	return func(x *Variable) *Variable {
		y := l.Apply(x)
		if o.activation != nil {
			y = o.activation(y)
		}
		return y
	}
}

func (o options) parameters() []nn.Option {
	out := []nn.Option{nn.Weights(o.init)}
	if o.noBias {
		out = append(out, nn.NoBias())
	}
	return out
}

// Dense returns the layer activation(x·w + b) with some outputs. Inputs with
// several axes are joined.
func Dense(outputs int, given ...Option) Layer {
	o := collect(given)
	f := o.finish(nn.Dense(outputs, o.parameters()...))
	return func(x *Variable) *Variable {
		if x.Rank() > 2 {
			x = x.Flatten()
		}
		return f(x)
	}
}

// Convolution returns a convolution of images with filters of size×size.
func Convolution(size [2]int, filters int, given ...Option) Layer {
	o := collect(given)
	return o.finish(nn.Conv2D(filters, square("convolution", size), append(o.window(), o.parameters()...)...))
}

// MaxPooling returns the layer of the maxima of windows, which move by 1 where
// [Strides] does not say otherwise.
func MaxPooling(size [2]int, given ...Option) Layer {
	o := collect(given)
	return o.finish(nn.MaxPool2D(square("pooling", size), o.window()...))
}

func (o options) window() []nn.Option {
	w := []nn.Option{nn.Stride(square("strides", o.strides))}
	if o.pad {
		w = append(w, nn.Same())
	}
	return w
}

func square(what string, size [2]int) int {
	if size[0] != size[1] {
		panic(&dl.Error{Op: what, Axis: -1, Msg: fmt.Sprintf("%d×%d; both numbers must be equal", size[0], size[1])})
	}
	return size[0]
}

// Sequential returns the layer that applies others one after another.
func Sequential(layers ...Layer) Layer {
	return func(x *Variable) *Variable {
		for _, l := range layers {
			x = l(x)
		}
		return x
	}
}
