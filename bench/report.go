package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/fluxion-go/fluxion/dl/cpu"
)

// A report is what one run found.
type report struct {
	backend           *cpu.Backend
	versions, missing []string
	rounds            int
	turn              time.Duration
	rows              []row
	peak              float64 // GFLOP/s of all cores
	allocations       float64
	kernels           *kernelRatio // nil where there is nothing to compare
}

type row struct {
	*benchCase
	contenders []*contender
}

func (r *report) add(c *benchCase, all []*contender) { r.rows = append(r.rows, row{c, all}) }

func (r *report) measureMachine() {
	r.peak = r.backend.Peak()
	r.allocations = allocations()
}

// ratio returns how many times as fast as c the first contender was.
func ratio(own, c *contender) float64 {
	var ratios []float64
	for i, t := range own.turns {
		ratios = append(ratios, c.turns[i]/t)
	}
	return median(ratios)
}

// markdown writes the report.
func (r *report) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Speed on this machine\n\n")
	fmt.Fprintf(&b, "Written by `make bench`: %s, %s, %d cores, kernels for %s, %s.\n", time.Now().UTC().Format("2006-01-02"), processor(), runtime.GOMAXPROCS(0), r.backend.Kernels(), runtime.Version())
	fmt.Fprintf(&b, "Peers: %s.", strings.Join(r.versions, ", "))
	if len(r.missing) > 0 {
		fmt.Fprintf(&b, " Not installed: %s.", strings.Join(r.missing, ", "))
	}
	fmt.Fprintf(&b, "\n\nEach contender had %d turns of at least %v, in turn with the others of its case. Times are medians; a ratio is the median over the rounds of the contender's time over fluxion's, so more than 1 means that fluxion is faster. The floor is what the multiply-add units could do at best, %.0f GFLOP/s, measured, if they did every multiplication that convolutions are defined by; fluxion does fewer of those.\n\n", r.rounds, r.turn, r.peak)
	fmt.Fprintf(&b, "| work | contender | time of a step | rate | fluxion is faster by | goal |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, w := range r.rows {
		own := w.contenders[0]
		for i, c := range w.contenders {
			what := w.what
			if i > 0 {
				what = ""
			}
			if c.err != nil {
				fmt.Fprintf(&b, "| %s | %s | failed: %s | | | |\n", what, c.name, c.err)
				continue
			}
			t := median(c.turns)
			fmt.Fprintf(&b, "| %s | %s | %s | %s | ", what, c.name, duration(t), w.rate(t))
			if i > 0 && own.err == nil {
				x := ratio(own, c)
				fmt.Fprintf(&b, "%.2f× | %s |\n", x, w.verdict(c.name, x))
			} else {
				fmt.Fprintf(&b, "| |\n")
			}
		}
		if w.flops > 0 && own.err == nil {
			t := w.flops / r.peak / 1e9
			fmt.Fprintf(&b, "| | floor | %s | %s | %.2f× | |\n", duration(t), w.rate(t), t/median(own.turns))
		}
	}
	if k := r.kernels; k != nil {
		fmt.Fprintf(&b, "\n%s\n", k)
	}
	verdict := "met"
	if r.allocations > 0 {
		verdict = "**not met**"
	}
	fmt.Fprintf(&b, "\nAllocations of a training step by Fit after the first ones: %.4g (goal 0: %s).\n\nWhat falls short, and why: SHORTFALLS.md.\n", r.allocations, verdict)
	return b.String()
}

func (c *benchCase) rate(t float64) string {
	return fmt.Sprintf("%.4g %ss/s", c.units/t, c.unit)
}

func (c *benchCase) verdict(contender string, x float64) string {
	i := slices.IndexFunc(c.against, func(g goal) bool { return g.contender == contender })
	switch {
	case i < 0:
		return ""
	case x >= c.against[i].ratio:
		return fmt.Sprintf("≥ %.2f: met", c.against[i].ratio)
	}
	return fmt.Sprintf("≥ %.2f: **not met**", c.against[i].ratio)
}

func duration(seconds float64) string {
	switch {
	case seconds < 1e-3:
		return fmt.Sprintf("%.1f µs", seconds*1e6)
	case seconds < 1:
		return fmt.Sprintf("%.2f ms", seconds*1e3)
	}
	return fmt.Sprintf("%.2f s", seconds)
}

// processor returns the name of the processor, where the system tells it.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}
