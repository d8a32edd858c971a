package dl

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

// TestNoFactorisation: what has no result or no derivative is an error that says
// so where it is computed at once, and NaN in a compiled function.
func TestNoFactorisation(t *testing.T) {
	flat := NewAs(Float64, [][]float64{{1, 2}, {2, 4}})
	v := Variable(flat, "v")
	eye := Variable(Eye(3).Cast(Float64), "eye")
	for _, c := range []struct {
		f    func()
		want string
	}{
		{func() { flat.Inverse() }, "inverse: the matrix is singular"},
		{func() { Solve(flat, Ones(2)) }, "solve: the matrix is singular"},
		{func() { SolveTriangular(Zeros(2, 2), Ones(2), false) }, "solve_triangular: the matrix is singular"},
		{func() { flat.Sub(Eye(2).Mul(3)).Cholesky() }, "cholesky: the matrix is not positive definite"},
		{func() { Ones(2, 3).Det() }, "det: shape (2, 3), want square matrices: the last two axes are 2 and 3"},
		{func() { Ones(3).Eigh() }, "eigh: shape (3), want at least two axes"},
		{func() { Placeholder("x", Float32, -1, -1).Det() }, "det: the last two axes of shape (?, ?) must be known"},
		{func() { Solve(Ones(2, 2, 2), Ones(3, 2, 1)) }, "solve: leading axes of (2, 2, 2) and (3, 2, 1) do not broadcast"},
		{func() { Solve(Eye(2), Ones(3, 1)) }, "solve: matrices (2, 2) and right-hand sides (3, 1) do not fit: want (…, 2, k) with equal leading axes"},
		{func() { Grad(v.Det(), v) }, "det: it has no derivative here: it is defined for matrices that are not singular"},
		{func() {
			_, vectors := eye.Eigh()
			Grad(vectors.Mul(Arange(9).Reshape(3, 3)).Sum(), eye)
		}, "eigh: it has no derivative here: eigenvectors have one where no two eigenvalues are equal"},
		{func() {
			q, _ := Variable(Ones(3, 2), "x").QR()
			Grad(q.Sum(), Variable(Ones(1), "y"))
		}, `grad: y was not computed from "y"`},
	} {
		err := Try(c.f)
		var e *Error
		if !errors.As(err, &e) || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		} else if e.Shapes == nil {
			t.Errorf("%v: no shapes", err)
		}
	}
	x := Placeholder("x", Float64, 2, 2)
	f := Function([]*Tensor{x}, []*Tensor{x.Inverse(), Grad(x.Det(), x)})
	for i, y := range f.Call(flat) {
		if !slices.ContainsFunc(y.Float64s(), math.IsNaN) {
			t.Errorf("output %d of a singular matrix is %v", i, y)
		}
	}
	// The eigenvalues themselves have a derivative along the trace.
	values, _ := eye.Eigh()
	if d := Grad(values.Sum(), eye); !slices.Equal(d.Float64s(), Eye(3).Float64s()) {
		t.Errorf("derivative of the sum of eigenvalues: %v", d)
	}
	_, s, _ := v.SVD()
	if d := Grad(s.Sum(), v); slices.ContainsFunc(d.Float64s(), math.IsNaN) {
		t.Errorf("derivative of singular values, one of which is 0: %v", d)
	}
	if err := Try(func() { Einsum("ij,jk->ik", Ones(2, 3), Ones(2, 3)) }); err == nil || !strings.Contains(err.Error(), "letter j is 3 in one place and 2 in another") {
		t.Errorf("einsum: %v", err)
	}
	if got := Zeros(0, 0).Det().Item(); got != 1 {
		t.Errorf("the determinant of nothing is %g, want 1", got)
	}
}
