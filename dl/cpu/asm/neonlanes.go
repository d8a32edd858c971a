package main

import (
	"fmt"
	"math"
	"slices"
)

// neonLanes record the instructions of a function of vectors, of which there are as
// many as it needs; write then gives them registers.
type neonLanes struct {
	a      *assembly
	code   []neonInstruction
	number int // of vectors, of which the first ones are
	inputs int // in the registers 0, 1, … when the code begins
}

// begin begins a new piece of code with n inputs.
func (s *neonLanes) begin(n int) (inputs []neonVector) {
	s.code, s.number, s.inputs = nil, 0, 0
	for range n {
		inputs = append(inputs, s.given())
	}
	return inputs
}

// given returns one more input. Code must not have been recorded yet.
func (s *neonLanes) given() neonVector {
	s.number++
	s.inputs++
	return neonVector(s.number)
}

// A neonVector is one of them, by its number. Masks are vectors of ones or zeros.
type neonVector int

type neonInstruction struct {
	result   neonVector
	operands []neonVector
	into     bool // the result takes the place of the first operand
	write    func(d int, x []int)
}

var _ lanes[neonVector, neonVector] = &neonLanes{}

func (s *neonLanes) emit(write func(d int, x []int), operands ...neonVector) neonVector {
	s.number++
	s.code = append(s.code, neonInstruction{neonVector(s.number), operands, false, write})
	return neonVector(s.number)
}

// change emits an instruction whose result takes the place of its first operand.
func (s *neonLanes) change(write func(d int, x []int), operands ...neonVector) neonVector {
	r := s.emit(write, operands...)
	s.code[len(s.code)-1].into = true
	return r
}

func (s *neonLanes) one(code uint32, x neonVector) neonVector {
	return s.emit(func(d int, v []int) { s.a.one(code, d, v[0]) }, x)
}

func (s *neonLanes) two(code uint32, x, y neonVector) neonVector {
	return s.emit(func(d int, v []int) { s.a.two(code, d, v[0], v[1]) }, x, y)
}

// shift encodes a shift of words by n bits.
func (s *neonLanes) shift(code uint32, x neonVector, immediate uint64) neonVector {
	return s.emit(func(d int, v []int) {
		s.a.op("WORD $%#08x // %s V%d, V%d, %d", code|uint32(immediate<<16)|uint32(v[0]<<5|d), neonNames[code], d, v[0], immediate)
	}, x)
}

func (s *neonLanes) bits(b uint32) neonVector {
	offset := s.a.constant(b)
	return s.emit(func(d int, _ []int) { s.a.op("FMOVQ %d(R15), F%d", offset, d) })
}

func (s *neonLanes) value(x float64) neonVector { return s.bits(math.Float32bits(float32(x))) }
func (s *neonLanes) zero() neonVector {
	return s.emit(func(d int, _ []int) { s.a.zero(d) })
}

func (s *neonLanes) add(a, b neonVector) neonVector { return s.two(fadd, a, b) }
func (s *neonLanes) sub(a, b neonVector) neonVector { return s.two(fsub, a, b) }
func (s *neonLanes) mul(a, b neonVector) neonVector { return s.two(fmul, a, b) }
func (s *neonLanes) div(a, b neonVector) neonVector { return s.two(fdiv, a, b) }
func (s *neonLanes) max(a, b neonVector) neonVector { return s.two(fmax, a, b) }
func (s *neonLanes) min(a, b neonVector) neonVector { return s.two(fmin, a, b) }
func (s *neonLanes) and(a, b neonVector) neonVector { return s.two(and, a, b) }
func (s *neonLanes) or(a, b neonVector) neonVector  { return s.two(orr, a, b) }
func (s *neonLanes) neg(a neonVector) neonVector    { return s.one(fneg, a) }
func (s *neonLanes) abs(a neonVector) neonVector    { return s.one(fabs, a) }

func (s *neonLanes) fma(a, b, c neonVector) neonVector {
	return s.change(func(d int, v []int) { s.a.two(fmla, d, v[1], v[2]) }, c, a, b)
}

func (s *neonLanes) lessProduct(c, a, b neonVector) neonVector {
	return s.change(func(d int, v []int) { s.a.two(fmls, d, v[1], v[2]) }, c, a, b)
}

func (s *neonLanes) horner(x neonVector, c ...float64) neonVector {
	p := s.value(c[len(c)-1])
	for i := len(c) - 2; i >= 0; i-- {
		p = s.fma(p, x, s.value(c[i]))
	}
	return p
}

func (s *neonLanes) inverse(x neonVector) neonVector { return s.div(s.value(1), x) }

func (s *neonLanes) round(a neonVector, direction uint64) neonVector {
	return s.one(map[uint64]uint32{nearest: frintn, down: frintm, up: frintp}[direction], a)
}

func (s *neonLanes) compare(a, b neonVector, predicate uint64) neonVector {
	switch predicate {
	case equal:
		return s.two(fcmeq, a, b)
	case lessThan:
		return s.two(fcmgt, b, a)
	case lessOrEqual:
		return s.two(fcmge, b, a)
	case greaterThan:
		return s.two(fcmgt, a, b)
	case unordered:
		return s.one(not, s.and(s.two(fcmeq, a, a), s.two(fcmeq, b, b)))
	case notEqual:
		return s.one(not, s.two(fcmeq, a, b))
	case notLessOrEqual:
		return s.one(not, s.two(fcmge, b, a))
	case equalOrUnordered:
		return s.one(not, s.or(s.two(fcmgt, a, b), s.two(fcmgt, b, a)))
	case notGreaterOrEqual:
		return s.one(not, s.two(fcmge, a, b))
	}
	panic(fmt.Sprintf("no predicate %#x", predicate))
}

func (s *neonLanes) choose(m, yes, no neonVector) neonVector {
	return s.change(func(d int, v []int) { s.a.two(bsl, d, v[1], v[2]) }, m, yes, no)
}

func (s *neonLanes) keep(m, a neonVector) neonVector { return s.and(m, a) }

func (s *neonLanes) toInt(a neonVector) neonVector     { return s.one(fcvtns, a) }
func (s *neonLanes) fromInt(a neonVector) neonVector   { return s.one(scvtf, a) }
func (s *neonLanes) addInt(a, b neonVector) neonVector { return s.two(addWords, a, b) }
func (s *neonLanes) subInt(a, b neonVector) neonVector { return s.two(subWords, a, b) }
func (s *neonLanes) shiftLeft(a neonVector, n uint64) neonVector {
	return s.shift(shl, a, 32+n)
}
func (s *neonLanes) shiftRight(a neonVector, n uint64) neonVector {
	return s.shift(ushr, a, 64-n)
}
func (s *neonLanes) shiftSigned(a neonVector, n uint64) neonVector {
	return s.shift(sshr, a, 64-n)
}

func (s *neonLanes) scale(y, n neonVector) neonVector { return timesPower2(s, y, n) }
func (s *neonLanes) scaleNormal(y, n neonVector) neonVector {
	return s.mul(y, power2(s, s.toInt(n)))
}

// write gives the vectors registers and writes the instructions. It returns the
// registers of the results.
func (s *neonLanes) write(results ...neonVector) []int {
	last := map[neonVector]int{}
	for _, v := range results {
		last[v] = len(s.code)
	}
	for i, c := range s.code {
		for _, v := range c.operands {
			last[v] = max(last[v], i)
		}
	}
	registers := map[neonVector]int{}
	for i := range s.inputs {
		registers[neonVector(i+1)] = i
	}
	var free []int
	for r := s.inputs; r < 32; r++ {
		free = append(free, r)
	}
	for i, c := range s.code {
		var from []int
		for _, v := range c.operands {
			from = append(from, registers[v])
		}
		ends := func(v neonVector) bool { return last[v] == i }
		var to int
		if c.into && ends(c.operands[0]) && !slices.Contains(c.operands[1:], c.operands[0]) {
			to = from[0]
			registers[c.result] = to
			delete(registers, c.operands[0])
		} else {
			to, free = free[0], free[1:]
			registers[c.result] = to
			if c.into {
				s.a.op("VORR V%d.B16, V%d.B16, V%d.B16", from[0], from[0], to)
			}
		}
		c.write(to, from)
		for _, v := range c.operands {
			if r, ok := registers[v]; ok && ends(v) {
				free = append([]int{r}, free...)
				delete(registers, v)
			}
		}
	}
	var places []int
	for _, v := range results {
		places = append(places, registers[v])
	}
	return places
}

// functions writes the kernels of the functions of one number, four at a time.
func (a *assembly) functions() {
	s := &neonLanes{a: a}
	functions(s, func(name string, f func(neonVector) neonVector) {
		result := f(s.begin(1)[0])
		a.kernel(name, "", "dst *float32", "x *float32", "n int")
		a.loads("dst", "R0", "x", "R1", "n", "R2")
		a.op("MOVD $neonConstants<>(SB), R15")
		four, one, done := a.label("four"), a.label("one"), a.label("done")
		a.op("%s:", four)
		a.op("CMP $4, R2")
		a.op("BLT %s", one)
		a.op("FMOVQ.P 16(R1), F0")
		a.op("FMOVQ.P F%d, 16(R0)", s.write(result)[0])
		a.op("SUB $4, R2")
		a.op("B %s", four)
		a.op("%s:", one)
		a.op("CBZ R2, %s", done)
		a.op("FMOVS.P 4(R1), F0")
		a.op("FMOVS.P F%d, 4(R0)", s.write(result)[0])
		a.op("SUB $1, R2")
		a.op("B %s", one)
		a.op("%s:", done)
		a.op("RET")
	})
}
