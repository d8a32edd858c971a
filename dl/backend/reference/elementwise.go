package reference

import (
	"math"

	"github.com/fluxion-go/fluxion/dl/backend"
)

var unaryOps = []backend.Op{
	backend.Neg, backend.Abs, backend.Sign, backend.Square, backend.ReLU,
	backend.Sqrt, backend.Reciprocal, backend.Exp, backend.Expm1, backend.Log, backend.Log1p,
	backend.Sin, backend.Cos, backend.Tan, backend.Tanh, backend.Sigmoid, backend.Softplus,
	backend.Floor, backend.Ceil, backend.Round, backend.Erf, backend.GELU, backend.GELUGrad, backend.Not,
}

var binaryOps = []backend.Op{
	backend.Add, backend.Sub, backend.Mul, backend.Div, backend.Pow, backend.Mod,
	backend.Maximum, backend.Minimum, backend.And, backend.Or,
}

var comparisons = []backend.Op{
	backend.Equal, backend.NotEqual, backend.Less, backend.LessEqual, backend.Greater, backend.GreaterEqual,
}

func unary(c call) kernel {
	switch c.out.DType {
	case backend.Float32:
		return unaryOf(floatUnary[float32](c.op))
	case backend.Float64:
		return unaryOf(floatUnary[float64](c.op))
	case backend.Int32:
		return unaryOf(intUnary[int32](c.op))
	case backend.Int64:
		return unaryOf(intUnary[int64](c.op))
	case backend.Uint8:
		return unaryOf(intUnary[uint8](c.op))
	case backend.Bool:
		if c.op == backend.Not {
			return unaryOf(func(x uint8) uint8 { return 1 - x })
		}
	}
	return nil
}

func unaryOf[T number](f func(T) T) kernel {
	if f == nil {
		return nil
	}
	return func(in, out []backend.Buffer) {
		x, y := backend.View[T](in[0]), backend.View[T](out[0])
		for i, v := range x {
			y[i] = f(v)
		}
	}
}

// intUnary returns an operation on integers, or nil where it has none.
func intUnary[T number](op backend.Op) func(T) T {
	switch op {
	case backend.Neg:
		return func(x T) T { return -x }
	case backend.Abs:
		return func(x T) T {
			if x < 0 {
				return -x
			}
			return x
		}
	case backend.Sign:
		return func(x T) T {
			switch {
			case x > 0:
				return 1
			case x < 0:
				return T(0) - 1
			}
			return x // 0, or NaN where T is a float
		}
	case backend.Square:
		return func(x T) T { return x * x }
	case backend.ReLU:
		return func(x T) T {
			if x < 0 {
				return 0
			}
			return x
		}
	case backend.Floor, backend.Ceil, backend.Round, backend.Trunc:
		return func(x T) T { return x }
	}
	return nil
}

func floatUnary[T float](op backend.Op) func(T) T {
	if f, ok := mathUnary[op]; ok {
		return func(x T) T { return T(f(float64(x))) }
	}
	return intUnary[T](op)
}

var mathUnary = map[backend.Op]func(float64) float64{
	backend.Sqrt:       math.Sqrt,
	backend.Reciprocal: func(x float64) float64 { return 1 / x },
	backend.Exp:        math.Exp,
	backend.Expm1:      math.Expm1,
	backend.Log:        math.Log,
	backend.Log1p:      math.Log1p,
	backend.Sin:        math.Sin,
	backend.Cos:        math.Cos,
	backend.Tan:        math.Tan,
	backend.Tanh:       math.Tanh,
	backend.Sigmoid: func(x float64) float64 {
		if x < 0 { // exp(−x) would overflow
			e := math.Exp(x)
			return e / (1 + e)
		}
		return 1 / (1 + math.Exp(-x))
	},
	backend.Softplus: func(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) },
	backend.Floor:    math.Floor,
	backend.Ceil:     math.Ceil,
	backend.Round:    math.RoundToEven,
	backend.Erf:      math.Erf,
	backend.GELU:     gelu,
	backend.GELUGrad: geluGrad,
}

// gelu returns x·Φ(x), with the normal distribution Φ(x) = ½·erfc(−x/√2).
func gelu(x float64) float64 {
	if math.IsInf(x, -1) {
		return 0
	}
	return x * normal(x)
}

// geluGrad returns its derivative Φ(x) + x·φ(x), where φ is that of Φ.
func geluGrad(x float64) float64 {
	if math.IsInf(x, 0) {
		return normal(x)
	}
	return normal(x) + x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi)
}

func normal(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

func binary(c call) kernel {
	switch c.out.DType {
	case backend.Float32:
		return binaryOf(c, floatBinary[float32](c.op))
	case backend.Float64:
		return binaryOf(c, floatBinary[float64](c.op))
	case backend.Int32:
		return binaryOf(c, intBinary[int32](c.op))
	case backend.Int64:
		return binaryOf(c, intBinary[int64](c.op))
	case backend.Uint8:
		return binaryOf(c, intBinary[uint8](c.op))
	case backend.Bool:
		switch c.op {
		case backend.And:
			return binaryOf(c, func(a, b uint8) uint8 { return a & b })
		case backend.Or:
			return binaryOf(c, func(a, b uint8) uint8 { return a | b })
		case backend.Maximum, backend.Minimum:
			return binaryOf(c, arithmetic[uint8](c.op))
		}
	}
	return nil
}

// binaryOf applies f to two operands that are broadcast to the result.
func binaryOf[T, R number](c call, f func(a, b T) R) kernel {
	if f == nil {
		return nil
	}
	n := newNest(c.out.Shape, rowMajor(c.out.Shape),
		broadcastStrides(c.in[0].Shape, c.out.Shape), broadcastStrides(c.in[1].Shape, c.out.Shape))
	length, sa, sb := n.length(), n.step(1), n.step(2)
	return func(in, out []backend.Buffer) {
		a, b, y := backend.View[T](in[0]), backend.View[T](in[1]), backend.View[R](out[0])
		n.rows(func(o []int) {
			ia, ib := o[1], o[2]
			for i := range y[o[0] : o[0]+length] {
				y[o[0]+i] = f(a[ia], b[ib])
				ia += sa
				ib += sb
			}
		})
	}
}

// arithmetic returns the operations that integers and floats share.
func arithmetic[T number](op backend.Op) func(a, b T) T {
	switch op {
	case backend.Add:
		return func(a, b T) T { return a + b }
	case backend.Sub:
		return func(a, b T) T { return a - b }
	case backend.Mul:
		return func(a, b T) T { return a * b }
	case backend.Maximum:
		return func(a, b T) T { return max(a, b) }
	case backend.Minimum:
		return func(a, b T) T { return min(a, b) }
	}
	return nil
}

func floatBinary[T float](op backend.Op) func(a, b T) T {
	switch op {
	case backend.Div:
		return func(a, b T) T { return a / b }
	case backend.Pow:
		return func(a, b T) T { return T(math.Pow(float64(a), float64(b))) }
	case backend.Mod:
		return func(a, b T) T { return T(floorMod(float64(a), float64(b))) }
	case backend.Atan2:
		return func(y, x T) T { return T(math.Atan2(float64(y), float64(x))) }
	case backend.Hypot:
		return func(a, b T) T { return T(math.Hypot(float64(a), float64(b))) }
	}
	return arithmetic[T](op)
}

// floorMod returns a − b·⌊a/b⌋, which has the sign of b, as numpy's mod.
func floorMod(a, b float64) float64 {
	m := math.Mod(a, b)
	if m != 0 && (m < 0) != (b < 0) {
		m += b
	}
	return m
}

// intBinary: division and mod round towards −∞, and give 0 for a divisor of 0,
// as numpy does. A power with a negative exponent is rounded towards 0.
func intBinary[T int32 | int64 | uint8](op backend.Op) func(a, b T) T {
	div := func(a, b T) T {
		if b == 0 {
			return 0
		}
		q := a / b
		if a%b != 0 && (a < 0) != (b < 0) {
			q--
		}
		return q
	}
	switch op {
	case backend.Div:
		return div
	case backend.Mod:
		return func(a, b T) T {
			if b == 0 {
				return 0
			}
			return a - b*div(a, b)
		}
	case backend.Pow:
		return intPow[T]
	}
	return arithmetic[T](op)
}

func intPow[T int32 | int64 | uint8](a, b T) T {
	if b < 0 {
		switch {
		case a == 1, a+1 == 0 && b%2 == 0:
			return 1
		case a+1 == 0:
			return a
		}
		return 0
	}
	r := T(1)
	for ; b > 0; b >>= 1 {
		if b&1 == 1 {
			r *= a
		}
		a *= a
	}
	return r
}

func compare(c call) kernel {
	switch c.in[0].DType {
	case backend.Float32:
		return binaryOf(c, comparison[float32](c.op))
	case backend.Float64:
		return binaryOf(c, comparison[float64](c.op))
	case backend.Int32:
		return binaryOf(c, comparison[int32](c.op))
	case backend.Int64:
		return binaryOf(c, comparison[int64](c.op))
	default:
		return binaryOf(c, comparison[uint8](c.op))
	}
}

func comparison[T number](op backend.Op) func(a, b T) uint8 {
	var test func(a, b T) bool
	switch op {
	case backend.Equal:
		test = func(a, b T) bool { return a == b }
	case backend.NotEqual:
		test = func(a, b T) bool { return a != b }
	case backend.Less:
		test = func(a, b T) bool { return a < b }
	case backend.LessEqual:
		test = func(a, b T) bool { return a <= b }
	case backend.Greater:
		test = func(a, b T) bool { return a > b }
	case backend.GreaterEqual:
		test = func(a, b T) bool { return a >= b }
	}
	return func(a, b T) uint8 {
		if test(a, b) {
			return 1
		}
		return 0
	}
}

// byWidth chooses among kernels that only move elements, by their size.
func byWidth(d backend.DType, one, four, eight kernel) kernel {
	switch d.Size() {
	case 1:
		return one
	case 4:
		return four
	default:
		return eight
	}
}

func where(c call) kernel {
	return byWidth(c.out.DType, whereOf[uint8](c), whereOf[int32](c), whereOf[int64](c))
}

func whereOf[T number](c call) kernel {
	n := newNest(c.out.Shape, rowMajor(c.out.Shape), broadcastStrides(c.in[0].Shape, c.out.Shape),
		broadcastStrides(c.in[1].Shape, c.out.Shape), broadcastStrides(c.in[2].Shape, c.out.Shape))
	return func(in, out []backend.Buffer) {
		cond, a, b, y := backend.View[uint8](in[0]), backend.View[T](in[1]), backend.View[T](in[2]), backend.View[T](out[0])
		n.rows(func(o []int) {
			for i := range n.length() {
				v := b[o[3]+i*n.step(3)]
				if cond[o[1]+i*n.step(1)] != 0 {
					v = a[o[2]+i*n.step(2)]
				}
				y[o[0]+i] = v
			}
		})
	}
}

// cast converts as Go does: floats to integers towards 0, integers by their
// low bits. To Bool, everything but 0 is true.
func cast(c call) kernel {
	switch c.in[0].DType {
	case backend.Float32:
		return castFrom[float32](c)
	case backend.Float64:
		return castFrom[float64](c)
	case backend.Int32:
		return castFrom[int32](c)
	case backend.Int64:
		return castFrom[int64](c)
	default:
		return castFrom[uint8](c)
	}
}

func castFrom[F number](c call) kernel {
	switch c.out.DType {
	case backend.Float32:
		return castOf(func(x F) float32 { return float32(x) })
	case backend.Float64:
		return castOf(func(x F) float64 { return float64(x) })
	case backend.Int32:
		return castOf(func(x F) int32 { return int32(x) })
	case backend.Int64:
		return castOf(func(x F) int64 { return int64(x) })
	case backend.Uint8:
		return castOf(func(x F) uint8 { return uint8(int64(x)) })
	default:
		return castOf(func(x F) uint8 {
			if x != 0 {
				return 1
			}
			return 0
		})
	}
}

func castOf[F, T number](f func(F) T) kernel {
	return func(in, out []backend.Buffer) {
		y := backend.View[T](out[0])
		for i, v := range backend.View[F](in[0]) {
			y[i] = f(v)
		}
	}
}
