// Package cpu runs dl's programs on the processor. Its inner loops are Go
// assembly for AVX-512, AVX2 and NEON, chosen at run time, or Go; its results do not
// depend on the number of cores.
//
// A program is compiled in these steps, each in its file: images are turned
// to channels-last layout (layout.go), and poolings, biases and cross-entropies
// joined with what is around them (pools.go, bias.go, entropy.go); chains of
// elementwise instructions are joined (fuse.go, chainbuild.go), and compute anew
// what they'd read (recompute.go); instructions become steps (build.go and one file for each
// kind); steps are put in order and grouped (schedule.go); memory is planned
// (compile.go). A goroutine of the team (team.go) computes one piece of a
// group at a time (step.go).
//
// Convolutions by filters of 3×3 and 5×5 that move by one pixel, and their gradients, are
// computed by Winograd's algorithm (winograd.go, winogradconv.go, winogradgrad.go) where
// there are enough channels and pictures for that to pay. It takes a quarter to a sixth
// of the multiplications; its results are off by some 2·10⁻⁶ of their size instead of
// 5·10⁻⁷, and an infinity or NaN in a picture spreads over the results of its patch
// of 4×4.
//
// Where a program asks for bfloat16 and the processor has AMX or AVX512_BF16,
// matrix products (tilematmul.go) and convolutions (tileconv.go,
// tileconvgrad.go) are computed in tiles (tiles.go). Those of AMX multiply 15
// times as fast as AVX-512: what counts is packing and memory. AVX512_BF16
// (tiles_amd64.go) multiplies twice as fast on AMD's processors; on Intel's, half
// as fast, so that it is not used there. Each operand is rounded where it is packed.
// Convolutions in groups and those with columns of taps apart are not among them:
// there, and on other processors, operands are rounded (bfloat16.go) and products
// computed in float32.
package cpu

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fluxion-go/fluxion/dl/backend"
)

const name = "cpu"

func init() { backend.Register(New()) }

// A Backend runs programs on the processor.
type Backend struct {
	name string
	ks   *kernelSet
	fuse bool // whether to join instructions and turn layouts

	patches patching
}

// New returns the backend with the best kernels for this processor.
func New() *Backend { return &Backend{name: name, ks: kernelSets()[0], fuse: true} }

// NewWith returns a backend with the given kernels, which are among [Kernels]:
// for comparing them. Its name is that of [New] with theirs behind it, as in
// "cpu AVX2", by which a program can choose it once it is registered.
func NewWith(kernels string) (*Backend, error) {
	sets := kernelSets()
	i := slices.IndexFunc(sets, func(ks *kernelSet) bool { return ks.name == kernels })
	if i < 0 {
		return nil, fmt.Errorf("cpu: no kernels %q for this processor, which runs those for %s", kernels, strings.Join(Kernels(), ", "))
	}
	return &Backend{name: name + " " + kernels, ks: sets[i], fuse: true}, nil
}

// Kernels lists the kernels that this processor runs, the best first:
// of "AVX-512", "AVX2", "NEON" and "Go".
func Kernels() []string {
	var names []string
	for _, ks := range kernelSets() {
		names = append(names, ks.name)
	}
	return names
}

// Name returns "cpu", with the kernels' name behind it where they were chosen.
func (b *Backend) Name() string { return b.name }

// Kernels says which kernels are used.
func (b *Backend) Kernels() string { return b.ks.name }
