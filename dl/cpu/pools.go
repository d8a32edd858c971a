package cpu

import (
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// joinPools makes less of the work around max pooling of channels-last images:
//
//   - relu before a pooling goes behind it, where a quarter of the numbers or
//     fewer are left, and its gradient before that of the pooling;
//   - the sum over pictures of a gradient of a pooling is the sum of what it
//     handed on;
//   - a bias of the channels is added by the pooling itself;
//   - a pooling notes where the maxima were, so that its gradient need not see
//     the images again, and nobody has to keep them.
//
// None of it changes a result, but for the order of that sum.
func joinPools(ks *kernelSet, p *backend.Program) *backend.Program {
	if !slices.ContainsFunc(p.Instrs, func(i backend.Instr) bool { return i.Op == maxPoolLast }) {
		return p
	}
	j := newPoolJoiner(ks, p)
	for at, i := range p.Instrs {
		if i.Op == maxPoolLast {
			j.join(at)
		}
	}
	j.q.Instrs = nil
	for at, i := range p.Instrs {
		if j.instead[at] != nil {
			j.q.Instrs = append(j.q.Instrs, j.instead[at]...)
		} else {
			j.q.Instrs = append(j.q.Instrs, i)
		}
	}
	removeUnused(&j.q)
	return &j.q
}

type poolJoiner struct {
	ks      *kernelSet
	q       backend.Program // what is being written
	instrs  []backend.Instr // of the program that is read
	maker   []int           // by value: the instruction that computes it, or −1
	readers [][]int         // by value: the instructions that read it
	kept    []bool          // by value: it is an output or a new state
	instead [][]backend.Instr
}

func newPoolJoiner(ks *kernelSet, p *backend.Program) *poolJoiner {
	n := len(p.Values)
	j := &poolJoiner{ks: ks, q: *p, instrs: p.Instrs, maker: make([]int, n), readers: make([][]int, n), kept: make([]bool, n), instead: make([][]backend.Instr, len(p.Instrs))}
	j.q.Values = slices.Clone(p.Values)
	for v := range j.maker {
		j.maker[v] = -1
	}
	for at, i := range p.Instrs {
		for _, v := range i.In {
			j.readers[v] = append(j.readers[v], at)
		}
		for _, v := range i.Out {
			j.maker[v] = at
		}
	}
	for _, v := range p.Outputs {
		j.kept[v] = true
	}
	for _, u := range p.Updates {
		j.kept[u.New] = true
	}
	return j
}

// made returns the instruction that computes v, where that is op.
func (j *poolJoiner) made(v int, op backend.Op) (backend.Instr, bool) {
	if at := j.maker[v]; at >= 0 && j.instrs[at].Op == op {
		return j.instrs[at], true
	}
	return backend.Instr{}, false
}

func (j *poolJoiner) value(d backend.DType, shape []int) int {
	j.q.Values = append(j.q.Values, backend.Value{DType: d, Shape: shape})
	return len(j.q.Values) - 1
}

// reader returns the only instruction that reads v, or −1.
func (j *poolJoiner) reader(v int) int {
	if len(j.readers[v]) != 1 || j.kept[v] {
		return -1
	}
	return j.readers[v][0]
}

// A poolGrad is the gradient of a pooling, from dy. The instruction at computes
// it; where relu went behind the pooling, that is the multiplication by its mask.
type poolGrad struct {
	at, dy  int
	greater int // the instruction that makes the mask, or −1
}

// join rewrites the pooling that is instruction number at.
func (j *poolJoiner) join(at int) {
	i := j.instrs[at]
	x, y := i.In[0], i.Out[0]
	grads, ok := j.gradsOf(at)
	behind := false // relu
	if r, isReLU := j.made(x, backend.ReLU); isReLU && ok && !emptyWindows(i.Attrs.(backend.PoolAttrs)) {
		if masked, ok := j.masked(grads, r.In[0], x); ok && !j.kept[x] {
			x, grads, behind = r.In[0], masked, true
		}
	}
	v := newPooling(j.ks, i.Attrs, j.q.Values[x].Shape, j.q.Values[y].Shape)
	pool := backend.Instr{Op: maxPoolLast, Attrs: i.Attrs, In: []int{x}, Out: []int{y}}
	var after []backend.Instr
	if behind {
		pool.Out[0] = j.value(backend.Float32, j.q.Values[y].Shape)
		after = append(after, backend.Instr{Op: backend.ReLU, In: pool.Out, Out: []int{y}})
	}
	which := -1
	if v.quarters() {
		if u, bias := j.biased(x, at, grads); bias >= 0 {
			pool.In = []int{u, bias}
		}
		if len(grads) > 0 {
			which = j.value(backend.Uint8, j.q.Values[y].Shape)
			pool.Out = []int{pool.Out[0], which}
		}
	}
	j.instead[at] = append([]backend.Instr{pool}, after...)
	for _, g := range grads {
		j.grad(g, i.Attrs, x, y, which)
	}
}

// gradsOf returns the gradients of the pooling at, and reports whether they are
// all that reads its operand besides.
func (j *poolJoiner) gradsOf(at int) (grads []poolGrad, only bool) {
	i := j.instrs[at]
	only = true
	for _, k := range j.readers[i.In[0]] {
		g := j.instrs[k]
		switch {
		case k == at:
		case g.Op == maxPoolGradLast && g.Attrs == i.Attrs && g.In[0] == i.In[0] && g.In[1] != g.In[0]:
			grads = append(grads, poolGrad{k, g.In[1], -1})
		default:
			only = false
		}
	}
	return grads, only
}

// masked returns the gradients with the multiplication by the mask of r =
// relu(x) that follows each of them, and reports whether one does.
func (j *poolJoiner) masked(grads []poolGrad, x, r int) ([]poolGrad, bool) {
	var list []poolGrad
	for _, g := range grads {
		out := j.instrs[g.at].Out[0]
		at := j.reader(out)
		if at < 0 || j.instrs[at].Op != backend.Mul {
			return nil, false
		}
		mask := j.instrs[at].In[0]
		if mask == out {
			mask = j.instrs[at].In[1]
		}
		cast, ok := j.made(mask, backend.Cast)
		if !ok || j.reader(mask) != at {
			return nil, false
		}
		greater, ok := j.made(cast.In[0], backend.Greater)
		if !ok || j.reader(cast.In[0]) < 0 || greater.In[0] != x && greater.In[0] != r || !isZero(j.q.Values[greater.In[1]]) {
			return nil, false
		}
		list = append(list, poolGrad{at, g.dy, j.maker[cast.In[0]]})
	}
	return list, true
}

// emptyWindows reports whether there are windows that see padding alone.
func emptyWindows(at backend.PoolAttrs) bool {
	for k, n := range at.Pad {
		if n >= at.Size[k/2] {
			return true
		}
	}
	return false
}

// biased returns the operand and the bias that x is the sum of, where nobody
// else than the pooling at and its gradients reads it; −1 otherwise.
func (j *poolJoiner) biased(x, at int, grads []poolGrad) (u, bias int) {
	sum, ok := j.made(x, backend.Add)
	if !ok || j.kept[x] {
		return -1, -1
	}
	for _, k := range j.readers[x] {
		relu := j.instrs[k].Op == backend.ReLU && slices.Contains(j.instrs[at].In, j.instrs[k].Out[0])
		if k != at && !relu && !slices.ContainsFunc(grads, func(g poolGrad) bool { return k == g.at || k == g.greater }) {
			return -1, -1
		}
	}
	shape := j.q.Values[x].Shape
	row := []int{1, 1, 1, shape[3]}
	for k := range 2 {
		u, bias := sum.In[k], sum.In[1-k]
		if slices.Equal(j.q.Values[u].Shape, shape) && slices.Equal(j.q.Values[bias].Shape, row) {
			return u, bias
		}
	}
	return -1, -1
}

// grad rewrites the gradient g of a pooling of x, whose result is y once relu
// is done, and where that pooling noted which pixel was the maximum.
func (j *poolJoiner) grad(g poolGrad, attrs any, x, y, which int) {
	out, dy := j.instrs[g.at].Out[0], g.dy
	var made []backend.Instr
	if g.greater >= 0 {
		shape := j.q.Values[y].Shape
		mask, number := j.value(backend.Bool, shape), j.value(backend.Float32, shape)
		dy = j.value(backend.Float32, shape)
		made = append(made,
			backend.Instr{Op: backend.Greater, In: []int{y, j.instrs[g.greater].In[1]}, Out: []int{mask}},
			backend.Instr{Op: backend.Cast, In: []int{mask}, Out: []int{number}},
			backend.Instr{Op: backend.Mul, In: []int{g.dy, number}, Out: []int{dy}})
	}
	i := backend.Instr{Op: maxPoolGradLast, Attrs: attrs, In: []int{x, dy}, Out: []int{out}}
	if which >= 0 {
		i.Op, i.In = maxPoolWhichGradLast, []int{which, dy}
	}
	j.instead[g.at] = append(made, i)
	for _, k := range j.readers[out] {
		sum := j.instrs[k]
		if at, ok := sum.Attrs.(backend.ReduceAttrs); ok && sum.Op == backend.Sum && slices.Contains(at.Axes, 1) && slices.Contains(at.Axes, 2) && !emptyWindows(attrs.(backend.PoolAttrs)) {
			sum.In = []int{dy}
			j.instead[k] = []backend.Instr{sum}
		}
	}
}
