package boltzmann

import (
	"fmt"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/nn"
)

// A DBN is a deep belief network: machines stacked so that the hidden units of
// each are the visible units of the next. Hinton, Osindero and Teh, "A fast
// learning algorithm for deep belief nets" (2006).
type DBN struct{ Machines []*RBM }

// NewDBN returns a network of machines with so many units: sizes[0] visible
// ones, and sizes[1:] in the layers above.
func NewDBN(sizes ...int) *DBN {
	if len(sizes) < 2 {
		panic(&dl.Error{Op: "dbn", Axis: -1, Msg: fmt.Sprintf("layers of %v units, want at least two", sizes)})
	}
	d := &DBN{}
	for i := range sizes[1:] {
		d.Machines = append(d.Machines, NewRBM(sizes[i], sizes[i+1]))
	}
	return d
}

// Fit trains the machines from the lowest up, each on the probabilities that
// those below give for x, and returns the last reconstruction error of each.
func (d *DBN) Fit(x *dl.Tensor, o Options) []float64 {
	var errs []float64
	for _, r := range d.Machines {
		e := r.Fit(x, o)
		errs = append(errs, e[len(e)-1])
		x = r.Up(x).StopGradient()
	}
	return errs
}

// Up returns the probabilities of the highest hidden units given v.
func (d *DBN) Up(v *dl.Tensor) *dl.Tensor {
	for _, r := range d.Machines {
		v = r.Up(v)
	}
	return v
}

// Sample returns n examples that the network dreams: Gibbs sampling in the
// highest machine, for so many steps from random states, and then one way down.
func (d *DBN) Sample(n, steps int) *dl.Tensor {
	top := d.Machines[len(d.Machines)-1]
	v := top.Gibbs(dl.Bernoulli(0.5, n, top.Visible.Size()).Cast(dl.Float32), steps)
	for i := len(d.Machines) - 2; i >= 0; i-- {
		v = d.Machines[i].Down(v)
	}
	return v
}

// Model returns a classifier with the learned layers, each dense with a
// sigmoid, and a new dense layer for so many classes on top, to be trained
// further with labels. Its weights are copies.
func (d *DBN) Model(classes int) *nn.Model {
	var layers []nn.Layer
	as := func(t *dl.Tensor) nn.Initializer {
		return func(_, _ int, _ ...int) *dl.Tensor { return t.StopGradient() }
	}
	for _, r := range d.Machines {
		layers = append(layers, nn.Dense(r.Hidden.Size(), nn.Weights(as(r.Weights)), nn.Biases(as(r.Hidden))), nn.Sigmoid())
	}
	return nn.Sequential(append(layers, nn.Dense(classes))...)
}
