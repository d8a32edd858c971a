package vm

import (
	"go/token"

	"golang.org/x/tools/go/ssa"
)

type (
	integers interface {
		int | int8 | int16 | int32 | uint8 | uint16 | uint32 | uint64
	}
	floats    interface{ float32 | float64 }
	complexes interface{ complex64 | complex128 }
	reals     interface{ integers | floats }
	numbers   interface{ reals | complexes }
	ordered   interface{ reals | string }
)

// numberOperations are what the compiler does with numbers of a kind, in addition
// to kindOperations.
type numberOperations interface {
	binary(c *compiler, op token.Token, x, y ssa.Value, t *tree) any  // an expr of the kind, or of bool
	negate(c *compiler, v ssa.Value) any                              // -v
	complement(c *compiler, v ssa.Value) any                          // ^v, of integers
	convertTo(c *compiler, k kind, v ssa.Value) any                   // k(v), of reals
	extreme(c *compiler, isMax bool, args []ssa.Value) any            // min or max, of reals
	update(c *compiler, op token.Token, to address, v ssa.Value) step // *to = *to op v, of reals
}

var byNumber = [...]numberOperations{
	kindInt8:       ofInteger[int8]{},
	kindInt16:      ofInteger[int16]{},
	kindInt32:      ofInteger[int32]{},
	kindInt:        ofInteger[int]{},
	kindUint8:      ofInteger[uint8]{},
	kindUint16:     ofInteger[uint16]{},
	kindUint32:     ofInteger[uint32]{},
	kindUint:       ofInteger[uint64]{},
	kindFloat32:    ofFloat[float32]{},
	kindFloat64:    ofFloat[float64]{},
	kindComplex64:  ofComplex[complex64]{},
	kindComplex128: ofComplex[complex128]{},
}

type (
	ofInteger[T integers]  struct{}
	ofFloat[T floats]      struct{}
	ofComplex[T complexes] struct{}
)

func isComparison(op token.Token) bool {
	switch op {
	case token.LSS, token.LEQ, token.GTR, token.GEQ, token.EQL, token.NEQ:
		return true
	}
	return false
}

func (ofInteger[T]) binary(c *compiler, op token.Token, x, y ssa.Value, t *tree) any {
	if op == token.SHL || op == token.SHR {
		a := operandOf[T](c, x)
		return shift(op, a, c.shiftCount(y))
	}
	a, b := operandOf[T](c, x), operandOf[T](c, y)
	switch {
	case isComparison(op):
		t.compare = &comparison[T]{op, a, b}
		return compare(op, a, b)
	case op == token.ADD, op == token.SUB, op == token.MUL, op == token.QUO:
		if a, ok := any(a).(operand[int]); ok {
			t.affine = affineBinary(op, a, any(b).(operand[int]))
		}
		note(op, a, b, t)
		if t.affine != nil && t.binary == nil && !a.isProduct(true) && !a.isProduct(false) {
			return t.affine.expr()
		}
		return arithmetic(op, a, b)
	}
	return bits(op, a, b)
}

func (ofFloat[T]) binary(c *compiler, op token.Token, x, y ssa.Value, t *tree) any {
	a, b := operandOf[T](c, x), operandOf[T](c, y)
	if isComparison(op) {
		return compare(op, a, b)
	}
	note(op, a, b, t)
	return arithmetic(op, a, b)
}

func (ofComplex[T]) binary(c *compiler, op token.Token, x, y ssa.Value, t *tree) any {
	a, b := operandOf[T](c, x), operandOf[T](c, y)
	if isComparison(op) {
		return equal(op, a, b)
	}
	return arithmetic(op, a, b)
}

func (ofInteger[T]) negate(c *compiler, v ssa.Value) any { return negate(operandOf[T](c, v)) }
func (ofFloat[T]) negate(c *compiler, v ssa.Value) any   { return negate(operandOf[T](c, v)) }
func (ofComplex[T]) negate(c *compiler, v ssa.Value) any { return negate(operandOf[T](c, v)) }

func negate[T numbers](o operand[T]) expr[T] {
	x := exprOf(o)
	return func(t *thread, f frame) T { return -x(t, f) }
}

func (ofInteger[T]) complement(c *compiler, v ssa.Value) any {
	x := exprOf(operandOf[T](c, v))
	return expr[T](func(t *thread, f frame) T { return ^x(t, f) })
}
func (ofFloat[T]) complement(*compiler, ssa.Value) any   { panic("vm: complement of a float") }
func (ofComplex[T]) complement(*compiler, ssa.Value) any { panic("vm: complement of a complex") }

func arithmetic[T numbers](op token.Token, a, b operand[T]) expr[T] {
	if x, ok := fused(op, a, b).(expr[T]); ok && x != nil {
		return x
	}
	x, y := exprOf(a), exprOf(b)
	i, j, k := a.off, b.off, b.k
	both := a.class == inRegister && b.class == inRegister
	withConstant := a.class == inRegister && b.class == isConstant
	switch op {
	case token.ADD:
		switch {
		case both:
			return func(t *thread, f frame) T { return *at[T](f, i) + *at[T](f, j) }
		case withConstant:
			return func(t *thread, f frame) T { return *at[T](f, i) + k }
		case a.isProduct(true) && b.class == inRegister:
			// T(...) keeps the processor from fusing the two.
			m, n := a.binary.a, a.binary.b
			return func(t *thread, f frame) T { return T(*at[T](f, m)**at[T](f, n)) + *at[T](f, j) }
		case a.isProduct(false) && b.class == inRegister:
			m, l := a.binary.a, a.binary.k.(T)
			return func(t *thread, f frame) T { return T(*at[T](f, m)*l) + *at[T](f, j) }
		case b.class == inRegister:
			return func(t *thread, f frame) T { return x(t, f) + *at[T](f, j) }
		case a.class == inRegister:
			return func(t *thread, f frame) T { v := y(t, f); return *at[T](f, i) + v }
		}
		return func(t *thread, f frame) T { v := x(t, f); return v + y(t, f) }
	case token.SUB:
		switch {
		case both:
			return func(t *thread, f frame) T { return *at[T](f, i) - *at[T](f, j) }
		case withConstant:
			return func(t *thread, f frame) T { return *at[T](f, i) - k }
		case b.class == inRegister:
			return func(t *thread, f frame) T { return x(t, f) - *at[T](f, j) }
		}
		return func(t *thread, f frame) T { v := x(t, f); return v - y(t, f) }
	case token.MUL:
		switch {
		case both:
			return func(t *thread, f frame) T { return *at[T](f, i) * *at[T](f, j) }
		case withConstant:
			return func(t *thread, f frame) T { return *at[T](f, i) * k }
		case b.class == inRegister:
			return func(t *thread, f frame) T { return x(t, f) * *at[T](f, j) }
		case b.class == isConstant:
			return func(t *thread, f frame) T { return x(t, f) * k }
		case a.class == isConstant:
			l := a.k
			return func(t *thread, f frame) T { return l * y(t, f) }
		}
		return func(t *thread, f frame) T { v := x(t, f); return v * y(t, f) }
	case token.QUO:
		return func(t *thread, f frame) T { v := x(t, f); return v / y(t, f) }
	}
	panic("vm: arithmetic " + op.String())
}

func bits[T integers](op token.Token, a, b operand[T]) expr[T] {
	x, y := exprOf(a), exprOf(b)
	i, j, k := a.off, b.off, b.k
	both := a.class == inRegister && b.class == inRegister
	withConstant := a.class == inRegister && b.class == isConstant
	switch op {
	case token.REM:
		switch {
		case both:
			return func(t *thread, f frame) T { return *at[T](f, i) % *at[T](f, j) }
		case withConstant && k != 0:
			return func(t *thread, f frame) T { return *at[T](f, i) % k }
		}
		return func(t *thread, f frame) T { v := x(t, f); return v % y(t, f) }
	case token.AND:
		switch {
		case both:
			return func(t *thread, f frame) T { return *at[T](f, i) & *at[T](f, j) }
		case withConstant:
			return func(t *thread, f frame) T { return *at[T](f, i) & k }
		case b.class == isConstant:
			return func(t *thread, f frame) T { return x(t, f) & k }
		}
		return func(t *thread, f frame) T { v := x(t, f); return v & y(t, f) }
	case token.OR:
		return func(t *thread, f frame) T { v := x(t, f); return v | y(t, f) }
	case token.XOR:
		return func(t *thread, f frame) T { v := x(t, f); return v ^ y(t, f) }
	case token.AND_NOT:
		return func(t *thread, f frame) T { v := x(t, f); return v &^ y(t, f) }
	}
	panic("vm: integer operation " + op.String())
}

func shift[T integers](op token.Token, a operand[T], n expr[uint64]) expr[T] {
	x := exprOf(a)
	if op == token.SHL {
		return func(t *thread, f frame) T { v := x(t, f); return v << n(t, f) }
	}
	return func(t *thread, f frame) T { v := x(t, f); return v >> n(t, f) }
}

// A comparison keeps its operands, for a branch that compares by itself.
type comparison[T any] struct {
	op   token.Token
	a, b operand[T]
}

func (q *comparison[T]) onRegister() bool { return q.a.class == inRegister && q.b.class != isTree }

func compare[T ordered](op token.Token, a, b operand[T]) expr[bool] {
	x, y := exprOf(a), exprOf(b)
	i, j, k := a.off, b.off, b.k
	both := a.class == inRegister && b.class == inRegister
	withConstant := a.class == inRegister && b.class == isConstant
	switch op {
	case token.LSS:
		switch {
		case both:
			return func(t *thread, f frame) bool { return *at[T](f, i) < *at[T](f, j) }
		case withConstant:
			return func(t *thread, f frame) bool { return *at[T](f, i) < k }
		}
		return func(t *thread, f frame) bool { v := x(t, f); return v < y(t, f) }
	case token.LEQ:
		if both {
			return func(t *thread, f frame) bool { return *at[T](f, i) <= *at[T](f, j) }
		}
		return func(t *thread, f frame) bool { v := x(t, f); return v <= y(t, f) }
	case token.GTR:
		if withConstant {
			return func(t *thread, f frame) bool { return *at[T](f, i) > k }
		}
		return func(t *thread, f frame) bool { v := x(t, f); return v > y(t, f) }
	case token.GEQ:
		return func(t *thread, f frame) bool { v := x(t, f); return v >= y(t, f) }
	}
	return equal(op, a, b)
}

// equal is == or, for op NEQ, !=.
func equal[T comparable](op token.Token, a, b operand[T]) expr[bool] {
	x, y := exprOf(a), exprOf(b)
	i, k := a.off, b.k
	withConstant := a.class == inRegister && b.class == isConstant
	switch {
	case op == token.EQL && withConstant:
		return func(t *thread, f frame) bool { return *at[T](f, i) == k }
	case op == token.EQL:
		return func(t *thread, f frame) bool { v := x(t, f); return v == y(t, f) }
	case withConstant:
		return func(t *thread, f frame) bool { return *at[T](f, i) != k }
	}
	return func(t *thread, f frame) bool { v := x(t, f); return v != y(t, f) }
}

func (ofInteger[T]) extreme(c *compiler, isMax bool, args []ssa.Value) any {
	return extreme[T](c, isMax, args)
}
func (ofFloat[T]) extreme(c *compiler, isMax bool, args []ssa.Value) any {
	return extreme[T](c, isMax, args)
}
func (ofComplex[T]) extreme(*compiler, bool, []ssa.Value) any { panic("vm: extreme of complexes") }

// extreme is the builtin min or max.
func extreme[T ordered](c *compiler, isMax bool, args []ssa.Value) any {
	xs := make([]expr[T], len(args))
	for i, a := range args {
		xs[i] = exprOf(operandOf[T](c, a))
	}
	return expr[T](func(t *thread, f frame) T {
		r := xs[0](t, f)
		for _, x := range xs[1:] {
			if isMax {
				r = max(r, x(t, f))
			} else {
				r = min(r, x(t, f))
			}
		}
		return r
	})
}

// A binaryTree is an operation on a register and a register or constant, which an
// assignment can do in one closure.
type binaryTree struct {
	op        token.Token
	registers bool
	a, b      uintptr
	k         any // the constant, where not registers
}

// A sumTree is the sum of a register and a tree, which may be a product.
type sumTree[T fusible] struct {
	a uintptr
	b operand[T]
}

// note records in t what the operation is made of.
func note[T reals](op token.Token, a, b operand[T], t *tree) {
	if a.class == inRegister && b.class != isTree {
		t.binary = &binaryTree{op, b.class == inRegister, a.off, b.off, b.k}
	}
	switch {
	case op == token.MUL:
		t.product = &[2]operand[T]{a, b}
	case op == token.ADD && a.class == inRegister && b.class == isTree:
		switch b := any(b).(type) {
		case operand[int]:
			t.sum = &sumTree[int]{a.off, b}
		case operand[float64]:
			t.sum = &sumTree[float64]{a.off, b}
		case operand[float32]:
			t.sum = &sumTree[float32]{a.off, b}
		}
	}
}

// set makes the step that assigns the sum.
//
//go:noinline
func (s *sumTree[T]) set(dst uintptr) step {
	a := s.a
	if s.b.element != nil {
		return addElement[T](dst, a, s.b.element)
	}
	q := s.b.product
	if q == nil {
		x := s.b.x
		return func(t *thread, f frame) {
			v := x(t, f)
			*at[T](f, dst) = *at[T](f, a) + v
		}
	}
	if q[0].element != nil && q[1].element != nil {
		return addProduct[T](dst, a, q[0].element, q[1].element)
	}
	m, n := exprOf(q[0]), exprOf(q[1])
	return func(t *thread, f frame) {
		v := m(t, f)
		p := T(v * n(t, f))
		*at[T](f, dst) = *at[T](f, a) + p
	}
}

// set makes the step that assigns the value of b, nil where there is none.
func (b *binaryTree) set(dst uintptr, k kind) step {
	switch k {
	case kindInt:
		return setBinary[int](b, dst)
	case kindFloat64:
		return setBinary[float64](b, dst)
	case kindFloat32:
		return setBinary[float32](b, dst)
	}
	return nil
}

func setBinary[T int | float64 | float32](q *binaryTree, dst uintptr) step {
	a, b := q.a, q.b
	if q.registers {
		switch q.op {
		case token.ADD:
			return func(t *thread, f frame) { *at[T](f, dst) = *at[T](f, a) + *at[T](f, b) }
		case token.SUB:
			return func(t *thread, f frame) { *at[T](f, dst) = *at[T](f, a) - *at[T](f, b) }
		case token.MUL:
			return func(t *thread, f frame) { *at[T](f, dst) = *at[T](f, a) * *at[T](f, b) }
		}
		return nil
	}
	k := q.k.(T)
	switch q.op {
	case token.ADD:
		if a == dst {
			return func(t *thread, f frame) { *at[T](f, dst) += k }
		}
		return func(t *thread, f frame) { *at[T](f, dst) = *at[T](f, a) + k }
	case token.SUB:
		return func(t *thread, f frame) { *at[T](f, dst) = *at[T](f, a) - k }
	case token.MUL:
		return func(t *thread, f frame) { *at[T](f, dst) = *at[T](f, a) * k }
	}
	return nil
}
