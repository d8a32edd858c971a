package graph

import (
	"math"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// zero is the gradient rule of operations that are constant between jumps.
func zero(_, _ *Node, _ int) *Node { return nil }

func sameType(c Call) (Type, *Error) { return c.In[0], nil }

func numericType(c Call) (Type, *Error) {
	if c.In[0].DType == backend.Bool {
		return Type{}, c.fail("dtype bool, want numbers").kind(ErrDType).help("convert it with Cast")
	}
	return c.In[0], nil
}

func floatType(c Call) (Type, *Error) { return c.In[0], c.wantFloat() }

func boolType(c Call) (Type, *Error) {
	for _, t := range c.In {
		if t.DType != backend.Bool {
			return Type{}, c.fail("dtype %s, want bool", t.DType).kind(ErrDType).help("compare first, as in x.Greater(0)")
		}
	}
	s, err := c.broadcast(c.In...)
	return Type{backend.Bool, s}, err
}

func broadcastType(c Call) (Type, *Error) {
	if err := c.sameDType(c.In...); err != nil {
		return Type{}, err
	}
	s, err := c.broadcast(c.In...)
	return Type{c.In[0].DType, s}, err
}

func comparisonType(c Call) (Type, *Error) {
	t, err := broadcastType(c)
	return Type{backend.Bool, t.Shape}, err
}

func whereType(c Call) (Type, *Error) {
	if c.In[0].DType != backend.Bool {
		return Type{}, c.fail("the condition has dtype %s, want bool", c.In[0].DType).kind(ErrDType).help("compare first, as in x.Greater(0)")
	}
	if err := c.sameDType(c.In[1:]...); err != nil {
		return Type{}, err
	}
	s, err := c.broadcast(c.In...)
	return Type{c.In[1].DType, s}, err
}

func init() {
	// f wraps a derivative by the only operand as a gradient rule.
	f := func(d func(n, x *Node) *Node) func(n, g *Node, i int) *Node {
		return func(n, g *Node, _ int) *Node { return mul(g, d(n, n.In[0])) }
	}
	square := func(x *Node) *Node { return unaryNode(backend.Square, x) }
	add(
		Op{Name: backend.Neg, Arity: 1, Doc: "−x", Infer: numericType,
			Grad: func(_, g *Node, _ int) *Node { return neg(g) }},
		Op{Name: backend.Abs, Arity: 1, Doc: "|x|", Infer: numericType,
			Grad: f(func(_, x *Node) *Node { return unaryNode(backend.Sign, x) })},
		Op{Name: backend.Sign, Arity: 1, Doc: "−1, 0 or 1", Infer: numericType, Grad: zero},
		Op{Name: backend.Square, Arity: 1, Doc: "x²", Infer: numericType,
			Grad: f(func(_, x *Node) *Node { return times(x, 2) })},
		Op{Name: backend.Sqrt, Arity: 1, Doc: "√x", Infer: floatType,
			Grad: func(n, g *Node, _ int) *Node { return div(times(g, 0.5), n) }},
		Op{Name: backend.Reciprocal, Arity: 1, Doc: "1/x", Infer: floatType,
			Grad: f(func(n, _ *Node) *Node { return neg(square(n)) })},
		Op{Name: backend.Exp, Arity: 1, Doc: "eˣ", Infer: floatType,
			Grad: f(func(n, _ *Node) *Node { return n })},
		Op{Name: backend.Expm1, Arity: 1, Doc: "eˣ − 1, exact for small x", Infer: floatType,
			Grad: f(func(_, x *Node) *Node { return unaryNode(backend.Exp, x) })},
		Op{Name: backend.Log, Arity: 1, Doc: "natural logarithm", Infer: floatType,
			Grad: func(n, g *Node, _ int) *Node { return div(g, n.In[0]) }},
		Op{Name: backend.Log1p, Arity: 1, Doc: "log(1 + x), exact for small x", Infer: floatType,
			Grad: func(n, g *Node, _ int) *Node { return div(g, plus(n.In[0], 1)) }},
		Op{Name: backend.Sin, Arity: 1, Doc: "sine", Infer: floatType,
			Grad: f(func(_, x *Node) *Node { return unaryNode(backend.Cos, x) })},
		Op{Name: backend.Cos, Arity: 1, Doc: "cosine", Infer: floatType,
			Grad: f(func(_, x *Node) *Node { return neg(unaryNode(backend.Sin, x)) })},
		Op{Name: backend.Tan, Arity: 1, Doc: "tangent", Infer: floatType,
			Grad: f(func(n, _ *Node) *Node { return plus(square(n), 1) })},
		Op{Name: backend.Tanh, Arity: 1, Doc: "hyperbolic tangent", Infer: floatType,
			Grad: f(func(n, _ *Node) *Node { return sub(Scalar(n.DType, 1), square(n)) })},
		Op{Name: backend.Sigmoid, Arity: 1, Doc: "1/(1 + e⁻ˣ)", Infer: floatType,
			Grad: f(func(n, _ *Node) *Node { return mul(n, sub(Scalar(n.DType, 1), n)) })},
		Op{Name: backend.Softplus, Arity: 1, Doc: "log(1 + eˣ)", Infer: floatType,
			Grad: f(func(_, x *Node) *Node { return unaryNode(backend.Sigmoid, x) })},
		Op{Name: backend.ReLU, Arity: 1, Doc: "max(x, 0)", Infer: numericType,
			Grad: f(func(_, x *Node) *Node { return mask(backend.Greater, x, Scalar(x.DType, 0), x) })},
		Op{Name: backend.Floor, Arity: 1, Doc: "⌊x⌋", Infer: numericType, Grad: zero},
		Op{Name: backend.Ceil, Arity: 1, Doc: "⌈x⌉", Infer: numericType, Grad: zero},
		Op{Name: backend.Round, Arity: 1, Doc: "the nearest integer, half to even", Infer: numericType, Grad: zero},
		Op{Name: backend.Erf, Arity: 1, Doc: "error function", Infer: floatType,
			Grad: f(func(_, x *Node) *Node {
				return times(unaryNode(backend.Exp, neg(square(x))), 2/math.Sqrt(math.Pi))
			})},
		Op{Name: backend.GELU, Arity: 1, Doc: "x·Φ(x), with the normal distribution Φ", Infer: floatType,
			Grad: f(func(_, x *Node) *Node { return unaryNode(backend.GELUGrad, x) })},
		Op{Name: backend.GELUGrad, Arity: 1, Doc: "the derivative of gelu", Infer: floatType,
			// (2 − x²)·φ(x), where φ is the derivative of Φ.
			Grad: f(func(_, x *Node) *Node {
				density := times(unaryNode(backend.Exp, times(square(x), -0.5)), 1/math.Sqrt(2*math.Pi))
				return mul(sub(Scalar(x.DType, 2), square(x)), density)
			})},

		Op{Name: backend.Add, Arity: 2, Doc: "a + b", Infer: broadcastType,
			Grad: func(n, g *Node, i int) *Node { return unbroadcast(g, n.In[i]) }},
		Op{Name: backend.Sub, Arity: 2, Doc: "a − b", Infer: broadcastType,
			Grad: func(n, g *Node, i int) *Node {
				if i == 1 {
					g = neg(g)
				}
				return unbroadcast(g, n.In[i])
			}},
		Op{Name: backend.Mul, Arity: 2, Doc: "a · b", Infer: broadcastType,
			Grad: func(n, g *Node, i int) *Node { return unbroadcast(mul(g, n.In[1-i]), n.In[i]) }},
		Op{Name: backend.Div, Arity: 2, Doc: "a / b", Infer: broadcastType,
			Grad: func(n, g *Node, i int) *Node {
				d := div(g, n.In[1])
				if i == 1 {
					d = neg(mul(d, n))
				}
				return unbroadcast(d, n.In[i])
			}},
		Op{Name: backend.Pow, Arity: 2, Doc: "a to the power b", Infer: broadcastType, Grad: powGrad},
		Op{Name: backend.Mod, Arity: 2, Doc: "a − b·⌊a/b⌋", Infer: broadcastType,
			Grad: func(n, g *Node, i int) *Node {
				if i == 1 {
					g = neg(mul(g, unaryNode(backend.Floor, div(n.In[0], n.In[1]))))
				}
				return unbroadcast(g, n.In[i])
			}},
		Op{Name: backend.Maximum, Arity: 2, Doc: "the greater of a and b", Infer: broadcastType, Grad: chosenGrad(backend.Greater)},
		Op{Name: backend.Minimum, Arity: 2, Doc: "the lesser of a and b", Infer: broadcastType, Grad: chosenGrad(backend.Less)},

		Op{Name: backend.Where, Arity: 3, Doc: "a where the condition holds, else b", Infer: whereType,
			Grad: func(n, g *Node, i int) *Node {
				none := Scalar(g.DType, 0)
				switch i {
				case 1:
					return unbroadcast(must(backend.Where, nil, n.In[0], g, none), n.In[1])
				case 2:
					return unbroadcast(must(backend.Where, nil, n.In[0], none, g), n.In[2])
				}
				return nil
			}},
		Op{Name: backend.Cast, Arity: 1, Doc: "x in another dtype",
			Infer: func(c Call) (Type, *Error) { return Type{c.Attrs.(CastAttrs).DType, c.In[0].Shape}, nil },
			lower: func(b *builder, c Call, ids []int) int { return b.emit(backend.Cast, nil, c.Out, ids...) },
			Grad: func(n, g *Node, _ int) *Node {
				if !n.DType.IsFloat() {
					return nil
				}
				return must(backend.Cast, CastAttrs{n.In[0].DType}, g)
			}},
		Op{Name: backend.And, Arity: 2, Doc: "a and b", Infer: boolType, Grad: zero},
		Op{Name: backend.Or, Arity: 2, Doc: "a or b", Infer: boolType, Grad: zero},
		Op{Name: backend.Not, Arity: 1, Doc: "not a", Infer: boolType, Grad: zero},
		Op{Name: StopGradientOp, Arity: 1, Doc: "x, through which no gradient flows", Infer: sameType, Grad: zero, alias: true,
			lower: func(_ *builder, _ Call, ids []int) int { return ids[0] }},
	)
	for _, c := range []struct {
		op  backend.Op
		doc string
	}{
		{backend.Equal, "a = b"}, {backend.NotEqual, "a ≠ b"}, {backend.Less, "a < b"},
		{backend.LessEqual, "a ≤ b"}, {backend.Greater, "a > b"}, {backend.GreaterEqual, "a ≥ b"},
	} {
		add(Op{Name: c.op, Arity: 2, Doc: c.doc, Infer: comparisonType, Grad: zero})
	}
}

// StopGradientOp is the identity with derivative zero.
const StopGradientOp backend.Op = "stop_gradient"

// powGrad: ∂aᵇ/∂a = b·aᵇ⁻¹ and ∂aᵇ/∂b = aᵇ·log a. Where b is 0 the first is 0
// also for a = 0, and where a is not positive the second is taken to be 0.
func powGrad(n, g *Node, i int) *Node {
	a, b := n.In[0], n.In[1]
	none := Scalar(g.DType, 0)
	if i == 1 {
		safe := must(backend.Where, nil, must(backend.Greater, nil, a, none), a, Scalar(a.DType, 1))
		return unbroadcast(mul(g, mul(n, unaryNode(backend.Log, safe))), b)
	}
	if p, ok := b.number(); ok {
		switch p {
		case 0:
			return nil
		case 1:
			return g
		case 2:
			return mul(g, times(a, 2))
		}
		return mul(g, times(must(backend.Pow, nil, a, Scalar(b.DType, p-1)), p))
	}
	d := mul(b, must(backend.Pow, nil, a, plus(b, -1)))
	d = must(backend.Where, nil, must(backend.Equal, nil, b, none), none, d)
	return unbroadcast(mul(g, d), a)
}

// chosenGrad gives the gradient to the operand that was chosen, half to each
// where both are equal.
func chosenGrad(better backend.Op) func(n, g *Node, i int) *Node {
	return func(n, g *Node, i int) *Node {
		x, y := n.In[i], n.In[1-i]
		share := addNodes(mask(better, x, y, x), times(mask(backend.Equal, x, y, x), 0.5))
		return unbroadcast(mul(g, share), x)
	}
}
