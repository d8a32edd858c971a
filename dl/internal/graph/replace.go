package graph

// Replace returns roots computed again with some nodes replaced.
func Replace(roots []*Node, with map[*Node]*Node) ([]*Node, error) {
	leaves := map[*Node]bool{}
	for n := range with {
		leaves[n] = true
	}
	base := func(n *Node) *Node { return n.Base() }
	now := map[*Node]*Node{}
	of := func(n *Node) *Node {
		if m, ok := now[n.Base()]; ok {
			return m
		}
		return n
	}
	for _, n := range order(roots, base, leaves) {
		if m, ok := with[n]; ok {
			now[n] = m
			continue
		}
		in, changed := make([]*Node, len(n.In)), false
		for i, x := range n.In {
			in[i] = of(x)
			changed = changed || in[i] != x.Base()
		}
		if !changed {
			continue
		}
		m, err := again(n, in)
		if err != nil {
			return nil, err
		}
		now[n] = m
	}
	out := make([]*Node, len(roots))
	for i, n := range roots {
		out[i] = of(n)
	}
	return out, nil
}

// again applies the operation of n to other operands.
func again(n *Node, in []*Node) (*Node, error) {
	if n.Several() {
		return applyAll(n.Op.Name, n.Attrs, n.several.types, in)
	}
	if n.Op.Name == resultOp {
		return in[0].Result(n.Attrs.(resultAttrs).Index), nil
	}
	m, err := Apply(n.Op.Name, n.Attrs, in...)
	if err == nil && m.Name == "" {
		m.Name = n.Name
	}
	return m, err
}
