package main

import "fmt"

// The kernels for one element after another have their operands in these vectors:
// of 4 at a time of each operand, and of the results. Constants and what is computed
// on the way are in the others.
const (
	first, second, third = 0, 4, 8
	result               = 12
	spare                = 16 // 4 of them, one for each vector
	fixed                = 20
)

// elements writes the loop over n elements: body is written for sixteen at a time,
// for four, and for one, of which the vectors hold no other.
func (a *assembly) elements(operands []string, body func(k int)) {
	a.loads("dst", "R0", "n", "R1")
	pointers := []string{"R2", "R3", "R4"}[:len(operands)]
	for i, name := range operands {
		a.load(name, pointers[i])
	}
	at := []int{first, second, third}
	many, four, one, done := a.label("many"), a.label("four"), a.label("one"), a.label("done")
	a.op("%s:", many)
	a.op("CMP $16, R1")
	a.op("BLT %s", four)
	for i, p := range pointers {
		a.op("VLD1.P 64(%s), %s", p, group(at[i], 4))
	}
	for k := range 4 {
		body(k)
	}
	a.op("VST1.P %s, 64(R0)", group(result, 4))
	a.op("SUB $16, R1")
	a.op("B %s", many)
	a.op("%s:", four)
	a.op("CMP $4, R1")
	a.op("BLT %s", one)
	for i, p := range pointers {
		a.op("VLD1.P 16(%s), %s", p, group(at[i], 1))
	}
	body(0)
	a.op("VST1.P %s, 16(R0)", group(result, 1))
	a.op("SUB $4, R1")
	a.op("B %s", four)
	a.op("%s:", one)
	a.op("CBZ R1, %s", done)
	for i, p := range pointers {
		a.op("FMOVS.P 4(%s), F%d", p, at[i])
	}
	body(0)
	a.op("FMOVS.P F%d, 4(R0)", result)
	a.op("SUB $1, R1")
	a.op("B %s", one)
	a.op("%s:", done)
	a.op("RET")
}

func (a *assembly) elementwise() {
	unary := func(name string, body func(d, x int)) {
		a.kernel(name, "", "dst *float32", "x *float32", "n int")
		a.zero(fixed)
		a.op("FMOVS $1.0, F%d", fixed+1)
		a.op("VDUP V%d.S[0], V%d.S4", fixed+1, fixed+1)
		a.elements([]string{"x"}, func(k int) { body(result+k, first+k) })
	}
	for _, f := range []struct {
		name string
		code uint32
	}{{"neg", fneg}, {"abs", fabs}, {"sqrt", fsqrt}, {"floor", frintm}, {"ceil", frintp}, {"round", frintn}} {
		unary(f.name, func(d, x int) { a.one(f.code, d, x) })
	}
	unary("square", func(d, x int) { a.two(fmul, d, x, x) })
	unary("reciprocal", func(d, x int) { a.two(fdiv, d, fixed+1, x) })
	unary("relu", func(d, x int) { a.two(fmax, d, x, fixed) })

	binary := func(name string, body func(d, x, y int)) {
		a.kernel(name, "", "dst *float32", "x *float32", "y *float32", "n int")
		a.op("FMOVS $1.0, F%d", fixed)
		a.op("VDUP V%d.S[0], V%d.S4", fixed, fixed)
		a.elements([]string{"x", "y"}, func(k int) { body(result+k, first+k, second+k) })
	}
	for _, f := range []struct {
		name string
		code uint32
	}{{"add", fadd}, {"sub", fsub}, {"mul", fmul}, {"div", fdiv}, {"maximum", fmax}, {"minimum", fmin}} {
		binary(f.name, func(d, x, y int) { a.two(f.code, d, x, y) })
	}
	// Comparisons give 1 or 0.
	truth := func(name string, pick uint32, compare func(d, x, y int)) {
		binary(name, func(d, x, y int) {
			compare(d, x, y)
			a.two(pick, d, fixed, d)
		})
	}
	truth("equal", and, func(d, x, y int) { a.two(fcmeq, d, x, y) })
	truth("notEqual", bic, func(d, x, y int) { a.two(fcmeq, d, x, y) })
	truth("less", and, func(d, x, y int) { a.two(fcmgt, d, y, x) })
	truth("lessEqual", and, func(d, x, y int) { a.two(fcmge, d, y, x) })

	a.kernel("choose", "", "dst *float32", "cond *float32", "yes *float32", "no *float32", "n int")
	a.elements([]string{"cond", "yes", "no"}, func(k int) {
		a.one(fcmeqZero, result+k, first+k)
		a.two(bsl, result+k, third+k, second+k)
	})

	scalar := func(name string, operands []string, body func(k int)) {
		parameters := []string{"dst *float32"}
		for _, x := range operands {
			parameters = append(parameters, x+" *float32")
		}
		a.kernel(name, "", append(parameters, "c float32", "n int")...)
		a.load("c", fmt.Sprintf("F%d", fixed))
		a.op("VDUP V%d.S[0], V%d.S4", fixed, fixed)
		a.elements(operands, body)
	}
	scalar("addScalar", []string{"x"}, func(k int) { a.two(fadd, result+k, first+k, fixed) })
	scalar("mulScalar", []string{"x"}, func(k int) { a.two(fmul, result+k, first+k, fixed) })
	scalar("addScaled", []string{"x", "y"}, func(k int) {
		a.op("VORR V%d.B16, V%d.B16, V%d.B16", first+k, first+k, result+k)
		a.fma(result+k, second+k, fixed, 0)
	})
}
