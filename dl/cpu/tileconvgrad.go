package cpu

// A tileGradWeight adds the gradient by the filters of pictures to a sum of taps ×
// channels × columns, where columns is the number of filters rounded up. For one
// row of taps that is a matrix product over all pixels: each row of A is a
// channel of x, rounded and shifted for one column of taps; B is the pixels of dy.
// The rows of results have an even length, so that they are pairs of pixels.
type tileGradWeight struct {
	*convolution
	columns int
	pitch   int // pixels from a row of results to the next
}

func (v *convolution) tileGradWeight() *tileGradWeight {
	g := &tileGradWeight{convolution: v, columns: roundUp(v.o, blockSide)}
	best := 0
	for pitch := roundUp(v.ow, 2); pitch <= roundUp(v.ow, blockSide); pitch += 2 {
		if c := evenly(g.band() * pitch / 2); best == 0 || c.count < best {
			best, g.pitch = c.count, pitch
		}
	}
	return g
}

// band is how many rows of results are taken at a time.
func (g *tileGradWeight) band() int {
	const cached = 1 << 16 // words
	return max(1, min(g.oh, cached*2/(g.kw*g.c*roundUp(g.ow, 2))-(g.kh-1)*g.dh))
}

func (g *tileGradWeight) size() int { return g.kh * g.kw * g.c * g.columns }

// rows is how many rows of a channel are kept for n rows of results: those that
// neighbours share once where they lie so that a product finds them.
func (g *tileGradWeight) rows(n int) int {
	if g.sh == 1 {
		return n + (g.kh-1)*g.dh
	}
	return n * g.kh
}

// source returns the row of x that row q of those is, for n rows of results
// from row i0 on.
func (g *tileGradWeight) source(q, i0, n int) int {
	if g.sh == 1 {
		return i0 + q - g.top
	}
	return (i0+q%n)*g.sh + q/n*g.dh - g.top
}

// line is the words of a row of A.
func (g *tileGradWeight) line() int { return spacedLine(g.rows(g.band()) * g.pitch / 2) }

// scratch returns the words of A and of B for a band of one picture, of the turned
// picture and of a row.
func (g *tileGradWeight) scratch() (a, b, turned, row int) {
	return g.kw * g.c * g.line(), g.band() * g.pitch / 2 * g.columns, roundUp(g.c*g.h*g.w, 16), roundUp(g.ow, 16)
}

// together is how many pictures are multiplied at a time: the sum is read and
// written once for all of them.
func (g *tileGradWeight) together() int {
	const cached = 1 << 17 // words
	a, b, _, _ := g.scratch()
	return max(1, min(g.n, cached/(a+b)))
}

// add adds a number of pictures to sum, no more than together.
func (g *tileGradWeight) add(w *worker, sum, x, dy, scratch []float32, pictures int) {
	na, nb, nt, _ := g.scratch()
	a, scratch := scratch[:pictures*na], scratch[pictures*na:]
	b, scratch := scratch[:pictures*nb], scratch[pictures*nb:]
	turned, row := scratch[:nt], scratch[nt:]
	area := g.h * g.w
	band, line, length := g.band(), g.line(), g.kw*g.c
	t := w.tiles.with(tileCall{nseg: pictures, lda: 4 * line, rowsA: 4 * tileSide * line, sega: 4 * na,
		b: &b[0], ldb: 4 * g.columns, panelB: 4 * panelWords,
		ldc: 4 * g.columns, rowsC: 4 * tileSide * g.columns, add: 1})
	for i0 := 0; i0 < g.oh; i0 += band {
		n := min(band, g.oh-i0)
		words := n * g.pitch / 2
		clear(a)
		for k := range pictures {
			g.ks.transpose(turned, area, x[k*area*g.c:], g.c, area, g.c)
			g.shift(a[k*na:], turned, row, i0, n)
			g.pairs(b[k*words*g.columns:], dy[(k*g.oh+i0)*g.ow*g.o:], n)
		}
		c := evenly(words)
		t.chunks = c.count
		next := g.dh // rows to the next tap
		if g.sh > 1 {
			next = n
		}
		for k := range g.kh {
			for i := 0; i < length; i += blockSide {
				rows := min(blockSide, length-i)
				t.a, t.c = &a[i*line+k*next*g.pitch/2], &sum[(k*length+i)*g.columns]
				t.run(g.ks, min(rows, tileSide), max(0, rows-tileSide), g.o, c.pairs)
			}
		}
	}
}

// shift writes the rows of A for n rows of results from row i0 on: for each
// column of taps and each channel the pixels that fall under it.
func (g *tileGradWeight) shift(a, turned, row []float32, i0, n int) {
	across := g.across()
	line, rows := g.line(), g.rows(n)
	for s := range g.kw {
		lo, hi := across.reach(s)
		if lo == hi {
			continue
		}
		first := lo*g.sw + s*g.dw - g.left
		for c := range g.c {
			from, to := turned[c*g.h*g.w:][:g.h*g.w], &a[(s*g.c+c)*line]
			if g.sh == 1 && g.sw == 1 {
				q0 := max(0, g.top-i0)
				q1 := min(rows, g.h+g.top-i0)
				if q0 < q1 {
					g.ks.tiles.rows(at(to, 2*(q0*g.pitch+lo)), 2*g.pitch, &from[g.source(q0, i0, n)*g.w+first], 4*g.w, q1-q0, hi-lo)
				}
				continue
			}
			for q := range rows {
				i := g.source(q, i0, n)
				if i < 0 || i >= g.h {
					continue
				}
				for j := range hi - lo {
					row[j] = from[i*g.w+first+j*g.sw]
				}
				g.ks.tiles.rows(at(to, 2*(q*g.pitch+lo)), 0, &row[0], 0, 1, hi-lo)
			}
		}
	}
}

// pairs writes B: pairs of neighbours of n rows of dy.
func (g *tileGradWeight) pairs(b, dy []float32, n int) {
	if g.pitch == g.ow {
		g.ks.tiles.pairs(&b[0], 4*panelWords, 4*g.columns, &dy[0], 4*g.o, n*g.ow, g.o)
		return
	}
	for i := range n {
		to := b[i*g.pitch/2*g.columns:][:g.pitch/2*g.columns]
		g.ks.tiles.pairs(&to[0], 4*panelWords, 4*g.columns, &dy[i*g.ow*g.o], 4*g.o, g.ow, g.o)
		clear(to[(g.ow+1)/2*g.columns:])
	}
}

// tileConvGradWeight emits the gradient by filters. Each piece of the batch
// adds to a sum of its own.
func (b *builder) tileConvGradWeight(v *convolution, x, dy, dw int) {
	g := v.tileGradWeight()
	sums := b.value(g.size())
	na, nb, nt, nr := g.scratch()
	together := g.together()
	b.reduction(&step{
		name: bfConvGradWeight, units: v.n, cost: b.ks.tiles.time(v.oh*v.ow*v.o*v.kh*v.kw*v.c) + v.kw*v.h*v.w*v.c/8, flops: v.flops(), tiles: true,
		aligned: []int{x, dy},
		scratch: together*(na+nb) + nt + nr,
	}, g.size(), sums, func(e *execution, s *step, w *worker, p piece, sum []float32) {
		pics, grads := e.part(w, s, x, p), e.part(w, s, dy, p)
		for n := 0; n < p.hi-p.lo; n += together {
			g.add(w, sum, pics[n*v.h*v.w*v.c:], grads[n*v.oh*v.ow*v.o:], s.scratchOf(w), min(together, p.hi-p.lo-n))
		}
	})
	b.unpackFilters(v, g.columns, sums, dw)
}
