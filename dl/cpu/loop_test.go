package cpu

import (
	"fmt"
	"testing"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// recurrence is the program of a network with gates: with the sequence x and
// the weights u,
//
//	z = xₜ + h·u + b, half of z each for a and g
//	h ← σ(a)·h + tanh(g),  c ← σ(a)·c, or c or h where that is kept,  s ← s + hᵀ·h where summed
//
// It stacks h and σ(a).
func recurrence(steps, batch, hidden int, reverse bool, kept string, summed bool) *maker {
	body := &maker{}
	in := func(shape ...int) int {
		v := body.add(backend.Value{DType: backend.Float32, Shape: shape})
		body.p.Inputs = append(body.p.Inputs, v)
		return v
	}
	x, h, c := in(batch, 2*hidden), in(batch, hidden), in(batch, hidden)
	s := 0
	if summed {
		s = in(hidden, hidden)
	}
	u, b := in(hidden, 2*hidden), in(2*hidden)
	wide := []int{batch, 2 * hidden}
	z := body.op(backend.Add, nil, wide, x, body.op(backend.Add, nil, wide, body.op(backend.MatMul, backend.MatMulAttrs{}, wide, h, u), b))
	half := []int{batch, hidden}
	gate := func(k int) int {
		return body.op(backend.Slice, backend.SliceAttrs{Start: []int{0, k * hidden}, Step: []int{1, 1}}, half, z)
	}
	a := body.op(backend.Sigmoid, nil, half, gate(0))
	next := body.op(backend.Add, nil, half, body.op(backend.Mul, nil, half, a, h), body.op(backend.Tanh, nil, half, gate(1)))
	switch kept {
	case "":
		c = body.op(backend.Mul, nil, half, a, c)
	case "h":
		c = h
	}
	body.output(next, c)
	carries := 2
	square := []int{hidden, hidden}
	if summed {
		carries = 3
		body.output(body.op(backend.Add, nil, square, s, body.op(backend.MatMul, backend.MatMulAttrs{TransA: true}, square, h, next)))
	}
	body.output(next, a)

	m := newMaker(uint64(steps*batch + hidden))
	operands := []int{m.input(backend.Float32, steps, batch, 2*hidden), m.input(backend.Float32, batch, hidden), m.input(backend.Float32, batch, hidden)}
	if summed {
		operands = append(operands, m.input(backend.Float32, square...))
	}
	operands = append(operands, m.input(backend.Float32, hidden, 2*hidden), m.input(backend.Float32, 2*hidden))
	var outs []int
	for k, v := range body.p.Outputs {
		shape := body.p.Values[v].Shape
		if k >= carries {
			shape = append([]int{steps}, shape...)
		}
		outs = append(outs, m.add(backend.Value{DType: backend.Float32, Shape: shape}))
	}
	m.p.Instrs = append(m.p.Instrs, backend.Instr{Op: backend.Scan, In: operands, Out: outs,
		Attrs: backend.ScanAttrs{Body: &body.p, Steps: steps, Sequences: 1, Carries: carries, Reverse: reverse}})
	m.output(outs...)
	return m
}

func TestLoop(t *testing.T) {
	for _, s := range [][3]int{{1, 1, 1}, {3, 1, 5}, {4, 2, 3}, {5, 7, 33}, {6, 32, 16}, {3, 50, 70}, {2, 130, 90}, {2, 3, 0}, {2, 0, 3}} {
		for _, reverse := range []bool{false, true} {
			for _, kept := range []string{"", "c", "h"} {
				for _, summed := range []bool{false, true} {
					t.Run(fmt.Sprint(s, reverse, kept, summed), func(t *testing.T) { recurrence(s[0], s[1], s[2], reverse, kept, summed).check(t, 1e-5) })
				}
			}
		}
	}
}

// TestLoopApart checks that the examples of a batch go apart where they can.
func TestLoopApart(t *testing.T) {
	for _, c := range []struct {
		name string
		m    *maker
		rows int
	}{
		{"apart", recurrence(5, 12, 8, false, "", false), 12},
		{"summed", recurrence(5, 12, 8, false, "", true), 0},
	} {
		b := newBuilder(kernelSets()[0], true, &c.m.p)
		l, err := b.loopOf(c.m.p.Instrs[0])
		if err != nil {
			t.Fatal(err)
		}
		if l.rows != c.rows {
			t.Errorf("%s: the loop is cut into %d examples, want %d", c.name, l.rows, c.rows)
		}
		if l.once == nil {
			t.Errorf("%s: nothing is computed before the loop, want the weights as panels", c.name)
		}
	}
}
