package graph

// Origins say where the values of a compiled program come from.
type Origins struct {
	Nodes  []*Node         // by value of the program: the node that it is computed for, or nil
	Shapes map[*Node][]int // of the nodes, for the inputs that the program is compiled for
}

// Origins returns where the values of the program come from that Compile makes
// for inputs of the given shapes. The nodes are those that were written, also
// where the program computes something equal in their place. A value that
// serves several nodes belongs to the first, and what is computed ahead to
// none.
func (f *Function) Origins(shapes [][]int) (*Origins, error) {
	leaves := make(map[*Node]bool, len(f.Inputs))
	for _, n := range f.Inputs {
		leaves[n] = true
	}
	forms := newStabilizer(leaves)
	written := map[*Node]*Node{} // by node of the program: the one in whose place it is
	for _, n := range Order(f.roots()...) {
		written[forms.form(n.Base())] = n
	}
	b := newBuilder()
	b.owner = []*Node{}
	o := &Origins{Shapes: map[*Node][]int{}}
	// A form may be made of several nodes. The ones inside are emitted before it,
	// and belong to it.
	first := 0
	p, _, err := f.programWith(b, shapes, forms, func(n *Node, id int) {
		w, ok := written[n]
		if !ok {
			return
		}
		for len(b.owner) < len(b.p.Values) {
			b.owner = append(b.owner, nil)
		}
		for v := first; v < len(b.owner); v++ {
			b.owner[v] = w
		}
		first = len(b.owner)
		if id >= 0 {
			o.Shapes[w] = b.shape(id)
		}
	})
	if err != nil {
		return nil, err
	}
	o.Nodes = b.owner[:len(p.Values)]
	for i, n := range f.Inputs {
		o.Shapes[n] = shapes[i]
	}
	return o, nil
}

func (f *Function) roots() []*Node {
	var roots []*Node
	roots = append(roots, f.Outputs...)
	for _, u := range f.Updates {
		roots = append(roots, u.New)
	}
	return roots
}
