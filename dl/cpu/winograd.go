package cpu

import "math"

// Convolutions by 3×3 and 5×5 filters with many channels are computed as Winograd
// proposed: patches of 4×4 results as Aᵀ((G w Gᵀ) ∘ (Bᵀ x B))A of a patch x of the
// source and a filter w, where ∘ multiplies element by element, and is a matrix
// product over the channels and patches for each place of a patch. For r×r filters
// that takes (3+r)² multiplications instead of (4r)²: 36 of 144, or 64 of 400. The
// gradients are of the same kind: that by the filters is Gᵀ((A dy Aᵀ) ∘ (Bᵀ x B))G.
//
// The matrices are those of Toom and Cook, which evaluate polynomials at 2+r points
// and at infinity: Lavin and Gray, "Fast Algorithms for Convolutional Neural
// Networks", 2016. Results differ from exact ones by some 2·10⁻⁶ of their size, four
// times as much as those of sums in float32 do. What is infinite or not a number in
// the source makes all results of its patches so.

// winogradSide is the side of a patch of results.
const winogradSide = 4

// winogradPoints are the points for filters of 3×3 and 5×5: those and infinity are as
// many as the side of a patch of the source.
var winogradPoints = map[int][]float64{3: {0, 1, -1, 2, -2}, 5: {0, 1, -1, 2, -2, 0.5, -0.5}}

// toomCook returns the matrices with which Aᵀ((G w) ∘ (Bᵀ x)) are the m sums of
// products of the taps w, r of them, with runs of x: A is n×m, G n×r, bt n×n, where
// points are n−1, and n = m+r−1.
func toomCook(points []float64, m, r int) (a, g, bt [][]float64) {
	n := len(points) + 1
	powers := func(x float64, count int) []float64 {
		p := make([]float64, count)
		for i := range p {
			p[i] = math.Pow(x, float64(i))
		}
		return p
	}
	// product returns the coefficients of Π (x − p) over the points but one, and its
	// value there.
	product := func(but int) (c []float64, value float64) {
		c, value = append(make([]float64, 0, n), 1), 1
		for i, p := range points {
			if i == but {
				continue
			}
			c = append(c, 0)
			for k := len(c) - 1; k > 0; k-- {
				c[k] = c[k-1] - p*c[k]
			}
			c[0] *= -p
			if but >= 0 {
				value *= points[but] - p
			}
		}
		return append(c, make([]float64, n-len(c))...), value
	}
	for i, p := range points {
		c, value := product(i)
		row := powers(p, r)
		for k := range row {
			row[k] /= value
		}
		a, g, bt = append(a, powers(p, m)), append(g, row), append(bt, c)
	}
	c, _ := product(-1)
	top := func(count int) []float64 { return append(make([]float64, count-1), 1) }
	return append(a, top(m)), append(g, top(r)), append(bt, c)
}

// A transformKernel multiplies a matrix of Winograd's by vectors of n floats: row i of
// the result, at dst + i·ldd, is the sum over k of element (i, k) and the row of x at
// x + k·ldx. It does so times times, stepd and stepx further each time. Distances are
// in bytes.
type transformKernel func(dst *float32, ldd int, x *float32, ldx, n, times, stepd, stepx int)

// winogradKernels are the transforms for filters of one size.
type winogradKernels struct {
	source  transformKernel // Bᵀ
	results transformKernel // Aᵀ
	grads   transformKernel // A
}

// plainWinograd are those in Go.
var plainWinograd = map[int]winogradKernels{3: plainWinogradOf(3), 5: plainWinogradOf(5)}

func plainWinogradOf(r int) winogradKernels {
	a, _, bt := toomCook(winogradPoints[r], winogradSide, r)
	return winogradKernels{source: plainTransform(bt), results: plainTransform(transposed(a)), grads: plainTransform(a)}
}

func transposed(m [][]float64) [][]float64 {
	t := make([][]float64, len(m[0]))
	for i := range t {
		for _, row := range m {
			t[i] = append(t[i], row[i])
		}
	}
	return t
}

func plainTransform(m [][]float64) transformKernel {
	return func(dst *float32, ldd int, x *float32, ldx, n, times, stepd, stepx int) {
		for t := range times {
			for i, row := range m {
				d := floats(at(dst, t*stepd+i*ldd), n)
				clear(d)
				for k, c := range row {
					if c == 0 {
						continue
					}
					for j, v := range floats(at(x, t*stepx+k*ldx), n) {
						d[j] += float32(c) * v
					}
				}
			}
		}
	}
}

// A winograd computes rows of patches of channels-last pictures from others.
type winograd struct {
	winogradKernels
	ks        *kernelSet
	r, n      int // sides of the filters and of a patch of the source
	h, w, in  int // the source
	oh, ow    int // the results
	out       int
	top, left int       // row and column of tap 0 of the first result are −top and −left
	g, turned []float32 // G, n×r, and Gᵀ
}

func newWinograd(ks *kernelSet, c winograd) *winograd {
	c.ks, c.winogradKernels, c.n = ks, ks.winograd[c.r], c.r+winogradSide-1
	_, g, _ := toomCook(winogradPoints[c.r], winogradSide, c.r)
	c.g, c.turned = rounded(g), rounded(transposed(g))
	return &c
}

// rounded returns a matrix in one piece.
func rounded(m [][]float64) []float32 {
	var all []float32
	for _, row := range m {
		for _, v := range row {
			all = append(all, float32(v))
		}
	}
	return all
}

// down and across are how many patches there are in a column and in a row.
func (c *winograd) down() int   { return (c.oh + winogradSide - 1) / winogradSide }
func (c *winograd) across() int { return (c.ow + winogradSide - 1) / winogradSide }

// wide is the number of columns of the source and of the zeros beside it that a row of
// patches is computed from, and covered that of the columns of its results.
func (c *winograd) wide() int    { return c.covered() + c.r - 1 }
func (c *winograd) covered() int { return c.across() * winogradSide }

// panels is the number of tiles that the channels of a result are cut into, and filled
// that of their columns.
func (c *winograd) panels() int { return (c.out + c.ks.tileCols - 1) / c.ks.tileCols }
func (c *winograd) filled() int { return c.panels() * c.ks.tileCols }

// multiplications counts them for one picture.
func (c *winograd) multiplications() int { return c.n * c.n * c.down() * c.across() * c.in * c.out }

// time is a rough estimate of nanoseconds for one picture.
func (c *winograd) time() int {
	patch := c.n * c.n * (c.in + c.out)
	return multiplyTime(c.multiplications()) + c.down()*c.across()*patch/8
}

// band returns how many rows of patches are computed together: enough that the tiles
// of their products are high, and few enough that they stay in a cache.
func (c *winograd) band(rows int) int {
	const patches, most = 32, 1 << 17 // floats
	n := (patches + c.across() - 1) / c.across()
	return max(1, min(n, most/(c.n*c.wide()*max(c.in, c.out)), rows))
}

// possible reports whether rows of patches have room for the pictures.
func (c *winograd) possible() bool {
	return c.source != nil && c.left >= 0 && c.left+c.w <= c.wide() && c.oh > 0 && c.ow > 0
}

// A patching says where Winograd's algorithm is used, of where it is possible. Others
// than the first are for tests.
type patching int

const (
	whereItPays patching = iota
	never
	always
)

// pays reports whether it is faster for so many pictures than so many multiplications
// for each. By what was measured in training, those of Winograd take 1.3 times as long; a
// float of a patch takes as long to transform as 8 of them, and one of a filter as the
// 20-fold of what its transform multiplies.
func (c *winograd) pays(pictures, products int) bool {
	if pictures < fewPictures || c.in < 16 || c.out < 16 {
		return false
	}
	places, patches, filters := c.n*c.n, pictures*c.down()*c.across(), c.in*c.out
	return pictures*products >= places*patches*(13*filters/10+8*(c.in+c.out))+20*c.n*c.r*(c.n+c.r)*filters
}

// winograd returns c made ready for the filters of v, or nil where they move in another
// way or it is not worth while.
func (b *builder) winograd(v *convolution, c winograd) *winograd {
	unitary := v.sh == 1 && v.sw == 1 && v.dh == 1 && v.dw == 1 && v.groups == 1 && v.kh == v.kw && winogradPoints[v.kh] != nil
	if !unitary {
		return nil
	}
	c.r = v.kh
	w := newWinograd(v.ks, c)
	if !w.possible() || b.patches == never || b.patches == whereItPays && !w.pays(v.n, v.flops()/2) {
		return nil
	}
	return w
}

// winogradForward returns what computes y from x, or nil.
func (b *builder) winogradForward(v *convolution) *winograd {
	return b.winograd(v, winograd{h: v.h, w: v.w, in: v.c, oh: v.oh, ow: v.ow, out: v.o, top: v.top, left: v.left})
}

// winogradBackward returns what computes the gradient by x from that by y, or nil.
func (b *builder) winogradBackward(v *convolution) *winograd {
	return b.winograd(v, winograd{h: v.oh, w: v.ow, in: v.o, oh: v.h, ow: v.w, out: v.c, top: v.kh - 1 - v.top, left: v.kw - 1 - v.left})
}

// edged returns the address of rows first to before first + count of a picture of h
// rows of size floats, with zeros for those that are not there; where there are such,
// it copies the others to edge.
func edged(edge, picture []float32, first, count, h, size int) *float32 {
	if first >= 0 && first+count <= h {
		return &picture[first*size]
	}
	clear(edge[:count*size])
	if lo, hi := max(first, 0), min(first+count, h); lo < hi {
		copy(edge[(lo-first)*size:], picture[lo*size:hi*size])
	}
	return &edge[0]
}

// scratchParts are the sizes of what a function has in its scratch, in floats. Each
// begins with a line of memory.
type scratchParts [5]int

func (p scratchParts) size() int {
	n := 0
	for _, size := range p {
		n += roundUp(size, 16)
	}
	return n
}

// cut returns the parts of scratch.
func (p scratchParts) cut(scratch []float32) (parts [len(scratchParts{})][]float32) {
	for i, size := range p {
		parts[i], scratch = scratch[:size:size], scratch[roundUp(size, 16):]
	}
	return parts
}
