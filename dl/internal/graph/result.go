package graph

import "github.com/fluxion-go/fluxion/dl/backend"

// several holds what a node of an operation with several results has in place of
// one Type and Value.
type several struct {
	types  []Type
	values []backend.Buffer // where concrete
}

// Several reports whether n stands for several results together, and not for an
// array.
func (n *Node) Several() bool { return n.several != nil }

// resultOp picks one of the results of its operand.
const resultOp backend.Op = "result"

// resultAttrs: which one.
type resultAttrs struct{ Index int }

func init() { add(Op{Name: resultOp, Arity: 1, Doc: "one of several results"}) }

// applyAll applies an operation with several results. Like Apply it computes
// them at once where all operands are concrete.
func applyAll(name backend.Op, attrs any, results []Type, in []*Node) (*Node, error) {
	n := &Node{Op: table[name], Attrs: attrs, several: &several{types: results}, In: make([]*Node, len(in)), depth: 1}
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

// Done returns the channel that is closed when loops that are computed at once
// should stop. Package dl sets it.
var Done = func() <-chan struct{} { return nil }

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
	r := several{make([]Type, len(outs)), make([]backend.Buffer, len(outs))}
	n.several = &r
	for i, id := range outs {
		r.types[i] = b.typeOf(id)
		r.values[i] = backend.NewBuffer(r.types[i].DType, r.types[i].Size())
	}
	b.p.Outputs = outs
	x, err := InUse().Compile(b.finish())
	if err != nil {
		return err
	}
	defer x.Close()
	return x.Run(in, nil, r.values, Done())
}

// Result returns result i of n.
func (n *Node) Result(i int) *Node {
	t := n.several.types[i]
	if n.symbolic {
		return &Node{Op: table[resultOp], Attrs: resultAttrs{i}, Type: t, In: []*Node{n}, symbolic: true, depth: n.depth + 1}
	}
	if len(n.In) == 0 {
		return Constant(t, n.several.values[i])
	}
	return &Node{Op: table[resultOp], Attrs: resultAttrs{i}, Type: t, In: []*Node{n}, Value: n.several.values[i], depth: n.depth + 1}
}

// results returns all results of n.
func (n *Node) results() []*Node {
	out := make([]*Node, len(n.several.types))
	for i := range out {
		out[i] = n.Result(i)
	}
	return out
}
