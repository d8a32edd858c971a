package cpu

// winogradGradWeight emits dw = Gᵀ((A dy Aᵀ) ∘ (Bᵀ x B))G. Each piece of the batch has
// sums of its own, for each place of a patch a matrix of channels × filters, and adds
// what they give for the taps.
func (b *builder) winogradGradWeight(v *convolution, c *winograd, x, dy, dw int) {
	size := c.in * c.filled()
	all := c.n * c.n * size // of the sums for the places
	sums := b.value(c.r * c.r * size)
	from, to := c.h*c.w*c.in, c.oh*c.ow*c.out
	const pieces = 8 // at least, where there are as many pictures
	band := c.gradBand(v.n * c.down())
	b.reduction(&step{
		name: "conv2d_grad_weight", units: v.n, cost: c.time(), flops: 2 * c.multiplications(), grain: max(1, min(band/c.down(), v.n/pieces)),
		aligned: []int{x, dy},
		scratch: roundUp(all, 16) + max(c.gradParts(band).size(), c.r*c.n*c.ks.tileCols),
	}, c.r*c.r*size, sums, func(e *execution, s *step, w *worker, p piece, sum []float32) {
		pictures, grads := e.part(w, s, x, p), e.part(w, s, dy, p)
		scratch := s.scratchOf(w)
		places, scratch := scratch[:all], scratch[roundUp(all, 16):]
		clear(places)
		rows := (p.hi - p.lo) * c.down()
		parts := (rows + band - 1) / band
		for k := range parts {
			c.addRows(places, pictures, from, grads, to, scratch, k*rows/parts, (k+1)*rows/parts)
		}
		c.addTaps(sum, places, scratch)
	})
	b.unpackFilters(v, c.filled(), sums, dw)
}

// gradBand is the number of rows of patches that are taken together, which are the
// length of the products.
func (c *winograd) gradBand(rows int) int { return min(rows, 2*c.band(rows)) }

// gradParts are the sizes of what addRows has in its scratch: rows of pictures with
// zeros beside them; the source and the gradient, transformed along the columns; and
// one row of each patch of them, transformed along that, too.
func (c *winograd) gradParts(band int) scratchParts {
	patches := band * c.across()
	return scratchParts{
		max(c.n*c.w*c.in, winogradSide*c.ow*c.out),
		c.n * band * c.wide() * c.in,
		c.n * band * c.covered() * c.out,
		c.n * patches * c.in,
		c.n * patches * c.filled(),
	}
}

// addRows adds rows lo to before hi of patches, counted through all pictures, to sum.
func (c *winograd) addRows(sum, pictures []float32, from int, grads []float32, to int, scratch []float32, lo, hi int) {
	parts := c.gradParts(hi - lo).cut(scratch)
	edge, upright, uprightGrads, source, results := parts[0], parts[1], parts[2], parts[3], parts[4]
	c.transformColumns(upright, pictures, from, edge, lo, hi)
	c.gradColumns(uprightGrads, grads, to, edge, lo, hi)
	if c.filled() > c.out {
		clear(results)
	}
	patches, nr, line := (hi-lo)*c.across(), c.ks.tileCols, c.filled()
	for i := range c.n {
		c.transformRows(source, upright, i, hi-lo)
		c.grads(&results[0], 4*patches*line, &uprightGrads[i*(hi-lo)*c.covered()*c.out], 4*c.out, c.out, patches, 4*line, 4*winogradSide*c.out)
		for j := range c.n {
			x, dy, to := source[j*patches*c.in:], results[j*patches*line:], sum[(i*c.n+j)*c.in*line:]
			for p := range c.panels() {
				for k, rows := 0, 0; k < c.in; k += rows {
					rows = c.ks.rowsOf(c.in - k)
					tile := &to[k*line+p*nr]
					c.ks.gemmT[rows](1, patches, &x[k], 4*c.in, 0, &dy[p*nr], 4*line, 0, tile, 4*line, tile, 4*line, nil, 0)
				}
			}
		}
	}
}

// gradColumns writes A of the columns of the gradients of rows lo to before hi of
// patches, which are n × rows × columns × filters, with zeros beside the picture.
func (c *winograd) gradColumns(dst, grads []float32, to int, edge []float32, lo, hi int) {
	line, size := c.covered()*c.out, c.ow*c.out
	for row := lo; row < hi; row++ {
		picture, first := grads[row/c.down()*to:][:to], row%c.down()*winogradSide
		for i := range c.n {
			clear(dst[(i*(hi-lo)+row-lo)*line+size:][:line-size])
		}
		x := edged(edge, picture, first, winogradSide, c.oh, size)
		c.grads(&dst[(row-lo)*line], 4*(hi-lo)*line, x, 4*size, size, 1, 0, 0)
	}
}

// addTaps adds Gᵀ s G to taps, which are taps × channels × columns, where s is places ×
// channels × columns.
func (c *winograd) addTaps(taps, places, scratch []float32) {
	nr, size := c.ks.tileCols, c.in*c.filled()
	for u := 0; u < size; u += nr {
		for j := range c.n {
			c.ks.product(&scratch[j*nr], c.n*nr, c.turned, &places[j*size+u], c.n*size, c.r, c.n, false)
		}
		for i := range c.r {
			c.ks.product(&taps[i*c.r*size+u], size, c.turned, &scratch[i*c.n*nr], nr, c.r, c.n, true)
		}
	}
}
