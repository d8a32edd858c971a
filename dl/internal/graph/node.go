// Package graph holds what package dl computes with: nodes, the operation
// table with the type rule and the gradient rule of each operation, reverse
// mode differentiation, and the compiler that turns a graph into a program
// for a backend.
//
// A node is concrete, when its elements are known, or symbolic. A concrete
// node that a variable went into remembers how it was made; others forget.
package graph

import (
	"slices"
	"sync"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// A Type is the dtype and shape of an array. A dimension of −1 is unknown
// until a program is compiled for the shapes of a call.
type Type struct {
	DType backend.DType
	Shape []int
}

// Known reports whether every dimension is known.
func (t Type) Known() bool { return !slices.Contains(t.Shape, -1) }

// Size returns the number of elements; t must be known.
func (t Type) Size() int { return backend.Size(t.Shape) }

func (t Type) equal(u Type) bool { return t.DType == u.DType && slices.Equal(t.Shape, u.Shape) }

// A Node is one array of a graph. All but Name is fixed once it is made.
type Node struct {
	Op    *Op
	Attrs any
	In    []*Node
	Type
	Value backend.Buffer // the elements, where concrete; nil for the base node of a variable
	State *State         // set for variables
	Name  string         // what the user calls it, or ""

	// A node of an operation with several results has no Type and Value of its
	// own; Result returns a node for each of them.
	several *several

	symbolic bool
	depth    int // of the history; 0 for leaves
}

// Symbolic reports whether n depends on a placeholder.
func (n *Node) Symbolic() bool { return n.symbolic }

// Tracked reports whether n has a history: a variable is among its ancestors.
func (n *Node) Tracked() bool { return n.State != nil || len(n.In) > 0 }

// Elements returns the elements of a concrete node, which must not be
// changed. Those of a variable are its present ones and may be changed by the
// next assignment.
func (n *Node) Elements() backend.Buffer {
	if n.Value.IsNil() && n.State != nil {
		return n.State.value
	}
	return n.Value
}

// Share is Elements, but what it returns never changes.
func (n *Node) Share() backend.Buffer { return n.now().Value }

// Constant returns a concrete node without history.
func Constant(t Type, b backend.Buffer) *Node {
	return &Node{Op: table[constantOp], Type: t, Value: b}
}

// Placeholder returns a symbolic leaf.
func Placeholder(name string, t Type) *Node {
	return &Node{Op: table[PlaceholderOp], Type: t, Name: name, symbolic: true}
}

// parameterAttrs marks the placeholders that stand for the arguments of a Go
// function while it is called to learn what it computes.
type parameterAttrs struct{ by string }

// Parameter returns a placeholder for an argument of a Go function; by says who
// calls it.
func Parameter(by string, t Type) *Node {
	n := Placeholder("", t)
	n.Attrs = parameterAttrs{by}
	return n
}

// ParameterOf says who called the Go function from whose argument n was
// computed: "" where there was none.
func ParameterOf(n *Node) string {
	for _, x := range Order(n) {
		if at, ok := x.Attrs.(parameterAttrs); ok {
			return at.by
		}
	}
	return ""
}

// A State is what a variable holds. Concrete results refer to a version of
// it, a leaf with the elements of that time; symbolic ones to its base node,
// which stands for the elements at the time of a call.
type State struct {
	Base  *Node
	Owner any // whom package dl gave it to

	mu      sync.Mutex
	value   backend.Buffer
	version *Node // the leaf that holds value, once something refers to it
}

// Variable returns the base node of a new variable. It takes over b.
func Variable(name string, t Type, b backend.Buffer) *Node {
	n := &Node{Op: table[variableOp], Type: t, Name: name}
	n.State = &State{Base: n, value: b}
	return n
}

// Writable returns the variable's buffer for writing. What was computed from
// the variable before keeps the old one: where something refers to it, the
// variable gets a new buffer first, with the same elements if keep is set.
func (s *State) Writable(keep bool) backend.Buffer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.version != nil {
		fresh := backend.NewBuffer(s.Base.DType, s.Base.Size())
		if keep {
			copy(fresh.Bytes(), s.value.Bytes())
		}
		s.value, s.version = fresh, nil
	}
	return s.value
}

// now returns the node that concrete results refer to: the present version
// of a variable, else n itself.
func (n *Node) now() *Node {
	if n.State == nil || !n.Value.IsNil() {
		return n
	}
	s := n.State
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.version == nil {
		s.version = &Node{Op: n.Op, Type: n.Type, Name: n.Name, State: s, Value: s.value}
	}
	return s.version
}

// Base returns the node that symbolic results refer to: the base node of a
// variable, else n itself.
func (n *Node) Base() *Node {
	if n.State != nil {
		return n.State.Base
	}
	return n
}

// Order returns the nodes that roots are computed from, roots included, each
// behind its operands. Versions of a variable count as its base node.
func Order(roots ...*Node) []*Node {
	return order(roots, func(n *Node) *Node { return n.Base() }, nil)
}

// order is Order after each node was replaced by what form returns for it. It
// does not look at the operands of leaves.
func order(roots []*Node, form func(*Node) *Node, leaves map[*Node]bool) []*Node {
	type visit struct {
		n    *Node
		next int // operand to look at
	}
	var out []*Node
	var stack []visit
	seen := map[*Node]bool{}
	push := func(n *Node) {
		n = form(n)
		if !seen[n] {
			seen[n] = true
			stack = append(stack, visit{n: n})
		}
	}
	for _, r := range roots {
		push(r)
		for len(stack) > 0 {
			top := &stack[len(stack)-1]
			if top.next < len(top.n.In) && !leaves[top.n] {
				top.next++
				push(top.n.In[top.next-1])
				continue
			}
			out = append(out, top.n)
			stack = stack[:len(stack)-1]
		}
	}
	return out
}
