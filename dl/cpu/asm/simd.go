package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// simd writes the instructions of one vector width: 8 float32 in AVX2 with
// FMA, or 16 in AVX-512 where wide. Its methods take vectors and give their
// result in a new one, so that a kernel reads like the formula it computes.
type simd struct{ wide bool }

type vector = reg.VecVirtual

func (s simd) name(kernel string) string {
	if s.wide {
		return kernel + "AVX512"
	}
	return kernel + "AVX2"
}

func (s simd) lanes() int {
	if s.wide {
		return 16
	}
	return 8
}

func (s simd) bytes() int { return 4 * s.lanes() }

// tileRows is the greatest number of rows of a matmul tile, whose two vectors
// a row fill the accumulator registers.
func (s simd) tileRows() int {
	if s.wide {
		return 14
	}
	return 6
}

func (s simd) vec() vector {
	if s.wide {
		return ZMM()
	}
	return YMM()
}

func (s simd) load(m Mem) vector {
	r := s.vec()
	VMOVUPS(m, r)
	return r
}

// constants holds the read-only words defined so far, by their bits.
var constants = map[uint32]Mem{}

func constant(bits uint32) Mem {
	m, ok := constants[bits]
	if !ok {
		m = ConstData(fmt.Sprintf("word%08x", bits), U32(bits))
		constants[bits] = m
	}
	return m
}

// bits returns a vector of the 32-bit pattern b.
func (s simd) bits(b uint32) vector { return s.broadcast(constant(b)) }

// value returns a vector of the number x.
func (s simd) value(x float64) vector { return s.bits(math.Float32bits(float32(x))) }

func (s simd) broadcast(m Mem) vector {
	r := s.vec()
	VBROADCASTSS(m, r)
	return r
}

func (s simd) zero() vector {
	r := s.vec()
	s.clear(r)
	return r
}

func (s simd) clear(r Op) {
	if s.wide {
		VPXORD(r, r, r)
	} else {
		VXORPS(r, r, r)
	}
}

func (s simd) copy(x vector) vector {
	r := s.vec()
	VMOVAPS(x, r)
	return r
}

func (s simd) add(a, b vector) vector { r := s.vec(); VADDPS(b, a, r); return r }
func (s simd) sub(a, b vector) vector { r := s.vec(); VSUBPS(b, a, r); return r }
func (s simd) mul(a, b vector) vector { r := s.vec(); VMULPS(b, a, r); return r }
func (s simd) div(a, b vector) vector { r := s.vec(); VDIVPS(b, a, r); return r }
func (s simd) sqrt(a vector) vector   { r := s.vec(); VSQRTPS(a, r); return r }

// max and min give b where either operand is NaN.
func (s simd) max(a, b vector) vector { r := s.vec(); VMAXPS(b, a, r); return r }
func (s simd) min(a, b vector) vector { r := s.vec(); VMINPS(b, a, r); return r }

// fma returns a·b + c, rounded once.
func (s simd) fma(a, b, c vector) vector {
	r := s.copy(c)
	VFMADD231PS(a, b, r)
	return r
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

// lessProduct returns c − a·b in the place of c.
func (s simd) lessProduct(c, a, b vector) vector {
	VFNMADD231PS(a, b, c)
	return c
}

func (s simd) and(a, b vector) vector {
	r := s.vec()
	if s.wide {
		VPANDD(b, a, r)
	} else {
		VANDPS(b, a, r)
	}
	return r
}

func (s simd) or(a, b vector) vector {
	r := s.vec()
	if s.wide {
		VPORD(b, a, r)
	} else {
		VORPS(b, a, r)
	}
	return r
}

func (s simd) xor(a, b vector) vector {
	r := s.vec()
	if s.wide {
		VPXORD(b, a, r)
	} else {
		VXORPS(b, a, r)
	}
	return r
}

const signBit, magnitudeBits = 0x80000000, 0x7fffffff

func (s simd) neg(a vector) vector { return s.xor(a, s.bits(signBit)) }
func (s simd) abs(a vector) vector { return s.and(a, s.bits(magnitudeBits)) }

// The directions of round.
const (
	nearest = 0
	down    = 1
	up      = 2
)

func (s simd) round(a vector, direction uint64) vector {
	r := s.vec()
	if s.wide {
		VRNDSCALEPS(Imm(direction), a, r)
	} else {
		VROUNDPS(Imm(direction), a, r)
	}
	return r
}

// A mask tells lanes apart: an opmask register in AVX-512, a vector of ones
// or zeros in AVX2.
type mask struct{ reg reg.Register }

// The predicates of compare, none of which traps.
const (
	equal       = 0x00
	lessThan    = 0x11
	lessOrEqual = 0x12
	unordered   = 0x03
	notEqual    = 0x04
	greaterThan = 0x1e

	equalOrUnordered = 0x08
	notLessOrEqual   = 0x16

	notGreaterOrEqual = 0x19
)

func (s simd) compare(a, b vector, predicate uint64) mask {
	if s.wide {
		k := K()
		VCMPPS(Imm(predicate), b, a, k)
		return mask{k}
	}
	r := s.vec()
	VCMPPS(Imm(predicate), b, a, r)
	return mask{r}
}

// equalInts compares integers.
func (s simd) equalInts(a, b vector) mask {
	if s.wide {
		k := K()
		VPCMPEQD(b, a, k)
		return mask{k}
	}
	r := s.vec()
	VPCMPEQD(b, a, r)
	return mask{r}
}

// choose returns yes where m, no elsewhere.
func (s simd) choose(m mask, yes, no vector) vector {
	r := s.vec()
	if s.wide {
		VBLENDMPS(yes, no, m.reg, r)
	} else {
		VBLENDVPS(m.reg, yes, no, r)
	}
	return r
}

// keep returns a where m, zero elsewhere.
func (s simd) keep(m mask, a vector) vector {
	r := s.vec()
	if s.wide {
		VMOVAPS_Z(a, m.reg, r)
	} else {
		VANDPS(m.reg, a, r)
	}
	return r
}

// greatest is the maximum, or NaN where there is one.
func (s simd) greatest(a, b vector) vector {
	return s.choose(s.compare(a, a, unordered), a, s.max(a, b))
}

func (s simd) shiftLeft(a vector, n uint64) vector { r := s.vec(); VPSLLD(Imm(n), a, r); return r }
func (s simd) shiftRight(a vector, n uint64) vector {
	r := s.vec()
	VPSRLD(Imm(n), a, r)
	return r
}
func (s simd) shiftSigned(a vector, n uint64) vector {
	r := s.vec()
	VPSRAD(Imm(n), a, r)
	return r
}
func (s simd) addInt(a, b vector) vector { r := s.vec(); VPADDD(b, a, r); return r }
func (s simd) toInt(a vector) vector     { r := s.vec(); VCVTPS2DQ(a, r); return r }
func (s simd) fromInt(a vector) vector   { r := s.vec(); VCVTDQ2PS(a, r); return r }

// total returns the sum of the lanes of a in the lowest lane.
func (s simd) total(a vector) reg.VecVirtual {
	return s.across(a, func(x, y Op, r Op) { VADDPS(y, x, r) })
}

// across folds the lanes of a into the lowest one.
func (s simd) across(a vector, f func(x, y, r Op)) reg.VecVirtual {
	y := a
	if s.wide {
		hi := YMM()
		VEXTRACTF64X4(Imm(1), a, hi)
		y = YMM()
		f(a.AsY(), hi, y)
	}
	hi, x := XMM(), XMM()
	VEXTRACTF128(Imm(1), y, hi)
	f(y.AsX(), hi, x)
	VMOVHLPS(x, x, hi)
	f(x, hi, x)
	VMOVSHDUP(x, hi)
	f(x, hi, x)
	return x
}

// The tail of an array: the lanes that are left when fewer than a vector of
// elements remain.
type tail struct {
	s simd
	m mask
}

// laneMasks is a table from which 8 words at 4·(8−n) have ones in n lanes.
var laneMasks Mem

func (s simd) tail(n reg.GPVirtual) tail {
	if s.wide {
		k, ones := K(), GP32()
		MOVL(U32(1), ones)
		SHLXL(n.As32(), ones, ones)
		DECL(ones)
		KMOVW(ones, k)
		return tail{s, mask{k}}
	}
	if laneMasks.Base == nil {
		laneMasks = GLOBL("laneMasks", 24) // RODATA|NOPTR
		for i := range 16 {
			DATA(4*i, U32(uint32(int32(i-8)>>31)))
		}
	}
	at, r := GP64(), s.vec()
	LEAQ(laneMasks.Offset(32), at)
	m := n.As64()
	NEGQ(m)
	VMOVUPS(Mem{Base: at, Index: m, Scale: 4}, r)
	NEGQ(m)
	return tail{s, mask{r}}
}

func (t tail) load(m Mem) vector {
	r := t.s.vec()
	if t.s.wide {
		VMOVUPS_Z(m, t.m.reg, r)
	} else {
		VMASKMOVPS(m, t.m.reg, r)
	}
	return r
}

func (t tail) store(x vector, m Mem) {
	if t.s.wide {
		VMOVUPS(x, t.m.reg, m)
	} else {
		VMASKMOVPS(x, t.m.reg, m)
	}
}

// vectors writes the loop over n elements: body is emitted once for whole
// vectors and once for what is left. at is the byte offset of the elements.
func (s simd) vectors(prefix string, n reg.GPVirtual, body func(at reg.GPVirtual, load func(Mem) vector, store func(vector, Mem))) {
	at := GP64()
	XORQ(at, at)
	SUBQ(Imm(uint64(s.lanes())), n)
	JLT(LabelRef(prefix + "tail"))
	Label(prefix + "loop")
	body(at, s.load, func(x vector, m Mem) { VMOVUPS(x, m) })
	ADDQ(Imm(uint64(s.bytes())), at)
	SUBQ(Imm(uint64(s.lanes())), n)
	JGE(LabelRef(prefix + "loop"))
	Label(prefix + "tail")
	ADDQ(Imm(uint64(s.lanes())), n)
	JZ(LabelRef(prefix + "done"))
	t := s.tail(n)
	body(at, t.load, t.store)
	Label(prefix + "done")
}

func element(base reg.GPVirtual, at reg.GPVirtual) Mem {
	return Mem{Base: base, Index: at, Scale: 1}
}

func pointer(name string) reg.GPVirtual { return Load(Param(name), GP64()).(reg.GPVirtual) }
