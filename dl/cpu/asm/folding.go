package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// folding computes the functions of lanes with simd's vectors, and with constants
// that stay in memory as far as instructions take an operand from there: how fast a
// function is depends on how many instructions it has.
type folding struct{ s simd }

// A folded is a vector, or, where that is nil, a constant by its bits.
type folded struct {
	vector vector
	word   uint32
}

// repeats holds the constants of 8 equal words defined so far, by their bits.
var repeats = map[uint32]Mem{}

// eight returns where a word is repeated for all lanes of AVX2. (Those of AVX-512
// repeat a single word by themselves.)
func eight(word uint32) Mem {
	m, ok := repeats[word]
	if !ok {
		m = GLOBL(fmt.Sprintf("eight%08x", word), 24) // RODATA|NOPTR
		for i := range 8 {
			DATA(4*i, U32(word))
		}
		repeats[word] = m
	}
	return m
}

// An instruction has an operand that may be in memory, its first, or its second after
// a constant of its own. repeat is the one that takes a single word from there.
type instruction struct{ whole, repeat func(...Op) }

// emit emits i on x and the others.
func (f folding) emit(i instruction, x folded, others ...Op) {
	switch {
	case x.vector != nil:
		i.whole(append([]Op{x.vector}, others...)...)
	case f.s.wide:
		i.repeat(append([]Op{constant(x.word)}, others...)...)
	default:
		i.whole(append([]Op{eight(x.word)}, others...)...)
	}
}

// in returns x in a register.
func (f folding) in(x folded) vector {
	switch {
	case x.vector != nil:
		return x.vector
	case x.word == 0:
		return f.s.zero()
	}
	return f.s.bits(x.word)
}

// two emits i on a and b.
func (f folding) two(i instruction, a, b folded) folded {
	x, r := f.in(a), f.s.vec()
	f.emit(i, b, x, r)
	return folded{vector: r}
}

// either emits i, in which a and b may change places.
func (f folding) either(i instruction, a, b folded) folded {
	if a.vector == nil {
		a, b = b, a
	}
	return f.two(i, a, b)
}

func (f folding) value(x float64) folded { return folded{word: math.Float32bits(float32(x))} }
func (f folding) bits(b uint32) folded   { return folded{word: b} }
func (f folding) zero() folded           { return folded{} }

func (f folding) add(a, b folded) folded { return f.either(instruction{VADDPS, VADDPS_BCST}, a, b) }
func (f folding) mul(a, b folded) folded { return f.either(instruction{VMULPS, VMULPS_BCST}, a, b) }
func (f folding) sub(a, b folded) folded { return f.two(instruction{VSUBPS, VSUBPS_BCST}, a, b) }
func (f folding) div(a, b folded) folded { return f.two(instruction{VDIVPS, VDIVPS_BCST}, a, b) }
func (f folding) max(a, b folded) folded { return f.two(instruction{VMAXPS, VMAXPS_BCST}, a, b) }
func (f folding) min(a, b folded) folded { return f.two(instruction{VMINPS, VMINPS_BCST}, a, b) }

func (f folding) fma(a, b, c folded) folded {
	if a.vector == nil {
		a, b = b, a
	}
	if b.vector != nil && c.vector == nil {
		r := f.s.copy(f.in(a))
		f.emit(instruction{VFMADD213PS, VFMADD213PS_BCST}, c, b.vector, r)
		return folded{vector: r}
	}
	r := f.s.copy(f.in(c))
	f.emit(instruction{VFMADD231PS, VFMADD231PS_BCST}, b, f.in(a), r)
	return folded{vector: r}
}

func (f folding) lessProduct(c, a, b folded) folded {
	return folded{vector: f.s.lessProduct(f.in(c), f.in(a), f.in(b))}
}

func (f folding) horner(x folded, c ...float64) folded {
	p := f.in(f.value(c[len(c)-1]))
	for i := len(c) - 2; i >= 0; i-- {
		f.emit(instruction{VFMADD213PS, VFMADD213PS_BCST}, f.value(c[i]), f.in(x), p)
	}
	return folded{vector: p}
}

func (f folding) inverse(x folded) folded { return folded{vector: f.s.inverse(f.in(x))} }
func (f folding) round(a folded, direction uint64) folded {
	return folded{vector: f.s.round(f.in(a), direction)}
}

// bitwise returns the instruction of AVX2, or those of AVX-512.
func (f folding) bitwise(avx2, avx512, repeat func(...Op)) instruction {
	if f.s.wide {
		return instruction{avx512, repeat}
	}
	return instruction{avx2, nil}
}

func (f folding) and(a, b folded) folded {
	return f.either(f.bitwise(VANDPS, VPANDD, VPANDD_BCST), a, b)
}
func (f folding) or(a, b folded) folded { return f.either(f.bitwise(VORPS, VPORD, VPORD_BCST), a, b) }
func (f folding) neg(a folded) folded {
	return f.two(f.bitwise(VXORPS, VPXORD, VPXORD_BCST), a, f.bits(signBit))
}
func (f folding) abs(a folded) folded { return f.and(a, f.bits(magnitudeBits)) }

func (f folding) compare(a, b folded, predicate uint64) mask {
	with := func(i func(...Op)) func(...Op) {
		return func(operands ...Op) { i(append([]Op{Imm(predicate)}, operands...)...) }
	}
	x := f.in(a)
	var r mask
	if f.s.wide {
		r.reg = K()
	} else {
		r.reg = f.s.vec()
	}
	f.emit(instruction{with(VCMPPS), with(VCMPPS_BCST)}, b, x, r.reg)
	return r
}

func (f folding) choose(m mask, yes, no folded) folded {
	r, other := f.s.vec(), f.in(no)
	if f.s.wide {
		f.emit(instruction{VBLENDMPS, VBLENDMPS_BCST}, yes, other, m.reg, r)
	} else {
		f.emit(instruction{whole: func(o ...Op) { VBLENDVPS(m.reg, o[0], other, r) }}, yes)
	}
	return folded{vector: r}
}

func (f folding) keep(m mask, a folded) folded { return folded{vector: f.s.keep(m, f.in(a))} }

func (f folding) toInt(a folded) folded   { return folded{vector: f.s.toInt(f.in(a))} }
func (f folding) fromInt(a folded) folded { return folded{vector: f.s.fromInt(f.in(a))} }

func (f folding) addInt(a, b folded) folded {
	return f.either(instruction{VPADDD, VPADDD_BCST}, a, b)
}
func (f folding) subInt(a, b folded) folded { return f.two(instruction{VPSUBD, VPSUBD_BCST}, a, b) }

func (f folding) shiftLeft(a folded, n uint64) folded {
	return folded{vector: f.s.shiftLeft(f.in(a), n)}
}
func (f folding) shiftRight(a folded, n uint64) folded {
	return folded{vector: f.s.shiftRight(f.in(a), n)}
}
func (f folding) shiftSigned(a folded, n uint64) folded {
	return folded{vector: f.s.shiftSigned(f.in(a), n)}
}

func (f folding) scale(y, n folded) folded {
	if !f.s.wide {
		return timesPower2(f, y, n)
	}
	r := f.in(y)
	VSCALEFPS(f.in(n), r, r)
	return folded{vector: r}
}

func (f folding) scaleNormal(y, n folded) folded {
	if !f.s.wide {
		return f.mul(y, power2(f, f.toInt(n)))
	}
	return f.scale(y, n)
}
