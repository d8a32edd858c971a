package cpu

import (
	"math"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// A pooling describes a MaxPool2D on channels-last images or its gradient.
type pooling struct {
	ks         *kernelSet
	n, h, w, c int
	oh, ow     int
	backend.PoolAttrs
}

func newPooling(ks *kernelSet, a any, x, y []int) *pooling {
	return &pooling{ks, x[0], x[1], x[2], x[3], y[1], y[2], a.(backend.PoolAttrs)}
}

// quarters reports whether the windows are 2×2 and do not overlap, for which
// there are kernels.
func (v *pooling) quarters() bool {
	return v.Size == [2]int{2, 2} && v.Stride == [2]int{2, 2} && v.Pad == [4]int{} && v.c%v.ks.poolLanes == 0
}

// window returns the pixels of x under pixel (i, j) of y.
func (v *pooling) window(i, j int) (r0, r1, s0, s1 int) {
	r, s := i*v.Stride[0]-v.Pad[0], j*v.Stride[1]-v.Pad[2]
	return max(r, 0), min(r+v.Size[0], v.h), max(s, 0), min(s+v.Size[1], v.w)
}

func (b *builder) maxPool(i backend.Instr) {
	x, y := b.root[i.In[0]], i.Out[0]
	v := newPooling(b.ks, i.Attrs, b.shape(i.In[0]), b.shape(y))
	s := &step{
		name: "maxpool2d", units: v.n, cost: v.oh*v.ow*v.c*v.Size[0]*v.Size[1]/8 + 1,
		aligned: []int{x}, out: []int{y},
	}
	if v.quarters() {
		b.maxPoolQuarters(i, v, s)
		return
	}
	s.block = func(e *execution, s *step, w *worker, p piece) {
		from, to := e.part(w, s, x, p), e.part(w, s, y, p)
		for ; len(to) > 0; from, to = from[v.h*v.w*v.c:], to[v.oh*v.ow*v.c:] {
			v.forward(to, from)
		}
	}
	b.emit(s)
}

// maxPoolQuarters completes and emits s for windows that there are kernels for,
// which may add a bias and note where the maxima are.
func (b *builder) maxPoolQuarters(i backend.Instr, v *pooling, s *step) {
	x, y, bias, which := b.root[i.In[0]], i.Out[0], -1, -1
	if len(i.In) > 1 {
		bias = b.root[i.In[1]]
		s.whole = []int{bias}
	}
	if len(i.Out) > 1 {
		which = i.Out[1]
		s.out = append(s.out, which)
	}
	none := make([]float32, v.c)
	row, line := v.w*v.c, v.ow*v.c
	s.block = func(e *execution, s *step, w *worker, p piece) {
		from, to, add := e.part(w, s, x, p), e.part(w, s, y, p), none
		if bias >= 0 {
			add = e.floats(bias)
		}
		var notes []byte
		if which >= 0 {
			notes = e.buffers[which].Bytes()[p.lo*v.oh*line:]
		}
		for ; len(to) > 0; from = from[v.h*row:] {
			for r := 0; r < 2*v.oh; r += 2 {
				if which < 0 {
					v.ks.maxPool2x2(&to[0], &from[r*row], &from[(r+1)*row], &add[0], v.c, v.ow)
				} else {
					v.ks.maxPool2x2Which(&to[0], &notes[0], &from[r*row], &from[(r+1)*row], &add[0], v.c, v.ow)
					notes = notes[line:]
				}
				to = to[line:]
			}
		}
	}
	b.emit(s)
}

// forward pools one picture.
func (v *pooling) forward(y, x []float32) {
	row := v.w * v.c
	greater := v.ks.binary[backend.Maximum]
	for i := range v.oh {
		for j := range v.ow {
			to := y[(i*v.ow+j)*v.c:][:v.c]
			for k := range to {
				to[k] = float32(math.Inf(-1))
			}
			r0, r1, s0, s1 := v.window(i, j)
			for r := r0; r < r1; r++ {
				for s := s0; s < s1; s++ {
					greater(&to[0], &to[0], &x[r*row+s*v.c], v.c)
				}
			}
		}
	}
}

func (b *builder) maxPoolGrad(i backend.Instr) {
	x, dy, dx := b.root[i.In[0]], b.root[i.In[1]], i.Out[0]
	v := newPooling(b.ks, i.Attrs, b.shape(i.In[0]), b.shape(i.In[1]))
	b.emit(&step{
		name: "maxpool2d_grad", units: v.n, cost: v.oh*v.ow*v.c*v.Size[0]*v.Size[1]/4 + 1,
		aligned: []int{x, dy}, out: []int{dx},
		block: func(e *execution, s *step, w *worker, p piece) {
			from, by, to := e.part(w, s, x, p), e.part(w, s, dy, p), e.part(w, s, dx, p)
			for len(to) > 0 {
				v.grad(to, from, by)
				from, by, to = from[v.h*v.w*v.c:], by[v.oh*v.ow*v.c:], to[v.h*v.w*v.c:]
			}
		},
	})
}

// maxPoolWhichGrad emits the gradient of a pooling that noted its maxima.
func (b *builder) maxPoolWhichGrad(i backend.Instr) {
	which, dy, dx := b.root[i.In[0]], b.root[i.In[1]], i.Out[0]
	v := newPooling(b.ks, i.Attrs, b.shape(dx), b.shape(i.In[1]))
	row, line := v.w*v.c, v.ow*v.c
	b.emit(&step{
		name: "maxpool2d_grad", units: v.n, cost: v.h*row/8 + 1,
		aligned: []int{which, dy}, out: []int{dx},
		block: func(e *execution, s *step, w *worker, p piece) {
			notes, by, to := e.buffers[which].Bytes()[p.lo*v.oh*line:], e.part(w, s, dy, p), e.part(w, s, dx, p)
			for len(to) > 0 {
				for range v.oh {
					v.ks.maxPool2x2WhichGrad(&to[0], &to[row], &notes[0], &by[0], v.c, v.ow)
					clear(to[2*line : row]) // the odd pixel
					clear(to[row+2*line : 2*row])
					notes, by, to = notes[line:], by[line:], to[2*row:]
				}
				odd := to[:(v.h-2*v.oh)*row]
				clear(odd)
				to = to[len(odd):]
			}
		},
	})
}

// grad hands the gradient dy of one picture to the maxima of x.
func (v *pooling) grad(dx, x, dy []float32) {
	row := v.w * v.c
	dx = dx[:v.h*row]
	if v.quarters() {
		for i := range v.oh {
			r, s := 2*i*row, (2*i+1)*row
			v.ks.maxPool2x2Grad(&dx[r], &dx[s], &x[r], &x[s], &dy[i*v.ow*v.c], v.c, v.ow)
			clear(dx[r+2*v.ow*v.c : r+row]) // the odd pixel
			clear(dx[s+2*v.ow*v.c : s+row])
		}
		clear(dx[2*v.oh*row:])
		return
	}
	clear(dx)
	for i := range v.oh {
		for j := range v.ow {
			r0, r1, s0, s1 := v.window(i, j)
			for k := range v.c {
				best := -1
				for r := r0; r < r1; r++ {
					for s := s0; s < s1; s++ {
						at := r*row + s*v.c + k
						if best < 0 || x[at] > x[best] || x[at] != x[at] && x[best] == x[best] {
							best = at
						}
					}
				}
				if best >= 0 {
					dx[best] += dy[(i*v.ow+j)*v.c+k]
				}
			}
		}
	}
}
