package cpu

// winogradConv emits a step with the given name that computes the pictures y from the
// pictures x and the filters w, for the gradient by x turned round.
func (b *builder) winogradConv(name string, v *convolution, c *winograd, turned bool, x, w, y int) {
	filters := b.winogradFilters(v, c, w, turned)
	from, to := c.h*c.w*c.in, c.oh*c.ow*c.out
	b.emit(&step{
		name: name, units: v.n, cost: c.time(), flops: 2 * c.multiplications(), grain: max(1, c.band(v.n*c.down())/c.down()), fine: true,
		aligned: []int{x}, whole: []int{filters}, out: []int{y},
		scratch: c.parts(c.band(v.n * c.down())).size(),
		block: func(e *execution, s *step, wk *worker, p piece) {
			pictures, results := e.part(wk, s, x, p), e.part(wk, s, y, p)
			rows := (p.hi - p.lo) * c.down()
			parts := (rows + c.band(rows) - 1) / c.band(rows)
			for k := range parts {
				c.rows(results, to, pictures, from, e.floats(filters), s.scratchOf(wk), k*rows/parts, (k+1)*rows/parts)
			}
		},
	})
}

// parts are the sizes of what rows has in its scratch: rows of pictures with zeros
// beside them; the source, transformed along the columns; one row of each patch of it,
// transformed along that, too; products for those; and those transformed along the
// rows.
func (c *winograd) parts(band int) scratchParts {
	patches := band * c.across()
	return scratchParts{
		max(c.n*c.w*c.in, winogradSide*c.ow*c.out),
		c.n * band * c.wide() * c.in,
		c.n * patches * c.in,
		c.n * patches * c.filled(),
		c.n * band * c.covered() * c.out,
	}
}

// rows computes rows lo to before hi of patches, counted through all pictures, whose
// sources are from floats apart and whose results to floats.
func (c *winograd) rows(results []float32, to int, pictures []float32, from int, filters, scratch []float32, lo, hi int) {
	parts := c.parts(hi - lo).cut(scratch)
	edge, upright, source, products, lines := parts[0], parts[1], parts[2], parts[3], parts[4]
	c.transformColumns(upright, pictures, from, edge, lo, hi)
	patches := (hi - lo) * c.across()
	nr, size := c.ks.tileCols, c.in*c.ks.tileCols // of a panel of filters
	for i := range c.n {
		c.transformRows(source, upright, i, hi-lo)
		for j := range c.n {
			x, y := source[j*patches*c.in:], products[j*patches*c.filled():]
			for p := range c.panels() {
				panel := &filters[((i*c.n+j)*c.panels()+p)*size]
				for k, rows := 0, 0; k < patches; k += rows {
					rows = c.ks.rowsOf(patches - k)
					c.ks.gemm[rows](1, c.in, &x[k*c.in], 4*c.in, 0, panel, 4*nr, 0, &y[k*c.filled()+p*nr], 4*c.filled(), nil, 0, nil, 0)
				}
			}
		}
		line := (hi - lo) * c.covered() * c.out
		c.results(&lines[i*line], 4*c.out, &products[0], 4*patches*c.filled(), c.out, patches, 4*winogradSide*c.out, 4*c.filled())
	}
	line := c.covered() * c.out
	for row := lo; row < hi; row++ {
		picture, first := results[row/c.down()*to:][:to], row%c.down()*winogradSide
		x, size := &lines[(row-lo)*line], c.ow*c.out
		if first+winogradSide <= c.oh {
			c.results(&picture[first*size], 4*size, x, 4*(hi-lo)*line, size, 1, 0, 0)
			continue
		}
		c.results(&edge[0], 4*size, x, 4*(hi-lo)*line, size, 1, 0, 0)
		copy(picture[first*size:], edge[:(c.oh-first)*size])
	}
}

// transformColumns writes Bᵀ of the columns of the source of rows lo to before hi of
// patches, which are n × rows × columns × channels, with zeros beside the picture.
func (c *winograd) transformColumns(dst, pictures []float32, from int, edge []float32, lo, hi int) {
	line, size := c.wide()*c.in, c.w*c.in
	for row := lo; row < hi; row++ {
		picture, first := pictures[row/c.down()*from:][:from], row%c.down()*winogradSide-c.top
		for i := range c.n {
			to := dst[(i*(hi-lo)+row-lo)*line:][:line]
			clear(to[:c.left*c.in])
			clear(to[c.left*c.in+size:])
		}
		x := edged(edge, picture, first, c.n, c.h, size)
		c.source(&dst[(row-lo)*line+c.left*c.in], 4*(hi-lo)*line, x, 4*size, size, 1, 0, 0)
	}
}

// transformRows writes Bᵀ of row i of all patches of a number of rows of patches: n ×
// patches × channels.
func (c *winograd) transformRows(dst, upright []float32, i, rows int) {
	patches, line := rows*c.across(), c.wide()*c.in
	for row := range rows {
		c.source(&dst[row*c.across()*c.in], 4*patches*c.in, &upright[(i*rows+row)*line], 4*c.in, c.in, c.across(), 4*c.in, 4*winogradSide*c.in)
	}
}

// winogradFilters emits the transforming of filters, G w Gᵀ, into panels of tileCols
// results, one after another for each place of a patch. It returns the value that holds
// them.
func (b *builder) winogradFilters(v *convolution, c *winograd, w int, turned bool) int {
	nr, area, size := c.ks.tileCols, c.r*c.r, c.panels()*c.in*c.ks.tileCols
	packed := b.value(c.n * c.n * size)
	g := c.g
	if turned {
		g = reversed(c.g, c.r)
	}
	b.emit(&step{
		name: "pack", units: c.panels() * c.in, cost: c.n * c.n * nr, alone: true, early: true,
		whole: []int{w}, out: []int{packed},
		scratch: (area + c.n*c.r) * nr,
		block: func(e *execution, s *step, wk *worker, p piece) {
			scratch := s.scratchOf(wk)
			taps, upright := scratch[:area*nr], scratch[area*nr:]
			for u := p.lo; u < p.hi; u++ {
				v.tapsOf(taps, e.floats(w), 0, u/c.in*nr, u%c.in, c.out, turned)
				for k := range c.r {
					c.ks.product(&upright[k*nr], c.r*nr, g, &taps[k*nr], c.r*nr, c.n, c.r, false)
				}
				for i := range c.n {
					c.ks.product(&e.floats(packed)[i*c.n*size+u*nr], size, g, &upright[i*c.r*nr], nr, c.n, c.r, false)
				}
			}
		},
	})
	return packed
}

// product computes m rows of tileCols floats, ldc floats apart: those of the m×k matrix
// a multiplied by rows that are ldb floats apart, added to what is there or not.
func (ks *kernelSet) product(c *float32, ldc int, a []float32, b *float32, ldb, m, k int, add bool) {
	for i, rows := 0, 0; i < m; i += rows {
		rows = ks.rowsOf(m - i)
		to := at(c, 4*i*ldc)
		var old *float32
		if add {
			old = to
		}
		ks.gemm[rows](1, k, &a[i*k], 4*k, 0, b, 4*ldb, 0, to, 4*ldc, old, 4*ldc, nil, 0)
	}
}

// reversed returns rows of n floats, each the other way round.
func reversed(x []float32, n int) []float32 {
	y := make([]float32, len(x))
	for i, v := range x {
		y[i/n*n+n-1-i%n] = v
	}
	return y
}
