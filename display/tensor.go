package display

import (
	"fmt"

	"github.com/fluxion-go/fluxion/cell"
)

// A tensor has a shape, outermost axis first, and a text that shows it.
type tensor interface {
	Shape() []int
	String() string
}

// A reader hands out its numbers in row-major order. It may panic where it has
// none, as a symbolic tensor does.
type reader interface{ Float64s() []float64 }

// tensorBundle shows a matrix as a table, anything else by its String alone.
func tensorBundle(t tensor) cell.Bundle {
	text := t.String()
	shape := t.Shape()
	values, ok := valuesOf(t)
	if !ok || len(shape) != 2 || shape[0]*shape[1] != len(values) || len(values) == 0 {
		return cell.Text(text)
	}
	m := matrixTable(values, shape[0], shape[1])
	m.note = fmt.Sprintf("%d×%d tensor", shape[0], shape[1])
	return pair(cell.HTML, m.html(), text)
}

// valuesOf reads the numbers of a tensor that has some.
func valuesOf(v any) (values []float64, ok bool) {
	r, ok := v.(reader)
	if !ok {
		return nil, false
	}
	defer func() {
		if recover() != nil {
			values, ok = nil, false
		}
	}()
	return r.Float64s(), true
}

// matrixTable makes a table whose header and first column are indices.
func matrixTable(values []float64, rows, cols int) table {
	t := table{total: rows, header: []string{""}, numeric: []bool{true}, index: true}
	shownCols := ends(cols, maxCols)
	for _, j := range shownCols {
		t.header = append(t.header, indexText(j))
		t.numeric = append(t.numeric, true)
	}
	for _, i := range ends(rows, maxRows) {
		row := []string{indexText(i)}
		for _, j := range shownCols {
			if i < 0 || j < 0 {
				row = append(row, "…")
				continue
			}
			row = append(row, number(values[i*cols+j]))
		}
		t.rows = append(t.rows, row)
	}
	return t
}

func indexText(i int) string {
	if i < 0 {
		return "…"
	}
	return fmt.Sprint(i)
}
