// Package cpu runs dl's programs on the processor. Its inner loops are Go
// assembly for AVX-512 and AVX2, chosen at run time, or Go; its results do not
// depend on the number of cores.
//
// A program is compiled in these steps, each in its file: images are turned
// to channels-last layout (layout.go); chains of elementwise instructions are
// joined (fuse.go, chainbuild.go); instructions become steps (build.go and one file for each
// kind); steps are put in order and grouped (schedule.go); memory is planned
// (compile.go). A goroutine of the team (team.go) computes one piece of a
// group at a time (step.go).
package cpu

import "github.com/fluxion-go/fluxion/dl/backend"

const name = "cpu"

func init() { backend.Register(New()) }

// A Backend runs programs on the processor.
type Backend struct {
	ks   *kernelSet
	fuse bool // whether to join instructions and turn layouts
}

// New returns the backend with the best kernels for this processor.
func New() *Backend { return &Backend{ks: kernelSets()[0], fuse: true} }

// Name returns "cpu".
func (*Backend) Name() string { return name }

// Kernels says which kernels are used: "AVX-512", "AVX2" or "Go".
func (b *Backend) Kernels() string { return b.ks.name }
