package graph

import "github.com/fluxion-go/fluxion/dl/backend"

// resultOp picks one of the results of its operand.
const resultOp backend.Op = "result"

// resultAttrs: which one.
type resultAttrs struct{ Index int }

func init() { add(Op{Name: resultOp, Arity: 1, Doc: "one of several results"}) }

// applyAll applies an operation with several results. Like Apply it computes
// them at once where all operands are concrete.
func applyAll(name backend.Op, attrs any, results []Type, in []*Node) (*Node, error) {
	n := &Node{Op: table[name], Attrs: attrs, Results: results, In: make([]*Node, len(in)), depth: 1}
	tracked := false
	for _, x := range in {
		n.symbolic = n.symbolic || x.symbolic
		tracked = tracked || x.Tracked()
		n.depth = max(n.depth, x.depth+1)
	}
	if n.symbolic {
		for i, x := range in {
			n.In[i] = x.Base()
		}
		return n, nil
	}
	for i, x := range in {
		n.In[i] = x.now()
	}
	if err := n.evaluateAll(); err != nil {
		return nil, err
	}
	if !tracked {
		n.In, n.depth = nil, 0
	}
	return n, nil
}

// evaluateAll computes the values of n, whose operands are concrete. It is
// compiled for this once, as its programs are made anew by each use.
func (n *Node) evaluateAll() error {
	b := newBuilder()
	ids, in := make([]int, len(n.In)), make([]backend.Buffer, len(n.In))
	for i, x := range n.In {
		ids[i], in[i] = b.input(x.Type), x.Elements()
	}
	outs, err := n.Op.lowerAll(b, n, ids)
	if err == nil {
		err = b.err
	}
	if err != nil {
		return err
	}
	n.Results = make([]Type, len(outs))
	n.Values = make([]backend.Buffer, len(outs))
	for i, id := range outs {
		n.Results[i] = b.typeOf(id)
		n.Values[i] = backend.NewBuffer(n.Results[i].DType, n.Results[i].Size())
	}
	b.p.Outputs = outs
	x, err := InUse().Compile(b.finish())
	if err != nil {
		return err
	}
	defer x.Close()
	return x.Run(in, nil, n.Values, nil)
}

// Result returns result i of n.
func (n *Node) Result(i int) *Node {
	t := n.Results[i]
	if n.symbolic {
		return &Node{Op: table[resultOp], Attrs: resultAttrs{i}, Type: t, In: []*Node{n}, symbolic: true, depth: n.depth + 1}
	}
	if len(n.In) == 0 {
		return Constant(t, n.Values[i])
	}
	return &Node{Op: table[resultOp], Attrs: resultAttrs{i}, Type: t, In: []*Node{n}, Value: n.Values[i], depth: n.depth + 1}
}

// results returns all results of n.
func (n *Node) results() []*Node {
	out := make([]*Node, len(n.Results))
	for i := range out {
		out[i] = n.Result(i)
	}
	return out
}
