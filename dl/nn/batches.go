package nn

import (
	"iter"
	"math/rand/v2"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// Batches make the batches of a training run, as the pipeline of
// [github.com/fluxion-go/fluxion/dl/data.Images] does.
type Batches interface {
	// Steps returns the number of batches of an epoch, at least 1.
	Steps() int

	// Epoch goes through the batches of epoch n, counted from 1: inputs
	// [batch, …] and targets [batch, …] of the same shapes and dtypes but for
	// the number of examples. A run that goes on from a checkpoint ends in the
	// same bits as one that was not interrupted where each epoch follows from
	// n alone.
	Epoch(n int) iter.Seq2[*dl.Tensor, *dl.Tensor]
}

// FitBatches is Fit on batches that are made while the model is trained, such
// as pictures that are augmented:
//
//	model.FitBatches(images.Pipeline(data.PipelineOptions{Batch: 32, Augment: …}), nn.FitOptions{Epochs: 10})
//
// Batch, Seed, KeepOrder and SampleWeights of the options must not be given:
// what they say is up to the batches. To see shapes, the first batch of epoch 1
// is made once more before the run.
func (m *Model) FitBatches(b Batches, o FitOptions) *History {
	if o.Batch != 0 || o.Seed != 0 || o.KeepOrder || o.SampleWeights != nil {
		panic(misuse("fit", nil, "give them where the batches are made", "Batch, Seed, KeepOrder or SampleWeights beside batches that are made already"))
	}
	o = o.filled()
	if b == nil {
		panic(misuse("fit", nil, "", "the batches are nil"))
	}
	if n := b.Steps(); n < 1 {
		panic(misuse("fit", nil, "", "an epoch has %d batches, want at least 1", n))
	}
	for x, y := range b.Epoch(1) {
		first := set{[]*dl.Tensor{x}, []*dl.Tensor{y}}
		first.check("fit: the first batch", m)
		return m.fit(&made{of: b, first: first, classes: len(o.ClassWeights), args: make([]any, 2)}, o)
	}
	panic(misuse("fit", nil, "", "epoch 1 has no batches, but Steps says %d", b.Steps()))
}

// A source is where a training run takes its batches from.
type source interface {
	// inputs returns placeholders for the arguments of a batch.
	inputs() inputs
	steps() int

	// epoch goes through the arguments of the batches of epoch n, from 1, and
	// how many examples each has. The arguments hold until the next.
	epoch(n int) iter.Seq2[[]any, int]

	// targets returns some of the targets, which show what they are like.
	targets() []*dl.Tensor
}

// made are batches that the user makes.
type made struct {
	of      Batches
	first   set
	classes int // that have weights, or 0
	args    []any
}

func (s *made) steps() int            { return s.of.Steps() }
func (s *made) targets() []*dl.Tensor { return s.first.ys }

func (s *made) inputs() inputs {
	x, y := placeholder("x", s.first.xs[0]), placeholder("y", s.first.ys[0])
	return inputs{all: []*dl.Tensor{x, y}, xs: []*dl.Tensor{x}, ys: []*dl.Tensor{y}}
}

func (s *made) epoch(n int) iter.Seq2[[]any, int] {
	return func(yield func([]any, int) bool) {
		step, steps := 0, s.steps()
		for x, y := range s.of.Epoch(n) {
			if step++; step > steps {
				panic(misuse("fit", nil, "", "epoch %d has more batches than the %d that Steps says", n, steps))
			}
			if x == nil || y == nil || x.Rank() == 0 || y.Rank() == 0 || x.Shape()[0] != y.Shape()[0] || x.Shape()[0] == 0 {
				panic(misuse("fit", nil, "", "batch %d of epoch %d has inputs %s and targets %s, want as many of each", step, n, shapeOf(x), shapeOf(y)))
			}
			if s.classes > 0 {
				checkClasses(y, s.classes)
			}
			s.args[0], s.args[1] = x, y
			if !yield(s.args, x.Shape()[0]) {
				return
			}
		}
		if step < steps {
			panic(misuse("fit", nil, "", "epoch %d has %d batches, but Steps says %d", n, step, steps))
		}
	}
}

func shapeOf(t *dl.Tensor) string {
	if t == nil {
		return "nil"
	}
	return graph.ShapeString(t.Shape())
}

// chosen are batches of examples in memory, in a new order in each epoch.
type chosen struct {
	set
	o       FitOptions
	order   []int64
	args    []any
	choices map[int]choice // by size of batch
}

// A choice is a tensor of the numbers of examples with its memory, which is
// written between the steps.
type choice struct {
	numbers []int64
	t       *dl.Tensor
}

func newChosen(s set, o FitOptions) *chosen {
	return &chosen{set: s, o: o, order: make([]int64, s.len()), args: s.args(nil), choices: map[int]choice{}}
}

func (s *chosen) steps() int            { return (s.len() + s.o.Batch - 1) / s.o.Batch }
func (s *chosen) targets() []*dl.Tensor { return s.ys }
func (s *chosen) inputs() inputs        { return newInputs(s.set) }

func (s *chosen) epoch(n int) iter.Seq2[[]any, int] {
	return func(yield func([]any, int) bool) {
		order := s.order
		for i := range order {
			order[i] = int64(i)
		}
		if !s.o.KeepOrder {
			rng := rand.New(rand.NewPCG(uint64(s.o.Seed), uint64(n)))
			rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		}
		for lo := 0; lo < len(order); lo += s.o.Batch {
			numbers := order[lo:min(lo+s.o.Batch, len(order))]
			c, ok := s.choices[len(numbers)]
			if !ok {
				c.numbers = make([]int64, len(numbers))
				c.t = dl.NewShared(c.numbers)
				s.choices[len(numbers)] = c
			}
			copy(c.numbers, numbers)
			s.args[len(s.args)-1] = c.t
			if !yield(s.args, len(numbers)) {
				return
			}
		}
	}
}
