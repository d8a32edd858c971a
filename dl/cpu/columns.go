package cpu

// A tapAxis is an axis of a correlation: tap k of result i falls on place i·step + base +
// k·tap of a source of the given length, if there is one.
type tapAxis struct{ source, results, taps, step, tap, base int }

// reach returns the range of results that tap k falls on the source for.
func (a tapAxis) reach(k int) (lo, hi int) { return taps(a.base+k*a.tap, a.step, a.source, a.results) }

// inside counts the taps of all results that fall on the source.
func (a tapAxis) inside() int {
	n := 0
	for k := range a.taps {
		lo, hi := a.reach(k)
		n += hi - lo
	}
	return n
}

// tapsOf returns the range of taps of result i that fall on the source.
func (a tapAxis) tapsOf(i int) (lo, hi int) { return taps(a.base+i*a.step, a.tap, a.source, a.taps) }

// A columns is a correlation whose columns of taps are taken one by one. Each
// has the results for which it falls on the picture, so that nothing is
// computed for padding, nor copied. The filters of one column stay in the
// first-level cache while it goes over the picture.
type columns struct {
	*correlation
	down, across tapAxis
}

// correlate completes s, which computes the pictures y from the pictures x. Of
// few pictures, bands of rows are computed apart.
func (b *builder) correlate(c *columns, s *step, bands, x, filters, y int) {
	s.scratch = c.width * c.ks.tileCols
	from, to := c.down.source*c.across.source*c.groups*c.in, c.down.results*c.width*c.groups*c.out
	s.whole, s.out = []int{filters}, []int{y}
	order, whole := c.order()
	if bands > 1 {
		s.inBands(bands)
		s.whole = append(s.whole, x)
		s.block = func(e *execution, s *step, w *worker, p piece) {
			for u := p.lo; u < p.hi; u++ {
				n, k := u/bands, u%bands
				c.rows(e.floats(y)[n*to:][:to], e.floats(x)[n*from:][:from], e.floats(filters), s.scratchOf(w), order, whole,
					k*c.down.results/bands, (k+1)*c.down.results/bands)
			}
		}
		b.emit(s)
		return
	}
	s.aligned = []int{x}
	s.block = func(e *execution, s *step, w *worker, p piece) {
		pics, results := e.part(w, s, x, p), e.part(w, s, y, p)
		for n := range p.hi - p.lo {
			c.rows(results[n*to:][:to], pics[n*from:][:from], e.floats(filters), s.scratchOf(w), order, whole, 0, c.down.results)
		}
	}
	b.emit(s)
}

// order returns the columns of taps in the order in which they are taken: one
// that falls on the picture for all results goes first, if there is one.
func (c *columns) order() (order []int, whole bool) {
	for s := range c.kw {
		lo, hi := c.across.reach(s)
		switch {
		case lo == hi:
		case hi-lo == c.width && !whole:
			whole = true
			order = append([]int{s}, order...)
		default:
			order = append(order, s)
		}
	}
	return order, whole
}

// rows computes rows i0 to i1 of a picture y.
func (c *columns) rows(y, x, filters, line []float32, order []int, whole bool, i0, i1 int) {
	nr, dx, dy := c.ks.tileCols, c.groups*c.in, c.groups*c.out
	for g := range c.groups {
		for p := range c.panels() {
			panel := filters[(g*c.panels()+p)*c.panel():]
			first, cols := g*c.out+p*nr, min(nr, c.out-p*nr)
			if cols == nr {
				c.band(y, dy, first, i0, x[g*c.in:], dx, panel, order, whole, i0, i1)
				continue
			}
			for i := i0; i < i1; i++ {
				c.band(line, nr, 0, 0, x[g*c.in:], dx, panel, order, whole, i, i+1)
				storeTile(y[i*c.width*dy+first:], dy, line, nr, c.width, cols, false)
			}
		}
	}
}

// band computes rows i0 to i1 for one panel of filters. Pixels of x are dx
// floats apart; those of y are dy floats apart, begin at float first, and row
// i0 is row at of y.
func (c *columns) band(y []float32, dy, first, at int, x []float32, dx int, panel []float32, order []int, whole bool, i0, i1 int) {
	nr := c.ks.tileCols
	wipe := func(i int) {
		for j := range c.width {
			clear(y[((at+i-i0)*c.width+j)*dy+first:][:nr])
		}
	}
	for i := i0; i < i1; i++ {
		if k0, k1 := c.down.tapsOf(i); k0 == k1 || !whole {
			wipe(i)
		}
	}
	for n, s := range order {
		lo, hi := c.across.reach(s)
		acc := n
		if !whole {
			acc = 1
		}
		for i := i0; i < i1; i++ {
			k0, k1 := c.down.tapsOf(i)
			if k0 == k1 {
				continue
			}
			row := c.down.base + i*c.down.step + k0*c.down.tap
			b := &panel[(k0*c.kw+s)*c.in*nr]
			for j, rows := lo, 0; j < hi; j += rows {
				rows = c.ks.rowsOf(hi - j)
				a := &x[(row*c.across.source+c.across.base+j*c.across.step+s*c.across.tap)*dx]
				to := &y[((at+i-i0)*c.width+j)*dy+first]
				c.ks.gemm[rows](k1-k0, c.in, a, 4*c.across.step*dx, 4*c.down.tap*c.across.source*dx,
					b, 4*nr, 4*(c.kw-1)*c.in*nr, to, 4*dy, onto(to, acc), 4*dy, nil, 0)
			}
		}
	}
}
