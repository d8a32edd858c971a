package dl

import (
	"slices"
	"testing"
)

// TestOldValuesStay: what was computed before an assignment or an update keeps
// its value and its gradient.
func TestOldValuesStay(t *testing.T) {
	for name, change := range map[string]func(v *Tensor){
		"assign": func(v *Tensor) { v.Assign(10) },
		"update": func(v *Tensor) { Function(nil, nil, Set(v, v.Mul(5))).Call() },
	} {
		t.Run(name, func(t *testing.T) {
			v := Variable(2.0, "v")
			y := v.Square().Mul(v) // 8, slope 12
			alias := v.Reshape(1)
			constant := v.StopGradient()
			change(v)
			if v.Item() != 10 {
				t.Fatalf("v = %v after the change, want 10", v)
			}
			for what, c := range map[string]struct {
				got  *Tensor
				want float64
			}{
				"value": {y, 8}, "gradient": {Grad(y, v), 12}, "alias": {alias, 2}, "constant": {constant, 2},
				"new value": {v.Square(), 100}, "live value": {Eval(y), 1000},
			} {
				if c.got.Item() != c.want {
					t.Errorf("%s is %v, want %g", what, c.got, c.want)
				}
			}
		})
	}
}

func TestAssignKeepsMemory(t *testing.T) {
	v := Variable(Ones(100), "v")
	before := &v.SharedFloat32s()[0]
	v.Assign(Zeros(100))
	if before != &v.SharedFloat32s()[0] {
		t.Error("an assignment that nobody looks behind took new memory")
	}
	x := Ones(3)
	w := Variable(x, "w")
	w.Assign([]float64{1, 2, 3})
	if x.At(1) != 1 {
		t.Error("a variable shares the memory of the tensor that it began with")
	}
	w.Assign(w)
	if w.At(2) != 3 {
		t.Errorf("assigning a variable to itself gave %v", w)
	}
}

// TestHistoryEntersGraphs: a concrete tensor made of a variable stays live in a
// compiled function, and a gradient by the variable sees both ways to it.
func TestHistoryEntersGraphs(t *testing.T) {
	w := Variable(3.0, "w")
	reg := w.Square() // printed now: 9
	x := Placeholder("x", Float32)
	cost := x.Mul(w).Add(reg)
	f := Function([]*Tensor{x}, []*Tensor{cost, Grad(cost, w)})
	w.Assign(5)
	out := f.Call(2)
	if reg.Item() != 9 || out[0].Item() != 35 || out[1].Item() != 12 {
		t.Errorf("reg %v, cost %v, gradient %v; want 9, 35, 12", reg, out[0], out[1])
	}
}

// TestVersionsCountAsOne: a gradient by a variable adds up what comes through
// the values that it had at different times.
func TestVersionsCountAsOne(t *testing.T) {
	v := Variable(2.0, "v")
	first := v.Square() // slope 4
	v.Assign(3)
	if g := Grad(first.Add(v.Square()), v).Item(); g != 4+6 {
		t.Errorf("gradient %g, want 10", g)
	}
}

func TestStopGradient(t *testing.T) {
	v, x := Variable(2.0, "v"), Placeholder("x", Float32)
	if g := Grad(v.Mul(v.StopGradient()), v).Item(); g != 2 {
		t.Errorf("gradient %g, want 2", g)
	}
	y := x.Mul(x.StopGradient())
	if g := Eval(Grad(y, x), Feed{x: 3}).Item(); g != 3 {
		t.Errorf("symbolic gradient %g, want 3", g)
	}
	total := Scalar(0.0)
	for range 100_000 { // no history grows
		total = total.Add(v.StopGradient())
	}
	if total.Item() != 200_000 {
		t.Errorf("sum %v", total)
	}
}

func TestVariables(t *testing.T) {
	a, b, c := Variable(1.0, "a"), Variable(2.0, "b"), Variable(3.0, "c")
	x := Placeholder("x", Float32)
	y := a.Mul(b).Add(x)
	s := Scan(func(s *Tensor) *Tensor { return s.Mul(c) }, ScanOptions{States: []State{{Initial: a}}, Steps: 2})[0]
	if got := Variables(y, s, y.Mul(2)); !slices.Equal(got, []*Tensor{a, b, c}) {
		t.Errorf("got %v, want a, b and c themselves", got)
	}
	before := b.Mul(1)
	b.Assign(5.0)
	if got := Variables(before); !slices.Equal(got, []*Tensor{b}) {
		t.Errorf("of an earlier version: %v, want b", got)
	}
}
