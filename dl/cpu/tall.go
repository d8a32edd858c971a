package cpu

// A tall product is Aᵀ·B where A and B have many rows, as in the derivative by
// a weight that was used for many rows: C is small and the inner length large.
//
// The columns of A are packed once into strips, as wide as the tile that reads
// them, for all goroutines. Each takes some columns of C, for which it reads
// its own columns of B, once, and packs them on the way.

const (
	tallLength = 256 // of the sum, at least
	tallRows   = 256 // of C in a unit
)

// stripLength is the number of floats of a strip. The odd line keeps the rows of
// neighbouring strips from falling on the same cache lines.
func (p *product) stripLength() int { return (p.k + 1) * p.ks.stripWidth() }

// isTall reports whether a product should be computed in this way.
func (p *product) isTall() bool {
	return p.transA && !p.transB && p.k >= tallLength && p.k >= p.m/2 && p.m >= 16 && p.n >= 16
}

// strips returns the value that holds the columns of the k×m matrix x as strips.
func (b *builder) strips(p *product, x int) int {
	key := panelKey{x, p.k, p.m, true}
	if v, ok := b.wide[key]; ok {
		return v
	}
	strip := b.ks.rowsOf(p.m)
	count := (p.m + strip - 1) / strip
	length := p.stripLength()
	v := b.value(count * length)
	b.wide[key] = v
	const rows = 16 // of x in a unit: as many as the first-level cache keeps, even pages apart
	b.emit(&step{
		name: "pack", units: (p.k + rows - 1) / rows, cost: rows*p.m + 1, alone: true,
		whole: []int{x}, out: []int{v},
		block: func(e *execution, _ *step, _ *worker, pc piece) {
			from, to, width := e.floats(x), e.floats(v), e.ks.stripWidth()
			for u := pc.lo; u < pc.hi; u++ {
				lo, hi := u*rows, min((u+1)*rows, p.k)
				for k := range count {
					e.ks.strip(to[k*length+lo*width:], from[lo*p.m+k*strip:], p.m, hi-lo)
				}
			}
		},
	})
	return v
}

// tallProduct emits a tall product.
func (b *builder) tallProduct(p *product, x, y, z int) {
	strips := b.strips(p, x)
	nr, strip := b.ks.tileCols, b.ks.rowsOf(p.m)
	g := grid{m: p.m, n: p.n, rows: p.m}
	if p.m > tallRows {
		g.rows = roundUp((p.m+(p.m-1)/tallRows)/((p.m+tallRows-1)/tallRows), strip)
	}
	g.cols = roundUp(max(1, min(4*nr, p.n/16)), nr) // so that there is work for all
	depth := p.depth()
	shared := -1 // the panels, where several blocks of C need the same
	whole := []int{strips, y}
	if g.rows < p.m {
		shared = b.panels(p, y)
		whole[1] = shared
	}
	b.emit(&step{
		name: "matmul", units: g.size(), cost: multiplyTime(g.rows * g.cols * p.k), flops: 2 * p.m * p.n * p.k / g.size(), alone: true,
		whole: whole, out: []int{z},
		scratch: strip*nr + depth*g.cols,
		block: func(e *execution, s *step, w *worker, pc piece) {
			scratch := s.scratchOf(w)
			tile, panels := scratch[:strip*nr], scratch[strip*nr:]
			for u := pc.lo; u < pc.hi; u++ {
				i0, i1, j0, j1 := g.bounds(u)
				for q := 0; q < p.k; q += depth {
					kc := min(depth, p.k-q)
					if shared >= 0 {
						p.tallTiles(e.floats(z), e.floats(strips), e.floats(shared)[j0*p.k+q*nr:], p.k, nil, tile, q, kc, i0, i1, j0, j1)
						continue
					}
					p.packB(panels, e.floats(y), q, kc, j0, j1-j0)
					p.tallTiles(e.floats(z), e.floats(strips), panels, kc, e.floats(y)[min(q+kc, p.k-1)*p.n:], tile, q, kc, i0, i1, j0, j1)
				}
			}
		},
	})
}

// tallTiles adds kc rows from row q on to a block of C. The panels are length
// rows apart. While one strip is in use the next one is brought to the
// first-level cache; while the last ones are, the rows of B that are packed next.
func (p *product) tallTiles(c, strips, panels []float32, length int, below, tile []float32, q, kc, i0, i1, j0, j1 int) {
	nr, strip, width := p.ks.tileCols, p.ks.rowsOf(p.m), p.ks.stripWidth()
	for j := j0; j < j1; j += nr {
		panel := &panels[(j-j0)*length]
		for i, next := i0, 0; i < i1; i = next {
			next = i + strip
			a, rows := &strips[i/strip*p.stripLength()+q*width], min(strip, i1-i)
			ahead, skip := a, 0
			switch line := (i1 - i - 1) / strip; {
			case line < nr/16 && len(below) > 0:
				ahead, skip = &below[min(j+16*line, len(below)-1)], 4*p.n
			case next < i1:
				ahead, skip = &strips[next/strip*p.stripLength()+q*width], 4*width
			}
			if j1-j >= nr {
				p.ks.gemmT[rows](1, kc, a, 4*width, 0, panel, 4*nr, 0, &c[i*p.n+j], 4*p.n, onto(&c[i*p.n+j], q), 4*p.n, ahead, skip)
				continue
			}
			p.ks.gemmT[rows](1, kc, a, 4*width, 0, panel, 4*nr, 0, &tile[0], 4*nr, nil, 0, ahead, skip)
			storeTile(c[i*p.n+j:], p.n, tile, nr, rows, j1-j, q > 0)
		}
	}
}
