package dl

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// An Update gives a variable a new value at the end of each call of a
// [Function]; see [Set].
type Update struct {
	Variable *Tensor
	New      *Tensor
}

// Set returns the update that assigns x to the variable v. x may be symbolic.
func Set(v *Tensor, x any) Update {
	if v.check("set").n.State == nil {
		panic(misuse("set", []*Tensor{v}, "%s is not a variable", v.describe()).kind(ErrName).help("make it with dl.Variable(init, name)"))
	}
	return Update{v, v.accepts("set", x)}
}

// A Func is a compiled function from tensors to tensors. It may be called by
// several goroutines; the calls happen one after the other.
type Func struct {
	mu     sync.Mutex
	f      graph.Function
	inputs []*Tensor
	plans  []*callPlan // the most recently used first
	key    []byte
	shapes [][]int
	args   []argument
}

// MaxPlans is how many versions of a function, for inputs of different
// shapes, are kept compiled.
const MaxPlans = 16

// A callPlan is a function compiled for inputs of fixed shapes.
type callPlan struct {
	*graph.Compiled
	key             string
	staging         []backend.Buffer // by input, for Go values; made when first needed
	in, states, out []backend.Buffer // for Run
	written         map[*graph.State]bool
}

// An argument is an input of one call: a tensor or a Go value.
type argument struct {
	t *Tensor
	l literal
}

// Function compiles the computation of outputs from inputs, which are
// placeholders, for repeated calls. Variables are read at each call. The
// updates happen together, after all outputs are computed, so that each sees
// the old values of all variables.
//
// The function is compiled at its first call, once for each combination of
// input shapes, of which the last [MaxPlans] are kept.
func Function(inputs, outputs []*Tensor, updates ...Update) *Func {
	f := &Func{inputs: slices.Clone(inputs)}
	for i, t := range inputs {
		if t.check("function").n.Op.Name != graph.PlaceholderOp {
			panic(misuse("function", []*Tensor{t}, "input %d is not a placeholder", i+1).kind(ErrName).help("make it with dl.Placeholder(name, dtype, shape...)"))
		}
		if slices.Contains(f.f.Inputs, t.n) {
			panic(misuse("function", []*Tensor{t}, "placeholder %q is an input twice", t.Name()).kind(ErrName))
		}
		f.f.Inputs = append(f.f.Inputs, t.n)
	}
	for _, t := range outputs {
		f.f.Outputs = append(f.f.Outputs, t.check("function").n)
	}
	for i, u := range updates {
		if u.Variable == nil || u.New == nil {
			panic(&Error{Op: "function", Axis: -1, Msg: fmt.Sprintf("update %d is empty", i+1), Help: "make it with dl.Set(variable, new)"})
		}
		s := u.Variable.n.State
		if slices.ContainsFunc(f.f.Updates, func(a graph.Assignment) bool { return a.State == s }) {
			panic(misuse("function", []*Tensor{u.Variable}, "variable %q is updated twice", u.Variable.Name()).kind(ErrName))
		}
		f.f.Updates = append(f.f.Updates, graph.Assignment{State: s, New: u.New.n})
	}
	for _, n := range graph.Order(f.roots()...) {
		if n.Op.Name == graph.PlaceholderOp && !slices.Contains(f.f.Inputs, n) {
			panic(&Error{Op: "function", Axis: -1, Shapes: [][]int{n.Shape}, DTypes: []DType{n.DType}, Kind: ErrName,
				Msg: fmt.Sprintf("the result depends on placeholder %q, which is not among the inputs", n.Name)})
		}
	}
	return f
}

func (f *Func) roots() []*graph.Node {
	roots := slices.Clone(f.f.Outputs)
	for _, u := range f.f.Updates {
		roots = append(roots, u.New)
	}
	return roots
}

// Call runs the function on one argument for each input: a concrete tensor or
// a Go number or slice. It returns the outputs, which have no history. When
// the cell that it runs in is interrupted it panics with an [Error] of cause
// [ErrInterrupted], and all variables keep their values.
func (f *Func) Call(args ...any) []*Tensor {
	outs := make([]*Tensor, len(f.f.Outputs))
	f.CallInto(outs, args...)
	return outs
}

// CallInto is Call with a place for the outputs: where outs[i] is a result of
// an earlier call, of the same shape, its memory is written again, and the
// call allocates nothing. Where outs[i] is nil it is set to a new tensor.
func (f *Func) CallInto(outs []*Tensor, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.check(args)
	if len(outs) != len(f.f.Outputs) {
		panic(&Error{Op: "function", Axis: -1, Msg: fmt.Sprintf("room for %d outputs, but there are %d", len(outs), len(f.f.Outputs))})
	}
	f.read(args)
	p := f.plan()
	for i, a := range f.args {
		p.in[i] = p.buffer(f.inputs[i], i, a)
	}
	for i, s := range p.States {
		if p.Written[i] {
			p.states[i] = s.Writable(true)
		} else {
			p.states[i] = s.Base.Elements()
		}
	}
	for i, t := range p.Outputs {
		o := outs[i]
		if o == nil {
			o = wrap(graph.Constant(t, backend.NewBuffer(t.DType, t.Size())))
			outs[i] = o
		} else if o.n.Value.IsNil() || o.n.Tracked() || o.n.DType != t.DType || !slices.Equal(o.n.Shape, t.Shape) {
			panic(misuse("function", []*Tensor{o}, "output %d has shape %s and dtype %s, and does not fit the tensor given for it", i+1, graph.ShapeString(t.Shape), t.DType))
		}
		p.out[i] = o.n.Value
	}
	err := p.Run(p.in, p.states, p.out, cell.Current().Done())
	clear(p.in)
	clear(p.states)
	clear(p.out)
	clear(f.args)
	raise("function", err)
}

func (f *Func) check(args []any) {
	if len(args) != len(f.inputs) {
		panic(&Error{Op: "function", Axis: -1, Msg: fmt.Sprintf("%d arguments for %d inputs%s", len(args), len(f.inputs), f.inputNames())})
	}
}

// close releases all that was compiled.
func (f *Func) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.plans {
		p.Executable.Close()
	}
	f.plans = nil
}

// String says what the function takes and how much it gives.
func (f *Func) String() string {
	var b strings.Builder
	b.WriteString("function(")
	for i, t := range f.inputs {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s %s %s", t.Name(), graph.ShapeString(t.n.Shape), t.n.DType)
	}
	fmt.Fprintf(&b, "): %d outputs, %d updates", len(f.f.Outputs), len(f.f.Updates))
	return b.String()
}

func (f *Func) inputNames() string {
	s := ""
	for i, t := range f.inputs {
		if i == 0 {
			s = ": "
		} else {
			s += ", "
		}
		s += t.Name()
	}
	return s
}

// read checks the arguments and notes their shapes.
func (f *Func) read(args []any) {
	if f.args == nil {
		f.args, f.shapes = make([]argument, len(args)), make([][]int, len(args))
	}
	for i, v := range args {
		want := f.inputs[i]
		a, d := argument{}, DType(0)
		shape := f.shapes[i][:0]
		switch v := v.(type) {
		case *Tensor:
			a.t = v.check("function")
			v.elements("function")
			shape, d = append(shape, v.n.Shape...), v.n.DType
		default:
			a.l = parse("function", v)
			shape, d = append(shape, a.l.shape...), a.l.weak(want.n.DType)
		}
		f.shapes[i], f.args[i] = shape, a
		if rank[d] > rank[want.n.DType] && !(d.IsFloat() && want.n.DType.IsFloat()) {
			panic(misuse("function", []*Tensor{want}, "input %s has dtype %s, got %s", want.describe(), want.n.DType, d).kind(ErrDType).help("convert it with Cast"))
		}
		fits := len(shape) == len(want.n.Shape)
		for k := 0; fits && k < len(shape); k++ {
			fits = want.n.Shape[k] < 0 || want.n.Shape[k] == shape[k]
		}
		if !fits {
			e := misuse("function", []*Tensor{want}, "input %s has shape %s, got %s", want.describe(), graph.ShapeString(want.n.Shape), graph.ShapeString(shape))
			e.Shapes = append(e.Shapes, slices.Clone(shape))
			panic(e)
		}
	}
}

// plan returns the version of the function for the shapes that were read.
func (f *Func) plan() *callPlan {
	on := graph.InUse()
	f.key = append(f.key[:0], on.Name()...)
	for _, s := range f.shapes {
		f.key = append(f.key, 0)
		for _, d := range s {
			f.key = binary.AppendUvarint(f.key, uint64(d)+1)
		}
	}
	for i, p := range f.plans {
		if p.key == string(f.key) {
			copy(f.plans[1:i+1], f.plans[:i])
			f.plans[0] = p
			return p
		}
	}
	shapes := make([][]int, len(f.shapes))
	for i, s := range f.shapes {
		shapes[i] = slices.Clone(s)
	}
	c, err := f.f.Compile(shapes, on)
	raise("function", err)
	p := &callPlan{Compiled: c, key: string(f.key), written: map[*graph.State]bool{},
		staging: make([]backend.Buffer, len(f.inputs)), in: make([]backend.Buffer, len(f.inputs)),
		states: make([]backend.Buffer, len(c.States)), out: make([]backend.Buffer, len(c.Outputs))}
	for i, s := range c.States {
		p.written[s] = c.Written[i]
	}
	if len(f.plans) == MaxPlans {
		f.plans[MaxPlans-1].Executable.Close()
		f.plans = f.plans[:MaxPlans-1]
	}
	f.plans = slices.Insert(f.plans, 0, p)
	return p
}

// buffer returns the memory of an argument in the dtype of its placeholder.
func (p *callPlan) buffer(want *Tensor, i int, a argument) backend.Buffer {
	if a.t != nil && a.t.n.DType == want.n.DType {
		b := a.t.n.Elements()
		if s := a.t.n.State; s != nil && p.written[s] {
			return a.t.n.Share() // the argument is the value before the update
		}
		return b
	}
	if a.t != nil {
		return a.t.cast(want.n.DType).n.Elements()
	}
	if p.staging[i].IsNil() {
		p.staging[i] = backend.NewBuffer(want.n.DType, backend.Size(a.l.shape))
	}
	switch v := a.l.v; { // numbers, without allocation
	case len(a.l.shape) == 0 && want.n.DType == Float32 && v.Kind() == reflect.Float64:
		backend.View[float32](p.staging[i])[0] = float32(v.Float())
	default:
		a.l.fill("function", want.n.DType, p.staging[i])
	}
	return p.staging[i]
}

// A Feed gives placeholders their elements: concrete tensors or Go numbers and
// slices.
type Feed map[*Tensor]any

// evaluation keeps the function with which a tensor is evaluated.
type evaluation struct {
	sync.Mutex
	f *Func
}

// Eval returns the elements that t has when the placeholders that it depends
// on are fed and its variables are as they are now, as a concrete tensor
// without history. The computation is compiled at the first call and kept with
// t.
func Eval(t *Tensor, feed ...Feed) *Tensor {
	t.check("eval").eval.Lock()
	defer t.eval.Unlock()
	if t.eval.f == nil {
		t.eval.f = Function(placeholders(t.n), []*Tensor{t})
	}
	return t.eval.f.Call(fed(t.eval.f.inputs, feed)...)[0]
}

// placeholders returns the placeholders that the nodes depend on.
func placeholders(ns ...*graph.Node) []*Tensor {
	var ps []*Tensor
	for _, n := range graph.Order(ns...) {
		if n.Op.Name == graph.PlaceholderOp {
			ps = append(ps, wrap(n))
		}
	}
	return ps
}

// fed returns what the feeds hold for the inputs.
func fed(inputs []*Tensor, feeds []Feed) []any {
	args := make([]any, len(inputs))
	for _, feed := range feeds {
		for t, v := range feed {
			i := slices.IndexFunc(inputs, func(in *Tensor) bool { return in.n == t.check("eval").n })
			if i >= 0 {
				args[i] = v
			} else if t.n.Op.Name != graph.PlaceholderOp {
				panic(misuse("eval", []*Tensor{t}, "%s is fed, but is not a placeholder", t.describe()).kind(ErrName))
			}
		}
	}
	for i, v := range args {
		if v == nil {
			panic(misuse("eval", inputs[i:i+1], "placeholder %q was not fed", inputs[i].Name()).kind(ErrName).help("dl.Eval(t, dl.Feed{%s: …})", inputs[i].Name()))
		}
	}
	return args
}
