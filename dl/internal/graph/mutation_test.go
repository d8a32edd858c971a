package graph

import (
	"math/rand/v2"
	"testing"
)

// A recorder notes failures in place of reporting them.
type recorder struct {
	testing.TB
	failed bool
}

// stop is what a recorder panics with where a test would end.
type stop struct{}

func (r *recorder) Helper()               {}
func (r *recorder) Errorf(string, ...any) { r.failed = true }
func (r *recorder) Fatal(...any)          { r.Fatalf("") }
func (r *recorder) Fatalf(string, ...any) {
	r.failed = true
	panic(stop{})
}

// notices reports whether the derivatives of op fail their test.
func notices(t *testing.T, op *Op) bool {
	r := &recorder{TB: t}
	for i, s := range samples[op.Name] {
		func() {
			defer func() {
				if v := recover(); v != nil && v != (stop{}) {
					panic(v)
				}
			}()
			checkDerivatives(r, op, s, rand.New(rand.NewPCG(uint64(i), 1)))
		}()
	}
	return r.failed
}

func scaledBy(d *Node, by float64) *Node {
	if d == nil {
		return nil
	}
	return times(d, by)
}

// TestMutations corrupts one gradient rule at a time, in several ways, and asks
// whether the test of derivatives notices.
func TestMutations(t *testing.T) {
	n := 0
	for _, op := range Ops() {
		right, kept := op.Grad, *op
		if right == nil || notices(t, op) {
			t.Errorf("%s has no gradient rule, or a wrong one", op.Name)
			continue
		}
		flows := map[int]bool{} // operand: whether it has a derivative in some sample
		op.Grad = func(n, g *Node, i int) *Node {
			d := right(n, g, i)
			flows[i] = flows[i] || d != nil
			return d
		}
		notices(t, op)
		for i := range flows {
			mutations := map[string]func(n, g *Node) *Node{
				"is missing": func(_, _ *Node) *Node { return nil },
				"is half":    func(n, g *Node) *Node { return scaledBy(right(n, g, i), 0.5) },
				"is negated": func(n, g *Node) *Node { return scaledBy(right(n, g, i), -1) },
			}
			if !flows[i] {
				mutations = map[string]func(n, g *Node) *Node{
					"is not zero": func(n, g *Node) *Node {
						return addNodes(times(n.In[i], 0), Scalar(n.In[i].DType, 1))
					},
				}
			}
			for how, mutant := range mutations {
				op.Grad = func(n, g *Node, k int) *Node {
					if k == i {
						return mutant(n, g)
					}
					return right(n, g, k)
				}
				if !notices(t, op) {
					t.Errorf("nobody notices that the derivative of %s by operand %d %s", op.Name, i+1, how)
				}
				n++
			}
		}
		*op = kept
	}
	if n < 200 {
		t.Errorf("%d mutations, want hundreds", n)
	}
}
