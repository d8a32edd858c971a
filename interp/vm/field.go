package vm

import "go/token"

// A fieldLoad is what lies off bytes behind a pointer in the frame.
type fieldLoad struct{ pointer, off uintptr }

// fieldOf is the field that a is, nil where it is none.
func fieldOf(a address) *fieldLoad {
	if a.class != isPointer || a.pointer.class != inRegister || a.off >= maxNilOffset {
		return nil
	}
	return &fieldLoad{a.pointer.off, a.off}
}

// fieldAt is the address of a field.
func fieldAt[T any](f frame, p, off uintptr) *T { return at[T](*at[pointer](f, p), off) }

// fuseFields is arithmetic of two fields, fuseField that of a field and a register; nil
// for other operators.
//
//go:noinline
func fuseFields[T fusible](op token.Token, a, b fieldLoad) any {
	p, i, q, j := a.pointer, a.off, b.pointer, b.off
	switch op {
	case token.MUL:
		return expr[T](func(t *thread, f frame) T { return *fieldAt[T](f, p, i) * *fieldAt[T](f, q, j) })
	case token.ADD:
		return expr[T](func(t *thread, f frame) T { return *fieldAt[T](f, p, i) + *fieldAt[T](f, q, j) })
	case token.SUB:
		return expr[T](func(t *thread, f frame) T { return *fieldAt[T](f, p, i) - *fieldAt[T](f, q, j) })
	}
	return nil
}

//go:noinline
func fuseField[T fusible](op token.Token, a fieldLoad, b uintptr) any {
	p, i := a.pointer, a.off
	switch op {
	case token.MUL:
		return expr[T](func(t *thread, f frame) T { return *fieldAt[T](f, p, i) * *at[T](f, b) })
	case token.ADD:
		return expr[T](func(t *thread, f frame) T { return *fieldAt[T](f, p, i) + *at[T](f, b) })
	case token.SUB:
		return expr[T](func(t *thread, f frame) T { return *fieldAt[T](f, p, i) - *at[T](f, b) })
	}
	return nil
}
