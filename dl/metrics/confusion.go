package metrics

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/fluxion-go/fluxion/dl"
)

// Confusion counts how often each class was taken for each other.
type Confusion struct {
	Counts  [][]int // Counts[i][j] examples of class i were taken for class j
	Classes []string
}

// NewConfusion counts predictions against labels. Output is [n, classes], of
// which the highest in each row is the prediction, or [n], the predicted
// classes themselves; labels [n] are class numbers. Classes names the classes.
func NewConfusion(output, labels *dl.Tensor, classes []string) *Confusion {
	if output.Rank() == 2 {
		output = output.ArgMax(1)
	}
	predicted, actual := output.Ints(), labels.Ints()
	if len(predicted) != len(actual) {
		panic(&dl.Error{Op: "confusion", Axis: -1, Shapes: [][]int{output.Shape(), labels.Shape()},
			Msg: fmt.Sprintf("%d predictions for %d labels", len(predicted), len(actual))})
	}
	c := &Confusion{Classes: classes, Counts: make([][]int, len(classes))}
	for i := range c.Counts {
		c.Counts[i] = make([]int, len(classes))
	}
	for i, p := range predicted {
		for _, k := range []int{p, actual[i]} {
			if k < 0 || k >= len(classes) {
				panic(&dl.Error{Op: "confusion", Axis: -1, Msg: fmt.Sprintf("example %d has class %d, want 0 to %d", i, k, len(classes)-1)})
			}
		}
		c.Counts[actual[i]][p]++
	}
	return c
}

// Accuracy returns the fraction of examples that were taken for their own
// class, and 0 where there are none.
func (c *Confusion) Accuracy() float64 {
	right, all := 0, 0
	for i, row := range c.Counts {
		right += row[i]
		for _, n := range row {
			all += n
		}
	}
	return ratio(right, all)
}

// Recall returns, for each class, the fraction of its examples that were
// found, and 0 for a class without examples.
func (c *Confusion) Recall() []float64 {
	out := make([]float64, len(c.Counts))
	for i, row := range c.Counts {
		all := 0
		for _, n := range row {
			all += n
		}
		out[i] = ratio(row[i], all)
	}
	return out
}

// Precision returns, for each class, the fraction of the examples taken for
// it that belong to it, and 0 for a class that nothing was taken for.
func (c *Confusion) Precision() []float64 {
	out := make([]float64, len(c.Counts))
	for j := range c.Counts {
		all := 0
		for _, row := range c.Counts {
			all += row[j]
		}
		out[j] = ratio(c.Counts[j][j], all)
	}
	return out
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// String returns the counts as a table with a row for each class and a column
// for each class that it was taken for.
func (c *Confusion) String() string {
	width := 0
	for _, name := range c.Classes {
		width = max(width, utf8.RuneCountInString(name))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%*s", width, "")
	for _, name := range c.Classes {
		fmt.Fprintf(&b, "  %*s", column(name), name)
	}
	for i, row := range c.Counts {
		fmt.Fprintf(&b, "\n%-*s", width, c.Classes[i])
		for j, n := range row {
			fmt.Fprintf(&b, "  %*d", column(c.Classes[j]), n)
		}
	}
	return b.String()
}

// column returns the width of the column of a class.
func column(name string) int { return max(utf8.RuneCountInString(name), 4) }
