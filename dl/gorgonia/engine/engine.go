// Package engine is a backend of dl that runs programs on gorgonia
// (gorgonia.org/gorgonia): each compiled program becomes an ExprGraph of its
// own, built once, that a TapeMachine runs. Import it for its effect, which is
// that dl.Use("gorgonia") is possible.
//
// It is there to compare with, not to be fast. What gorgonia has no operation
// for is an error of type [*backend.Unsupported]; [Operations] lists what it has.
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
func (engine) Compile(p *backend.Program) (backend.Executable, error) {
	b := &builder{program: p, graph: G.NewGraph(), nodes: make([]*G.Node, len(p.Values))}
	x := &executable{program: p, graph: b.graph}
	for _, list := range [][]int{p.Inputs, p.States} {
		for _, v := range list {
			if b.nodes[v] != nil {
				continue
			}
			n, err := b.leaf(v)
			if err != nil {
				return nil, err
			}
			b.nodes[v] = n
		}
	}
	for v, value := range p.Values {
		if value.Const.IsNil() {
			continue
		}
		n, err := b.leaf(v)
		if err != nil {
			return nil, err
		}
		if err := G.Let(n, dense(value.DType, value.Shape, value.Const)); err != nil {
			return nil, fmt.Errorf("backend %s: a constant: %w", name, err)
		}
		b.nodes[v] = n
	}
	for _, i := range p.Instrs {
		if err := b.add(i); err != nil {
			return nil, err
		}
	}
	// What is read must not share a register with what is computed later.
	for _, v := range p.Outputs {
		x.outputs = append(x.outputs, x.read(b.nodes[v]))
	}
	for _, u := range p.Updates {
		x.updates = append(x.updates, x.read(b.nodes[u.New]))
	}
	x.nodes = b.nodes
	x.machine = G.NewTapeMachine(b.graph)
	return x, nil
}

// A builder makes the graph of a program.
type builder struct {
	program *backend.Program
	graph   *G.ExprGraph
	nodes   []*G.Node // by the numbers of the values
	made    int       // how many nodes were given a name of their own
}

// fresh returns a name that no other node has. Gorgonia takes nodes that are
// written alike for one and the same, also where they are not.
func (b *builder) fresh(what string) string {
	b.made++
	return fmt.Sprintf("%s#%d", what, b.made)
}

// leaf returns a node for a value that comes from outside.
func (b *builder) leaf(v int) (*G.Node, error) {
	value := b.program.Values[v]
	dtype, ok := dtypes[value.DType]
	if !ok {
		return nil, &backend.Unsupported{Backend: name, Op: "input", Why: fmt.Sprintf("%s has dtype %s, and gorgonia computes with float32 and float64", valueName(value), value.DType)}
	}
	if backend.Size(value.Shape) == 0 {
		return nil, &backend.Unsupported{Backend: name, Op: "input", Why: valueName(value) + " is empty"}
	}
	shape := shapeOf(value.Shape)
	return G.NewTensor(b.graph, dtype, shape.Dims(), G.WithShape(shape...), G.WithName(b.fresh(valueName(value)))), nil
}

func valueName(v backend.Value) string {
	if v.Name != "" {
		return v.Name
	}
	return "a value"
}

// add adds an instruction to the graph.
func (b *builder) add(i backend.Instr) (err error) {
	unsupported := func(why string) error { return &backend.Unsupported{Backend: name, Op: i.Op, Why: why} }
	rule, ok := rules[i.Op]
	if !ok {
		return unsupported("gorgonia has no such operation")
	}
	out := b.program.Values[i.Out[0]]
	for _, v := range append(slices.Clone(i.In), i.Out...) {
		value := b.program.Values[v]
		if _, ok := dtypes[value.DType]; !ok && value.DType != backend.Bool {
			return unsupported(fmt.Sprintf("not with dtype %s", value.DType))
		}
		if backend.Size(value.Shape) == 0 {
			return unsupported("not with empty arrays")
		}
	}
	in := make([]*G.Node, len(i.In))
	for k, v := range i.In {
		in[k] = b.nodes[v]
	}
	// Gorgonia panics where it should return an error.
	defer func() {
		if r := recover(); r != nil {
			err = unsupported(fmt.Sprint(r))
		}
	}()
	n, err := rule(&call{builder: b, instr: i, out: out}, in)
	if err != nil {
		return unsupported(err.Error())
	}
	n, err = b.reshape(n, shapeOf(out.Shape))
	if err != nil {
		return unsupported(err.Error())
	}
	b.nodes[i.Out[0]] = n
	return nil
}

// reshape returns n in a shape, which may be its own.
func (b *builder) reshape(n *G.Node, shape tensor.Shape) (*G.Node, error) {
	if n.Shape().Eq(shape) && !n.IsScalar() {
		return n, nil
	}
	return b.apply(layout{name: b.fresh("reshape"), from: n.Shape().Clone(), to: shape, dtype: n.Dtype()}, n)
}

func (b *builder) apply(op G.Op, in ...*G.Node) (*G.Node, error) { return G.ApplyOp(op, in...) }

// An executable is a graph with its machine.
type executable struct {
	program *backend.Program
	graph   *G.ExprGraph
	nodes   []*G.Node
	machine G.VM
	outputs []*G.Value
	updates []*G.Value
}

// read returns where the machine will leave the value of n.
func (x *executable) read(n *G.Node) *G.Value {
	v := new(G.Value)
	G.Read(n, v)
	return v
}

// Run implements [backend.Executable]. It looks at done before it starts and
// when it has ended.
func (x *executable) Run(inputs, states, outputs []backend.Buffer, done <-chan struct{}) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("backend %s: %v", name, r)
		}
	}()
	if interrupted(done) {
		return backend.ErrInterrupted
	}
	for _, part := range []struct {
		values  []int
		buffers []backend.Buffer
	}{{x.program.Inputs, inputs}, {x.program.States, states}} {
		for k, v := range part.values {
			value := x.program.Values[v]
			if err := G.Let(x.nodes[v], dense(value.DType, value.Shape, part.buffers[k])); err != nil {
				return fmt.Errorf("backend %s: %s: %w", name, valueName(value), err)
			}
		}
	}
	x.machine.Reset()
	if err := x.machine.RunAll(); err != nil {
		return fmt.Errorf("backend %s: %w", name, err)
	}
	if interrupted(done) {
		return backend.ErrInterrupted
	}
	for k, v := range x.program.Outputs {
		if err := store(outputs[k], x.program.Values[v].DType, *x.outputs[k]); err != nil {
			return err
		}
	}
	for k, u := range x.program.Updates {
		if err := store(states[u.State], x.program.Values[u.New].DType, *x.updates[k]); err != nil {
			return err
		}
	}
	return nil
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
func (x *executable) Close() { x.machine.Close() }
