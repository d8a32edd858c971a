package graph

import (
	"fmt"
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// A Function is what Compile compiles: outputs and updates computed from
// inputs and from the variables that they depend on.
type Function struct {
	Inputs  []*Node // placeholders; in a Body, whatever counts as given
	Outputs []*Node
	Updates []Assignment // happen together, after all outputs are computed

	Precision backend.Precision
}

// An Assignment gives a variable a new value.
type Assignment struct {
	State *State
	New   *Node
}

// A Compiled function is ready to run on inputs of fixed shapes.
type Compiled struct {
	Executable backend.Executable
	States     []*State // in the order of Run's states
	Written    []bool   // whether an update writes the state
	Outputs    []Type

	key    *randomKey // the last input of the program, where it draws random numbers
	inputs []backend.Buffer
}

// Run runs the program, with new random numbers where it draws any; see
// [backend.Executable].
func (c *Compiled) Run(inputs, states, outputs []backend.Buffer, done <-chan struct{}) error {
	if c.key == nil {
		return c.Executable.Run(inputs, states, outputs, done)
	}
	c.inputs = append(append(c.inputs[:0], inputs...), c.key.next())
	defer clear(c.inputs)
	return c.Executable.Run(c.inputs, states, outputs, done)
}

// Compile compiles f for inputs of the given shapes, which must agree with
// what is known of the placeholders' shapes.
func (f *Function) Compile(shapes [][]int, on backend.Backend) (*Compiled, error) {
	p, c, err := f.program(shapes)
	if err != nil {
		return nil, err
	}
	p.Precision = f.Precision
	c.Executable, err = on.Compile(p)
	return c, err
}

// Program returns the program that Compile compiles.
func (f *Function) Program(shapes [][]int) (*backend.Program, error) {
	p, _, err := f.program(shapes)
	if err == nil {
		p.Precision = f.Precision
	}
	return p, err
}

func (f *Function) program(shapes [][]int) (*backend.Program, *Compiled, error) {
	leaves := make(map[*Node]bool, len(f.Inputs))
	for _, n := range f.Inputs {
		leaves[n] = true
	}
	return f.programWith(newBuilder(), shapes, newStabilizer(leaves), nil)
}

// programWith writes the program with b, of the nodes that forms chooses.
// Emitted, where not nil, is told of each of them after its values were
// emitted: id is its own, −1 where there are several.
func (f *Function) programWith(b *builder, shapes [][]int, forms *stabilizer, emitted func(n *Node, id int)) (*backend.Program, *Compiled, error) {
	ids := map[*Node]int{}
	c := &Compiled{}
	for i, n := range f.Inputs {
		ids[n] = b.input(Type{n.DType, shapes[i]})
	}
	state := func(s *State) int {
		if _, ok := ids[s.Base]; !ok {
			ids[s.Base] = b.state(s.Base.Type)
			c.States, c.Written = append(c.States, s), append(c.Written, false)
		}
		return slices.Index(b.p.States, ids[s.Base])
	}
	several := map[*Node][]int{}
	nodes := order(f.roots(), func(n *Node) *Node { return forms.form(n.Base()) }, forms.keep)
	b.grow(len(nodes))
	scans := mergeScans(nodes, func(n *Node) *Node { return forms.form(n.Base()) })
	for _, n := range nodes {
		if _, ok := ids[n]; ok {
			continue
		}
		switch {
		case n.State != nil:
			state(n.State)
		case n.Op.Name == constantOp:
			ids[n] = b.constant(n.Type, n.Value)
		case n.Op.Name == PlaceholderOp:
			return nil, nil, (&Error{Op: "function", Axis: -1, Kind: ErrName, Msg: fmt.Sprintf("the result depends on placeholder %q, which is not among the inputs", n.Name)}).
				help("add it to the inputs, or feed it")
		case n.Several():
			in := make([]int, len(n.In))
			for i, x := range n.In {
				in[i] = ids[forms.form(x.Base())]
			}
			lower := n.Op.lowerAll
			if m := scans[n]; m != nil {
				lower = m.lower
			}
			outs, err := lower(b, n, in)
			if err != nil {
				return nil, nil, err
			}
			several[n] = outs
			if emitted != nil {
				emitted(n, -1)
			}
			continue
		case n.Op.Name == resultOp:
			ids[n] = several[forms.form(n.In[0])][n.Attrs.(resultAttrs).Index]
		default:
			id, err := emitNode(b, n, ids, forms)
			if err != nil {
				return nil, nil, err
			}
			ids[n] = id
		}
		if emitted != nil && n.State == nil {
			emitted(n, ids[n])
		}
	}
	find := func(n *Node) int { return ids[forms.form(n.Base())] }
	for _, n := range f.Outputs {
		b.p.Outputs = append(b.p.Outputs, find(n))
		c.Outputs = append(c.Outputs, b.typeOf(find(n)))
	}
	for _, u := range f.Updates {
		if got := b.shape(find(u.New)); !slices.Equal(got, u.State.Base.Shape) {
			return nil, nil, &Error{Op: "function", Axis: -1, Kind: ErrShape, Shapes: [][]int{u.State.Base.Shape, got},
				Msg: fmt.Sprintf("the new value of variable %q has shape %s, want %s", u.State.Base.Name, ShapeString(got), ShapeString(u.State.Base.Shape))}
		}
		i := state(u.State)
		c.Written[i] = true
		b.p.Updates = append(b.p.Updates, backend.Update{State: i, New: find(u.New)})
	}
	if b.err != nil {
		return nil, nil, b.err
	}
	if b.random >= 0 {
		c.key = newRandomKey()
	}
	return b.finish(), c, nil
}

// emitNode checks n again now that all shapes are known, and emits it.
func emitNode(b *builder, n *Node, ids map[*Node]int, forms *stabilizer) (int, error) {
	c := Call{Op: n.Op, Attrs: n.Attrs, In: make([]Type, len(n.In))}
	in := make([]int, len(n.In))
	for i, x := range n.In {
		in[i] = ids[forms.form(x.Base())]
		c.In[i] = b.typeOf(in[i])
	}
	out, err := c.infer()
	if err != nil {
		return 0, err
	}
	c.Out = out
	return b.node(c, in), nil
}
