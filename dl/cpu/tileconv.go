package cpu

import "github.com/fluxion-go/fluxion/dl/backend"

// Convolutions in tiles work on channels-last pictures that were rounded to
// bfloat16 and surrounded by zeros, a band of rows at a time. There a row of taps
// is a run of numbers, which is one segment of the product.

const (
	bfConv           = "conv2d (bf16)"
	bfConvGradInput  = "conv2d_grad_input (bf16)"
	bfConvGradWeight = "conv2d_grad_weight (bf16)"
)

// tiled reports whether a convolution or gradient is computed in tiles.
func (v *convolution) tiled(op backend.Op) bool {
	if v.groups != 1 {
		return false
	}
	return v.dw == 1 || op == backend.Conv2DGradWeight
}

// A tileCorrelation computes channels-last pictures from others.
type tileCorrelation struct {
	ks          *kernelSet
	h, w, in    int // the source
	ah, aw      int // how far apart its rows and pixels are taken to be, with zeros between them
	oh, ow, out int // the results
	kh, kw      int
	sh, sw, dh  int
	top, left   int // row and column of tap 0 of the first result are −top and −left
	words       int // of a pixel; rounded up so that a row of taps is cut evenly
	chunking        // of a row of taps
}

func newTileCorrelation(ks *kernelSet, r tileCorrelation) *tileCorrelation {
	r.ks = ks
	best := 0
	for words := (r.in + 1) / 2; words < (r.in+1)/2+tileSide; words++ {
		if c := evenly(r.kw * words); best == 0 || c.count < best {
			best, r.words, r.chunking = c.count, words, c
		}
	}
	return &r
}

// tileForward returns the correlation that computes y from x.
func (v *convolution) tileForward() *tileCorrelation {
	return newTileCorrelation(v.ks, tileCorrelation{h: v.h, w: v.w, in: v.c, ah: 1, aw: 1, oh: v.oh, ow: v.ow, out: v.o,
		kh: v.kh, kw: v.kw, sh: v.sh, sw: v.sw, dh: v.dh, top: v.top, left: v.left})
}

// tileBackward returns the one that computes the gradient by x from that by y,
// with the filters turned round. Where those moved by more than a pixel, there are
// zeros between the pixels of the gradient by y.
func (v *convolution) tileBackward() *tileCorrelation {
	return newTileCorrelation(v.ks, tileCorrelation{h: v.oh, w: v.ow, in: v.o, ah: v.sh, aw: v.sw, oh: v.h, ow: v.w, out: v.c,
		kh: v.kh, kw: v.kw, sh: 1, sw: 1, dh: v.dh, top: (v.kh-1)*v.dh - v.top, left: v.kw - 1 - v.left})
}

// line is the words of a row of the source with zeros around it, and rows is
// how many of those n rows of results are computed from.
func (r *tileCorrelation) line() int      { return ((r.ow-1)*r.sw + r.kw) * r.words }
func (r *tileCorrelation) rows(n int) int { return (n-1)*r.sh + (r.kh-1)*r.dh + 1 }

// band returns how many rows of results are computed at a time.
func (r *tileCorrelation) band() int {
	const cached = 1 << 15 // words
	n := (cached/r.line()-(r.kh-1)*r.dh-1)/r.sh + 1
	return max(1, min(n, r.oh))
}

// pad writes the rounded rows that results i0 to i1 are computed from, with
// zeros around them.
func (r *tileCorrelation) pad(dst, x []float32, i0, i1 int) {
	line := r.line()
	dst = dst[:r.rows(i1-i0)*line]
	clear(dst)
	first, end := taps(r.left, r.aw, line/r.words, r.w) // columns of the source
	if first == end {
		return
	}
	for q := 0; len(dst) > 0; q, dst = q+1, dst[line:] {
		i := i0*r.sh + q - r.top
		if i < 0 || i%r.ah > 0 || i/r.ah >= r.h {
			continue
		}
		to, from := &dst[(first*r.aw+r.left)*r.words], &x[(i/r.ah*r.w+first)*r.in]
		if r.aw == 1 && 2*r.words == r.in {
			r.ks.tiles.rows(to, 0, from, 0, 1, (end-first)*r.in)
			continue
		}
		r.ks.tiles.rows(to, 4*r.words*r.aw, from, 4*r.in, end-first, r.in)
	}
}

// compute computes rows i0 to i1 of a picture y.
func (r *tileCorrelation) compute(w *worker, y, x, filters, scratch []float32, i0, i1 int) {
	line, band := r.line(), r.band()
	across := (r.ow + tileSide - 1) / tileSide // tiles in a row
	t := w.tiles.with(tileCall{nseg: r.kh, chunks: r.count, lda: 4 * r.sw * r.words, sega: 4 * r.dh * line,
		b: &filters[0], ldb: 4 * panelWords, panelB: 4 * r.panel(), ldc: 4 * r.out})
	for ; i0 < i1; i0 += band {
		end := min(i0+band, i1)
		r.pad(scratch, x, i0, end)
		tile := func(n int) (a, c, rows int) {
			i, j := n/across, n%across
			j0, j1 := j*r.ow/across, (j+1)*r.ow/across
			return i*r.sh*line + j0*r.sw*r.words, ((i0+i)*r.ow + j0) * r.out, j1 - j0
		}
		tiles := (end - i0) * across
		for n := 0; n < tiles; n += 2 {
			a, c, rows0 := tile(n)
			rows1 := 0
			if n+1 < tiles {
				var a1, c1 int
				a1, c1, rows1 = tile(n + 1)
				t.rowsA, t.rowsC = 4*(a1-a), 4*(c1-c)
			}
			t.a, t.c = &scratch[a], &y[c]
			t.run(r.ks, rows0, rows1, r.out, r.pairs)
		}
	}
}

func (r *tileCorrelation) panels() int { return (r.out + blockSide - 1) / blockSide }
func (r *tileCorrelation) panel() int  { return r.kh * r.kw * r.words * panelWords }

// tileConv emits a convolution or its gradient by the pictures.
func (b *builder) tileConv(name string, v *convolution, r *tileCorrelation, turned bool, x, w, y int) {
	filters := b.packTileFilters(v, r, w, turned)
	from, to := r.h*r.w*r.in, r.oh*r.ow*r.out
	s := &step{
		name: name, units: v.n, cost: b.ks.tiles.time(r.oh*r.ow*r.out*r.kh*r.kw*r.in) + (from+to)/8, flops: v.flops(), tiles: true,
		whole: []int{filters}, out: []int{y},
		scratch: r.rows(r.band()) * r.line(),
	}
	if bands := min((4*fewPictures-1)/max(v.n, 1), r.oh); v.n < fewPictures && bands > 1 {
		s.whole, s.alone = append(s.whole, x), true
		s.units, s.cost, s.flops = v.n*bands, s.cost/bands, s.flops/bands
		s.block = func(e *execution, s *step, w *worker, p piece) {
			for u := p.lo; u < p.hi; u++ {
				n, k := u/bands, u%bands
				r.compute(w, e.floats(y)[n*to:], e.floats(x)[n*from:], e.floats(filters), s.scratchOf(w), k*r.oh/bands, (k+1)*r.oh/bands)
			}
		}
		b.emit(s)
		return
	}
	s.aligned = []int{x}
	s.block = func(e *execution, s *step, w *worker, p piece) {
		pics, results := e.part(w, s, x, p), e.part(w, s, y, p)
		for n := range p.hi - p.lo {
			r.compute(w, results[n*to:], pics[n*from:], e.floats(filters), s.scratchOf(w), 0, r.oh)
		}
	}
	b.emit(s)
}

// packTileFilters emits the packing of filters into panels of 32 results, whose
// rows are taps and their channels: for the gradient by the pictures turned
// round, with the channels of x as results. It returns the value that holds them.
func (b *builder) packTileFilters(v *convolution, r *tileCorrelation, w int, turned bool) int {
	packed := b.value(r.panels() * r.panel())
	area := v.kh * v.kw
	b.emit(&step{
		name: "pack", units: r.panels(), cost: r.panel() / 2, alone: true,
		whole: []int{w}, out: []int{packed},
		scratch: r.in * area * blockSide,
		block: func(e *execution, s *step, wk *worker, p piece) {
			from, rows := e.floats(w), s.scratchOf(wk)
			for u := p.lo; u < p.hi; u++ {
				to := e.floats(packed)[u*r.panel():][:r.panel()]
				first, n := u*blockSide, min(blockSide, r.out-u*blockSide)
				// For each channel and tap a row of results.
				if turned {
					for o := range v.o {
						r.ks.transpose(rows[o*area*blockSide:], blockSide, from[(o*v.c+first)*area:], area, n, area)
					}
				} else {
					r.ks.transpose(rows, blockSide, from[first*v.c*area:], v.c*area, n, v.c*area)
				}
				for k := range area {
					t := k
					if turned {
						t = area - 1 - k
					}
					d := to[t*r.words*panelWords:][:r.words*panelWords]
					r.ks.tiles.pairs(&d[0], 4*panelWords, 4*panelWords, &rows[k*blockSide], 4*area*blockSide, r.in, n)
					clear(d[(r.in+1)/2*panelWords:])
				}
			}
		},
	})
	return packed
}
