package dl

import (
	"math"

	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// AttentionOptions change what [Attention] looks at.
type AttentionOptions struct {
	Causal bool    // a query looks at keys of no later step than its own
	Mask   *Tensor // bools that broadcast to [..., queries, keys]: true where a query may look at a key; or numbers that are added to the scores
	Drop   float64 // the rate of Dropout of the weights
}

// Attention returns softmax(q·kᵀ/√d + mask)·v, for queries q [..., queries, d],
// keys k [..., keys, d] and values v [..., keys, e]: for each query a mean of the
// values, weighted by how much their keys are like it (Vaswani and others,
// "Attention is all you need", 2017, section 3.2.1). The numbers of queries and
// keys may be unknown until the call. A query that may look at nothing gets the
// plain mean.
func Attention(q, k, v *Tensor, options ...AttentionOptions) *Tensor {
	const op = "attention"
	var o AttentionOptions
	for _, given := range options {
		o = given
	}
	for _, t := range []*Tensor{q, k, v} {
		if t.check(op).Rank() < 2 {
			panic(misuse(op, []*Tensor{q, k, v}, "shape %s, want at least two axes, (…, steps, size)", graph.ShapeString(t.n.Shape)))
		}
	}
	d := known(op, q, q.Rank()-1)
	if n := k.n.Shape[k.Rank()-1]; n >= 0 && n != d {
		panic(misuse(op, []*Tensor{q, k, v}, "queries of size %d and keys of size %d, want equal sizes", d, n).at(k.Rank() - 1))
	}
	scores := q.MatMul(k.SwapAxes(-1, -2)).Mul(1 / math.Sqrt(float64(d)))
	if o.Causal {
		scores = Where(later(scores), unseen, scores)
	}
	switch {
	case o.Mask == nil:
	case o.Mask.check(op).n.DType == Bool:
		scores = Where(o.Mask, scores, unseen)
	default:
		scores = scores.Add(o.Mask)
	}
	weights := scores.Softmax(-1)
	if o.Drop > 0 {
		weights = Dropout(weights, o.Drop)
	}
	return weights.MatMul(v)
}

// unseen is a score that softmax makes 0, unless all are unseen, where −∞ would
// give what is no number.
const unseen = -1e30

// later returns where the key, along the last axis, comes after the query, along
// the one before.
func later(scores *Tensor) *Tensor {
	r := scores.Rank()
	queries, keys := scores.n.Shape[r-2], scores.n.Shape[r-1]
	if queries >= 0 && keys >= 0 {
		after := make([]bool, queries*keys)
		for i := range after {
			after[i] = i%keys > i/keys
		}
		return New(after, queries, keys)
	}
	one := scores // a matrix of this size, of which only the size counts
	for one.Rank() > 2 {
		one = one.Slice(0)
	}
	ones := OnesLike(one)
	return ones.CumSum(1).Greater(ones.CumSum(0))
}
