package vm

import "go/token"

// An element is one of a slice in the frame, read or written as a whole. Closures
// that work on elements check their bounds and evaluate their operands in Go's
// order, as those do that they are made in place of.
type element struct {
	slice uintptr
	index affine
	plain bool // the index is the register index.a
}

// elementOf is the element of size bytes that a is, nil where it is none.
func elementOf(a address, size uintptr) *element {
	if a.class != isElement || a.elemSize != size || a.off != 0 || a.slice.class != inRegister {
		return nil
	}
	x := affineOf(a.index)
	if x == nil {
		return nil
	}
	return &element{a.slice.off, *x, x.isRegister() && x.d == 0}
}

// plainElement is the address of an element whose index is a register, and
// affineElement that of any.
func plainElement[T any](f frame, slice, index uintptr) *T {
	return &(*at[[]T](f, slice))[*at[int](f, index)]
}

func affineElement[T any](f frame, e *element) *T {
	return &(*at[[]T](f, e.slice))[e.index.value(f)]
}

// loadExpr is the closure that reads e.
//
//go:noinline
func loadExpr[T any](e *element) expr[T] {
	if e.plain {
		s, i := e.slice, e.index.a
		return func(t *thread, f frame) T { return (*at[[]T](f, s))[*at[int](f, i)] }
	}
	v := *e
	return func(t *thread, f frame) T { return *affineElement[T](f, &v) }
}

// A fusible type is one for which closures of several operations are compiled.
type fusible interface{ int | float32 | float64 }

// fused is arithmetic for elements, nil for other operands.
func fused[T numbers](op token.Token, a, b operand[T]) any {
	switch a := any(a).(type) {
	case operand[int]:
		return fuse(op, a, any(b).(operand[int]))
	case operand[float32]:
		return fuse(op, a, any(b).(operand[float32]))
	case operand[float64]:
		return fuse(op, a, any(b).(operand[float64]))
	}
	return nil
}

func fuse[T fusible](op token.Token, a, b operand[T]) any {
	switch {
	case a.field != nil && b.field != nil:
		return any(fuseFields[T](op, *a.field, *b.field))
	case a.field != nil && b.class == inRegister:
		return any(fuseField[T](op, *a.field, b.off))
	case a.element != nil && b.element != nil:
		return any(fuseElements[T](op, a.element, b.element))
	case op == token.MUL && b.element != nil && b.element.plain:
		return scaledElement(a, b.element)
	case op == token.MUL && a.element != nil && a.element.plain:
		return scaledElement(b, a.element)
	}
	return nil
}

//go:noinline
func fuseElements[T fusible](op token.Token, a, b *element) any {
	v, w := *a, *b
	s, i, r, j := a.slice, a.index.a, b.slice, b.index.a
	plain := a.plain && b.plain
	switch {
	case op == token.MUL && plain:
		return expr[T](func(t *thread, f frame) T { return *plainElement[T](f, s, i) * *plainElement[T](f, r, j) })
	case op == token.MUL:
		return expr[T](func(t *thread, f frame) T { return *affineElement[T](f, &v) * *affineElement[T](f, &w) })
	case op == token.ADD && plain:
		return expr[T](func(t *thread, f frame) T { return *plainElement[T](f, s, i) + *plainElement[T](f, r, j) })
	case op == token.ADD:
		return expr[T](func(t *thread, f frame) T { return *affineElement[T](f, &v) + *affineElement[T](f, &w) })
	case op == token.SUB && plain:
		return expr[T](func(t *thread, f frame) T { return *plainElement[T](f, s, i) - *plainElement[T](f, r, j) })
	case op == token.SUB:
		return expr[T](func(t *thread, f frame) T { return *affineElement[T](f, &v) - *affineElement[T](f, &w) })
	}
	return nil
}

// scaledElement is a plain element times a register or constant.
//
//go:noinline
func scaledElement[T fusible](o operand[T], e *element) any {
	s, i := e.slice, e.index.a
	switch o.class {
	case isConstant:
		k := o.k
		return expr[T](func(t *thread, f frame) T { return k * *plainElement[T](f, s, i) })
	case inRegister:
		r := o.off
		return expr[T](func(t *thread, f frame) T { return *at[T](f, r) * *plainElement[T](f, s, i) })
	}
	return nil
}

// addElement makes the step dst = R[a] + e.
//
//go:noinline
func addElement[T fusible](dst, a uintptr, e *element) step {
	if e.plain {
		s, i := e.slice, e.index.a
		return func(t *thread, f frame) { *at[T](f, dst) = *at[T](f, a) + *plainElement[T](f, s, i) }
	}
	v := *e
	return func(t *thread, f frame) { *at[T](f, dst) = *at[T](f, a) + *affineElement[T](f, &v) }
}

// addProduct makes the step dst = R[a] + x*y. T(...) keeps the processor from fusing
// the two.
//
//go:noinline
func addProduct[T fusible](dst, a uintptr, x, y *element) step {
	if x.plain && y.plain {
		s, i, r, j := x.slice, x.index.a, y.slice, y.index.a
		return func(t *thread, f frame) {
			*at[T](f, dst) = *at[T](f, a) + T(*plainElement[T](f, s, i)**plainElement[T](f, r, j))
		}
	}
	v, w := *x, *y
	return func(t *thread, f frame) {
		*at[T](f, dst) = *at[T](f, a) + T(*affineElement[T](f, &v)**affineElement[T](f, &w))
	}
}
