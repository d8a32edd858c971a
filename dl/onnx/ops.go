package onnx

import (
	"math"
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// same are the operations that ONNX has under another name and without
// attributes.
var same = map[backend.Op]string{
	backend.Neg: "Neg", backend.Abs: "Abs", backend.Sign: "Sign", backend.Sqrt: "Sqrt", backend.Reciprocal: "Reciprocal",
	backend.Exp: "Exp", backend.Log: "Log", backend.Sin: "Sin", backend.Cos: "Cos", backend.Tan: "Tan", backend.Tanh: "Tanh",
	backend.Sigmoid: "Sigmoid", backend.Softplus: "Softplus", backend.ReLU: "Relu", backend.Floor: "Floor", backend.Ceil: "Ceil",
	backend.Round: "Round", backend.Erf: "Erf", backend.Asin: "Asin", backend.Acos: "Acos", backend.Atan: "Atan",
	backend.Sinh: "Sinh", backend.Cosh: "Cosh", backend.Asinh: "Asinh", backend.Acosh: "Acosh", backend.Atanh: "Atanh",
	backend.Add: "Add", backend.Sub: "Sub", backend.Mul: "Mul", backend.Div: "Div", backend.Pow: "Pow",
	backend.Maximum: "Max", backend.Minimum: "Min",
	backend.Equal: "Equal", backend.Less: "Less", backend.LessEqual: "LessOrEqual", backend.Greater: "Greater", backend.GreaterEqual: "GreaterOrEqual",
	backend.And: "And", backend.Or: "Or", backend.Not: "Not", backend.Where: "Where",
	graph.StopGradientOp: "Identity",
}

// reductions take their axes as an operand.
var reductions = map[backend.Op]string{
	backend.Sum: "ReduceSum", backend.Prod: "ReduceProd", backend.Max: "ReduceMax", backend.Min: "ReduceMin", graph.Mean: "ReduceMean",
}

// node emits what computes n and gives n its name.
func (g *block) node(n *graph.Node) {
	if n.Op.Name == backend.Scan {
		g.scan(n)
		return
	}
	if i := n.ResultIndex(); i >= 0 {
		g.e.names[n] = g.e.names[n.In[0]] + resultSuffix(i)
		return
	}
	in := make([]string, len(n.In))
	for i, x := range n.In {
		in[i] = g.name(x)
	}
	if op, ok := same[n.Op.Name]; ok {
		g.e.names[n] = g.emit(op, in, g.e.hidden(op), nil)
		return
	}
	if op, ok := reductions[n.Op.Name]; ok {
		at := n.Attrs.(backend.ReduceAttrs)
		keep := 0
		if at.Keep {
			keep = 1
		}
		if len(at.Axes) == 0 { // of a number: without axes ONNX would take all
			g.e.names[n] = g.step("Identity", nil, in[0])
			return
		}
		g.e.names[n] = g.step(op, attributes{"keepdims": keep}, in[0], g.e.ints(at.Axes...))
		return
	}
	g.e.names[n] = g.other(n, in)
}

// other emits operations that need more than a name, and returns the output.
func (g *block) other(n *graph.Node, in []string) string {
	x := n.In[0]
	one := func() string { return g.e.number(x.DType, 1) }
	switch at := n.Attrs.(type) {
	case graph.CastAttrs:
		return g.step("Cast", attributes{"to": int(elementTypes[at.DType])}, in[0])
	case graph.ShapeAttrs:
		shape := g.shape(n, at, in)
		if n.Op.Name == backend.Reshape {
			return g.step("Reshape", nil, in[0], shape)
		}
		if n.Op.Name == backend.BroadcastTo {
			return g.step("Expand", nil, in[0], shape)
		}
	case backend.TransposeAttrs:
		return g.step("Transpose", attributes{"perm": at.Perm}, in[0])
	case graph.RangeAttrs:
		return g.slice(at, in[0])
	case backend.PadAttrs:
		return g.step("Pad", nil, in[0], g.e.ints(slices.Concat(at.Before, at.After)...))
	case backend.MatMulAttrs:
		return g.step("MatMul", nil, g.turned(x, in[0], at.TransA), g.turned(n.In[1], in[1], at.TransB))
	case graph.OneHotAttrs:
		values := g.step("Concat", attributes{"axis": 0}, g.unsqueezed(g.e.number(at.DType, 0)), g.unsqueezed(g.e.number(at.DType, 1)))
		return g.step("OneHot", attributes{"axis": -1}, in[0], g.e.ints(at.Classes), values)
	case graph.ConvAttrs:
		if n.Op.Name == backend.Conv2D {
			return g.step("Conv", convAttributes(at), in[0], in[1])
		}
	case graph.ConvTransposeAttrs:
		a := convAttributes(at.ConvAttrs)
		a["output_padding"] = at.Extra[:]
		return g.step("ConvTranspose", a, in[0], in[1])
	case graph.PoolAttrs:
		if n.Op.Name == backend.MaxPool2D {
			return g.step("MaxPool", poolAttributes(at), in[0])
		}
	case graph.AvgPoolAttrs:
		a := poolAttributes(at.PoolAttrs)
		if at.CountPad {
			a["count_include_pad"] = 1
		}
		return g.step("AveragePool", a, in[0])
	case backend.AxisAttrs:
		a := attributes{"axis": at.Axis}
		switch n.Op.Name {
		case backend.Softmax:
			return g.step("Softmax", a, in[0])
		case backend.LogSoftmax:
			return g.step("LogSoftmax", a, in[0])
		case backend.Concat:
			return g.step("Concat", a, in...)
		case backend.Gather:
			return g.step("Gather", a, in[0], in[1])
		case backend.ArgMax, backend.ArgMin:
			op := "ArgMax"
			if n.Op.Name == backend.ArgMin {
				op = "ArgMin"
			}
			a["keepdims"] = 0
			return g.step(op, a, in[0])
		}
	case nil:
		switch n.Op.Name {
		case backend.Square:
			return g.step("Mul", nil, in[0], in[0])
		case backend.Expm1:
			return g.step("Sub", nil, g.step("Exp", nil, in[0]), one())
		case backend.Log1p:
			return g.step("Log", nil, g.step("Add", nil, in[0], one()))
		case backend.Trunc:
			return g.step("Mul", nil, g.step("Sign", nil, in[0]), g.step("Floor", nil, g.step("Abs", nil, in[0])))
		case backend.NotEqual:
			return g.step("Not", nil, g.step("Equal", nil, in[0], in[1]))
		}
	}
	panic(unsupported{op: string(n.Op.Name)})
}

// unsqueezed makes a number a vector.
func (g *block) unsqueezed(name string) string { return g.step("Reshape", nil, name, g.e.ints(1)) }

// turned returns an operand of a matrix product with its last axes exchanged.
func (g *block) turned(x *graph.Node, name string, turn bool) string {
	if !turn {
		return name
	}
	perm := make([]int, len(x.Shape))
	for i := range perm {
		perm[i] = i
	}
	last := len(perm) - 1
	perm[last-1], perm[last] = last, last-1
	return g.step("Transpose", attributes{"perm": perm}, name)
}

// shape returns the operand that says what shape n gets.
func (g *block) shape(n *graph.Node, at graph.ShapeAttrs, in []string) string {
	if at.Shape == nil {
		return g.step("Shape", nil, in[1])
	}
	// Each dimension is a number, that of an axis of the operand, or −1 for
	// what is left.
	open := 0
	dims := make([]int, len(at.Shape))
	for i, d := range at.Shape {
		if dims[i] = d; d < -1 {
			dims[i] = n.In[0].Shape[-2-d]
		}
		if dims[i] < 0 {
			open++
		}
	}
	if open == 0 || open == 1 && n.Op.Name == backend.Reshape {
		return g.e.ints(dims...)
	}
	of := g.step("Shape", nil, in[0])
	parts := make([]string, len(at.Shape))
	for i, d := range at.Shape {
		if d < -1 {
			parts[i] = g.step("Gather", attributes{"axis": 0}, of, g.e.ints(-2-d))
		} else {
			parts[i] = g.e.ints(d)
		}
	}
	return g.step("Concat", attributes{"axis": 0}, parts...)
}

func (g *block) slice(at graph.RangeAttrs, x string) string {
	var starts, ends, axes, steps []int
	for a, r := range at.Ranges {
		if r == graph.WholeRange {
			continue
		}
		start, end := r.Start, r.Stop
		if r.FromStart {
			if start = 0; r.Step < 0 {
				start = math.MaxInt64
			}
		}
		if r.ToEnd {
			if end = math.MaxInt64; r.Step < 0 {
				end = math.MinInt64
			}
		}
		starts, ends, axes, steps = append(starts, start), append(ends, end), append(axes, a), append(steps, r.Step)
	}
	if len(axes) == 0 {
		return g.step("Identity", nil, x)
	}
	return g.step("Slice", nil, x, g.e.ints(starts...), g.e.ints(ends...), g.e.ints(axes...), g.e.ints(steps...))
}

func convAttributes(at graph.ConvAttrs) attributes {
	a := attributes{"strides": at.Stride[:], "dilations": at.Dilation[:], "group": at.Groups}
	padded(a, at.Pad, at.Same)
	return a
}

func poolAttributes(at graph.PoolAttrs) attributes {
	a := attributes{"kernel_shape": at.Size[:], "strides": at.Stride[:]}
	padded(a, at.Pad, at.Same)
	return a
}

// padded adds the padding; ONNX wants first what is before each axis.
func padded(a attributes, pad [4]int, same bool) {
	if same {
		a["auto_pad"] = "SAME_UPPER"
	} else {
		a["pads"] = []int{pad[0], pad[2], pad[1], pad[3]}
	}
}

// resultSuffix ends the names of the results of a loop.
func resultSuffix(i int) string { return "/" + string(rune('a'+i%26)) + string(rune('0'+i/26)) }

// scan emits a loop: Scan takes the first carries and then the sequences, and
// its body sees by name what is around it.
func (g *block) scan(n *graph.Node) {
	at := n.Attrs.(graph.ScanAttrs)
	name := g.e.hidden("scan")
	g.e.names[n] = name
	carries := n.In[at.Sequences : at.Sequences+at.Carries]
	in := make([]string, 0, len(n.In))
	for _, x := range slices.Concat(carries, n.In[:at.Sequences]) {
		in = append(in, g.name(x))
	}
	if at.Steps >= 0 && at.Sequences == 0 {
		panic(unsupported{"scan", "a loop without sequences"})
	}
	body := &block{e: g.e, outer: true}
	inputs := slices.Clone(at.Body.Inputs)
	for i, x := range inputs[at.Sequences+at.Carries:] { // the surroundings
		g.e.names[x] = g.name(n.In[at.Sequences+at.Carries+i])
	}
	for _, x := range slices.Concat(inputs[at.Sequences:at.Sequences+at.Carries], inputs[:at.Sequences]) {
		own := g.e.hidden("row")
		g.e.names[x] = own
		body.inputs = append(body.inputs, valueInfo(own, x.DType, x.Shape, openDimension(own)))
	}
	body.add(at.Body.Outputs)
	outs := make([]string, len(at.Body.Outputs))
	for i, x := range at.Body.Outputs {
		own := g.e.hidden("next")
		body.emit("Identity", []string{body.name(x)}, own, nil)
		body.outputs = append(body.outputs, valueInfo(own, x.DType, x.Shape, openDimension(own)))
		outs[i] = name + resultSuffix(i)
		g.e.taken[outs[i]] = true
	}
	direction := 0
	if at.Reverse {
		direction = 1
	}
	stacked := len(outs) - at.Carries
	g.emitAll("Scan", in, outs, attributes{
		"body": body.proto(name + "/body"), "num_scan_inputs": at.Sequences,
		"scan_input_directions":  slices.Repeat([]int{direction}, at.Sequences),
		"scan_output_directions": slices.Repeat([]int{direction}, stacked),
	})
}
