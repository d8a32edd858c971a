package nn

import "github.com/fluxion-go/fluxion/dl"

// A Penalty returns a number that grows with the weights w; see [Penalise].
type Penalty func(w *dl.Tensor) *dl.Tensor

// L1 returns the penalty λ·Σ|w|, which drives weights to 0.
func L1(lambda float64) Penalty {
	return func(w *dl.Tensor) *dl.Tensor { return w.Abs().Sum().Mul(lambda) }
}

// L2 returns the penalty λ·Σw², which keeps weights small.
func L2(lambda float64) Penalty {
	return func(w *dl.Tensor) *dl.Tensor { return w.Square().Sum().Mul(lambda) }
}

// L1L2 returns the sum of both penalties, the elastic net of Zou and Hastie
// (2005).
func L1L2(l1, l2 float64) Penalty {
	return func(w *dl.Tensor) *dl.Tensor { return L1(l1)(w).Add(L2(l2)(w)) }
}
