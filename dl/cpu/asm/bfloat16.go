package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// bfloat16Kernels emits the packing of operands for products in tiles, which
// only processors with AVX-512 have.
func bfloat16Kernels() {
	s := simd{wide: true}
	rowsBF16(s)
	pairsBF16(s)
}

// toBF16 returns the function that rounds to bfloat16 in the upper halves of
// words, whose lower halves are left as they come. NaN stays NaN.
func (s simd) toBF16() func(x vector) vector {
	one, most, quiet := s.bits(1), s.bits(0x7fff), s.bits(0x400000)
	return func(x vector) vector {
		odd := s.and(s.shiftRight(x, 16), one)
		y := s.addInt(x, s.addInt(odd, most))
		return s.choose(s.compare(x, x, unordered), s.or(x, quiet), y)
	}
}

// ahead is how many bytes before their use rows that lie one after another are
// brought to the cache.
const ahead = 4096

// rowsBF16 emits the rounding of rows of n floats. ldd and ldx are in bytes.
func rowsBF16(s simd) {
	TEXT(s.name("rowsBF16"), NOSPLIT, "func(dst *float32, ldd int, x *float32, ldx, rows, n int)")
	Pragma("noescape")
	dst, ldd, x, ldx := pointer("dst"), pointer("ldd"), pointer("x"), pointer("ldx")
	rows, n := pointer("rows"), pointer("n")
	round := s.toBF16()
	rest := GP64()
	MOVQ(n, rest)
	ANDQ(Imm(15), rest)
	t := s.tail(rest)
	from, to, left := GP64(), GP64(), GP64()
	TESTQ(rows, rows)
	JZ(LabelRef("done"))
	Label("row")
	MOVQ(x, from)
	MOVQ(dst, to)
	MOVQ(n, left)
	SUBQ(Imm(16), left)
	JLT(LabelRef("rest"))
	Label("loop")
	PREFETCHT0(Mem{Base: from, Disp: ahead}) // beyond the page, where the hardware's ends
	VPMOVDW(s.shiftRight(round(s.load(Mem{Base: from})), 16), Mem{Base: to})
	ADDQ(Imm(64), from)
	ADDQ(Imm(32), to)
	SUBQ(Imm(16), left)
	JGE(LabelRef("loop"))
	Label("rest")
	ADDQ(Imm(16), left)
	JZ(LabelRef("next"))
	VPMOVDW(s.shiftRight(round(t.load(Mem{Base: from})), 16), t.m.reg, Mem{Base: to})
	Label("next")
	ADDQ(ldx, x)
	ADDQ(ldd, dst)
	DECQ(rows)
	JNZ(LabelRef("row"))
	Label("done")
	VZEROUPPER()
	RET()
}

// pairsBF16 emits the joining of pairs of rows to rows of words: 32 columns at
// a time go to one panel after another. panel, ldd and ldx are in bytes. The
// words after the last column of the last panel become 0, as does the second
// row of the last pair where rows is odd.
func pairsBF16(s simd) {
	TEXT(s.name("pairsBF16"), NOSPLIT, "func(dst *float32, panel, ldd int, x *float32, ldx, rows, n int)")
	Pragma("noescape")
	dst, panel, ldd, x, ldx := pointer("dst"), pointer("panel"), pointer("ldd"), pointer("x"), pointer("ldx")
	rows, n := pointer("rows"), pointer("n")
	round := s.toBF16()
	upper, ones := K(), GP32()
	MOVL(U32(0xaaaaaaaa), ones)
	KMOVD(ones, upper)
	join := func(a, b vector, m Mem) {
		// The rounded a goes to the lower halves of the words, b to the upper ones.
		y := s.shiftRight(round(a), 16)
		VPBLENDMW(round(b), y, upper, y)
		VMOVUPS(y, m)
	}
	x0, x1, to, left := GP64(), GP64(), GP64(), GP64()
	all, second := GP64(), GP64() // masks of 32 columns
	SUBQ(Imm(2), rows)
	JLT(LabelRef("last"))
	Label("pair")
	MOVQ(x, x0)
	LEAQ(Mem{Base: x, Index: ldx, Scale: 1}, x1)
	MOVQ(dst, to)
	MOVQ(n, left)
	SUBQ(Imm(32), left)
	JLT(LabelRef("rest"))
	Label("loop")
	for _, p := range []reg.GPVirtual{x0, x1} {
		// Rows are often a page apart, out of reach of the hardware's prefetch.
		for line := 0; line < 128; line += 64 {
			PREFETCHT0(Mem{Base: p, Index: ldx, Scale: 8, Disp: line})
		}
	}
	join(s.load(Mem{Base: x0}), s.load(Mem{Base: x1}), Mem{Base: to})
	join(s.load(Mem{Base: x0, Disp: 64}), s.load(Mem{Base: x1, Disp: 64}), Mem{Base: to, Disp: 64})
	for _, p := range []reg.GPVirtual{x0, x1} {
		ADDQ(U32(128), p)
	}
	ADDQ(panel, to)
	SUBQ(Imm(32), left)
	JGE(LabelRef("loop"))
	Label("rest")
	ADDQ(Imm(32), left)
	JZ(LabelRef("next"))
	MOVQ(I64(-1), second)
	masked := func() {
		// As many of 32 columns as are left, of which the second row may have none.
		MOVQ(U32(1), all)
		SHLXQ(left, all, all)
		DECQ(all)
		ANDQ(all, second)
		for half := range 2 {
			k, m := K(), K()
			KMOVW(all.As32(), k)
			KMOVW(second.As32(), m)
			a, b := s.vec(), s.vec()
			VMOVUPS_Z(Mem{Base: x0, Disp: 64 * half}, k, a)
			VMOVUPS_Z(Mem{Base: x1, Disp: 64 * half}, m, b)
			join(a, b, Mem{Base: to, Disp: 64 * half})
			SHRQ(Imm(16), all)
			SHRQ(Imm(16), second)
		}
	}
	masked()
	Label("next")
	LEAQ(Mem{Base: x, Index: ldx, Scale: 2}, x)
	ADDQ(ldd, dst)
	SUBQ(Imm(2), rows)
	JGE(LabelRef("pair"))

	Label("last")
	ADDQ(Imm(2), rows)
	JZ(LabelRef("done"))
	MOVQ(x, x0)
	MOVQ(x, x1)
	MOVQ(dst, to)
	Label("single")
	MOVQ(n, left)
	MOVQ(U32(32), second)
	CMPQ(left, second)
	CMOVQGT(second, left)
	XORQ(second, second)
	masked()
	ADDQ(U32(128), x0)
	ADDQ(U32(128), x1)
	ADDQ(panel, to)
	SUBQ(Imm(32), n)
	JGT(LabelRef("single"))
	Label("done")
	VZEROUPPER()
	RET()
}
