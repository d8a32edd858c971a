package metrics

import (
	"fmt"
	"math"
	"slices"

	"github.com/fluxion-go/fluxion/dl"
)

// perClass makes a metric of what, of each class, was found rightly (hit), said
// and there, as fractions of all examples. Outputs are [n, classes], targets [n];
// or [n, classes, …] and [n, …], where each place is an example.
func perClass(name string, classCount int, f func(hit, said, is []float64) float64) Metric {
	return Metric{Name: name, Higher: true,
		Of: func(output, target *dl.Tensor) *dl.Tensor {
			if output.Rank() > 2 && output.Rank() == target.Rank()+1 && output.Shape()[1] >= 0 {
				n := output.Shape()[1]
				output, target = output.MoveAxis(1, -1).Reshape(-1, n), target.Reshape(-1)
			}
			if n := classes(name, output, target); n != classCount {
				panic(&dl.Error{Op: name, Axis: -1, Shapes: [][]int{output.Shape()}, Msg: fmt.Sprintf("outputs of %d classes, want %d", n, classCount)})
			}
			said, is := output.ArgMax(1).OneHot(classCount), target.Cast(dl.Int64).OneHot(classCount)
			return dl.Concat(0, said.Mul(is).Mean(0), said.Mean(0), is.Mean(0))
		},
		Final: func(m []float64) float64 {
			k := classCount
			return f(m[:k], m[k:2*k], m[2*k:])
		},
	}
}

// meanOver returns the mean of part(a_k, b_k) over the classes that are there, or
// that counts says are.
func meanOver(count int, counts func(k int) bool, a, of func(k int) float64) float64 {
	sum, n := 0.0, 0
	for k := range count {
		if counts(k) {
			sum += part(a(k), of(k))
			n++
		}
	}
	return part(sum, float64(n))
}

// BalancedAccuracy is the mean over the classes of the fraction of the examples of
// each that were found, over those that have examples: a class counts as much as
// any other, however rare it is.
func BalancedAccuracy(classCount int) Metric {
	return perClass("balanced_accuracy", classCount, func(hit, _, is []float64) float64 {
		return meanOver(classCount, func(k int) bool { return is[k] > 0 }, func(k int) float64 { return hit[k] }, func(k int) float64 { return is[k] })
	})
}

// MeanIoU is the mean over the classes of intersection over union: of the examples
// or pixels that are of a class or were said to be, the fraction that both are.
// Classes of neither kind do not count. Outputs [n, classes, …] and targets [n, …]
// are pixels.
func MeanIoU(classCount int) Metric {
	return perClass("mean_iou", classCount, func(hit, said, is []float64) float64 {
		union := func(k int) float64 { return said[k] + is[k] - hit[k] }
		return meanOver(classCount, func(k int) bool { return union(k) > 0 }, func(k int) float64 { return hit[k] }, union)
	})
}

// MatthewsCorrelation is the correlation of what was said with what is, over the
// classes: 1 where all is right, 0 for guesses, and for one class alone. It is
// Gorodkin's R_K (2004), which for two classes is the coefficient of Matthews
// (1975).
func MatthewsCorrelation(classCount int) Metric {
	return perClass("matthews_correlation", classCount, func(hit, said, is []float64) float64 {
		right, both, saids, iss := 0.0, 0.0, 0.0, 0.0
		for k := range classCount {
			right += hit[k]
			both += said[k] * is[k]
			saids += said[k] * said[k]
			iss += is[k] * is[k]
		}
		return part(right-both, math.Sqrt((1-saids)*(1-iss)))
	})
}

// AveragePrecision returns the area under the curve of precision over recall, as
// the mean of the precisions at each example of which the label is 1, sorted by
// scores; examples of one score come together. As [AUC] it needs all scores at
// once. It is not a number where no label is 1.
func AveragePrecision(scores, labels *dl.Tensor) float64 {
	s, l := Aligned("average_precision", scores, labels)
	values, is := s.Float64s(), l.Float64s()
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case values[a] > values[b]:
			return -1
		case values[a] < values[b]:
			return 1
		}
		return 0
	})
	area, found := 0.0, 0.0
	for i := 0; i < len(order); {
		j, now := i, 0.0
		for ; j < len(order) && values[order[j]] == values[order[i]]; j++ {
			if is[order[j]] > 0.5 {
				now++
			}
		}
		found += now
		area += now * found / float64(j)
		i = j
	}
	return area / found
}
