package nn_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/metrics"
	"github.com/fluxion-go/fluxion/dl/nn"
	"github.com/fluxion-go/fluxion/dl/opt"
)

// A counter is a Reporter that keeps nothing.
type counter struct{ reports int }

func (c *counter) Report(p cell.Progress) { c.reports += len(p.Values) }

// TestFitAllocations counts what 300 steps allocate after the first 100, in a
// cell and with a metric whose batches are vectors.
func TestFitAllocations(t *testing.T) {
	dl.Seed(1)
	x, y := dl.Randn(2000, 1, 6, 6), dl.RandInt(0, 2, 2000)
	for _, c := range []struct {
		name  string
		model *nn.Model
		rule  opt.Optimizer
	}{
		{"dense", nn.Sequential(nn.Flatten(), nn.Dense(8), nn.ReLU(), nn.Dense(1)), opt.SGD(0.01, opt.Momentum(0.9))},
		{"convolution", nn.Sequential(nn.Conv2D(4, 3, nn.Same()), nn.ReLU(), nn.MaxPool2D(2), nn.Flatten(), nn.Dense(1)), opt.Adam(0.01)},
	} {
		var before, after runtime.MemStats
		o := nn.FitOptions{Batch: 4, Optimizer: c.rule, Loss: nn.BinaryCrossEntropy,
			Metrics: []metrics.Metric{metrics.BinaryAccuracy, metrics.F1},
			Callbacks: []nn.Callback{func(e *nn.Event) error {
				switch {
				case e.Moment == nn.StepEnded && e.Step == 100:
					runtime.ReadMemStats(&before)
				case e.Moment == nn.StepEnded && e.Step == 400:
					runtime.ReadMemStats(&after)
				}
				return nil
			}}}
		r := &counter{}
		cell.Enter(context.Background(), nil, r, func() { c.model.Fit(x, y, o) })
		// The Go runtime makes a few of its own now and then.
		if n := after.Mallocs - before.Mallocs; before.Mallocs == 0 || n > 30 {
			t.Errorf("%s: %d allocations in 300 steps, want none", c.name, n)
		}
		if want := 500*3 + 3; r.reports != want {
			t.Errorf("%s: %d values were reported, want %d", c.name, r.reports, want)
		}
	}
}
