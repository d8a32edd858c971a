package dl

import "testing"

func TestSecondDerivative(t *testing.T) {
	x := Variable(2.0, "x")
	y := x.Pow(3)
	first := Grad(y, x)
	second := Grad(first, x)
	third := Grad(second, x)
	for i, c := range []struct {
		got  *Tensor
		want float64
	}{{y, 8}, {first, 12}, {second, 12}, {third, 6}} {
		if c.got.Item() != c.want {
			t.Errorf("derivative %d of x³ at 2 is %v, want %v", i, c.got, c.want)
		}
	}
}

// TestPaperFigures: e = (a+b)·(b+1) at a=2, b=1, with the values, the six
// partial derivatives and the two sums over paths of the paper's figures 2
// and 3.
func TestPaperFigures(t *testing.T) {
	a, b := Placeholder("a", Float32), Placeholder("b", Float32)
	c := a.Add(b).Named("c")
	d := b.Add(1).Named("d")
	e := c.Mul(d).Named("e")
	want := `a = 2                        ∂e/∂a = 2
b = 1                        ∂e/∂b = 5
c = a + b = 3                ∂e/∂c = 2
    ∂c/∂a = 1, ∂c/∂b = 1
d = b + 1 = 2                ∂e/∂d = 3
    ∂d/∂b = 1, ∂d/∂1 = 1
e = c · d = 6
    ∂e/∂c = 2, ∂e/∂d = 3`
	x := Explain(e, Feed{a: 2, b: 1})
	if got := x.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if n := len(x.Graph().Edges); n != 6 {
		t.Errorf("%d edges, want 6", n)
	}
	av, bv := Variable(2.0, "a"), Variable(1.0, "b")
	ev := av.Add(bv).Named("c").Mul(bv.Add(1).Named("d")).Named("e")
	if got := Explain(ev).String(); got != want {
		t.Errorf("with variables: got\n%s\nwant\n%s", got, want)
	}
}
