package reference

import (
	"math"

	"github.com/fluxion-go/fluxion/dl/backend"
)

func softmax(c call) kernel {
	switch c.out.DType {
	case backend.Float32:
		return softmaxOf[float32](c)
	case backend.Float64:
		return softmaxOf[float64](c)
	}
	return nil
}

func softmaxOf[T float](c call) kernel {
	axis := c.attrs.(backend.AxisAttrs).Axis
	before, behind := around(c.in[0].Shape, axis)
	size := c.in[0].Shape[axis]
	return func(in, out []backend.Buffer) {
		x, y := backend.View[T](in[0]), backend.View[T](out[0])
		for b := range before {
			for a := range behind {
				at := func(i int) int { return (b*size+i)*behind + a }
				lse := logSumExp(size, func(i int) float64 { return float64(x[at(i)]) })
				for i := range size {
					v := float64(x[at(i)]) - lse
					if c.op == backend.Softmax {
						v = math.Exp(v)
					}
					y[at(i)] = T(v)
				}
			}
		}
	}
}

// logSumExp returns log Σ_i exp(x(i)), with the greatest x taken out first so
// that nothing overflows.
func logSumExp(n int, x func(i int) float64) float64 {
	top := math.Inf(-1)
	for i := range n {
		top = max(top, x(i))
	}
	if math.IsInf(top, 0) {
		return top
	}
	sum := 0.0
	for i := range n {
		sum += math.Exp(x(i) - top)
	}
	return top + math.Log(sum)
}

func crossEntropy(c call) kernel {
	switch c.out.DType {
	case backend.Float32:
		return crossEntropyOf[float32](c)
	case backend.Float64:
		return crossEntropyOf[float64](c)
	}
	return nil
}

// crossEntropyOf gives NaN for a label that names no class, so that the
// mistake is seen.
func crossEntropyOf[T float](c call) kernel {
	n, classes := c.in[0].Shape[0], c.in[0].Shape[1]
	return func(in, out []backend.Buffer) {
		x, y := backend.View[T](in[0]), backend.View[T](out[0])
		for i := range n {
			row := x[i*classes:][:classes]
			lse := logSumExp(classes, func(j int) float64 { return float64(row[j]) })
			k := label(c.in[1].DType, in[1], i)
			valid := 0 <= k && k < classes
			if c.op == backend.SoftmaxCrossEntropy {
				y[i] = T(math.NaN())
				if valid {
					y[i] = T(lse - float64(row[k]))
				}
				continue
			}
			d := float64(backend.View[T](in[2])[i])
			if !valid {
				d = math.NaN()
			}
			for j, v := range row {
				y[i*classes+j] = T(d * math.Exp(float64(v)-lse))
			}
			if valid {
				y[i*classes+k] = T(d * math.Expm1(float64(row[k])-lse))
			}
		}
	}
}

func conv(c call) kernel {
	switch c.out.DType {
	case backend.Float32:
		return convOf[float32](c)
	case backend.Float64:
		return convOf[float64](c)
	}
	return nil
}

// convOf computes y[n,o,i,j] = Σ_{c,p,q} x[n,c,i·s+p·d−pad,j·s+q·d−pad]·w[o,c,p,q]
// or one of its two gradients, which visit the same pairs (x, w, y) and sum
// into another of the three.
func convOf[T float](c call) kernel {
	at := c.attrs.(backend.ConvAttrs)
	var xs, ws, ys []int // shapes
	switch c.op {
	case backend.Conv2D:
		xs, ws, ys = c.in[0].Shape, c.in[1].Shape, c.out.Shape
	case backend.Conv2DGradInput:
		xs, ws, ys = c.out.Shape, c.in[0].Shape, c.in[1].Shape
	case backend.Conv2DGradWeight:
		xs, ws, ys = c.in[0].Shape, c.out.Shape, c.in[1].Shape
	}
	acc := make([]float64, backend.Size(c.out.Shape))
	perGroup, outs := ws[1], ws[0]/max(at.Groups, 1)
	// each calls f with the offsets of all triples that multiply.
	each := func(f func(x, w, y int)) {
		for n := range ys[0] {
			for o := range ys[1] {
				for i := range ys[2] {
					for j := range ys[3] {
						y := ((n*ys[1]+o)*ys[2]+i)*ys[3] + j
						for ch := range perGroup {
							for p := range ws[2] {
								r := i*at.Stride[0] + p*at.Dilation[0] - at.Pad[0]
								if r < 0 || r >= xs[2] {
									continue
								}
								x := ((n*xs[1]+o/outs*perGroup+ch)*xs[2] + r) * xs[3]
								w := ((o*perGroup+ch)*ws[2] + p) * ws[3]
								for q := range ws[3] {
									s := j*at.Stride[1] + q*at.Dilation[1] - at.Pad[2]
									if 0 <= s && s < xs[3] {
										f(x+s, w+q, y)
									}
								}
							}
						}
					}
				}
			}
		}
	}
	return func(in, out []backend.Buffer) {
		a, b := backend.View[T](in[0]), backend.View[T](in[1])
		clear(acc)
		switch c.op {
		case backend.Conv2D:
			each(func(x, w, y int) { acc[y] += float64(a[x]) * float64(b[w]) })
		case backend.Conv2DGradInput:
			each(func(x, w, y int) { acc[x] += float64(a[w]) * float64(b[y]) })
		case backend.Conv2DGradWeight:
			each(func(x, w, y int) { acc[w] += float64(a[x]) * float64(b[y]) })
		}
		y := backend.View[T](out[0])
		for i, v := range acc {
			y[i] = T(v)
		}
	}
}

func maxPool(c call) kernel {
	switch c.out.DType {
	case backend.Float32:
		return maxPoolOf[float32](c)
	case backend.Float64:
		return maxPoolOf[float64](c)
	}
	return nil
}

// maxPoolOf takes the maximum of each window, or moves numbers between the
// windows and the places of their first maxima.
func maxPoolOf[T float](c call) kernel {
	at := c.attrs.(backend.PoolAttrs)
	xs, ys := c.in[0].Shape, c.out.Shape
	if c.op == backend.MaxPool2DGrad {
		ys = c.in[1].Shape
	}
	return func(in, out []backend.Buffer) {
		x, y := backend.View[T](in[0]), backend.View[T](out[0])
		if c.op == backend.MaxPool2DGrad {
			clear(y)
		}
		to := 0
		for plane := range ys[0] * ys[1] {
			for i := range ys[2] {
				for j := range ys[3] {
					best := -1
					for p := range at.Size[0] {
						for q := range at.Size[1] {
							r, s := i*at.Stride[0]+p-at.Pad[0], j*at.Stride[1]+q-at.Pad[2]
							if r < 0 || r >= xs[2] || s < 0 || s >= xs[3] {
								continue
							}
							k := (plane*xs[2]+r)*xs[3] + s
							if best < 0 || x[k] > x[best] || x[k] != x[k] && x[best] == x[best] {
								best = k
							}
						}
					}
					switch {
					case best < 0: // the window lies in the padding
						if c.op == backend.MaxPool2D {
							y[to] = T(math.Inf(-1))
						} else if c.op == backend.MaxPool2DPick {
							y[to] = 0
						}
					case c.op == backend.MaxPool2D:
						y[to] = x[best]
					case c.op == backend.MaxPool2DGrad:
						y[best] += backend.View[T](in[1])[to]
					case c.op == backend.MaxPool2DPick:
						y[to] = backend.View[T](in[1])[best]
					}
					to++
				}
			}
		}
	}
}
