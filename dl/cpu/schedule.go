package cpu

import (
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// A node is one step, or several that are sure to be run together.
type node struct {
	steps  []*step
	before []int // nodes that must run earlier
	ahead  int   // how many of them have not yet
	after  []int
	reads  []int // values that other nodes make
	commit bool  // writes states
	done   bool
}

// schedule puts the steps in an order and in groups. writes maps values that
// are computed right in the memory of a state to that state: the steps that
// write them come last, after all others that read the state. With together set,
// all steps that can be run piece by piece with one another are.
func schedule(steps []*step, values []backend.Value, writes map[int]int, keep []bool, together bool) []*group {
	s := scheduler{values: values, together: together, keep: keep, maker: make([]int, len(values)), readers: make([][]int, len(values))}
	s.makeNodes(steps)
	s.link(writes)
	return s.groups(writes)
}

type scheduler struct {
	values   []backend.Value
	together bool
	keep     []bool // by value: whether it is read after the last step
	nodes    []*node
	maker    []int   // by value: the node that computes it, or −1
	readers  [][]int // by value: the nodes that read it
	left     []int   // by value: how many of them have not run
}

// makeNodes makes a node of each step. An elementwise step joins the step that
// computes its operand, where nobody else wants that operand.
func (s *scheduler) makeNodes(steps []*step) {
	for i := range s.maker {
		s.maker[i] = -1
	}
	uses := make([]int, len(s.maker))
	for _, t := range steps {
		for _, v := range append(append([]int{}, t.aligned...), t.whole...) {
			uses[v]++
		}
	}
	for _, t := range steps {
		at := len(s.nodes)
		if t.chain != nil {
			for _, v := range t.aligned {
				k := s.maker[v]
				if k < 0 || uses[v] != 1 || s.keep[v] || slices.Contains(t.whole, v) {
					continue
				}
				n := s.nodes[k]
				last := n.steps[len(n.steps)-1]
				if len(n.steps) == 1 && !last.alone && last.units == t.units && len(last.out) == 1 {
					at = k
					break
				}
			}
		}
		if at == len(s.nodes) {
			s.nodes = append(s.nodes, &node{})
		}
		s.nodes[at].steps = append(s.nodes[at].steps, t)
		for _, v := range append(append([]int{}, t.out...), t.late...) {
			s.maker[v] = at
		}
	}
}

// link fills in which nodes must wait for which.
func (s *scheduler) link(writes map[int]int) {
	for i, n := range s.nodes {
		for _, t := range n.steps {
			for _, v := range append(append([]int{}, t.aligned...), t.whole...) {
				if r := s.readers[v]; len(r) == 0 || r[len(r)-1] != i {
					s.readers[v] = append(r, i)
				}
				if m := s.maker[v]; m >= 0 && m != i {
					s.edge(m, i)
					if !slices.Contains(n.reads, v) {
						n.reads = append(n.reads, v)
					}
				}
			}
		}
	}
	for _, v := range sortedKeys(writes) {
		state, w := writes[v], s.maker[v]
		// Everybody who reads the state must do so before it is written. Where
		// that cannot be, the new value is computed elsewhere and copied.
		for _, r := range s.readers[state] {
			if r != w && s.reaches(w, r) {
				delete(writes, v)
			}
		}
		if _, ok := writes[v]; !ok {
			continue
		}
		s.nodes[w].commit = true
		for _, r := range s.readers[state] {
			if r != w {
				s.edge(r, w)
			}
		}
	}
}

func sortedKeys(m map[int]int) []int {
	var keys []int
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (s *scheduler) edge(from, to int) {
	if slices.Contains(s.nodes[to].before, from) {
		return
	}
	s.nodes[to].before = append(s.nodes[to].before, from)
	s.nodes[from].after = append(s.nodes[from].after, to)
}

// reaches reports whether node to must wait for node from.
func (s *scheduler) reaches(from, to int) bool {
	seen := make([]bool, len(s.nodes))
	stack := []int{from}
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if n == to {
			return true
		}
		if seen[n] {
			continue
		}
		seen[n] = true
		stack = append(stack, s.nodes[n].after...)
	}
	return false
}

// groups orders the nodes: one that can join the group before it goes first, then
// early ones, then those after which there is less in memory, then others in the
// order of the program, and those that write states go last.
func (s *scheduler) groups(writes map[int]int) []*group {
	s.left = make([]int, len(s.readers))
	for _, n := range s.nodes {
		for _, v := range n.reads {
			s.left[v]++
		}
	}
	var ready []int
	for i, n := range s.nodes {
		n.ahead = len(n.before)
		if n.ahead == 0 {
			ready = append(ready, i)
		}
	}
	var groups []*group
	var g *group
	for len(ready) > 0 {
		at := -1
		for k, i := range ready {
			if g != nil && s.joins(g, s.nodes[i], writes) {
				at = k
				break
			}
		}
		if at < 0 {
			at = s.first(ready)
			g = &group{commit: s.nodes[ready[at]].commit}
			groups = append(groups, g)
		}
		n := s.nodes[ready[at]]
		ready = slices.Delete(ready, at, at+1)
		g.steps = append(g.steps, n.steps...)
		n.done = true
		for _, v := range n.reads {
			s.left[v]--
		}
		for _, a := range n.after {
			if s.nodes[a].ahead--; s.nodes[a].ahead == 0 {
				k, _ := slices.BinarySearch(ready, a)
				ready = slices.Insert(ready, k, a)
			}
		}
	}
	return groups
}

// first returns which of the nodes that are ready begins a new group.
func (s *scheduler) first(ready []int) int {
	at := slices.IndexFunc(ready, func(i int) bool { return s.nodes[i].steps[0].early && !s.nodes[i].commit })
	if at < 0 {
		at = s.relieving(ready)
	}
	if at < 0 {
		at = slices.IndexFunc(ready, func(i int) bool { return !s.nodes[i].commit })
	}
	return max(at, 0)
}

// relieving returns which of the nodes that are ready leaves least in memory, if
// that is no more than there was. A derivative by a weight, say, is computed as
// soon as nobody else needs its operands, which are still in the cache then.
func (s *scheduler) relieving(ready []int) int {
	const most = 32 // are looked at, as compiling must not take long where thousands are ready
	at, least := -1, 0
	for k, i := range ready[:min(len(ready), most)] {
		if s.nodes[i].commit {
			continue
		}
		more := s.growth([]int{i})
		if all := s.company(i); len(all) > 0 {
			more = min(more, s.growth(all))
		}
		if more < least || more == 0 && at < 0 {
			at, least = k, more
		}
	}
	return at
}

// company returns node i, which prepares something for only one other node, as
// the packing of an operand does, with that one and the few others that prepare
// something for it, where nothing else is in the way.
func (s *scheduler) company(i int) []int {
	const few = 8
	reader := func(n *node) int {
		at := -1
		for _, a := range n.after {
			if s.nodes[a].commit {
				continue
			}
			if at >= 0 {
				return -1
			}
			at = a
		}
		return at
	}
	last := reader(s.nodes[i])
	if last < 0 || len(s.nodes[last].before) > few {
		return nil
	}
	all := []int{last}
	for _, p := range s.nodes[last].before {
		switch n := s.nodes[p]; {
		case n.done:
		case n.ahead > 0 || n.commit || reader(n) != last:
			return nil
		default:
			all = append(all, p)
		}
	}
	return all
}

// growth returns how many bytes more there are in memory after some nodes have
// run.
func (s *scheduler) growth(nodes []int) int {
	bytes := func(v int) int { return backend.Size(s.values[v].Shape) * s.values[v].DType.Size() }
	outside := func(i int) bool { return !slices.Contains(nodes, i) }
	within := func(v int) (readers int) {
		for _, i := range nodes {
			if slices.Contains(s.nodes[i].reads, v) {
				readers++
			}
		}
		return readers
	}
	more := 0
	var freed []int
	for _, i := range nodes {
		for _, t := range s.nodes[i].steps {
			for _, v := range append(append([]int{}, t.out...), t.late...) {
				if s.keep[v] || slices.ContainsFunc(s.readers[v], outside) {
					more += bytes(v)
				}
			}
		}
		for _, v := range s.nodes[i].reads {
			if s.keep[v] || slices.Contains(nodes, s.maker[v]) || slices.Contains(freed, v) || s.left[v] > within(v) {
				continue
			}
			freed = append(freed, v)
			more -= bytes(v)
		}
	}
	return more
}

// joins reports whether n can be run as part of g.
func (s *scheduler) joins(g *group, n *node, writes map[int]int) bool {
	if g.commit != n.commit {
		return false
	}
	for _, t := range n.steps {
		for _, u := range g.steps {
			if t.alone || u.alone || t.units != u.units {
				return false
			}
			for _, v := range u.out {
				if slices.Contains(t.whole, v) {
					return false
				}
			}
			for _, v := range u.late {
				if t.reads(v) {
					return false
				}
			}
			// A state must have been read by all pieces before it is written.
			for _, v := range t.out {
				if state, ok := writes[v]; ok && u.reads(state) {
					return false
				}
			}
		}
	}
	return s.together || s.worthJoining(g, n)
}

// worthJoining reports whether n should be run piece by piece with g: because
// it reads what g has just had in its hands, or because both are so small that
// starting them takes as long as the work. It is not worth it where the pieces
// would become too flat for a matrix product.
func (s *scheduler) worthJoining(g *group, n *node) bool {
	both := &group{steps: append(slices.Clone(g.steps), n.steps...), units: g.steps[0].units}
	least, work := 0, 0
	for _, t := range both.steps {
		least = max(least, t.least)
		work += t.cost * t.units
	}
	if least > 0 && both.partHeight(s.values) < min(least, both.units) {
		return false
	}
	if work < pieceTime {
		return true
	}
	for _, t := range n.steps {
		for _, v := range t.aligned {
			for _, u := range g.steps {
				if slices.Contains(u.aligned, v) || slices.Contains(u.out, v) {
					return true
				}
			}
		}
	}
	return false
}
