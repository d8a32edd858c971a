// Package boltzmann has the restricted Boltzmann machine and the deep belief
// network, the models with which deep networks were first trained, written with
// nothing but dl and dl/opt. It is short enough to be read as a lesson: how to
// train something that is no chain of layers with a loss.
package boltzmann

import (
	"fmt"
	"math/rand/v2"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/opt"
)

// An RBM is a restricted Boltzmann machine of binary units: a distribution over
// visible units v and hidden units h, 0 or 1 each, with the energy
//
//	E(v, h) = −v·a − h·b − v·W·h        p(v, h) ∝ exp(−E(v, h))
//
// Smolensky (1986); Hinton, "Training products of experts by minimizing
// contrastive divergence" (2002).
type RBM struct {
	Weights *dl.Tensor // W [visible, hidden]
	Visible *dl.Tensor // a [visible]
	Hidden  *dl.Tensor // b [hidden]
}

// NewRBM returns a machine of so many units, with weights from the normal
// distribution of standard deviation 0.01.
func NewRBM(visible, hidden int) *RBM {
	return &RBM{
		Weights: dl.Variable(dl.Randn(visible, hidden).Mul(0.01), "weights"),
		Visible: dl.Variable(dl.Zeros(visible), "visible biases"),
		Hidden:  dl.Variable(dl.Zeros(hidden), "hidden biases"),
	}
}

// Parameters returns W, a and b.
func (r *RBM) Parameters() []*dl.Tensor { return []*dl.Tensor{r.Weights, r.Visible, r.Hidden} }

// Up returns the probabilities p(h=1|v) = σ(v·W + b), from [n, visible] to [n,
// hidden].
func (r *RBM) Up(v *dl.Tensor) *dl.Tensor { return v.MatMul(r.Weights).Add(r.Hidden).Sigmoid() }

// Down returns the probabilities p(v=1|h) = σ(h·Wᵀ + a), from [n, hidden] to
// [n, visible].
func (r *RBM) Down(h *dl.Tensor) *dl.Tensor {
	return h.MatMul(r.Weights.T()).Add(r.Visible).Sigmoid()
}

// FreeEnergy returns F(v) [n] of v [n, visible], for which p(v) ∝ exp(−F(v)):
//
//	F(v) = −v·a − Σⱼ log(1 + exp(v·W + b)ⱼ)
func (r *RBM) FreeEnergy(v *dl.Tensor) *dl.Tensor {
	hidden := v.MatMul(r.Weights).Add(r.Hidden).Softplus().Sum(1)
	return v.MatMul(r.Visible).Add(hidden).Neg()
}

// Gibbs returns v [n, visible] after so many steps of Gibbs sampling: hidden
// units are drawn from p(h|v), then visible ones from p(v|h).
func (r *RBM) Gibbs(v *dl.Tensor, steps int) *dl.Tensor {
	draw := func(p *dl.Tensor) *dl.Tensor { return dl.Bernoulli(p).Cast(p.DType()) }
	for range steps {
		v = draw(r.Down(draw(r.Up(v))))
	}
	return v
}

// Options say how a machine is trained.
type Options struct {
	Epochs    int           // 0 means 10
	Batch     int           // examples a step; 0 means 10
	Steps     int           // of Gibbs sampling, the k of CD-k; 0 means 1
	Optimizer opt.Optimizer // nil means opt.SGD(0.1)
	Seed      int           // of the order of the examples
}

func (o Options) filled() Options {
	fill := func(n *int, usual int) {
		if *n == 0 {
			*n = usual
		}
	}
	fill(&o.Epochs, 10)
	fill(&o.Batch, 10)
	fill(&o.Steps, 1)
	if o.Optimizer == nil {
		o.Optimizer = opt.SGD(0.1)
	}
	return o
}

// Fit trains the machine on x [n, visible] of numbers from 0 to 1, and returns
// the mean squared error of one reconstruction, Down(Up(x)), after each epoch.
//
// The gradient of −log p(v) is that of F(v) less its mean under p. Contrastive
// divergence puts, in place of that mean, where a few steps of Gibbs sampling
// lead from v; so the cost to differentiate is mean F(v) − mean F(v'), with v'
// held constant. It stops with an [*dl.Error] of cause [dl.ErrInterrupted] when
// its cell is interrupted.
func (r *RBM) Fit(x *dl.Tensor, o Options) []float64 {
	o = o.filled()
	visible := r.Visible.Size()
	if s := x.Shape(); len(s) != 2 || s[1] != visible || s[0] == 0 {
		panic(&dl.Error{Op: "rbm", Axis: -1, Shapes: [][]int{s}, Msg: fmt.Sprintf("examples of shape %v, want [n, %d]", s, visible)})
	}
	all, chosen := dl.Placeholder("x", x.DType(), -1, visible), dl.Placeholder("chosen", dl.Int64, -1)
	v := all.Gather(chosen, 0)
	after := r.Gibbs(v, o.Steps).StopGradient()
	cost := r.FreeEnergy(v).Mean().Sub(r.FreeEnergy(after).Mean())
	step := dl.Function([]*dl.Tensor{all, chosen}, nil, opt.Minimize(o.Optimizer, cost, r.Parameters()...)...)
	rebuilt := dl.Function([]*dl.Tensor{all}, []*dl.Tensor{r.Down(r.Up(all)).Sub(all).Square().Mean()})

	n := x.Shape()[0]
	report, done := cell.Current().Reporter(), cell.Current().Done()
	var errs []float64
	for epoch := 1; epoch <= o.Epochs; epoch++ {
		order := rand.New(rand.NewPCG(uint64(o.Seed), uint64(epoch))).Perm(n)
		for lo := 0; lo < n; lo += o.Batch {
			select {
			case <-done:
				panic(&dl.Error{Op: "rbm", Axis: -1, Msg: "interrupted", Cause: dl.ErrInterrupted})
			default:
			}
			step.Call(x, order[lo:min(lo+o.Batch, n)])
		}
		errs = append(errs, rebuilt.Call(x)[0].Item())
		if report != nil {
			report.Report(cell.Progress{Run: "rbm", Title: "rbm", Epoch: epoch, Epochs: o.Epochs, Step: 1, Steps: 1, EpochEnd: true,
				Values: []cell.Metric{{Name: "reconstruction error", Value: errs[len(errs)-1]}}, Done: epoch == o.Epochs})
		}
	}
	return errs
}
