package cpu

import (
	"runtime"
	"time"
)

// Peak measures how many additions and multiplications of float32 all cores
// that Go may use can do with the instructions of b's kernels, in GFLOP/s: the
// bound on the speed of matrix products and convolutions. It takes about 10 ms;
// what else runs on the machine makes the result smaller.
func (b *Backend) Peak() float64 {
	return peak(b.ks, runtime.GOMAXPROCS(0))
}

// peak measures the peak of a number of cores together.
func peak(ks *kernelSet, cores int) float64 {
	t := takeTeam()
	defer t.release()
	const rounds = 20_000
	best := 0.0
	for range 100 {
		begin := time.Now()
		t.do(cores, func(_ *worker, lo, hi int) { ks.fmas((hi - lo) * rounds) })
		best = max(best, float64(cores*rounds*ks.fmaFlops)/float64(time.Since(begin)))
	}
	return best
}

// tilePeak measures the peak of one core's products in tiles.
func tilePeak(ks *kernelSet) float64 {
	p := newTileProduct(ks, blockSide, blockSide, 256, false, false)
	var w worker
	lengths := []int{blockSide * p.line(), p.panel(), blockSide * blockSide}
	w.need(lengths[0] + lengths[1] + lengths[2])
	a, b := w.scratch[:lengths[0]], w.scratch[lengths[0]:][:lengths[1]]
	c := w.scratch[lengths[0]+lengths[1]:]
	t := p.call(&w)
	const rounds = 3000
	best := 0.0
	for range 20 {
		begin := time.Now()
		for range rounds {
			p.block(t, c, blockSide, a, b, blockSide, blockSide)
		}
		best = max(best, float64(rounds*2*p.m*p.n*p.k)/float64(time.Since(begin)))
	}
	return best
}

// Peak implements [backend.Profiler].
func (x *executable) Peak() float64 { return peak(x.ks, 1) }
