package display

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
)

// floats reads the argument called name of fn as a sequence of numbers. The
// elements of a tensor come in row-major order. The result is a copy: a figure on
// a board, or in a Live, is drawn later.
func floats(fn, name string, v any) []float64 {
	switch v := v.(type) {
	case []float64:
		return slices.Clone(v)
	case reader:
		return v.Float64s()
	}
	rv := reflect.ValueOf(v)
	if rv.Kind() == reflect.Slice || rv.Kind() == reflect.Array {
		if out, ok := numbersOf(rv); ok {
			return out
		}
	}
	misuse(fn, "%s is %s; give a slice of numbers or a tensor", name, kindText(v))
	return nil
}

// kindText names the type of v with its article.
func kindText(v any) string {
	if v == nil {
		return "nil"
	}
	name := strings.ReplaceAll(fmt.Sprintf("%T", v), "interface {}", "any")
	if strings.ContainsRune("aeiou", rune(name[0])) {
		return "an " + name
	}
	return "a " + name
}

// numbersOf reads the elements of a slice; ok is false where one of them is
// not a number. A bool counts as 0 or 1.
func numbersOf(rv reflect.Value) (out []float64, ok bool) {
	out = make([]float64, rv.Len())
	for i := range out {
		e := concrete(rv.Index(i))
		switch {
		case !e.IsValid():
			return nil, false
		case e.CanFloat():
			out[i] = e.Float()
		case e.CanInt():
			out[i] = float64(e.Int())
		case e.CanUint():
			out[i] = float64(e.Uint())
		case e.Kind() == reflect.Bool:
			if e.Bool() {
				out[i] = 1
			}
		default:
			return nil, false
		}
	}
	return out, true
}

// matrix reads a slice of slices, or a tensor with two axes, as rows.
func matrix(fn, name string, v any) [][]float64 {
	if t, ok := v.(tensor); ok {
		if r, ok := v.(reader); ok {
			return rowsOf(fn, name, r.Float64s(), t.Shape())
		}
	}
	rv := reflect.ValueOf(v)
	if rv.Kind() != reflect.Slice && rv.Kind() != reflect.Array {
		misuse(fn, "%s is %s; give a slice of slices of numbers, or a tensor with two axes", name, kindText(v))
	}
	rows := make([][]float64, rv.Len())
	for i := range rows {
		rows[i] = floats(fn, fmt.Sprintf("%s[%d]", name, i), rv.Index(i).Interface())
	}
	return rows
}

func rowsOf(fn, name string, values []float64, shape []int) [][]float64 {
	if len(shape) != 2 {
		misuse(fn, "%s has shape %v; want two axes", name, shape)
	}
	if shape[1] == 0 {
		return make([][]float64, shape[0])
	}
	return slices.Collect(slices.Chunk(values, shape[1]))
}

// namedSeries reads a map from name to sequence, in order of the names; ok is
// false where v is something else.
func namedSeries(fn, name string, v any) (names []string, rows [][]float64, ok bool) {
	rv := reflect.ValueOf(v)
	if rv.Kind() != reflect.Map || rv.Type().Key().Kind() != reflect.String {
		return nil, nil, false
	}
	keys := rv.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, k := range keys {
		names = append(names, k.String())
		rows = append(rows, floats(fn, fmt.Sprintf("%s[%q]", name, k), rv.MapIndex(k).Interface()))
	}
	return names, rows, true
}

// classesOf reads n class numbers, and says how many classes there are.
func classesOf(fn string, v any, n int) (classes []int, count int) {
	values := floats(fn, "classes", v)
	if len(values) != n {
		misuse(fn, "there are %d classes for %d points; give one for each", len(values), n)
	}
	classes = make([]int, n)
	for i, x := range values {
		if x < 0 || x != math.Trunc(x) || x > 1000 {
			misuse(fn, "class %d is %g; want a whole number from 0 to 1000", i, x)
		}
		classes[i] = int(x)
		count = max(count, int(x)+1)
	}
	return classes, count
}

// indices returns 0, 1, …, n-1.
func indices(n int) []float64 {
	xs := make([]float64, n)
	for i := range xs {
		xs[i] = float64(i)
	}
	return xs
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// rangeOf returns the least and greatest finite value; (+Inf, -Inf) where
// there is none.
func rangeOf(values []float64) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, x := range values {
		if finite(x) {
			lo, hi = math.Min(lo, x), math.Max(hi, x)
		}
	}
	return lo, hi
}

// thin reduces a line to about most points. Of each stretch it keeps the
// lowest and the highest, in order, so that no spike is lost.
func thin(xs, ys []float64, most int) ([]float64, []float64) {
	if len(ys) <= most {
		return xs, ys
	}
	var tx, ty []float64
	keep := func(i int) { tx, ty = append(tx, xs[i]), append(ty, ys[i]) }
	keep(0)
	stretches := (most - 2) / 2
	for s := range stretches {
		from, to := 1+s*(len(ys)-2)/stretches, 1+(s+1)*(len(ys)-2)/stretches
		lo, hi := from, from
		for i := from; i < to; i++ {
			if ys[i] < ys[lo] || math.IsNaN(ys[lo]) {
				lo = i
			}
			if ys[i] > ys[hi] || math.IsNaN(ys[hi]) {
				hi = i
			}
		}
		keep(min(lo, hi))
		if lo != hi {
			keep(max(lo, hi))
		}
	}
	keep(len(ys) - 1)
	return tx, ty
}
