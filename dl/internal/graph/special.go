package graph

import (
	"math"

	"github.com/fluxion-go/fluxion/dl/backend"
)

func init() {
	f := func(d func(n, x *Node) *Node) func(n, g *Node, i int) *Node {
		return func(n, g *Node, _ int) *Node { return mul(g, d(n, n.In[0])) }
	}
	u := unaryNode
	one := func(x *Node) *Node { return Scalar(x.DType, 1) }
	square := func(x *Node) *Node { return u(backend.Square, x) }
	inverse := func(x *Node) *Node { return u(backend.Reciprocal, x) }
	rootOf := func(x *Node) *Node { return inverse(u(backend.Sqrt, x)) }
	rows := []Op{
		{Name: backend.Asin, Doc: "the angle in [−π/2, π/2] whose sine is x",
			Grad: f(func(_, x *Node) *Node { return rootOf(sub(one(x), square(x))) })},
		{Name: backend.Acos, Doc: "the angle in [0, π] whose cosine is x",
			Grad: f(func(_, x *Node) *Node { return neg(rootOf(sub(one(x), square(x)))) })},
		{Name: backend.Atan, Doc: "the angle in (−π/2, π/2) whose tangent is x",
			Grad: f(func(_, x *Node) *Node { return inverse(plus(square(x), 1)) })},
		{Name: backend.Sinh, Doc: "(eˣ − e⁻ˣ)/2",
			Grad: f(func(_, x *Node) *Node { return u(backend.Cosh, x) })},
		{Name: backend.Cosh, Doc: "(eˣ + e⁻ˣ)/2",
			Grad: f(func(_, x *Node) *Node { return u(backend.Sinh, x) })},
		{Name: backend.Asinh, Doc: "inverse of sinh",
			Grad: f(func(_, x *Node) *Node { return rootOf(plus(square(x), 1)) })},
		{Name: backend.Acosh, Doc: "inverse of cosh, for x ≥ 1",
			Grad: f(func(_, x *Node) *Node { return rootOf(plus(square(x), -1)) })},
		{Name: backend.Atanh, Doc: "inverse of tanh, for |x| < 1",
			Grad: f(func(_, x *Node) *Node { return inverse(sub(one(x), square(x))) })},
		{Name: backend.Cbrt, Doc: "the number whose third power is x",
			Grad: func(n, g *Node, _ int) *Node { return div(times(g, 1.0/3), square(n)) }},
		{Name: backend.Erfc, Doc: "1 − erf(x), exact where erf(x) is close to 1",
			Grad: f(func(_, x *Node) *Node { return times(u(backend.Exp, neg(square(x))), -2/math.Sqrt(math.Pi)) })},
		{Name: backend.ErfInv, Doc: "inverse of erf, for |x| < 1",
			Grad: f(func(n, _ *Node) *Node { return times(u(backend.Exp, square(n)), math.Sqrt(math.Pi)/2) })},
		{Name: backend.Gamma, Doc: "Γ(x), which is (x − 1)! for whole x > 0",
			Grad: f(func(n, x *Node) *Node { return mul(n, polygammaNode(0, x)) })},
		{Name: backend.Lgamma, Doc: "log|Γ(x)|",
			Grad: f(func(_, x *Node) *Node { return polygammaNode(0, x) })},
		{Name: backend.Polygamma, Doc: "a derivative of the digamma function, which is that of log Γ",
			Grad: f(func(n, x *Node) *Node { return polygammaNode(n.Attrs.(backend.OrderAttrs).Order+1, x) })},
	}
	for _, o := range rows {
		o.Arity, o.Infer = 1, floatType
		elementwise[o.Name] = true
		add(o)
	}
	elementwise[backend.Trunc], elementwise[backend.Atan2], elementwise[backend.Hypot] = true, true, true
	add(
		Op{Name: backend.Trunc, Arity: 1, Doc: "x without its fraction", Infer: numericType, Grad: zero},
		Op{Name: backend.Atan2, Arity: 2, Doc: "the angle in [−π, π] of the point (x, y), given y and x", Infer: broadcastFloats,
			Grad: func(n, g *Node, i int) *Node {
				y, x := n.In[0], n.In[1]
				d := div(g, addNodes(square(x), square(y)))
				if i == 0 {
					return unbroadcast(mul(d, x), y)
				}
				return unbroadcast(neg(mul(d, y)), x)
			}},
		Op{Name: backend.Hypot, Arity: 2, Doc: "√(a² + b²), without overflow", Infer: broadcastFloats,
			Grad: func(n, g *Node, i int) *Node { return unbroadcast(mul(g, div(n.In[i], n)), n.In[i]) }},
	)
}

func broadcastFloats(c Call) (Type, *Error) {
	if err := c.wantFloat(); err != nil {
		return Type{}, err
	}
	return broadcastType(c)
}

func polygammaNode(order int, x *Node) *Node {
	return must(backend.Polygamma, backend.OrderAttrs{Order: order}, x)
}
