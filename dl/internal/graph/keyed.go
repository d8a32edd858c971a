package graph

import (
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// Random numbers in the body of a loop or a condition must come out the same when
// a gradient computes the body again. So each operation that draws some gets a
// key of its own as an operand, and the keys are drawn outside: for each step of
// a loop another.

// keyedOp draws the random numbers that belong to a key: (key, like?), with the
// attributes of the operation that it replaces.
const keyedOp backend.Op = "keyed_random"

type keyedAttrs struct {
	op backend.Op
	RandomAttrs
}

func isRandom(op backend.Op) bool {
	return op == backend.RandomUniform || op == backend.RandomNormal || op == backend.RandomBits
}

// keyed replaces what draws random numbers in a body with the given parameters
// and outputs. It returns the new outputs and placeholders for the keys that
// they need besides. What does not depend on a parameter is left as it is, as it
// is computed outside; with all set nothing is.
func keyed(parameters, outputs []*Node, all bool) (news, keys []*Node, err error) {
	inside, with := map[*Node]bool{}, map[*Node]*Node{}
	for _, p := range parameters {
		inside[p] = true
	}
	for _, n := range order(outputs, func(n *Node) *Node { return n.Base() }, inside) {
		inside[n] = inside[n] || slices.ContainsFunc(n.In, func(x *Node) bool { return inside[x.Base()] })
		if !isRandom(n.Op.Name) || !inside[n] && !(all && n.symbolic) {
			continue
		}
		key := Placeholder("", Type{backend.Int64, []int{2}})
		in := []*Node{key}
		at := n.Attrs.(RandomAttrs)
		if at.Shape == nil {
			in = append(in, n.In[0])
		}
		m, err := Apply(keyedOp, keyedAttrs{n.Op.Name, at}, in...)
		if err != nil {
			return nil, nil, err
		}
		with[n], keys = m, append(keys, key)
	}
	if len(keys) == 0 {
		return outputs, nil, nil
	}
	news, err = Replace(outputs, with)
	return news, keys, err
}

// drawKeys returns an array of shape [rows, 2] with a key in each row, or with
// rows 0 one key. With rows −1 there are as many rows as like has. They are drawn
// at once if like is concrete, else at each call.
func drawKeys(rows int, like *Node) *Node {
	at := RandomAttrs{DType: backend.Int64}
	switch {
	case rows > 0:
		at.Shape = []int{rows, 2}
	case rows == 0:
		at.Shape = []int{2}
	default:
		var axes []int
		for a := range like.Shape[1:] {
			axes = append(axes, a+1)
		}
		column := must(backend.Cast, CastAttrs{backend.Float32}, like)
		column = must(backend.Sum, backend.ReduceAttrs{Axes: axes}, column)
		column = must(backend.Reshape, ShapeAttrs{[]int{Dim(0), 1}}, column)
		like = must(backend.Concat, backend.AxisAttrs{Axis: 1}, column, column)
	}
	return must(backend.RandomBits, at, like)
}

func init() {
	add(Op{Name: keyedOp, Arity: -2, Doc: "random numbers that belong to a key", Grad: zero,
		Infer: func(c Call) (Type, *Error) {
			at := c.Attrs.(keyedAttrs)
			t := Type{at.DType, at.Shape}
			if at.Shape == nil {
				t.Shape = c.In[1].Shape
			}
			return t, nil
		},
		lower: func(b *builder, c Call, ids []int) int {
			return b.append(c.Attrs.(keyedAttrs).op, backend.RandomAttrs{}, c.Out, ids[:1])
		}})
}
