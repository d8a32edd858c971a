package engine

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	G "gorgonia.org/gorgonia"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/tests/operations"
)

// A compiled case is a row of the table of operations, with its derivatives,
// as a function of its operands.
type compiledCase struct {
	operations.Case
	inputs, outputs []*dl.Tensor
	in              []any
	want            []*dl.Tensor // by the reference
}

// on computes the outputs on a backend, compiled anew.
func (c *compiledCase) on(name string) []*dl.Tensor {
	before := dl.Backend()
	defer dl.Use(before)
	dl.Use(name)
	return dl.Function(c.inputs, c.outputs).Call(c.in...)
}

// compiledCases returns those cases of the table whose results dl can compile.
func compiledCases(t *testing.T) []compiledCase {
	t.Helper()
	cases, err := operations.Cases()
	if err != nil {
		t.Fatal(err)
	}
	var list []compiledCase
	for _, c := range cases {
		k := compiledCase{Case: c}
		row := operations.RowOf(c.Call)
		build := func() {
			var ps, floats []*dl.Tensor
			for _, a := range c.In {
				x, err := a.Tensor()
				if err != nil {
					t.Fatal(err)
				}
				p := dl.Placeholder("x", x.DType(), x.Shape()...)
				ps, k.in = append(ps, p), append(k.in, x)
				if x.DType() == dl.Float64 {
					floats = append(floats, p)
				}
			}
			y := row(ps)
			out := []*dl.Tensor{y}
			if len(c.Grads) > 0 && c.Smooth {
				g := dl.Grads(y.Square().Sum(), floats...)
				for _, x := range floats {
					out = append(out, g.Of(x))
				}
			}
			k.inputs, k.outputs = ps, out
			k.want = k.on("reference")
		}
		if err := dl.Try(build); err != nil {
			continue // what depends on the values of its operands has no function
		}
		list = append(list, k)
	}
	return list
}

// fails says what is wrong with a case on gorgonia, or returns "".
func (c *compiledCase) fails() (fault string, refused bool) {
	var got []*dl.Tensor
	if err := dl.Try(func() { got = c.on(name) }); err != nil {
		var u *backend.Unsupported
		if errors.As(err, &u) {
			if len(c.outputs) > 1 { // perhaps it can do without the derivatives
				plain := *c
				plain.outputs, plain.want = c.outputs[:1], c.want[:1]
				return plain.fails()
			}
			return "", true
		}
		return err.Error(), false
	}
	for i, w := range c.want {
		tolerance := 1e-10
		if w.DType() == dl.Float32 {
			tolerance = 1e-5
		}
		g, v := got[i].Float64s(), w.Float64s()
		for k := range v {
			if math.IsNaN(g[k]) && math.IsNaN(v[k]) || g[k] == v[k] {
				continue
			}
			if !(math.Abs(g[k]-v[k]) <= tolerance*max(1, math.Abs(v[k]))) {
				return fmt.Sprintf("output %d: element %d is %g, want %g", i, k, g[k], v[k]), false
			}
		}
	}
	return "", false
}

// TestOperations runs the table of operations on gorgonia, and then again with
// each rule of the engine corrupted, which must be noticed: what is listed ran,
// equals the reference, and is tested.
func TestOperations(t *testing.T) {
	cases := compiledCases(t)
	kept := map[backend.Op]rule{}
	uses := map[backend.Op][]compiledCase{} // of cases that ran
	var now []backend.Op
	for op, r := range rules {
		kept[op] = r
		rules[op] = func(c *call, in []*G.Node) *G.Node {
			now = append(now, op)
			return r(c, in)
		}
	}
	defer func() {
		for op, r := range kept {
			rules[op] = r
		}
	}()
	ran := 0
	for _, c := range cases {
		now = nil
		fault, refused := c.fails()
		if fault != "" {
			t.Errorf("%s: %s", c.Call, fault)
		}
		if fault != "" || refused {
			continue
		}
		ran++
		slices.Sort(now)
		for _, op := range slices.Compact(now) {
			uses[op] = append(uses[op], c)
		}
	}
	t.Logf("%d of %d cases ran", ran, len(cases))
	for op, r := range kept {
		if len(uses[op]) == 0 {
			t.Errorf("no case of %s ran", op)
			continue
		}
		rules[op] = func(c *call, in []*G.Node) *G.Node {
			n := r(c, in)
			if n == nil {
				return nil
			}
			return c.two(G.Sub, c.full(1, n), n) // also turns bools around
		}
		if !slices.ContainsFunc(uses[op], func(c compiledCase) bool {
			fault, _ := c.fails()
			return fault != ""
		}) {
			t.Errorf("nobody notices that %s is wrong", op)
		}
		rules[op] = r
	}
}

// TestOneOperation: functions that make several operations of gorgonia's, none,
// or one of other operands, are refused, where only the last would have been
// kept.
func TestOneOperation(t *testing.T) {
	g := G.NewGraph()
	x := G.NewVector(g, G.Float64, G.WithShape(3), G.WithName("x"))
	y := G.NewVector(g, G.Float64, G.WithShape(3), G.WithName("y"))
	for name, f := range map[string]func(in ...*G.Node) (*G.Node, error){
		"two":        func(in ...*G.Node) (*G.Node, error) { return G.Neg(G.Must(G.Add(in[0], in[1]))) },
		"none":       func(in ...*G.Node) (*G.Node, error) { return in[0], nil },
		"exchanged":  func(in ...*G.Node) (*G.Node, error) { return G.Sub(in[1], in[0]) },
		"one of two": func(in ...*G.Node) (*G.Node, error) { return G.Neg(in[0]) },
		"one twice":  func(in ...*G.Node) (*G.Node, error) { return G.Add(in[0], in[0]) },
	} {
		if op, _, err := opOf(f, []*G.Node{x, y}); err == nil {
			t.Errorf("%s: took %v", name, op)
		}
	}
	op, _, err := opOf(func(in ...*G.Node) (*G.Node, error) { return G.Sub(in[0], in[1]) }, []*G.Node{x, y})
	if err != nil || op == nil {
		t.Errorf("a difference: %v, %v", op, err)
	}
}
