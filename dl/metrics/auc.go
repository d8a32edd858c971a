package metrics

import (
	"slices"

	"github.com/fluxion-go/fluxion/dl"
)

// AUC returns the area under the receiver operating characteristic: the
// probability that an example of which the label is 1 has a higher score than
// one of which it is 0, where equal scores count half. It needs all scores at
// once, and so is no [Metric]: give it what Predict returns. It is not a number
// where one of the labels is missing.
func AUC(scores, labels *dl.Tensor) float64 {
	s, l := Aligned("auc", scores, labels)
	values, is := s.Float64s(), l.Float64s()
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case values[a] < values[b]:
			return -1
		case values[a] > values[b]:
			return 1
		}
		return 0
	})
	// The sum of the ranks of the positive examples, of which ties share theirs
	// (Mann and Whitney, 1947).
	ranks, positive := 0.0, 0.0
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && values[order[j]] == values[order[i]] {
			j++
		}
		for _, k := range order[i:j] {
			if is[k] > 0.5 {
				ranks += float64(i+j+1) / 2
				positive++
			}
		}
		i = j
	}
	negative := float64(len(order)) - positive
	return (ranks - positive*(positive+1)/2) / (positive * negative)
}
