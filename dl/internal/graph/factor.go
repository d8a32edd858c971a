package graph

import (
	"math"
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// matrix checks that operand i is a stack of matrices of known size, square
// where asked, and returns rows and columns.
func (c Call) matrix(i int, square bool) (m, n int, err *Error) {
	if err := c.wantFloat(); err != nil {
		return 0, 0, err
	}
	s := c.In[i].Shape
	if len(s) < 2 {
		return 0, 0, c.fail("shape %s, want at least two axes", ShapeString(s))
	}
	m, n = s[len(s)-2], s[len(s)-1]
	switch {
	case m < 0 || n < 0:
		return 0, 0, c.fail("the last two axes of shape %s must be known", ShapeString(s)).at(len(s) - 1).
			help("give the placeholder its size along them")
	case square && m != n:
		return 0, 0, c.fail("shape %s, want square matrices: the last two axes are %d and %d", ShapeString(s), m, n).at(len(s) - 1)
	}
	return m, n, nil
}

func (c Call) batch() []int { return c.In[0].Shape[:len(c.In[0].Shape)-2] }

// packed is the type of n numbers for each matrix.
func (c Call) packed(n int) Type {
	return Type{c.In[0].DType, append(slices.Clone(c.batch()), n)}
}

func solveType(c Call) (Type, *Error) {
	_, n, err := c.matrix(0, true)
	if err != nil {
		return Type{}, err
	}
	if err := c.sameDType(c.In...); err != nil {
		return Type{}, err
	}
	a, b := c.In[0].Shape, c.In[1].Shape
	rank := len(b)
	if rank != len(a) || rank >= 2 && b[rank-2] != n && b[rank-2] >= 0 || rank >= 2 && !slices.EqualFunc(a[:rank-2], b[:rank-2], func(d, e int) bool { return d == e || d < 0 || e < 0 }) {
		return Type{}, c.fail("matrices %s and right-hand sides %s do not fit: want (…, %d, k) with equal leading axes", ShapeString(a), ShapeString(b), n).at(rank - 2)
	}
	out := slices.Clone(b)
	for i := range rank - 2 {
		out[i] = max(a[i], b[i])
	}
	out[rank-2] = n
	return Type{c.In[0].DType, out}, nil
}

// What the rules below are written with: all matrices are stacks.

func product(a, b *Node) *Node { return must(backend.MatMul, backend.MatMulAttrs{}, a, b) }

func transposeOf(a *Node) *Node {
	perm := make([]int, len(a.Shape))
	for i := range perm {
		perm[i] = i
	}
	n := len(perm)
	perm[n-2], perm[n-1] = n-1, n-2
	return must(backend.Transpose, backend.TransposeAttrs{Perm: perm}, a)
}

func solveNode(at backend.SolveAttrs, a, b *Node) *Node { return must(backend.Solve, at, a, b) }

// pattern returns a constant matrix of the given numbers.
func pattern(d backend.DType, rows, cols int, f func(i, j int) float64) *Node {
	b := backend.NewBuffer(d, rows*cols)
	for i := range rows {
		for j := range cols {
			switch v := f(i, j); d {
			case backend.Float32:
				backend.View[float32](b)[i*cols+j] = float32(v)
			default:
				backend.View[float64](b)[i*cols+j] = v
			}
		}
	}
	return Constant(Type{d, []int{rows, cols}}, b)
}

func identity(d backend.DType, n int) *Node {
	return pattern(d, n, n, func(i, j int) float64 { return truthValue(i == j) })
}

func truthValue(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// lowerOf returns a with 0 above the diagonal and the diagonal times by.
func lowerOf(a *Node, by float64) *Node {
	n := a.Shape[len(a.Shape)-1]
	return mul(a, pattern(a.DType, n, n, func(i, j int) float64 {
		if i == j {
			return by
		}
		return truthValue(j < i)
	}))
}

// unpack returns rows×cols numbers of each packed vector, from start on, as
// matrices.
func unpack(p *Node, start, rows, cols int) *Node {
	rank := len(p.Shape)
	r := wholeRanges(rank)
	r[rank-1] = Range{Start: start, Stop: start + rows*cols, Step: 1}
	part := must(backend.Slice, RangeAttrs{r}, p)
	shape := make([]int, rank+1)
	for a := range rank - 1 {
		shape[a] = Dim(a)
	}
	shape[rank-1], shape[rank] = rows, cols
	return must(backend.Reshape, ShapeAttrs{shape}, part)
}

// spreadVector returns a stack of vectors as one of matrices with one column or, with
// row set, one row.
func spreadVector(v *Node, row bool) *Node {
	rank := len(v.Shape)
	shape := make([]int, rank+1)
	for a := range rank - 1 {
		shape[a] = Dim(a)
	}
	shape[rank-1], shape[rank] = Dim(rank-1), 1
	if row {
		shape[rank-1], shape[rank] = 1, Dim(rank-1)
	}
	return must(backend.Reshape, ShapeAttrs{shape}, v)
}

func symmetricPart(a *Node) *Node { return times(addNodes(a, transposeOf(a)), 0.5) }

func solveGrad(n, g *Node, i int) *Node {
	at, a := n.Attrs.(backend.SolveAttrs), n.In[0]
	back := solveNode(backend.SolveAttrs{Trans: !at.Trans, Part: at.Part}, a, g)
	if i == 1 {
		return back
	}
	d := neg(product(back, transposeOf(n)))
	if at.Trans {
		d = transposeOf(d)
	}
	switch at.Part {
	case backend.Lower:
		return lowerOf(d, 1)
	case backend.Upper:
		return transposeOf(lowerOf(transposeOf(d), 1))
	}
	return d
}

// choleskyGrad: with P = lower(Lᵀ·g), halved on the diagonal, the derivative is
// the symmetric part of L⁻ᵀ·P·L⁻¹ (Murray, "Differentiation of the Cholesky
// decomposition", 2016).
func choleskyGrad(n, g *Node, _ int) *Node {
	p := lowerOf(product(transposeOf(n), lowerOf(g, 1)), 0.5)
	left := solveNode(backend.SolveAttrs{Trans: true, Part: backend.Lower}, n, p)                                            // L⁻ᵀ·P
	return symmetricPart(transposeOf(solveNode(backend.SolveAttrs{Trans: true, Part: backend.Lower}, n, transposeOf(left)))) // (L⁻ᵀ·(L⁻ᵀ·P)ᵀ)ᵀ
}

// inverseTransposed returns a⁻ᵀ.
func inverseTransposed(a *Node) *Node {
	n := a.Shape[len(a.Shape)-1]
	eye := likeShape(backend.BroadcastTo, identity(a.DType, n), a)
	return solveNode(backend.SolveAttrs{Trans: true}, a, eye)
}

// scaled multiplies each matrix of a stack by one number.
func scaled(m, by *Node) *Node {
	rank := len(by.Shape)
	shape := make([]int, rank+2)
	for a := range rank {
		shape[a] = Dim(a)
	}
	shape[rank], shape[rank+1] = 1, 1
	return mul(m, must(backend.Reshape, ShapeAttrs{shape}, by))
}

// qrGrad is that of Walter and Lehmann, "Algorithmic differentiation of linear
// algebra functions", 2010: with M = R·gRᵀ − gQᵀ·Q and S its lower triangle
// mirrored, the derivative is (gQ + Q·S)·R⁻ᵀ.
func qrGrad(n, g *Node, _ int) *Node {
	s := n.In[0].Shape
	m, k := s[len(s)-2], s[len(s)-1]
	q, r := unpack(n, 0, m, k), unpack(n, m*k, k, k)
	gq, gr := unpack(g, 0, m, k), unpack(g, m*k, k, k)
	gr = transposeOf(lowerOf(transposeOf(gr), 1))
	mm := sub(product(r, transposeOf(gr)), product(transposeOf(gq), q))
	low := lowerOf(mm, 0.5)
	mirrored := addNodes(low, transposeOf(low))
	right := addNodes(gq, product(q, mirrored))
	return transposeOf(solveNode(backend.SolveAttrs{Part: backend.Upper}, r, transposeOf(right))) // X·R⁻ᵀ = (R⁻¹·Xᵀ)ᵀ
}

// overGaps divides element i, j of each matrix by v_j − v_i, and gives 0 on the
// diagonal. Where two values are equal there is no derivative, and the result is
// NaN, unless the element is 0.
func overGaps(x, v *Node, n int) *Node {
	none, nan := Scalar(v.DType, 0), Scalar(v.DType, math.NaN())
	gap := sub(spreadVector(v, true), spreadVector(v, false))
	equal := must(backend.Equal, nil, gap, none)
	quotient := div(x, must(backend.Where, nil, equal, Scalar(v.DType, 1), gap))
	missing := must(backend.Where, nil, must(backend.Equal, nil, x, none), none, nan)
	y := must(backend.Where, nil, equal, missing, quotient)
	diagonal := must(backend.Greater, nil, identity(v.DType, n), none)
	return must(backend.Where, nil, diagonal, none, y)
}

// overSizes divides by singular values, with 0 for 0/0.
func overSizes(x, s *Node) *Node {
	none := Scalar(s.DType, 0)
	return must(backend.Where, nil, must(backend.Equal, nil, x, none), none, div(x, s))
}

// definedWhere makes rule fail where its result is no number though what goes
// into it is: why says where the derivative is defined. A compiled function
// gives NaN there.
func definedWhere(why string, rule func(n, g *Node, i int) *Node) func(n, g *Node, i int) *Node {
	return func(n, g *Node, i int) *Node {
		d := rule(n, g, i)
		if d == nil || d.symbolic || !hasNaN(d) || hasNaN(g) || hasNaN(n) {
			return d
		}
		panic(ruleFailure{fail(n.Op.Name, []Type{n.In[0].Type}, "it has no derivative here: %s", why).kind(ErrNoDerivative)})
	}
}

func hasNaN(n *Node) bool {
	b := n.Elements()
	for i := range n.Size() {
		if v := element(n.DType, b, i); v != v {
			return true
		}
	}
	return false
}

// vector is unpack for one row of numbers.
func vector(p *Node, start, n int) *Node {
	r := wholeRanges(len(p.Shape))
	r[len(r)-1] = Range{Start: start, Stop: start + n, Step: 1}
	return must(backend.Slice, RangeAttrs{r}, p)
}

// eighGrad: V·(diag(gλ) + F∘(Vᵀ·gV))·Vᵀ with F_ij = 1/(λ_j − λ_i), made
// symmetric.
func eighGrad(n, g *Node, _ int) *Node {
	k := n.In[0].Shape[len(n.In[0].Shape)-1]
	values, vs := vector(n, 0, k), unpack(n, k, k, k)
	gl, gv := vector(g, 0, k), unpack(g, k, k, k)
	inner := overGaps(product(transposeOf(vs), gv), values, k)
	inner = addNodes(inner, mul(spreadVector(gl, true), identity(gl.DType, k)))
	return symmetricPart(product(vs, product(inner, transposeOf(vs))))
}

// svdGrad is that of Townsend, "Differentiating the singular value
// decomposition", 2016.
func svdGrad(node, g *Node, _ int) *Node {
	shape := node.In[0].Shape
	m, n := shape[len(shape)-2], shape[len(shape)-1]
	k := min(m, n)
	u, s, v := unpack(node, 0, m, k), vector(node, m*k, k), unpack(node, m*k+k, n, k)
	gu, gs, gv := unpack(g, 0, m, k), vector(g, m*k, k), unpack(g, m*k+k, n, k)
	square := unaryNode(backend.Square, s)
	row, col := spreadVector(s, true), spreadVector(s, false)
	skew := func(a, ga *Node) *Node {
		x := product(transposeOf(a), ga)
		return overGaps(sub(x, transposeOf(x)), square, k)
	}
	inner := addNodes(mul(skew(u, gu), row), mul(skew(v, gv), col))
	inner = addNodes(inner, mul(spreadVector(gs, true), identity(gs.DType, k)))
	d := product(product(u, inner), transposeOf(v))
	if m > k {
		rest := sub(gu, product(u, product(transposeOf(u), gu)))
		d = addNodes(d, product(overSizes(rest, row), transposeOf(v)))
	}
	if n > k {
		rest := sub(gv, product(v, product(transposeOf(v), gv)))
		d = addNodes(d, product(u, transposeOf(overSizes(rest, row))))
	}
	return d
}

func init() {
	square := func(out func(c Call, n int) Type) func(c Call) (Type, *Error) {
		return func(c Call) (Type, *Error) {
			_, n, err := c.matrix(0, true)
			if err != nil {
				return Type{}, err
			}
			return out(c, n), nil
		}
	}
	add(
		Op{Name: backend.Cholesky, Arity: 1, Doc: "the lower triangle L with L·Lᵀ = x, for positive definite x",
			Infer: square(func(c Call, _ int) Type { return c.In[0] }), Grad: choleskyGrad},
		Op{Name: backend.Solve, Arity: 2, Doc: "x with a·x = b", Infer: solveType, Grad: solveGrad},
		Op{Name: backend.Det, Arity: 1, Doc: "determinant",
			Infer: square(func(c Call, _ int) Type { return Type{c.In[0].DType, slices.Clone(c.batch())} }),
			Grad: definedWhere("it is defined for matrices that are not singular",
				func(n, g *Node, _ int) *Node { return scaled(inverseTransposed(n.In[0]), mul(g, n)) })},
		Op{Name: backend.LogDet, Arity: 1, Doc: "sign of the determinant and logarithm of its size",
			Infer: square(func(c Call, _ int) Type { return c.packed(2) }),
			Grad: definedWhere("it is defined for matrices that are not singular", func(n, g *Node, _ int) *Node {
				size := vector(g, 1, 1)
				return scaled(inverseTransposed(n.In[0]), must(backend.Sum, backend.ReduceAttrs{Axes: []int{len(g.Shape) - 1}}, size))
			})},
		Op{Name: backend.QR, Arity: 1, Doc: "Q and R of x = Q·R",
			Grad: definedWhere("it is defined where the columns are independent", qrGrad),
			Infer: func(c Call) (Type, *Error) {
				m, n, err := c.matrix(0, false)
				if err != nil {
					return Type{}, err
				}
				if m < n {
					return Type{}, c.fail("shape %s, want at least as many rows as columns", ShapeString(c.In[0].Shape)).at(len(c.In[0].Shape) - 2)
				}
				return c.packed(m*n + n*n), nil
			}},
		Op{Name: backend.Eigh, Arity: 1, Doc: "eigenvalues and eigenvectors of a symmetric matrix",
			Infer: square(func(c Call, n int) Type { return c.packed(n + n*n) }),
			Grad:  definedWhere("eigenvectors have one where no two eigenvalues are equal", eighGrad)},
		Op{Name: backend.SVD, Arity: 1, Doc: "singular value decomposition",
			Grad: definedWhere("the vectors have one where the singular values differ and are not 0", svdGrad),
			Infer: func(c Call) (Type, *Error) {
				m, n, err := c.matrix(0, false)
				if err != nil {
					return Type{}, err
				}
				k := min(m, n)
				return c.packed((m + 1 + n) * k), nil
			}},
	)
}
