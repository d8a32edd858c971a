package dl

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// The values in testdata/recurrent.json are PyTorch's; tests/reference/recurrent.py
// makes them.
type torchArray struct {
	Shape []int
	Data  []float64
}

func (p torchArray) tensor(d DType) *Tensor { return NewAs(d, p.Data).Reshape(p.Shape...) }

type recurrentReference struct {
	X, Outputs            torchArray
	Labels                []int
	Loss                  float64
	Parameters, Gradients map[string]torchArray
}

func readRecurrent(t *testing.T) (out struct {
	Elman, LSTM recurrentReference
	HVP         struct {
		X                             torchArray
		Labels                        []int
		Loss                          float64
		Parameters, Vectors, Products []torchArray
	}
}) {
	b, err := os.ReadFile("testdata/recurrent.json")
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// elman is h ← tanh(x·Wx + bx + h·Wh + bh).
func elman(x, h0 *Tensor, p map[string]*Tensor) *Tensor {
	return Scan(func(x, h *Tensor) *Tensor {
		return x.MatMul(p["wx"]).Add(p["bx"]).Add(h.MatMul(p["wh"])).Add(p["bh"]).Tanh()
	}, ScanOptions{Sequences: []Sequence{{X: x}}, States: []State{{Initial: h0}}})[0]
}

// lstm is the LSTM of Hochreiter and Schmidhuber with forget gates: i, f, o =
// sigmoid, g = tanh of x·Wx + bx + h·Wh + bh; c ← f·c + i·g; h ← o·tanh c.
func lstm(x, h0 *Tensor, p map[string]*Tensor) *Tensor {
	units := p["wh"].Shape()[0]
	return Scan(func(x, h, c *Tensor) (nextH, nextC *Tensor) {
		z := x.MatMul(p["wx"]).Add(p["bx"]).Add(h.MatMul(p["wh"])).Add(p["bh"])
		gate := func(i int) *Tensor { return z.Slice(All, Between(i*units, (i+1)*units)) }
		c = gate(1).Sigmoid().Mul(c).Add(gate(0).Sigmoid().Mul(gate(2).Tanh()))
		return gate(3).Sigmoid().Mul(c.Tanh()), c
	}, ScanOptions{Sequences: []Sequence{{X: x}}, States: []State{{Initial: h0}, {Initial: h0}}})[0]
}

// TestRecurrent compares networks made with Scan with PyTorch's, on both
// backends, concrete and compiled.
func TestRecurrent(t *testing.T) {
	ref := readRecurrent(t)
	defer graph.Use(graph.InUse().Name())
	for _, on := range []string{"reference", "cpu"} {
		if err := graph.Use(on); err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			net func(x, h0 *Tensor, p map[string]*Tensor) *Tensor
			ref recurrentReference
		}{"elman": {elman, ref.Elman}, "lstm": {lstm, ref.LSTM}} {
			for d, tolerance := range map[DType]float64{Float32: 1e-5, Float64: 1e-12} {
				what := on + ", " + name + ", " + d.String()
				x, labels := c.ref.X.tensor(d), New(c.ref.Labels)
				p, names := map[string]*Tensor{}, []string{}
				for k, v := range c.ref.Parameters {
					p[k] = Variable(v.tensor(d), k)
					names = append(names, k)
				}
				slices.Sort(names)
				results := func(x *Tensor) []*Tensor {
					h0 := x.Index(0).MatMul(NewAs(d, make([]float64, 4*5)).Reshape(4, 5)) // zeros, for as many as there are
					hs := c.net(x, h0, p)
					loss := SoftmaxCrossEntropy(hs.Index(-1).MatMul(p["wy"]).Add(p["by"]), labels).Mean()
					out := []*Tensor{loss, hs}
					var ps []*Tensor
					for _, k := range names {
						ps = append(ps, p[k])
					}
					g := Grads(loss, ps...)
					for _, v := range ps {
						out = append(out, g.Of(v))
					}
					return out
				}
				want := [][]float64{{c.ref.Loss}, c.ref.Outputs.Data}
				for _, k := range names {
					want = append(want, c.ref.Gradients[k].Data)
				}
				symbol := Placeholder("x", d, -1, -1, 4)
				for how, got := range map[string][]*Tensor{"concrete": results(x), "compiled": Function([]*Tensor{symbol}, results(symbol)).Call(x)} {
					for i, w := range want {
						closeTo(t, what+", "+how+", "+strings.Join(names[max(0, i-2):max(0, i-1)], ""), got[i], w, tolerance)
					}
				}
			}
		}
	}
}

// TestHVPOfNetwork compares a Hessian-vector product by all parameters of a
// two-layer network with PyTorch's.
func TestHVPOfNetwork(t *testing.T) {
	ref := readRecurrent(t).HVP
	var p []*Tensor
	var v []any
	for i, w := range ref.Parameters {
		p, v = append(p, Variable(w.tensor(Float64), "")), append(v, ref.Vectors[i].tensor(Float64))
	}
	loss := func(x *Tensor) *Tensor {
		return SoftmaxCrossEntropy(x.MatMul(p[0]).Add(p[1]).Tanh().MatMul(p[2]).Add(p[3]), New(ref.Labels)).Mean()
	}
	x := Placeholder("x", Float64, -1, 4)
	for how, y := range map[string]*Tensor{"concrete": loss(ref.X.tensor(Float64)), "symbolic": loss(x)} {
		products := HVPs(y, p, v)
		out := []*Tensor{y}
		for _, w := range p {
			out = append(out, products.Of(w))
		}
		if how == "symbolic" {
			out = Function([]*Tensor{x}, out).Call(ref.X.tensor(Float64))
		}
		closeTo(t, how, out[0], []float64{ref.Loss}, 1e-12)
		for i, want := range ref.Products {
			closeTo(t, how, out[1+i], want.Data, 1e-12)
		}
	}
}
