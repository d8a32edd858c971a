package cpu

import (
	"runtime"
	"slices"
	"sync/atomic"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// A step is the work that one instruction, or several fused ones, became. It
// can be cut along an axis into units that are computed apart.
//
// The units are those of the leading axis of its aligned operands and its
// results, such as the pictures of a batch: unit i of the results needs only
// unit i of the aligned operands, and all of the whole ones. Steps with the
// same number of units that follow one another are run together as a group,
// piece by piece, so that what one step writes for a few units is still in the
// cache when the next one reads it.
type step struct {
	name  string
	units int
	cost  int  // of a unit, very roughly, in nanoseconds
	flops int  // additions and multiplications of a unit, where those of a matrix product
	least int  // units that a part should have at least, or 0
	grain int  // units that are best taken together: pieces are cut at multiples of it; or 0
	fine  bool // fewer units will do as well where there are many cores
	early bool // goes as soon as it can, so that those who wait for it can join a group
	alone bool // units are not those of a leading axis: it cannot be in a group with others
	tiles bool // the operations are done in tiles

	aligned, whole []int // values that it reads
	out            []int // values that it writes, unit by unit

	scratch   int // floats of working memory that a worker needs
	scratchAt int // where in the worker's scratch that is

	block func(e *execution, s *step, w *worker, p piece)

	// A reduction adds up over the units. It keeps one partial result for each
	// piece; when all are done, finish makes the floats from lo to before hi of
	// its result of them. As the pieces depend on sizes only, the result does not
	// depend on the number of goroutines.
	partialSize int // floats of a partial result
	partial     int // the value that holds them
	late        []int
	finish      func(e *execution, partial []float32, pieces, lo, hi int)

	chain  *chain // of an elementwise step
	inside []int  // values of the program that it computes on the way and keeps nowhere
	index  int    // among the steps of the program
}

// A piece is a run of units that one goroutine computes. It comes to the
// blocks in several parts.
type piece struct {
	index  int
	start  int // the first unit of the piece
	lo, hi int // the units of this part
}

func (s *step) scratchOf(w *worker) []float32 { return w.scratch[s.scratchAt:][:s.scratch] }

// reads reports whether s reads v.
func (s *step) reads(v int) bool { return slices.Contains(s.aligned, v) || slices.Contains(s.whole, v) }

// An execution is what the blocks of steps work on.
type execution struct {
	ks      *kernelSet
	values  []backend.Value
	sizes   []int            // by value: its elements
	buffers []backend.Buffer // by value
	local   []int            // by value: its place in the scratch memory of workers, or −1
	spent   []atomic.Int64   // by step: nanoseconds, while profiled

	// Of the present run; what control flow needs.
	team    *team
	done    <-chan struct{}
	failure error // of a step
}

func (e *execution) floats(v int) []float32 { return backend.View[float32](e.buffers[v]) }

// part returns the units of p of a float32 value that s reads aligned or
// writes.
func (e *execution) part(w *worker, s *step, v int, p piece) []float32 {
	size := e.sizes[v] / s.units
	if at := e.local[v]; at >= 0 {
		return w.scratch[at:][:(p.hi-p.lo)*size]
	}
	return e.floats(v)[p.lo*size : p.hi*size]
}

// A group is a number of steps that are run together.
type group struct {
	steps   []*step
	units   int
	pieces  int
	reduces bool // has partial results by piece; without them pieces may be done as one
	height  int  // units in a part of a piece, at most
	grain   int  // units that are best taken together
	commit  bool
	whole   bool // a part may be all units
}

const (
	pieceTime   = 20_000  // ns that a piece should take at least
	maxPieces   = 64      // of a group
	partialRoom = 1 << 20 // floats of partial results of a reduction
	partialTime = 1 << 14 // floats of partial results that are added up in no time
	cacheRoom   = 80_000  // floats that the steps of a group hand on in one part
)

// cut decides in how many pieces and parts g is run. Where there are partial results it
// looks at sizes only.
func (g *group) cut(values []backend.Value) {
	g.units, g.grain = g.steps[0].units, 1
	total, limit := 0, maxPieces
	for _, s := range g.steps {
		total += s.cost * s.units
		if s.finish != nil {
			g.reduces = true
			size := max(s.partialSize, 1)
			limit = min(limit, max(4, min(16, partialRoom/size), partialTime/size))
		}
	}
	for _, s := range g.steps {
		g.grain = max(g.grain, g.grainOf(s))
	}
	limit = min(limit, max(1, g.units/g.grain))
	g.pieces = min(max(1, min(total/pieceTime, limit)), g.units)
	for g.reduces && g.pieces&(g.pieces-1) != 0 {
		g.pieces &= g.pieces - 1 // a power of 2, which is even more often
	}
	// Equal shares for 2, 4 or 8 goroutines.
	if g.pieces >= 2 {
		g.pieces &^= 1
	}
	if g.pieces >= 8 {
		g.pieces &^= 3
	}
	if g.pieces >= 16 {
		g.pieces &^= 7
	}
	g.height = g.units
	if len(g.steps) > 1 && !g.whole {
		g.height = g.partHeight(values)
	}
	g.height = max(g.height-g.height%g.grain, min(g.grain, g.units))
}

// grainOf returns how many units s is best given together in g. Where no sum depends on
// what the pieces are, it may depend on the number of cores.
func (g *group) grainOf(s *step) int {
	if !s.fine || g.reduces {
		return s.grain
	}
	return max(1, min(s.grain, g.units/(2*runtime.GOMAXPROCS(0))))
}

// partHeight returns how many units a part should have, so that what the steps
// hand on stays in the cache.
func (g *group) partHeight(values []backend.Value) int {
	touched := map[int]int{}
	for _, s := range g.steps {
		for _, v := range append(append([]int{}, s.aligned...), s.out...) {
			touched[v]++
		}
	}
	shared := 0
	for v, n := range touched {
		if n > 1 {
			shared += backend.Size(values[v].Shape) / max(g.units, 1)
		}
	}
	return max(1, min(g.units, cacheRoom/max(shared, 1)))
}

// bound returns where piece i of g begins.
func (g *group) bound(i int) int {
	if i == g.pieces {
		return g.units
	}
	return i * g.units / g.pieces / g.grain * g.grain
}

// run computes pieces lo to before hi of g.
func (g *group) run(e *execution, w *worker, lo, hi int) {
	if !g.reduces {
		g.runPiece(e, w, lo, g.bound(lo), g.bound(hi))
		return
	}
	for i := lo; i < hi; i++ {
		g.runPiece(e, w, i, g.bound(i), g.bound(i+1))
	}
}

// runPiece computes the units from start to before end, which are piece i, or
// several from piece i on.
func (g *group) runPiece(e *execution, w *worker, i, start, end int) {
	p := piece{index: i, start: start}
	parts := (end - start + g.height - 1) / g.height
	height := min(g.height, roundUp((end-start+parts-1)/max(parts, 1), g.grain))
	for p.lo = start; p.lo < end; p.lo = p.hi {
		p.hi = min(p.lo+height, end)
		if e.spent != nil {
			g.runTimed(e, w, p)
			continue
		}
		for _, s := range g.steps {
			s.block(e, s, w, p)
		}
	}
}
