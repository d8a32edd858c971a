package cpu

import (
	"math"

	"github.com/fluxion-go/fluxion/dl/backend"
)

//go:generate sh -c "cd asm && go run . -out ../zz_kernels_amd64.s -stubs ../zz_kernels_amd64.go -pkg cpu -neon ../zz_kernels_arm64.s -neonstubs ../zz_kernels_arm64.go"

// A kernelSet is one implementation of the inner loops: for AVX-512, for AVX2
// with FMA, for NEON, or in Go. All lengths are in elements unless a comment says bytes.
type kernelSet struct {
	name string

	// A tile of matmul is at most tileRows × tileCols; gemm[r] and gemmT[r]
	// compute one of r rows, and tileCols columns whatever is needed.
	tileRows, tileCols int
	gemm, gemmT        []tileKernel

	// packRows copies row q of x to row q of each of the panels, which are
	// tileCols wide and panel bytes apart. ldx is in bytes.
	packRows func(dst *float32, panel int, x *float32, ldx, rows, panels int)

	// packStrip copies the first tileRows floats of rows that are ldx bytes apart,
	// or some more up to stripWidth, to rows that are stripWidth apart.
	packStrip func(dst, x *float32, ldx, rows int)

	unary                map[backend.Op]unaryKernel
	binary               map[backend.Op]binaryKernel
	choose               func(dst, cond, yes, no *float32, n int)
	addScalar, mulScalar func(dst, x *float32, c float32, n int)
	addScaled            func(dst, x, y *float32, c float32, n int) // x + c·y

	// fmas does n rounds of multiply-adds as fast as the processor can, each of
	// fmaFlops operations.
	fmas     func(n int)
	fmaFlops int

	total, maximumOf func(x *float32, n int) float32
	// dots4 and dots1: dst[r] = Σ_i a[r·lda+i]·x[i] for 4 rows or 1; lda in bytes.
	dots4, dots1 func(dst, a *float32, lda int, x *float32, n int)
	// addRows8 and addRows1: y[i] += Σ_r g[r]·a[r·lda+i]; lda in bytes.
	addRows8, addRows1 func(y, a *float32, lda int, g *float32, n int)

	// transpose8 writes the transpose of 8 rows of n elements; n is a multiple
	// of 8 and ldd and ldx are in bytes.
	transpose8 func(dst *float32, ldd int, x *float32, ldx int, n int)

	// Pooling by 2×2 windows over a pair of rows of a channels-last image, for
	// channels that are a multiple of poolLanes. To each pixel bias is added
	// first. which says which of the four pixels had the maximum.
	poolLanes           int
	maxPool2x2          func(y, x0, x1, bias *float32, channels, pixels int)
	maxPool2x2Which     func(y *float32, which *uint8, x0, x1, bias *float32, channels, pixels int)
	maxPool2x2Grad      func(dx0, dx1, x0, x1, dy *float32, channels, pixels int)
	maxPool2x2WhichGrad func(dx0, dx1 *float32, which *uint8, dy *float32, channels, pixels int)

	winograd map[int]winogradKernels // by the side of the filters

	tiles *tileSet // for products of bfloat16; nil where there are none
}

// A tileKernel computes a tile of C, with distances in bytes:
//
//	C(i,:) = [base(i,:) +] Σ_{s<nseg} Σ_{k<kseg} A(s,i,k)·B(s,k,:)
//
// where A(s,i,k) is at a + s·sega + i·lda + 4k for gemm and at
// a + s·sega + 4i + k·lda for gemmT, B(s,k,:) at b + (s·kseg+k)·ldb + s·segb, and
// C(i,:) at c + i·ldc, and base(i,:), if base is not nil, at base + i·ldbase.
// nseg and kseg are at least 1 and 0. Unless next is nil, for each k the line of
// memory at next, next + skip, and so on is brought to the cache.
type tileKernel func(nseg, kseg int, a *float32, lda, sega int, b *float32, ldb, segb int, c *float32, ldc int, base *float32, ldbase int, next *float32, skip int)

type (
	unaryKernel  func(dst, x *float32, n int)
	binaryKernel func(dst, x, y *float32, n int)
)

// onto returns what a tile kernel adds to: c where there is something there
// already, as add says.
func onto(c *float32, add int) *float32 {
	if add == 0 {
		return nil
	}
	return c
}

// rowsOf cuts n rows into tiles of nearly equal height: it returns the height
// of the first.
func (k *kernelSet) rowsOf(n int) int {
	tiles := (n + k.tileRows - 1) / k.tileRows
	return (n + tiles - 1) / tiles
}

// addRows computes y[i] += Σ_r g[r]·a[r·lda+i].
func (k *kernelSet) addRows(y, a []float32, lda int, g []float32, n int) {
	if n == 0 {
		return
	}
	r := 0
	for ; r+8 <= len(g); r += 8 {
		k.addRows8(&y[0], &a[r*lda], 4*lda, &g[r], n)
	}
	for ; r < len(g); r++ {
		k.addRows1(&y[0], &a[r*lda], 4*lda, &g[r], n)
	}
}

// zeros are negative ones: added to them, 0 and −0 both stay what they are.
var zeros = func() (z [chainBlock]float32) {
	for i := range z {
		z[i] = float32(math.Copysign(0, -1))
	}
	return z
}()

// set writes x to all elements of dst.
func (k *kernelSet) set(dst []float32, x float32) {
	for len(dst) > 0 {
		n := min(len(dst), len(zeros))
		k.addScalar(&dst[0], &zeros[0], x, n)
		dst = dst[n:]
	}
}

// dots computes dst[r] = Σ_i a[r·lda+i]·x[i] for each r of dst.
func (k *kernelSet) dots(dst, a []float32, lda int, x []float32) {
	n := len(x)
	if n == 0 {
		clear(dst)
		return
	}
	r := 0
	for ; r+4 <= len(dst); r += 4 {
		k.dots4(&dst[r], &a[r*lda], 4*lda, &x[0], n)
	}
	for ; r < len(dst); r++ {
		k.dots1(&dst[r], &a[r*lda], 4*lda, &x[0], n)
	}
}

// transpose writes dst[j·ldd+i] = x[i·ldx+j] for i < rows and j < cols.
func (k *kernelSet) transpose(dst []float32, ldd int, x []float32, ldx, rows, cols int) {
	whole := cols &^ 7
	i := 0
	for ; i+8 <= rows; i += 8 {
		if whole > 0 {
			k.transpose8(&dst[i], 4*ldd, &x[i*ldx], 4*ldx, whole)
		}
		for j := whole; j < cols; j++ {
			d := dst[j*ldd+i:][:8]
			for q := range d {
				d[q] = x[(i+q)*ldx+j]
			}
		}
	}
	if rows-i == 3 { // the colours of a picture
		a, b, c := x[i*ldx:][:cols], x[(i+1)*ldx:][:cols], x[(i+2)*ldx:][:cols]
		for j, v := range a {
			d := dst[j*ldd+i:][:3]
			d[0], d[1], d[2] = v, b[j], c[j]
		}
		return
	}
	for ; i < rows; i++ {
		for j, v := range x[i*ldx:][:cols] {
			dst[j*ldd+i] = v
		}
	}
}

// unaryFor returns the kernel of an operation on one operand, or nil.
func (k *kernelSet) unaryFor(op backend.Op) unaryKernel {
	if f, ok := k.unary[op]; ok {
		return f
	}
	return plainUnary[op]
}

// binaryFor returns the kernel of an operation on two operands, or nil, and
// whether it takes them in the other order.
func (k *kernelSet) binaryFor(op backend.Op) (f binaryKernel, swap bool) {
	switch op {
	case backend.Greater:
		return k.binary[backend.Less], true
	case backend.GreaterEqual:
		return k.binary[backend.LessEqual], true
	case backend.And: // of 0 and 1
		return k.binary[backend.Mul], false
	case backend.Or:
		return k.binary[backend.Maximum], false
	}
	if f, ok := k.binary[op]; ok {
		return f, false
	}
	return plainBinary[op], false
}
