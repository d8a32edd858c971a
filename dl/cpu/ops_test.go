package cpu

import (
	"slices"

	"fmt"
	"math"
	"testing"

	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/backend/reference"
)

var unaryOps = []backend.Op{
	backend.Neg, backend.Abs, backend.Sign, backend.Square, backend.Sqrt, backend.Reciprocal, backend.Exp, backend.Expm1,
	backend.Log, backend.Log1p, backend.Sin, backend.Cos, backend.Tan, backend.Tanh, backend.Sigmoid, backend.Softplus,
	backend.ReLU, backend.Floor, backend.Ceil, backend.Round, backend.Erf, backend.GELU, backend.GELUGrad,
}

var binaryOps = []backend.Op{
	backend.Add, backend.Sub, backend.Mul, backend.Div, backend.Pow, backend.Mod, backend.Maximum, backend.Minimum,
}

var comparisons = []backend.Op{
	backend.Equal, backend.NotEqual, backend.Less, backend.LessEqual, backend.Greater, backend.GreaterEqual,
}

// special are the numbers at which functions tend to be wrong.
var special = []float32{
	0, float32(math.Copysign(0, -1)), 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 1e-30, -1e-30, 1e-40, -1e-40, 1e-5, -1e-5, 3e-4,
	0.34, 0.35, -0.35, 0.7, 9, 10, -10, 17, -17, 20, 80, 88.7, 88.8, 89, -87, -88, -100, -104, 1e10, -1e10, 3e38, -3e38,
	float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()),
}

// TestAccuracy holds every function against Go's in float64. The bound is in
// units of the last place of the right result.
func TestAccuracy(t *testing.T) {
	bound := map[backend.Op]float64{
		backend.Exp: 2, backend.Expm1: 3, backend.Log: 2, backend.Log1p: 3, backend.Tanh: 4, backend.Erf: 4, backend.GELU: 8, backend.GELUGrad: 2, backend.Sigmoid: 4, backend.Softplus: 4,
	}
	xs := append([]float32{}, special...)
	for e := -30.0; e < 7; e += 0.01 {
		xs = append(xs, float32(math.Exp2(e)), -float32(math.Exp2(e)))
	}
	for _, ks := range kernelSets() {
		t.Run(ks.name, func(t *testing.T) {
			for _, op := range unaryOps {
				in, want := backend.NewBuffer(backend.Float32, len(xs)), make([]float32, len(xs))
				copy(backend.View[float32](in), xs)
				v := backend.Value{DType: backend.Float32, Shape: []int{len(xs)}}
				kernel, err := reference.Kernel(backend.Instr{Op: op}, []backend.Value{v}, []backend.Value{v})
				if err != nil {
					t.Fatal(err)
				}
				out := backend.NewBuffer(backend.Float32, len(xs))
				kernel([]backend.Buffer{in}, []backend.Buffer{out})
				copy(want, backend.View[float32](out))
				got := make([]float32, len(xs))
				ks.unaryFor(op)(&got[0], &xs[0], len(xs))
				worst, at := 0.0, 0
				for i, g := range got {
					w := want[i]
					if g == w || g != g && w != w {
						continue
					}
					ulp := math.Abs(float64(w)-float64(math.Nextafter32(w, 0))) + 1e-45
					if op == backend.GELUGrad { // it is the sum of two that differ in sign
						ulp = 0x1p-23
					}
					if op == backend.GELU && g == 0 && math.Abs(float64(w)) < 1e-33 {
						continue
					}
					e := math.Abs(float64(g)-float64(w)) / ulp
					if math.Abs(float64(w)) < 1.2e-38 && math.Abs(float64(g)) < 1.2e-38 && op == backend.Sigmoid {
						e = 0 // exp(−x) overflows where the result is subnormal
					}
					if !(e <= worst) {
						worst, at = e, i
					}
				}
				if !(worst <= bound[op]) {
					t.Errorf("%s: %s(%g) is %g, want %g (%.1f ulp)", ks.name, op, xs[at], got[at], want[at], worst)
				}
			}
		})
	}
}

var shapes = [][]int{{}, {1}, {5}, {0}, {3, 0, 2}, {4, 7}, {1, 33}, {33, 1}, {2, 3, 5, 7}, {1030, 5}, {3000}, {64, 100}}

func TestElementwise(t *testing.T) {
	for i, s := range shapes {
		p := newMaker(uint64(i))
		x, y := p.input(backend.Float32, s...), p.input(backend.Float32, s...)
		for _, op := range unaryOps {
			p.output(p.op(op, nil, s, x))
		}
		for _, op := range binaryOps {
			p.output(p.op(op, nil, s, x, y))
		}
		var bools []int
		for _, op := range comparisons {
			bools = append(bools, p.instr(op, nil, backend.Bool, s, x, y))
		}
		bools = append(bools, p.instr(backend.And, nil, backend.Bool, s, bools[3], bools[4]), p.instr(backend.Or, nil, backend.Bool, s, bools[2], bools[0]),
			p.instr(backend.Not, nil, backend.Bool, s, bools[1]), p.instr(backend.Cast, nil, backend.Bool, s, x))
		p.output(bools...)
		p.output(p.op(backend.Where, nil, s, bools[2], x, y), p.op(backend.Cast, nil, s, bools[5]))
		for _, d := range []backend.DType{backend.Float64, backend.Int32, backend.Int64, backend.Uint8, backend.Bool} {
			p.output(p.op(backend.Cast, nil, s, p.input(d, s...)))
		}
		t.Run(fmt.Sprint(s), func(t *testing.T) { p.check(t, 1e-6) })
	}
}

// TestBroadcastSign: −0 has a sign wherever it is broadcast to.
func TestBroadcastSign(t *testing.T) {
	for _, shape := range [][]int{{1}, {3, 1}, {4}} {
		p := newMaker(1)
		x, y := p.input(backend.Float32, 3, 4), p.input(backend.Float32, shape...)
		zeros := backend.View[float32](p.in[1])
		for i := range zeros {
			zeros[i] = float32(math.Copysign(0, float64(i%2)-1))
		}
		p.output(p.op(backend.Div, nil, []int{3, 4}, x, y))
		p.check(t, 0)
	}
}

func TestBroadcast(t *testing.T) {
	for i, c := range []struct{ a, b, out []int }{
		{[]int{}, []int{5}, []int{5}},
		{[]int{3, 1}, []int{1, 4}, []int{3, 4}},
		{[]int{7, 10}, []int{10}, []int{7, 10}},
		{[]int{500, 10}, []int{10}, []int{500, 10}},
		{[]int{500, 10}, []int{500, 1}, []int{500, 10}},
		{[]int{300, 3, 10}, []int{300, 1, 10}, []int{300, 3, 10}},
		{[]int{2, 3, 4, 5}, []int{1, 3, 1, 1}, []int{2, 3, 4, 5}},
		{[]int{9, 40, 40, 32}, []int{32}, []int{9, 40, 40, 32}},
		{[]int{4, 1, 6, 1}, []int{5, 1, 7}, []int{4, 5, 6, 7}},
		{[]int{3, 2000}, []int{2000}, []int{3, 2000}},
		{[]int{0, 4}, []int{4}, []int{0, 4}},
		{[]int{1}, []int{1, 1}, []int{1, 1}},
	} {
		p := newMaker(uint64(i))
		x, y := p.input(backend.Float32, c.a...), p.input(backend.Float32, c.b...)
		for _, op := range []backend.Op{backend.Add, backend.Sub, backend.Mul, backend.Div, backend.Maximum} {
			p.output(p.op(op, nil, c.out, x, y), p.op(op, nil, c.out, y, x))
		}
		less := p.instr(backend.Less, nil, backend.Bool, c.out, x, y)
		p.output(less, p.op(backend.Where, nil, c.out, less, y, x), p.op(backend.BroadcastTo, nil, c.out, y))
		// Several broadcasts in one chain, and one of its own result.
		z := p.op(backend.Mul, nil, c.out, p.op(backend.Add, nil, c.out, x, y), p.constant(3))
		p.output(p.op(backend.Tanh, nil, c.out, p.op(backend.Sub, nil, c.out, z, y)))
		t.Run(fmt.Sprint(c), func(t *testing.T) { p.check(t, 1e-6) })
	}
}

func TestSum(t *testing.T) {
	for i, c := range []struct{ shape, axes []int }{
		{[]int{}, []int{}}, {[]int{7}, []int{0}}, {[]int{100000}, []int{0}}, {[]int{4, 5}, []int{0}}, {[]int{4, 5}, []int{1}},
		{[]int{4, 5}, []int{0, 1}}, {[]int{300, 10}, []int{0}}, {[]int{1000, 129}, []int{0}}, {[]int{1000, 129}, []int{1}},
		{[]int{6, 5, 4, 3}, []int{0, 2, 3}}, {[]int{6, 5, 4, 3}, []int{0, 1, 2}}, {[]int{6, 5, 4, 3}, []int{1, 2}},
		{[]int{6, 5, 4, 3}, []int{1, 3}}, {[]int{6, 5, 4, 3}, []int{0, 2}}, {[]int{1, 50, 3}, []int{1}}, {[]int{1, 1}, []int{0}},
		{[]int{0, 3}, []int{0}}, {[]int{3, 0}, []int{0}}, {[]int{3, 0}, []int{1}}, {[]int{5, 1, 7}, []int{1}}, {[]int{40, 9, 9, 16}, []int{0, 1, 2}},
	} {
		for _, keep := range []bool{false, true} {
			p := newMaker(uint64(i))
			var out []int
			for a, d := range c.shape {
				if !slices.Contains(c.axes, a) {
					out = append(out, d)
				} else if keep {
					out = append(out, 1)
				}
			}
			x := p.input(backend.Float32, c.shape...)
			for _, op := range []backend.Op{backend.Sum, backend.Max, backend.Min, backend.Prod} {
				if backend.Size(c.shape) > 1000 && op == backend.Prod {
					continue
				}
				p.output(p.op(op, backend.ReduceAttrs{Axes: c.axes, Keep: keep}, out, x))
			}
			t.Run(fmt.Sprint(c, keep), func(t *testing.T) { p.check(t, 2e-6) })
		}
	}
}

func TestSoftmax(t *testing.T) {
	for i, c := range []struct {
		shape []int
		axis  int
	}{{[]int{3, 10}, 1}, {[]int{3, 10}, 0}, {[]int{1, 1}, 1}, {[]int{40, 1000}, 1}, {[]int{2, 3, 4}, 1}, {[]int{2, 3, 4}, 2}, {[]int{7}, 0}, {[]int{0, 3}, 1}} {
		p := newMaker(uint64(i))
		x := p.input(backend.Float32, c.shape...)
		big := p.op(backend.Mul, nil, c.shape, x, p.constant(50))
		for _, v := range []int{x, big} {
			for _, op := range []backend.Op{backend.Softmax, backend.LogSoftmax} {
				p.output(p.op(op, backend.AxisAttrs{Axis: c.axis}, c.shape, v))
			}
		}
		t.Run(fmt.Sprint(c), func(t *testing.T) { p.check(t, 2e-6) })
	}
}

func TestCrossEntropy(t *testing.T) {
	for i, c := range []struct {
		n, classes int
		labels     backend.DType
	}{{1, 10, backend.Int64}, {32, 10, backend.Int64}, {70, 10, backend.Int32}, {5, 2, backend.Uint8}, {33, 1000, backend.Int64}, {0, 10, backend.Int64}, {20, 7, backend.Int64}} {
		p := newMaker(uint64(i)) // 7 classes: some labels are out of range
		shape := []int{c.n, c.classes}
		x, labels, d := p.input(backend.Float32, shape...), p.input(c.labels, c.n), p.input(backend.Float32, c.n)
		p.output(p.op(backend.SoftmaxCrossEntropy, nil, []int{c.n}, x, labels), p.op(backend.SoftmaxCrossEntropyGrad, nil, shape, x, labels, d))
		t.Run(fmt.Sprint(c), func(t *testing.T) { p.check(t, 2e-6) })
	}
}

// TestCrossEntropyJoined has losses that are read before their gradient, and
// derivatives by the losses that can be had before these, or cannot.
func TestCrossEntropyJoined(t *testing.T) {
	for _, c := range []struct {
		name    string
		depends bool
		joined  int
	}{{"mean", false, 2}, {"square", true, 1}} {
		const n, classes = 33, 100
		p := newMaker(1)
		rows, shape := []int{n}, []int{n, classes}
		x, labels, weight := p.input(backend.Float32, shape...), p.input(backend.Int64, n), p.input(backend.Float32, n)
		var losses []int
		for k := range 2 {
			logits := p.op(backend.Mul, nil, shape, x, p.constant(float32(k+1)))
			loss := p.op(backend.SoftmaxCrossEntropy, nil, rows, logits, labels)
			scaled := p.op(backend.Mul, nil, rows, weight, p.constant(3))
			weighted := p.op(backend.Mul, nil, rows, loss, scaled) // in one chain with what the gradient needs
			g := scaled
			if c.depends && k == 0 {
				g = weighted
			}
			p.output(p.op(backend.SoftmaxCrossEntropyGrad, nil, shape, logits, labels, p.op(backend.Neg, nil, rows, g)), weighted)
			losses = append(losses, loss)
		}
		p.output(losses[1])
		t.Run(c.name, func(t *testing.T) {
			joined := 0
			for _, i := range joinEntropies(&p.p).Instrs {
				if i.Op == crossEntropyBoth {
					joined++
				}
			}
			if joined != c.joined {
				t.Errorf("%d pairs are joined, want %d", joined, c.joined)
			}
			p.check(t, 2e-6)
		})
	}
}

func TestTranspose(t *testing.T) {
	for i, c := range []struct{ shape, perm []int }{
		{[]int{3, 5}, []int{1, 0}}, {[]int{64, 40}, []int{1, 0}}, {[]int{33, 1}, []int{1, 0}}, {[]int{2, 3, 4, 5}, []int{0, 2, 3, 1}},
		{[]int{2, 4, 5, 3}, []int{0, 3, 1, 2}}, {[]int{2, 3, 4}, []int{2, 1, 0}}, {[]int{2, 3, 4}, []int{1, 0, 2}}, {[]int{6, 17, 19}, []int{0, 2, 1}},
		{[]int{1, 17, 19}, []int{0, 2, 1}}, {[]int{0, 3}, []int{1, 0}}, {[]int{4, 3, 8, 9}, []int{0, 1, 3, 2}}, {[]int{5}, []int{0}}, {[]int{200, 100}, []int{1, 0}},
	} {
		p := newMaker(uint64(i))
		var out []int
		for _, a := range c.perm {
			out = append(out, c.shape[a])
		}
		p.output(p.op(backend.Transpose, backend.TransposeAttrs{Perm: c.perm}, out, p.input(backend.Float32, c.shape...)))
		t.Run(fmt.Sprint(c), func(t *testing.T) { p.check(t, 0) })
	}
}
