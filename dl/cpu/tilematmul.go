package cpu

import "github.com/fluxion-go/fluxion/dl/backend"

// A tileProduct is a matrix product C = op(A)·op(B) of numbers rounded to
// bfloat16, where C is m×n and the inner length is k.
type tileProduct struct {
	ks             *kernelSet
	m, n, k        int
	transA, transB bool
	chunking
}

func newTileProduct(ks *kernelSet, m, n, k int, transA, transB bool) *tileProduct {
	return &tileProduct{ks, m, n, k, transA, transB, chunked(k)}
}

const (
	leastTiled = 1 << 12 // multiplications from which on a product is computed in tiles
	flatRows   = 64      // of C up to which B is packed where it is multiplied
	flatCols   = 256     // of C at a time there
	flatChunks = 8       // and of the inner length
	longPack   = 1 << 17 // words of B at a time where whole rows are read
	longRow    = 2048    // columns of B up to which that is done
	longPieces = 8       // in which those are added up
	cachedPack = 1 << 16 // words of B that stay in the second-level cache
	bandPack   = 1 << 18 // and those that may, beside what else is there
)

// time is a rough estimate in nanoseconds for n multiplications.
func (ts *tileSet) time(n int) int { return n/ts.rate + 1 }

// line is the words of a row of packed A. An odd number of lines of the cache
// keeps the rows of a tile apart in the first-level cache.
func (p *tileProduct) line() int { return spacedLine(p.words()) }

func spacedLine(words int) int { return (roundUp(words, tileSide)/tileSide | 1) * tileSide }

func (p *tileProduct) panel() int  { return p.words() * panelWords }
func (p *tileProduct) panels() int { return (p.n + blockSide - 1) / blockSide }

// packRows rounds rows i0 to i1 of op(A). Where A is stored transposed it needs
// a panel of scratch.
func (p *tileProduct) packRows(dst, a, scratch []float32, i0, i1 int) {
	line, whole, pairs := p.line(), p.k/2, (p.k+1)/2
	if !p.transA {
		for i := range i1 - i0 {
			clear(dst[i*line+whole:][:p.words()-whole])
		}
		p.ks.tiles.rows(&dst[0], 4*line, &a[i0*p.k], 4*p.k, i1-i0, p.k)
		return
	}
	for i := i0; i < i1; i += blockSide {
		n := min(blockSide, i1-i)
		p.ks.tiles.pairs(&scratch[0], 4*panelWords, 4*panelWords, &a[i], 4*p.m, p.k, n)
		to := dst[(i-i0)*line:]
		p.ks.transpose(to, line, scratch, panelWords, pairs, n)
		for r := range n {
			clear(to[r*line+pairs:][:p.words()-pairs])
		}
	}
}

// packPanels packs columns j0 to j1 of rows k0 to k1 of op(B) into panels of
// words pairs of rows, filled up with zeros. Where B is stored transposed these
// must be all rows, and it needs scratch for 32 packed rows.
func (p *tileProduct) packPanels(dst, b, scratch []float32, words, k0, k1, j0, j1 int) {
	pairs := (k1 - k0 + 1) / 2
	if !p.transB {
		p.ks.tiles.pairs(&dst[0], 4*words*panelWords, 4*panelWords, &b[k0*p.n+j0], 4*p.n, k1-k0, j1-j0)
	}
	for j := j0; j < j1; j += blockSide {
		to := dst[(j-j0)*words:]
		if p.transB {
			n, line := min(blockSide, j1-j), spacedLine(words)
			for r := range n {
				scratch[r*line+pairs-1] = 0 // of which half may not be written
			}
			p.ks.tiles.rows(&scratch[0], 4*line, &b[j*p.k], 4*p.k, n, p.k)
			p.ks.transpose(to, panelWords, scratch, line, n, pairs)
		}
		clear(to[pairs*panelWords : words*panelWords])
	}
}

// call returns the worker's call, for multiplying packed rows by packed panels.
func (p *tileProduct) call(w *worker) *tileCall {
	line := 4 * p.line()
	return w.tiles.with(tileCall{nseg: 1, chunks: p.count, lda: line, rowsA: tileSide * line,
		ldb: 4 * panelWords, panelB: 4 * p.panel()})
}

// block computes up to 32 rows of C, n columns of them, from packed operands.
func (p *tileProduct) block(t *tileCall, c []float32, ldc int, a, b []float32, rows, n int) {
	t.a, t.b, t.c = &a[0], &b[0], &c[0]
	t.ldc, t.rowsC = 4*ldc, 4*tileSide*ldc
	t.run(p.ks, min(rows, tileSide), max(0, rows-tileSide), n, p.pairs)
}

// tiledMatMul reports whether a matrix product of these shapes is computed in
// tiles.
func tiledMatMul(at backend.MatMulAttrs, a, out []int) bool {
	r := len(out)
	k := a[len(a)-1]
	if at.TransA {
		k = a[len(a)-2]
	}
	return out[r-2]*out[r-1]*k >= leastTiled
}

// tileMatMul emits a matrix product in tiles.
func (b *builder) tileMatMul(i backend.Instr) {
	at, _ := i.Attrs.(backend.MatMulAttrs)
	sa, sb, so := b.shape(i.In[0]), b.shape(i.In[1]), b.shape(i.Out[0])
	r := len(so)
	m, n, k := so[r-2], so[r-1], sa[len(sa)-1]
	if at.TransA {
		k = sa[len(sa)-2]
	}
	batch := backend.Size(so[:r-2])
	if !at.TransA && backend.Size(sb[:len(sb)-2]) == 1 && backend.Size(sa[:len(sa)-2]) == batch {
		m, batch = m*batch, 1 // one tall matrix
	}
	if batch == 0 {
		return
	}
	p := newTileProduct(b.ks, m, n, k, at.TransA, at.TransB)
	x, y, z := b.root[i.In[0]], b.root[i.In[1]], i.Out[0]
	switch {
	case b.rowTiles(p, batch, x, y, z):
	case batch > 1:
		b.batchedTiles(p, i, batch)
	case m <= flatRows && b.same != nil && b.same[y]:
		b.columnTiles(p, x, y, z)
	case m <= flatRows && at.TransB:
		b.turnedTiles(p, x, y, z)
	case m <= flatRows && k >= 16*m && n <= longRow:
		b.longTiles(p, x, y, z)
	case m <= flatRows:
		b.flatTiles(p, x, y, z)
	case !at.TransA && p.panels()*p.panel() <= bandPack:
		b.bandTiles(p, x, y, z, blockSide)
	default:
		b.tallTiles(p, x, y, z)
	}
}

const bfMatMul = "matmul (bf16)"

// packedRows returns the value that holds op(x), m×k, as rounded rows.
func (b *builder) packedRows(p *tileProduct, x int) int {
	key := panelKey{x, p.k, p.m, p.transA}
	if v, ok := b.halfRows[key]; ok {
		return v
	}
	line := p.line()
	v := b.value(p.m, line)
	b.halfRows[key] = v
	s := &step{
		name: "pack", units: (p.m + blockSide - 1) / blockSide, cost: blockSide*p.k/8 + 1, alone: true,
		whole: []int{x}, out: []int{v},
		block: func(e *execution, s *step, w *worker, pc piece) {
			i0, i1 := pc.lo*blockSide, min(pc.hi*blockSide, p.m)
			p.packRows(e.floats(v)[i0*line:], e.floats(x), s.scratchOf(w), i0, i1)
		},
	}
	if p.transA {
		s.cost *= 4
		s.scratch = (p.k + 1) / 2 * panelWords
	}
	b.emit(s)
	return v
}

// packedPanels returns the value that holds op(y), k×n, as panels of pairs of
// rows.
func (b *builder) packedPanels(p *tileProduct, y int) int {
	key := panelKey{y, p.k, p.n, p.transB}
	if v, ok := b.halfPanels[key]; ok {
		return v
	}
	v := b.value(p.panels() * p.panel())
	b.halfPanels[key] = v
	together := 4 // panels: whole lines of y are read
	s := &step{
		name: "pack", alone: true,
		whole: []int{y}, out: []int{v},
	}
	if p.transB {
		together = 1
		s.scratch = blockSide * p.line()
	}
	s.units, s.cost = (p.panels()+together-1)/together, together*blockSide*p.k/8+1
	s.block = func(e *execution, s *step, w *worker, pc piece) {
		for u := pc.lo; u < pc.hi; u++ {
			j0, j1 := u*together*blockSide, min((u+1)*together*blockSide, p.n)
			p.packPanels(e.floats(v)[j0*p.words():], e.floats(y), s.scratchOf(w), p.words(), 0, p.k, j0, j1)
		}
	}
	b.emit(s)
	return v
}

// tallTiles computes C in bands of whole rows from packed operands, so that
// what follows can take it row by row.
func (b *builder) tallTiles(p *tileProduct, x, y, z int) {
	rows, panels := b.packedRows(p, x), b.packedPanels(p, y)
	together := max(1, cachedPack/p.panel()) * blockSide // columns
	b.emit(&step{
		name: bfMatMul, units: p.m, cost: b.ks.tiles.time(p.n*p.k) + p.n/16, flops: 2 * p.n * p.k, least: blockSide, grain: blockSide, tiles: true,
		whole: []int{rows, panels}, out: []int{z},
		block: func(e *execution, s *step, w *worker, pc piece) {
			c, a, from := e.part(w, s, z, pc), e.floats(rows), e.floats(panels)
			t := p.call(w)
			for j := 0; j < p.n; j += together {
				for i := pc.lo; i < pc.hi; i += blockSide {
					p.block(t, c[(i-pc.lo)*p.n+j:], p.n, a[i*p.line():], from[j*p.words():], min(blockSide, pc.hi-i), min(together, p.n-j))
				}
			}
		},
	})
}

// longTiles computes a product with few rows and a long sum: each piece adds
// up some rows of B, which is packed where it is multiplied, as it is read once.
// Whole rows are read fastest.
func (b *builder) longTiles(p *tileProduct, x, y, z int) {
	rows := b.packedRows(p, x)
	chunks := max(1, min(flatChunks, longPack/(p.pairs*roundUp(p.n, blockSide))))
	units := (p.count + chunks - 1) / chunks
	b.reduction(&step{
		name: bfMatMul, units: units, cost: b.ks.tiles.time(p.m*p.n*p.k/units) + p.n*p.k/units/8, flops: 2 * p.m * p.n * p.k / units, alone: true, tiles: true,
		grain:   (units + longPieces - 1) / longPieces,
		whole:   []int{rows, y},
		scratch: chunks * p.pairs * roundUp(p.n, blockSide),
	}, p.m*p.n, z, func(e *execution, s *step, w *worker, pc piece, sum []float32) {
		t := p.call(w)
		t.add = 1
		for u := pc.lo; u < pc.hi; u++ {
			p.part(t, sum, e.floats(rows), e.floats(y), s.scratchOf(w), u*chunks, min((u+1)*chunks, p.count), 0, p.n)
		}
	})
}

// part computes columns j0 to j1 of C from some chunks of the inner length. B is
// packed on the way.
func (p *tileProduct) part(t *tileCall, c, a, b, packed []float32, q0, q1, j0, j1 int) {
	t.chunks = q1 - q0
	words := t.chunks * p.pairs
	t.panelB = 4 * words * panelWords
	p.packPanels(packed, b, nil, words, 2*q0*p.pairs, min(2*q1*p.pairs, p.k), j0, j1)
	for i := 0; i < p.m; i += blockSide {
		p.block(t, c[i*p.n+j0:], p.n, a[i*p.line()+q0*p.pairs:], packed, min(blockSide, p.m-i), j1-j0)
	}
}

// flatTiles computes a product with few rows. B is packed where it is
// multiplied, some columns and some rows at a time, as it is read once.
func (b *builder) flatTiles(p *tileProduct, x, y, z int) {
	rows := b.packedRows(p, x)
	cols := min(max(flatCols, p.n/8/blockSide*blockSide), roundUp((p.n+3)/4, blockSide), 1024) // so that there is work for all
	units := (p.n + cols - 1) / cols
	b.emit(&step{
		name: bfMatMul, units: units, cost: b.ks.tiles.time(p.m*cols*p.k) + cols*p.k/8, flops: 2 * p.m * p.n * p.k / units, alone: true, tiles: true,
		whole: []int{rows, y}, out: []int{z},
		scratch: flatChunks * p.pairs * cols,
		block: func(e *execution, s *step, w *worker, pc piece) {
			a, c, packed := e.floats(rows), e.floats(z), s.scratchOf(w)
			t := p.call(w)
			for u := pc.lo; u < pc.hi; u++ {
				j0, j1 := u*cols, min((u+1)*cols, p.n)
				for q := 0; q < p.count; q += flatChunks {
					t.add = q
					p.part(t, c, a, e.floats(y), packed, q, min(q+flatChunks, p.count), j0, j1)
				}
			}
		},
	})
}

// columnTiles computes a product with few rows whose B is the same in all steps of
// a loop and is packed once for them.
func (b *builder) columnTiles(p *tileProduct, x, y, z int) {
	rows, panels := b.packedRows(p, x), b.packedPanels(p, y)
	b.emit(&step{
		name: bfMatMul, units: p.panels(), cost: b.ks.tiles.time(p.m * blockSide * p.k), flops: 2 * p.m * p.n * p.k / p.panels(), alone: true, tiles: true,
		whole: []int{rows, panels}, out: []int{z},
		block: func(e *execution, s *step, w *worker, pc piece) {
			a, c, from := e.floats(rows), e.floats(z), e.floats(panels)
			t := p.call(w)
			j0, j1 := pc.lo*blockSide, min(pc.hi*blockSide, p.n)
			for i := 0; i < p.m; i += blockSide {
				p.block(t, c[i*p.n+j0:], p.n, a[i*p.line():], from[j0*p.words():], min(blockSide, p.m-i), j1-j0)
			}
		},
	})
}

// rowTiles emits a product of rows, of which there is one for each example, with
// a matrix that is the same in all steps of a loop; it reports whether it could.
func (b *builder) rowTiles(p *tileProduct, batch, x, y, z int) bool {
	if b.rows < 2 || p.m != b.rows || batch != 1 || p.transA || !b.same[y] || p.k*p.n > maxRowPanels {
		return false
	}
	b.bandTiles(p, x, y, z, 0)
	return true
}

// bandTiles computes C in bands of whole rows, for which it packs the same rows
// of A: both can be handed on a few rows at a time.
func (b *builder) bandTiles(p *tileProduct, x, y, z, least int) {
	panels := b.packedPanels(p, y)
	b.emit(&step{
		name: bfMatMul, units: p.m, cost: b.ks.tiles.time(p.n*p.k) + (p.n+p.k)/16, flops: 2 * p.n * p.k, least: least, grain: least, tiles: true,
		aligned: []int{x}, whole: []int{panels}, out: []int{z},
		scratch: blockSide * p.line(),
		block: func(e *execution, s *step, w *worker, pc piece) {
			a, c, packed := e.part(w, s, x, pc), e.part(w, s, z, pc), s.scratchOf(w)
			t := p.call(w)
			for i, n := 0, pc.hi-pc.lo; i < n; i += blockSide {
				p.packRows(packed, a, nil, i, min(i+blockSide, n))
				p.block(t, c[i*p.n:], p.n, packed, e.floats(panels), min(blockSide, n-i), p.n)
			}
		},
	})
}

// turnedTiles computes A·Bᵀ for a flat A as (B·Aᵀ)ᵀ: B, which is large, is
// rounded row by row where it is multiplied.
func (b *builder) turnedTiles(p *tileProduct, x, y, z int) {
	q := newTileProduct(p.ks, p.n, p.m, p.k, false, !p.transA)
	panels := b.packedPanels(q, x)
	units, line := (q.m+blockSide-1)/blockSide, roundUp(q.n, blockSide)
	b.emit(&step{
		name: bfMatMul, units: units, cost: b.ks.tiles.time(blockSide*q.n*q.k) + blockSide*q.k/8, flops: 2 * q.m * q.n * q.k / units, alone: true, tiles: true,
		whole: []int{panels, y}, out: []int{z},
		scratch: blockSide * (line + q.line()),
		block: func(e *execution, s *step, w *worker, pc piece) {
			turned := s.scratchOf(w)[:blockSide*line]
			rows := s.scratchOf(w)[blockSide*line:]
			t := q.call(w)
			for u := pc.lo; u < pc.hi; u++ {
				i0, i1 := u*blockSide, min((u+1)*blockSide, q.m)
				q.packRows(rows, e.floats(y), nil, i0, i1)
				q.block(t, turned, line, rows, e.floats(panels), i1-i0, q.n)
				e.ks.transpose(e.floats(z)[i0:], q.m, turned, line, i1-i0, q.n)
			}
		},
	})
}

// batchedTiles multiplies many matrices, one after another: where none is used
// again, each by itself, so that what goes before or comes after can take its
// turn.
func (b *builder) batchedTiles(p *tileProduct, i backend.Instr, batch int) {
	x, y, z := b.root[i.In[0]], b.root[i.In[1]], i.Out[0]
	sizeA, sizeB := p.m*p.line(), p.panels()*p.panel()
	spare := 0
	if p.transA {
		spare = (p.k + 1) / 2 * panelWords
	}
	if p.transB {
		spare = max(spare, blockSide*p.line())
	}
	multiply := func(s *step, w *worker, c, a, b []float32) {
		rows, scratch := s.scratchOf(w)[:sizeA], s.scratchOf(w)[sizeA:]
		panels, spare := scratch[:sizeB], scratch[sizeB:]
		p.packRows(rows, a, spare, 0, p.m)
		p.packPanels(panels, b, spare, p.words(), 0, p.k, 0, p.n)
		t := p.call(w)
		for i := 0; i < p.m; i += blockSide {
			p.block(t, c[i*p.n:], p.n, rows[i*p.line():], panels, min(blockSide, p.m-i), p.n)
		}
	}
	s := &step{
		name: bfMatMul, units: batch, cost: b.ks.tiles.time(p.m*p.n*p.k) + (p.m*p.k+p.k*p.n+p.m*p.n)/8, flops: 2 * p.m * p.n * p.k, tiles: true,
		out:     []int{z},
		scratch: sizeA + sizeB + spare,
	}
	if b.size(x) == batch*p.m*p.k && b.size(y) == batch*p.k*p.n {
		s.aligned = []int{x, y}
		s.block = func(e *execution, s *step, w *worker, pc piece) {
			from, by, to := e.part(w, s, x, pc), e.part(w, s, y, pc), e.part(w, s, z, pc)
			for n := range pc.hi - pc.lo {
				multiply(s, w, to[n*p.m*p.n:], from[n*p.m*p.k:], by[n*p.k*p.n:])
			}
		}
	} else {
		ax, ay := b.batchOffsets(i, 0, p.m*p.k), b.batchOffsets(i, 1, p.k*p.n)
		s.whole, s.alone = []int{x, y}, true
		s.block = func(e *execution, s *step, w *worker, pc piece) {
			for n := pc.lo; n < pc.hi; n++ {
				multiply(s, w, e.floats(z)[n*p.m*p.n:], e.floats(x)[ax[n]:], e.floats(y)[ay[n]:])
			}
		}
	}
	b.emit(s)
}
