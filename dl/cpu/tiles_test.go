package cpu

import (
	"maps"
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"
)

// plainTiles are the kernels for products in tiles in Go, so that what packs
// and cuts is tested on every processor.
var plainTiles = tileSet{permit: func() bool { return true }, multiply: multiplyPlain, rows: rowsBF16Plain, pairs: pairsBF16Plain, rate: 1}

func half(p *float32, bytes int) *uint16 { return (*uint16)(unsafe.Pointer(at(p, bytes))) }

func toFloat(h uint16) float32 { return math.Float32frombits(uint32(h) << 16) }
func toHalf(x float32) uint16 {
	if x != x {
		return 0x7fc0
	}
	return uint16(math.Float32bits(roundedBF16(x)) >> 16)
}

func multiplyPlain(t *tileCall) {
	for p := range t.panels {
		for tile := range 4 {
			down, right := tile/2, tile%2
			cols := int(t.config.rowBytes[tile]) / 4
			for i := range int(t.config.rows[tile]) {
				c := floats(at(t.c, p*128+down*t.rowsC+i*t.ldc+right*64), cols)
				if t.add == 0 {
					clear(c)
				}
				for q := range t.nseg * t.chunks {
					for k := range int(t.config.rows[6+right]) {
						a := math.Float32bits(*at(t.a, q/t.chunks*t.sega+q%t.chunks*t.chunkA+down*t.rowsA+i*t.lda+4*k))
						a0, a1 := math.Float32frombits(a<<16), math.Float32frombits(a&0xffff0000)
						for j, word := range floats(at(t.b, p*t.panelB+q*t.chunkB+k*t.ldb+right*64), cols) {
							b := math.Float32bits(word)
							c[j] += a0*math.Float32frombits(b<<16) + a1*math.Float32frombits(b&0xffff0000)
						}
					}
				}
			}
		}
	}
}

func rowsBF16Plain(dst *float32, ldd int, x *float32, ldx, rows, n int) {
	for r := range rows {
		for j := range n {
			*half(dst, r*ldd+2*j) = toHalf(*at(x, r*ldx+4*j))
		}
	}
}

func pairsBF16Plain(dst *float32, panel, ldd int, x *float32, ldx, rows, n int) {
	for r := range (rows + 1) / 2 * 2 {
		for j := range roundUp(n, blockSide) {
			v := uint16(0)
			if r < rows && j < n {
				v = toHalf(*at(x, r*ldx+4*j))
			}
			*half(dst, r/2*ldd+j/blockSide*panel+j%blockSide*4+r%2*2) = v
		}
	}
}

// slowTiles are those that the processor runs and never uses.
var slowTiles = map[string]*tileSet{}

// tileSets lists those that the processor runs.
func tileSets() map[string]*tileSet {
	m := map[string]*tileSet{"Go": &plainTiles}
	maps.Copy(m, slowTiles)
	for _, ks := range kernelSets() {
		if ks.tiles != nil && ks.tiles.permit() {
			m[ks.name] = ks.tiles
		}
	}
	return m
}

// TestPacking compares the rounding to bfloat16 and the joining of rows with
// plain ones, and that nothing else is written.
func TestPacking(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for name, ts := range tileSets() {
		for range 300 {
			rows, n := rng.IntN(6), 1+rng.IntN(70)
			ldx, ldd, panel := n+rng.IntN(3), 0, 0
			x := make([]float32, max(1, rows*ldx))
			for i := range x {
				x[i] = math.Float32frombits(rng.Uint32())
				if rng.IntN(4) == 0 {
					x[i] = special[rng.IntN(len(special))]
				}
			}
			length := 2000
			got, want := make([]float32, length), make([]float32, length)
			ldd = (n+1)/2 + rng.IntN(3)
			ts.rows(&got[0], 4*ldd, &x[0], 4*ldx, rows, n)
			rowsBF16Plain(&want[0], 4*ldd, &x[0], 4*ldx, rows, n)
			if i := firstOther(got, want); i >= 0 {
				t.Fatalf("%s: %d rows of %d: half %d is %v, want %v", name, rows, n, i, halves(got)[i], halves(want)[i])
			}
			panel, ldd = blockSide, roundUp(n, blockSide)
			if rng.IntN(2) == 0 {
				panel, ldd = 3*blockSide, blockSide
			}
			clear(got)
			clear(want)
			ts.pairs(&got[0], 4*panel, 4*ldd, &x[0], 4*ldx, rows, n)
			pairsBF16Plain(&want[0], 4*panel, 4*ldd, &x[0], 4*ldx, rows, n)
			if i := firstOther(got, want); i >= 0 {
				t.Fatalf("%s: pairs of %d rows of %d: half %d is %v, want %v", name, rows, n, i, halves(got)[i], halves(want)[i])
			}
		}
	}
}

func halves(x []float32) []uint16 {
	return unsafe.Slice((*uint16)(unsafe.Pointer(unsafe.SliceData(x))), 2*len(x))
}

// firstOther returns the first half word that differs, or −1. All NaN are the same.
func firstOther(got, want []float32) int {
	g, w := halves(got), halves(want)
	for i := range g {
		a, b := toFloat(g[i]), toFloat(w[i])
		if g[i] != w[i] && (a == a || b == b) {
			return i
		}
	}
	return -1
}

// TestMultiplyTiles compares products in tiles of random shapes with plain ones.
func TestMultiplyTiles(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	fill := func(n int) []float32 {
		x := make([]float32, n)
		for i, h := 0, halves(x); i < len(h); i++ {
			h[i] = toHalf(float32(rng.NormFloat64()))
		}
		return x
	}
	for name, ts := range tileSets() {
		for range 300 {
			rows0, rows1, n, pairs := 1+rng.IntN(16), 0, 1+rng.IntN(100), 1+rng.IntN(16)
			if rng.IntN(2) == 0 {
				rows1 = 1 + rng.IntN(16)
			}
			c := tileCall{nseg: 1 + rng.IntN(3), add: rng.IntN(2)}
			c.chunks = 1 + rng.IntN(3)
			words := c.chunks * pairs
			a, b := fill(40*(3*words+5)), fill((n/blockSide+1)*c.nseg*words*blockSide)
			c.a, c.lda, c.sega = &a[0], 4*(3*words+5), 4*words
			c.rowsA = rows0 * c.lda
			c.b, c.ldb, c.panelB = &b[0], 4*blockSide, 4*blockSide*words*c.nseg
			ldc := n + rng.IntN(3)
			start := make([]float32, 40*ldc)
			for i := range start {
				start[i] = float32(rng.NormFloat64())
			}
			c.ldc, c.rowsC = 4*ldc, 4*ldc*rows0
			got, want := append([]float32{}, start...), append([]float32{}, start...)
			d := c
			c.c, d.c = &got[0], &want[0]
			c.run(&kernelSet{tiles: ts}, rows0, rows1, n, pairs)
			d.run(&kernelSet{tiles: &plainTiles}, rows0, rows1, n, pairs)
			for i := range got {
				if math.Abs(float64(got[i]-want[i])) > 1e-4 {
					t.Fatalf("%s: %d+%d rows, %d columns, %d segments of %d chunks of %d pairs: element %d is %v, want %v",
						name, rows0, rows1, n, c.nseg, c.chunks, pairs, i, got[i], want[i])
				}
			}
		}
	}
}
