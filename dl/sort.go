package dl

import (
	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// ArgSort returns the indices that sort t along an axis, as int64. Equal
// elements keep their order, and NaN comes last.
func (t *Tensor) ArgSort(a int) *Tensor { return t.argSort(a, false) }

// ArgSortDescending is ArgSort from the greatest element on.
func (t *Tensor) ArgSortDescending(a int) *Tensor { return t.argSort(a, true) }

func (t *Tensor) argSort(a int, descending bool) *Tensor {
	a = axis("argsort", t.check("argsort"), a, t.Rank())
	return apply(backend.ArgSort, backend.SortAttrs{Axis: a, Descending: descending}, t)
}

// Sort returns t sorted along an axis. The gradient goes to where the elements
// came from.
func (t *Tensor) Sort(a int) *Tensor { return t.TakeAlong(t.ArgSort(a), a) }

// SortDescending is Sort from the greatest element on.
func (t *Tensor) SortDescending(a int) *Tensor { return t.TakeAlong(t.ArgSortDescending(a), a) }

// TopK returns the k greatest elements along an axis, the greatest first, and
// their indices as int64.
func (t *Tensor) TopK(k, a int) (values, indices *Tensor) {
	a = axis("topk", t.check("topk"), a, t.Rank())
	if d := t.n.Shape[a]; k < 0 || d >= 0 && k > d {
		panic(misuse("topk", []*Tensor{t}, "%d elements of axis %d of shape %s, which has %d", k, a, graph.ShapeString(t.n.Shape), d).at(a))
	}
	indices = t.ArgSortDescending(a).along(a, To(k))
	return t.TakeAlong(indices, a), indices
}

// TakeAlong returns the elements of t at indices along an axis. t and indices
// have equally many axes, and equal lengths on all others, as in numpy's
// take_along_axis:
//
//	y[i,j] = t[indices[i,j], j]   for axis 0
func (t *Tensor) TakeAlong(indices any, a int) *Tensor {
	a = axis("take_along", t.check("take_along"), a, t.Rank())
	at := t.checkedIndices("take_along", indices, a)
	return apply(backend.TakeAlong, backend.AxisAttrs{Axis: a}, t, at)
}

// checkedIndices returns indices as a tensor of integers, whose elements, if
// they are known, are within axis a of t.
func (t *Tensor) checkedIndices(op string, indices any, a int) *Tensor {
	at := tensorOf(op, indices)
	if at.n.DType == Uint8 {
		at = at.cast(Int64)
	}
	if n := t.n.Shape[a]; !at.n.Symbolic() && n >= 0 && !at.n.DType.IsFloat() && at.n.DType != Bool {
		for _, i := range at.Ints() {
			if i < -n || i >= n {
				panic(misuse(op, []*Tensor{t, at}, "index %d is out of range at axis %d of shape %s", i, a, graph.ShapeString(t.n.Shape)).at(a))
			}
		}
	}
	return at
}

// Embedding returns the rows of weights [words, …] at ids of any shape: the
// shape of ids, then that of a row. The gradient adds up what comes back to
// each row.
func Embedding(weights *Tensor, ids any) *Tensor { return weights.check("embedding").Gather(ids, 0) }

// IndexAdd returns t with values added at indices along an axis; where an index
// comes twice both are added.
func (t *Tensor) IndexAdd(indices any, values *Tensor, a int) *Tensor {
	ts := together("index_add", t, values)
	x, v := ts[0].number(), ts[1].number()
	a = axis("index_add", x, a, x.Rank())
	at := x.checkedIndices("index_add", indices, a)
	return x.Add(apply(backend.ScatterAdd, graph.ScatterAttrs{Axis: a, Size: known("index_add", x, a)}, at, v))
}

// IndexSet returns t with values put at indices, which have one axis, along an
// axis; of equal indices the last counts.
func (t *Tensor) IndexSet(indices any, values *Tensor, a int) *Tensor {
	ts := together("index_set", t, values)
	a = axis("index_set", ts[0], a, ts[0].Rank())
	at := ts[0].checkedIndices("index_set", indices, a)
	return apply(backend.IndexSet, backend.AxisAttrs{Axis: a}, ts[0], at, ts[1])
}

// AddAlong returns t with values added at indices along an axis, row by row, as
// PyTorch's scatter_add: the opposite of [Tensor.TakeAlong]. indices and values
// have equal shapes.
func (t *Tensor) AddAlong(indices any, values *Tensor, a int) *Tensor {
	ts := together("add_along", t, values)
	x, v := ts[0].number(), ts[1].number()
	a = axis("add_along", x, a, x.Rank())
	at := x.checkedIndices("add_along", indices, a)
	return x.Add(apply(backend.AddAlong, graph.AddAlongAttrs{Axis: a, Size: known("add_along", x, a)}, at, v))
}
