package main

import (
	"fmt"

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
	unary("square", func(x vector) vector { return s.mul(x, x) })
	unary("sqrt", s.sqrt)
	unary("reciprocal", func(x vector) vector { return s.div(s.value(1), x) })
	unary("relu", func(x vector) vector { return s.max(s.zero(), x) })
	unary("floor", func(x vector) vector { return s.round(x, down) })
	unary("ceil", func(x vector) vector { return s.round(x, up) })
	unary("round", func(x vector) vector { return s.round(x, nearest) })
	f := folding{s}
	functions(f, func(name string, of func(folded) folded) {
		unary(name, func(x vector) vector { return f.in(of(folded{vector: x})) })
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
