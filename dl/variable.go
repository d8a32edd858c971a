package dl

import (
	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// Variable returns a variable that begins as a copy of init, which may be a
// concrete tensor or a Go number or slice. What is computed from a variable
// remembers how, so that [Grad] works on it.
func Variable(init any, name string) *Tensor {
	t := tensorOf("variable", init)
	src := t.elements("variable")
	b := backend.NewBuffer(t.n.DType, t.n.Size())
	copy(b.Bytes(), src.Bytes())
	v := wrap(graph.Variable(name, t.n.Type, b))
	v.n.State.Owner = v
	return v
}

// Variables returns the variables that tensors were computed from, each once, in
// the order in which they are met on the way from the first operands on.
func Variables(ts ...*Tensor) []*Tensor {
	for _, t := range ts {
		t.check("variables")
	}
	var vs []*Tensor
	for _, n := range graph.Order(nodes(ts)...) {
		if n.State != nil {
			vs = append(vs, n.State.Owner.(*Tensor))
		}
	}
	return vs
}

// Assign gives a variable the elements of x, which needs the variable's shape;
// the dtype is converted. What was computed from the variable before keeps its
// elements and its gradient. In a function that [Jit] traces it is an update of
// the compiled function.
func (t *Tensor) Assign(x any) {
	if tr := ownTrace(); tr != nil {
		tr.assign(t, x)
		return
	}
	if t.check("assign").n.State == nil {
		panic(misuse("assign", []*Tensor{t}, "%s is not a variable", t.describe()).kind(ErrName).help("make it with dl.Variable(init, name)"))
	}
	v := t.accepts("assign", x)
	src := v.elements("assign")
	copy(t.n.State.Writable(false).Bytes(), src.Bytes())
}

// accepts returns x in the dtype of the variable t, if it has its shape.
func (t *Tensor) accepts(op string, x any) *Tensor {
	var v *Tensor
	if own, ok := x.(*Tensor); ok {
		v = own.check(op).Cast(t.n.DType)
	} else {
		v = parse(op, x).tensor(op, t.n.DType)
	}
	fits := len(v.n.Shape) == len(t.n.Shape)
	for a := 0; fits && a < len(v.n.Shape); a++ {
		fits = v.n.Shape[a] == t.n.Shape[a] || v.n.Shape[a] < 0
	}
	if !fits {
		panic(misuse(op, []*Tensor{t, v}, "a value of shape %s for variable %q of shape %s",
			graph.ShapeString(v.n.Shape), t.n.Name, graph.ShapeString(t.n.Shape)).help("a variable keeps its shape"))
	}
	return v
}
