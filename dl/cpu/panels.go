package cpu

import "runtime"

// A matrix product with many rows reads its right operand packed: as panels of
// tileCols columns, each with all its rows one after another, the last one
// filled up with zeros. The panels are made once, by a step of their own, and
// shared by all products with the same operand, such as the steps of a loop
// that is written out.

// A panelKey names the operand of a product that is packed into panels.
type panelKey struct {
	value, k, n int
	trans       bool
}

// panels returns the value that holds op(y), k×n, as panels.
func (b *builder) panels(p *product, y int) int {
	key := panelKey{y, p.k, p.n, p.transB}
	if v, ok := b.packed[key]; ok {
		return v
	}
	nr := b.ks.tileCols
	count := (p.n + nr - 1) / nr
	packed := b.value(count * p.k * nr)
	b.packed[key] = packed
	// Two panels at a time read whole lines of y where those do not begin with
	// one of memory's.
	const together = 2
	b.emit(&step{
		name: "pack", units: (count + together - 1) / together, cost: together * p.k * nr, alone: true,
		whole: []int{y}, out: []int{packed},
		block: func(e *execution, _ *step, _ *worker, pc piece) {
			from, to := e.floats(y), e.floats(packed)
			lo, hi := pc.lo*together*nr, min(pc.hi*together*nr, p.n)
			p.packB(to[lo*p.k:], from, 0, p.k, lo, hi-lo)
		},
	})
	return packed
}

// panelsKept is the number of floats of panels, about, that stay in a cache near the
// core while rows go by. Of more, each panel is asked for before its turn.
const panelsKept = 1 << 18

// A product in panels is not joined with steps that would leave its parts fewer
// than pieceRows rows. At most panelRows are multiplied by one panel after another.
const pieceRows, panelRows = 40, 70

// rowTime is a rough estimate in nanoseconds for one row of C: of whole tiles,
// whose reading and writing takes as long as some multiplications.
func (p *product) rowTime() int { return multiplyTime(roundUp(p.n, p.ks.tileCols) * (p.k + 32)) }

// panelProduct computes C in bands of whole rows from B in panels, so that
// what follows can take it row by row.
func (b *builder) panelProduct(p *product, x, y, z int) {
	packed := b.panels(p, y)
	least := pieceRows
	if p.m < 8*pieceRows { // it is short, and what follows is worth more
		least = pieceRows / 2
	}
	b.emit(&step{
		name: "matmul", units: p.m, cost: p.rowTime(), flops: 2 * p.n * p.k, least: least, grain: p.ks.tileRows,
		whole: p.withBias(x, packed), out: []int{z}, inside: p.inside,
		scratch: p.ks.tileRows*p.ks.tileCols + max(panelRows*packedA(p.depth()), p.ks.strips(panelRows)*p.ks.stripWidth()*p.depth()),
		block: func(e *execution, s *step, w *worker, pc piece) {
			c := e.part(w, s, z, pc)
			for lo := pc.lo; lo < pc.hi; lo += panelRows {
				hi := min(lo+panelRows, pc.hi)
				p.rows(s.scratchOf(w), e.floats(x), e.floats(packed), c[(lo-pc.lo)*p.n:], p.biasOf(e), lo, hi)
			}
		},
	})
}

// rows computes rows i0 to i1 of C, the first of which c begins with, from B in
// panels. A row of bias, unless it is empty, is added to each.
func (p *product) rows(scratch, a, packed, c, bias []float32, i0, i1 int) {
	if p.k == 0 {
		clear(c[:(i1-i0)*p.n])
		return
	}
	nr, depth, m := p.ks.tileCols, p.depth(), i1-i0
	tile := scratch[:p.ks.tileRows*nr]
	scratch = scratch[len(tile):]
	kernels := p.ks.gemm
	if p.transA {
		kernels = p.ks.gemmT
	}
	for pc := 0; pc < p.k; pc += depth {
		kc := min(depth, p.k-pc)
		block, lda, step := a[i0*p.k+pc:], p.k, p.k
		switch {
		case p.transA:
			step = 0
			p.packStrips(scratch, a[pc*p.m+i0:], kc, m)
			block, lda = scratch, p.ks.stripWidth()
		case crowded(p.k):
			lda = packedA(kc)
			step = lda
			for i := range m {
				copy(scratch[i*lda:][:kc], block[i*p.k:])
			}
			block = scratch
		}
		for jr := 0; jr < p.n; jr += nr {
			panel := &packed[jr*p.k+pc*nr]
			for ir, rows, at := 0, 0, 0; ir < m; ir += rows {
				rows = p.ks.rowsOf(m - ir)
				from := &block[at]
				if at += rows * step; p.transA {
					at += kc * p.ks.stripWidth()
				}
				to := c[ir*p.n+jr:]
				base, ldbase := onto(&to[0], pc), 4*p.n
				var ahead *float32
				if p.k*p.n > panelsKept && ir+rows == m && jr+nr < p.n {
					ahead = &packed[(jr+nr)*p.k+pc*nr]
				}
				if pc == 0 && len(bias) > 0 {
					base, ldbase = &bias[jr], 0
				}
				if p.n-jr >= nr {
					kernels[rows](1, kc, from, 4*lda, 0, panel, 4*nr, 0, &to[0], 4*p.n, base, ldbase, ahead, 4*nr)
					continue
				}
				kernels[rows](1, kc, from, 4*lda, 0, panel, 4*nr, 0, &tile[0], 4*nr, nil, 0, nil, 0)
				if pc == 0 && len(bias) > 0 {
					for i := range rows {
						copy(to[i*p.n:][:p.n-jr], bias[jr:])
					}
				}
				storeTile(to, p.n, tile, nr, rows, p.n-jr, base != nil)
			}
		}
	}
}

// stripWidth is the distance in floats between the rows of a strip: at least
// the height of the highest tile.
func (k *kernelSet) stripWidth() int { return roundUp(k.tileRows, 8) }

// strips returns how many strips m columns are cut into.
func (k *kernelSet) strips(m int) int { return (m + k.tileRows - 1) / k.tileRows }

// packStrips copies m columns of kc rows of the stored A as strips, one for
// each tile that reads it.
func (p *product) packStrips(dst, a []float32, kc, m int) {
	for ir, rows := 0, 0; ir < m; ir += rows {
		rows = p.ks.rowsOf(m - ir)
		p.ks.strip(dst, a[ir:], p.m, kc)
		dst = dst[kc*p.ks.stripWidth():]
	}
}

// strip copies the first floats of rows that are ldx apart to rows of a strip.
func (k *kernelSet) strip(dst, x []float32, ldx, rows int) {
	width := k.stripWidth()
	whole := 0 // rows of which a vector does not reach beyond the end of x
	if len(x) >= width {
		whole = min(rows, (len(x)-width)/ldx+1)
		k.packStrip(&dst[0], &x[0], 4*ldx, whole)
	}
	for r := whole; r < rows; r++ {
		copy(dst[r*width:][:width], x[r*ldx:])
	}
}

// crowded reports whether rows that are n floats apart get in one another's way
// in the first-level cache.
func crowded(n int) bool { return n%512 == 0 }

// spaced returns the value that holds the m×k matrix x with rows that are
// packedA(k) floats apart.
func (b *builder) spaced(x, m, k int) int {
	key := panelKey{x, k, m, false}
	if v, ok := b.wide[key]; ok {
		return v
	}
	line := packedA(k)
	v := b.value(m, line)
	b.wide[key] = v
	b.emit(&step{
		name: "pack", units: m, cost: k/4 + 1,
		aligned: []int{x}, out: []int{v},
		block: func(e *execution, s *step, w *worker, pc piece) {
			from, to := e.part(w, s, x, pc), e.part(w, s, v, pc)
			for ; len(to) > 0; from, to = from[k:], to[line:] {
				copy(to, from[:k])
			}
		},
	})
	return v
}

// flatColumns returns how many columns of C are computed at a time. Rows of B are
// often a page apart, and each page must be found again for each run of columns.
// Where there are more pages than the processor remembers, runs are as long as
// leaves work for all. (What an element of C is does not depend on it.)
func (p *product) flatColumns() int {
	const remembered = 2048
	columns := 64
	for columns < 256 && p.k >= remembered && p.n >= 4*columns*runtime.GOMAXPROCS(0) {
		columns *= 2
	}
	return columns
}

// flatProduct computes a product with few rows, or one whose B stays in the
// second-level cache, from B as it lies in memory: packing it would take as long
// as is won. A part of a panel of B stays in the first-level cache while all
// rows of A go by; the next part is brought there in the meantime.
func (b *builder) flatProduct(p *product, x, y, z int) {
	nr, columns := p.ks.tileCols, p.flatColumns()
	passes := (p.k + 191) / 192
	depth := (p.k + max(passes, 1) - 1) / max(passes, 1)
	b.emit(&step{
		name: "matmul", units: (p.n + columns - 1) / columns, cost: multiplyTime(p.m * columns * p.k), alone: true,
		flops: 2 * p.m * p.n * p.k / ((p.n + columns - 1) / columns),
		whole: []int{x, y}, out: []int{z},
		scratch: p.ks.tileRows*nr + nr*depth,
		block: func(e *execution, s *step, w *worker, pc piece) {
			for lo, end := pc.lo*columns, min(pc.hi*columns, p.n); lo < end; lo += 4 * columns {
				p.flatBlock(s.scratchOf(w), e.floats(x), e.floats(y), e.floats(z), depth, lo, min(lo+4*columns, end))
			}
		},
	})
}

// flatBlock computes columns lo to hi of C with passes of the given depth.
func (p *product) flatBlock(scratch, a, from, c []float32, depth, lo, hi int) {
	nr := p.ks.tileCols
	tile, last := scratch[:p.ks.tileRows*nr], scratch[p.ks.tileRows*nr:]
	if p.k == 0 {
		for i := range p.m {
			clear(c[i*p.n+lo : i*p.n+hi])
		}
	}
	for q := 0; q < p.k; q += depth {
		kc := min(depth, p.k-q)
		for j := lo; j < hi; j += nr {
			panel, ldb := &from[q*p.n+j], 4*p.n
			if hi-j < nr { // the kernel reads whole vectors
				p.packB(last, from, q, kc, j, hi-j)
				panel, ldb = &last[0], 4*nr
			}
			next := q*p.n + j + nr
			if j+nr >= hi {
				next = (q+depth)*p.n + lo
			}
			for i, rows := 0, 0; i < p.m; i += rows {
				rows = p.ks.rowsOf(p.m - i)
				ahead, skip := &from[min(next, len(from)-1)], 4*p.n
				if i > nr/16*rows { // the whole part is on its way
					ahead = nil
				}
				next += 16 // the next line of the panel
				if hi-j >= nr {
					p.ks.gemm[rows](1, kc, &a[i*p.lda+q], 4*p.lda, 0, panel, ldb, 0, &c[i*p.n+j], 4*p.n, onto(&c[i*p.n+j], q), 4*p.n, ahead, skip)
					continue
				}
				p.ks.gemm[rows](1, kc, &a[i*p.lda+q], 4*p.lda, 0, panel, ldb, 0, &tile[0], 4*nr, nil, 0, ahead, skip)
				storeTile(c[i*p.n+j:], p.n, tile, nr, rows, hi-j, q > 0)
			}
		}
	}
}
