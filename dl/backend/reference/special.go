package reference

import (
	"maps"
	"math"

	"github.com/fluxion-go/fluxion/dl/backend"
)

var specialUnary = map[backend.Op]func(float64) float64{
	backend.Trunc: math.Trunc,
	backend.Asin:  math.Asin, backend.Acos: math.Acos, backend.Atan: math.Atan,
	backend.Sinh: func(x float64) float64 { return hyperbolic(x, math.Sinh) }, backend.Cosh: func(x float64) float64 { return hyperbolic(x, math.Cosh) },
	backend.Asinh: math.Asinh, backend.Acosh: math.Acosh, backend.Atanh: math.Atanh,
	backend.Cbrt: math.Cbrt, backend.Erfc: math.Erfc, backend.ErfInv: math.Erfinv, backend.Gamma: gamma,
	backend.Lgamma: func(x float64) float64 {
		v, _ := math.Lgamma(x)
		return v
	},
}

func init() {
	maps.Copy(mathUnary, specialUnary)
	for op := range specialUnary {
		register(unary, op)
	}
	register(binary, backend.Atan2, backend.Hypot)
	register(polygamma, backend.Polygamma)
}

// hyperbolic computes sinh or cosh also where e^|x| overflows and its half does
// not.
func hyperbolic(x float64, f func(float64) float64) float64 {
	if math.Abs(x) < 700 || math.Abs(x) > 712 {
		return f(x)
	}
	e := math.Exp(math.Abs(x) / 2)
	return math.Copysign(e/2*e, f(x))
}

// gamma is math.Gamma, but not a number at the poles.
func gamma(x float64) float64 {
	if x < 0 && x == math.Floor(x) {
		return math.NaN()
	}
	return math.Gamma(x)
}

// Unary returns the function that computes op on one float64, for the
// operations that have nothing but that, else nil.
func Unary(op backend.Op) func(float64) float64 { return mathUnary[op] }

func polygamma(c call) kernel {
	n := c.attrs.(backend.OrderAttrs).Order
	switch c.out.DType {
	case backend.Float32:
		return unaryOf(func(x float32) float32 { return float32(Psi(n, float64(x))) })
	case backend.Float64:
		return unaryOf(func(x float64) float64 { return Psi(n, x) })
	}
	return nil
}

// bernoulli holds the Bernoulli numbers B₂, B₄, …
var bernoulli = [...]float64{1.0 / 6, -1.0 / 30, 1.0 / 42, -1.0 / 30, 5.0 / 66, -691.0 / 2730, 7.0 / 6, -3617.0 / 510, 43867.0 / 798, -174611.0 / 330}

// Psi returns the polygamma function of order n: the derivative of order n+1 of
// log Γ(x). It goes up by ψ⁽ⁿ⁾(x) = ψ⁽ⁿ⁾(x+1) − (−1)ⁿ·n!/xⁿ⁺¹ until x is large
// enough for the asymptotic series (Abramowitz and Stegun, 6.4.11):
//
//	ψ⁽ⁿ⁾(x) ~ (−1)ⁿ⁻¹·((n−1)!/xⁿ + n!/(2xⁿ⁺¹) + Σ_k B₂ₖ·(2k+n−1)!/((2k)!·x²ᵏ⁺ⁿ))
//
// where for n = 0 the first term is −log x.
func Psi(n int, x float64) float64 {
	switch {
	case x != x, math.IsInf(x, -1), x <= 0 && x == math.Floor(x), x < -1e6:
		return math.NaN()
	case math.IsInf(x, 1) && n == 0:
		return x
	case math.IsInf(x, 1):
		return 0
	}
	factorial := math.Gamma(float64(n) + 1)
	sign := float64(1 - n%2*2) // (−1)ⁿ
	sum := 0.0
	for ; x < float64(16+n); x++ {
		sum -= sign * factorial / math.Pow(x, float64(n+1))
	}
	if n == 0 {
		sum += math.Log(x)
	} else {
		sum -= sign * factorial / float64(n) / math.Pow(x, float64(n))
	}
	sum -= sign * factorial / (2 * math.Pow(x, float64(n+1)))
	term := factorial / math.Pow(x, float64(n)) // (2k+n−1)!/((2k)!·x²ᵏ⁺ⁿ) for k = 1 is this times (n+1)/2/x²
	for i, b := range bernoulli {
		k := float64(2 * (i + 1))
		if i == 0 {
			term *= float64(n+1) / 2 / (x * x)
		} else {
			term *= (k + float64(n) - 1) * (k + float64(n) - 2) / (k * (k - 1)) / (x * x)
		}
		sum -= sign * b * term
	}
	return sum
}
