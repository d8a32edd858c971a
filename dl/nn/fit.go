package nn

import (
	"time"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/metrics"
	"github.com/fluxion-go/fluxion/dl/opt"
)

// FitOptions say how a model is trained. The zero value trains one epoch in
// batches of 32 by opt.SGD(0.01) on [SoftmaxCrossEntropy].
type FitOptions struct {
	Epochs    int              // passes over the examples; 0 means 1
	Batch     int              // examples a step; 0 means 32. The last batch of an epoch may be smaller
	Optimizer opt.Optimizer    // nil means opt.SGD(0.01)
	Loss      Loss             // nil means SoftmaxCrossEntropy
	Metrics   []metrics.Metric // measured beside the loss
	Heads     []Head           // instead of Loss and Metrics, for each output of a model that has several

	L1 float64 // adds L1·Σ|w| over all weights, not biases, to what is made small
	L2 float64 // adds L2·Σw² likewise

	// ClassWeights says how much an example of each class counts in what is
	// learned, where targets are class numbers; SampleWeights [n] says so for
	// each example. With both they multiply. The loss that is made small is
	// then the mean of weight times loss; the loss that is shown stays the
	// plain mean.
	ClassWeights  []float64
	SampleWeights *dl.Tensor

	// Precision is that of the steps. With dl.BFloat16 a step rounds the
	// operands of matrix products and convolutions of float32, forward and
	// backward, to bfloat16, and adds the products up in float32. All else is
	// computed in the dtypes as ever: losses and metrics, normalisation, the
	// optimiser and what it remembers; and parameters and state keep their
	// float32 elements, so that steps too small for bfloat16 count.
	// Validation, [Model.Predict] and [Model.Evaluate] have full precision.
	// It is faster on processors that multiply bfloat16; see [dl.BFloat16].
	Precision dl.Precision

	// Validation holds examples that are not learned from; loss and metrics
	// are measured on them after each epoch.
	Validation Examples

	// Watch adds histograms of weights, gradients or both to the progress. They
	// are drawn as seldom as leaves the time to the training, and once more at
	// the end; gradients are computed only when they are drawn.
	Watch Watch

	// Callbacks are called in this order at each [Event].
	Callbacks []Callback

	// Checkpoint names a file that is written after each epoch, with all that
	// is needed to go on as if nothing had been interrupted: parameters and
	// state, what the optimiser remembers (an optimiser of one's own says it as
	// [opt.Stateful]), the state of the random numbers, the history. With Resume, Fit goes on from that file where it exists, up to
	// the same number of Epochs in all.
	Checkpoint string
	Resume     bool

	Seed      int    // of the order of the examples, which is another in each epoch
	KeepOrder bool   // leave the examples in their order
	Title     string // what the progress is called; "" means "train"
}

// Examples are inputs with their targets.
type Examples struct {
	X, Y   *dl.Tensor
	Xs, Ys []*dl.Tensor // instead, of a model with several inputs or outputs
}

func (e Examples) set() set {
	if e.Xs != nil || e.Ys != nil {
		return set{e.Xs, e.Ys}
	}
	return set{[]*dl.Tensor{e.X}, []*dl.Tensor{e.Y}}
}

func (e Examples) given() bool { return e.X != nil || e.Y != nil || e.Xs != nil || e.Ys != nil }

// Fit trains the model on the inputs x with the targets y, which have as many
// rows, and returns what it measured. It can be called again to train on.
//
// After the first steps of each size of batch, a step allocates no memory.
//
// In a cell it shows its progress; when the cell is interrupted, it panics
// with a [*dl.Error] of cause [dl.ErrInterrupted]. The parameters keep what was
// learned until then, and [Model.History] what was measured.
func (m *Model) Fit(x, y *dl.Tensor, o FitOptions) *History {
	return m.FitAll([]*dl.Tensor{x}, []*dl.Tensor{y}, o)
}

// FitAll is Fit for a model with several inputs or outputs. Losses and metrics
// of several outputs have the name of the output in front, as in "age_loss";
// "loss" is the weighted sum of the losses.
func (m *Model) FitAll(xs, ys []*dl.Tensor, o FitOptions) *History {
	o = o.filled()
	s := set{xs, ys}
	s.check("fit", m)
	return m.fit(newChosen(s, o), o)
}

// fit trains on the batches of s. The options are filled.
func (m *Model) fit(s source, o FitOptions) *History {
	t := newTraining(m, s, o)
	m.history = t.history
	began := time.Now()
	err := dl.Try(t.run)
	t.history.Took += time.Since(began)
	if err != nil {
		t.fail(err)
	}
	t.report(cell.Progress{Epoch: t.epoch, Step: t.steps, Done: true, Stopped: t.history.Stopped})
	return t.history
}

// History returns what the last call of Fit measured, also where that was
// interrupted or failed; nil before the first.
func (m *Model) History() *History { return m.history }

func (o FitOptions) filled() FitOptions {
	if o.Epochs < 0 || o.Batch < 0 || o.L2 < 0 || o.L1 < 0 {
		panic(misuse("fit", nil, "", "%d epochs, batches of %d, L1 %g, L2 %g; none may be negative", o.Epochs, o.Batch, o.L1, o.L2))
	}
	if o.Resume && o.Checkpoint == "" {
		panic(misuse("fit", nil, "Checkpoint names the file", "Resume without Checkpoint"))
	}
	if o.Precision != dl.FullPrecision && o.Precision != dl.BFloat16 {
		panic(misuse("fit", nil, "", "precision %d, want dl.FullPrecision or dl.BFloat16", o.Precision))
	}
	if o.Epochs == 0 {
		o.Epochs = 1
	}
	if o.Batch == 0 {
		o.Batch = 32
	}
	if o.Optimizer == nil {
		o.Optimizer = opt.SGD(0.01)
	}
	if o.Title == "" {
		o.Title = "train"
	}
	return o
}
