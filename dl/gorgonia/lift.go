package gorgonia

import (
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/chewxy/hm"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/fluxion-go/fluxion/dl"
)

// lifted counts the operations made, so that no two are written alike:
// gorgonia takes nodes that are for one and the same.
var lifted atomic.Int64

// Lift applies f, a function of package dl, to nodes of a gorgonia graph, which
// must have known shapes. f is compiled by dl, and differentiated by dl's rules,
// so that G.Grad works on the result, any number of times; what it computes on
// is the memory of gorgonia's tensors wherever [From] needs no copy. It is an
// error where f does not fit the operands.
func Lift(name string, f func(xs ...*dl.Tensor) *dl.Tensor, xs ...*G.Node) (*G.Node, error) {
	op := &lift{pure: pure{fmt.Sprintf("%s#%d", name, lifted.Add(1))}, f: f}
	var y *dl.Tensor
	err := dl.Try(func() {
		for _, n := range xs {
			d := dl.Float32
			if n.Dtype() == tensor.Float64 {
				d = dl.Float64
			} else if n.Dtype() != tensor.Float32 {
				panic(&dl.Error{Op: "gorgonia.Lift", Axis: -1, Msg: fmt.Sprintf("an operand has dtype %v, want float32 or float64", n.Dtype())})
			}
			op.in = append(op.in, dl.Placeholder("x", d, n.Shape()...))
			op.types = append(op.types, typeOf(n.Shape(), n.Dtype()))
		}
		y = f(op.in...)
		op.shape = y.Shape()
		op.run = dl.Function(op.in, []*dl.Tensor{y})
	})
	if err != nil {
		return nil, err
	}
	dtype := tensor.Float32
	if y.DType() == dl.Float64 {
		dtype = tensor.Float64
	} else if y.DType() != dl.Float32 {
		return nil, &dl.Error{Op: "gorgonia.Lift", Axis: -1, Msg: fmt.Sprintf("%s gives %v, want float32 or float64", name, y.DType())}
	}
	op.types = append(op.types, typeOf(op.shape, dtype))
	return G.ApplyOp(op, xs...)
}

func typeOf(shape tensor.Shape, d tensor.Dtype) hm.Type {
	if shape.Dims() == 0 {
		return d
	}
	return G.TensorType{Dims: shape.Dims(), Of: d}
}

// A lift is a function of dl's as an operation of gorgonia's.
type lift struct {
	pure
	f     func(xs ...*dl.Tensor) *dl.Tensor
	in    []*dl.Tensor // placeholders
	run   *dl.Func
	shape tensor.Shape
	types []hm.Type // of the operands and the result
}

func (l *lift) Arity() int                                     { return len(l.in) }
func (l *lift) Type() hm.Type                                  { return hm.NewFnType(l.types...) }
func (l *lift) InferShape(...G.DimSizer) (tensor.Shape, error) { return l.shape.Clone(), nil }

// Do computes the result on tensors that share their memory with dl's.
func (l *lift) Do(vs ...G.Value) (y G.Value, err error) {
	args := make([]any, len(vs))
	for i, v := range vs {
		if d, ok := v.(*tensor.Dense); ok {
			args[i] = d
		} else {
			args[i] = tensor.New(tensor.FromScalar(v.Data()))
		}
	}
	err = dl.Try(func() {
		for i, a := range args {
			args[i] = From(a.(*tensor.Dense))
		}
		d := Dense(l.run.Call(args...)[0])
		y = d
		if d.IsScalar() {
			switch v := d.Data().(type) {
			case float32:
				y = G.NewF32(v)
			case float64:
				y = G.NewF64(v)
			}
		}
	})
	return y, err
}

// DiffWRT says that there is a derivative by each operand.
func (l *lift) DiffWRT(inputs int) []bool {
	by := make([]bool, inputs)
	for i := range by {
		by[i] = true
	}
	return by
}

// SymDiff returns the derivatives, which are lifted functions too. One function
// gives them all, one behind the other in a vector, so that what they share is
// computed once; each is a part of that vector, in its memory. Operands of
// different dtypes, which one vector cannot hold, get a function each.
func (l *lift) SymDiff(inputs G.Nodes, _, grad *G.Node) (G.Nodes, error) {
	operands := append(append(G.Nodes{}, inputs...), grad)
	derivatives := func(xs []*dl.Tensor) []*dl.Tensor {
		x, g := xs[:len(xs)-1], xs[len(xs)-1]
		of := dl.Grads(l.f(x...).Mul(g).Sum(), x...)
		ds := make([]*dl.Tensor, len(x))
		for i := range x {
			ds[i] = of.Of(x[i])
		}
		return ds
	}
	ds := make(G.Nodes, len(inputs))
	if mixed := slices.ContainsFunc(inputs, func(n *G.Node) bool { return n.Dtype() != inputs[0].Dtype() }); mixed || len(inputs) == 1 {
		for i := range inputs {
			d, err := Lift(fmt.Sprintf("∂%s/∂x%d", l.name, i), func(xs ...*dl.Tensor) *dl.Tensor { return derivatives(xs)[i] }, operands...)
			if err != nil {
				return nil, err
			}
			ds[i] = d
		}
		return ds, nil
	}
	all, err := Lift("∂"+l.name, func(xs ...*dl.Tensor) *dl.Tensor {
		flat := derivatives(xs)
		for i, d := range flat {
			flat[i] = d.Reshape(-1)
		}
		return dl.Concat(0, flat...)
	}, operands...)
	if err != nil {
		return nil, err
	}
	from := 0
	for i, n := range inputs {
		p := &part{from: from, shape: n.Shape().Clone(), of: all.Shape()[0], dtype: n.Dtype()}
		p.name = fmt.Sprintf("part %d of ∂%s", i, l.name)
		from += n.Shape().TotalSize()
		if ds[i], err = G.ApplyOp(p, all); err != nil {
			return nil, err
		}
	}
	return ds, nil
}
