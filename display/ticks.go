package display

import (
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
)

// minus is as wide as a plus, which a hyphen is not.
const minus = "\u2212"

// ticks marks an axis at multiples of 1, 2 or 5 times a power of ten.
type ticks struct {
	most  int  // how many at most
	whole bool // the axis counts something: no fractions
}

// Ticks implements plot.Ticker.
func (t ticks) Ticks(min, max float64) []plot.Tick {
	if !(max > min) || math.IsInf(max-min, 0) {
		return nil
	}
	step := roundStep((max - min) / float64(t.most))
	if t.whole {
		step = math.Max(step, 1)
	}
	var values []float64
	for i := math.Ceil(min/step - 1e-9); i*step <= max+step*1e-9; i++ {
		values = append(values, i*step)
	}
	labels := tickLabels(values, step)
	marks := make([]plot.Tick, len(values))
	for i, v := range values {
		marks[i] = plot.Tick{Value: v, Label: labels[i]}
	}
	return marks
}

// roundStep returns the smallest of 1, 2, 5 · 10ᵏ that is not below x.
func roundStep(x float64) float64 {
	k := math.Floor(math.Log10(x))
	for _, m := range []float64{1, 2, 5} {
		if s := scaled(m, k); s >= x*(1-1e-9) {
			return s
		}
	}
	return scaled(1, k+1)
}

// scaled returns m · 10ᵏ, as exact as a float64 can hold it.
func scaled(m, k float64) float64 {
	if k < 0 {
		return m / math.Pow(10, -k)
	}
	return m * math.Pow(10, k)
}

// tickLabels writes the values of one axis alike: with the same number of
// decimals, and large ones in thousands (k), millions (M) and so on.
func tickLabels(values []float64, step float64) []string {
	most := 0.0
	for _, v := range values {
		most = math.Max(most, math.Abs(v))
	}
	unit, suffix := 1.0, ""
	switch {
	case most >= 1e15 || most > 0 && most < 1e-3:
		k := math.Floor(math.Log10(most))
		unit, suffix = math.Pow(10, k), "e"+strconv.Itoa(int(k))
	case most >= 1e12:
		unit, suffix = 1e12, "T"
	case most >= 1e9:
		unit, suffix = 1e9, "G"
	case most >= 1e6:
		unit, suffix = 1e6, "M"
	case most >= 1e4:
		unit, suffix = 1e3, "k"
	}
	decimals := decimalsOf(step / unit)
	if decimals > 3 && unit > 1 && unit < 1e15 { // a thousandth of the unit is not seen in it
		unit, suffix = 1, ""
		decimals = decimalsOf(step)
	}
	labels := make([]string, len(values))
	for i, v := range values {
		s := strconv.FormatFloat(v/unit, 'f', decimals, 64)
		if most >= 1e4 && unit == 1 {
			s = groupedNumber(s)
		}
		if v == 0 {
			labels[i] = "0"
			if suffix == "" {
				labels[i] = strings.TrimPrefix(s, "-")
			}
			continue
		}
		labels[i] = strings.ReplaceAll(s+suffix, "-", minus)
	}
	return labels
}

// decimalsOf returns how many decimals tell the multiples of step apart.
func decimalsOf(step float64) int {
	return max(0, int(-math.Floor(math.Log10(step)+1e-9)))
}

// typeset writes a number of Go's as print does: with a true minus, and an
// exponent without its plus and zeros.
func typeset(s string) string {
	if m, e, ok := strings.Cut(s, "e"); ok {
		if k, err := strconv.Atoi(e); err == nil {
			s = m + "e" + strconv.Itoa(k)
		}
	}
	return strings.ReplaceAll(s, "-", minus)
}

// logTicks marks a logarithmic axis at the powers of ten, and where few of
// them are in range also at twice and five times these.
type logTicks struct{}

// Ticks implements plot.Ticker.
func (logTicks) Ticks(min, max float64) []plot.Tick {
	first, last := math.Floor(math.Log10(min)), math.Floor(math.Log10(max))
	skip := math.Max(1, math.Ceil((last-first)/7))
	multiples := []float64{1}
	if math.Log10(max/min) < 2.5 {
		multiples = []float64{1, 2, 5}
	}
	far := math.Ceil(math.Log10(min)) < -4 || last > 4
	var marks []plot.Tick
	for k := first; k <= last; k += skip {
		for _, m := range multiples {
			if v := scaled(m, k); v >= min && v <= max {
				marks = append(marks, plot.Tick{Value: v, Label: logLabel(m, k, far)})
			}
		}
	}
	if len(marks) < 3 {
		return ticks{most: 6}.Ticks(min, max)
	}
	return marks
}

// logLabel writes m · 10ᵏ; where an axis goes far, all its labels have
// exponents.
func logLabel(m, k float64, far bool) string {
	if !far || k == 0 {
		s := strconv.FormatFloat(scaled(m, k), 'f', -1, 64)
		if k >= 4 {
			return groupedDigits(s)
		}
		return s
	}
	return typeset(strconv.Itoa(int(m)) + "e" + strconv.Itoa(int(k)))
}

// spread widens a range a little, so that no line runs along the frame. On a
// logarithmic axis it widens by a factor.
func spread(min, max float64, log bool) (float64, float64) {
	switch {
	case min > max:
		return 0, 1
	case log:
		f := math.Pow(max/min, 0.04)
		if f == 1 {
			f = 2
		}
		return min / f, max * f
	case min == max:
		d := math.Abs(min) / 10
		if d == 0 {
			d = 1
		}
		return min - d, max + d
	}
	d := (max - min) * 0.04
	return min - d, max + d
}
