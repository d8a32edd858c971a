package nn

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// A History is what a training run measured: "loss", the metrics by their
// names, and with "val_" in front the same on the validation examples. The
// loss is that of [FitOptions], without the L2 penalty.
type History struct {
	Stopped string        // why the run ended early, or ""
	Took    time.Duration // how long it was

	names  []string // in order
	epochs map[string][]float64
	steps  map[string][]float64
}

// Names returns the names of what was measured.
func (h *History) Names() []string { return append([]string{}, h.names...) }

// Series returns the values at the end of each epoch by name: for training
// the means over the epoch.
func (h *History) Series() map[string][]float64 { return h.epochs }

// Steps returns the values at each step, of its batch, by name. What is
// measured on the validation examples is not among them.
func (h *History) Steps() map[string][]float64 { return h.steps }

// Epochs returns how many epochs were completed.
func (h *History) Epochs() int { return len(h.epochs["loss"]) }

// Last returns the value of the last epoch, and NaN where there is none.
func (h *History) Last(name string) float64 {
	if s := h.epochs[name]; len(s) > 0 {
		return s[len(s)-1]
	}
	return math.NaN()
}

// String returns a table with a row for each epoch; of long runs the first and
// the last epochs.
func (h *History) String() string {
	const head, tail = 3, 12
	var b strings.Builder
	b.WriteString("epoch")
	for _, name := range h.names {
		fmt.Fprintf(&b, "  %*s", width(name), name)
	}
	for e := 0; e < h.Epochs(); e++ {
		if h.Epochs() > head+tail && e == head {
			b.WriteString("\n  ...")
			e = h.Epochs() - tail
		}
		fmt.Fprintf(&b, "\n%5d", e+1)
		for _, name := range h.names {
			fmt.Fprintf(&b, "  %*.4f", width(name), h.epochs[name][e])
		}
	}
	if h.Stopped != "" {
		fmt.Fprintf(&b, "\nstopped early: %s", h.Stopped)
	}
	return b.String()
}

func width(name string) int { return max(len(name), 7) }
