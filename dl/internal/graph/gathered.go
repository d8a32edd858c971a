package graph

import (
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// Rows of a table, gathered at more indices than the table has rows, are
// repeated rows: as where a sequence of words goes through an embedding and a
// dense or recurrent layer. Their product with a matrix is computed of the table
// and gathered after that; on the way back derivatives are added up by index
// before they are multiplied, not after.
//
// What indices do not name must not matter, even if it is infinite: see named.

// gathered returns the table and the indices where id holds rows of a matrix.
func (b *builder) gathered(id int) (table, indices int, ok bool) {
	i, ok := b.made(id, backend.Gather)
	if !ok || i.Attrs.(backend.AxisAttrs).Axis != 0 || len(b.shape(i.In[0])) != 2 || len(b.shape(i.In[1])) == 0 || backend.Size(b.shape(id)) == 0 {
		return 0, 0, false
	}
	return i.In[0], i.In[1], true
}

// gather returns the rows of a matrix at indices.
func (b *builder) gather(table, indices int) int {
	t := b.typeOf(table)
	out := Type{t.DType, append(slices.Clone(b.shape(indices)), t.Shape[1])}
	return b.emit(backend.Gather, backend.AxisAttrs{}, out, table, indices)
}

// scatter returns a matrix of so many rows with those of values added at indices.
func (b *builder) scatter(indices, values, rows int) int {
	t := b.typeOf(values)
	out := Type{t.DType, []int{rows, t.Shape[len(t.Shape)-1]}}
	return b.emit(backend.ScatterAdd, backend.AxisAttrs{}, out, indices, values)
}

// repeats reports whether rows are repeated often enough for work on each row
// of the table to be less than on each of those gathered.
func (b *builder) repeats(rows, indices int) bool {
	return 2*rows <= backend.Size(b.shape(indices))
}

// named returns id, which has a row for each of a table's, with 0 in the rows
// that no index names.
func (b *builder) named(id, indices int) int {
	t := b.typeOf(id)
	flat := []int{backend.Size(b.shape(indices))} // the same for indices in other shapes
	ones := b.broadcastTo(b.number(backend.Float32, 1), []int{flat[0], 1})
	times := b.scatter(b.reshape(indices, flat), ones, t.Shape[0])
	some := b.emit(backend.Greater, nil, Type{backend.Bool, b.shape(times)}, times, b.number(backend.Float32, 0))
	return b.emit(backend.Where, nil, t, some, id, b.number(t.DType, 0))
}

// rowOrder returns the order of the axes before the last one, and whether that
// stays where it is.
func rowOrder(perm []int) ([]int, bool) {
	n := len(perm) - 1
	return perm[:n], perm[n] == n
}

// reorder returns id with its axes in another order.
func (b *builder) reorder(id int, perm []int) int {
	shape := make([]int, len(perm))
	for i, a := range perm {
		shape[i] = b.shape(id)[a]
	}
	return b.emit(backend.Transpose, backend.TransposeAttrs{Perm: perm}, Type{b.typeOf(id).DType, shape}, id)
}

// transposeGathered puts indices in another order in place of the rows. It
// returns −1 where x does not hold rows, as do the following.
func (b *builder) transposeGathered(perm []int, x int) int {
	table, indices, ok := b.gathered(x)
	rows, stays := rowOrder(perm)
	if !ok || !stays {
		return -1
	}
	return b.gather(table, b.reorder(indices, rows))
}

// reshapeGathered gives indices another shape in place of the rows.
func (b *builder) reshapeGathered(x int, shape []int) int {
	table, indices, ok := b.gathered(x)
	n := len(shape) - 1
	if !ok || n < 1 || shape[n] != b.shape(table)[1] {
		return -1
	}
	return b.gather(table, b.reshape(indices, shape[:n]))
}

// addGathered adds a row to a product before its rows are gathered.
func (b *builder) addGathered(x, row int) int {
	table, indices, ok := b.gathered(x)
	if !ok || !b.repeats(b.shape(table)[0], indices) {
		return -1
	}
	_, product := b.made(table, backend.MatMul)
	t, s := b.typeOf(table), b.shape(row)
	if !product || len(s) == 0 || len(s) > len(b.shape(x)) || s[len(s)-1] != t.Shape[1] || backend.Size(s) != t.Shape[1] {
		return -1
	}
	return b.gather(b.emit(backend.Add, nil, t, table, b.reshape(row, t.Shape[1:])), indices)
}

// multiplyGathered multiplies rows before they are gathered, or adds up by index
// what they are multiplied with to a sum over all of them.
func (b *builder) multiplyGathered(at backend.MatMulAttrs, out Type, in []int) int {
	if !at.TransA {
		table, indices, ok := b.gathered(in[0])
		if !ok || len(b.shape(in[1])) != 2 || !b.repeats(b.shape(table)[0], indices) {
			return -1
		}
		t := Type{out.DType, []int{b.shape(table)[0], out.Shape[len(out.Shape)-1]}}
		return b.gather(b.emit(backend.MatMul, at, t, table, in[1]), indices)
	}
	if at.TransB {
		return -1
	}
	for k, id := range in { // Aᵀ·B where the rows of one were gathered
		table, indices, ok := b.gathered(id)
		if !ok || len(b.shape(id)) != 2 || len(b.shape(in[1-k])) != 2 || !b.repeats(b.shape(table)[0], indices) {
			continue
		}
		ids := []int{0, 0}
		ids[k], ids[1-k] = b.named(table, indices), b.scatter(indices, in[1-k], b.shape(table)[0])
		return b.emit(backend.MatMul, at, out, ids...)
	}
	return -1
}

// simplifyScatter adds values up in the order in which they were before they
// were turned, and before they were multiplied with a matrix.
func (b *builder) simplifyScatter(out Type, indices, values int) int {
	if len(out.Shape) != 2 || len(b.shape(indices)) == 0 || len(b.shape(values)) != len(b.shape(indices))+1 || backend.Size(b.shape(values)) == 0 {
		return -1
	}
	rows := out.Shape[0]
	if i, ok := b.made(values, backend.Transpose); ok {
		if perm, stays := rowOrder(i.Attrs.(backend.TransposeAttrs).Perm); stays {
			return b.scatter(b.reorder(indices, inverted(perm)), i.In[0], rows)
		}
	}
	if i, ok := b.made(values, backend.Reshape); ok {
		s := b.shape(i.In[0])
		if n := len(s) - 1; n >= 1 && s[n] == out.Shape[1] {
			return b.scatter(b.reshape(indices, s[:n]), i.In[0], rows)
		}
	}
	i, ok := b.made(values, backend.MatMul)
	if !ok || !out.DType.IsFloat() || !b.repeats(rows, indices) {
		return -1
	}
	at := i.Attrs.(backend.MatMulAttrs)
	if at.TransA || len(b.shape(i.In[1])) != 2 {
		return -1
	}
	return b.named(b.emit(backend.MatMul, at, out, b.scatter(indices, i.In[0], rows), i.In[1]), indices)
}
