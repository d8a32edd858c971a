package cpu

import (
	"math"
	"runtime"
	"unsafe"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// portable is the kernel set in Go, for processors that have no assembly here
// and as a check on the others.
var portable = kernelSet{
	name:     "Go",
	tileRows: 4, tileCols: 4,
	gemm:     tilesOf(4, false),
	gemmT:    tilesOf(4, true),
	packRows: packRowsPortable, packStrip: packStripPortable,
	unary: map[backend.Op]unaryKernel{
		"neg":        unaryOf(func(x float32) float32 { return -x }),
		"abs":        unaryOf(func(x float32) float32 { return math.Float32frombits(math.Float32bits(x) &^ (1 << 31)) }),
		"sign":       unaryOf(sign),
		"square":     unaryOf(func(x float32) float32 { return x * x }),
		"sqrt":       unaryMath(math.Sqrt),
		"reciprocal": unaryOf(func(x float32) float32 { return 1 / x }),
		"relu":       unaryOf(func(x float32) float32 { return max(x, 0) }),
		"floor":      unaryMath(math.Floor),
		"ceil":       unaryMath(math.Ceil),
		"round":      unaryMath(math.RoundToEven),
		"exp":        unaryMath(math.Exp),
		"expm1":      unaryMath(math.Expm1),
		"log":        unaryMath(math.Log),
		"log1p":      unaryMath(math.Log1p),
		"tanh":       unaryMath(math.Tanh),
		"erf":        unaryMath(math.Erf),
		"gelu":       unaryMath(gelu),
		"gelu_grad":  unaryMath(geluGrad),
		roundBF16:    unaryOf(roundedBF16),
		"sigmoid":    unaryMath(func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }),
		"softplus":   unaryMath(func(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }),
	},
	binary: map[backend.Op]binaryKernel{
		"add":        binaryOf(func(x, y float32) float32 { return x + y }),
		"sub":        binaryOf(func(x, y float32) float32 { return x - y }),
		"mul":        binaryOf(func(x, y float32) float32 { return x * y }),
		"div":        binaryOf(func(x, y float32) float32 { return x / y }),
		"maximum":    binaryOf(func(x, y float32) float32 { return max(x, y) }),
		"minimum":    binaryOf(func(x, y float32) float32 { return min(x, y) }),
		"equal":      binaryOf(func(x, y float32) float32 { return truth(x == y) }),
		"not_equal":  binaryOf(func(x, y float32) float32 { return truth(x != y) }),
		"less":       binaryOf(func(x, y float32) float32 { return truth(x < y) }),
		"less_equal": binaryOf(func(x, y float32) float32 { return truth(x <= y) }),
	},
	choose: func(dst, cond, yes, no *float32, n int) {
		d, c, y, z := floats(dst, n), floats(cond, n), floats(yes, n), floats(no, n)
		for i, v := range c {
			if v != 0 {
				d[i] = y[i]
			} else {
				d[i] = z[i]
			}
		}
	},
	addScalar: func(dst, x *float32, c float32, n int) {
		d := floats(dst, n)
		for i, v := range floats(x, n) {
			d[i] = v + c
		}
	},
	mulScalar: func(dst, x *float32, c float32, n int) {
		d := floats(dst, n)
		for i, v := range floats(x, n) {
			d[i] = v * c
		}
	},
	addScaled: func(dst, x, y *float32, c float32, n int) {
		d, v := floats(dst, n), floats(y, n)
		for i, u := range floats(x, n) {
			d[i] = u + c*v[i]
		}
	},
	fmas:     fmasPortable,
	fmaFlops: 8,
	total: func(x *float32, n int) float32 {
		var s [8]float32
		v := floats(x, n)
		for ; len(v) >= 8; v = v[8:] {
			for i, x := range v[:8] {
				s[i] += x
			}
		}
		for i, x := range v {
			s[i] += x
		}
		return ((s[0] + s[4]) + (s[1] + s[5])) + ((s[2] + s[6]) + (s[3] + s[7]))
	},
	maximumOf: func(x *float32, n int) float32 {
		m := float32(math.Inf(-1))
		for _, v := range floats(x, n) {
			m = max(m, v)
		}
		return m
	},
	dots4: func(dst, a *float32, lda int, x *float32, n int) {
		for r := range 4 {
			dotPortable(at(dst, 4*r), at(a, r*lda), lda, x, n)
		}
	},
	dots1:               dotPortable,
	addRows8:            addRowsOf(8),
	addRows1:            addRowsOf(1),
	transpose8:          transposePortable,
	poolLanes:           1,
	maxPool2x2:          maxPoolPortable,
	maxPool2x2Which:     maxPoolWhichPortable,
	maxPool2x2Grad:      maxPoolGradPortable,
	maxPool2x2WhichGrad: maxPoolWhichGradPortable,
	winograd:            plainWinograd,
}

// at returns the element that is bytes after p.
func at(p *float32, bytes int) *float32 { return (*float32)(unsafe.Add(unsafe.Pointer(p), bytes)) }

// floats returns the n elements from p on.
func floats(p *float32, n int) []float32 { return unsafe.Slice(p, n) }

func truth(b bool) float32 {
	if b {
		return 1
	}
	return 0
}

func sign(x float32) float32 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x
}

func unaryOf(f func(float32) float32) unaryKernel {
	return func(dst, x *float32, n int) {
		d := floats(dst, n)
		for i, v := range floats(x, n) {
			d[i] = f(v)
		}
	}
}

func unaryMath(f func(float64) float64) unaryKernel {
	return unaryOf(func(x float32) float32 { return float32(f(float64(x))) })
}

func binaryOf(f func(x, y float32) float32) binaryKernel {
	return func(dst, x, y *float32, n int) {
		d, v := floats(dst, n), floats(y, n)
		for i, u := range floats(x, n) {
			d[i] = f(u, v[i])
		}
	}
}

// tilesOf returns the tile kernels of up to rows rows.
func tilesOf(rows int, trans bool) []tileKernel {
	kernels := []tileKernel{nil}
	for r := 1; r <= rows; r++ {
		kernels = append(kernels, func(nseg, kseg int, a *float32, lda, sega int, b *float32, ldb, segb int, c *float32, ldc int, base *float32, ldbase int, _ *float32, _ int) {
			row, step := lda, 4
			if trans {
				row, step = 4, lda
			}
			var s [4][4]float32
			for g := range nseg {
				for k := range kseg {
					v := (*[4]float32)(unsafe.Pointer(at(b, (g*kseg+k)*ldb+g*segb)))
					for i := range r {
						x := *at(a, g*sega+i*row+k*step)
						s[i][0] += x * v[0]
						s[i][1] += x * v[1]
						s[i][2] += x * v[2]
						s[i][3] += x * v[3]
					}
				}
			}
			for i := range r {
				d := (*[4]float32)(unsafe.Pointer(at(c, i*ldc)))
				if base != nil {
					for j, x := range (*[4]float32)(unsafe.Pointer(at(base, i*ldbase))) {
						s[i][j] += x
					}
				}
				*d = s[i]
			}
		})
	}
	return kernels
}

func fmasPortable(n int) {
	var a, b, c, d float32
	for range n {
		a, b, c, d = a*0.5+0.5, b*0.5+0.5, c*0.5+0.5, d*0.5+0.5
	}
	runtime.KeepAlive(a + b + c + d) // or the compiler might leave the loop out
}

func packStripPortable(dst, x *float32, ldx, rows int) {
	const width = 8 // of strips for tiles of up to 8 rows
	for r := range rows {
		copy(floats(at(dst, 4*r*width), width), floats(at(x, r*ldx), width))
	}
}

func packRowsPortable(dst *float32, panel int, x *float32, ldx, rows, panels int) {
	for q := range rows {
		for j := range panels {
			*(*[4]float32)(unsafe.Pointer(at(dst, j*panel+16*q))) = *(*[4]float32)(unsafe.Pointer(at(x, q*ldx+16*j)))
		}
	}
}

func dotPortable(dst, a *float32, _ int, x *float32, n int) {
	var s [4]float32
	u, v := floats(a, n), floats(x, n)
	for ; len(u) >= 4 && len(v) >= 4; u, v = u[4:], v[4:] {
		s[0] += u[0] * v[0]
		s[1] += u[1] * v[1]
		s[2] += u[2] * v[2]
		s[3] += u[3] * v[3]
	}
	for i, x := range u {
		s[i] += x * v[i]
	}
	*dst = (s[0] + s[2]) + (s[1] + s[3])
}

func addRowsOf(rows int) func(y, a *float32, lda int, g *float32, n int) {
	return func(y, a *float32, lda int, g *float32, n int) {
		d := floats(y, n)
		for r, f := range floats(g, rows) {
			for i, v := range floats(at(a, r*lda), n) {
				d[i] += f * v
			}
		}
	}
}

func transposePortable(dst *float32, ldd int, x *float32, ldx int, n int) {
	for i := range 8 {
		for j, v := range floats(at(x, i*ldx), n) {
			*at(dst, j*ldd+4*i) = v
		}
	}
}

func maxPoolPortable(y, x0, x1, bias *float32, channels, pixels int) {
	d, u, v, b := floats(y, pixels*channels), floats(x0, 2*pixels*channels), floats(x1, 2*pixels*channels), floats(bias, channels)
	for j := range pixels {
		for c := range channels {
			k := 2*j*channels + c
			d[j*channels+c] = max(u[k]+b[c], u[k+channels]+b[c], v[k]+b[c], v[k+channels]+b[c])
		}
	}
}

func maxPoolWhichPortable(y *float32, which *uint8, x0, x1, bias *float32, channels, pixels int) {
	maxPoolPortable(y, x0, x1, bias, channels, pixels)
	d, u, v, b := floats(y, pixels*channels), floats(x0, 2*pixels*channels), floats(x1, 2*pixels*channels), floats(bias, channels)
	w := unsafe.Slice(which, pixels*channels)
	for j := range pixels {
		for c := range channels {
			k, top := 2*j*channels+c, d[j*channels+c]
			n := uint8(3)
			switch {
			case top != top || u[k]+b[c] == top:
				n = 0
			case u[k+channels]+b[c] == top:
				n = 1
			case v[k]+b[c] == top:
				n = 2
			}
			w[j*channels+c] = n
		}
	}
}

func maxPoolWhichGradPortable(dx0, dx1 *float32, which *uint8, dy *float32, channels, pixels int) {
	n := 2 * pixels * channels
	d0, d1, g, w := floats(dx0, n), floats(dx1, n), floats(dy, n/2), unsafe.Slice(which, n/2)
	clear(d0)
	clear(d1)
	for j := range pixels {
		for c := range channels {
			k := j*channels + c
			to := d0
			if w[k] >= 2 {
				to = d1
			}
			to[(2*j+int(w[k]&1))*channels+c] = g[k]
		}
	}
}

// normal is the distribution function of the normal distribution.
func normal(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

func gelu(x float64) float64 {
	if math.IsInf(x, -1) {
		return 0
	}
	return x * normal(x)
}

func geluGrad(x float64) float64 {
	if math.IsInf(x, 0) {
		return normal(x)
	}
	return normal(x) + x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi)
}

func maxPoolGradPortable(dx0, dx1, x0, x1, dy *float32, channels, pixels int) {
	n := 2 * pixels * channels
	d0, d1, u, v, g := floats(dx0, n), floats(dx1, n), floats(x0, n), floats(x1, n), floats(dy, n/2)
	clear(d0)
	clear(d1)
	for j := range pixels {
		for c := range channels {
			k := 2*j*channels + c
			top := max(u[k], u[k+channels], v[k], v[k+channels])
			to := &d1[k+channels]
			switch {
			case top != top || u[k] == top:
				to = &d0[k]
			case u[k+channels] == top:
				to = &d0[k+channels]
			case v[k] == top:
				to = &d1[k]
			}
			*to = g[j*channels+c]
		}
	}
}

// The operations that are in Go in every kernel set.
var (
	plainUnary = map[backend.Op]unaryKernel{
		backend.Sin: unaryMath(math.Sin), backend.Cos: unaryMath(math.Cos), backend.Tan: unaryMath(math.Tan),
	}
	plainBinary = map[backend.Op]binaryKernel{
		backend.Pow: binaryOf(func(x, y float32) float32 { return float32(math.Pow(float64(x), float64(y))) }),
		backend.Mod: binaryOf(func(x, y float32) float32 {
			// The result has the sign of y, as numpy's mod.
			m := math.Mod(float64(x), float64(y))
			if m != 0 && (m < 0) != (y < 0) {
				m += float64(y)
			}
			return float32(m)
		}),
	}
)
