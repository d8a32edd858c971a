package dl

import (
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// Replace returns tensors computed like ts, but with other tensors in the places
// of some that they were computed from: Theano's givens. Its usual use is a
// function of an index into a data set in place of one of the data:
//
//	batch := dl.Replace([]*dl.Tensor{cost}, dl.Feed{x: xs.Gather(i, 0), y: ys.Gather(i, 0)})
//
// What is put in place of a tensor has its dtype, or is converted to it, and a
// shape that fits.
func Replace(ts []*Tensor, givens Feed) []*Tensor {
	for _, t := range ts {
		t.check("replace")
	}
	with := map[*graph.Node]*graph.Node{}
	for x, v := range givens {
		given := tensorOf("replace", v).cast(x.check("replace").n.DType)
		fits := given.Rank() == x.Rank()
		for a := 0; fits && a < x.Rank(); a++ {
			d, e := x.n.Shape[a], given.n.Shape[a]
			fits = d < 0 || e < 0 || d == e
		}
		if !fits {
			panic(misuse("replace", []*Tensor{x, given}, "%s has shape %s, which does not fit in its place",
				x.describe(), graph.ShapeString(given.n.Shape)))
		}
		with[x.n.Base()] = given.n
	}
	ns, err := graph.Replace(nodes(ts), with)
	raise("replace", err)
	return wrapAll(ns)
}
