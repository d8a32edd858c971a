package dl

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// generator is the one source of random numbers. Numbers are drawn in order
// whatever the number of cores, so a seed always gives the same ones.
var generator = newGenerator(uint64(time.Now().UnixNano()))

type randomGenerator struct {
	sync.Mutex
	*rand.Rand
	source *rand.PCG
}

func newGenerator(seed uint64) *randomGenerator {
	g := &randomGenerator{source: &rand.PCG{}}
	g.Rand = rand.New(g.source)
	g.start(seed)
	return g
}

func (g *randomGenerator) start(seed uint64) { g.source.Seed(seed, 0x9e3779b97f4a7c15) }

// Seed restarts the random numbers. The same seed gives the same numbers on
// every machine. Without it they differ from run to run.
func Seed(seed int) {
	generator.Lock()
	defer generator.Unlock()
	generator.start(uint64(seed))
	graph.SetRandom(uint64(seed), 0)
}

func drawn(op string, shape []int, draw func(*rand.Rand) float64) *Tensor {
	t, x := blank(op, shape)
	generator.Lock()
	defer generator.Unlock()
	for i := range x {
		x[i] = float32(draw(generator.Rand))
	}
	return t
}

// Randn returns float32 numbers from the normal distribution with mean 0 and
// standard deviation 1.
func Randn(shape ...int) *Tensor { return drawn("randn", shape, (*rand.Rand).NormFloat64) }

// Rand returns float32 numbers evenly distributed in [0, 1).
func Rand(shape ...int) *Tensor {
	// Rounding a float64 just below 1 to float32 would give 1.
	return drawn("rand", shape, func(r *rand.Rand) float64 { return float64(r.Float32()) })
}

// RandInt returns int64 numbers evenly distributed in [low, high).
func RandInt(low, high int, shape ...int) *Tensor {
	if high <= low {
		panic(&Error{Op: "randint", Axis: -1, Msg: "high must be greater than low"})
	}
	t, _ := blank("randint", shape)
	x := make([]int, t.Size())
	generator.Lock()
	defer generator.Unlock()
	for i := range x {
		x[i] = low + generator.IntN(high-low)
	}
	return New(x).Reshape(shape...)
}
