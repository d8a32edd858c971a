package cpu

import "github.com/fluxion-go/fluxion/dl/backend"

// matMulBias is a matrix product and a row that is added to each row of it, as in
// a dense layer: (a, b, row) → a·b + row. The kernel begins its sums with the row.
const matMulBias backend.Op = "matmul and bias"

// biasAttrs are the attributes of matMulBias.
type biasAttrs struct {
	backend.MatMulAttrs
	product int // the value of the product alone, which is nowhere
}

// joinBiases replaces products of many rows by which nothing is done but to add a
// row to each.
func joinBiases(ks *kernelSet, p *backend.Program) *backend.Program {
	if p.Precision == backend.BFloat16 {
		return p
	}
	uses, maker := make([]int, len(p.Values)), make([]int, len(p.Values))
	for at, i := range p.Instrs {
		for _, v := range i.In {
			uses[v]++
		}
		for _, v := range i.Out {
			maker[v] = at
		}
	}
	for _, v := range p.Outputs {
		uses[v]++
	}
	for _, u := range p.Updates {
		uses[u.New]++
	}
	// made returns the instruction that computes v for one reader only.
	made := func(v int) (i backend.Instr, ok bool) {
		i = p.Instrs[maker[v]]
		return i, uses[v] == 1 && i.Out[0] == v
	}
	joined := map[int]backend.Instr{} // by place of the addition
	gone := map[int]bool{}            // places of products and reshapes
	for at, i := range p.Instrs {
		if i.Op != backend.Add {
			continue
		}
		for k, v := range i.In {
			row := i.In[1-k]
			m, ok := made(v)
			reshape := -1
			if ok && m.Op == backend.Reshape {
				reshape = maker[v]
				m, ok = made(m.In[0])
			}
			if ok && m.Op == backend.MatMul && equalShapes(p.Values[v].Shape, p.Values[i.Out[0]].Shape) && takesBias(ks, p, m, row, i.Out[0]) {
				a, _ := m.Attrs.(backend.MatMulAttrs)
				joined[at] = backend.Instr{Op: matMulBias, Attrs: biasAttrs{a, m.Out[0]}, In: []int{m.In[0], m.In[1], row}, Out: i.Out}
				gone[maker[m.Out[0]]] = true
				if reshape >= 0 {
					gone[reshape] = true
				}
				break
			}
		}
	}
	if len(joined) == 0 {
		return p
	}
	q := *p
	q.Instrs = nil
	for at, i := range p.Instrs {
		if j, ok := joined[at]; ok {
			i = j
		}
		if !gone[at] {
			q.Instrs = append(q.Instrs, i)
		}
	}
	return &q
}

// takesBias reports whether product m is one of whole rows, and row a row that is
// added to each for the sum.
func takesBias(ks *kernelSet, p *backend.Program, m backend.Instr, row, sum int) bool {
	n := last(p.Values[sum].Shape)
	if p.Values[sum].DType != backend.Float32 || n < 2 || backend.Size(p.Values[row].Shape) != n || last(p.Values[row].Shape) != n {
		return false
	}
	x, batch := newProduct(ks, m, p.Values)
	return batch == 1 && x.n == n && !x.transA && x.k > 0 && x.m >= 2*pieceRows && !x.turns() && !x.isFlat()
}

// withBias returns values and the bias, if there is one.
func (p *product) withBias(values ...int) []int { return append(values, p.bias...) }

// biasOf returns the bias, or nil.
func (p *product) biasOf(e *execution) []float32 {
	if len(p.bias) == 0 {
		return nil
	}
	return e.floats(p.bias[0])
}
