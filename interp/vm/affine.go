package vm

import "go/token"

// An affine is an int made of three registers, R[a]*(k + R[b]&mask) + R[c]*m + d,
// as the index of an element of a matrix is. One closure computes it with the
// access, where a closure for each operation would take several times as long.
type affine struct {
	a, b, c    uintptr
	k, mask, m int
	d          int
}

func (x *affine) value(f frame) int {
	return *at[int](f, x.a)*(x.k+*at[int](f, x.b)&x.mask) + *at[int](f, x.c)*x.m + x.d
}

// affineOf is what o is as an affine, nil where it is none.
func affineOf(o operand[int]) *affine {
	if o.class == inRegister {
		return &affine{a: o.off, b: o.off, c: o.off, k: 1}
	}
	return o.affine
}

// isRegister reports whether x is a register plus d.
func (x *affine) isRegister() bool { return x.k == 1 && x.mask == 0 && x.m == 0 }

// affineBinary is the affine that an operation makes, nil where it makes none.
func affineBinary(op token.Token, a, b operand[int]) *affine {
	if op == token.ADD && a.class == isConstant || op == token.MUL && a.class == isConstant {
		a, b = b, a
	}
	x := affineOf(a)
	if x == nil {
		return nil
	}
	r := *x
	if b.class == isConstant {
		switch {
		case op == token.ADD:
			r.d += b.k
		case op == token.SUB:
			r.d -= b.k
		case op == token.MUL && r.mask == 0:
			r.k, r.m, r.d = r.k*b.k, r.m*b.k, r.d*b.k
		default:
			return nil
		}
		return &r
	}
	y := affineOf(b)
	if y == nil {
		return nil
	}
	switch op {
	case token.ADD:
		if !y.isRegister() || x.m != 0 {
			x, y = y, x
		}
		if !y.isRegister() || x.m != 0 {
			return nil
		}
		r = *x
		r.c, r.m, r.d = y.a, 1, x.d+y.d
	case token.SUB:
		if !y.isRegister() || x.m != 0 {
			return nil
		}
		r.c, r.m, r.d = y.a, -1, x.d-y.d
	case token.MUL:
		if y.d != 0 {
			x, y = y, x
		}
		if !x.isRegister() || !y.isRegister() || y.d != 0 {
			return nil
		}
		r = affine{a: y.a, b: x.a, c: y.a, k: x.d, mask: -1} // R[y] * (d + R[x])
	default:
		return nil
	}
	return &r
}

// expr is the closure that computes x.
//
//go:noinline
func (x *affine) expr() expr[int] {
	v := *x
	return func(t *thread, f frame) int { return v.value(f) }
}
