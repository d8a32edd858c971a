package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// A transform is one of Winograd's matrices, as a function of the vectors that it is
// multiplied by. The points of those with an even number of rows but two are pairs of a
// number and its negative: what the even columns add is the same for both, and what the
// odd ones add is the opposite.
type transform[V, M any] struct {
	name     string
	rows, of int
	apply    func(s lanes[V, M], x []V) []V
}

// transforms lists them: for filters of 3×3, at the points 0, ±1, ±2 and infinity, and
// for those of 5×5, where there are ±½ besides.
func transforms[V, M any]() []transform[V, M] {
	type S = lanes[V, M]
	times := func(s S, c float64, x, y V) V { return s.fma(x, s.value(c), y) } // y + c·x
	pair := func(s S, even, odd V, c float64) (plus, minus V) {                // even ± c·odd
		if c == 1 {
			return s.add(even, odd), s.sub(even, odd)
		}
		return times(s, c, odd, even), times(s, -c, odd, even)
	}
	return []transform[V, M]{
		{"winogradSource3", 6, 6, func(s S, x []V) []V {
			y := make([]V, 6)
			// 4 − 5t² + t⁴, and t times that.
			y[0] = times(s, 4, x[0], times(s, -5, x[2], x[4]))
			y[5] = times(s, 4, x[1], times(s, -5, x[3], x[5]))
			y[1], y[2] = pair(s, times(s, -4, x[2], x[4]), times(s, -4, x[1], x[3]), 1)
			y[3], y[4] = pair(s, s.sub(x[4], x[2]), s.sub(x[3], x[1]), 2)
			return y
		}},
		{"winogradResults3", 4, 6, func(s S, x []V) []V {
			sum1, difference1 := pair(s, x[1], x[2], 1)
			sum2, difference2 := pair(s, x[3], x[4], 1)
			return []V{
				s.add(x[0], s.add(sum1, sum2)),
				times(s, 2, difference2, difference1),
				times(s, 4, sum2, sum1),
				s.add(x[5], times(s, 8, difference2, difference1)),
			}
		}},
		{"winogradGrads3", 6, 4, func(s S, x []V) []V {
			y := make([]V, 6)
			y[0], y[5] = x[0], x[3]
			y[1], y[2] = pair(s, s.add(x[0], x[2]), s.add(x[1], x[3]), 1)
			y[3], y[4] = pair(s, times(s, 4, x[2], x[0]), times(s, 4, x[3], x[1]), 2)
			return y
		}},
		{"winogradSource5", 8, 8, func(s S, x []V) []V {
			y := make([]V, 8)
			// −1 + 5.25t² − 5.25t⁴ + t⁶, and t times that.
			y[0] = times(s, 5.25, s.sub(x[2], x[4]), s.sub(x[6], x[0]))
			y[7] = times(s, 5.25, s.sub(x[3], x[5]), s.sub(x[7], x[1]))
			y[1], y[2] = pair(s, s.add(x[2], times(s, -4.25, x[4], x[6])), s.add(x[1], times(s, -4.25, x[3], x[5])), 1)
			y[3], y[4] = pair(s, times(s, 0.25, x[2], times(s, -1.25, x[4], x[6])), times(s, 0.25, x[1], times(s, -1.25, x[3], x[5])), 2)
			y[5], y[6] = pair(s, times(s, 4, x[2], times(s, -5, x[4], x[6])), times(s, 4, x[1], times(s, -5, x[3], x[5])), 0.5)
			return y
		}},
		{"winogradResults5", 4, 8, func(s S, x []V) []V {
			sum1, difference1 := pair(s, x[1], x[2], 1)
			sum2, difference2 := pair(s, x[3], x[4], 1)
			sum3, difference3 := pair(s, x[5], x[6], 1)
			return []V{
				s.add(s.add(x[0], sum1), s.add(sum2, sum3)),
				times(s, 0.5, difference3, times(s, 2, difference2, difference1)),
				times(s, 0.25, sum3, times(s, 4, sum2, sum1)),
				s.add(x[7], times(s, 0.125, difference3, times(s, 8, difference2, difference1))),
			}
		}},
		{"winogradGrads5", 8, 4, func(s S, x []V) []V {
			y := make([]V, 8)
			y[0], y[7] = x[0], x[3]
			y[1], y[2] = pair(s, s.add(x[0], x[2]), s.add(x[1], x[3]), 1)
			y[3], y[4] = pair(s, times(s, 4, x[2], x[0]), times(s, 4, x[3], x[1]), 2)
			y[5], y[6] = pair(s, times(s, 0.25, x[2], x[0]), times(s, 0.25, x[3], x[1]), 0.5)
			return y
		}},
	}
}

// winogradKernels emits them. Rows are addressed from two registers, 0 to 3 of them from
// each.
func winogradKernels(s simd) {
	f := folding{s}
	for _, t := range transforms[folded, mask]() {
		TEXT(s.name(t.name), NOSPLIT, "func(dst *float32, ldd int, x *float32, ldx, n, times, stepd, stepx int)")
		Pragma("noescape")
		dst, ldd, x, ldx := pointer("dst"), pointer("ldd"), pointer("x"), pointer("ldx")
		times := pointer("times")
		ldd3, ldx3 := GP64(), GP64()
		LEAQ(Mem{Base: ldd, Index: ldd, Scale: 2}, ldd3)
		LEAQ(Mem{Base: ldx, Index: ldx, Scale: 2}, ldx3)
		to, from := [2]gp{GP64(), GP64()}, [2]gp{GP64(), GP64()}
		n := GP64()
		row := func(base [2]gp, ld, ld3 gp, i int) Mem {
			m := Mem{Base: base[i/4]}
			switch i % 4 {
			case 1:
				m.Index, m.Scale = ld, 1
			case 2:
				m.Index, m.Scale = ld, 2
			case 3:
				m.Index, m.Scale = ld3, 1
			}
			return m
		}
		body := func(load func(Mem) vector, store func(vector, Mem)) {
			var v []folded
			for i := range t.of {
				v = append(v, folded{vector: load(row(from, ldx, ldx3, i))})
			}
			for i, y := range t.apply(f, v) {
				store(y.vector, row(to, ldd, ldd3, i))
			}
		}
		Label("time")
		MOVQ(dst, to[0])
		LEAQ(Mem{Base: dst, Index: ldd, Scale: 4}, to[1])
		MOVQ(x, from[0])
		LEAQ(Mem{Base: x, Index: ldx, Scale: 4}, from[1])
		Load(Param("n"), n)
		SUBQ(Imm(uint64(s.lanes())), n)
		JLT(LabelRef("tail"))
		Label("loop")
		body(s.load, func(x vector, m Mem) { VMOVUPS(x, m) })
		for _, p := range []gp{to[0], to[1], from[0], from[1]} {
			ADDQ(Imm(uint64(s.bytes())), p)
		}
		SUBQ(Imm(uint64(s.lanes())), n)
		JGE(LabelRef("loop"))
		Label("tail")
		ADDQ(Imm(uint64(s.lanes())), n)
		JZ(LabelRef("next"))
		rest := s.tail(n)
		body(rest.load, rest.store)
		Label("next")
		step := GP64()
		Load(Param("stepd"), step)
		ADDQ(step, dst)
		Load(Param("stepx"), step)
		ADDQ(step, x)
		DECQ(times)
		JNZ(LabelRef("time"))
		VZEROUPPER()
		RET()
	}
}
