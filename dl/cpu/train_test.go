package cpu

import (
	"testing"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// A network is a convolutional network in sizes: two layers of 5×5 filters
// with pooling, two dense layers and a classifier.
type network struct{ batch, size, channels, filters1, filters2, dense, classes int }

// paper is the network of the paper for CIFAR-10.
func paper(batch int) network { return network{batch, 32, 3, 32, 64, 1000, 10} }

// train writes the program of a training step: loss, gradients, and updates by
// gradient descent with momentum, or without where momentum is 0.
func (n network) train(rate, momentum float32) *maker {
	m := newMaker(1)
	f := backend.Float32
	scaled := func(by float32, shape ...int) int {
		v := m.state(shape...)
		w := backend.View[float32](m.st[len(m.st)-1])
		for i := range w {
			w[i] *= by
		}
		return v
	}
	like := func(v int) []int { return m.p.Values[v].Shape }
	op := func(o backend.Op, in ...int) int { return m.op(o, nil, like(in[0]), in...) }
	reshape := func(v int, shape ...int) int { return m.op(backend.Reshape, nil, shape, v) }
	zero, lr := m.constant(0), m.constant(rate)
	maskBy := func(g, x int) int {
		return op(backend.Mul, g, m.op(backend.Cast, nil, like(x), m.instr(backend.Greater, nil, backend.Bool, like(x), x, zero)))
	}
	var params, grads []int
	conv := backend.ConvAttrs{Stride: [2]int{1, 1}, Pad: [4]int{2, 2, 2, 2}, Dilation: [2]int{1, 1}, Groups: 1}
	pool := backend.PoolAttrs{Size: [2]int{2, 2}, Stride: [2]int{2, 2}}
	x, labels := m.input(f, n.batch, n.channels, n.size, n.size), m.input(backend.Int64, n.batch)

	type convLayer struct{ x, w, sum, act, pool int }
	var convs []convLayer
	h, in := x, n.channels
	size := n.size
	for _, filters := range []int{n.filters1, n.filters2} {
		l := convLayer{x: h, w: scaled(0.05, filters, in, 5, 5)}
		bias := scaled(0.01, filters)
		params = append(params, l.w, bias)
		shape := []int{n.batch, filters, size, size}
		l.sum = m.op(backend.Add, nil, shape, m.op(backend.Conv2D, conv, shape, l.x, l.w), reshape(bias, 1, filters, 1, 1))
		l.act = op(backend.ReLU, l.sum)
		size /= 2
		l.pool = m.op(backend.MaxPool2D, pool, []int{n.batch, filters, size, size}, l.act)
		convs = append(convs, l)
		h, in = l.pool, filters
	}
	type denseLayer struct{ x, w, sum int }
	var denses []denseLayer
	pooled := h
	in *= size * size
	h = reshape(h, n.batch, in)
	for k, units := range []int{n.dense, n.dense, n.classes} {
		l := denseLayer{x: h, w: scaled(0.03, in, units)}
		bias := scaled(0.01, units)
		params = append(params, l.w, bias)
		shape := []int{n.batch, units}
		l.sum = m.op(backend.Add, nil, shape, m.op(backend.MatMul, backend.MatMulAttrs{}, shape, l.x, l.w), bias)
		h = l.sum
		if k < 2 {
			h = op(backend.ReLU, l.sum)
		}
		denses = append(denses, l)
		in = units
	}
	losses := m.op(backend.SoftmaxCrossEntropy, nil, []int{n.batch}, h, labels)
	mean := m.constant(1 / float32(n.batch))
	m.output(m.op(backend.Mul, nil, []int{}, m.op(backend.Sum, backend.ReduceAttrs{Axes: []int{0}}, []int{}, losses), mean))

	g := m.op(backend.SoftmaxCrossEntropyGrad, nil, like(h), h, labels, m.op(backend.BroadcastTo, nil, []int{n.batch}, mean))
	for k := len(denses) - 1; k >= 0; k-- {
		l := denses[k]
		if k < 2 {
			g = maskBy(g, l.sum)
		}
		grads = append(grads, m.op(backend.Sum, backend.ReduceAttrs{Axes: []int{0}}, like(g)[1:], g),
			m.op(backend.MatMul, backend.MatMulAttrs{TransA: true}, like(l.w), l.x, g))
		g = m.op(backend.MatMul, backend.MatMulAttrs{TransB: true}, like(l.x), g, l.w)
	}
	g = reshape(g, like(pooled)...)
	for k := len(convs) - 1; k >= 0; k-- {
		l := convs[k]
		g = maskBy(m.op(backend.MaxPool2DGrad, pool, like(l.act), l.act, g), l.sum)
		grads = append(grads, m.op(backend.Sum, backend.ReduceAttrs{Axes: []int{0, 2, 3}}, like(g)[1:2], g),
			m.op(backend.Conv2DGradWeight, conv, like(l.w), l.x, g))
		if k > 0 {
			g = m.op(backend.Conv2DGradInput, conv, like(l.x), l.w, g)
		}
	}
	for k, w := range params {
		g := grads[len(grads)-1-k]
		if momentum != 0 {
			v := scaled(0, like(w)...)
			g = op(backend.Add, op(backend.Mul, v, m.constant(momentum)), g)
			m.update(v, g)
		}
		m.update(w, op(backend.Sub, w, op(backend.Mul, g, lr)))
	}
	return m
}

func TestTrainingStep(t *testing.T) {
	n := network{batch: 5, size: 8, channels: 3, filters1: 16, filters2: 9, dense: 30, classes: 10}
	for _, momentum := range []float32{0, 0.9} {
		n.train(0.1, momentum).check(t, 2e-5)
	}
	// Large enough for the row-wise product and several pieces.
	network{batch: 9, size: 16, channels: 3, filters1: 16, filters2: 32, dense: 70, classes: 10}.train(0.1, 0.9).check(t, 2e-5)
}

func BenchmarkTrain(b *testing.B) {
	for _, c := range []struct {
		name     string
		batch    int
		momentum float32
	}{{"batch32", 32, 0}, {"batch32momentum", 32, 0.9}, {"batch128", 128, 0}} {
		b.Run(c.name, func(b *testing.B) {
			const operations = 119e6 // an image: twice the multiplications of the three passes
			paper(c.batch).train(1e-3, c.momentum).benchmark(b, New(), operations*float64(c.batch), float64(c.batch), "images/s")
		})
	}
}

// logistic is the regression of the Theano tutorial: 400 examples of 784
// features, cost with weight decay, one step of gradient descent.
func logistic(rows, features int) *maker {
	m := newMaker(1)
	f := backend.Float32
	x, y := m.input(f, rows, features), m.input(f, rows)
	t := backend.View[float32](m.in[1])
	for i := range t {
		t[i] = float32(i % 2)
	}
	w, b := m.state(features), m.state()
	row, scalar := []int{rows}, []int{}
	one, lr, decay, mean := m.constant(1), m.constant(0.1), m.constant(0.02), m.constant(1/float32(rows))
	op := func(o backend.Op, shape []int, in ...int) int { return m.op(o, nil, shape, in...) }
	column := op(backend.Reshape, []int{features, 1}, w)
	z := op(backend.Add, row, op(backend.Reshape, row, m.op(backend.MatMul, backend.MatMulAttrs{}, []int{rows, 1}, x, column)), b)
	p := op(backend.Sigmoid, row, z)
	q := op(backend.Sub, row, one, y)
	cost := op(backend.Add, row, op(backend.Mul, row, y, op(backend.Softplus, row, op(backend.Neg, row, z))), op(backend.Mul, row, q, op(backend.Softplus, row, z)))
	sum := m.op(backend.Sum, backend.ReduceAttrs{Axes: []int{0}}, scalar, cost)
	m.output(op(backend.Mul, scalar, sum, mean))
	d := op(backend.Mul, row, op(backend.Sub, row, p, y), mean)
	gw := op(backend.Reshape, []int{features}, m.op(backend.MatMul, backend.MatMulAttrs{TransA: true}, []int{features, 1}, x, op(backend.Reshape, []int{rows, 1}, d)))
	gb := m.op(backend.Sum, backend.ReduceAttrs{Axes: []int{0}}, scalar, d)
	whole := op(backend.Add, []int{features}, gw, op(backend.Mul, []int{features}, w, decay))
	m.update(w, op(backend.Sub, []int{features}, w, op(backend.Mul, []int{features}, whole, lr)))
	m.update(b, op(backend.Sub, scalar, b, op(backend.Mul, scalar, gb, lr)))
	return m
}

func TestLogistic(t *testing.T) {
	logistic(400, 784).check(t, 1e-5)
	logistic(3, 5).check(t, 1e-5)
}

func BenchmarkLogistic(b *testing.B) {
	logistic(400, 784).benchmark(b, New(), 0, 1, "steps/s")
}
