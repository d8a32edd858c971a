package cpu

import (
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// Operations on channels-last images, of shape (n, h, w, channels). Filters
// keep their layout.
const (
	convLast           backend.Op = "conv2d, channels last"
	convGradInputLast  backend.Op = "conv2d_grad_input, channels last"
	convGradWeightLast backend.Op = "conv2d_grad_weight, channels last"
	maxPoolLast        backend.Op = "maxpool2d, channels last"
	maxPoolGradLast    backend.Op = "maxpool2d_grad, channels last"

	// The same where the pooling had a second result: which pixel of a window was
	// the maximum.
	maxPoolWhichGradLast backend.Op = "maxpool2d_grad of noted maxima, channels last"
)

var toLast, toFirst = []int{0, 2, 3, 1}, []int{0, 3, 1, 2}

// channelsLast rewrites the convolutions and poolings of p for channels-last
// images, and the elementwise instructions and sums between them, and puts
// transposes at the borders. It returns p where there are none, and for each
// value that is computed channels-last which value of p that is.
func channelsLast(p *backend.Program) (*backend.Program, map[int]int) {
	if !slices.ContainsFunc(p.Instrs, func(i backend.Instr) bool { return imageOp(p, i) }) {
		return p, nil
	}
	l := layouts{q: *p, maker: map[int]backend.Instr{}, forms: map[int]int{}}
	l.q.Values = slices.Clone(p.Values)
	l.q.Instrs = nil
	l.last = make([]int, len(p.Values))
	l.waits = make([]bool, len(p.Values))
	for v := range l.last {
		l.last[v] = -1
	}
	for _, i := range p.Instrs {
		l.instr(i)
	}
	for _, v := range p.Outputs {
		l.first(v)
	}
	for _, u := range p.Updates {
		l.first(u.New)
	}
	removeUnused(&l.q)
	return &l.q, l.forms
}

// imageOp reports whether i has a channels-last form.
func imageOp(p *backend.Program, i backend.Instr) bool {
	switch i.Op {
	case backend.Conv2D, backend.Conv2DGradInput, backend.Conv2DGradWeight, backend.MaxPool2D, backend.MaxPool2DGrad:
	default:
		return false
	}
	for _, v := range append(i.In[:len(i.In):len(i.In)], i.Out...) {
		if p.Values[v].DType != backend.Float32 || backend.Size(p.Values[v].Shape) == 0 {
			return false
		}
	}
	return true
}

type layouts struct {
	q     backend.Program       // what is being written
	last  []int                 // by value: the value that holds it channels-last, or −1
	waits []bool                // by value: it is there only channels-last so far
	maker map[int]backend.Instr // of broadcasts
	forms map[int]int           // by channels-last value that is computed as such: the value
}

func (l *layouts) value(d backend.DType, shape []int) int {
	l.q.Values = append(l.q.Values, backend.Value{DType: d, Shape: shape})
	return len(l.q.Values) - 1
}

func (l *layouts) emit(op backend.Op, attrs any, out int, in ...int) {
	l.q.Instrs = append(l.q.Instrs, backend.Instr{Op: op, Attrs: attrs, In: in, Out: []int{out}})
}

func permuted(shape, perm []int) []int {
	s := make([]int, len(perm))
	for i, a := range perm {
		s[i] = shape[a]
	}
	return s
}

// first makes sure that v is there as the program has it, and returns it.
func (l *layouts) first(v int) int {
	if l.waits[v] {
		l.emit(backend.Transpose, backend.TransposeAttrs{Perm: toFirst}, v, l.last[v])
		l.waits[v] = false
	}
	return v
}

// lastOf returns the channels-last form of v, an array of up to four axes.
func (l *layouts) lastOf(v int) int {
	if l.last[v] >= 0 {
		return l.last[v]
	}
	val := l.q.Values[v]
	shape := append(slices.Repeat([]int{1}, 4-len(val.Shape)), val.Shape...)
	out := l.value(val.DType, permuted(shape, toLast))
	if !val.Const.IsNil() && backend.Size(shape) == 1 {
		l.q.Values[out].Const = val.Const
	} else if i, ok := l.maker[v]; ok {
		l.emit(backend.BroadcastTo, nil, out, l.lastOf(i.In[0]))
	} else {
		wide := v
		if len(val.Shape) < 4 {
			wide = l.value(val.DType, shape)
			l.emit(backend.Reshape, nil, wide, v)
		}
		l.emit(backend.Transpose, backend.TransposeAttrs{Perm: toLast}, out, wide)
	}
	l.last[v] = out
	return out
}

// makeLast gives v a channels-last form that is about to be computed.
func (l *layouts) makeLast(v int) int {
	l.last[v] = l.value(l.q.Values[v].DType, permuted(l.q.Values[v].Shape, toLast))
	l.waits[v] = true
	l.forms[l.last[v]] = v
	return l.last[v]
}

func (l *layouts) instr(i backend.Instr) {
	out := i.Out[0]
	if imageOp(&l.q, i) {
		switch i.Op {
		case backend.Conv2D:
			x, w := l.lastOf(i.In[0]), l.first(i.In[1])
			l.emit(convLast, i.Attrs, l.makeLast(out), x, w)
		case backend.Conv2DGradInput:
			w, dy := l.first(i.In[0]), l.lastOf(i.In[1])
			l.emit(convGradInputLast, i.Attrs, l.makeLast(out), w, dy)
		case backend.Conv2DGradWeight:
			l.emit(convGradWeightLast, i.Attrs, out, l.lastOf(i.In[0]), l.lastOf(i.In[1]))
		case backend.MaxPool2D:
			x := l.lastOf(i.In[0])
			l.emit(maxPoolLast, i.Attrs, l.makeLast(out), x)
		case backend.MaxPool2DGrad:
			x, dy := l.lastOf(i.In[0]), l.lastOf(i.In[1])
			l.emit(maxPoolGradLast, i.Attrs, l.makeLast(out), x, dy)
		}
		return
	}
	shape := l.q.Values[out].Shape
	anyLast := slices.ContainsFunc(i.In, func(v int) bool { return l.waits[v] })
	switch {
	case anyLast && len(shape) == 4 && elementwise(i.Op):
		var in []int
		for _, v := range i.In {
			in = append(in, l.lastOf(v))
		}
		l.emit(i.Op, i.Attrs, l.makeLast(out), in...)
		return
	case anyLast && i.Op == backend.Sum && l.sum(i):
		return
	case i.Op == backend.BroadcastTo && len(shape) == 4:
		l.maker[out] = i
	}
	var in []int
	for _, v := range i.In {
		in = append(in, l.first(v))
	}
	l.q.Instrs = append(l.q.Instrs, backend.Instr{Op: i.Op, Attrs: i.Attrs, In: in, Out: i.Out})
}

// sum rewrites a sum over channels-last axes, unless the axes that are left
// would come in another order.
func (l *layouts) sum(i backend.Instr) bool {
	at := i.Attrs.(backend.ReduceAttrs)
	kept := func(a int) bool { return !slices.Contains(at.Axes, a) }
	if !at.Keep && kept(1) && (kept(2) || kept(3)) {
		return false
	}
	var axes []int
	for k, a := range toLast {
		if !kept(a) {
			axes = append(axes, k)
		}
	}
	x, out := l.last[i.In[0]], i.Out[0]
	if at.Keep {
		out = l.makeLast(out)
	}
	l.emit(backend.Sum, backend.ReduceAttrs{Axes: axes, Keep: at.Keep}, out, x)
	return true
}

// removeUnused drops instructions whose results nobody reads.
func removeUnused(p *backend.Program) {
	used := make([]bool, len(p.Values))
	for _, v := range p.Outputs {
		used[v] = true
	}
	for _, u := range p.Updates {
		used[u.New] = true
	}
	var kept []backend.Instr
	for _, i := range slices.Backward(p.Instrs) {
		if !slices.ContainsFunc(i.Out, func(v int) bool { return used[v] }) {
			continue
		}
		for _, v := range i.In {
			used[v] = true
		}
		kept = append(kept, i)
	}
	slices.Reverse(kept)
	p.Instrs = kept
}

// elementwise reports whether op works element by element.
func elementwise(op backend.Op) bool {
	switch op {
	case backend.Where, backend.Cast, backend.Not:
		return true
	}
	f, _ := portable.binaryFor(op)
	return f != nil || portable.unaryFor(op) != nil
}
