package nn_test

import (
	"context"
	"testing"
	"time"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/display"
	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/nn"
)

// dropped is an Output that nobody looks at.
type dropped struct{ cell.Output }

func (dropped) Display(cell.Bundle, string) {}
func (dropped) Update(cell.Bundle, string)  {}

// nobody is a Reporter that does nothing.
type nobody struct{}

func (nobody) Report(cell.Progress) {}

// A stopwatch is a Reporter that measures another.
type stopwatch struct {
	of    cell.Reporter
	spent time.Duration
}

func (s *stopwatch) Report(p cell.Progress) {
	begin := time.Now()
	s.of.Report(p)
	s.spent += time.Since(begin)
}

// BenchmarkFitShown is what a step of Fit costs alone, with the bar and the
// figure of a notebook, and with histograms of weights and gradients besides.
// What is shown may take 1 % of the time; the percentage of the first is what the
// stopwatch itself takes.
func BenchmarkFitShown(b *testing.B) {
	dl.Seed(1)
	x, y := dl.Randn(3200, 64), dl.RandInt(0, 10, 3200)
	for _, c := range []struct {
		name     string
		reporter func() cell.Reporter
		watch    nn.Watch
	}{
		{"alone", func() cell.Reporter { return nobody{} }, 0},
		{"shown", func() cell.Reporter { return display.NewReporter(dropped{}) }, 0},
		{"watched", func() cell.Reporter { return display.NewReporter(dropped{}) }, nn.WatchWeights | nn.WatchGradients},
	} {
		b.Run(c.name, func(b *testing.B) {
			m := nn.Sequential(nn.Dense(128), nn.ReLU(), nn.Dense(10))
			epochs := b.N/100 + 1
			b.ResetTimer()
			reporter := &stopwatch{of: c.reporter()}
			cell.Enter(context.Background(), nil, reporter, func() {
				m.Fit(x, y, nn.FitOptions{Epochs: epochs, Batch: 32, Watch: c.watch})
			})
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(epochs*100), "ns/step")
			b.ReportMetric(100*float64(reporter.spent)/float64(b.Elapsed()), "%shown")
		})
	}
}
