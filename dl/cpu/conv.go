package cpu

import "github.com/fluxion-go/fluxion/dl/backend"

// Convolutions work on channels-last images, without copying patches out. A
// row of results is a matrix product whose matrix A lies in the picture: pixel
// after pixel, or, for one tap, every pixel that the tap falls on.
//
// Where there are many channels, taps of one column are taken together (their
// rows are the kernel's segments), and each column of taps has the results that
// it falls on beside or inside the picture: nothing is computed for padding.
// Where there are few, all taps are taken together, because the work for one
// would be too short; there the picture is copied with zeros on its left and
// right.

// A convolution describes one Conv2D or one of its gradients.
type convolution struct {
	ks             *kernelSet
	n, h, w, c     int // x
	o, kh, kw      int // filters
	oh, ow         int // y
	sh, sw         int // stride
	dh, dw         int // dilation
	top, left      int // padding
	groups, cg, og int // channels and filters in a group
}

func newConvolution(ks *kernelSet, a backend.ConvAttrs, x, w, y []int) *convolution {
	return &convolution{ks: ks,
		n: x[0], h: x[1], w: x[2], c: x[3], o: w[0], kh: w[2], kw: w[3], oh: y[1], ow: y[2],
		sh: a.Stride[0], sw: a.Stride[1], dh: a.Dilation[0], dw: a.Dilation[1], top: a.Pad[0], left: a.Pad[2],
		groups: a.Groups, cg: w[1], og: w[0] / a.Groups}
}

// time is a rough estimate of nanoseconds for one picture.
func (v *convolution) time() int {
	return multiplyTime(v.oh * v.ow * v.o * v.kh * v.kw * v.cg)
}

// down and across are the taps of the columns and rows of x.
func (v *convolution) down() tapAxis {
	return tapAxis{source: v.h, results: v.oh, taps: v.kh, step: v.sh, tap: v.dh, base: -v.top}
}
func (v *convolution) across() tapAxis {
	return tapAxis{source: v.w, results: v.ow, taps: v.kw, step: v.sw, tap: v.dw, base: -v.left}
}

// flops counts the operations for one picture that there must be: none on padding.
func (v *convolution) flops() int { return 2 * v.down().inside() * v.across().inside() * v.o * v.cg }

// A correlation computes rows of channels-last pixels from rows of others with
// packed filters.
type correlation struct {
	ks         *kernelSet
	groups     int
	in, out    int // channels of a group
	kh, kw, dw int
	rowLength  int // floats from one row of the source to the next
	pixel      int // floats from the taps of one result to those of the next
	width      int // results in a row
}

func (r *correlation) panels() int { return (r.out + r.ks.tileCols - 1) / r.ks.tileCols }

// panel is the number of floats of a panel of packed filters.
func (r *correlation) panel() int { return r.kh * r.kw * r.in * r.ks.tileCols }

// packed is the number of floats of all packed filters.
func (r *correlation) packed() int { return r.groups * r.panels() * r.panel() }

// apart reports whether columns of taps are long enough to be taken one by one.
func (r *correlation) apart() bool { return r.in >= 16 }

// row computes one row of results from the rows of taps k0 to k1, the first of
// which lies over x; the others are rowStep rows apart. It adds to y where add.
func (r *correlation) row(y, x []float32, k0, k1, rowStep int, filters, tile []float32, add bool) {
	nr := r.ks.tileCols
	all, allOut := r.groups*r.in, r.groups*r.out
	for g := range r.groups {
		for p := range r.panels() {
			b := filters[(g*r.panels()+p)*r.panel()+k0*r.kw*r.in*nr:]
			cols := min(nr, r.out-p*nr)
			for i, rows := 0, 0; i < r.width; i += rows {
				rows = r.ks.rowsOf(r.width - i)
				kernel := r.ks.gemm[rows]
				to := y[i*allOut+g*r.out+p*nr:]
				c, ldc, acc := &to[0], 4*allOut, 0
				if cols < nr {
					c, ldc = &tile[0], 4*nr
				} else if add {
					acc = 1
				}
				a := x[i*r.pixel+g*r.in:]
				if r.dw == 1 && r.groups == 1 {
					kernel(k1-k0, r.kw*r.in, &a[0], 4*r.pixel, 4*rowStep*r.rowLength, &b[0], 4*nr, 0, c, ldc, onto(c, acc), ldc, nil, 0)
				} else {
					for k := range k1 - k0 {
						kernel(r.kw, r.in, &a[k*rowStep*r.rowLength], 4*r.pixel, 4*r.dw*all, &b[k*r.kw*r.in*nr], 4*nr, 0, c, ldc, onto(c, acc+k), ldc, nil, 0)
					}
				}
				if cols < nr {
					storeTile(to, allOut, tile, nr, rows, cols, add)
				}
			}
		}
	}
}

// forward returns the correlation that computes y from x.
func (v *convolution) forward() *correlation {
	return &correlation{ks: v.ks, groups: v.groups, in: v.cg, out: v.og, kh: v.kh, kw: v.kw, dw: v.dw,
		rowLength: v.paddedWidth() * v.c, pixel: v.sw * v.c, width: v.ow}
}

// paddedWidth is how many pixels of a row the taps reach.
func (v *convolution) paddedWidth() int {
	if n := (v.ow-1)*v.sw + (v.kw-1)*v.dw + 1; v.left > 0 || n > v.w {
		return n
	}
	return v.w
}

// padded is the number of floats of scratch that pad needs.
func (v *convolution) padded() int {
	if v.paddedWidth() == v.w && v.left == 0 {
		return 0
	}
	return v.h * v.paddedWidth() * v.c
}

// pad returns a picture with zeros on its left and right, in scratch where
// there are any; there, it has rows r0 to r1 alone.
func (v *convolution) pad(scratch, x []float32, r0, r1 int) []float32 {
	if v.padded() == 0 {
		return x
	}
	wide, left := v.paddedWidth()*v.c, v.left*v.c
	n := max(0, min(v.w*v.c, wide-left))
	left = min(left, wide)
	for i := r0; i < r1; i++ {
		row := scratch[i*wide:][:wide]
		clear(row[:left])
		copy(row[left:], x[i*v.w*v.c:][:n])
		clear(row[left+n:])
	}
	return scratch
}

// taps returns the range of taps along an axis that fall on a source of length
// n, where tap 0 falls on base and the next ones step further.
func taps(base, step, n, count int) (lo, hi int) {
	if base < 0 {
		lo = (-base + step - 1) / step
	}
	lo = min(lo, count)
	return lo, max(lo, min(count, (n-base+step-1)/step))
}

// conv2D emits y = conv(x, w).
func (b *builder) conv2D(i backend.Instr) {
	v := newConvolution(b.ks, i.Attrs.(backend.ConvAttrs), b.shape(i.In[0]), b.shape(i.In[1]), b.shape(i.Out[0]))
	x, w, y := b.root[i.In[0]], b.root[i.In[1]], i.Out[0]
	if b.tiles && v.tiled(backend.Conv2D) {
		b.tileConv(bfConv, v, v.tileForward(), false, x, w, y)
		return
	}
	if c := b.winogradForward(v); c != nil {
		b.winogradConv("conv2d", v, c, false, x, w, y)
		return
	}
	r := v.forward()
	filters := b.packFilters(v, r, w, false)
	if r.apart() {
		b.correlate(&columns{r,
			v.down(), v.across()},
			&step{name: "conv2d", units: v.n, cost: v.time(), flops: v.flops()}, v.bands(v.oh), x, filters, y)
		return
	}
	tile := v.ks.tileRows * v.ks.tileCols
	s := &step{name: "conv2d", units: v.n, cost: v.time(), flops: v.flops(), whole: []int{filters}, out: []int{y}, scratch: tile + v.padded()}
	from, to := v.h*v.w*v.c, v.oh*v.ow*v.o
	if bands := v.bands(v.oh); bands > 1 {
		s.inBands(bands)
		s.whole = append(s.whole, x)
		s.block = func(e *execution, s *step, w *worker, p piece) {
			for u := p.lo; u < p.hi; u++ {
				n, k := u/bands, u%bands
				v.forwardRows(r, e.floats(y)[n*to:][:to], e.floats(x)[n*from:][:from], e.floats(filters), s.scratchOf(w), k*v.oh/bands, (k+1)*v.oh/bands)
			}
		}
		b.emit(s)
		return
	}
	s.aligned = []int{x}
	s.block = func(e *execution, s *step, w *worker, p piece) {
		pics, results := e.part(w, s, x, p), e.part(w, s, y, p)
		for n := range p.hi - p.lo {
			v.forwardRows(r, results[n*to:][:to], pics[n*from:][:from], e.floats(filters), s.scratchOf(w), 0, v.oh)
		}
	}
	b.emit(s)
}

// forwardRows computes rows i0 to i1 of a picture y.
func (v *convolution) forwardRows(r *correlation, y, x, filters, scratch []float32, i0, i1 int) {
	tile := scratch[:v.ks.tileRows*v.ks.tileCols]
	// The rows of x under the taps.
	r0, r1 := max(0, i0*v.sh-v.top), min(v.h, (i1-1)*v.sh-v.top+(v.kh-1)*v.dh+1)
	x = v.pad(scratch[len(tile):], x, r0, r1)
	for i := i0; i < i1; i++ {
		base := i*v.sh - v.top
		k0, k1 := taps(base, v.dh, v.h, v.kh)
		line := y[i*v.ow*v.o:][:v.ow*v.o]
		if k0 == k1 {
			clear(line)
			continue
		}
		r.row(line, x[(base+k0*v.dh)*r.rowLength:], k0, k1, v.dh, filters, tile, false)
	}
}

// fewPictures is the number of pictures from which on they are computed whole.
const fewPictures = 4

// bands returns in how many bands of rows a picture of the given number of rows
// should be computed, so that there is work for all.
func (v *convolution) bands(rows int) int {
	if v.n >= fewPictures {
		return 1
	}
	return max(1, min(rows, (4*fewPictures-1)/max(v.n, 1)))
}

// inBands cuts the pictures that are the units of s into bands of rows.
func (s *step) inBands(bands int) {
	s.alone = true
	s.units, s.cost, s.flops = s.units*bands, s.cost/bands, s.flops/bands
}

// convGradInput emits dx: the correlation of dy, with zeros between its pixels
// where the stride is greater than 1, with the filters turned round.
func (b *builder) convGradInput(i backend.Instr) {
	v := newConvolution(b.ks, i.Attrs.(backend.ConvAttrs), b.shape(i.Out[0]), b.shape(i.In[0]), b.shape(i.In[1]))
	w, dy, dx := b.root[i.In[0]], b.root[i.In[1]], i.Out[0]
	if b.tiles && v.tiled(backend.Conv2DGradInput) {
		b.tileConv(bfConvGradInput, v, v.tileBackward(), true, dy, w, dx)
		return
	}
	if c := b.winogradBackward(v); c != nil {
		b.winogradConv("conv2d_grad_input", v, c, true, dy, w, dx)
		return
	}
	wide := v.w + (v.kw-1)*v.dw
	r := &correlation{ks: v.ks, groups: v.groups, in: v.og, out: v.cg, kh: v.kh, kw: v.kw, dw: v.dw,
		rowLength: wide * v.o, pixel: v.o, width: v.w}
	filters := b.packFilters(v, r, w, true)
	if r.apart() && v.sh == 1 && v.sw == 1 {
		b.correlate(&columns{r,
			tapAxis{source: v.oh, results: v.h, taps: v.kh, step: 1, tap: v.dh, base: v.top - (v.kh-1)*v.dh},
			tapAxis{source: v.ow, results: v.w, taps: v.kw, step: 1, tap: v.dw, base: v.left - (v.kw-1)*v.dw}},
			&step{name: "conv2d_grad_input", units: v.n, cost: v.time(), flops: v.flops()}, v.bands(v.h), dy, filters, dx)
		return
	}
	tile := v.ks.tileRows * v.ks.tileCols
	b.emit(&step{
		name: "conv2d_grad_input", units: v.n, cost: v.time(), flops: v.flops(),
		aligned: []int{dy}, whole: []int{filters}, out: []int{dx},
		scratch: tile + v.oh*wide*v.o,
		block: func(e *execution, s *step, wk *worker, p piece) {
			scratch, packed := s.scratchOf(wk), e.floats(filters)
			from, to := e.part(wk, s, dy, p), e.part(wk, s, dx, p)
			for len(to) > 0 {
				pic := scratch[tile:]
				v.spread(pic, from, wide)
				for i := range v.h {
					v.gradRow(r, to[i*v.w*v.c:][:v.w*v.c], pic, i, packed, scratch[:tile])
				}
				from, to = from[v.oh*v.ow*v.o:], to[v.h*v.w*v.c:]
			}
		},
	})
}

// spread writes the rows of dy into rows of wide pixels: those that the turned
// filters reach from the pixels of x.
func (v *convolution) spread(pic, dy []float32, wide int) {
	first := (v.kw-1)*v.dw - v.left
	for i := range v.oh {
		row := pic[i*wide*v.o:][:wide*v.o]
		from := dy[i*v.ow*v.o:][:v.ow*v.o]
		if v.sw == 1 && first >= 0 && first+v.ow <= wide {
			clear(row[:first*v.o])
			copy(row[first*v.o:], from)
			clear(row[(first+v.ow)*v.o:])
			continue
		}
		clear(row)
		for j := range v.ow {
			if at := first + j*v.sw; 0 <= at && at < wide {
				copy(row[at*v.o:][:v.o], from[j*v.o:])
			}
		}
	}
}

// gradRow computes row i of dx.
func (v *convolution) gradRow(r *correlation, dx, pic []float32, i int, filters, tile []float32) {
	base := i + v.top - (v.kh-1)*v.dh
	if v.sh == 1 {
		k0, k1 := taps(base, v.dh, v.oh, v.kh)
		if k0 == k1 {
			clear(dx)
			return
		}
		r.row(dx, pic[(base+k0*v.dh)*r.rowLength:], k0, k1, v.dh, filters, tile, false)
		return
	}
	add := false
	for k := range v.kh {
		if t := base + k*v.dh; t >= 0 && t%v.sh == 0 && t/v.sh < v.oh {
			r.row(dx, pic[t/v.sh*r.rowLength:], k, k+1, 1, filters, tile, add)
			add = true
		}
	}
	if !add {
		clear(dx)
	}
}

// packFilters emits the packing of filters into panels of tileCols results:
// for the gradient of x turned round, with the channels of x as results. It
// returns the value that holds them.
func (b *builder) packFilters(v *convolution, r *correlation, w int, turned bool) int {
	packed := b.value(r.packed())
	nr, area := b.ks.tileCols, v.kh*v.kw
	b.emit(&step{
		name: "pack", units: r.groups * r.panels() * r.in, cost: area * nr, alone: true, early: true,
		whole: []int{w}, out: []int{packed},
		scratch: area * nr,
		block: func(e *execution, s *step, wk *worker, p piece) {
			taps := s.scratchOf(wk)
			for u := p.lo; u < p.hi; u++ {
				in, panel := u%r.in, u/r.in
				to := e.floats(packed)[panel*r.panel():][:r.panel()]
				v.tapsOf(taps, e.floats(w), panel/r.panels(), panel%r.panels()*nr, in, r.out, turned)
				for k := range area {
					at := k
					if turned {
						at = area - 1 - k
					}
					copy(to[(at*r.in+in)*nr:][:nr], taps[k*nr:])
				}
			}
		},
	})
	return packed
}

// tapsOf writes the taps of one channel of a group and of the filters from first on, a
// row of tileCols of them for each tap; turned, those of one filter and of the
// channels. There are out of these in the group.
func (v *convolution) tapsOf(dst, w []float32, group, first, in, out int, turned bool) {
	nr, area := v.ks.tileCols, v.kh*v.kw
	cols := min(nr, out-first)
	// Filter o, channel c of the group is in row o·cg + c of the filters.
	row, next := (group*v.og+first)*v.cg+in, v.cg
	if turned {
		row, next = (group*v.og+in)*v.cg+first, 1
	}
	if cols < nr {
		clear(dst)
	}
	v.ks.transpose(dst, nr, w[row*area:], next*area, cols, area)
}
