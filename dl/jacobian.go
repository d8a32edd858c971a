package dl

import (
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// Jacobian returns the derivatives of all elements of y by all elements of x:
// element (i…, j…) is ∂yᵢ/∂xⱼ, so that its shape is that of y followed by that
// of x. It is concrete where y is, and can be differentiated again. The shape of
// y must be known. It costs as much as one [Grad] for each element of y.
func Jacobian(y, x *Tensor) *Tensor {
	y.check("jacobian")
	x.check("jacobian")
	if !y.n.Known() {
		panic(misuse("jacobian", []*Tensor{y}, "y has shape %s, with a dimension that is not known", graph.ShapeString(y.n.Shape)).
			help("give the placeholder its shape, or compute the Jacobian of one row"))
	}
	size := y.Size()
	shape := append(y.Shape(), x.dims()...)
	if size == 0 {
		return Zeros(shape...)
	}
	flat := y.Reshape(size)
	row := func(seed *Tensor) *Tensor { return Grad(flat.Mul(seed).Sum(), x) }
	unit := func(i int) *Tensor { return New(i).OneHot(size).Cast(y.DType()) }
	if size > 1 && y.IsSymbolic() {
		// One loop over the rows of the identity: its step is the way back, and
		// the way to y is computed once, before it.
		rows := make([]*Tensor, size)
		for i := range rows {
			rows[i] = unit(i)
		}
		return Scan(row, ScanOptions{Sequences: []Sequence{{X: Stack(0, rows...)}}})[0].reshaped(append(y.Shape(), shifted(x.dims())...))
	}
	rows := make([]*Tensor, size)
	for i := range rows {
		rows[i] = row(unit(i))
	}
	return Stack(0, rows...).reshaped(append(y.Shape(), shifted(x.dims())...))
}

// shifted makes dimensions of x that are not known those of a stack of it.
func shifted(dims []int) []int {
	for i, d := range dims {
		if d < 0 {
			dims[i] = d - 1
		}
	}
	return dims
}

// HVP returns the product of the Hessian matrix of y, a number, by x with v, a
// tensor of x's shape: Σⱼ ∂²y/∂xᵢ∂xⱼ·vⱼ, computed as ∂/∂x Σⱼ vⱼ·∂y/∂xⱼ, which
// takes a few times as long as y and never makes the matrix (Pearlmutter, "Fast
// exact multiplication by the Hessian", 1994).
func HVP(y, x *Tensor, v any) *Tensor { return HVPs(y, []*Tensor{x}, []any{v}).Of(x) }

// HVPs is HVP for the Hessian by several tensors together, such as all the
// parameters of a model, with a v for each of them.
func HVPs(y *Tensor, xs []*Tensor, vs []any) *Gradients {
	if len(xs) != len(vs) {
		panic(misuse("hvp", nil, "%d tensors to differentiate by, but %d to multiply with", len(xs), len(vs)))
	}
	first := Grads(y, xs...)
	var slope *Tensor
	for i, x := range xs {
		v := tensorOf("hvp", vs[i]).cast(x.n.DType)
		if !v.fits(x) {
			panic(misuse("hvp", []*Tensor{x, v}, "x has shape %s, v %s; they must be equal", graph.ShapeString(x.n.Shape), graph.ShapeString(v.n.Shape)))
		}
		// v counts as given, also where it was computed from x.
		term := first.Of(x).Mul(v.StopGradient()).Sum()
		if slope == nil {
			slope = term
		} else {
			slope = slope.Add(term)
		}
	}
	g := &Gradients{make(map[*graph.Node]*Tensor, len(xs))}
	for _, x := range xs {
		g.of[x.n] = gradOrZero(slope, x)
	}
	return g
}

// gradOrZero is Grad, or zeros where y was not computed from x at all: the
// second derivative of a linear function.
func gradOrZero(y, x *Tensor) *Tensor {
	ds, err := graph.GradOrZero(y.n, []*graph.Node{x.n})
	raise("grad", err)
	return wrap(ds[0])
}
