// Package onnx writes models in the format of the Open Neural Network Exchange
// (https://onnx.ai), which other frameworks and inference engines read.
//
//	err := onnx.WriteFile("net.onnx", model, []int{3, 32, 32})
//
// What is written is what the model computes in evaluation, operation by
// operation, in operator set 18. So layers written in a cell are exported like
// those of package nn, as long as they use operations that ONNX has; an error
// names one that it has not. Loops, as in recurrent layers, become Scan or Loop,
// and conditions If. The number of examples, and of steps where it is unknown,
// stays open. Random numbers are refused: evaluation draws none.
package onnx

import (
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/internal/atomicfile"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
	"github.com/fluxion-go/fluxion/dl/nn"
)

const (
	irVersion = 9
	opset     = 18
)

// WriteFile writes a model as the file of this path, whole or not at all. The
// shapes are those of its inputs without the axis of the examples; none are
// needed where nn.Input names them. Dimensions of −1 stay open.
func WriteFile(path string, m *nn.Model, shapes ...[]int) error {
	inputs, outputs, err := trace(m, shapes)
	if err != nil {
		return err
	}
	b, err := Encode(inputs, outputs)
	if err != nil {
		return err
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
}

// trace applies the model to placeholders.
func trace(m *nn.Model, shapes [][]int) (inputs, outputs []*dl.Tensor, err error) {
	err = dl.Try(func() {
		inputs = m.Placeholders(shapes...)
		outputs = m.PassAll(nn.Evaluation(), inputs...)
	})
	for i, t := range outputs {
		if t.Name() == "" && !t.IsVariable() {
			name := "output"
			if len(outputs) > 1 {
				name = fmt.Sprintf("output%d", i+1)
			}
			t.Named(name)
		}
	}
	return inputs, outputs, err
}

// Encode returns the ONNX file of the computation of outputs from inputs, which
// are placeholders. Variables become constants with their values of now.
func Encode(inputs, outputs []*dl.Tensor) (file []byte, err error) {
	e := &exporter{names: map[*graph.Node]string{}, taken: map[string]bool{}}
	defer func() {
		if r := recover(); r != nil {
			u, ok := r.(Unsupported)
			if !ok {
				panic(r)
			}
			file, err = nil, u
		}
	}()
	g := &block{e: e}
	for i, t := range inputs {
		n := graph.NodeOf(t)
		if n.Op.Name != graph.PlaceholderOp {
			return nil, fmt.Errorf("onnx: input %d is not a placeholder", i+1)
		}
		name := e.name(n, "input")
		g.inputs = append(g.inputs, valueInfo(name, n.DType, n.Shape, openDimension(name)))
	}
	roots := make([]*graph.Node, len(outputs))
	for i, t := range outputs {
		if roots[i] = graph.NodeOf(t); !roots[i].Symbolic() {
			return nil, fmt.Errorf("onnx: output %d does not depend on an input", i+1)
		}
	}
	g.add(roots)
	for i, n := range roots {
		name := e.fresh(fallback(n.Name, fmt.Sprintf("output%d", i+1)))
		g.emit("Identity", []string{e.names[n]}, name, nil)
		g.outputs = append(g.outputs, valueInfo(name, n.DType, n.Shape, openDimension(name)))
	}
	var set, model message
	set.text(1, "")
	set.integer(2, opset)
	model.integer(1, irVersion)
	model.text(2, "fluxion")
	model.message(7, g.proto("fluxion"))
	model.message(8, set)
	return model.b, nil
}

// openDimension names unknown dimensions: that of the examples is one for all.
func openDimension(of string) func(axis int) string {
	return func(axis int) string {
		if axis == 0 {
			return "n"
		}
		return fmt.Sprintf("%s_%d", of, axis)
	}
}

// Unsupported is the error of a computation that cannot be exported.
type Unsupported struct {
	Op  string // the operation
	Why string // what about it, or "" where ONNX has none like it
}

// Error says which operation cannot be exported, and why.
func (u Unsupported) Error() string {
	if u.Why == "" {
		return fmt.Sprintf("onnx: operation %s has no counterpart in ONNX that is written here", u.Op)
	}
	return fmt.Sprintf("onnx: operation %s: %s", u.Op, u.Why)
}

// An exporter gives names to values, which are unique in the whole file.
type exporter struct {
	names     map[*graph.Node]string
	constants []message
	taken     map[string]bool
	count     int
}

func fallback(name, otherwise string) string {
	if name == "" {
		return otherwise
	}
	return name
}

// fresh returns a name that was not used before, like the one wanted.
func (e *exporter) fresh(wanted string) string {
	name := wanted
	for i := 2; e.taken[name]; i++ {
		name = fmt.Sprintf("%s_%d", wanted, i)
	}
	e.taken[name] = true
	return name
}

// name gives a node a name.
func (e *exporter) name(n *graph.Node, otherwise string) string {
	name := e.fresh(fallback(n.Name, otherwise))
	e.names[n] = name
	return name
}

// hidden returns a name for a value that has none in the graph.
func (e *exporter) hidden(op string) string {
	e.count++
	return e.fresh(fmt.Sprintf("%s/%d", strings.ToLower(op), e.count))
}

// constant adds a constant and returns its name.
func (e *exporter) constant(wanted string, d dl.DType, shape []int, elements backend.Buffer) string {
	name := e.fresh(wanted)
	e.constants = append(e.constants, tensorProto(name, d, shape, elements))
	return name
}

// ints adds a constant vector of int64, or a scalar.
func (e *exporter) ints(values ...int) string {
	b := backend.NewBuffer(dl.Int64, len(values))
	for i, v := range values {
		backend.View[int64](b)[i] = int64(v)
	}
	return e.constant(e.hidden("ints"), dl.Int64, []int{len(values)}, b)
}

// number adds a constant without axes.
func (e *exporter) number(d dl.DType, v float64) string {
	return e.constant(e.hidden("number"), d, nil, graph.Scalar(d, v).Elements())
}

// A block is a graph of the file: the whole, or the body of a loop.
type block struct {
	e                      *exporter
	nodes, inputs, outputs []message
	outer                  bool // it is a body: constants belong to the whole
}

func (g *block) proto(name string) message {
	var m message
	for _, n := range g.nodes {
		m.message(1, n)
	}
	m.text(2, name)
	if !g.outer {
		for _, c := range g.e.constants {
			m.message(5, c)
		}
	}
	for _, v := range g.inputs {
		m.message(11, v)
	}
	for _, v := range g.outputs {
		m.message(12, v)
	}
	return m
}

// emit adds a node with one output and returns its name.
func (g *block) emit(op string, in []string, out string, at attributes) string {
	return g.emitAll(op, in, []string{out}, at)[0]
}

func (g *block) emitAll(op string, in, out []string, at attributes) []string {
	var m message
	for _, name := range in {
		m.text(1, name)
	}
	for _, name := range out {
		m.text(2, name)
	}
	m.text(4, op)
	for _, name := range slices.Sorted(maps.Keys(at)) {
		m.message(5, attributeProto(name, at[name]))
	}
	g.nodes = append(g.nodes, m)
	return out
}

// step emits a node whose output has no name in the graph.
func (g *block) step(op string, at attributes, in ...string) string {
	return g.emit(op, in, g.e.hidden(op), at)
}

// add emits what the roots are computed from. Nodes that have a name already,
// such as the inputs of a body, are leaves.
func (g *block) add(roots []*graph.Node) {
	var visit func(n *graph.Node)
	visit = func(n *graph.Node) {
		if !n.Several() {
			n = n.Base()
		}
		if _, done := g.e.names[n]; done {
			return
		}
		if !n.Symbolic() {
			g.e.names[n] = g.e.constant(fallback(n.Name, g.e.hidden("constant")), n.DType, n.Shape, n.Elements())
			return
		}
		if n.Op.Name == graph.PlaceholderOp {
			panic(Unsupported{"placeholder", fmt.Sprintf("%q is not among the inputs", n.Name)})
		}
		for _, x := range n.In {
			visit(x)
		}
		g.node(n)
	}
	for _, n := range roots {
		visit(n)
	}
}

// name returns the name of an operand.
func (g *block) name(n *graph.Node) string {
	if !n.Several() {
		n = n.Base()
	}
	return g.e.names[n]
}

// littleEndian returns elements as the file holds them.
func littleEndian(d dl.DType, b backend.Buffer) []byte {
	var out []byte
	var err error
	switch d {
	case dl.Float32:
		out, err = binary.Append(nil, binary.LittleEndian, backend.View[float32](b))
	case dl.Float64:
		out, err = binary.Append(nil, binary.LittleEndian, backend.View[float64](b))
	case dl.Int32:
		out, err = binary.Append(nil, binary.LittleEndian, backend.View[int32](b))
	case dl.Int64:
		out, err = binary.Append(nil, binary.LittleEndian, backend.View[int64](b))
	default:
		out = slices.Clone(b.Bytes())
	}
	if err != nil { // only of types without a fixed size
		panic(err)
	}
	return out
}
