package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// poolKernels emits pooling by 2×2 windows that do not overlap, over one pair
// of rows of a channels-last image. The number of channels must be a multiple
// of the vector.
func poolKernels(s simd) {
	maxPool(s)
	maxPoolGrad(s)
}

// maxPool emits y[j,c] = max of x0[2j,c], x0[2j+1,c], x1[2j,c], x1[2j+1,c] for
// j < pixels. NaN is greater than everything.
func maxPool(s simd) {
	TEXT(s.name("maxPool2x2"), NOSPLIT, "func(y, x0, x1 *float32, channels, pixels int)")
	Pragma("noescape")
	y, x0, x1, channels, pixels := pointer("y"), pointer("x0"), pointer("x1"), pointer("channels"), pointer("pixels")
	SHLQ(Imm(2), channels)
	at := GP64()
	Label("pixel")
	XORQ(at, at)
	Label("channel")
	left := s.greatest(s.load(element(x0, at)), s.load(element(x1, at)))
	next0, next1 := GP64(), GP64()
	LEAQ(Mem{Base: x0, Index: channels, Scale: 1}, next0)
	LEAQ(Mem{Base: x1, Index: channels, Scale: 1}, next1)
	right := s.greatest(s.load(element(next0, at)), s.load(element(next1, at)))
	VMOVUPS(s.greatest(left, right), element(y, at))
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
