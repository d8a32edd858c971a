package dl

import (
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// mask2 returns the bool matrix of f over the last two axes of t.
func (t *Tensor) mask2(op string, f func(i, j int) bool) *Tensor {
	m, n := known(op, t, t.Rank()-2), known(op, t, t.Rank()-1)
	b := backend.NewBuffer(Bool, m*n)
	for i := range m {
		for j := range n {
			if f(i, j) {
				b.Bytes()[i*n+j] = 1
			}
		}
	}
	return wrap(graph.Constant(graph.Type{DType: Bool, Shape: []int{m, n}}, b))
}

func atLeast(op string, t *Tensor, rank int) *Tensor {
	if t.check(op).Rank() < rank {
		panic(misuse(op, []*Tensor{t}, "shape %s, want at least %d axes", graph.ShapeString(t.n.Shape), rank))
	}
	return t
}

// Tril returns t with 0 above diagonal k of each matrix; k = 0 is the main one,
// k > 0 are above it.
func (t *Tensor) Tril(k int) *Tensor {
	atLeast("tril", t, 2)
	return Where(t.mask2("tril", func(i, j int) bool { return j-i <= k }), t, zeroOf(t))
}

// Triu returns t with 0 below diagonal k of each matrix.
func (t *Tensor) Triu(k int) *Tensor {
	atLeast("triu", t, 2)
	return Where(t.mask2("triu", func(i, j int) bool { return j-i >= k }), t, zeroOf(t))
}

// zeroOf returns 0 in the dtype of t.
func zeroOf(t *Tensor) *Tensor { return wrap(graph.Scalar(t.n.DType, 0)) }

// Tri returns the n×m matrix in float32 that is 1 on diagonal k and below, else 0.
func Tri(n, m, k int) *Tensor { return Ones(n, m).Tril(k) }

// Diag returns the matrix that has the vector t on diagonal k, or the vector
// that is on diagonal k of the matrix t.
func (t *Tensor) Diag(k int) *Tensor {
	switch t.check("diag").Rank() {
	case 1:
		n := known("diag", t, 0) + max(k, -k)
		line := t.Pad([2]int{max(-k, 0), max(k, 0)}) // by row
		return Where(Zeros(n, n).mask2("diag", func(i, j int) bool { return j-i == k }), line.ExpandDims(1), zeroOf(t))
	case 2:
		return t.Diagonal(k)
	}
	panic(misuse("diag", []*Tensor{t}, "shape %s, want one or two axes", graph.ShapeString(t.n.Shape)).help("use Diagonal for a batch of matrices"))
}

// Diagonal returns diagonal k of each matrix, along the last axis.
func (t *Tensor) Diagonal(k int) *Tensor {
	atLeast("diagonal", t, 2)
	rank := t.Rank()
	m, n := known("diagonal", t, rank-2), known("diagonal", t, rank-1)
	count := max(0, min(m+min(k, 0), n-max(k, 0)))
	places := make([]int, count)
	for i := range places {
		places[i] = (i+max(-k, 0))*n + i + max(k, 0)
	}
	return t.joined(rank-2).Gather(places, -1)
}

// Trace returns the sum of the main diagonal of each matrix.
func (t *Tensor) Trace() *Tensor { return t.Diagonal(0).Sum(-1) }

// Outer returns the products of each element of a with each of b, as a matrix
// of size(a) rows and size(b) columns.
func Outer(a, b any) *Tensor {
	ts := together("outer", a, b)
	return ts[0].Ravel().ExpandDims(1).Mul(ts[1].Ravel())
}

// Dot returns the sum of products along the last axis of a and, where b has
// more than one axis, the last but one of b, as numpy's dot.
func Dot(a, b any) *Tensor {
	ts := together("dot", a, b)
	x, y := ts[0].number(), ts[1].number()
	switch {
	case x.Rank() == 0 || y.Rank() == 0:
		return x.Mul(y)
	case y.Rank() <= 2:
		return x.MatMul(y)
	}
	return TensorDot(x, y, []int{-1}, []int{-2})
}

// Inner returns the sum of products along the last axes of a and b.
func Inner(a, b any) *Tensor {
	ts := together("inner", a, b)
	x, y := ts[0].number(), ts[1].number()
	if x.Rank() == 0 || y.Rank() == 0 {
		return x.Mul(y)
	}
	return TensorDot(x, y, []int{-1}, []int{-1})
}

// TensorDot returns the sums of products along the named axes of a and of b.
// The result has the other axes of a, then those of b.
func TensorDot(a, b any, axesOfA, axesOfB []int) *Tensor {
	const op = "tensordot"
	ts := together(op, a, b)
	x, y := ts[0].number(), ts[1].number()
	if len(axesOfA) != len(axesOfB) {
		panic(misuse(op, ts, "%d axes of the left, %d of the right", len(axesOfA), len(axesOfB)))
	}
	letters := func(t *Tensor, from int) []byte {
		l := make([]byte, t.Rank())
		for i := range l {
			l[i] = byte('a' + from + i)
		}
		return l
	}
	l, r := letters(x, 0), letters(y, x.Rank())
	for i, p := range axesOfA {
		r[axis(op, y, axesOfB[i], y.Rank())] = l[axis(op, x, p, x.Rank())]
	}
	var out []byte
	for _, list := range [][]byte{l, r} {
		for _, c := range list {
			if !slices.Contains(l, c) || !slices.Contains(r, c) {
				out = append(out, c)
			}
		}
	}
	return Einsum(string(l)+","+string(r)+"->"+string(out), x, y)
}

// Kron returns the Kronecker product of two matrices: the blocks a_ij·b.
func Kron(a, b any) *Tensor {
	ts := together("kron", a, b)
	x, y := ts[0], ts[1]
	if x.Rank() != 2 || y.Rank() != 2 {
		panic(misuse("kron", ts, "shapes %s and %s, want matrices", graph.ShapeString(x.n.Shape), graph.ShapeString(y.n.Shape)))
	}
	return x.ExpandDims(1).ExpandDims(3).Mul(y.ExpandDims(0).ExpandDims(2)).joined(2).joined(0)
}

// Cross returns the cross product along the last axis, which has length 3.
func Cross(a, b any) *Tensor {
	ts := together("cross", a, b)
	x, y := ts[0], ts[1]
	for _, t := range ts {
		if t.Rank() == 0 || t.n.Shape[t.Rank()-1] != 3 {
			panic(misuse("cross", ts, "shape %s, want a last axis of length 3", graph.ShapeString(t.n.Shape)).at(t.Rank() - 1))
		}
	}
	turn := func(t *Tensor, k int) *Tensor { return t.Roll(k, -1) }
	return turn(x, -1).Mul(turn(y, -2)).Sub(turn(x, -2).Mul(turn(y, -1)))
}

// Meshgrid returns for vectors x₀ … xₙ₋₁ as many tensors with n axes, of which
// number i holds x_i along axis i and is repeated along the others.
func Meshgrid(xs ...*Tensor) []*Tensor {
	var shape []int
	for _, x := range xs {
		if x.check("meshgrid").Rank() != 1 {
			panic(misuse("meshgrid", xs, "shape %s, want vectors", graph.ShapeString(x.n.Shape)))
		}
		shape = append(shape, known("meshgrid", x, 0))
	}
	out := make([]*Tensor, len(xs))
	for i, x := range xs {
		dims := slices.Repeat([]int{1}, len(xs))
		dims[i] = shape[i]
		out[i] = x.Reshape(dims...).BroadcastTo(shape...)
	}
	return out
}

// Vander returns the matrix of the powers 0 to n−1 of the elements of a vector,
// ascending.
func (t *Tensor) Vander(n int) *Tensor {
	x := t.check("vander").float()
	if x.Rank() != 1 || n < 1 {
		panic(misuse("vander", []*Tensor{t}, "shape %s and %d powers, want a vector and at least one", graph.ShapeString(t.n.Shape), n))
	}
	cols := []*Tensor{OnesLike(x)}
	for range n - 1 {
		cols = append(cols, cols[len(cols)-1].Mul(x))
	}
	return Stack(1, cols...)
}
