package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

type (
	gp  = reg.GPVirtual
	mem = Mem
)

func paramMem(name string) Mem {
	b, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return b.Addr
}

func sumKernels(s simd) {
	total(s)
	maximumOf(s)
	dots(s, 4)
	dots(s, 1)
	addRows(s, 8)
	addRows(s, 1)
}

// total emits Σ x[i], in as many partial sums as four vectors have lanes.
func total(s simd) {
	TEXT(s.name("total"), NOSPLIT, "func(x *float32, n int) float32")
	Pragma("noescape")
	x, n := pointer("x"), pointer("n")
	acc := [4]vector{s.zero(), s.zero(), s.zero(), s.zero()}
	block := uint32(4 * s.lanes())
	SUBQ(U32(block), n)
	JLT(LabelRef("few"))
	Label("block")
	for i := range acc {
		VADDPS(Mem{Base: x, Disp: i * s.bytes()}, acc[i], acc[i])
	}
	ADDQ(U32(4*block), x)
	SUBQ(U32(block), n)
	JGE(LabelRef("block"))
	Label("few")
	ADDQ(U32(block), n)
	s.vectors("", n, func(at gp, load func(Mem) vector, _ func(vector, Mem)) {
		VADDPS(load(element(x, at)), acc[0], acc[0])
	})
	sum := s.total(s.add(s.add(acc[0], acc[1]), s.add(acc[2], acc[3])))
	Store(sum, ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// maximumOf emits the greatest of x, −Inf where n is 0. A NaN may go unseen.
func maximumOf(s simd) {
	TEXT(s.name("maximumOf"), NOSPLIT, "func(x *float32, n int) float32")
	Pragma("noescape")
	x, n := pointer("x"), pointer("n")
	acc := s.value(math.Inf(-1))
	at := GP64()
	XORQ(at, at)
	SUBQ(Imm(uint64(s.lanes())), n)
	JLT(LabelRef("rest"))
	Label("loop")
	VMAXPS(element(x, at), acc, acc)
	ADDQ(Imm(uint64(s.bytes())), at)
	SUBQ(Imm(uint64(s.lanes())), n)
	JGE(LabelRef("loop"))
	Label("rest")
	r := s.across(acc, func(x, y, r Op) { VMAXPS(y, x, r) })
	ADDQ(Imm(uint64(s.lanes())), n)
	JZ(LabelRef("done"))
	Label("one")
	VMAXSS(element(x, at), r, r)
	ADDQ(Imm(4), at)
	DECQ(n)
	JNZ(LabelRef("one"))
	Label("done")
	Store(r, ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// dots emits dst[r] = Σ_i a[r·lda+i]·x[i] for a number of rows of a. lda is in
// bytes.
func dots(s simd, rows int) {
	TEXT(s.name(fmt.Sprintf("dots%d", rows)), NOSPLIT, "func(dst, a *float32, lda int, x *float32, n int)")
	Pragma("noescape")
	a, lda, x, n := pointer("a"), pointer("lda"), pointer("x"), pointer("n")
	base := []gp{a}
	for i := 1; i < rows; i++ {
		b := GP64()
		LEAQ(Mem{Base: base[i-1], Index: lda, Scale: 1}, b)
		base = append(base, b)
	}
	// Two sums a row, or four for a single row, hide the latency of FMA.
	sums := 2
	if rows == 1 {
		sums = 4
	}
	acc := make([][]vector, rows)
	for r := range acc {
		for range sums {
			acc[r] = append(acc[r], s.zero())
		}
	}
	block := uint32(sums * s.lanes())
	at := GP64()
	XORQ(at, at)
	SUBQ(U32(block), n)
	JLT(LabelRef("few"))
	Label("block")
	for u := range sums {
		v := s.load(Mem{Base: x, Index: at, Scale: 1, Disp: u * s.bytes()})
		for r := range acc {
			VFMADD231PS(Mem{Base: base[r], Index: at, Scale: 1, Disp: u * s.bytes()}, v, acc[r][u])
		}
	}
	ADDQ(U32(4*block), at)
	SUBQ(U32(block), n)
	JGE(LabelRef("block"))
	Label("few")
	ADDQ(U32(block), n)
	for _, b := range append([]gp{x}, base...) {
		ADDQ(at, b)
	}
	s.vectors("", n, func(at gp, load func(Mem) vector, _ func(vector, Mem)) {
		v := load(element(x, at))
		for r := range acc {
			VFMADD231PS(load(element(base[r], at)), v, acc[r][0])
		}
	})
	dst := pointer("dst")
	for r := range acc {
		sum := acc[r][0]
		for _, v := range acc[r][1:] {
			sum = s.add(sum, v)
		}
		VMOVSS(s.total(sum), Mem{Base: dst, Disp: 4 * r})
	}
	VZEROUPPER()
	RET()
}

// addRows emits y[i] += Σ_r f[r]·a[r·lda+i] for a number of rows of a. lda is
// in bytes.
func addRows(s simd, rows int) {
	TEXT(s.name(fmt.Sprintf("addRows%d", rows)), NOSPLIT, "func(y, a *float32, lda int, f *float32, n int)")
	Pragma("noescape")
	y, a, lda, factors, n := pointer("y"), pointer("a"), pointer("lda"), pointer("f"), pointer("n")
	base := []gp{a}
	for i := 1; i < rows; i++ {
		b := GP64()
		LEAQ(Mem{Base: base[i-1], Index: lda, Scale: 1}, b)
		base = append(base, b)
	}
	var factor []vector
	for r := range rows {
		factor = append(factor, s.broadcast(Mem{Base: factors, Disp: 4 * r}))
	}
	s.vectors("", n, func(at gp, load func(Mem) vector, store func(vector, Mem)) {
		sum := load(element(y, at))
		for r, b := range base {
			VFMADD231PS(load(element(b, at)), factor[r], sum)
		}
		store(sum, element(y, at))
	})
	VZEROUPPER()
	RET()
}

// fmas emits n rounds of ten multiply-adds of vectors that do not wait for one
// another, which is as fast as the processor can.
func fmas(s simd) {
	TEXT(s.name("fmas"), NOSPLIT, "func(n int)")
	n := pointer("n")
	x := s.value(0.5)
	var sums [10]vector
	for i := range sums {
		sums[i] = s.zero()
	}
	Label("loop")
	for _, v := range sums {
		VFMADD231PS(x, x, v)
	}
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// transpose8 emits the transpose of 8 rows of x into rows of 8 elements of
// dst, for n columns; n is a multiple of 8. ldx and ldd are in bytes.
func transpose8() {
	TEXT("transpose8AVX2", NOSPLIT, "func(dst *float32, ldd int, x *float32, ldx int, n int)")
	Pragma("noescape")
	dst, ldd, x, ldx, n := pointer("dst"), pointer("ldd"), pointer("x"), pointer("ldx"), pointer("n")
	row := func(base, ld, ld3 gp, i int, high gp) Mem {
		if i >= 4 {
			base, i = high, i-4
		}
		switch i {
		case 3:
			return Mem{Base: base, Index: ld3, Scale: 1}
		case 0:
			return Mem{Base: base}
		}
		return Mem{Base: base, Index: ld, Scale: uint8(i)}
	}
	ldx3, ldd3, xHigh, dstHigh := GP64(), GP64(), GP64(), GP64()
	LEAQ(Mem{Base: ldx, Index: ldx, Scale: 2}, ldx3)
	LEAQ(Mem{Base: ldd, Index: ldd, Scale: 2}, ldd3)
	Label("loop")
	LEAQ(Mem{Base: x, Index: ldx, Scale: 4}, xHigh)
	LEAQ(Mem{Base: dst, Index: ldd, Scale: 4}, dstHigh)
	var r, t [8]vector
	// Rows i and i+4 share a register, each in one half of it.
	for i := range 4 {
		for half := range 2 {
			v := YMM()
			at := row(x, ldx, ldx3, i, xHigh)
			at.Disp += 16 * half
			VMOVUPS(at, v.AsX())
			at = row(x, ldx, ldx3, i+4, xHigh)
			at.Disp += 16 * half
			VINSERTF128(Imm(1), at, v, v)
			r[4*half+i] = v
		}
	}
	for half := range 2 {
		q := r[4*half:]
		for i := range 4 {
			t[4*half+i] = YMM()
		}
		u := t[4*half:]
		VUNPCKLPS(q[1], q[0], u[0])
		VUNPCKHPS(q[1], q[0], u[1])
		VUNPCKLPS(q[3], q[2], u[2])
		VUNPCKHPS(q[3], q[2], u[3])
		out := [4]vector{YMM(), YMM(), YMM(), YMM()}
		VSHUFPS(Imm(0x44), u[2], u[0], out[0])
		VSHUFPS(Imm(0xee), u[2], u[0], out[1])
		VSHUFPS(Imm(0x44), u[3], u[1], out[2])
		VSHUFPS(Imm(0xee), u[3], u[1], out[3])
		for i, v := range out {
			VMOVUPS(v, row(dst, ldd, ldd3, 4*half+i, dstHigh))
		}
	}
	LEAQ(Mem{Base: dst, Index: ldd, Scale: 8}, dst)
	ADDQ(Imm(32), x)
	SUBQ(Imm(8), n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// vendor emits the reading of the processor's vendor: the first four of its twelve
// letters.
func vendor() {
	TEXT("vendor", NOSPLIT, "func() uint32")
	XORL(reg.EAX, reg.EAX)
	XORL(reg.ECX, reg.ECX)
	CPUID()
	Store(reg.EBX, ReturnIndex(0))
	RET()
}

// pause emits n of the instructions by which a spinning core saves power.
func pause() {
	TEXT("pause", NOSPLIT, "func(n int)")
	n := pointer("n")
	Label("loop")
	PAUSE()
	DECQ(n)
	JNZ(LabelRef("loop"))
	RET()
}
