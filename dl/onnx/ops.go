package onnx

import (
	"math"
	"slices"

	"github.com/fluxion-go/fluxion/dl"
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

// whole do nothing to integers, for which ONNX does not have them.
var whole = map[backend.Op]bool{backend.Floor: true, backend.Ceil: true, backend.Round: true}

// reductions take their axes as an operand.
var reductions = map[backend.Op]string{
	backend.Sum: "ReduceSum", backend.Prod: "ReduceProd", backend.Max: "ReduceMax", backend.Min: "ReduceMin", graph.Mean: "ReduceMean",
	backend.Any: "ReduceMax", backend.All: "ReduceMin",
}

// node emits what computes n and gives n its name.
func (g *block) node(n *graph.Node) {
	switch n.Op.Name {
	case backend.Scan:
		g.scan(n)
		return
	case backend.Cond:
		g.cond(n)
		return
	case backend.While:
		g.while(n)
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
	if n.Op.Name == backend.Div && !n.DType.IsFloat() { // rounded down, where ONNX rounds towards 0
		rest := g.step("Mod", nil, in[0], in[1])
		g.e.names[n] = g.step("Div", nil, g.step("Sub", nil, in[0], rest), in[1])
		return
	}
	if op, ok := same[n.Op.Name]; ok {
		if whole[n.Op.Name] && !n.DType.IsFloat() {
			op = "Identity"
		}
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
		x := in[0]
		if n.DType == dl.Bool { // Any and All: reductions want numbers
			x = g.step("Cast", attributes{"to": int(elementTypes[dl.Int32])}, x)
		}
		y := g.step(op, attributes{"keepdims": keep}, x, g.e.ints(at.Axes...))
		if n.DType == dl.Bool {
			y = g.step("Cast", attributes{"to": int(elementTypes[dl.Bool])}, y)
		}
		g.e.names[n] = y
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
		case backend.TakeAlong:
			return g.step("GatherElements", a, in[0], in[1])
		}
	case backend.SortAttrs:
		return g.sorted(x, at, in[0])
	case backend.CumulativeAttrs:
		if n.Op.Name == backend.CumSum {
			reverse := 0
			if at.Reverse {
				reverse = 1
			}
			return g.step("CumSum", attributes{"reverse": reverse}, in[0], g.unitless(at.Axis))
		}
	case backend.ReduceAttrs:
		if n.Op.Name == graph.Count {
			sizes := g.step("Gather", attributes{"axis": 0}, g.step("Shape", nil, in[0]), g.e.ints(at.Axes...))
			return g.step("Cast", attributes{"to": int(elementTypes[n.DType])}, g.step("ReduceProd", attributes{"keepdims": 0}, sizes))
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
		case backend.GELU: // which this version of ONNX does not have
			return g.step("Mul", nil, in[0], g.normal(x.DType, in[0]))
		case backend.GELUGrad:
			density := g.step("Exp", nil, g.step("Mul", nil, g.step("Mul", nil, in[0], in[0]), g.e.number(x.DType, -0.5)))
			density = g.step("Mul", nil, density, g.e.number(x.DType, 1/math.Sqrt(2*math.Pi)))
			return g.step("Add", nil, g.normal(x.DType, in[0]), g.step("Mul", nil, in[0], density))
		case backend.Erfc:
			return g.step("Sub", nil, one(), g.step("Erf", nil, in[0]))
		case backend.Cbrt:
			root := g.step("Pow", nil, g.step("Abs", nil, in[0]), g.e.number(x.DType, 1.0/3))
			return g.step("Mul", nil, g.step("Sign", nil, in[0]), root)
		case backend.Hypot:
			return g.step("Sqrt", nil, g.step("Add", nil, g.step("Mul", nil, in[0], in[0]), g.step("Mul", nil, in[1], in[1])))
		case backend.Atan2:
			return g.angle(x.DType, in[0], in[1])
		case backend.Mod:
			if x.DType.IsFloat() {
				return g.step("Sub", nil, in[0], g.step("Mul", nil, in[1], g.step("Floor", nil, g.step("Div", nil, in[0], in[1]))))
			}
			return g.step("Mod", nil, in[0], in[1])
		case backend.Det:
			return g.step("Det", nil, in[0])
		case backend.SoftmaxCrossEntropy:
			return g.step("SoftmaxCrossEntropyLoss", attributes{"reduction": "none"}, in[0], in[1])
		}
	}
	switch op := n.Op.Name; op {
	case backend.RandomUniform, backend.RandomNormal, backend.RandomBits:
		panic(Unsupported{string(op), "draws random numbers, which a file cannot repeat; export a pass of evaluation"})
	default:
		panic(Unsupported{Op: string(op)})
	}
}

// unitless returns a constant number of int64 without axes.
func (g *block) unitless(v int) string { return g.e.number(dl.Int64, float64(v)) }

// sorted returns the indices that sort x along an axis: those of all its
// elements, largest or smallest first.
func (g *block) sorted(x *graph.Node, at backend.SortAttrs, name string) string {
	count := g.e.ints(max(x.Shape[at.Axis], 0))
	if x.Shape[at.Axis] < 0 {
		count = g.step("Gather", attributes{"axis": 0}, g.step("Shape", nil, name), g.e.ints(at.Axis))
	}
	largest := 0
	if at.Descending {
		largest = 1
	}
	out := []string{g.e.hidden("sorted"), g.e.hidden("order")}
	return g.emitAll("TopK", []string{name, count}, out, attributes{"axis": at.Axis, "largest": largest})[1]
}

// angle is atan2: the arctangent of y/x, half a turn further left of the axis.
func (g *block) angle(d dl.DType, y, x string) string {
	number := func(v float64) string { return g.e.number(d, v) }
	zero := number(0)
	down := g.step("Or", nil, g.step("Less", nil, y, zero), g.step("Less", nil, g.step("Reciprocal", nil, y), zero)) // of −0 too
	right := g.step("Atan", nil, g.step("Div", nil, y, x))
	left := g.step("Add", nil, right, g.step("Where", nil, down, number(-math.Pi), number(math.Pi)))
	above := g.step("Mul", nil, g.step("Sign", nil, y), number(math.Pi/2))
	across := g.step("Where", nil, g.step("Less", nil, x, zero), left, right)
	return g.step("Where", nil, g.step("Equal", nil, x, zero), above, across)
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

// normal emits the distribution function of the normal distribution.
func (g *block) normal(d dl.DType, x string) string {
	erf := g.step("Erf", nil, g.step("Mul", nil, x, g.e.number(d, 1/math.Sqrt2)))
	return g.step("Mul", nil, g.step("Add", nil, erf, g.e.number(d, 1)), g.e.number(d, 0.5))
}
