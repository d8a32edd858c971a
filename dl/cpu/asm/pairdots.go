package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// pairDotsRows is the greatest number of rows of a tile of pairDots.
const pairDotsRows = 8

// pairDots emits the tile of products of bfloat16: that of gemm, where the k are
// pairs of numbers, in words, A·B is the sum of the products of the two, and C has
// cols columns, up to 32.
func pairDots(s simd, rows int) {
	free := []reg.VecPhysical{
		reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7, reg.Z8, reg.Z9,
		reg.Z10, reg.Z11, reg.Z12, reg.Z13, reg.Z14, reg.Z15, reg.Z16, reg.Z17, reg.Z18,
	}
	tile{
		s: s, name: "pairDots", rows: rows, masked: true,
		vec: func() Op {
			r := free[0]
			free = free[1:]
			return r
		},
		multiply: func(a, b, c Op) {
			vdpbf16ps(a.(reg.Physical).PhysicalIndex(), b.(reg.Physical).PhysicalIndex(), c.(reg.Physical).PhysicalIndex())
		},
	}.emit()
}

// vdpbf16ps adds the sums of the products of pairs of a and b to c, the numbers of
// 512-bit registers. Neither avo nor Go's assembler knows the instruction, which
// is EVEX.512.F3.0F38.W0 52 /r.
func vdpbf16ps(a, b, c reg.Index) {
	inverted := func(r reg.Index, bit int) uint32 { return ^uint32(r) >> bit & 1 }
	prefix := 0x62 |
		(inverted(c, 3)<<7|inverted(a, 4)<<6|inverted(a, 3)<<5|inverted(c, 4)<<4|2)<<8 |
		(^uint32(b)&15<<3|4|2)<<16 |
		(2<<5|inverted(b, 4)<<3)<<24
	data := func(opcode string, x Op) { Instruction(&ir.Instruction{Opcode: opcode, Operands: []Op{x}}) }
	data("LONG", U32(prefix))
	data("WORD", U16(0x52|(0xc0|c&7<<3|a&7)<<8))
}
