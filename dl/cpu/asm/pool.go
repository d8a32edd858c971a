package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// poolKernels emits pooling by 2×2 windows that do not overlap, over one pair
// of rows of a channels-last image. The number of channels must be a multiple
// of the vector.
func poolKernels(s simd) {
	maxPool(s, false)
	maxPool(s, true)
	maxPoolGrad(s)
	maxPoolWhichGrad(s)
}

// maxPool emits y[j,c] = max of x0[2j,c], x0[2j+1,c], x1[2j,c], x1[2j+1,c], each
// with bias[c] added, for j < pixels. NaN is greater than everything. Where
// which is set, the kernel notes which of the four it was, from 0 to 3: the
// first that equals the maximum, or 0 where that is a NaN.
func maxPool(s simd, which bool) {
	name, first := "maxPool2x2", "y"
	if which {
		name, first = "maxPool2x2Which", "y *float32, which *uint8"
	}
	TEXT(s.name(name), NOSPLIT, "func("+first+", x0, x1, bias *float32, channels, pixels int)")
	Pragma("noescape")
	y, x0, x1, bias := pointer("y"), pointer("x0"), pointer("x1"), pointer("bias")
	channels, pixels := pointer("channels"), pointer("pixels")
	SHLQ(Imm(2), channels)
	var note gp
	var numbers [4]vector
	if which {
		note, numbers = pointer("which"), s.places()
	}
	at, next := GP64(), GP64()
	Label("pixel")
	XORQ(at, at)
	Label("channel")
	LEAQ(Mem{Base: at, Index: channels, Scale: 1}, next)
	b := s.load(element(bias, at))
	var x [4]vector
	for i, m := range []mem{element(x0, at), element(x0, next), element(x1, at), element(x1, next)} {
		x[i] = s.vec()
		VADDPS(m, b, x[i])
	}
	top := s.greatest(s.greatest(x[0], x[1]), s.greatest(x[2], x[3]))
	VMOVUPS(top, element(y, at))
	if which {
		found := numbers[3]
		for i := 2; i >= 0; i-- {
			found = s.choose(s.compare(x[i], top, equalOrUnordered), numbers[i], found)
		}
		s.storeBytes(found, Mem{Base: note})
		ADDQ(Imm(uint64(s.lanes())), note)
	}
	ADDQ(Imm(uint64(s.bytes())), at)
	CMPQ(at, channels)
	JLT(LabelRef("channel"))
	ADDQ(channels, y)
	LEAQ(Mem{Base: x0, Index: channels, Scale: 2}, x0)
	LEAQ(Mem{Base: x1, Index: channels, Scale: 2}, x1)
	DECQ(pixels)
	JNZ(LabelRef("pixel"))
	VZEROUPPER()
	RET()
}

// places returns vectors of the integers 0 to 3.
func (s simd) places() [4]vector {
	return [4]vector{s.zero(), s.bits(1), s.bits(2), s.bits(3)}
}

// storeBytes stores small integers as bytes.
func (s simd) storeBytes(v vector, m mem) {
	if s.wide {
		VPMOVDB(v, m)
		return
	}
	high, x := XMM(), XMM()
	VEXTRACTI128(Imm(1), v, high)
	VPACKSSDW(high, v.AsX(), x)
	VPACKUSWB(x, x, x)
	VMOVQ(x, m)
}

// maxPoolGrad emits the gradient of maxPool: dy[j,c] goes to the first of the
// four places, row by row, that holds the maximum, and 0 to the others. Where
// there is a NaN, the first place counts as the maximum.
func maxPoolGrad(s simd) {
	TEXT(s.name("maxPool2x2Grad"), NOSPLIT, "func(dx0, dx1, x0, x1, dy *float32, channels, pixels int)")
	Pragma("noescape")
	dx0, dx1, x0, x1, dy := pointer("dx0"), pointer("dx1"), pointer("x0"), pointer("x1"), pointer("dy")
	channels, pixels := pointer("channels"), pointer("pixels")
	SHLQ(Imm(2), channels)
	at, next := GP64(), GP64()
	Label("pixel")
	XORQ(at, at)
	Label("channel")
	LEAQ(Mem{Base: at, Index: channels, Scale: 1}, next)
	places := []struct{ x, dx mem }{
		{element(x0, at), element(dx0, at)}, {element(x0, next), element(dx0, next)},
		{element(x1, at), element(dx1, at)}, {element(x1, next), element(dx1, next)},
	}
	var x [4]vector
	for i, p := range places {
		x[i] = s.load(p.x)
	}
	top := s.greatest(s.greatest(x[0], x[1]), s.greatest(x[2], x[3]))
	left := s.load(element(dy, at))
	for i, p := range places {
		if i == 3 {
			VMOVUPS(left, p.dx)
			break
		}
		part := s.keep(s.compare(x[i], top, equalOrUnordered), left)
		VMOVUPS(part, p.dx)
		left = s.xor(left, part) // 0 once it has been given
	}
	ADDQ(Imm(uint64(s.bytes())), at)
	CMPQ(at, channels)
	JLT(LabelRef("channel"))
	ADDQ(channels, dy)
	for _, p := range []gp{x0, x1, dx0, dx1} {
		LEAQ(Mem{Base: p, Index: channels, Scale: 2}, p)
	}
	DECQ(pixels)
	JNZ(LabelRef("pixel"))
	VZEROUPPER()
	RET()
}

// maxPoolWhichGrad emits the gradient of maxPool where it is known which of the
// four places held the maximum: dy[j,c] goes there, and 0 to the others.
func maxPoolWhichGrad(s simd) {
	TEXT(s.name("maxPool2x2WhichGrad"), NOSPLIT, "func(dx0, dx1 *float32, which *uint8, dy *float32, channels, pixels int)")
	Pragma("noescape")
	dx0, dx1, which, dy := pointer("dx0"), pointer("dx1"), pointer("which"), pointer("dy")
	channels, pixels := pointer("channels"), pointer("pixels")
	SHLQ(Imm(2), channels)
	numbers := s.places()
	at, next := GP64(), GP64()
	Label("pixel")
	XORQ(at, at)
	Label("channel")
	LEAQ(Mem{Base: at, Index: channels, Scale: 1}, next)
	found, g := s.vec(), s.load(element(dy, at))
	VPMOVZXBD(Mem{Base: which}, found)
	ADDQ(Imm(uint64(s.lanes())), which)
	for i, m := range []mem{element(dx0, at), element(dx0, next), element(dx1, at), element(dx1, next)} {
		VMOVUPS(s.keep(s.equalInts(found, numbers[i]), g), m)
	}
	ADDQ(Imm(uint64(s.bytes())), at)
	CMPQ(at, channels)
	JLT(LabelRef("channel"))
	ADDQ(channels, dy)
	LEAQ(Mem{Base: dx0, Index: channels, Scale: 2}, dx0)
	LEAQ(Mem{Base: dx1, Index: channels, Scale: 2}, dx1)
	DECQ(pixels)
	JNZ(LabelRef("pixel"))
	VZEROUPPER()
	RET()
}
