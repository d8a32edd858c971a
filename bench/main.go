// Command bench measures fluxion against the libraries that a user would take
// instead, on the same work and in turn within one run, and writes a table.
//
// From the root of the repository:
//
//	make peers    # once: PyTorch, JAX and TensorFlow in an environment of their own
//	make bench    # measures what is installed, and writes bench/RESULTS.md
//
// Only ratios within one run mean something: the rounds go through all
// contenders of a case one after another, and a ratio is the median over the
// rounds of the peer's time of a step over fluxion's.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/fluxion-go/fluxion/dl/cpu"
)

func main() {
	rounds := flag.Int("rounds", 5, "how often each contender has its turn")
	seconds := flag.Float64("seconds", 0.5, "how long a turn is")
	python := flag.String("python", "build/peers/bin/python", "the Python that has the peers")
	program := flag.String("fluxion", "build/fluxion", "the fluxion command, which runs cells; \"\" leaves them out")
	only := flag.String("only", "", "measure only the cases whose names contain this; kernels is the comparison of AVX2 with AVX-512")
	kernels := flag.String("kernels", "", "measure with these kernels, AVX2 or AVX-512, and with peers that are told to use no more than AVX2 for the former; without cells")
	out := flag.String("out", "", "write the table to this file as well")
	flag.Parse()
	if err := run(*rounds, time.Duration(*seconds*float64(time.Second)), *python, *program, *only, *kernels, *out); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(rounds int, turn time.Duration, python, program, only, kernels, out string) error {
	backend := cpu.New()
	if kernels != "" {
		var err error
		if backend, err = choose(kernels); err != nil {
			return err
		}
		program = ""
	}
	peers, missing := startPeers(python)
	defer func() {
		for _, p := range peers {
			p.close()
		}
	}()
	r := &report{backend: backend, missing: missing, rounds: rounds, turn: turn}
	for _, p := range peers {
		r.versions = append(r.versions, p.version)
	}
	for _, c := range cases(program) {
		if !strings.Contains(c.name, only) {
			continue
		}
		fmt.Fprintf(os.Stderr, "%s\n", c.what)
		r.add(c, measure(c, peers, rounds, turn))
	}
	if strings.Contains("kernels", only) && kernels == "" {
		fmt.Fprintln(os.Stderr, "the kernels for AVX2")
		var err error
		if r.kernels, err = compareKernels(rounds, turn); err != nil {
			return err
		}
	}
	r.measureMachine()
	table := r.markdown()
	fmt.Print(table)
	if out == "" {
		return nil
	}
	return os.WriteFile(out, []byte(table), 0o644)
}

// A contender is one way of doing a case.
type contender struct {
	name  string
	turns []float64 // seconds a step, by round; 0 where it failed
	err   error
}

// measure gives fluxion and every peer that knows the case their turns.
func measure(c *benchCase, peers []*peer, rounds int, turn time.Duration) []*contender {
	own := &contender{name: "fluxion"}
	all := []*contender{own}
	takers := []func() (float64, error){c.turn(turn)}
	for _, p := range peers {
		for _, name := range p.cases {
			base, variant, _ := strings.Cut(name, ":")
			if base != c.name && base != c.name+"10000" {
				continue
			}
			steps := 1.0
			if base != c.name {
				steps = 10000 // a step of the peer's is that many
			}
			all = append(all, &contender{name: p.library() + " " + variant})
			takers = append(takers, func() (float64, error) {
				t, err := p.measure(name, turn)
				return t / steps, err
			})
		}
	}
	for round := range rounds + 1 { // the first warms up
		for i, take := range takers {
			if all[i].err != nil {
				continue
			}
			t, err := take()
			if all[i].err = err; round > 0 {
				all[i].turns = append(all[i].turns, t)
			}
		}
	}
	return all
}
