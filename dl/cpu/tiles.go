package cpu

// Products of bfloat16 numbers are computed in tiles where the processor has
// them (AMX): a tile of C is 16×16 float32, one of A 16 rows of 32 numbers, one
// of B 16 pairs of rows, whose two numbers of a column are next to one another.
// Numbers are packed as bfloat16 in words of 32 bits, which are held as float32.
// Where there are vectors of such pairs instead (AVX512_BF16), the same operands
// are multiplied a few rows at a time.
//
// A product is computed in blocks of up to 2×2 tiles. The inner length is cut
// into chunks of equal length, up to 32. Where packing rounds it up, both
// operands are filled up with zeros.

const (
	tileSide   = 16 // rows of a tile, and words of its rows
	blockSide  = 32 // rows and columns of a block
	panelWords = 32 // words of a pair of rows in a panel of B
)

// A tileSet is the kernels for products in tiles. Distances are in bytes.
type tileSet struct {
	// permit reports whether the operating system lets us use tiles, and whether that
	// is faster than float32.
	permit func() bool

	multiply func(t *tileCall)
	rate     int // multiplications in a nanosecond, roughly

	// rows rounds n floats of each of a number of rows to bfloat16.
	rows func(dst *float32, ldd int, x *float32, ldx, rows, n int)

	// pairs rounds rows of n floats to bfloat16 and joins each pair of them to
	// one of words, with zeros in place of a missing last row. 32 words at a
	// time go to one panel after another, the last one filled up with zeros.
	pairs func(dst *float32, panel, ldd int, x *float32, ldx, rows, n int)
}

// A tileCall is the operands of multiply: for each of a number of panels of B,
// a block of C,
//
//	C(i,:) = [C(i,:) if add ≠ 0 +] Σ_{s<nseg} Σ_{q<chunks} A(s,q,i,:) · B(s,q,:)
//
// where row i of A begins at a + s·sega + q·chunkA + i·lda and the pairs of rows
// of B at b + (s·chunks+q)·chunkB and so on, ldb apart: chunks follow one another.
// The second tile of rows begins rowsA and rowsC after the first. Panels are panelB
// apart, and 32 columns of C. Distances are in bytes.
type tileCall struct {
	config tileConfig

	nseg, chunks, panels     int
	a                        *float32
	lda, rowsA, chunkA, sega int
	b                        *float32
	ldb, chunkB, panelB      int
	c                        *float32
	ldc, rowsC               int
	shaped                   [4]int // what config was made for
	rows2, cols2, add        int    // whether there are second tiles; whether C is added
}

// A tileConfig is the operand of LDTILECFG: the shapes of the eight tiles.
type tileConfig struct {
	palette  byte
	_        [15]byte // the row to go on with after a fault, and room
	rowBytes [16]uint16
	rows     [16]uint8
}

// with makes t the call u, of whatever shape, and returns t.
func (t *tileCall) with(u tileCall) *tileCall {
	u.config, u.shaped, u.rows2, u.cols2 = t.config, t.shaped, t.rows2, t.cols2
	*t = u
	return t
}

// shape sets the shapes of the tiles: rows0 and rows1 rows of A, the latter 0
// where there is no second tile, cols columns of C, and chunks of pairs pairs.
func (t *tileCall) shape(rows0, rows1, cols, pairs int) {
	key := [4]int{rows0, rows1, cols, pairs}
	if t.shaped == key {
		return // reading what was just written byte by byte takes long
	}
	t.shaped = key
	cols0 := min(cols, tileSide)
	cols1 := cols - cols0
	t.config = tileConfig{palette: 1}
	set := func(tile, rows, words int) {
		if rows > 0 && words > 0 {
			t.config.rows[tile], t.config.rowBytes[tile] = uint8(rows), uint16(4*words)
		}
	}
	set(0, rows0, cols0)
	set(1, rows0, cols1)
	set(2, rows1, cols0)
	set(3, rows1, cols1)
	set(4, rows0, pairs)
	set(5, rows1, pairs)
	set(6, pairs, cols0)
	set(7, pairs, cols1)
	t.rows2, t.cols2 = rows1, cols1
}

// run multiplies by panels of B that have n columns together: the last one may
// be narrower.
func (t *tileCall) run(ks *kernelSet, rows0, rows1, n, pairs int) {
	t.chunkA, t.chunkB = 4*pairs, pairs*t.ldb
	if t.panels = n / blockSide; t.panels > 0 {
		t.shape(rows0, rows1, blockSide, pairs)
		ks.tiles.multiply(t)
	}
	if rest := n % blockSide; rest > 0 {
		b, c := t.b, t.c
		t.b, t.c = at(b, t.panels*t.panelB), at(c, t.panels*4*blockSide)
		t.panels = 1
		t.shape(rows0, rows1, rest, pairs)
		ks.tiles.multiply(t)
		t.b, t.c = b, c
	}
}

// A chunking cuts an inner length, in pairs, into equal chunks.
type chunking struct{ count, pairs int }

// words is the length rounded up, in pairs.
func (c chunking) words() int { return c.count * c.pairs }

// chunked cuts k numbers into as few chunks as there can be, rounded up.
func chunked(k int) chunking {
	pairs := (k + 1) / 2
	n := max(1, (pairs+tileSide-1)/tileSide)
	return chunking{n, max(1, (pairs+n-1)/n)}
}

// evenly cuts pairs pairs into equal chunks without rounding.
func evenly(pairs int) chunking {
	for n := max(1, (pairs+tileSide-1)/tileSide); ; n++ {
		if pairs%n == 0 {
			return chunking{n, pairs / n}
		}
	}
}
