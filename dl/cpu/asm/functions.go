package main

import "math"

// lanes are the instructions on vectors V of float32 and masks M from which functions
// are made, for all processors.
type lanes[V, M any] interface {
	value(x float64) V
	bits(b uint32) V
	zero() V
	add(a, b V) V
	sub(a, b V) V
	mul(a, b V) V
	div(a, b V) V
	max(a, b V) V               // NaN where b is
	min(a, b V) V               // likewise
	fma(a, b, c V) V            // a·b + c
	lessProduct(c, a, b V) V    // c − a·b; c is not there any more
	horner(x V, c ...float64) V // Σ c[i]·x^i
	inverse(x V) V              // 1/x for normal x
	round(a V, direction uint64) V
	neg(a V) V
	abs(a V) V
	and(a, b V) V
	or(a, b V) V
	compare(a, b V, predicate uint64) M
	choose(m M, yes, no V) V
	keep(m M, a V) V // 0 elsewhere

	// Integers.
	toInt(a V) V
	fromInt(a V) V
	addInt(a, b V) V
	subInt(a, b V) V
	shiftLeft(a V, n uint64) V
	shiftRight(a V, n uint64) V
	shiftSigned(a V, n uint64) V // right, with the sign

	scale(y, n V) V       // y·2^n, whatever the integer n; y is not there any more
	scaleNormal(y, n V) V // the same for n that keep 2^n a normal number
}

// reduceExp writes x as n·ln 2 + r with an integer n and |r| ≤ ln 2 / 2. ln 2
// is taken off in two parts, the first of which has few enough bits that n
// times it is exact.
func reduceExp[V, M any](s lanes[V, M], x V) (n, r V) {
	const high = 0.693359375
	n = s.round(s.mul(x, s.value(math.Log2E)), nearest)
	r = s.fma(n, s.value(-high), x)
	return n, s.fma(n, s.value(high-math.Ln2), r)
}

// expm1Small returns exp(r) − 1 for |r| ≤ ln 2 / 2 by its Taylor polynomial of
// degree 7, whose error is below 2^-27 of r.
func expm1Small[V, M any](s lanes[V, M], r V) V {
	p := s.horner(r, 1./2, 1./6, 1./24, 1./120, 1./720, 1./5040)
	return s.fma(s.mul(r, r), p, r)
}

// power2 returns 2^n for integers n that keep it a normal number.
func power2[V, M any](s lanes[V, M], n V) V {
	return s.shiftLeft(s.addInt(n, s.bits(127)), 23)
}

// timesPower2 returns y·2^n for integers n, of which 2^n may be out of range; its two
// halves are not.
func timesPower2[V, M any](s lanes[V, M], y, n V) V {
	i := s.toInt(n)
	half := s.shiftSigned(i, 1)
	return s.mul(s.mul(y, power2(s, half)), power2(s, s.subInt(i, half)))
}

// exp gives +Inf from 88.73 on and goes through the subnormal numbers to 0. The
// processor takes a hundred times as long where a result underflows, so where it
// is sure to be 0, 0 is what is scaled.
func exp[V, M any](s lanes[V, M], x V) V {
	x = s.max(s.value(-105), s.min(s.value(89), x))
	n, r := reduceExp(s, x)
	y := s.add(expm1Small(s, r), s.value(1))
	y = s.keep(s.compare(n, s.value(-150.5), notLessOrEqual), y)
	return s.scale(y, n)
}

// expm1 is 2^n·(exp(r)−1) + (2^n−1), computed at half its size so that 2^n
// does not overflow before the result does.
func expm1[V, M any](s lanes[V, M], x V) V {
	x = s.max(s.value(-60), s.min(s.value(89), x))
	n, r := reduceExp(s, x)
	scale := power2(s, s.subInt(s.toInt(n), s.bits(1)))
	y := s.fma(scale, expm1Small(s, r), s.sub(scale, s.value(.5)))
	y = s.add(y, y)
	// At r = 0 this would lose the sign of −0.
	return s.choose(s.compare(x, s.zero(), equal), x, y)
}

// tanh is e/(e+2) with e = exp(2|x|)−1, with the sign of x. From 10 on it is 1.
func tanh[V, M any](s lanes[V, M], x V) V {
	t := s.min(s.value(10), s.abs(x))
	e := expm1(s, s.add(t, t))
	y := s.div(e, s.add(e, s.value(2)))
	return s.or(y, s.and(x, s.bits(signBit)))
}

// erf is an odd polynomial up to 1 and 1 − exp(−p(|x|)) with another polynomial p
// from there to 4, where it is 1 in float32. The coefficients are those of the
// Chebyshev interpolants, in x² on [0, 1] and in (|x|−2.5)/1.5. The error is
// below 3 units in the last place.
func erf[V, M any](s lanes[V, M], x V) V {
	a := s.abs(x)
	q := s.mul(x, x)
	near := s.mul(a, s.horner(q, 1.1283791658815, -0.37612626903580, 0.11283597463484, -0.026854328795964,
		0.0051893119425692, -0.00080188549923801, 0.000078824971106210))
	u := s.fma(s.min(s.value(4), a), s.value(1/1.5), s.value(-2.5/1.5))
	p := s.horner(u, 7.8068152770519, 8.0290210216093, 2.1237606906131, 0.036647494917638, -0.010961124067723,
		0.0031904728097482, -0.00088157087879285, 0.00022740341227724, -0.000041366633467603)
	far := s.sub(s.value(1), exp(s, s.neg(p)))
	y := s.choose(s.compare(a, s.value(1), lessThan), near, far)
	y = s.choose(s.compare(x, x, unordered), x, y)
	return s.or(y, s.and(x, s.bits(signBit)))
}

// normalTail returns |x|, at most 12.5, the density exp(−x²/2) of the normal
// distribution without its factor, and the distribution at −|x|,
//
//	½·exp(−x²/2)·t·p(t)   with t = 1/(1 + 0.42·|x|/√2),
//
// which is the form of Abramowitz and Stegun's 7.1.26. p is a polynomial of least
// relative error, 3·10⁻⁸, fitted to SciPy's erfcx. From 12.5 on, where it is below
// 10⁻³⁵, the distribution is 0.
func normalTail[V, M any](s lanes[V, M], x V) (a, density, tail V) {
	a = s.min(s.value(12.5), s.abs(x))
	half := s.mul(a, s.value(.5))
	q := s.mul(a, half)
	// What q lost by rounding would be multiplied by q.
	lost := s.fma(a, half, s.neg(q))
	n, r := reduceExp(s, s.neg(q))
	density = s.add(expm1Small(s, r), s.value(1))
	density = s.scaleNormal(density, n)
	density = s.sub(density, s.mul(density, lost))
	t := s.inverse(s.fma(a, s.value(0.42/math.Sqrt2), s.value(1)))
	p := s.horner(t, 0.23686882853507996, 0.2387375831604004, 0.20144915580749512, 0.23973138630390167, -0.05585918948054314,
		0.32302236557006836, -0.20910754799842834, 0.012489786371588707, 0.012667710892856121)
	tail = s.mul(s.mul(t, s.value(.5)), s.mul(p, density))
	return a, density, s.keep(s.compare(a, s.value(12.5), notGreaterOrEqual), tail)
}

// gelu is max(x, 0) − |x|·Φ(−|x|).
func gelu[V, M any](s lanes[V, M], x V) V {
	a, _, tail := normalTail(s, x)
	return s.lessProduct(s.max(s.zero(), x), a, tail)
}

// geluGrad is Φ(x) + x·φ(x).
func geluGrad[V, M any](s lanes[V, M], x V) V {
	a, density, tail := normalTail(s, x)
	y := s.mul(s.mul(a, s.value(1/math.Sqrt(2*math.Pi))), density)
	y = s.sub(y, tail) // less the distribution at −|x|, plus 1: for x > 0
	y = s.choose(s.compare(x, s.zero(), lessThan), s.neg(y), s.add(y, s.value(1)))
	return s.choose(s.compare(x, x, unordered), x, y)
}

// log writes x as 2^e·m with m between √½ and √2, and uses
// log m = 2·artanh u with u = (m−1)/(m+1), |u| < 0.172.
func log[V, M any](s lanes[V, M], x V) V {
	const smallestNormal = 0x1p-126
	tiny := s.compare(x, s.value(smallestNormal), lessThan)
	y := s.choose(tiny, s.mul(x, s.value(0x1p23)), x)
	offset := s.keep(tiny, s.value(23))
	// Adding the distance from √½ to 1 makes the exponent field that of m.
	const rootHalf = 0x3f3504f3
	i := s.subInt(y, s.bits(rootHalf))
	e := s.shiftSigned(i, 23)
	m := s.subInt(y, s.shiftLeft(e, 23))
	ef := s.sub(s.fromInt(e), offset)
	one := s.value(1)
	u := s.div(s.sub(m, one), s.add(m, one))
	q := s.mul(u, u)
	p := s.horner(q, 2./3, 2./5, 2./7, 2./9, 2./11)
	r := s.fma(s.mul(q, p), u, s.add(u, u))
	const high = 0.693359375
	r = s.fma(ef, s.value(math.Ln2-high), r)
	r = s.fma(ef, s.value(high), r)
	// +Inf and NaN are their own logarithms, 0 has −Inf, the negative have NaN.
	r = s.choose(s.compare(x, s.value(math.MaxFloat32), lessOrEqual), r, s.add(x, x))
	r = s.choose(s.compare(x, s.zero(), equal), s.value(math.Inf(-1)), r)
	return s.choose(s.compare(x, s.zero(), lessThan), s.bits(0x7fc00000), r)
}

// log1p is log u + (x−(u−1))/u with u = 1+x rounded: the second term is what
// the rounding lost.
func log1p[V, M any](s lanes[V, M], x V) V {
	one := s.value(1)
	u := s.add(x, one)
	lost := s.div(s.sub(x, s.sub(u, one)), u)
	// Where u is 0 or infinite, nothing was lost.
	lost = s.choose(s.compare(lost, lost, unordered), s.zero(), lost)
	r := s.add(log(s, u), lost)
	return s.choose(s.compare(x, s.zero(), equal), x, r)
}

func sigmoid[V, M any](s lanes[V, M], x V) V {
	one := s.value(1)
	return s.div(one, s.add(one, exp(s, s.neg(x))))
}

// softplus is max(x, 0) + log(1+t) with t = exp(−|x|), and
// log(1+t) = 2·artanh u = 2u + u³·p(u²) with u = t/(2+t), at most 1/3. p is the
// Chebyshev interpolant in u² on [0, 1/9], which leaves a relative error of 4·10⁻¹⁰.
func softplus[V, M any](s lanes[V, M], x V) V {
	t := exp(s, s.or(x, s.bits(signBit)))
	u := s.div(t, s.add(t, s.value(2)))
	q := s.mul(u, u)
	p := s.horner(q, 0.66666667320527, 0.3999970633193, 0.28592357994303, 0.2170657580088, 0.23224329224023)
	r := s.fma(s.mul(q, p), u, s.add(u, u))
	return s.add(s.max(s.zero(), x), r)
}

// sign leaves 0 and NaN, which are their own signs.
func sign[V, M any](s lanes[V, M], x V) V {
	one := s.or(s.and(x, s.bits(signBit)), s.value(1))
	return s.choose(s.compare(s.abs(x), s.zero(), greaterThan), one, x)
}

// roundBF16 adds half of the last place, less one bit where that is even already. NaN
// must not become infinite.
func roundBF16[V, M any](s lanes[V, M], x V) V {
	odd := s.and(s.shiftRight(x, 16), s.bits(1))
	y := s.and(s.addInt(x, s.addInt(odd, s.bits(0x7fff))), s.bits(0xffff0000))
	return s.choose(s.compare(x, x, unordered), x, y)
}

// The functions of one number, by the names of their kernels.
func functions[V, M any](s lanes[V, M], emit func(name string, f func(V) V)) {
	for _, k := range []struct {
		name string
		f    func(lanes[V, M], V) V
	}{
		{"sign", sign[V, M]}, {"exp", exp[V, M]}, {"expm1", expm1[V, M]}, {"log", log[V, M]}, {"log1p", log1p[V, M]}, {"tanh", tanh[V, M]}, {"erf", erf[V, M]},
		{"gelu", gelu[V, M]}, {"geluGrad", geluGrad[V, M]}, {"roundBF16", roundBF16[V, M]}, {"sigmoid", sigmoid[V, M]}, {"softplus", softplus[V, M]},
	} {
		emit(k.name, func(x V) V { return k.f(s, x) })
	}
}
