package cpu

import (
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// crossEntropyBoth is the cross-entropy of a softmax with labels and its
// gradient: (logits, labels, derivative by the losses) → losses, derivative by
// the logits. Each alone computes the same exponentials.
const crossEntropyBoth backend.Op = "softmax_cross_entropy and its gradient"

// joinEntropies replaces pairs of a cross-entropy and its gradient by one
// instruction, where the derivative by the losses can be had before them, as
// that of a mean can. What reads the losses is computed after it.
func joinEntropies(p *backend.Program) *backend.Program {
	for at, i := range p.Instrs {
		if x := p.Values[i.In[0]]; i.Op != backend.SoftmaxCrossEntropy || x.DType != backend.Float32 || backend.Size(x.Shape) == 0 {
			continue
		}
		for k, g := range p.Instrs[at+1:] {
			if g.Op == backend.SoftmaxCrossEntropyGrad && g.In[0] == i.In[0] && g.In[1] == i.In[1] {
				if q := joinedEntropy(p, at, at+1+k); q != nil {
					return joinEntropies(q)
				}
			}
		}
	}
	return p
}

// joinedEntropy joins instruction at and its gradient, or returns nil where the
// gradient depends on the losses.
func joinedEntropy(p *backend.Program, at, grad int) *backend.Program {
	losses, gradient := p.Instrs[at], p.Instrs[grad]
	later := map[int]bool{losses.Out[0]: true} // what depends on the losses
	var before, after []backend.Instr
	for _, i := range p.Instrs[at+1 : grad] {
		if !slices.ContainsFunc(i.In, func(v int) bool { return later[v] }) {
			before = append(before, i)
			continue
		}
		after = append(after, i)
		for _, v := range i.Out {
			later[v] = true
		}
	}
	if later[gradient.In[2]] {
		return nil
	}
	both := backend.Instr{Op: crossEntropyBoth, In: gradient.In, Out: []int{losses.Out[0], gradient.Out[0]}}
	q := *p
	q.Instrs = slices.Concat(p.Instrs[:at], before, []backend.Instr{both}, after, p.Instrs[grad+1:])
	return &q
}
