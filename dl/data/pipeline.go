package data

import (
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"

	"github.com/fluxion-go/fluxion/dl"
)

// PipelineOptions say how batches are made. The zero value makes batches of 32
// in a new order in each epoch, with pixels from 0 to 1.
type PipelineOptions struct {
	Batch     int  // pictures in a batch; 0 means 32. The last batch of an epoch may be smaller
	Seed      int  // of all that is random
	KeepOrder bool // leave the pictures in their order
	Augment   []Augmentation

	Workers int // goroutines that make batches; 0 means one for each core
	Ahead   int // batches that may be ready before they are asked for; 0 means two for each worker
}

// A Pipeline makes batches of pictures, shuffled and augmented, in parallel and
// ahead of their use. Models of [github.com/fluxion-go/fluxion/dl/nn] are
// trained on it by FitBatches.
type Pipeline struct {
	m *Images
	o PipelineOptions
}

// Pipeline returns the maker of batches of m. It panics where an option makes no
// sense.
func (m *Images) Pipeline(o PipelineOptions) *Pipeline {
	if o.Batch < 0 || o.Workers < 0 || o.Ahead < 0 {
		panic(fmt.Errorf("data: Pipeline: batches of %d, %d workers, %d ahead; none may be negative", o.Batch, o.Workers, o.Ahead))
	}
	for _, a := range o.Augment {
		if err := a.check(m); err != nil {
			panic(fmt.Errorf("data: Pipeline: %w", err))
		}
	}
	if o.Batch == 0 {
		o.Batch = 32
	}
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Ahead == 0 {
		o.Ahead = 2 * o.Workers
	}
	return &Pipeline{m, o}
}

// Steps returns the number of batches of an epoch.
func (p *Pipeline) Steps() int { return p.m.Batches(p.o.Batch) }

// Epoch goes through the batches of epoch n: float32 pictures [batch, channels,
// height, width] and their int64 labels [batch]. What they hold follows from
// the seed and n alone, whatever the number of workers.
func (p *Pipeline) Epoch(n int) iter.Seq2[*dl.Tensor, *dl.Tensor] {
	return func(yield func(x, y *dl.Tensor) bool) {
		order := make([]int, p.m.Len())
		for i := range order {
			order[i] = i
		}
		if !p.o.KeepOrder {
			rng := rand.New(rand.NewPCG(uint64(p.o.Seed), uint64(n)))
			rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		}
		steps := p.Steps()
		workers := max(1, min(p.o.Workers, steps))
		// Worker k makes the batches k, k+workers, …, and hands them over in a
		// channel of its own, so that they come in order.
		type batch struct{ x, y *dl.Tensor }
		ready := make([]chan batch, workers)
		done := make(chan struct{})
		var running sync.WaitGroup
		defer running.Wait()
		defer close(done)
		for k := range ready {
			ready[k] = make(chan batch, max(1, p.o.Ahead/workers))
			running.Go(func() {
				for i := k; i < steps; i += workers {
					x, y := p.batch(n, i, order)
					select {
					case ready[k] <- batch{x, y}:
					case <-done:
						return
					}
				}
			})
		}
		for i := range steps {
			b := <-ready[i%workers]
			if !yield(b.x, b.y) {
				return
			}
		}
	}
}

// batch makes batch i of epoch n.
func (p *Pipeline) batch(n, i int, order []int) (x, y *dl.Tensor) {
	lo := i * p.o.Batch
	chosen := order[lo:min(lo+p.o.Batch, len(order))]
	pixels, labels := make([]float32, len(chosen)*p.m.size()), make([]int64, len(chosen))
	source := rand.NewPCG(0, 0)
	rng := rand.New(source)
	var v view
	for k, j := range chosen {
		labels[k] = int64(p.m.Labels[j])
		source.Seed(uint64(p.o.Seed), uint64(n)<<32|uint64(lo+k))
		v = view{holes: v.holes[:0]}
		for _, a := range p.o.Augment {
			a.choose(rng, p.m, &v)
		}
		p.m.read(pixels[k*p.m.size():][:p.m.size()], j, &v)
	}
	return dl.NewShared(pixels, len(chosen), p.m.Channels, p.m.Height, p.m.Width), dl.NewShared(labels, len(chosen))
}

// read writes picture i, seen by v, to dst.
func (m *Images) read(dst []float32, i int, v *view) {
	picture := m.Pixels[i*m.size():][:m.size()]
	for c := range m.Channels {
		scale, shift := float32(1./255), float32(0)
		if v.mean != nil {
			scale, shift = float32(1/(255*v.deviation[c])), float32(-v.mean[c]/v.deviation[c])
		}
		for y := range m.Height {
			row := dst[(c*m.Height+y)*m.Width:][:m.Width]
			from := y + v.dy
			if from < 0 || from >= m.Height {
				for x := range row {
					row[x] = shift
				}
				continue
			}
			m.readRow(row, picture[(c*m.Height+from)*m.Width:][:m.Width], v, scale, shift)
		}
		for _, h := range v.holes {
			for y := h.y0; y < h.y1; y++ {
				clear(dst[(c*m.Height+y)*m.Width+h.x0 : (c*m.Height+y)*m.Width+h.x1])
			}
		}
	}
}

// readRow writes one row of one channel.
func (m *Images) readRow(row []float32, from []uint8, v *view, scale, shift float32) {
	// The columns that fall on the picture.
	lo, hi := min(max(0, -v.dx), len(row)), max(0, min(len(row), len(row)-v.dx))
	for x := range row[:lo] {
		row[x] = shift
	}
	for x := hi; x < len(row); x++ {
		row[x] = shift
	}
	if lo >= hi {
		return
	}
	if v.mirrored {
		last := len(from) - 1 - v.dx
		for x := lo; x < hi; x++ {
			row[x] = float32(from[last-x])*scale + shift
		}
		return
	}
	for x, b := range from[lo+v.dx : hi+v.dx] {
		row[lo+x] = float32(b)*scale + shift
	}
}

// Moments returns the mean and the standard deviation of each channel, of pixels
// from 0 to 1: what [Normalize] wants.
func (m *Images) Moments() (mean, deviation []float64) {
	plane := m.Height * m.Width
	for c := range m.Channels {
		var sum, squares, count float64
		for i := range m.Len() {
			for _, b := range m.Pixels[(i*m.Channels+c)*plane:][:plane] {
				v := float64(b) / 255
				sum, squares = sum+v, squares+v*v
			}
			count += float64(plane)
		}
		mu := sum / count
		mean, deviation = append(mean, mu), append(deviation, math.Sqrt(max(0, squares/count-mu*mu)))
	}
	return mean, deviation
}
