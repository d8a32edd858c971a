package cpu

import "github.com/fluxion-go/fluxion/dl/backend"

// convGradWeight emits dw. For one row of taps it is a matrix product over all
// pixels: the pixels of x under the taps, transposed, by those of dy. Each
// piece of the batch adds to a sum of its own, whose rows are taps and whose
// columns are filters.
func (b *builder) convGradWeight(i backend.Instr) {
	v := newConvolution(b.ks, i.Attrs.(backend.ConvAttrs), b.shape(i.In[0]), b.shape(i.Out[0]), b.shape(i.In[1]))
	x, dy, dw := b.root[i.In[0]], b.root[i.In[1]], i.Out[0]
	if b.tiles && v.tiled(backend.Conv2DGradWeight) {
		b.tileConvGradWeight(v, x, dy, dw)
		return
	}
	if c := b.winogradForward(v); c != nil {
		b.winogradGradWeight(v, c, x, dy, dw)
		return
	}
	g := gradWeight{v, roundUp(v.og, v.ks.tileCols)}
	sums := b.value(g.size())
	padded, add := v.padded(), g.add
	if v.cg >= 16 {
		padded, add = 0, g.addApart
	}
	b.reduction(&step{
		name: "conv2d_grad_weight", units: v.n, cost: v.time(), flops: v.flops(),
		aligned: []int{x, dy},
		scratch: padded + g.widened(),
	}, g.size(), sums, func(e *execution, s *step, w *worker, p piece, sum []float32) {
		scratch := s.scratchOf(w)
		pics, grads := e.part(w, s, x, p), e.part(w, s, dy, p)
		for len(pics) > 0 {
			pic := pics
			if padded > 0 {
				pic = v.pad(scratch, pics, 0, v.h)
			}
			add(sum, pic, g.widen(scratch[padded:], grads))
			pics, grads = pics[v.h*v.w*v.c:], grads[v.oh*v.ow*v.o:]
		}
	})
	b.unpackFilters(v, g.columns, sums, dw)
}

// unpackFilters emits the turning of sums of taps × channels × columns into
// filters.
func (b *builder) unpackFilters(v *convolution, columns, sums, dw int) {
	const together = 8 // filters, which the columns of one transpose are
	area, size := v.kh*v.kw, v.kh*v.kw*v.cg
	perGroup := (v.og + together - 1) / together
	b.emit(&step{
		name: "unpack", units: v.groups * perGroup, cost: together * size / 2, alone: true,
		whole: []int{sums}, out: []int{dw},
		scratch: together * size,
		block: func(e *execution, s *step, w *worker, p piece) {
			from, to, rows := e.floats(sums), e.floats(dw), s.scratchOf(w)
			for u := p.lo; u < p.hi; u++ {
				group, first := u/perGroup, u%perGroup*together
				n := min(together, v.og-first)
				e.ks.transpose(rows, size, from[group*size*columns+first:], columns, size, n)
				for o := range n {
					e.ks.transpose(to[(group*v.og+first+o)*size:], area, rows[o*size:], v.cg, area, v.cg)
				}
			}
		},
	})
}

// A gradWeight adds pictures to a sum of groups × taps × channels of a group ×
// columns, where columns is the number of filters of a group rounded up.
type gradWeight struct {
	*convolution
	columns int
}

func (g *gradWeight) size() int { return g.groups * g.kh * g.kw * g.cg * g.columns }

// widened is the number of floats of scratch that widen needs.
func (g *gradWeight) widened() int {
	if g.columns == g.og {
		return 0
	}
	return g.oh * g.ow * g.groups * g.columns
}

// widen returns the pixels of dy with zeros after the filters of each group,
// so that the tile kernel can read whole vectors.
func (g *gradWeight) widen(scratch, dy []float32) []float32 {
	if g.widened() == 0 {
		return dy
	}
	scratch = scratch[:g.widened()]
	clear(scratch)
	for k := range g.oh * g.ow * g.groups {
		copy(scratch[k*g.columns:], dy[k*g.og:][:g.og])
	}
	return scratch
}

// add adds one picture, which was padded, to sum: a row of taps at a time.
func (g *gradWeight) add(sum, x, dy []float32) {
	row := g.paddedWidth() * g.c
	// A run of taps is next to one another in memory.
	runs, length := 1, g.kw*g.cg
	if g.dw != 1 || g.groups != 1 {
		runs, length = g.kw, g.cg
	}
	nr, line := g.ks.tileCols, g.groups*g.columns
	for group := range g.groups {
		for col := 0; col < g.columns; col += nr {
			b := dy[group*g.columns+col:]
			for k := range g.kh {
				// The rows of y whose tap k falls on the picture.
				base := k*g.dh - g.top
				lo, hi := taps(base, g.sh, g.h, g.oh)
				if lo == hi {
					continue
				}
				for q := range runs {
					a := x[(base+lo*g.sh)*row+q*g.dw*g.c+group*g.cg:]
					to := sum[((group*g.kh+k)*g.kw+q)*g.cg*g.columns+col:]
					for i, rows := 0, 0; i < length; i += rows {
						rows = g.ks.rowsOf(length - i)
						g.ks.gemmT[rows](hi-lo, g.ow, &a[i], 4*g.sw*g.c, 4*g.sh*row, &b[lo*g.ow*line], 4*line, 0, &to[i*g.columns], 4*g.columns, &to[i*g.columns], 4*g.columns, nil, 0)
					}
				}
			}
		}
	}
}

// addApart adds one picture to sum, tap by tap: for each of them the pixels
// that it falls on. A few rows of both pictures stay in the first-level cache
// while all taps go over them.
func (g *gradWeight) addApart(sum, x, dy []float32) {
	nr, line := g.ks.tileCols, g.groups*g.columns
	down, across := g.down(), g.across()
	const cached = 8192 // floats
	band := max(2, cached/(g.ow*nr+g.sh*g.w*g.cg))
	for i0 := 0; i0 < g.oh; i0 += band {
		for group := range g.groups {
			for col := 0; col < g.columns; col += nr {
				for k := range g.kh {
					r0, r1 := down.reach(k)
					r0, r1 = max(r0, i0), min(r1, i0+band)
					if r0 >= r1 {
						continue
					}
					for s := range g.kw {
						c0, c1 := across.reach(s)
						if c0 == c1 {
							continue
						}
						a := x[((r0*g.sh+k*g.dh-g.top)*g.w+c0*g.sw+s*g.dw-g.left)*g.c+group*g.cg:]
						b := &dy[(r0*g.ow+c0)*line+group*g.columns+col]
						to := sum[((group*g.kh+k)*g.kw+s)*g.cg*g.columns+col:]
						for i, rows := 0, 0; i < g.cg; i += rows {
							rows = g.ks.rowsOf(g.cg - i)
							g.ks.gemmT[rows](r1-r0, c1-c0, &a[i], 4*g.sw*g.c, 4*g.sh*g.w*g.c,
								b, 4*line, 4*(g.ow-(c1-c0))*line, &to[i*g.columns], 4*g.columns, &to[i*g.columns], 4*g.columns, nil, 0)
						}
					}
				}
			}
		}
	}
}
