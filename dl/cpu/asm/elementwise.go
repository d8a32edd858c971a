package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
)

// elementwise emits dst[i] = f(x0[i], x1[i], …) for i < n. dst may be one of
// the operands.
func elementwise(s simd, name string, operands int, f func(x []vector) vector) {
	params := ""
	for i := range operands {
		params += fmt.Sprintf(", x%d", i)
	}
	TEXT(s.name(name), NOSPLIT, "func(dst"+params+" *float32, n int)")
	Pragma("noescape")
	dst := pointer("dst")
	var base []gp
	for i := range operands {
		base = append(base, pointer(fmt.Sprintf("x%d", i)))
	}
	n := pointer("n")
	s.vectors("", n, func(at gp, load func(mem) vector, store func(vector, mem)) {
		var x []vector
		for _, b := range base {
			x = append(x, load(element(b, at)))
		}
		store(f(x), element(dst, at))
	})
	VZEROUPPER()
	RET()
}

func elementwiseKernels(s simd) {
	binary := func(name string, f func(a, b vector) vector) {
		elementwise(s, name, 2, func(x []vector) vector { return f(x[0], x[1]) })
	}
	unary := func(name string, f func(vector) vector) {
		elementwise(s, name, 1, func(x []vector) vector { return f(x[0]) })
	}
	binary("add", s.add)
	binary("sub", s.sub)
	binary("mul", s.mul)
	binary("div", s.div)
	binary("maximum", s.greatest)
	binary("minimum", func(a, b vector) vector { return s.choose(s.compare(a, a, unordered), a, s.min(a, b)) })
	for _, c := range []struct {
		name      string
		predicate uint64
	}{{"equal", equal}, {"notEqual", notEqual}, {"less", lessThan}, {"lessEqual", lessOrEqual}} {
		binary(c.name, func(a, b vector) vector { return s.keep(s.compare(a, b, c.predicate), s.value(1)) })
	}
	elementwise(s, "choose", 3, func(x []vector) vector {
		return s.choose(s.compare(x[0], s.zero(), notEqual), x[1], x[2])
	})

	unary("neg", s.neg)
	unary("abs", s.abs)
	unary("sign", func(x vector) vector {
		// 0 and NaN are their own signs.
		one := s.or(s.and(x, s.bits(signBit)), s.value(1))
		return s.choose(s.compare(s.abs(x), s.zero(), greaterThan), one, x)
	})
	unary("square", func(x vector) vector { return s.mul(x, x) })
	unary("sqrt", s.sqrt)
	unary("reciprocal", func(x vector) vector { return s.div(s.value(1), x) })
	unary("relu", func(x vector) vector { return s.max(s.zero(), x) })
	unary("floor", func(x vector) vector { return s.round(x, down) })
	unary("ceil", func(x vector) vector { return s.round(x, up) })
	unary("round", func(x vector) vector { return s.round(x, nearest) })
	unary("exp", s.exp)
	unary("expm1", s.expm1)
	unary("log", s.log)
	unary("log1p", s.log1p)
	unary("tanh", s.tanh)
	unary("erf", s.erf)
	unary("gelu", s.gelu)
	unary("geluGrad", s.geluGrad)
	unary("roundBF16", func(x vector) vector {
		// Half of the last place is added, less one bit where that is even
		// already. NaN must not become infinite.
		odd := s.and(s.shiftRight(x, 16), s.bits(1))
		y := s.and(s.addInt(x, s.addInt(odd, s.bits(0x7fff))), s.bits(0xffff0000))
		return s.choose(s.compare(x, x, unordered), x, y)
	})
	unary("sigmoid", func(x vector) vector {
		one := s.value(1)
		return s.div(one, s.add(one, s.exp(s.neg(x))))
	})
	unary("softplus", func(x vector) vector {
		// max(x, 0) + log1p(exp(−|x|))
		t := s.log1p(s.exp(s.or(x, s.bits(signBit))))
		return s.add(s.max(s.zero(), x), t)
	})

	for _, scalar := range []struct {
		name string
		f    func(a, b vector) vector
	}{{"addScalar", s.add}, {"mulScalar", s.mul}} {
		TEXT(s.name(scalar.name), NOSPLIT, "func(dst, x *float32, c float32, n int)")
		Doc(s.name(scalar.name) + " is dst[i] = x[i] combined with c.")
		Pragma("noescape")
		dst, x := pointer("dst"), pointer("x")
		c := s.broadcast(paramMem("c"))
		n := pointer("n")
		s.vectors("", n, func(at gp, load func(mem) vector, store func(vector, mem)) {
			store(scalar.f(load(element(x, at)), c), element(dst, at))
		})
		VZEROUPPER()
		RET()
	}

	TEXT(s.name("addScaled"), NOSPLIT, "func(dst, x, y *float32, c float32, n int)")
	Doc(s.name("addScaled") + " is dst[i] = x[i] + c·y[i].")
	Pragma("noescape")
	dst, x, y := pointer("dst"), pointer("x"), pointer("y")
	c := s.broadcast(paramMem("c"))
	n := pointer("n")
	s.vectors("", n, func(at gp, load func(mem) vector, store func(vector, mem)) {
		store(s.fma(load(element(y, at)), c, load(element(x, at))), element(dst, at))
	})
	VZEROUPPER()
	RET()
}

// reduceExp writes x as n·ln 2 + r with an integer n and |r| ≤ ln 2 / 2. ln 2
// is taken off in two parts, the first of which has few enough bits that n
// times it is exact.
func (s simd) reduceExp(x vector) (n, r vector) {
	const high = 0.693359375
	n = s.round(s.mul(x, s.value(math.Log2E)), nearest)
	r = s.fma(n, s.value(-high), x)
	return n, s.fma(n, s.value(high-math.Ln2), r)
}

// expm1Small returns exp(r) − 1 for |r| ≤ ln 2 / 2 by its Taylor polynomial of
// degree 7, whose error is below 2^-27 of r.
func (s simd) expm1Small(r vector) vector {
	p := s.horner(r, 1./2, 1./6, 1./24, 1./120, 1./720, 1./5040)
	return s.fma(s.mul(r, r), p, r)
}

// power2 returns 2^n for integers n that keep it a normal number.
func (s simd) power2(n vector) vector {
	return s.shiftLeft(s.addInt(n, s.bits(127)), 23)
}

// exp gives +Inf from 88.73 on and goes through the subnormal numbers to 0. The
// processor takes a hundred times as long where a result underflows, so where it
// is sure to be 0, 0 is what is scaled.
func (s simd) exp(x vector) vector {
	x = s.max(s.value(-105), s.min(s.value(89), x))
	n, r := s.reduceExp(x)
	y := s.add(s.expm1Small(r), s.value(1))
	y = s.keep(s.compare(n, s.value(-150.5), notLessOrEqual), y)
	if s.wide {
		VSCALEFPS(n, y, y)
		return y
	}
	// 2^n may be out of range, its two halves are not.
	i := s.toInt(n)
	half := s.halve(i)
	return s.mul(s.mul(y, s.power2(half)), s.power2(s.subInt(i, half)))
}

// expm1 is 2^n·(exp(r)−1) + (2^n−1), computed at half its size so that 2^n
// does not overflow before the result does.
func (s simd) expm1(x vector) vector {
	x = s.max(s.value(-60), s.min(s.value(89), x))
	n, r := s.reduceExp(x)
	scale := s.power2(s.subInt(s.toInt(n), s.bits(1)))
	y := s.fma(scale, s.expm1Small(r), s.sub(scale, s.value(.5)))
	y = s.add(y, y)
	// At r = 0 this would lose the sign of −0.
	return s.choose(s.compare(x, s.zero(), equal), x, y)
}

// tanh is e/(e+2) with e = exp(2|x|)−1, with the sign of x. From 10 on it is 1.
func (s simd) tanh(x vector) vector {
	t := s.min(s.value(10), s.abs(x))
	e := s.expm1(s.add(t, t))
	y := s.div(e, s.add(e, s.value(2)))
	return s.or(y, s.and(x, s.bits(signBit)))
}

// erf is an odd polynomial up to 1 and 1 − exp(−p(|x|)) with another polynomial p
// from there to 4, where it is 1 in float32. The coefficients are those of the
// Chebyshev interpolants, in x² on [0, 1] and in (|x|−2.5)/1.5. The error is
// below 3 units in the last place.
func (s simd) erf(x vector) vector {
	a := s.abs(x)
	q := s.mul(x, x)
	near := s.mul(a, s.horner(q, 1.1283791658815, -0.37612626903580, 0.11283597463484, -0.026854328795964,
		0.0051893119425692, -0.00080188549923801, 0.000078824971106210))
	u := s.fma(s.min(s.value(4), a), s.value(1/1.5), s.value(-2.5/1.5))
	p := s.horner(u, 7.8068152770519, 8.0290210216093, 2.1237606906131, 0.036647494917638, -0.010961124067723,
		0.0031904728097482, -0.00088157087879285, 0.00022740341227724, -0.000041366633467603)
	far := s.sub(s.value(1), s.exp(s.neg(p)))
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
func (s simd) normalTail(x vector) (a, density, tail vector) {
	a = s.min(s.value(12.5), s.abs(x))
	half := s.mul(a, s.value(.5))
	q := s.mul(a, half)
	// What q lost by rounding would be multiplied by q.
	lost := s.fma(a, half, s.neg(q))
	n, r := s.reduceExp(s.neg(q))
	density = s.add(s.expm1Small(r), s.value(1))
	if s.wide {
		VSCALEFPS(n, density, density)
	} else {
		density = s.mul(density, s.power2(s.toInt(n)))
	}
	density = s.sub(density, s.mul(density, lost))
	t := s.inverse(s.fma(a, s.value(0.42/math.Sqrt2), s.value(1)))
	p := s.horner(t, 0.23686882853507996, 0.2387375831604004, 0.20144915580749512, 0.23973138630390167, -0.05585918948054314,
		0.32302236557006836, -0.20910754799842834, 0.012489786371588707, 0.012667710892856121)
	tail = s.mul(s.mul(t, s.value(.5)), s.mul(p, density))
	return a, density, s.keep(s.compare(a, s.value(12.5), notGreaterOrEqual), tail)
}

// inverse returns 1/x for normal x.
func (s simd) inverse(x vector) vector {
	if !s.wide {
		return s.div(s.value(1), x)
	}
	// A step of Newton's method takes half the time of a division.
	r := s.vec()
	VRCP14PS(x, r)
	e := s.value(1)
	VFNMADD231PS(x, r, e)
	return s.fma(e, r, r)
}

// gelu is max(x, 0) − |x|·Φ(−|x|).
func (s simd) gelu(x vector) vector {
	a, _, tail := s.normalTail(x)
	y := s.max(s.zero(), x)
	VFNMADD231PS(a, tail, y)
	return y
}

// geluGrad is Φ(x) + x·φ(x).
func (s simd) geluGrad(x vector) vector {
	a, density, tail := s.normalTail(x)
	y := s.mul(s.mul(a, s.value(1/math.Sqrt(2*math.Pi))), density)
	y = s.sub(y, tail) // less the distribution at −|x|, plus 1: for x > 0
	y = s.choose(s.compare(x, s.zero(), lessThan), s.neg(y), s.add(y, s.value(1)))
	return s.choose(s.compare(x, x, unordered), x, y)
}

// log writes x as 2^e·m with m between √½ and √2, and uses
// log m = 2·artanh u with u = (m−1)/(m+1), |u| < 0.172.
func (s simd) log(x vector) vector {
	const smallestNormal = 0x1p-126
	tiny := s.compare(x, s.value(smallestNormal), lessThan)
	y := s.choose(tiny, s.mul(x, s.value(0x1p23)), x)
	offset := s.keep(tiny, s.value(23))
	// Adding the distance from √½ to 1 makes the exponent field that of m.
	const rootHalf = 0x3f3504f3
	i := s.subInt(y, s.bits(rootHalf))
	e := s.vec()
	VPSRAD(imm(23), i, e)
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
func (s simd) log1p(x vector) vector {
	one := s.value(1)
	u := s.add(x, one)
	lost := s.div(s.sub(x, s.sub(u, one)), u)
	// Where u is 0 or infinite, nothing was lost.
	lost = s.choose(s.compare(lost, lost, unordered), s.zero(), lost)
	r := s.add(s.log(u), lost)
	return s.choose(s.compare(x, s.zero(), equal), x, r)
}
