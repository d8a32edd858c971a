package graph

import (
	"math"
	"strings"
	"testing"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// listing writes a program as one instruction a line, with constants by value.
func listing(p *backend.Program) string {
	var b strings.Builder
	name := func(id int) string {
		if v := p.Values[id]; !v.Const.IsNil() && backend.Size(v.Shape) == 1 {
			return number(element(v.DType, v.Const, 0))
		}
		return "v" + dimString(id)
	}
	for _, i := range p.Instrs {
		b.WriteString(name(i.Out[0]) + " = " + string(i.Op))
		for _, id := range i.In {
			b.WriteString(" " + name(id))
		}
		if at, ok := i.Attrs.(backend.MatMulAttrs); ok && at.TransA {
			b.WriteString(" transA")
		} else if ok && at.TransB {
			b.WriteString(" transB")
		}
		b.WriteString("\n")
	}
	return b.String()
}

func number(v float64) string {
	if v == math.Trunc(v) {
		return dimString(int(v))
	}
	return "c"
}

// TestSimplify shows what becomes of small graphs over x (2, 3) and w (3, 4).
func TestSimplify(t *testing.T) {
	for _, c := range []struct {
		name  string
		build func(x, w, c *Node) *Node
		want  string
	}{
		{"x + 0", func(x, w, _ *Node) *Node { return plus(x, 0) }, ""},
		{"(x·1)·1", func(x, w, _ *Node) *Node {
			one := Scalar(x.DType, 1)
			return must(backend.Mul, nil, must(backend.Mul, nil, x, one), one)
		}, ""},
		{"x²", func(x, w, two *Node) *Node { return must(backend.Pow, nil, x, two) }, "v2 = square v0\n"},
		{"1/x", func(x, w, _ *Node) *Node { return div(Scalar(x.DType, 1), x) }, "v2 = reciprocal v0\n"},
		{"−(−x)", func(x, w, _ *Node) *Node { return neg(neg(x)) }, ""},
		{"x + (−x)", func(x, w, _ *Node) *Node { return addNodes(x, neg(x)) }, "v2 = sub v0 v0\n"},
		{"a product computed twice", func(x, w, _ *Node) *Node {
			return addNodes(must(backend.MatMul, backend.MatMulAttrs{}, x, w), must(backend.MatMul, backend.MatMulAttrs{}, x, w))
		}, "v2 = matmul v0 v1\nv3 = add v2 v2\n"},
		{"a + b and b + a", func(x, w, two *Node) *Node {
			y := unaryNode(backend.Exp, x)
			return mul(addNodes(x, y), addNodes(y, x))
		}, "v2 = exp v0\nv3 = add v0 v2\nv4 = square v3\n"},
		{"constants", func(x, w, two *Node) *Node { return mul(x, mul(two, must(backend.Exp, nil, Scalar(x.DType, 0)))) }, "v3 = mul v0 2\n"},
		{"(x·2)·2", func(x, w, two *Node) *Node { return mul(mul(x, two), two) }, "v3 = mul v0 4\n"},
		{"xᵀᵀ", func(x, w, _ *Node) *Node { return transposed(transposed(x)) }, ""},
		{"(wᵀ·xᵀ)ᵀ reads its operands as they are", func(x, w, _ *Node) *Node {
			return must(backend.MatMul, backend.MatMulAttrs{}, x, transposed(transposed(w)))
		}, "v2 = matmul v0 v1\n"},
		{"x·(x)ᵀ", func(x, w, _ *Node) *Node { return must(backend.MatMul, backend.MatMulAttrs{}, x, transposed(x)) }, "v2 = matmul v0 v0 transB\n"},
		{"a number repeated and added", func(x, w, _ *Node) *Node {
			s := must(backend.Sum, allAxes(x), x)
			return addNodes(x, unaryNode(backend.Exp, must(backend.BroadcastTo, ShapeAttrs{[]int{2, 3}}, s)))
		}, "v2 = sum v0\nv3 = reshape v2\nv4 = exp v3\nv5 = add v0 v4\n"},
		{"the sum of a number repeated", func(x, w, _ *Node) *Node {
			s := must(backend.BroadcastTo, ShapeAttrs{[]int{2, 3}}, must(backend.Sum, allAxes(x), x))
			return must(backend.Sum, allAxes(s), s)
		}, "v2 = sum v0\nv4 = mul v2 6\nv5 = reshape v4\n"},
		{"what nobody needs", func(x, w, _ *Node) *Node {
			return must(Unslice, UnsliceAttrs{Ranges: []Range{WholeRange, WholeRange}}, x, unaryNode(backend.Exp, x))
		}, ""},
		{"factors on the way back from a sum", func(x, w, two *Node) *Node {
			y := mul(must(backend.Sum, allAxes(x), unaryNode(backend.Square, x)), two)
			g, err := Grad(y, []*Node{x})
			if err != nil {
				panic(err)
			}
			return mul(g[0], two)
		}, "v3 = mul v0 8\n"},
		{"log sigmoid", func(x, w, _ *Node) *Node {
			one := Scalar(x.DType, 1)
			return unaryNode(backend.Log, div(one, addNodes(one, unaryNode(backend.Exp, x))))
		}, "v2 = softplus v0\nv3 = neg v2\n"},
		{"log(1 − sigmoid)", func(x, w, _ *Node) *Node {
			return unaryNode(backend.Log, sub(Scalar(x.DType, 1), unaryNode(backend.Sigmoid, x)))
		}, "v2 = softplus v0\nv3 = neg v2\n"},
		{"log softmax", func(x, w, _ *Node) *Node {
			return unaryNode(backend.Log, must(backend.Softmax, backend.AxisAttrs{Axis: 1}, x))
		}, "v2 = log_softmax v0\n"},
	} {
		x := Placeholder("x", Type{backend.Float64, []int{-1, 3}})
		w := Placeholder("w", Type{backend.Float64, []int{3, 4}})
		f := Function{Inputs: []*Node{x, w}, Outputs: []*Node{c.build(x, w, Scalar(backend.Float64, 2))}}
		p, _, err := f.program([][]int{{2, 3}, {3, 4}})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := listing(p); got != c.want {
			t.Errorf("%s: got\n%swant\n%s", c.name, got, c.want)
		}
	}
}

func transposed(x *Node) *Node {
	return must(backend.Transpose, backend.TransposeAttrs{Perm: []int{1, 0}}, x)
}

// TestLongGraphs: a chain of 20,000 operations is built, differentiated and
// compiled without deep recursion and in a time that is linear in its length.
func TestLongGraphs(t *testing.T) {
	const n = 20_000
	x := Placeholder("x", Type{DType: backend.Float64})
	y := x
	for i := range n {
		if i%2 == 0 {
			y = must(backend.Sin, nil, y)
		} else {
			y = addNodes(y, x)
		}
	}
	f := Function{Inputs: []*Node{x}, Outputs: append(grad(t, y, x), y)}
	c, err := f.Compile([][]int{{}}, InUse())
	if err != nil {
		t.Fatal(err)
	}
	in, out := Scalar(backend.Float64, 0.3).Value, []backend.Buffer{backend.NewBuffer(backend.Float64, 1), backend.NewBuffer(backend.Float64, 1)}
	if err := c.Run([]backend.Buffer{in}, nil, out, nil); err != nil {
		t.Fatal(err)
	}
	value, slope := 0.3, 1.0
	for i := range n {
		if i%2 == 0 {
			value, slope = math.Sin(value), math.Cos(value)*slope
		} else {
			value, slope = value+0.3, slope+1
		}
	}
	if g, v := element(backend.Float64, out[0], 0), element(backend.Float64, out[1], 0); !near(g, slope, 1e-9) || !near(v, value, 1e-12) {
		t.Errorf("value %g and slope %g, want %g and %g", v, g, value, slope)
	}
}

// TestDoublingGraph: y = y + y, 50 times, is 51 nodes with 2⁵⁰ paths.
func TestDoublingGraph(t *testing.T) {
	x := Variable("x", Type{DType: backend.Float64}, Scalar(backend.Float64, 1).Value)
	y := x
	for range 50 {
		y = addNodes(y, y)
	}
	if g := element(backend.Float64, grad(t, y, x)[0].Elements(), 0); g != 1<<50 {
		t.Errorf("derivative %g, want 2⁵⁰", g)
	}
}
