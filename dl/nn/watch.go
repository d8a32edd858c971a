package nn

import (
	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/dl"
)

// A Watch says which numbers a run of Fit shows as histograms while it trains,
// beside loss and metrics.
type Watch uint8

// What can be watched; with | both.
const (
	WatchWeights   Watch = 1 << iota // the parameters
	WatchGradients                   // the derivatives of what is made small by the parameters, on the batch of a step
)

// mostWatched is how many numbers of a parameter are handed on at most: of a
// larger one every second, third and so on.
const mostWatched = 50_000

// A watcher reads what is watched, when somebody wants to draw it.
type watcher struct {
	what       Watch
	parameters []*dl.Tensor
	gradient   *dl.Func // of the cost of a batch
	args       []any    // the batch of the step; nil between steps
	gradients  []*dl.Tensor
	sent       []cell.Sample
}

// newWatcher returns a watcher of a cost of inputs, or nil where nothing is
// watched.
func newWatcher(what Watch, inputs []*dl.Tensor, cost *dl.Tensor, parameters []*dl.Tensor, p dl.Precision) *watcher {
	if what == 0 {
		return nil
	}
	if what > WatchWeights|WatchGradients {
		panic(misuse("fit", nil, "give nn.WatchWeights, nn.WatchGradients or both with |", "nothing is known of Watch %d", what))
	}
	w := &watcher{what: what, parameters: parameters}
	if what&WatchGradients != 0 {
		grads := dl.Grads(cost, parameters...)
		outputs := make([]*dl.Tensor, len(parameters))
		for i, v := range parameters {
			outputs[i] = grads.Of(v)
		}
		w.gradient = dl.Function(inputs, outputs).SetPrecision(p)
		w.gradients = make([]*dl.Tensor, len(parameters))
	}
	return w
}

// compute computes the gradients of the present batch. The random numbers of
// the training do not notice.
func (w *watcher) compute() {
	if w.gradient == nil || w.args == nil {
		return
	}
	state := dl.RandomState()
	defer dl.SetRandomState(state)
	w.gradient.CallInto(w.gradients, w.args...)
}

// samples returns what is watched; the gradients are those of the present
// batch, or of the last one that they were computed for.
func (w *watcher) samples() []cell.Sample {
	w.compute()
	w.sent = w.sent[:0]
	for i, p := range w.parameters {
		if w.what&WatchWeights != 0 {
			w.sent = append(w.sent, sampleOf(p.Name(), p))
		}
		if w.gradient != nil && w.gradients[i] != nil {
			w.sent = append(w.sent, sampleOf("∂loss/∂"+p.Name(), w.gradients[i]))
		}
	}
	return w.sent
}

func sampleOf(name string, t *dl.Tensor) cell.Sample {
	all := t.Float64s()
	s := cell.Sample{Name: name, Size: len(all), Values: all}
	if len(all) > mostWatched {
		every := (len(all) + mostWatched - 1) / mostWatched
		s.Values = s.Values[:0:0]
		for i := 0; i < len(all); i += every {
			s.Values = append(s.Values, all[i])
		}
	}
	return s
}
