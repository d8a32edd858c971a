package cpu

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// TestJoinedPools: a layer of convolution, bias, relu and pooling with its
// gradients, where parts are missing or something else looks at what is between.
func TestJoinedPools(t *testing.T) {
	quarters := backend.PoolAttrs{Size: [2]int{2, 2}, Stride: [2]int{2, 2}}
	wide := backend.PoolAttrs{Size: [2]int{3, 2}, Stride: [2]int{2, 1}, Pad: [4]int{1, 1, 1, 0}}
	empty := backend.PoolAttrs{Size: [2]int{1, 1}, Stride: [2]int{2, 2}, Pad: [4]int{1, 1, 1, 1}}
	for k, c := range []struct {
		n, channels, h, w int
		pool              backend.PoolAttrs
		seen              string // "relu", "sum", "mask", "gradient" or "bias": what else is looked at
	}{
		{3, 16, 8, 6, quarters, ""},
		{2, 32, 5, 7, quarters, ""},
		{1, 48, 2, 2, quarters, ""},
		{5, 3, 4, 4, quarters, ""},
		{2, 16, 6, 5, wide, ""},
		{2, 16, 6, 5, empty, ""},
		{0, 16, 4, 4, quarters, ""},
		{2, 16, 4, 6, quarters, "relu"},
		{2, 16, 4, 6, quarters, "sum"},
		{2, 16, 4, 6, quarters, "mask"},
		{2, 16, 4, 6, quarters, "gradient"},
		{2, 16, 4, 6, quarters, "masked gradient"},
		{2, 16, 4, 6, wide, "gradient"},
	} {
		for _, bias := range []string{"", "channels", "pixels", "picture"} {
			for _, relu := range []bool{true, false} {
				for _, gradient := range []bool{true, false} {
					m := newMaker(uint64(k))
					m.pooled(c.n, c.channels, c.h, c.w, c.pool, c.seen, bias, relu, gradient)
					t.Run(fmt.Sprint(c, bias, relu, gradient), func(t *testing.T) { m.check(t, 1e-5) })
				}
			}
		}
	}
}

func (m *maker) pooled(n, channels, h, w int, pool backend.PoolAttrs, seen, bias string, relu, gradient bool) {
	conv := backend.ConvAttrs{Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1}
	shape := []int{n, channels, h, w}
	small := []int{n, channels, outLength(h, pool.Pad[0], pool.Pad[1], pool.Size[0], pool.Stride[0]), outLength(w, pool.Pad[2], pool.Pad[3], pool.Size[1], pool.Stride[1])}
	x := m.input(backend.Float32, n, 2, h, w)
	// Rounded numbers have equal maxima, of which the first counts.
	filters := m.op(backend.Round, nil, []int{channels, 2, 1, 1}, m.input(backend.Float32, channels, 2, 1, 1))
	sum := m.op(backend.Conv2D, conv, shape, m.op(backend.Round, nil, []int{n, 2, h, w}, x), filters)
	switch bias {
	case "channels":
		sum = m.op(backend.Add, nil, shape, sum, m.input(backend.Float32, channels, 1, 1))
	case "pixels":
		sum = m.op(backend.Add, nil, shape, m.input(backend.Float32, h, w), sum)
	case "picture":
		sum = m.op(backend.Add, nil, shape, sum, m.input(backend.Float32, shape...))
	}
	act := sum
	if relu {
		act = m.op(backend.ReLU, nil, shape, sum)
	}
	m.output(m.op(backend.MaxPool2D, pool, small, act))
	switch seen {
	case "relu":
		m.output(act)
	case "sum":
		m.output(sum)
	}
	if !gradient {
		return
	}
	g := m.op(backend.MaxPool2DGrad, pool, shape, act, m.input(backend.Float32, small...))
	if seen == "gradient" {
		m.output(g)
	}
	if relu {
		mask := m.op(backend.Cast, nil, shape, m.instr(backend.Greater, nil, backend.Bool, shape, sum, m.constant(0)))
		if seen == "mask" {
			m.output(mask)
		}
		g = m.op(backend.Mul, nil, shape, g, mask)
	}
	m.output(m.op(backend.Conv2DGradWeight, conv, []int{channels, 2, 1, 1}, x, g))
	m.output(m.op(backend.Sum, backend.ReduceAttrs{Axes: []int{0, 2, 3}}, []int{channels}, g))
	if seen == "masked gradient" {
		m.output(g)
	}
}

// TestPoolingKeepsNoImages: what is between a convolution and its pooling is
// nowhere in memory.
func TestPoolingKeepsNoImages(t *testing.T) {
	n := network{batch: 8, size: 32, channels: 3, filters1: 16, filters2: 16, dense: 10, classes: 10}
	m := n.train(0.1, 0)
	x, err := (&Backend{ks: kernelSets()[0], fuse: true}).Compile(&m.p)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	images := 4 * n.batch * n.filters1 * n.size * n.size
	for _, s := range x.(backend.Planner).Plan().Steps {
		if s.Bytes >= images && s.Place != backend.InCache {
			t.Errorf("the result of %s, of shape %v, is in memory", s.Name, s.Shape)
		}
	}
}

// TestPoolKernels: the kernels agree on maxima, on which they are, and on
// gradients, also where there are numbers that are none.
func TestPoolKernels(t *testing.T) {
	const channels, pixels = 32, 5
	m := newMaker(1)
	numbers := func(n int) []float32 {
		x := backend.View[float32](m.numbers(backend.Float32, []int{n}))
		for i := range x {
			x[i] = float32(math.Round(float64(x[i])))
			switch m.rng.IntN(10) {
			case 0:
				x[i] = float32(math.NaN())
			case 1:
				x[i] = float32(math.Inf(m.rng.IntN(3) - 1))
			}
		}
		return x
	}
	x0, x1, bias, dy := numbers(2*channels*pixels), numbers(2*channels*pixels), numbers(channels), numbers(channels*pixels)
	clear(bias[:channels/2])
	type results struct {
		y, again, dx0, dx1 []float32
		which              []uint8
	}
	of := func(ks *kernelSet) (r results) {
		r.y, r.again, r.which = make([]float32, channels*pixels), make([]float32, channels*pixels), make([]uint8, channels*pixels)
		r.dx0, r.dx1 = make([]float32, 2*channels*pixels), make([]float32, 2*channels*pixels)
		ks.maxPool2x2(&r.again[0], &x0[0], &x1[0], &bias[0], channels, pixels)
		ks.maxPool2x2Which(&r.y[0], &r.which[0], &x0[0], &x1[0], &bias[0], channels, pixels)
		ks.maxPool2x2WhichGrad(&r.dx0[0], &r.dx1[0], &r.which[0], &dy[0], channels, pixels)
		return r
	}
	equal := func(a, b []float32) bool {
		return slices.EqualFunc(a, b, func(a, b float32) bool { return a == b || a != a && b != b })
	}
	want := of(&portable)
	for _, ks := range kernelSets() {
		got := of(ks)
		switch {
		case !equal(got.y, want.y) || !equal(got.again, want.y):
			t.Errorf("%s: maxima\n%v and\n%v, want\n%v", ks.name, got.y, got.again, want.y)
		case !slices.Equal(got.which, want.which):
			t.Errorf("%s: places\n%v, want\n%v", ks.name, got.which, want.which)
		case !equal(got.dx0, want.dx0) || !equal(got.dx1, want.dx1):
			t.Errorf("%s: gradients\n%v and\n%v, want\n%v and\n%v", ks.name, got.dx0, got.dx1, want.dx0, want.dx1)
		}
	}
}
