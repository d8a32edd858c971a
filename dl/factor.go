package dl

import (
	"math"
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// The functions here work on the last two axes, for each matrix of a batch.
// They compute in float64 with gonum's factorisations. A matrix that has no
// result, such as a singular one, panics with an [*Error] where it is computed
// at once, and gives NaN in a compiled function.

// matrices returns t as floats with at least two axes.
func matrices(op string, t *Tensor) *Tensor {
	if t.check(op).Rank() < 2 {
		panic(misuse(op, []*Tensor{t}, "shape %s, want at least two axes", graph.ShapeString(t.n.Shape)))
	}
	return t.float()
}

// defined panics where a concrete y has a NaN though its operands are finite.
func defined(op, why, help string, y *Tensor, in ...*Tensor) *Tensor {
	if y.IsSymbolic() || !hasNaN(y) {
		return y
	}
	for _, x := range in {
		if hasNaN(x.Mul(0.0)) { // 0·∞ is no number either
			return y
		}
	}
	panic(misuse(op, in, "%s", why).kind(nil).help("%s", help))
}

func hasNaN(t *Tensor) bool {
	return slices.ContainsFunc(t.Float64s(), func(v float64) bool { return v != v })
}

const (
	singular     = "the matrix is singular"
	singularHelp = "add a small number to its diagonal, or use dl.LeastSquares or Pinv"
)

// Cholesky returns the lower triangle L with L·Lᵀ = t, for positive definite t.
// Of a matrix that is not symmetric it takes (t + tᵀ)/2.
func (t *Tensor) Cholesky() *Tensor {
	x := matrices("cholesky", t)
	return defined("cholesky", "the matrix is not positive definite", "is it symmetric with positive eigenvalues? add a small number to its diagonal",
		apply(backend.Cholesky, nil, x), x)
}

// batched repeats the leading axes of matrices so that they are equal.
func batched(op string, a, b *Tensor) (*Tensor, *Tensor) {
	s, t := a.n.Shape[:a.Rank()-2], b.n.Shape[:b.Rank()-2]
	if slices.Equal(s, t) {
		return a, b
	}
	one := func(x *Tensor, lead []int) *Tensor {
		x = x.Slice(slices.Repeat([]any{All}, x.Rank()-2)...)
		return apply(backend.BroadcastTo, graph.ShapeAttrs{Shape: append(slices.Clone(lead), x.n.Shape[x.Rank()-2:]...)}, x)
	}
	n := max(len(s), len(t))
	lead := slices.Repeat([]int{1}, n)
	for _, l := range [][]int{s, t} {
		for i, d := range l {
			k := n - len(l) + i
			switch {
			case d < 0:
				panic(misuse(op, []*Tensor{a, b}, "leading axes %s and %s differ, and not all are known", graph.ShapeString(s), graph.ShapeString(t)).at(k))
			case lead[k] == 1:
				lead[k] = d
			case d != 1 && d != lead[k]:
				panic(misuse(op, []*Tensor{a, b}, "leading axes of %s and %s do not broadcast", graph.ShapeString(a.n.Shape), graph.ShapeString(b.n.Shape)).at(k))
			}
		}
	}
	return one(a, lead), one(b, lead)
}

// Solve returns x with a·x = b, for a vector b or for each column of a matrix.
func Solve(a, b any) *Tensor { return solve("solve", backend.SolveAttrs{}, a, b) }

// SolveTriangular returns x with a·x = b, where a counts as 0 above its
// diagonal or, with upper set, below it.
func SolveTriangular(a, b any, upper bool) *Tensor {
	part := backend.Lower
	if upper {
		part = backend.Upper
	}
	return solve("solve_triangular", backend.SolveAttrs{Part: part}, a, b)
}

func solve(op string, at backend.SolveAttrs, a, b any) *Tensor {
	ts := together(op, a, b)
	x, y := matrices(op, ts[0]), ts[1].float()
	if y.Rank() == 0 {
		panic(misuse(op, ts, "the right-hand side is a number, want at least one axis"))
	}
	if y.Rank() == 1 {
		x, y = batched(op, x, y.ExpandDims(-1))
		return defined(op, singular, singularHelp, apply(backend.Solve, at, x, y), x, y).Squeeze(-1)
	}
	x, y = batched(op, x, y)
	return defined(op, singular, singularHelp, apply(backend.Solve, at, x, y), x, y)
}

// Inverse returns the matrix whose product with t is the identity.
func (t *Tensor) Inverse() *Tensor {
	x := matrices("inverse", t)
	eye := Eye(known("inverse", x, x.Rank()-1)).cast(x.n.DType)
	return defined("inverse", singular, singularHelp, apply(backend.Solve, backend.SolveAttrs{}, x, likeBatch(eye, x)), x)
}

// likeBatch repeats a square matrix to the shape of x.
func likeBatch(eye, x *Tensor) *Tensor {
	if !x.n.Known() {
		return apply(backend.BroadcastTo, graph.ShapeAttrs{}, eye, x)
	}
	return apply(backend.BroadcastTo, graph.ShapeAttrs{Shape: x.n.Shape}, eye)
}

// Det returns the determinant. Its derivative is not a number where it is 0.
func (t *Tensor) Det() *Tensor { return apply(backend.Det, nil, matrices("det", t)) }

// LogDet returns the sign of the determinant, −1, 0 or 1, and the logarithm of
// its absolute value, which does not overflow.
func (t *Tensor) LogDet() (sign, logabs *Tensor) {
	p := apply(backend.LogDet, nil, matrices("logdet", t))
	return p.along(p.Rank()-1, To(1)).Squeeze(-1), p.along(p.Rank()-1, From(1)).Squeeze(-1)
}

// unpacked returns rows×cols numbers of a packed result, from start on.
func (t *Tensor) unpacked(start, rows, cols int) *Tensor {
	part := t.along(t.Rank()-1, Between(start, start+rows*cols))
	dims := part.dims()
	return part.reshaped(append(dims[:len(dims)-1], rows, cols))
}

// QR returns Q [m,k] with orthonormal columns, k = min(m, n), and R [k,n], 0
// below its diagonal, which is positive, of t [m,n] = Q·R. The derivative is
// defined where the first k columns of t are independent.
func (t *Tensor) QR() (q, r *Tensor) {
	x := matrices("qr", t)
	m, n := x.n.Shape[x.Rank()-2], x.n.Shape[x.Rank()-1]
	if m >= 0 && m < n { // the first m columns decide what Q is
		last := x.Rank() - 1
		q, r = x.along(last, To(m)).QR()
		return q, Concat(last, r, q.SwapAxes(-1, -2).MatMul(x.along(last, From(m))))
	}
	p := apply(backend.QR, nil, x)
	return p.unpacked(0, m, n), p.unpacked(m*n, n, n)
}

// Eigh returns the eigenvalues, ascending, and as columns the eigenvectors of a
// symmetric matrix. The greatest element of each vector is positive. Of a
// matrix that is not symmetric it takes (t + tᵀ)/2. The derivative of vectors
// is defined where no two eigenvalues are equal.
func (t *Tensor) Eigh() (values, vectors *Tensor) {
	x := matrices("eigh", t)
	p := apply(backend.Eigh, nil, x)
	n := x.n.Shape[x.Rank()-1]
	return p.along(p.Rank()-1, To(n)), p.unpacked(n, n, n)
}

// SVD returns the singular value decomposition t = U·diag(s)·Vᵀ: U [m,k], the k
// = min(m, n) singular values s, descending, and V [n,k]. The greatest element
// of each column of U is positive. The derivative is defined where the singular
// values differ and are not 0.
func (t *Tensor) SVD() (u, s, v *Tensor) {
	x := matrices("svd", t)
	p := apply(backend.SVD, nil, x)
	m, n := x.n.Shape[x.Rank()-2], x.n.Shape[x.Rank()-1]
	k := min(m, n)
	return p.unpacked(0, m, k), p.along(p.Rank()-1, Between(m*k, m*k+k)), p.unpacked(m*k+k, n, k)
}

// Pinv returns the Moore-Penrose pseudoinverse V·diag(1/s)·Uᵀ, in which singular
// values below 10⁻¹⁵ times the greatest, or 10⁻⁶ times for float32, count as 0.
func (t *Tensor) Pinv() *Tensor {
	u, s, v := t.SVD()
	keep := s.Greater(s.Max(-1, KeepDims).Mul(t.tiny()))
	inverse := Where(keep, Where(keep, s, 1.0).Reciprocal(), 0.0)
	return v.Mul(inverse.ExpandDims(-2)).MatMul(u.SwapAxes(-1, -2))
}

func (t *Tensor) tiny() float64 {
	if t.n.DType == Float64 {
		return 1e-15
	}
	return 1e-6
}

// MatrixRank returns how many singular values are not 0, as int64; see
// [Tensor.Pinv] for what counts as 0.
func (t *Tensor) MatrixRank() *Tensor {
	_, s, _ := t.SVD()
	size := float64(max(t.n.Shape[t.Rank()-1], t.n.Shape[t.Rank()-2]))
	eps := 0x1p-52
	if s.n.DType == Float32 {
		eps = 0x1p-23
	}
	return s.Greater(s.Max(-1, KeepDims).Mul(size * eps)).Sum(-1)
}

// LeastSquares returns the x that makes the norm of a·x − b least, for a with
// independent columns and at least as many rows, and a vector or matrix b. With
// a = Q·R it is R⁻¹·Qᵀ·b.
func LeastSquares(a, b any) *Tensor {
	const op = "least_squares"
	ts := together(op, a, b)
	x, y := matrices(op, ts[0]), ts[1].float()
	if m, n := x.n.Shape[x.Rank()-2], x.n.Shape[x.Rank()-1]; m >= 0 && m < n {
		panic(misuse(op, ts, "shape %s, want at least as many rows as columns", graph.ShapeString(x.n.Shape)).at(x.Rank() - 2).
			help("of the many solutions, a.Pinv().MatMul(b) is the one with the least norm"))
	}
	column := y.Rank() == 1
	if column {
		y = y.ExpandDims(-1)
	}
	q, r := x.QR()
	z := SolveTriangular(r, q.SwapAxes(-1, -2).MatMul(y), true)
	if column {
		return z.Squeeze(-1)
	}
	return z
}

// MatrixPower returns the product of n factors t; for n < 0 of inverses.
func (t *Tensor) MatrixPower(n int) *Tensor {
	x := matrices("matrix_power", t)
	if n < 0 {
		x, n = x.Inverse(), -n
	}
	y := likeBatch(Eye(known("matrix_power", x, x.Rank()-1)).cast(x.n.DType), x)
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			y = y.MatMul(x)
		}
		if n > 1 {
			x = x.MatMul(x)
		}
	}
	return y
}

// NormOf returns the p-norm over the named axes, or over all: (Σ|t|ᵖ)^(1/p).
// p = ∞ gives the greatest |t|, p = 0 the number of elements that are not 0.
// The derivative of the 2-norm at 0 is 0.
func (t *Tensor) NormOf(p float64, axes ...int) *Tensor {
	x := t.check("norm").float()
	switch {
	case math.IsInf(p, 1):
		return x.Abs().Max(axes...)
	case math.IsInf(p, -1):
		return x.Abs().Min(axes...)
	case p == 0:
		return x.NotEqual(0).cast(x.n.DType).Sum(axes...)
	case p == 1:
		return x.Abs().Sum(axes...)
	case p == 2:
		square := x.Square().Sum(axes...)
		zero := square.Equal(0)
		return Where(zero, 0.0, Where(zero, 1.0, square).Sqrt())
	}
	return x.Abs().Pow(p).Sum(axes...).Pow(1 / p)
}
