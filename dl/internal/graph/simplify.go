package graph

import (
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// plain turns simplification off; a test compares programs with and without.
var plain = false

// simplify returns a value equal to what op would compute that is cheaper, or
// −1. Numbers may be rounded differently, but 0·x is not 0 here, as x may be
// infinite.
func (b *builder) simplify(op backend.Op, attrs any, out Type, in []int) int {
	if plain {
		return -1
	}
	switch op {
	case backend.Add, backend.Sub, backend.Mul, backend.Div, backend.Pow:
		if id := b.simplifyArithmetic(op, out, in[0], in[1]); id >= 0 {
			return id
		}
		if op == backend.Add {
			for k, id := range in {
				if sum := b.addGathered(id, in[1-k]); sum >= 0 {
					return sum
				}
			}
		}
		return b.narrow(op, attrs, out, in)
	case backend.Neg:
		if i, ok := b.made(in[0], backend.Neg); ok {
			return i.In[0]
		}
		return b.narrow(op, attrs, out, in)
	case backend.Cast:
		if b.typeOf(in[0]).equal(out) {
			return in[0]
		}
		return b.narrow(op, attrs, out, in)
	case backend.Transpose:
		return b.simplifyTranspose(attrs.(backend.TransposeAttrs).Perm, out, in[0])
	case backend.MatMul:
		return b.simplifyMatMul(attrs.(backend.MatMulAttrs), out, in)
	case backend.ScatterAdd:
		return b.simplifyScatter(out, in[0], in[1])
	case backend.Concat:
		if len(in) == 1 {
			return in[0]
		}
	case backend.Sum, backend.Max, backend.Min, backend.Prod, backend.Any, backend.All:
		if len(attrs.(backend.ReduceAttrs).Axes) == 0 {
			return in[0]
		}
		if op != backend.Sum && op != backend.Prod && b.typeOf(in[0]).Size() == out.Size() {
			return b.reshape(in[0], out.Shape)
		}
	default:
		if info := table[op]; info != nil && elementwise[op] {
			return b.narrow(op, attrs, out, in)
		}
	}
	return -1
}

// elementwise lists the further operations whose result is broadcast from
// their operands, beside those that simplify names.
var elementwise = map[backend.Op]bool{
	backend.Abs: true, backend.Sign: true, backend.Square: true, backend.Sqrt: true,
	backend.Reciprocal: true, backend.Exp: true, backend.Expm1: true, backend.Log: true,
	backend.Log1p: true, backend.Sin: true, backend.Cos: true, backend.Tan: true, backend.Tanh: true,
	backend.Sigmoid: true, backend.Softplus: true, backend.ReLU: true, backend.Floor: true,
	backend.Ceil: true, backend.Round: true, backend.Erf: true, backend.GELU: true, backend.GELUGrad: true, backend.Mod: true,
	backend.Maximum: true, backend.Minimum: true, backend.Equal: true, backend.NotEqual: true,
	backend.Less: true, backend.LessEqual: true, backend.Greater: true, backend.GreaterEqual: true,
	backend.And: true, backend.Or: true, backend.Not: true, backend.Where: true,
}

// simplifyArithmetic knows what constants do to a number.
func (b *builder) simplifyArithmetic(op backend.Op, out Type, x, y int) int {
	whole := func(id int) int { return b.broadcastTo(id, out.Shape) }
	unary := func(op backend.Op, id int) int {
		return whole(b.emit(op, nil, b.typeOf(id), id))
	}
	cx, constX := b.single(x)
	cy, constY := b.single(y)
	isFloat := out.DType.IsFloat()
	if constX && constY {
		return -1 // folded
	}
	switch {
	case op == backend.Add && constX && cx == 0:
		return whole(y)
	case (op == backend.Add || op == backend.Sub) && constY && cy == 0:
		return whole(x)
	case op == backend.Sub && constX && cx == 0:
		return unary(backend.Neg, y)
	case op == backend.Mul && constX && cx == 1:
		return whole(y)
	case op == backend.Mul && constX && cx == -1:
		return unary(backend.Neg, y)
	case (op == backend.Mul || op == backend.Div || op == backend.Pow) && constY && cy == 1:
		return whole(x)
	case (op == backend.Mul || op == backend.Div) && constY && cy == -1:
		return unary(backend.Neg, x)
	case op == backend.Pow && constY && cy == 2:
		return unary(backend.Square, x)
	case op == backend.Pow && constY && cy == 0.5 && isFloat:
		return unary(backend.Sqrt, x)
	case op == backend.Pow && constY && cy == -1 && isFloat:
		return unary(backend.Reciprocal, x)
	case op == backend.Div && constX && cx == 1 && isFloat:
		return unary(backend.Reciprocal, y)
	case op == backend.Mul && x == y:
		return unary(backend.Square, x)
	case op == backend.Mul && constY && isFloat:
		return b.mergeFactor(out, x, y)
	case op == backend.Mul && constX && isFloat:
		return b.mergeFactor(out, y, x)
	}
	if i, ok := b.made(y, backend.Neg); ok && op == backend.Add {
		return b.emit(backend.Sub, nil, out, x, i.In[0])
	} else if ok && op == backend.Sub {
		return b.emit(backend.Add, nil, out, x, i.In[0])
	}
	if i, ok := b.made(x, backend.Neg); ok && op == backend.Add {
		return b.emit(backend.Sub, nil, out, y, i.In[0])
	}
	return -1
}

// mergeFactor multiplies the constant factors of (x·c)·d.
func (b *builder) mergeFactor(out Type, x, d int) int {
	i, ok := b.made(x, backend.Mul)
	if !ok {
		return -1
	}
	for k, id := range i.In {
		if _, ok := b.single(id); ok && slices.Equal(b.shape(i.In[1-k]), out.Shape) {
			t := Type{DType: out.DType}
			c := b.emit(backend.Mul, nil, t, b.reshape(id, nil), b.reshape(d, nil))
			return b.emit(backend.Mul, nil, out, i.In[1-k], c)
		}
	}
	return -1
}

// narrow computes an elementwise operation before its operands are repeated,
// not after.
func (b *builder) narrow(op backend.Op, attrs any, out Type, in []int) int {
	small, changed := slices.Clone(in), false
	types := make([]Type, len(in))
	for k, id := range in {
		if i, ok := b.made(id, backend.BroadcastTo); ok {
			small[k], changed = i.In[0], true
		}
		types[k] = b.typeOf(small[k])
	}
	if !changed {
		return -1
	}
	shape, _ := Call{Op: table[op], In: types}.broadcast(types...)
	return b.broadcastTo(b.emit(op, attrs, Type{out.DType, shape}, small...), out.Shape)
}

func (b *builder) simplifyTranspose(perm []int, out Type, x int) int {
	if i, ok := b.made(x, backend.Transpose); ok {
		inner := i.Attrs.(backend.TransposeAttrs).Perm
		joined := make([]int, len(perm))
		for k, a := range perm {
			joined[k] = inner[a]
		}
		return b.emit(backend.Transpose, backend.TransposeAttrs{Perm: joined}, out, i.In[0])
	}
	last := -1
	for _, a := range perm { // axes of length 1 may go anywhere
		if b.shape(x)[a] == 1 {
			continue
		}
		if a < last {
			return b.transposeGathered(perm, x)
		}
		last = a
	}
	return b.reshape(x, out.Shape)
}

// simplifyMatMul reads transposed operands as they are, and gathered ones before
// they are gathered.
func (b *builder) simplifyMatMul(at backend.MatMulAttrs, out Type, in []int) int {
	ids, changed := slices.Clone(in), false
	for k, flip := range []*bool{&at.TransA, &at.TransB} {
		i, ok := b.made(ids[k], backend.Transpose)
		if !ok || !swapsLastTwo(i.Attrs.(backend.TransposeAttrs).Perm) {
			continue
		}
		*flip = !*flip
		ids[k], changed = i.In[0], true
	}
	if !changed {
		return b.multiplyGathered(at, out, in)
	}
	return b.emit(backend.MatMul, at, out, ids...)
}

func swapsLastTwo(perm []int) bool {
	n := len(perm)
	for i, a := range perm[:n-2] {
		if a != i {
			return false
		}
	}
	return perm[n-2] == n-1
}

// reshape returns id with another shape of the same size.
func (b *builder) reshape(id int, shape []int) int {
	if slices.Equal(b.shape(id), shape) {
		return id
	}
	t := Type{b.p.Values[id].DType, shape}
	if b.isConstant(id) {
		return b.constant(t, b.p.Values[id].Const)
	}
	if i, ok := b.made(id, backend.Reshape); ok && !plain {
		return b.reshape(i.In[0], shape)
	}
	if i, ok := b.made(id, backend.BroadcastTo); ok && !plain && backend.Size(b.shape(i.In[0])) == 1 {
		return b.broadcastTo(b.reshape(i.In[0], nil), shape)
	}
	if !plain {
		if rows := b.reshapeGathered(id, shape); rows >= 0 {
			return rows
		}
	}
	return b.append(backend.Reshape, nil, t, []int{id})
}

// broadcastTo returns id repeated to a shape.
func (b *builder) broadcastTo(id int, shape []int) int {
	if slices.Equal(b.shape(id), shape) {
		return id
	}
	if !plain {
		if i, ok := b.made(id, backend.BroadcastTo); ok {
			return b.broadcastTo(i.In[0], shape)
		}
		if backend.Size(b.shape(id)) == backend.Size(shape) {
			return b.reshape(id, shape)
		}
	}
	return b.append(backend.BroadcastTo, nil, Type{b.p.Values[id].DType, shape}, []int{id})
}

// sum returns id summed over axes, which are kept with length 1. Where id is
// repeated along an axis, that axis is a factor.
func (b *builder) sum(id int, axes []int) int {
	kept := slices.Clone(b.shape(id))
	var real []int // axes of more than one element
	for _, a := range axes {
		if kept[a] != 1 {
			real = append(real, a)
		}
		kept[a] = 1
	}
	t := Type{b.p.Values[id].DType, kept}
	if len(real) == 0 {
		return id
	}
	i, ok := b.made(id, backend.BroadcastTo)
	if !ok || plain {
		if product := b.summedProduct(id, real); product >= 0 && !plain {
			return b.reshape(product, kept)
		}
		return b.append(backend.Sum, backend.ReduceAttrs{Axes: real, Keep: true}, t, []int{id})
	}
	from, to := b.shape(i.In[0]), b.shape(id)
	from = append(slices.Repeat([]int{1}, len(to)-len(from)), from...)
	times := 1
	for _, a := range real {
		if from[a] == 1 {
			times *= to[a]
		}
	}
	if times == 1 {
		return b.append(backend.Sum, backend.ReduceAttrs{Axes: real, Keep: true}, t, []int{id})
	}
	s := b.sum(b.reshape(i.In[0], from), axes)
	s = b.emit(backend.Mul, nil, b.typeOf(s), s, b.number(t.DType, float64(times)))
	return b.broadcastTo(s, kept)
}

// summedProduct returns Σ Aᵀ·B over all leading axes as one product of matrices
// that hold the rows of all, or −1 where id is not such products.
func (b *builder) summedProduct(id int, axes []int) int {
	i, ok := b.made(id, backend.MatMul)
	if !ok || i.Attrs.(backend.MatMulAttrs) != (backend.MatMulAttrs{TransA: true}) {
		return -1
	}
	x, y := b.shape(i.In[0]), b.shape(i.In[1])
	lead := len(x) - 2
	if lead < 1 || !slices.Equal(x[:lead+1], y[:min(lead+1, len(y))]) {
		return -1
	}
	for a, d := range x[:lead] {
		if d != 1 && !slices.Contains(axes, a) {
			return -1
		}
	}
	if slices.ContainsFunc(axes, func(a int) bool { return a >= lead }) {
		return -1
	}
	rows := backend.Size(x[:lead+1])
	flat := func(id, columns int) int { return b.reshape(id, []int{rows, columns}) }
	k, n := x[lead+1], y[lead+1]
	return b.emit(backend.MatMul, backend.MatMulAttrs{TransA: true}, Type{b.typeOf(id).DType, []int{k, n}}, flat(i.In[0], k), flat(i.In[1], n))
}

// slice returns the elements of id that at says, in a shape.
func (b *builder) slice(id int, at backend.SliceAttrs, shape []int) int {
	if slices.Equal(b.shape(id), shape) && !slices.ContainsFunc(at.Step, func(s int) bool { return s != 1 }) {
		return id
	}
	return b.emit(backend.Slice, at, Type{b.p.Values[id].DType, shape}, id)
}
