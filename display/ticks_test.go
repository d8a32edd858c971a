package display

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/plot"
)

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		ticker   plot.Ticker
		min, max float64
		want     string
	}{
		{ticks{most: 6}, 0, 1, "0.0 0.2 0.4 0.6 0.8 1.0"},
		{ticks{most: 6}, -1, 1, "−1.0 −0.5 0.0 0.5 1.0"},
		{ticks{most: 6}, 0, 100, "0 20 40 60 80 100"},
		{ticks{most: 5}, 0.001, 0.0042, "0.001 0.002 0.003 0.004"},
		{ticks{most: 6}, 0, 20000, "0 5k 10k 15k 20k"},
		{ticks{most: 6}, -2.2e6, 2.1e6, "−2M −1M 0 1M 2M"},
		{ticks{most: 6}, 0, 3e9, "0 0.5G 1.0G 1.5G 2.0G 2.5G 3.0G"},
		{ticks{most: 6}, 0, 5e-5, "0 1e−5 2e−5 3e−5 4e−5 5e−5"},
		{ticks{most: 6}, 0, 2e20, "0 0.5e20 1.0e20 1.5e20 2.0e20"},
		{ticks{most: 8}, 1, 3, "1.0 1.5 2.0 2.5 3.0"},
		{ticks{most: 8, whole: true}, 1, 3, "1 2 3"},
		{ticks{most: 6}, 1, 1, ""},
		{logTicks{}, 1, 1000, "1 10 100 1000"},
		{logTicks{}, 0.9, 12, "1 2 5 10"},
		{logTicks{}, 1e-6, 1, "1e−6 1e−5 1e−4 1e−3 1e−2 1e−1 1"},
		{logTicks{}, 1e-4, 2e4, "0.0001 0.01 1 100 10,000"},
		{ticks{most: 6}, 1000001, 1000003, "1,000,001.0 1,000,001.5 1,000,002.0 1,000,002.5 1,000,003.0"},
		{logTicks{}, 2, 3, "2.0 2.2 2.4 2.6 2.8 3.0"},
	} {
		var labels []string
		last, slack := math.Inf(-1), (c.max-c.min)*1e-9
		for _, m := range c.ticker.Ticks(c.min, c.max) {
			labels = append(labels, m.Label)
			if m.Value <= last || m.Value < c.min-slack || m.Value > c.max+slack {
				t.Errorf("%v of %g … %g: %g is out of order or range", c.ticker, c.min, c.max, m.Value)
			}
			last = m.Value
		}
		if got := strings.Join(labels, " "); got != c.want {
			t.Errorf("%v of %g … %g: got %s, want %s", c.ticker, c.min, c.max, got, c.want)
		}
	}
}

func TestSpread(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		log    bool
		wantLo float64
		wantHi float64
	}{
		{0, 100, false, -4, 104},
		{5, 5, false, 4.5, 5.5},
		{0, 0, false, -1, 1},
		{math.Inf(1), math.Inf(-1), false, 0, 1},
		{3, 3, true, 1.5, 6},
	} {
		lo, hi := spread(c.lo, c.hi, c.log)
		if lo != c.wantLo || hi != c.wantHi {
			t.Errorf("spread(%g, %g, %v) = %g, %g; want %g, %g", c.lo, c.hi, c.log, lo, hi, c.wantLo, c.wantHi)
		}
	}
}
