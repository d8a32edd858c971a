package cpu

import (
	"math"
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// roundBF16 rounds float32 to the nearest bfloat16, to even where there are
// two, and holds it as float32.
const roundBF16 backend.Op = "round to bfloat16"

// inTiles reports whether products of p are computed in tiles.
func inTiles(ks *kernelSet, p *backend.Program) bool {
	return p.Precision == backend.BFloat16 && ks.tiles != nil && ks.tiles.permit()
}

// tiled reports whether an instruction of p, which is computed in tiles, is
// such a product.
func tiled(p *backend.Program, i backend.Instr, fuse bool) bool {
	if !multiplies(i.Op) || p.Values[i.Out[0]].DType != backend.Float32 {
		return false
	}
	if i.Op == backend.MatMul {
		at, _ := i.Attrs.(backend.MatMulAttrs)
		return tiledMatMul(at, p.Values[i.In[0]].Shape, p.Values[i.Out[0]].Shape)
	}
	if !fuse || !imageOp(p, i) {
		return false // there are no channels-last pictures
	}
	shape := func(v int) []int { return p.Values[v].Shape }
	x, w, y := shape(i.In[0]), shape(i.In[1]), shape(i.Out[0])
	switch i.Op {
	case backend.Conv2DGradInput:
		x, w, y = y, x, w
	case backend.Conv2DGradWeight:
		w, y = y, w
	}
	return newConvolution(nil, i.Attrs.(backend.ConvAttrs), permuted(x, toLast), w, permuted(y, toLast)).tiled(i.Op)
}

// lowered returns p with the operands of products rounded to its precision,
// each once, but for those of products that round theirs themselves.
func lowered(p *backend.Program, rounds func(backend.Instr) bool) *backend.Program {
	if p.Precision != backend.BFloat16 {
		return p
	}
	q := *p
	q.Values, q.Instrs = slices.Clone(p.Values), nil
	rounded := map[int]int{}
	for _, i := range p.Instrs {
		if multiplies(i.Op) && p.Values[i.Out[0]].DType == backend.Float32 && !rounds(i) {
			i.In = slices.Clone(i.In)
			for k, v := range i.In {
				if _, ok := rounded[v]; !ok {
					rounded[v] = len(q.Values)
					q.Values = append(q.Values, backend.Value{DType: backend.Float32, Shape: p.Values[v].Shape})
					q.Instrs = append(q.Instrs, backend.Instr{Op: roundBF16, In: []int{v}, Out: []int{rounded[v]}})
				}
				i.In[k] = rounded[v]
			}
		}
		q.Instrs = append(q.Instrs, i)
	}
	return &q
}

func multiplies(op backend.Op) bool {
	switch op {
	case backend.MatMul, backend.Conv2D, backend.Conv2DGradInput, backend.Conv2DGradWeight:
		return true
	}
	return false
}

func roundedBF16(x float32) float32 {
	if x != x {
		return x
	}
	u := math.Float32bits(x)
	return math.Float32frombits((u + 0x7fff + u>>16&1) &^ 0xffff)
}
