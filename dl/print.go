package dl

import (
	"math"
	"strconv"
	"strings"

	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// How tensors are printed.
const (
	maxDecimals  = 4
	maxPrinted   = 1000 // larger tensors are shown by their edges
	edgeElements = 3    // at each end of an axis
	lineWidth    = 88
)

// String returns the elements in brackets, with shape and dtype behind them,
// or the number alone where there are no axes. Large tensors are shown by
// their edges. A symbolic tensor is named by how it is made.
func (t *Tensor) String() string {
	if t == nil || t.n == nil {
		return "<nil>"
	}
	kind := graph.ShapeString(t.n.Shape) + " " + t.n.DType.String()
	switch {
	case t.n.Op.Name == graph.PlaceholderOp:
		return "placeholder " + t.n.Name + " " + kind
	case t.n.Symbolic() && t.n.Name != "":
		return "symbolic " + t.n.Name + " " + kind
	case t.n.Symbolic():
		return "symbolic " + string(t.n.Op.Name) + " " + kind
	case t.Rank() == 0:
		return number(t.n.DType, at(t.n.DType, t.n.Elements(), 0))
	}
	p := printer{shape: t.n.Shape, cut: t.n.Size() > maxPrinted}
	p.cells = cells(t.n.DType, t.n.Elements(), p.shown())
	p.array(0, 0, 1)
	return p.String() + "  " + kind
}

// number writes one number as short as it can be read back.
func number(d DType, v float64) string {
	switch d {
	case Float32:
		return strconv.FormatFloat(v, 'g', -1, 32)
	case Float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case Bool:
		return strconv.FormatBool(v != 0)
	default:
		return strconv.FormatInt(int64(v), 10)
	}
}

// rounded writes one number with six digits at most.
func rounded(d DType, v float64) string {
	if d.IsFloat() {
		return strconv.FormatFloat(v+0, 'g', 6, 64) // v+0 is never −0
	}
	return number(d, v)
}

// A printer writes the elements of an array.
type printer struct {
	strings.Builder
	shape []int
	cut   bool
	cells map[int]string // by place in the array
}

// indices calls f for the elements of an axis that are shown, and with −1 for
// those that are left out.
func (p *printer) indices(d int, f func(i int)) {
	for i := range d {
		if p.cut && d > 2*edgeElements && i >= edgeElements && i < d-edgeElements {
			if i == edgeElements {
				f(-1)
			}
			continue
		}
		f(i)
	}
}

// shown lists the places of the elements that are shown.
func (p *printer) shown() []int {
	places := []int{0}
	for _, d := range p.shape {
		var next []int
		for _, at := range places {
			p.indices(d, func(i int) {
				if i >= 0 {
					next = append(next, at*d+i)
				}
			})
		}
		places = next
	}
	return places
}

// array writes the part of the array at place along axis; indent is the
// number of brackets that are open.
func (p *printer) array(axis, place, indent int) {
	p.WriteByte('[')
	d, column := p.shape[axis], indent
	last := axis == len(p.shape)-1
	first := true
	p.indices(d, func(i int) {
		if !last {
			if !first {
				// One empty line more for each further axis, as numpy has it.
				p.WriteString(strings.Repeat("\n", len(p.shape)-1-axis) + strings.Repeat(" ", indent))
			}
			if i < 0 {
				p.WriteString("…")
			} else {
				p.array(axis+1, place*d+i, indent+1)
			}
			first = false
			return
		}
		text := "…"
		if i >= 0 {
			text = p.cells[place*d+i]
		}
		switch {
		case first:
		case column+1+len(text) > lineWidth:
			p.WriteString("\n" + strings.Repeat(" ", indent))
			column = indent
		default:
			p.WriteByte(' ')
			column++
		}
		p.WriteString(text)
		column += len(text)
		first = false
	})
	p.WriteByte(']')
}

// cells writes the elements at places in one width.
func cells(d DType, b backend.Buffer, places []int) map[int]string {
	values := make([]float64, len(places))
	for i, place := range places {
		values[i] = at(d, b, place)
	}
	write := func(v float64) string { return number(d, v) }
	if d.IsFloat() {
		write = floatFormat(values)
	}
	width, texts := 0, make(map[int]string, len(places))
	for i, place := range places {
		texts[place] = write(values[i])
		if d == Int64 { // float64 does not hold every int64
			texts[place] = strconv.FormatInt(backend.View[int64](b)[place], 10)
		}
		width = max(width, len(texts[place]))
	}
	for place, s := range texts {
		texts[place] = strings.Repeat(" ", width-len(s)) + s
	}
	return texts
}

// floatFormat returns how to write values so that all have equally many
// decimals, as few as show them, or an exponent where they are all very small
// or some very large.
func floatFormat(values []float64) func(float64) string {
	top, whole := 0.0, true
	for _, v := range values {
		if !math.IsInf(v, 0) && !math.IsNaN(v) {
			top = max(top, math.Abs(v))
			whole = whole && v == math.Trunc(v)
		}
	}
	style, decimals := byte('f'), 0
	if top >= 1e6 && !whole || top >= 1e15 || top > 0 && top < 1e-3 {
		style = 'e'
	}
	for _, v := range values {
		s := strconv.FormatFloat(v, style, maxDecimals, 64)
		mantissa, _, _ := strings.Cut(s, "e")
		if _, fraction, ok := strings.Cut(mantissa, "."); ok {
			decimals = max(decimals, len(strings.TrimRight(fraction, "0")))
		}
	}
	return func(v float64) string {
		switch s := strconv.FormatFloat(v, style, decimals, 64); s {
		case "NaN":
			return "nan"
		case "+Inf":
			return "inf"
		case "-Inf":
			return "-inf"
		default:
			return s
		}
	}
}
