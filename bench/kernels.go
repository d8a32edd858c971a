package main

import (
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/cpu"
)

// kernelGoal is how fast the kernels for AVX2 are to be at least, those for
// AVX-512 being 1.
const kernelGoal = 0.85

// A kernelRatio compares the kernels for AVX2 with those for AVX-512.
type kernelRatio struct {
	steps [2]float64 // seconds of a step: AVX-512, AVX2
	ratio float64    // of their speeds, AVX2 to AVX-512
	peaks float64    // the same of what the multiply-add units do at best
}

// choose makes dl use kernels for all that follows, and the peers that are started
// later the same instructions, as far as they can be told.
func choose(kernels string) (*cpu.Backend, error) {
	b, err := cpu.NewWith(kernels)
	if err != nil {
		return nil, err
	}
	backend.Register(b)
	dl.Use(b.Name())
	if kernels == "AVX2" {
		for name, value := range map[string]string{
			"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "MKL_ENABLE_INSTRUCTIONS": "AVX2",
			"XLA_FLAGS": "--xla_cpu_max_isa=AVX2",
		} {
			if err := os.Setenv(name, value); err != nil {
				return nil, err
			}
		}
	}
	return b, nil
}

// compareKernels trains the paper's CNN with both kernels in turn. It returns nil
// where the processor does not run both.
func compareKernels(rounds int, turn time.Duration) (*kernelRatio, error) {
	names := []string{"AVX-512", "AVX2"}
	var backends []*cpu.Backend
	var takers []func() (float64, error)
	for _, name := range names {
		if !slices.Contains(cpu.Kernels(), name) {
			return nil, nil
		}
		b, err := cpu.NewWith(name)
		if err != nil {
			return nil, err
		}
		backend.Register(b)
		backends = append(backends, b)
		takers = append(takers, training(32, nil).turn(turn))
	}
	defer dl.Use(dl.Backend())
	k := &kernelRatio{peaks: backends[1].Peak() / backends[0].Peak()}
	var turns [2][]float64
	var ratios []float64
	for round := range rounds + 1 { // the first warms up
		var now [2]float64
		for i, take := range takers {
			dl.Use(backends[i].Name())
			t, err := take()
			if err != nil {
				return nil, err
			}
			now[i] = t
		}
		if round == 0 {
			continue
		}
		for i, t := range now {
			turns[i] = append(turns[i], t)
		}
		ratios = append(ratios, now[0]/now[1])
	}
	for i := range turns {
		k.steps[i] = median(turns[i])
	}
	k.ratio = median(ratios)
	return k, nil
}

func (k *kernelRatio) String() string {
	verdict := "met"
	if k.ratio < kernelGoal {
		verdict = "**not met**"
	}
	return fmt.Sprintf("Training the paper's CNN by Fit, batch 32, with the kernels for AVX2: %s a step, %.2f times as fast as with those for AVX-512, %s (goal ≥ %.2f: %s). Their multiply-add units at best are %.2f times as fast; by what the units allow, the ratio is %.2f.",
		duration(k.steps[1]), k.ratio, duration(k.steps[0]), kernelGoal, verdict, k.peaks, k.ratio/k.peaks)
}
