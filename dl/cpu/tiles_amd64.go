package cpu

import "golang.org/x/sys/cpu"

var (
	amxTiles  = tileSet{permit: permitAMX, multiply: multiplyAMX, rows: rowsBF16AVX512, pairs: pairsBF16AVX512, rate: 600}
	pairTiles = tileSet{permit: fastPairDots, multiply: multiplyPairDots, rows: rowsBF16AVX512, pairs: pairsBF16AVX512, rate: 250}
)

func init() {
	switch {
	case cpu.X86.HasAVX512BW && cpu.X86.HasAMXTile && cpu.X86.HasAMXBF16:
		avx512.tiles = &amxTiles
	case hasPairDots():
		avx512.tiles = &pairTiles
	}
}

func hasPairDots() bool { return cpu.X86.HasAVX512BW && cpu.X86.HasAVX512BF16 }

//go:noescape
func multiplyAMX(t *tileCall)

// fastPairDots reports whether VDPBF16PS multiplies more than the instructions for
// float32 do. On AMD's processors it does twice as much, on Intel's half as much.
func fastPairDots() bool {
	const intel = 'G' | 'e'<<8 | 'n'<<16 | 'u'<<24 // GenuineIntel
	return vendor() != intel
}

// pairDots are tile kernels for words of two bfloat16 numbers, which VDPBF16PS
// multiplies, and cols columns.
var pairDots = [...]func(nseg, kseg int, a *float32, lda, sega int, b *float32, ldb, segb int, c *float32, ldc int, base *float32, ldbase int, next *float32, skip int, cols int){
	1: pairDots1AVX512, pairDots2AVX512, pairDots3AVX512, pairDots4AVX512,
	pairDots5AVX512, pairDots6AVX512, pairDots7AVX512, pairDots8AVX512,
}

// multiplyPairDots does what multiplyAMX does, a few rows at a time.
func multiplyPairDots(t *tileCall) {
	cols, pairs := t.shaped[2], t.chunks*t.shaped[3]
	for p := range t.panels {
		b := at(t.b, p*t.panelB)
		for side, rows := range t.shaped[:2] {
			for i, n := 0, 0; i < rows; i += n {
				n = rows - i
				if most := len(pairDots) - 1; n > most {
					n = (n + 1) / 2
				}
				a, c := at(t.a, side*t.rowsA+i*t.lda), at(t.c, side*t.rowsC+i*t.ldc+p*4*blockSide)
				pairDots[n](t.nseg, pairs, a, t.lda, t.sega, b, t.ldb, 0, c, t.ldc, onto(c, t.add), t.ldc, nil, 0, cols)
			}
		}
	}
}
