package nn_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/nn"
	"github.com/fluxion-go/fluxion/dl/opt"
)

// A spectator asks for what is watched at every so many reports.
type spectator struct {
	every, reports int
	samples        []cell.Sample // the last answer
}

func (s *spectator) Report(p cell.Progress) {
	s.reports++
	if p.Watched != nil && (s.reports%s.every == 0 || p.Done) {
		s.samples = nil
		for _, x := range p.Watched() {
			x.Values = slices.Clone(x.Values)
			s.samples = append(s.samples, x)
		}
	}
}

// What is watched is what the last step left and what its batch gave, and
// looking changes nothing, not even the random numbers of Dropout.
func TestWatch(t *testing.T) {
	x, y := dl.New([][]float64{{1, 2}, {3, 4}, {5, 6}, {7, 9}}), dl.New([]float64{1, 0, 1, 0})
	fit := func(w nn.Watch, s *spectator, layers ...nn.Layer) (*nn.Model, []float64) {
		dl.Seed(3)
		m := nn.Sequential(append(layers, nn.Dense(1))...)
		var h *nn.History
		cell.Enter(context.Background(), nil, s, func() {
			h = m.Fit(x, y, nn.FitOptions{Epochs: 3, Batch: 2, Loss: nn.BinaryCrossEntropy, Optimizer: opt.SGD(0.1), L2: 0.01, KeepOrder: true, Watch: w})
		})
		return m, h.Series()["loss"]
	}
	s := &spectator{every: 1}
	m, _ := fit(nn.WatchWeights|nn.WatchGradients, s)
	if len(s.samples) != 4 || s.samples[1].Name != "∂loss/∂1.weights" || s.samples[0].Size != 2 {
		t.Fatalf("watched %+v", s.samples)
	}
	loss := nn.BinaryCrossEntropy(m.Apply(x.Slice(dl.From(2))), y.Slice(dl.From(2))).Mean()
	for i, p := range m.Parameters() {
		cost := loss
		if i == 0 {
			cost = cost.Add(p.Square().Sum().Mul(0.01))
		}
		grads := dl.Grads(cost, p).Of(p).Float64s()
		for k, v := range p.Float64s() {
			if w := s.samples[2*i].Values[k]; w != v {
				t.Errorf("%s[%d] is watched as %g, want %g", p.Name(), k, w, v)
			}
			if g := s.samples[2*i+1].Values[k]; g < grads[k]-1e-5 || g > grads[k]+1e-5 {
				t.Errorf("the derivative by %s[%d] is watched as %g, want %g", p.Name(), k, g, grads[k])
			}
		}
	}
	_, want := fit(0, &spectator{every: 1}, nn.Dense(8), nn.Dropout(0.5))
	for _, every := range []int{1, 2, 100} {
		if _, got := fit(nn.WatchGradients, &spectator{every: every}, nn.Dense(8), nn.Dropout(0.5)); !slices.Equal(got, want) {
			t.Errorf("watched at every %d reports: losses %v, want %v", every, got, want)
		}
	}
}

func TestWatchLarge(t *testing.T) {
	s := &spectator{every: 1}
	cell.Enter(context.Background(), nil, s, func() {
		nn.Sequential(nn.Dense(300)).Fit(dl.Zeros(2, 400), dl.New([]int{0, 1}), nn.FitOptions{Watch: nn.WatchWeights})
	})
	if w := s.samples[0]; w.Size != 120_000 || len(w.Values) != 40_000 {
		t.Errorf("of %d weights %d are handed on", w.Size, len(w.Values))
	}
}

// In a notebook the histograms change while the model trains, and the last ones
// stay. Here a reporter of one's own reads what they are drawn of.
func ExampleFitOptions_watch() {
	dl.Seed(1)
	x, y := dl.Randn(64, 3), dl.RandInt(0, 2, 64)
	model := nn.Sequential(nn.Dense(2))
	reader := &spectator{every: 1000}
	cell.Enter(context.Background(), nil, reader, func() {
		model.Fit(x, y, nn.FitOptions{Epochs: 2, Watch: nn.WatchWeights | nn.WatchGradients})
	})
	for _, s := range reader.samples {
		fmt.Println(s.Name, s.Size)
	}
	// Output:
	// 1.weights 6
	// ∂loss/∂1.weights 6
	// 1.biases 2
	// ∂loss/∂1.biases 2
}
