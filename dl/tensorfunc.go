package dl

import (
	"fmt"
	"reflect"

	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// A tensorFunc is a Go function from tensors to tensors that a user wrote: its
// parameters are *Tensor (or any), or one []*Tensor or ...*Tensor, and its
// results *Tensor, or one []*Tensor.
type tensorFunc struct {
	op   string // who was given it
	call func(args []*Tensor) []*Tensor
	min  int // parameters; −1 for any number
}

var (
	tensorType  = reflect.TypeFor[*Tensor]()
	tensorsType = reflect.TypeFor[[]*Tensor]()
)

// tensorFuncOf returns f as a tensorFunc. what says what it is for.
func tensorFuncOf(op, what string, f any) tensorFunc {
	t := tensorFunc{op: op}
	switch f := f.(type) {
	case func(*Tensor) *Tensor:
		t.min, t.call = 1, func(a []*Tensor) []*Tensor { return []*Tensor{f(a[0])} }
	case func(a, b *Tensor) *Tensor:
		t.min, t.call = 2, func(a []*Tensor) []*Tensor { return []*Tensor{f(a[0], a[1])} }
	case func([]*Tensor) []*Tensor:
		t.min, t.call = -1, f
	case func(...*Tensor) []*Tensor:
		t.min, t.call = -1, func(a []*Tensor) []*Tensor { return f(a...) }
	default:
		t.reflect(what, f)
	}
	return t
}

func (t *tensorFunc) reflect(what string, f any) {
	v := reflect.ValueOf(f)
	fail := func() {
		panic(&Error{Op: t.op, Axis: -1, Msg: fmt.Sprintf("%s is a %T, want a function from tensors to tensors", what, f),
			Help: "write it as func(x, y *dl.Tensor) *dl.Tensor with as many parameters and results as it has, or as func(in []*dl.Tensor) []*dl.Tensor"})
	}
	if !v.IsValid() || v.Kind() != reflect.Func || v.IsNil() {
		fail()
	}
	typ := v.Type()
	list := typ.NumIn() == 1 && typ.In(0) == tensorsType // also …*Tensor
	for i := range typ.NumIn() {
		if !tensorType.AssignableTo(typ.In(i)) && !list {
			fail()
		}
	}
	results := typ.NumOut() == 1 && typ.Out(0) == tensorsType
	for i := range typ.NumOut() {
		if typ.Out(i) != tensorType && !results {
			fail()
		}
	}
	t.min = typ.NumIn()
	if list {
		t.min = -1
	}
	t.call = func(args []*Tensor) []*Tensor {
		in := make([]reflect.Value, 0, len(args))
		for _, a := range args {
			in = append(in, reflect.ValueOf(a))
		}
		var out []reflect.Value
		switch {
		case list && typ.IsVariadic():
			out = v.CallSlice([]reflect.Value{reflect.ValueOf(args)})
		case list:
			out = v.Call([]reflect.Value{reflect.ValueOf(args)})
		default:
			out = v.Call(in)
		}
		if results {
			return out[0].Interface().([]*Tensor)
		}
		ts := make([]*Tensor, len(out))
		for i, o := range out {
			ts[i] = o.Interface().(*Tensor)
		}
		return ts
	}
}

// of calls the function on args, which what describes, and checks its results.
func (t tensorFunc) of(what string, args ...*Tensor) []*Tensor {
	if t.min >= 0 && t.min != len(args) {
		panic(&Error{Op: t.op, Axis: -1, Msg: fmt.Sprintf("the function has %d parameters for %d arguments: %s", t.min, len(args), what)})
	}
	out := t.call(args)
	for i, r := range out {
		if r == nil || r.n == nil {
			panic(&Error{Op: t.op, Axis: -1, Msg: fmt.Sprintf("result %d of the function is a nil *dl.Tensor", i+1)})
		}
	}
	return out
}

// nodes returns the nodes of tensors.
func nodes(ts []*Tensor) []*graph.Node {
	ns := make([]*graph.Node, len(ts))
	for i, t := range ts {
		ns[i] = t.n
	}
	return ns
}

func wrapAll(ns []*graph.Node) []*Tensor {
	ts := make([]*Tensor, len(ns))
	for i, n := range ns {
		ts[i] = wrap(n)
	}
	return ts
}
