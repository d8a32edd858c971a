package cpu

import "github.com/fluxion-go/fluxion/dl/backend"

// convGradWeight emits dw. For one row of taps it is a matrix product over all
// pixels: the pixels of x under the taps, transposed, by those of dy. Each
// piece of the batch adds to a sum of its own, whose rows are taps and whose
// columns are filters.
func (b *builder) convGradWeight(i backend.Instr) {
	v := newConvolution(b.ks, i.Attrs.(backend.ConvAttrs), b.shape(i.In[0]), b.shape(i.Out[0]), b.shape(i.In[1]))
	x, dy, dw := b.root[i.In[0]], b.root[i.In[1]], i.Out[0]
	g := gradWeight{v, roundUp(v.og, v.ks.tileCols)}
	sums := b.value(g.size())
	b.reduction(&step{
		name: "conv2d_grad_weight", units: v.n, cost: v.time(), flops: v.flops(),
		aligned: []int{x, dy},
		scratch: v.padded() + g.widened(),
	}, g.size(), sums, func(e *execution, s *step, w *worker, p piece, sum []float32) {
		scratch := s.scratchOf(w)
		pics, grads := e.part(w, s, x, p), e.part(w, s, dy, p)
		for len(pics) > 0 {
			g.add(sum, v.pad(scratch, pics), g.widen(scratch[v.padded():], grads))
			pics, grads = pics[v.h*v.w*v.c:], grads[v.oh*v.ow*v.o:]
		}
	})
	b.emit(&step{
		name: "unpack", units: v.o, cost: v.cg * v.kh * v.kw, alone: true,
		whole: []int{sums}, out: []int{dw},
		block: func(e *execution, _ *step, _ *worker, p piece) {
			from, to := e.floats(sums), e.floats(dw)
			area := v.kh * v.kw
			for o := p.lo; o < p.hi; o++ {
				group := from[o/v.og*area*v.cg*g.columns:]
				for c := range v.cg {
					d := to[(o*v.cg+c)*area:][:area]
					for k := range d {
						d[k] = group[(k*v.cg+c)*g.columns+o%v.og]
					}
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

// add adds one picture to sum.
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
						g.ks.gemmT[rows](hi-lo, g.ow, &a[i], 4*g.sw*g.c, 4*g.sh*row, &b[lo*g.ow*line], 4*line, &to[i*g.columns], 4*g.columns, 1)
					}
				}
			}
		}
	}
}
