package cpu

import (
	"runtime"
	"time"

	"github.com/fluxion-go/fluxion/dl/backend"
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
		t.do(cores, func(*worker, int) { ks.fmas(rounds) })
		best = max(best, float64(cores*rounds*ks.fmaFlops)/float64(time.Since(begin)))
	}
	return best
}

// tilePeak measures the peak of one core's products in tiles.
func tilePeak(ks *kernelSet) float64 {
	const chunks, rounds = 256, 100
	data := backend.View[float32](backend.NewBuffer(backend.Float32, 4*blockSide*panelWords))
	line, block := 4*tileSide, 4*tileSide*panelWords
	t := &tileCall{nseg: 1, chunks: chunks, panels: 1, a: &data[0], lda: line, rowsA: tileSide * line,
		b: &data[0], ldb: 4 * panelWords, c: &data[2*blockSide*panelWords], ldc: 4 * blockSide, rowsC: block}
	t.shape(tileSide, tileSide, blockSide, tileSide)
	best := 0.0
	for range 20 {
		begin := time.Now()
		for range rounds {
			ks.tiles.multiply(t)
		}
		best = max(best, float64(rounds*chunks*4*tileSide*tileSide*2*blockSide)/float64(time.Since(begin)))
	}
	return best
}

// Peak implements [backend.Profiler].
func (x *executable) Peak() float64 { return peak(x.ks, 1) }
