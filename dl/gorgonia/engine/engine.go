// Package engine is a backend of dl that runs programs on gorgonia
// (gorgonia.org/gorgonia): each compiled program becomes an ExprGraph of its
// own, built once, that a TapeMachine runs. Import it for its effect, which is
// that dl.Use("gorgonia") is possible.
//
// It is there to compare with, not to be fast. Everything that computes is an
// operation of gorgonia's; what only copies elements into another shape or
// dtype is done here. What gorgonia has no operation for is an error of type
// [*backend.Unsupported] that names it, when the program is compiled;
// [Operations] lists what it has.
//
// Numbers have one of gorgonia's two dtypes of floats. Integers can be the
// indices and labels of an operation, and bools, which are zeros and ones in the
// graph, what a comparison gives.
package engine

import (
	"fmt"
	"slices"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/fluxion-go/fluxion/dl/backend"
)

const name = "gorgonia"

func init() { backend.Register(engine{}) }

type engine struct{}

func (engine) Name() string { return name }

// Operations returns the operations that the engine can run, sorted, some of
// them not with every attribute.
func Operations() []backend.Op {
	var ops []backend.Op
	for op := range rules {
		ops = append(ops, op)
	}
	slices.Sort(ops)
	return ops
}

// Compile implements [backend.Backend].
func (engine) Compile(p *backend.Program) (x backend.Executable, err error) {
	b := &builder{program: p, graph: G.NewGraph(), nodes: make([]*G.Node, len(p.Values))}
	// Gorgonia panics where it should return an error.
	var at backend.Op = "program"
	defer func() {
		if r := recover(); r != nil {
			x, err = nil, unsupported(at, fmt.Sprint(r))
		}
	}()
	for _, v := range slices.Concat(p.Inputs, p.States) {
		if err := b.leaf(v); err != nil {
			return nil, err
		}
	}
	for v, value := range p.Values {
		if value.Const.IsNil() {
			continue
		}
		if err := b.leaf(v); err != nil {
			return nil, err
		}
		t, err := dense(value, value.Const)
		if err != nil {
			return nil, err
		}
		if err := G.Let(b.nodes[v], t); err != nil {
			return nil, err
		}
	}
	for _, i := range p.Instrs {
		at = i.Op
		if err := b.instr(i); err != nil {
			return nil, err
		}
	}
	at = "program"
	e := &executable{builder: b}
	for _, v := range p.Outputs {
		e.outputs = append(e.outputs, b.result(v))
	}
	for _, u := range p.Updates {
		e.updates = append(e.updates, b.result(u.New))
	}
	if b.err != nil {
		return nil, unsupported(at, b.err.Error())
	}
	if len(b.graph.AllNodes()) > 0 {
		e.machine = G.NewTapeMachine(b.graph)
	}
	return e, nil
}

func unsupported(op backend.Op, why string) error {
	return &backend.Unsupported{Backend: name, Op: op, Why: why}
}

// A builder makes the graph of a program. After its first error it adds nothing,
// and its functions return nil.
type builder struct {
	program *backend.Program
	graph   *G.ExprGraph
	nodes   []*G.Node // by the numbers of the values
	made    int       // how many nodes were given a name of their own
	err     error
	done    <-chan struct{} // of the run
}

func (b *builder) fail(err error) *G.Node {
	if b.err == nil {
		b.err = err
	}
	return nil
}

// leaf makes the node of a value that comes from outside.
func (b *builder) leaf(v int) error {
	value := b.program.Values[v]
	if b.nodes[v] != nil {
		return nil
	}
	if backend.Size(value.Shape) == 0 {
		return unsupported("input", valueName(value)+" is empty")
	}
	shape := shapeOf(value.Shape)
	b.made++
	b.nodes[v] = G.NewTensor(b.graph, dtypeOf(value.DType), shape.Dims(), G.WithShape(shape...),
		G.WithName(fmt.Sprintf("%s#%d", valueName(value), b.made)))
	return nil
}

func valueName(v backend.Value) string {
	if v.Name != "" {
		return v.Name
	}
	return "a value"
}

// instr adds an instruction to the graph.
func (b *builder) instr(i backend.Instr) error {
	rule, ok := rules[i.Op]
	if !ok {
		return unsupported(i.Op, "gorgonia has no such operation")
	}
	c := &call{builder: b, instr: i, out: b.program.Values[i.Out[0]]}
	for k, v := range slices.Concat(i.In, i.Out) {
		value := b.program.Values[v]
		if backend.Size(value.Shape) == 0 {
			return unsupported(i.Op, "not with empty arrays")
		}
		if isInt(value.DType) && !(k < len(i.In) && takesInts(i.Op, k)) {
			return unsupported(i.Op, fmt.Sprintf("not with dtype %s, as gorgonia computes with floats", value.DType))
		}
	}
	in := make([]*G.Node, len(i.In))
	for k, v := range i.In {
		in[k] = b.nodes[v]
	}
	n := rule(c, in)
	if n != nil {
		n = b.inDType(b.reshape(n, shapeOf(c.out.Shape)), dtypeOf(c.out.DType))
	}
	if b.err != nil {
		return unsupported(i.Op, b.err.Error())
	}
	b.nodes[i.Out[0]] = n
	return nil
}

// result returns the node whose value, after a run, is that of v and in no
// memory of the caller's.
func (b *builder) result(v int) *G.Node {
	n := b.nodes[v]
	if n.Op() == nil {
		n = b.lay("copy", n.Shape().Clone(), nil, n)
	}
	return n
}

// An executable is a graph with its machine.
type executable struct {
	*builder
	machine          G.VM // nil where there is nothing to do
	outputs, updates []*G.Node
}

// Run implements [backend.Executable]. It looks at done before each operation.
func (x *executable) Run(inputs, states, outputs []backend.Buffer, done <-chan struct{}) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("backend %s: %v", name, r)
		}
	}()
	if x.machine == nil {
		return nil
	}
	for k, v := range x.program.Inputs {
		if err := x.let(v, inputs[k]); err != nil {
			return err
		}
	}
	for k, v := range x.program.States {
		if err := x.let(v, states[k]); err != nil {
			return err
		}
	}
	x.done = done
	x.machine.Reset()
	err = x.machine.RunAll()
	if interrupted(done) {
		return backend.ErrInterrupted
	}
	if err != nil {
		return fmt.Errorf("backend %s: %w", name, err)
	}
	for k, v := range x.program.Outputs {
		if err := store(outputs[k], x.program.Values[v].DType, x.outputs[k].Value()); err != nil {
			return err
		}
	}
	for k, u := range x.program.Updates {
		if err := store(states[u.State], x.program.Values[u.New].DType, x.updates[k].Value()); err != nil {
			return err
		}
	}
	return nil
}

// let gives the node of v its value for a run.
func (x *executable) let(v int, b backend.Buffer) error {
	t, err := dense(x.program.Values[v], b)
	if err != nil {
		return err
	}
	return G.Let(x.nodes[v], t)
}

func interrupted(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// Close implements [backend.Executable].
func (x *executable) Close() {
	if x.machine != nil {
		x.machine.Close()
	}
}

// shapeOf returns a shape as the graph has it: a number is a vector of one
// there, because gorgonia's scalars follow other rules than its tensors.
func shapeOf(shape []int) tensor.Shape {
	if len(shape) == 0 {
		return tensor.Shape{1}
	}
	return slices.Clone(shape)
}

func isInt(d backend.DType) bool {
	return d == backend.Int32 || d == backend.Int64 || d == backend.Uint8
}

// dtypeOf returns the dtype that values of dtype d have in the graph. Of the
// others, a float64 holds all bools, and the integers up to 2⁵³.
func dtypeOf(d backend.DType) tensor.Dtype {
	if d == backend.Float32 {
		return tensor.Float32
	}
	return tensor.Float64
}

// dense returns a tensor on the memory of a buffer, where that holds floats.
func dense(v backend.Value, b backend.Buffer) (*tensor.Dense, error) {
	to := tensor.WithShape(shapeOf(v.Shape)...)
	switch v.DType {
	case backend.Float32:
		return tensor.New(to, tensor.WithBacking(backend.View[float32](b))), nil
	case backend.Float64:
		return tensor.New(to, tensor.WithBacking(backend.View[float64](b))), nil
	case backend.Int32:
		return whole(v, to, backend.View[int32](b))
	case backend.Int64:
		return whole(v, to, backend.View[int64](b))
	default:
		return whole(v, to, backend.View[uint8](b))
	}
}

func whole[T int32 | int64 | uint8](v backend.Value, to tensor.ConsOpt, data []T) (*tensor.Dense, error) {
	out := make([]float64, len(data))
	for i, x := range data {
		if out[i] = float64(x); T(out[i]) != x {
			return nil, fmt.Errorf("backend %s: %s holds %d, which no float64 is", name, valueName(v), x)
		}
	}
	return tensor.New(to, tensor.WithBacking(out)), nil
}

// store copies v into a buffer for elements of dtype d.
func store(to backend.Buffer, d backend.DType, v G.Value) error {
	switch data := v.Data().(type) {
	case []float32:
		copy(backend.View[float32](to), data)
	case []float64:
		switch d {
		case backend.Float64:
			copy(backend.View[float64](to), data)
		case backend.Int32:
			numbers(backend.View[int32](to), data)
		case backend.Int64:
			numbers(backend.View[int64](to), data)
		default:
			numbers(backend.View[uint8](to), data)
		}
	default:
		return fmt.Errorf("backend %s: a result is %T, want floats", name, v.Data())
	}
	return nil
}

func numbers[T int32 | int64 | uint8](to []T, data []float64) {
	for i, x := range data {
		to[i] = T(x)
	}
}
