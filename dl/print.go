package dl

import (
	"math"
	"strconv"
	"strings"

	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// How tensors are printed: numpy's own settings.
const (
	maxDecimals  = 8
	maxPrinted   = 1000 // larger tensors are shown by their edges
	edgeElements = 3    // at each end of an axis
	lineWidth    = 75
)

// String returns the elements in brackets as numpy prints them, with shape and
// dtype behind them, or the number alone where there are no axes. Large tensors
// are shown by their edges. Bools are true and false. A symbolic tensor is named
// by how it is made.
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
	case t.n.Size() == 0:
		return "[]  " + kind
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

// array writes the part of the array at place along axis; indent is the number
// of brackets that are open.
func (p *printer) array(axis, place, indent int) {
	p.WriteByte('[')
	d := p.shape[axis]
	if axis == len(p.shape)-1 {
		p.row(place*d, d, indent)
	} else {
		first := true
		p.indices(d, func(i int) {
			if !first {
				// One empty line more for each further axis.
				p.WriteString(strings.Repeat("\n", len(p.shape)-1-axis) + strings.Repeat(" ", indent))
			}
			if i < 0 {
				p.WriteString("...")
			} else {
				p.array(axis+1, place*d+i, indent+1)
			}
			first = false
		})
	}
	p.WriteByte(']')
}

// row writes d elements from place on, in lines that leave room for the
// brackets that must follow.
func (p *printer) row(place, d, indent int) {
	margin := strings.Repeat(" ", indent)
	width := lineWidth - indent
	line, lines := margin, ""
	p.indices(d, func(i int) {
		word := "..."
		if i >= 0 {
			word = p.cells[place+i]
		}
		if len(line)+len(word) > width && len(line) > len(margin) {
			lines += strings.TrimRight(line, " ") + "\n"
			line = margin
		}
		line += word + " "
	})
	p.WriteString((lines + strings.TrimSuffix(line, " "))[indent:])
}

// cells writes the elements at places in one width.
func cells(d DType, b backend.Buffer, places []int) map[int]string {
	values := make([]float64, len(places))
	for i, place := range places {
		values[i] = at(d, b, place)
	}
	texts := make(map[int]string, len(places))
	if d.IsFloat() {
		write := floatFormat(d, values)
		for i, place := range places {
			texts[place] = write(values[i])
		}
		return texts
	}
	width := 0
	if d == Bool {
		width = len("false")
	}
	for i, place := range places {
		texts[place] = number(d, values[i])
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

// floatFormat returns how to write values so that their points are in one
// column: with as many decimals as tell each number from its neighbours, eight
// at most; with an exponent where some are very large, very small, or more than
// a thousand times as large as others.
func floatFormat(d DType, values []float64) func(float64) string {
	bits, cutoff := 64, 1e8
	if d == Float32 {
		bits, cutoff = 32, 1e6
	}
	top, least := 0.0, math.Inf(1)
	for _, v := range values {
		if a := math.Abs(v); a > 0 && !math.IsInf(a, 0) {
			top, least = max(top, a), min(least, a)
		}
	}
	ratio := top / least
	if bits == 32 {
		ratio = float64(float32(top) / float32(least))
	}
	style := byte('f')
	if top > 0 && (top >= cutoff || least < 1e-4 || ratio > 1000) {
		style = 'e'
	}
	left, decimals, exponent := 0, 0, 0
	odd := 0 // the width of what is no finite number
	for _, v := range values {
		if s := special(v); s != "" {
			odd = max(odd, len(s))
			continue
		}
		whole, fraction, power := parts(v, style, bits)
		left, decimals, exponent = max(left, len(whole)), max(decimals, len(fraction)), max(exponent, len(power))
	}
	right := decimals + exponent
	left = max(left, odd-right-1)
	return func(v float64) string {
		if s := special(v); s != "" {
			return strings.Repeat(" ", left+1+right-len(s)) + s
		}
		whole, fraction, power := parts(v, style, bits)
		if style == 'e' { // all with equally many digits, and these are v's own
			whole, fraction, power = cut(strconv.FormatFloat(v, 'e', decimals, 64))
			power = power[:2] + strings.Repeat("0", exponent-len(power)) + power[2:]
		}
		return strings.Repeat(" ", left-len(whole)) + whole + "." + fraction + strings.Repeat(" ", decimals-len(fraction)) + power
	}
}

// special returns the word for what is no finite number, else "".
func special(v float64) string {
	switch {
	case math.IsNaN(v):
		return "nan"
	case math.IsInf(v, 1):
		return "inf"
	case math.IsInf(v, -1):
		return "-inf"
	}
	return ""
}

// parts returns what is before the point, the decimals that tell v from its
// neighbours, and the exponent.
func parts(v float64, style byte, bits int) (whole, fraction, power string) {
	whole, fraction, power = cut(strconv.FormatFloat(v, style, -1, bits))
	if len(fraction) > maxDecimals {
		whole, fraction, power = cut(strconv.FormatFloat(v, style, maxDecimals, 64))
	}
	return whole, strings.TrimRight(fraction, "0"), power
}

// cut cuts a written number at its point and its exponent.
func cut(s string) (whole, fraction, power string) {
	if i := strings.IndexByte(s, 'e'); i >= 0 {
		s, power = s[:i], s[i:]
	}
	whole, fraction, _ = strings.Cut(s, ".")
	return whole, fraction, power
}
