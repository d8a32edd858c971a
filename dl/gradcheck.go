package dl

import (
	"fmt"
	"math"
)

// GradCheckOptions sets how closely [GradCheck] looks. The zero value is right
// for functions of numbers around 1.
type GradCheckOptions struct {
	Step      float64 // h of the differences; 1e-6 where 0
	Tolerance float64 // that a derivative may be off, relative to its size where that is above 1; 1e-5 where 0
}

// GradCheck compares the derivatives of f, a Go function from tensors to one
// tensor, with finite differences at a point, in float64: for each element of
// each operand (f(x+h) − f(x−h))/2h, where f is summed over its result with
// weights that tell its elements apart. It returns nil if they agree, else an
// error that says where they differ most. Operands that are no floats, such as
// labels, are left as they are.
//
// It is meant for tests of functions of one's own, in particular of [CustomGrad].
// Where f has a kink, such as ReLU at 0, differences are no guide.
func GradCheck(f any, at []*Tensor, options ...GradCheckOptions) error {
	o := GradCheckOptions{Step: 1e-6, Tolerance: 1e-5}
	for _, given := range options {
		if given.Step > 0 {
			o.Step = given.Step
		}
		if given.Tolerance > 0 {
			o.Tolerance = given.Tolerance
		}
	}
	fn := tensorFuncOf("gradcheck", "f", f)
	xs := make([]*Tensor, len(at))
	for i, x := range at {
		xs[i] = x.check("gradcheck")
		if x.DType().IsFloat() {
			xs[i] = Variable(x.cast(Float64), fmt.Sprintf("operand %d", i+1))
		}
	}
	total := func() *Tensor {
		out := fn.of(fmt.Sprintf("%d operands", len(xs)), xs...)
		if len(out) != 1 || !out[0].DType().IsFloat() {
			panic(&Error{Op: "gradcheck", Axis: -1, Msg: "f does not return one tensor of floats"})
		}
		y := out[0].cast(Float64)
		weights := Arange(y.Size()).Cast(Float64).Mul(0.37).Sin().Add(1.5).Reshape(y.Shape()...)
		return y.Mul(weights).Sum()
	}
	y := total()
	worst := &GradCheckError{}
	for i, x := range xs {
		if !x.IsVariable() || !at[i].DType().IsFloat() {
			continue
		}
		got, start := gradOrZero(y, x).Float64s(), x.Float64s()
		for k := range start {
			moved := func(h float64) float64 {
				values := append([]float64{}, start...)
				values[k] += h
				x.Assign(NewAs(Float64, values).Reshape(x.Shape()...))
				return total().Item()
			}
			want := (moved(o.Step) - moved(-o.Step)) / (2 * o.Step)
			off := math.Abs(got[k]-want) / max(1, math.Abs(want))
			if off > worst.Off || math.IsNaN(off) {
				*worst = GradCheckError{Operand: i, Element: k, Gradient: got[k], Difference: want, Off: off}
			}
		}
		x.Assign(NewAs(Float64, start).Reshape(x.Shape()...))
	}
	if worst.Off > o.Tolerance || math.IsNaN(worst.Off) {
		return worst
	}
	return nil
}

// A GradCheckError says where a derivative differs most from finite differences.
type GradCheckError struct {
	Operand, Element int     // counted from 0, the element in row-major order
	Gradient         float64 // what Grad gives
	Difference       float64 // what finite differences give
	Off              float64 // how far they are apart, relative to the difference where that is above 1
}

func (e *GradCheckError) Error() string {
	return fmt.Sprintf("gradcheck: the derivative by element %d of operand %d is %g, but finite differences give %g",
		e.Element, e.Operand+1, e.Gradient, e.Difference)
}
