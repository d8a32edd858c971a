package graph

import (
	"maps"

	"github.com/fluxion-go/fluxion/dl/backend"
)

func avg(p PoolAttrs, countPad bool) AvgPoolAttrs { return AvgPoolAttrs{p, countPad} }

func drawing(d backend.DType) []sample {
	return []sample{
		{attrs: RandomAttrs{DType: d}, in: []operand{x(2, 3)}, stops: true},
		{attrs: RandomAttrs{d, []int{5}}, in: []operand{x(2)}, stops: true},
	}
}

func init() {
	maps.Copy(samples, map[backend.Op][]sample{
		backend.RandomUniform: drawing(backend.Float64), backend.RandomNormal: drawing(backend.Float64),
		backend.RandomBits: drawing(backend.Int64),

		backend.Trunc: one(x(4)), backend.Asin: one(r(-0.9, 0.9, 4)), backend.Acos: one(r(-0.9, 0.9, 4)), backend.Atan: one(x(4)),
		backend.Sinh: one(x(4)), backend.Cosh: one(x(4)), backend.Asinh: one(x(4)), backend.Acosh: one(r(1.2, 3, 4)),
		backend.Atanh: one(r(-0.8, 0.8, 4)), backend.Cbrt: one(positive(4)), backend.Erfc: one(x(4)), backend.ErfInv: one(r(-0.8, 0.8, 4)),
		backend.Gamma: one(positive(4)), backend.Lgamma: append(one(positive(4)), one(r(-2.8, -2.2, 3))...),
		backend.Polygamma: {
			{attrs: backend.OrderAttrs{}, in: []operand{positive(4)}},
			{attrs: backend.OrderAttrs{}, in: []operand{r(-1.8, -1.2, 4)}},
			{attrs: backend.OrderAttrs{Order: 2}, in: []operand{positive(4)}},
		},
		backend.Atan2: pairs(x, positive), backend.Hypot: pairs(x, positive),

		backend.ArgSort: {
			{attrs: backend.SortAttrs{Axis: 0}, in: []operand{x(4, 2)}},
			{attrs: backend.SortAttrs{Axis: 1, Descending: true}, in: []operand{x(2, 4)}},
		},
		backend.TakeAlong: {
			{attrs: backend.AxisAttrs{Axis: 1}, in: []operand{x(2, 3), matrix(2, 2, 2, 0, -1, 1)}},
			{attrs: backend.AxisAttrs{Axis: 0}, in: []operand{x(3, 2), matrix(4, 2, 2, 0, 0, 1, 0, 0, 1, 1)}},
		},
		backend.AddAlong: {
			{attrs: AddAlongAttrs{1, 3}, in: []operand{matrix(2, 2, 2, 2, -1, 1), x(2, 2)}},
			{attrs: AddAlongAttrs{0, -1}, in: []operand{matrix(1, 2, 2, 0), x(1, 2), x(3, 2)}},
		},
		backend.IndexSet: {
			{attrs: backend.AxisAttrs{Axis: 0}, in: []operand{x(4, 2), ints(3, 0, 3), x(3, 2)}},
			{attrs: backend.AxisAttrs{Axis: 1}, in: []operand{x(2, 3), ints(1), x(2, 1)}},
		},
		backend.CumSum: {
			{attrs: backend.CumulativeAttrs{Axis: 1}, in: []operand{x(2, 3, 2)}},
			{attrs: backend.CumulativeAttrs{Axis: 0, Reverse: true}, in: []operand{x(3)}},
		},
		backend.Recur: {
			{attrs: backend.CumulativeAttrs{Axis: 1}, in: []operand{x(2, 3, 2), x(2, 3, 2)}},
			{attrs: backend.CumulativeAttrs{Axis: 0, Reverse: true}, in: []operand{x(3, 2), x(3, 2)}},
		},

		backend.AvgPool2D: {
			{attrs: avg(pool(2, 2, 0, false), false), in: []operand{x(1, 2, 4, 5)}},
			{attrs: avg(pool(3, 2, 1, false), false), in: []operand{x(2, 1, 4, 5)}},
			{attrs: avg(pool(3, 2, 1, false), true), in: []operand{x(1, 1, 4, 5)}},
			{attrs: avg(pool(2, 2, 0, true), false), in: []operand{x(1, 1, 3, 5)}},
		},
		backend.AvgPool2DGrad: {
			{attrs: AvgPoolGradAttrs{avg(pool(3, 2, 1, false), false), []int{1, 1, 4, 5}}, in: []operand{x(1, 1, 2, 3)}},
			{attrs: AvgPoolGradAttrs{avg(pool(2, 2, 0, false), true), nil}, in: []operand{x(1, 1, 2, 2), x(1, 1, 4, 5)}},
		},
		ConvTranspose2D: {
			{attrs: ConvTransposeAttrs{ConvAttrs: conv(1, 0, 1, 1, false)}, in: []operand{x(2, 2, 3, 3), x(2, 3, 2, 2)}},
			{attrs: ConvTransposeAttrs{ConvAttrs: conv(2, 1, 1, 2, false), Extra: [2]int{1, 0}}, in: []operand{x(1, 4, 3, 2), x(4, 1, 3, 3)}},
		},
	})
	maps.Copy(samples, map[backend.Op][]sample{
		backend.Cholesky: {{in: []operand{definite(3, 3)}}, {in: []operand{definite(2, 2, 2)}}},
		backend.Solve: {
			{attrs: backend.SolveAttrs{}, in: []operand{definite(2, 2, 2), x(2, 2, 3)}},
			{attrs: backend.SolveAttrs{Trans: true}, in: []operand{definite(3, 3), x(3, 1)}},
			{attrs: backend.SolveAttrs{Part: backend.Lower}, in: []operand{definite(3, 3), x(3, 2)}},
			{attrs: backend.SolveAttrs{Part: backend.Upper, Trans: true}, in: []operand{definite(3, 3), x(3, 2)}},
		},
		backend.Det:    one(definite(2, 3, 3)),
		backend.LogDet: one(definite(3, 3)),
		backend.QR:     {{in: []operand{definite(3, 3)}}, {in: []operand{x(2, 4, 2)}}},
		backend.Eigh:   one(definite(3, 3)),
		backend.SVD:    {{in: []operand{definite(3, 3)}}, {in: []operand{x(2, 2, 3)}}, {in: []operand{x(4, 2)}}},
	})
	samples[backend.Prod] = append(samples[backend.Prod], sample{attrs: backend.ReduceAttrs{Axes: []int{0, 2}}, in: []operand{zeros(2, 2, 2)}})
}

// matrix is an operand of rows×cols indices.
func matrix(rows, cols int, v ...int64) operand {
	return operand{shape: []int{rows, cols}, ints: v}
}

// zeros is an operand in which some elements are exactly 0.
func zeros(shape ...int) operand {
	o := x(shape...)
	o.holes = true
	return o
}

// definite is an operand of positive definite matrices, whose eigenvalues are
// far from each other.
func definite(shape ...int) operand {
	o := x(shape...)
	o.diagonal = true
	return o
}

// matrices are the operations that must know the last two axes.
var matrices = map[backend.Op]bool{backend.Cholesky: true, backend.Solve: true, backend.Det: true, backend.LogDet: true,
	backend.QR: true, backend.Eigh: true, backend.SVD: true}
