package graph

import (
	"github.com/fluxion-go/fluxion/dl/backend"
)

func softmaxType(c Call) (Type, *Error) { return c.In[0], c.wantFloat() }

func crossEntropyType(c Call) (Type, *Error) {
	if err := c.wantFloat(); err != nil {
		return Type{}, err
	}
	if err := c.wantRank(0, 2, "(n, classes)"); err != nil {
		return Type{}, err
	}
	if err := c.wantInt(1); err != nil {
		return Type{}, err.help("labels are class numbers from 0; convert them with Cast(dl.Int64)")
	}
	if err := c.wantRank(1, 1, "(n)"); err != nil {
		return Type{}, err
	}
	n, m := c.In[0].Shape[0], c.In[1].Shape[0]
	if n != m && n >= 0 && m >= 0 {
		return Type{}, c.fail("%d rows of logits %s, but %d labels", n, ShapeString(c.In[0].Shape), m).at(0)
	}
	return Type{c.In[0].DType, []int{max(n, m)}}, nil
}

func crossEntropyGradType(c Call) (Type, *Error) {
	_, err := crossEntropyType(Call{Op: c.Op, In: c.In[:2]})
	return c.In[0], err
}

// crossEntropyGradGrad differentiates dlogits_ij = d_i·(p_ij − [j = label_i]),
// where p is the softmax of the logits.
func crossEntropyGradGrad(n, g *Node, i int) *Node {
	logits, labels, d := n.In[0], n.In[1], n.In[2]
	switch i {
	case 0: // d_i · p_ij · (g_ij − Σ_k g_ik·p_ik)
		p := must(backend.Softmax, backend.AxisAttrs{Axis: 1}, logits)
		centred := sub(g, sumOver(mul(g, p), true, 1))
		return mul(mul(keepAxes(d, logits, backend.ReduceAttrs{Axes: []int{1}}), p), centred)
	case 2:
		ones := likeShape(backend.BroadcastTo, Scalar(d.DType, 1), d)
		return sumOver(mul(g, must(backend.SoftmaxCrossEntropyGrad, nil, logits, labels, ones)), false, 1)
	}
	return nil
}

func init() {
	add(
		Op{Name: backend.Softmax, Arity: 1, Doc: "exp(x) over its sum along an axis", Infer: softmaxType,
			Grad: func(n, g *Node, _ int) *Node {
				return mul(n, sub(g, sumOver(mul(g, n), true, n.Attrs.(backend.AxisAttrs).Axis)))
			}},
		Op{Name: backend.LogSoftmax, Arity: 1, Doc: "logarithm of softmax", Infer: softmaxType,
			Grad: func(n, g *Node, _ int) *Node {
				p := must(backend.Softmax, n.Attrs, n.In[0])
				return sub(g, mul(p, sumOver(g, true, n.Attrs.(backend.AxisAttrs).Axis)))
			}},
		Op{Name: backend.SoftmaxCrossEntropy, Arity: 2, Doc: "−log softmax(logits) at the labels", Infer: crossEntropyType,
			Grad: func(n, g *Node, i int) *Node {
				if i > 0 {
					return nil
				}
				return must(backend.SoftmaxCrossEntropyGrad, nil, n.In[0], n.In[1], g)
			}},
		Op{Name: backend.SoftmaxCrossEntropyGrad, Arity: 3, Doc: "gradient of softmax_cross_entropy by the logits",
			Infer: crossEntropyGradType, Grad: crossEntropyGradGrad},
	)
}
