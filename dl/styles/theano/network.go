package theano

import (
	"fmt"
	"math"

	"github.com/fluxion-go/fluxion/dl"
)

// A Network is a chain of layers trained on batches of shared data, written with
// the rest of this package as a user of Theano would write it.
type Network struct {
	layers    []Layer
	batch     int
	x, y      *Variable // symbols for a batch
	output    *Variable
	params    []*Variable
	lastLayer SoftmaxLayer
}

// A Layer of a [Network] makes its parameters when the network is made.
type Layer interface {
	// connect returns the outputs for a batch of inputs, and the parameters: the
	// weights first.
	connect(input *Variable, batch int) (output *Variable, params []*Variable)
}

// ConvPoolLayer is a convolution with filters of the shape [filters, channels,
// rows, columns], with as many rows and columns as the pictures have, an
// activation, and the maxima of windows of PoolSize (2×2 where that is 0).
type ConvPoolLayer struct {
	FilterShape [4]int
	ImageShape  [3]int // channels, rows, columns
	PoolSize    int
	Activation  func(x any) *Variable // Sigmoid where nil
}

func (l ConvPoolLayer) connect(input *Variable, batch int) (*Variable, []*Variable) {
	f, size := l.FilterShape, l.PoolSize
	if size == 0 {
		size = 2
	}
	spread := math.Sqrt(float64(size*size) / float64(f[0]*f[2]*f[3]))
	w := Shared(dl.Randn(f[0], f[1], f[2], f[3]).Mul(spread), "w")
	b := Shared(dl.Randn(f[0]), "b")
	pictures := input.Reshape(batch, l.ImageShape[0], l.ImageShape[1], l.ImageShape[2])
	z := Conv2D(pictures, w, Half).Add(b.Reshape(1, f[0], 1, 1))
	return Pool2D(activated(l.Activation, z), size, size), []*Variable{w, b}
}

// FullyConnectedLayer is activation(x·w + b).
type FullyConnectedLayer struct {
	In, Out    int
	Activation func(x any) *Variable // Sigmoid where nil
}

func (l FullyConnectedLayer) connect(input *Variable, batch int) (*Variable, []*Variable) {
	w := Shared(dl.Randn(l.In, l.Out).Mul(math.Sqrt(1/float64(l.In))), "w")
	b := Shared(dl.Randn(l.Out), "b")
	return activated(l.Activation, Dot(input.Reshape(batch, l.In), w).Add(b)), []*Variable{w, b}
}

func activated(f func(x any) *Variable, z *Variable) *Variable {
	if f == nil {
		f = Sigmoid
	}
	return f(z)
}

// SoftmaxLayer is softmax(x·w + b), with all parameters 0 at first. It must be
// the last.
type SoftmaxLayer struct{ In, Out int }

func (l SoftmaxLayer) connect(input *Variable, batch int) (*Variable, []*Variable) {
	w, b := Shared(dl.Zeros(l.In, l.Out), "w"), Shared(dl.Zeros(l.Out), "b")
	return Softmax(Dot(input.Reshape(batch, l.In), w).Add(b)), []*Variable{w, b}
}

// cost is the mean of −log of what the network gives the right classes.
func (l SoftmaxLayer) cost(output, y *Variable) *Variable {
	return CategoricalCrossentropy(output, y).Mean()
}

func (l SoftmaxLayer) accuracy(output, y *Variable) *Variable {
	return Eq(Argmax(output, 1), y).Cast(dl.Float32).Mean()
}

// NewNetwork returns the network of the layers for batches of a fixed size.
func NewNetwork(layers []Layer, miniBatchSize int) *Network {
	n := &Network{layers: layers, batch: miniBatchSize, x: Matrix("x"), y: LVector("y")}
	out := n.x
	for i, l := range layers {
		var params []*Variable
		out, params = l.connect(out, miniBatchSize)
		for _, p := range params {
			n.params = append(n.params, p.Named(fmt.Sprintf("%d.%s", i+1, p.Name())))
		}
	}
	last, ok := layers[len(layers)-1].(SoftmaxLayer)
	if !ok {
		panic(&dl.Error{Op: "network", Axis: -1, Msg: "the last layer is no SoftmaxLayer"})
	}
	n.output, n.lastLayer = out, last
	return n
}

// Params returns the parameters of all layers, for each its weights and its
// biases.
func (n *Network) Params() []*Variable { return n.params }

// Data is a shared data set: rows of inputs, and class numbers.
type Data struct{ X, Y *Variable }

// SharedData puts data into shared variables.
func SharedData(x, y any) Data { return Data{Shared(x, "x"), Shared(dl.NewAs(dl.Int64, y), "y")} }

// Options are those of [Network.SGD].
type Options struct {
	Epochs int
	Eta    float64 // the step
	Lambda float64 // of the L2 penalty λ/2·Σw² over the number of batches
}

// An Epoch is what training reports of one pass over the data.
type Epoch struct {
	Cost       float64 // mean over its batches
	Validation float64 // the part of the validation data that is named right after it
}

// batches returns how many whole batches there are.
func (n *Network) batches(d Data) int { return d.X.Shape()[0] / n.batch }

// givens puts batch i of d in the places of the symbols.
func (n *Network) givens(i *Variable, d Data) Givens {
	rows := dl.Arange(n.batch).Add(i.Mul(n.batch))
	return Givens{n.x: d.X.Gather(rows, 0), n.y: d.Y.Gather(rows, 0)}
}

// SGD trains by stochastic gradient descent.
func (n *Network) SGD(training, validation Data, o Options) []Epoch {
	l2 := dl.Scalar(0.0)
	for k := 0; k < len(n.params); k += 2 {
		l2 = l2.Add(Sqr(n.params[k]).Sum())
	}
	cost := n.lastLayer.cost(n.output, n.y).Add(l2.Mul(0.5 * o.Lambda / float64(n.batches(training))))
	var updates Updates
	for k, g := range Grad(cost, n.params...) {
		updates = append(updates, [2]*Variable{n.params[k], n.params[k].Sub(g.Mul(o.Eta))})
	}
	i := LScalar("i")
	train := Function(Inputs{i}, Outputs{cost}, updates, n.givens(i, training))
	validate := Function(Inputs{i}, Outputs{n.lastLayer.accuracy(n.output, n.y)}, n.givens(i, validation))

	mean := func(f *dl.Func, batches int) float64 {
		sum := 0.0
		for k := range batches {
			sum += f.Call(k)[0].Item()
		}
		return sum / float64(batches)
	}
	var epochs []Epoch
	for range o.Epochs {
		c := mean(train, n.batches(training))
		epochs = append(epochs, Epoch{Cost: c, Validation: mean(validate, n.batches(validation))})
	}
	return epochs
}
