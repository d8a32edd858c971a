package graph

import "github.com/fluxion-go/fluxion/dl/backend"

// A stabilizer replaces symbolic expressions that lose all precision for
// large arguments by ones that do not:
//
//	1/(1 + exp(t))      → sigmoid(−t)
//	1 − sigmoid(t)      → sigmoid(−t)
//	log(sigmoid(t))     → −softplus(−t)
//	log(softmax(t))     → log_softmax(t)
//
// They are replaced before differentiation too, as the derivative of the
// logarithm of a number that was rounded to 0 is infinite.
type stabilizer struct {
	forms map[*Node]*Node
	keep  map[*Node]bool // nodes that must stay, because somebody asks for a derivative by them
}

func newStabilizer(keep map[*Node]bool) *stabilizer {
	return &stabilizer{map[*Node]*Node{}, keep}
}

// form returns what to compute in place of n.
func (s *stabilizer) form(n *Node) *Node {
	if !n.symbolic || !rewritten[n.Op.Name] || s.keep[n] {
		return n
	}
	if f, ok := s.forms[n]; ok {
		return f
	}
	f := s.rewrite(n)
	s.forms[n], s.forms[f] = f, f
	return f
}

// rewritten lists the operations with which such expressions end.
var rewritten = map[backend.Op]bool{backend.Log: true, backend.Div: true, backend.Reciprocal: true, backend.Sub: true, backend.Add: true}

func (s *stabilizer) rewrite(n *Node) *Node {
	if t := s.sigmoidOf(n); t != nil {
		return unaryNode(backend.Sigmoid, t)
	}
	if n.Op.Name != backend.Log || s.keep[n.In[0]] {
		return n
	}
	x := n.In[0]
	if x.Op.Name == backend.Softmax {
		return must(backend.LogSoftmax, x.Attrs, x.In[0])
	}
	if x.Op.Name == backend.Sigmoid {
		return neg(unaryNode(backend.Softplus, negated(x.In[0])))
	}
	if t := s.sigmoidOf(x); t != nil {
		return neg(unaryNode(backend.Softplus, negated(t)))
	}
	return n
}

// sigmoidOf returns t where n is sigmoid(t) written in another way, else nil.
func (s *stabilizer) sigmoidOf(n *Node) *Node {
	switch n.Op.Name {
	case backend.Div, backend.Reciprocal:
		return s.logistic(n)
	case backend.Sub:
		if isNumber(n.In[0], 1) {
			return s.complement(n.In[1])
		}
	case backend.Add: // 1 + (−sigmoid(t))
		for i, x := range n.In {
			if isNumber(n.In[1-i], 1) && x.Op.Name == backend.Neg && !s.keep[x] {
				return s.complement(x.In[0])
			}
		}
	}
	return nil
}

// logistic returns −t where n is 1/(1 + exp(t)).
func (s *stabilizer) logistic(n *Node) *Node {
	if n.Op.Name == backend.Div && !isNumber(n.In[0], 1) {
		return nil
	}
	x := n.In[len(n.In)-1]
	if x.Op.Name != backend.Add || s.keep[x] {
		return nil
	}
	for i, e := range x.In {
		if isNumber(x.In[1-i], 1) && e.Op.Name == backend.Exp && e.symbolic && !s.keep[e] {
			return negated(e.In[0])
		}
	}
	return nil
}

// complement returns −t where p is sigmoid(t).
func (s *stabilizer) complement(p *Node) *Node {
	if s.keep[p] {
		return nil
	}
	switch p.Op.Name {
	case backend.Sigmoid:
		if p.symbolic {
			return negated(p.In[0])
		}
	case backend.Div, backend.Reciprocal:
		if t := s.logistic(p); t != nil {
			return negated(t)
		}
	}
	return nil
}

func negated(t *Node) *Node {
	if t.Op.Name == backend.Neg {
		return t.In[0]
	}
	return neg(t)
}
