package graph

import (
	"slices"
	"sync"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// An Op is one row of the operation table.
type Op struct {
	Name  backend.Op
	Arity int // operands; −n−1 for at least n
	Doc   string

	// Infer returns the type of the result, or what is wrong with the
	// operands. It is called with unknown dimensions when a graph is built
	// and again without when it is compiled.
	Infer func(c Call) (Type, *Error)

	// Grad returns the derivative of a scalar by operand i of n, given g, its
	// derivative by n. It builds it from nodes, so that it can be
	// differentiated again. nil stands for zero. An Op without Grad cannot be
	// differentiated.
	Grad func(n, g *Node, i int) *Node

	// lower emits the instructions that compute the operation; nil means one
	// instruction of the same name.
	lower func(b *builder, c Call, ids []int) int

	// gradAll and lowerAll are Grad and lower for operations with several
	// results: gs holds the derivatives by each of them, nil for zero, and what
	// gradAll returns is the derivatives by the operands.
	gradAll  func(n *Node, gs []*Node) ([]*Node, error)
	lowerAll func(b *builder, n *Node, ids []int) ([]int, error)

	// alias marks operations whose result has the elements of operand 0 in
	// the same order, so that both can share memory.
	alias bool
}

// A Call is an operation applied to operands of some types.
type Call struct {
	Op    *Op
	Attrs any
	In    []Type
	Out   Type // set once inferred
}

func (c Call) fail(format string, args ...any) *Error {
	return fail(c.Op.Name, c.In, format, args...)
}

// The leaves of a graph.
const (
	constantOp    backend.Op = "constant"
	PlaceholderOp backend.Op = "placeholder"
	variableOp    backend.Op = "variable"
)

var table = map[backend.Op]*Op{}

// add puts rows into the table.
func add(ops ...Op) {
	for _, o := range ops {
		table[o.Name] = &o
	}
}

func init() {
	leaf := func(c Call) (Type, *Error) { return Type{}, c.fail("has no operands") }
	add(
		Op{Name: constantOp, Doc: "a number or array written in the program", Infer: leaf},
		Op{Name: PlaceholderOp, Doc: "an array that is fed at each call", Infer: leaf},
		Op{Name: variableOp, Doc: "an array that assignments change", Infer: leaf},
	)
}

// Ops returns the rows of the table that have operands and one result, in order
// of name.
func Ops() []*Op {
	var ops []*Op
	for _, o := range table {
		if o.Arity != 0 && o.Infer != nil {
			ops = append(ops, o)
		}
	}
	slices.SortFunc(ops, func(a, b *Op) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return ops
}

// MaxDepth is the longest history that a concrete node may have. A loop that
// makes a new tensor from the last one each time, where it should assign to a
// variable, would fill the memory otherwise.
const MaxDepth = 50_000

var typeLists = sync.Pool{New: func() any { return new([]Type) }}

// Apply applies an operation. The result is computed at once where all
// operands are concrete.
func Apply(name backend.Op, attrs any, in ...*Node) (*Node, error) {
	op := table[name]
	scratch := typeLists.Get().(*[]Type) // no rule keeps it
	defer typeLists.Put(scratch)
	types := append((*scratch)[:0], make([]Type, len(in))...)
	*scratch = types
	symbolic, tracked, depth := false, false, 0
	for i, n := range in {
		types[i] = n.Type
		symbolic = symbolic || n.symbolic
		tracked = tracked || n.Tracked()
		depth = max(depth, n.depth)
	}
	c := Call{Op: op, Attrs: attrs, In: types}
	out, err := c.infer()
	if err != nil {
		return nil, err
	}
	c.Out = out
	n := &Node{Op: op, Attrs: attrs, Type: out, symbolic: symbolic, depth: depth + 1}
	if symbolic {
		n.In = make([]*Node, len(in))
		for i, x := range in {
			n.In[i] = x.Base()
		}
		return n, nil
	}
	if tracked && n.depth > MaxDepth {
		e := c.fail("this tensor was computed in more than %d steps from variables, all of which it remembers", MaxDepth).kind(nil)
		return nil, e.help("keep what changes in a loop in a dl.Variable and use v.Assign(…), or cut the history with StopGradient")
	}
	var value error
	n.Value, value = evaluate(c, in)
	if value != nil {
		return nil, c.refused(value)
	}
	if !tracked {
		n.Op, n.Attrs, n.depth = table[constantOp], nil, 0
		return n, nil
	}
	n.In = make([]*Node, len(in))
	for i, x := range in {
		n.In[i] = x.now()
	}
	return n, nil
}

func (c Call) infer() (Type, *Error) {
	if n := len(c.In); c.Op.Arity >= 0 && n != c.Op.Arity || n < -c.Op.Arity-1 {
		return Type{}, c.fail("%d operands", n)
	}
	return c.Op.Infer(c)
}

// A ruleFailure is what must panics with.
type ruleFailure struct{ error }

// must is Apply for gradient rules; see rescue.
func must(name backend.Op, attrs any, in ...*Node) *Node {
	n, err := Apply(name, attrs, in...)
	if err != nil {
		panic(ruleFailure{err})
	}
	return n
}
