package dl

import (
	"fmt"

	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// CustomGrad returns forward, a Go function from tensors to one tensor, with the
// gradient that backward says. backward gets the operands x₁, …, xₙ, the result
// y and the derivative g of the final number by y, and returns the derivatives by
// x₁, …, xₙ, each with the shape and dtype of its operand:
//
//	clip := dl.CustomGrad(
//		func(x *dl.Tensor) *dl.Tensor { return x.Clip(-1, 1) },
//		func(x, y, g *dl.Tensor) *dl.Tensor { return g }) // straight through
//	y := clip(x)
//
// Both are written with the operations of this package, so that the gradient can
// be differentiated again. forward is called at each use, with concrete or
// symbolic tensors as they come.
func CustomGrad(forward, backward any) func(x ...*Tensor) *Tensor {
	f, b := tensorFuncOf("custom_grad", "forward", forward), tensorFuncOf("custom_grad", "backward", backward)
	back := func(xs []*graph.Node, y, g *graph.Node) ([]*graph.Node, error) {
		args := append(wrapAll(xs), wrap(y), wrap(g))
		ds := b.of(fmt.Sprintf("%d operands, the result and the derivative by it", len(xs)), args...)
		if len(ds) != len(xs) {
			panic(&Error{Op: "custom_grad", Axis: -1, Msg: fmt.Sprintf("backward returns %d derivatives for %d operands", len(ds), len(xs))})
		}
		for i, d := range ds {
			if !d.fits(args[i]) {
				panic(misuse("custom_grad", []*Tensor{args[i], d}, "operand %d is %s %s, but its derivative %s %s", i+1,
					args[i].n.DType, graph.ShapeString(args[i].n.Shape), d.n.DType, graph.ShapeString(d.n.Shape)).
					help("a derivative has the shape and dtype of what it is by"))
			}
		}
		return nodes(ds), nil
	}
	return func(x ...*Tensor) *Tensor {
		for _, t := range x {
			t.check("custom_grad")
		}
		ys := f.of(fmt.Sprintf("%d operands", len(x)), x...)
		if len(ys) != 1 {
			panic(&Error{Op: "custom_grad", Axis: -1, Msg: fmt.Sprintf("forward returns %d tensors, want one", len(ys))})
		}
		n, err := graph.Custom(ys[0].n, nodes(x), back)
		raise("custom_grad", err)
		return wrap(n)
	}
}

// fits reports whether t can have the shape and dtype of u.
func (t *Tensor) fits(u *Tensor) bool {
	fits := t.n.DType == u.n.DType && t.Rank() == u.Rank()
	for a := 0; fits && a < t.Rank(); a++ {
		d, e := t.n.Shape[a], u.n.Shape[a]
		fits = d == e || d < 0 || e < 0
	}
	return fits
}
