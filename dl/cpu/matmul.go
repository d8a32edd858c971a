package cpu

import "github.com/fluxion-go/fluxion/dl/backend"

// A product is one matrix product C = op(A)·op(B), row-major and dense, where
// C is m×n and the inner length is k.
//
// C is computed in blocks. For each block, a strip of B as deep as depth is
// packed into panels of tileCols columns, so that the tile kernel reads it in
// order, and rows of A are packed where they are read often.
type product struct {
	ks             *kernelSet
	m, n, k        int
	transA, transB bool
	lda            int // floats from a row of the stored A to the next

	bias   []int // the value of a row that is added to each row of C, if there is one
	inside []int // values of the program that are not there because of that
}

const (
	maxDepth = 256     // of k in one pass over a block of C
	maxRows  = 144     // of A packed at a time
	maxPack  = 1 << 16 // floats of B packed at a time
)

// depth cuts k into passes of nearly equal length.
func (p *product) depth() int {
	passes := max(1, (p.k+maxDepth-1)/maxDepth)
	return (p.k + passes - 1) / passes
}

// width returns how many columns of B are packed at a time for a block of n.
func (p *product) width(n int) int {
	nr := p.ks.tileCols
	return min(roundUp(n, nr), max(nr, maxPack/max(p.depth(), 1)/nr*nr))
}

// packedA is the length of a packed row of A. The odd line keeps rows from
// falling on the same cache lines.
func packedA(n int) int { return roundUp(n, 16) + 16 }

// scratch returns the floats that block needs for a block of m×n.
func (p *product) scratch(m, n int) int {
	a := packedA(p.depth()) * min(m, maxRows)
	if p.transA {
		a = packedA(min(m, maxRows)) * p.depth()
	}
	return roundUp(a, 16) + p.depth()*p.width(n) + p.ks.tileRows*p.ks.tileCols
}

// block computes rows i0 to i1 and columns j0 to j1 of C. c begins with
// element (i0, j0) and has rows of length ldc. again says that the block before
// used the same scratch memory for the same columns, so that B may still be
// there.
func (p *product) block(scratch, a, b, c []float32, ldc, i0, i1, j0, j1 int, again bool) {
	if p.k == 0 {
		for i := range i1 - i0 {
			clear(c[i*ldc:][:j1-j0])
		}
		return
	}
	nr, depth, width := p.ks.tileCols, p.depth(), p.width(j1-j0)
	tile := scratch[:p.ks.tileRows*nr]
	packedB := scratch[len(tile):][:depth*width]
	again = again && p.k <= depth && j1-j0 <= width
	scratch = scratch[len(tile)+len(packedB):]
	kernels := p.ks.gemm
	if p.transA {
		kernels = p.ks.gemmT
	}
	for jc := j0; jc < j1; jc += width {
		nc := min(width, j1-jc)
		// Rows of A that are read for few panels only are not worth packing.
		packA := p.transA || nc > 16*nr
		for pc := 0; pc < p.k; pc += depth {
			kc := min(depth, p.k-pc)
			if !again {
				p.packB(packedB, b, pc, kc, jc, nc)
			}
			for ic := i0; ic < i1; ic += maxRows {
				mc := min(maxRows, i1-ic)
				ac, lda, step := a[ic*p.lda+pc:], p.lda, p.lda
				if p.transA {
					ac, lda, step = p.packTransA(scratch, a, pc, kc, ic, mc), packedA(mc), 1
				} else if packA {
					lda = packedA(kc)
					step = lda
					for i := range mc {
						copy(scratch[i*lda:][:kc], ac[i*p.lda:])
					}
					ac = scratch
				}
				for jr := 0; jr < nc; jr += nr {
					panel := &packedB[jr*kc]
					for ir, rows := 0, 0; ir < mc; ir += rows {
						rows = p.ks.rowsOf(mc - ir)
						to := c[(ic-i0+ir)*ldc+jc-j0+jr:]
						if nc-jr >= nr {
							kernels[rows](1, kc, &ac[ir*step], 4*lda, 0, panel, 4*nr, 0, &to[0], 4*ldc, onto(&to[0], pc), 4*ldc, nil, 0)
							continue
						}
						kernels[rows](1, kc, &ac[ir*step], 4*lda, 0, panel, 4*nr, 0, &tile[0], 4*nr, nil, 0, nil, 0)
						storeTile(to, ldc, tile, nr, rows, nc-jr, pc > 0)
					}
				}
			}
		}
	}
}

// storeTile writes or adds the first cols columns of a tile to c.
func storeTile(c []float32, ldc int, tile []float32, ldt, rows, cols int, add bool) {
	for i := range rows {
		d, t := c[i*ldc:][:cols], tile[i*ldt:][:cols]
		if !add {
			copy(d, t)
			continue
		}
		for j, v := range t {
			d[j] += v
		}
	}
}

// packTransA copies rows pc.. of the stored A, columns ic.., one after another.
func (p *product) packTransA(dst, a []float32, pc, kc, ic, mc int) []float32 {
	ld := packedA(mc)
	for q := range kc {
		copy(dst[q*ld:][:mc], a[(pc+q)*p.lda+ic:])
	}
	return dst
}

// packB writes rows pc.. and columns jc.. of op(B) as panels of tileCols
// columns, the last one filled up with zeros.
func (p *product) packB(dst, b []float32, pc, kc, jc, nc int) {
	nr := p.ks.tileCols
	whole := nc / nr * nr
	if p.transB {
		for j := 0; j < nc; j += nr {
			p.ks.transpose(dst[j*kc:], nr, b[(jc+j)*p.k+pc:], p.k, min(nr, nc-j), kc)
		}
	} else {
		if whole > 0 {
			p.ks.packRows(&dst[0], 4*kc*nr, &b[pc*p.n+jc], 4*p.n, kc, whole/nr)
		}
		if whole < nc {
			for q := range kc {
				copy(dst[whole*kc+q*nr:], b[(pc+q)*p.n+jc+whole:][:nc-whole])
			}
		}
	}
	if whole < nc {
		for q := range kc {
			clear(dst[whole*kc+q*nr+nc-whole : whole*kc+(q+1)*nr])
		}
	}
}

func roundUp(n, to int) int { return (n + to - 1) / to * to }

// newProduct returns the product that i computes as often as batch says.
func newProduct(ks *kernelSet, i backend.Instr, values []backend.Value) (p *product, batch int) {
	at, _ := i.Attrs.(backend.MatMulAttrs)
	out := i.Out[0]
	if with, ok := i.Attrs.(biasAttrs); ok {
		at, out = with.MatMulAttrs, with.product
	}
	sa, sb, so := values[i.In[0]].Shape, values[i.In[1]].Shape, values[out].Shape
	r := len(so)
	p = &product{ks: ks, m: so[r-2], n: so[r-1], k: sa[len(sa)-1], transA: at.TransA, transB: at.TransB}
	if at.TransA {
		p.k = sa[len(sa)-2]
	}
	batch = backend.Size(so[:r-2])
	if !at.TransA && backend.Size(sb[:len(sb)-2]) == 1 && backend.Size(sa[:len(sa)-2]) == batch {
		p.m, batch = p.m*batch, 1 // one tall matrix
	}
	p.lda = p.k
	if p.transA {
		p.lda = p.m
	}
	return p, batch
}

// matMul emits the steps of a matrix product of float32.
func (b *builder) matMul(i backend.Instr) {
	p, batch := newProduct(b.ks, i, b.values)
	if at, ok := i.Attrs.(biasAttrs); ok {
		p.bias, p.inside = []int{b.root[i.In[2]]}, []int{at.product}
	}
	x, y, z := b.root[i.In[0]], b.root[i.In[1]], i.Out[0]
	switch {
	case batch*p.m*p.n == 0:
		return
	case b.rowProduct(p, batch, x, y, z):
	case batch == 1 && p.isTall():
		b.tallProduct(p, x, y, z)
	case batch > 1:
		b.batchedProduct(p, i, batch)
	case p.n == 1 && !p.transA:
		b.matVec(p.m, p.k, x, y, z)
	case p.n == 1:
		b.vecMat(p.k, p.m, y, x, z)
	case p.m == 1 && p.transB:
		b.matVec(p.n, p.k, y, x, z)
	case p.m == 1:
		b.vecMat(p.k, p.n, x, y, z)
	case p.turns():
		b.transposedProduct(p, x, y, z)
	case p.isFlat():
		if crowded(p.k) {
			x, p.lda = b.spaced(x, p.m, p.k), packedA(p.k)
		}
		b.flatProduct(p, x, y, z)
	case p.m >= 2*pieceRows:
		b.panelProduct(p, x, y, z)
	default:
		if !p.transA && crowded(p.k) && p.n > 2*b.ks.tileCols {
			x, p.lda = b.spaced(x, p.m, p.k), packedA(p.k)
		}
		if !p.transA && !p.transB && (p.m <= 12 || p.m < pieceRows && p.k*p.n <= 1<<16) {
			b.flatProduct(p, x, y, z)
			return
		}
		b.gridProduct(p, x, y, z)
	}
}

// turns reports whether a product is computed as its transpose.
func (p *product) turns() bool { return p.transB && !p.transA && p.m <= 512 && p.n > 2*p.m }

// isFlat reports whether B is too large to be packed for the rows there are.
func (p *product) isFlat() bool {
	return !p.transA && !p.transB && p.m <= 256 && p.k*p.n >= 1<<18
}

// multiplyTime is a rough estimate in nanoseconds for n multiplications.
func multiplyTime(n int) int { return n/40 + 1 }

// matVec: z = A·x for an m×k matrix.
func (b *builder) matVec(m, k, a, x, z int) {
	b.emit(&step{
		name: "matvec", units: m, cost: k/8 + 2, flops: 2 * k,
		aligned: []int{a}, whole: []int{x}, out: []int{z},
		block: func(e *execution, s *step, w *worker, p piece) {
			e.ks.dots(e.part(w, s, z, p), e.part(w, s, a, p), k, e.floats(x))
		},
	})
}

// vecMat: z = x·A for a k×n matrix, summed over the rows of A.
func (b *builder) vecMat(k, n, x, a, z int) {
	b.reduction(&step{
		name: "vecmat", units: k, cost: n/8 + 2, flops: 2 * n,
		aligned: []int{x, a},
	}, n, z, func(e *execution, s *step, w *worker, p piece, sum []float32) {
		e.ks.addRows(sum, e.part(w, s, a, p), n, e.part(w, s, x, p), n)
	})
}

// A grid cuts an m×n matrix into blocks.
type grid struct{ m, n, rows, cols int }

// gridOf chooses blocks that are large enough to be worth packing for and
// small enough to stay in the cache.
func (p *product) gridOf() grid {
	nr := p.ks.tileCols
	g := grid{m: p.m, n: p.n}
	down := (p.m + maxRows - 1) / maxRows
	g.rows = (p.m + down - 1) / down
	// A block of 2 million multiplications takes about 50 µs.
	cols := max(1<<21/max(g.rows*p.k, 1), 8*nr)
	across := (p.n + cols - 1) / cols
	g.cols = roundUp((p.n+across-1)/across, nr)
	return g
}

func (g grid) across() int { return (g.n + g.cols - 1) / g.cols }
func (g grid) size() int   { return g.across() * ((g.m + g.rows - 1) / g.rows) }

// bounds returns the rows and columns of block i.
func (g grid) bounds(i int) (i0, i1, j0, j1 int) {
	i0, j0 = i/g.across()*g.rows, i%g.across()*g.cols
	return i0, min(i0+g.rows, g.m), j0, min(j0+g.cols, g.n)
}

func (b *builder) gridProduct(p *product, x, y, z int) {
	g := p.gridOf()
	b.emit(&step{
		name: "matmul", units: g.size(), cost: multiplyTime(g.rows * g.cols * p.k), flops: 2 * p.m * p.n * p.k / g.size(), alone: true,
		whole: []int{x, y}, out: []int{z},
		scratch: p.scratch(g.rows, g.cols),
		block: func(e *execution, s *step, w *worker, pc piece) {
			for i := pc.lo; i < pc.hi; i++ {
				i0, i1, j0, j1 := g.bounds(i)
				p.block(s.scratchOf(w), e.floats(x), e.floats(y), e.floats(z)[i0*p.n+j0:], p.n, i0, i1, j0, j1, false)
			}
		},
	})
}

// transposedProduct computes A·Bᵀ for a flat A as (B·Aᵀ)ᵀ: then the large
// matrix B is read in order, once, and need not be packed.
func (b *builder) transposedProduct(p *product, x, y, z int) {
	q := &product{ks: p.ks, m: p.n, n: p.m, k: p.k, transB: true, lda: p.k}
	packed := b.panels(q, x)
	strip := q.ks.tileRows
	band := 4 * strip
	units := (q.m + band - 1) / band
	line := roundUp(q.n, q.ks.tileCols)
	b.emit(&step{
		name: "matmul", units: units, cost: multiplyTime(band * q.n * (q.k + 32)), flops: 2 * q.m * q.n * q.k / units, alone: true,
		whole: []int{packed, y}, out: []int{z},
		scratch: band * line,
		block: func(e *execution, s *step, w *worker, pc piece) {
			turned, c := s.scratchOf(w), e.floats(z)
			for i := pc.lo; i < pc.hi; i++ {
				i0 := i * band
				i1 := min(i0+band, q.m)
				for at := i0; at < i1; at += strip {
					q.strip(turned[(at-i0)*line:], line, e.floats(y), e.floats(packed), at, min(at+strip, i1))
				}
				e.ks.transpose(c[i0:], q.m, turned, line, i1-i0, q.n)
			}
		},
	})
}

// strip computes rows i0 to i1 of C, no more than a tile has, from B in panels.
// The rows of A after them are brought to the cache in the meantime, which
// matters where A comes from memory.
func (p *product) strip(c []float32, ldc int, a, packed []float32, i0, i1 int) {
	nr, depth := p.ks.tileCols, p.depth()
	if p.k == 0 {
		clear(c[:(i1-i0)*ldc])
		return
	}
	passes, panels := (p.k+depth-1)/depth, (p.n+nr-1)/nr
	bytes := 4 * (i1 - i0) * p.k
	skip := bytes / (passes * panels * depth)
	kernel := p.ks.gemm[i1-i0]
	next, last := i1*p.k, len(a)-1
	for pc := 0; pc < p.k; pc += depth {
		kc := min(depth, p.k-pc)
		for j := range panels {
			kernel(1, kc, &a[i0*p.k+pc], 4*p.k, 0, &packed[j*nr*p.k+pc*nr], 4*nr, 0, &c[j*nr], 4*ldc, onto(&c[j*nr], pc), 4*ldc, &a[min(next, last)], skip)
			next += kc * skip / 4
		}
	}
}

// fewProducts is how many products, at least, are enough work for all.
const fewProducts = 16

// batchedProduct multiplies many matrices. Operands whose leading axes are
// shorter are used again.
func (b *builder) batchedProduct(p *product, i backend.Instr, batch int) {
	x, y, z := b.root[i.In[0]], b.root[i.In[1]], i.Out[0]
	g := p.gridOf()
	if batch >= fewProducts && b.size(x) == batch*p.m*p.k && b.size(y) == batch*p.k*p.n {
		// Each by itself, so that what goes before or comes after can take its turn.
		b.emit(&step{
			name: "matmul", units: batch, cost: multiplyTime(p.m * p.n * p.k), flops: 2 * p.m * p.n * p.k,
			aligned: []int{x, y}, out: []int{z},
			scratch: p.scratch(g.rows, g.cols),
			block: func(e *execution, s *step, w *worker, pc piece) {
				from, by, to := e.part(w, s, x, pc), e.part(w, s, y, pc), e.part(w, s, z, pc)
				for n := range pc.hi - pc.lo {
					for u := range g.size() {
						i0, i1, j0, j1 := g.bounds(u)
						p.block(s.scratchOf(w), from[n*p.m*p.k:], by[n*p.k*p.n:], to[n*p.m*p.n+i0*p.n+j0:], p.n, i0, i1, j0, j1, false)
					}
				}
			},
		})
		return
	}
	ax, ay := b.batchOffsets(i, 0, p.m*p.k), b.batchOffsets(i, 1, p.k*p.n)
	b.emit(&step{
		name: "matmul", units: batch * g.size(), cost: multiplyTime(g.rows * g.cols * p.k), flops: 2 * p.m * p.n * p.k / g.size(), alone: true,
		whole: []int{x, y}, out: []int{z},
		scratch: p.scratch(g.rows, g.cols),
		block: func(e *execution, s *step, w *worker, pc piece) {
			for u := pc.lo; u < pc.hi; u++ {
				n := u / g.size()
				i0, i1, j0, j1 := g.bounds(u % g.size())
				c := e.floats(z)[n*p.m*p.n+i0*p.n+j0:]
				p.block(s.scratchOf(w), e.floats(x)[ax[n]:], e.floats(y)[ay[n]:], c, p.n, i0, i1, j0, j1, false)
			}
		},
	})
}

// batchOffsets returns where the matrices of an operand, of so many elements,
// begin that each matrix of the result of i is computed from.
func (b *builder) batchOffsets(i backend.Instr, operand, size int) []int {
	s, lead := b.shape(i.In[operand]), b.shape(i.Out[0])
	at := broadcastOffsets(s[:len(s)-2], lead[:len(lead)-2])
	for i := range at {
		at[i] *= size
	}
	return at
}
