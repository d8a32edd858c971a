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

// stripAt returns the first column of A in strip s of count: they are of nearly
// equal width, no more than the height of a tile.
func (p *product) stripAt(s, count int) int { return s * p.m / count }

// strips returns the value that holds the columns of the k×m matrix x as strips.
func (b *builder) strips(p *product, x int) int {
	key := panelKey{x, p.k, p.m, true}
	if v, ok := b.wide[key]; ok {
		return v
	}
	count, length := b.ks.strips(p.m), p.stripLength()
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
				for s := range count {
					e.ks.strip(to[s*length+lo*width:], from[lo*p.m+p.stripAt(s, count):], p.m, hi-lo)
				}
			}
		},
	})
	return v
}

// tallProduct emits a tall product.
func (b *builder) tallProduct(p *product, x, y, z int) {
	strips := b.strips(p, x)
	nr, count := b.ks.tileCols, b.ks.strips(p.m)
	g := grid{m: count, n: p.n} // of strips and columns
	bands := (p.m + tallRows - 1) / tallRows
	g.rows = (count + bands - 1) / bands
	g.cols = nr
	const together = 4 // panels at most are multiplied by the strips while those are near
	depth := p.depth()
	shared := -1 // the panels, where several blocks of C need the same
	whole := []int{strips, y}
	if bands > 1 {
		shared = b.panels(p, y)
		whole[1] = shared
	}
	b.emit(&step{
		name: "matmul", units: g.size(), cost: multiplyTime(p.m * g.rows / count * g.cols * p.k), flops: 2 * p.m * p.n * p.k / g.size(), alone: true,
		whole: whole, out: []int{z},
		scratch: b.ks.tileRows*nr + depth*together*nr,
		block: func(e *execution, s *step, w *worker, pc piece) {
			scratch := s.scratchOf(w)
			tile, panels := scratch[:e.ks.tileRows*nr], scratch[e.ks.tileRows*nr:]
			for u := pc.lo; u < pc.hi; {
				s0, s1, j0, j1 := g.bounds(u)
				for u++; u < pc.hi && u%g.across() > 0 && j1-j0 < together*nr; u++ {
					_, _, _, j1 = g.bounds(u)
				}
				for q := 0; q < p.k; q += depth {
					kc := min(depth, p.k-q)
					if shared >= 0 {
						p.tallTiles(e.floats(z), e.floats(strips), e.floats(shared)[j0*p.k+q*nr:], p.k, nil, tile, q, kc, s0, s1, j0, j1)
						continue
					}
					p.packB(panels, e.floats(y), q, kc, j0, j1-j0)
					p.tallTiles(e.floats(z), e.floats(strips), panels, kc, e.floats(y)[min(q+kc, p.k-1)*p.n:], tile, q, kc, s0, s1, j0, j1)
				}
			}
		},
	})
}

// tallTiles adds kc rows from row q on to a block of C, of strips s0 to s1. The
// panels are length rows apart. While a strip is read for the first time the next
// one is brought to the cache; while the last ones are read for each panel, the
// rows of B that are packed next.
func (p *product) tallTiles(c, strips, panels []float32, length int, below, tile []float32, q, kc, s0, s1, j0, j1 int) {
	nr, width, count := p.ks.tileCols, p.ks.stripWidth(), p.ks.strips(p.m)
	for j := j0; j < j1; j += nr {
		panel, end := &panels[(j-j0)*length], p.stripAt(s0, count)
		for s := s0; s < s1; s++ {
			i := end
			end = p.stripAt(s+1, count)
			a, rows := &strips[s*p.stripLength()+q*width], end-i
			var ahead *float32
			skip := 0
			switch line := s1 - 1 - s; {
			case line < nr/16 && len(below) > 0:
				ahead, skip = &below[min(j+16*line, len(below)-1)], 4*p.n
			case line > 0 && j == j0:
				ahead, skip = &strips[(s+1)*p.stripLength()+q*width], 4*width
			}
			to := &c[i*p.n+j]
			if j1-j >= nr {
				p.ks.gemmT[rows](1, kc, a, 4*width, 0, panel, 4*nr, 0, to, 4*p.n, onto(to, q), 4*p.n, ahead, skip)
				continue
			}
			p.ks.gemmT[rows](1, kc, a, 4*width, 0, panel, 4*nr, 0, &tile[0], 4*nr, nil, 0, ahead, skip)
			storeTile(c[i*p.n+j:], p.n, tile, nr, rows, j1-j, q > 0)
		}
	}
}
