package main

import "fmt"

// across writes the sum of the four lanes of vector d to its first.
func (a *assembly) across(d int) {
	a.two(faddp, d, d, d)
	a.one(faddpScalar, d, d)
}

func (a *assembly) sums() {
	a.reduce("total", fadd, func(d int) { a.zero(d) }, "FMOVS.P 4(R0), F4", a.across)
	a.reduce("maximumOf", fmax, func(d int) {
		a.op("MOVD $0xff800000, R2") // −∞
		a.op("VDUP R2, V%d.S4", d)
	}, "VLD1R.P 4(R0), [V4.S4]", func(d int) { a.one(fmaxAcross, d, d) })
	a.dots("dots4", 4, 2)
	a.dots("dots1", 1, 4)
	a.addRows("addRows8", 8)
	a.addRows("addRows1", 1)
}

// reduce writes a kernel that joins all elements by code, beginning with start. single
// reads one to V4, whose other lanes must do no harm.
func (a *assembly) reduce(name string, code uint32, start func(d int), single string, finish func(d int)) {
	a.kernel(name, "float32", "x *float32", "n int")
	a.loads("x", "R0", "n", "R1")
	for d := range 4 {
		start(d)
	}
	many, four, one, done := a.label("many"), a.label("four"), a.label("one"), a.label("done")
	a.op("%s:", many)
	a.op("CMP $16, R1")
	a.op("BLT %s", four)
	a.op("VLD1.P 64(R0), %s", group(4, 4))
	for k := range 4 {
		a.two(code, k, k, 4+k)
	}
	a.op("SUB $16, R1")
	a.op("B %s", many)
	a.op("%s:", four)
	a.op("CMP $4, R1")
	a.op("BLT %s", one)
	a.op("VLD1.P 16(R0), %s", group(4, 1))
	a.two(code, 0, 0, 4)
	a.op("SUB $4, R1")
	a.op("B %s", four)
	a.op("%s:", one)
	a.op("CBZ R1, %s", done)
	a.op("%s", single)
	a.two(code, 3, 3, 4)
	a.op("SUB $1, R1")
	a.op("B %s", one)
	a.op("%s:", done)
	a.two(code, 0, 0, 1)
	a.two(code, 2, 2, 3)
	a.two(code, 0, 0, 2)
	finish(0)
	a.op("FMOVS F0, ret+%d(FP)", 16)
	a.op("RET")
}

// dots writes dst[r] = Σ_i a[r·lda+i]·x[i] for a number of rows, each with a number
// of sums.
func (a *assembly) dots(name string, rows, sums int) {
	a.kernel(name, "", "dst *float32", "a *float32", "lda int", "x *float32", "n int")
	a.loads("dst", "R0", "a", "R1", "lda", "R2", "x", "R3", "n", "R4")
	row := func(r int) string { return fmt.Sprintf("R%d", 5+r) }
	const x, y = 16, 20
	for r := range rows {
		if r == 0 {
			a.op("MOVD R1, %s", row(0))
		} else {
			a.op("ADD R2, %s, %s", row(r-1), row(r))
		}
		for k := range sums {
			a.zero(r*sums + k)
		}
	}
	many, four, one, done := a.label("many"), a.label("four"), a.label("one"), a.label("done")
	a.op("%s:", many)
	a.op("CMP $%d, R4", 4*sums)
	a.op("BLT %s", four)
	a.op("VLD1.P %d(R3), %s", 16*sums, group(x, sums))
	for r := range rows {
		a.op("VLD1.P %d(%s), %s", 16*sums, row(r), group(y, sums))
		for k := range sums {
			a.op("VFMLA V%d.S4, V%d.S4, V%d.S4", x+k, y+k, r*sums+k)
		}
	}
	a.op("SUB $%d, R4", 4*sums)
	a.op("B %s", many)
	for _, s := range []struct {
		label, next string
		n           int
	}{{four, one, 4}, {one, done, 1}} {
		read := func(p string, v int) {
			if s.n == 4 {
				a.op("VLD1.P 16(%s), %s", p, group(v, 1))
			} else {
				a.op("FMOVS.P 4(%s), F%d", p, v) // the other lanes are 0
			}
		}
		a.op("%s:", s.label)
		a.op("CMP $%d, R4", s.n)
		a.op("BLT %s", s.next)
		read("R3", x)
		for r := range rows {
			read(row(r), y)
			a.op("VFMLA V%d.S4, V%d.S4, V%d.S4", x, y, r*sums)
		}
		a.op("SUB $%d, R4", s.n)
		a.op("B %s", s.label)
	}
	a.op("%s:", done)
	for r := range rows {
		for step := sums / 2; step > 0; step /= 2 {
			for k := range step {
				a.two(fadd, r*sums+k, r*sums+k, r*sums+k+step)
			}
		}
		a.across(r * sums)
		a.op("FMOVS.P F%d, 4(R0)", r*sums)
	}
	a.op("RET")
}

// addRows writes y[i] += Σ_r by[r]·a[r·lda+i] for a number of rows.
func (a *assembly) addRows(name string, rows int) {
	a.kernel(name, "", "y *float32", "a *float32", "lda int", "by *float32", "n int")
	a.loads("y", "R0", "a", "R1", "lda", "R2", "by", "R3", "n", "R4")
	row := func(r int) string { return fmt.Sprintf("R%d", 5+r) } // up to R12
	const g, x = 28, 16
	if rows == 1 {
		a.op("FMOVS (R3), F%d", g)
	} else {
		a.op("VLD1 (R3), %s", group(g, rows/4))
	}
	for r := range rows {
		if r == 0 {
			a.op("MOVD R1, %s", row(0))
		} else {
			a.op("ADD R2, %s, %s", row(r-1), row(r))
		}
	}
	many, one, done := a.label("many"), a.label("one"), a.label("done")
	const vectors = 4
	a.op("%s:", many)
	a.op("CMP $%d, R4", 4*vectors)
	a.op("BLT %s", one)
	a.op("VLD1 (R0), %s", group(0, vectors))
	for r := range rows {
		at := x + r%2*vectors
		a.op("VLD1.P %d(%s), %s", 16*vectors, row(r), group(at, vectors))
		for k := range vectors {
			a.fma(k, at+k, g+r/4, r%4)
		}
	}
	a.op("VST1.P %s, %d(R0)", group(0, vectors), 16*vectors)
	a.op("SUB $%d, R4", 4*vectors)
	a.op("B %s", many)
	a.op("%s:", one)
	a.op("CBZ R4, %s", done)
	a.op("FMOVS (R0), F0")
	for r := range rows {
		a.op("FMOVS.P 4(%s), F%d", row(r), x+r%2)
		a.fma(0, x+r%2, g+r/4, r%4)
	}
	a.op("FMOVS.P F0, 4(R0)")
	a.op("SUB $1, R4")
	a.op("B %s", one)
	a.op("%s:", done)
	a.op("RET")
}

// transpose8 writes the transpose of 8 rows of n elements, a multiple of 8.
func (a *assembly) transpose8() {
	a.kernel("transpose8", "", "dst *float32", "ldd int", "x *float32", "ldx int", "n int")
	a.loads("dst", "R0", "ldd", "R1", "x", "R2", "ldx", "R3", "n", "R4")
	row := func(r int) string { return fmt.Sprintf("R%d", 5+r) } // up to R12
	for r := range 8 {
		if r == 0 {
			a.op("MOVD R2, %s", row(0))
		} else {
			a.op("ADD R3, %s, %s", row(r-1), row(r))
		}
	}
	loop, done := a.label("loop"), a.label("done")
	a.op("%s:", loop)
	a.op("CBZ R4, %s", done)
	for r := range 8 {
		a.op("VLD1.P 16(%s), %s", row(r), group(r, 1))
	}
	// Column c of rows 0 to 3 goes to vector 16+2c, that of rows 4 to 7 to the next.
	for half := range 2 {
		x, t := 4*half, 8+4*half
		for i := range 2 {
			a.op("VTRN1 V%d.S4, V%d.S4, V%d.S4", x+2*i+1, x+2*i, t+2*i)
			a.op("VTRN2 V%d.S4, V%d.S4, V%d.S4", x+2*i+1, x+2*i, t+2*i+1)
		}
		for c := range 4 {
			a.op("VTRN%d V%d.D2, V%d.D2, V%d.D2", 1+c/2, t+2+c%2, t+c%2, 16+2*c+half)
		}
	}
	for c := range 4 {
		a.op("VST1 %s, (R0)", group(16+2*c, 2))
		a.op("ADD R1, R0")
	}
	a.op("SUB $4, R4")
	a.op("B %s", loop)
	a.op("%s:", done)
	a.op("RET")
}
