package data

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Table is a set of labelled measurements.
type Table struct {
	Features []string    // what was measured: the names of the columns of Rows
	Rows     [][]float64 // the measurements
	Labels   []int       // of each row, an index into Classes
	Classes  []string    // the names of the classes
}

//go:embed iris.csv
var irisCSV string

// Iris returns Fisher's irises: sepal and petal lengths and widths, in
// centimetres, of 50 flowers of each of three species.
//
// Source: R. A. Fisher, "The use of multiple measurements in taxonomic
// problems", Annals of Eugenics 7 (1936), 179–188, table I; in its rows 35
// and 38 of Iris setosa many copies of the table have errors, this one has
// Fisher's numbers.
func Iris() *Table {
	t, err := parseTable(irisCSV)
	if err != nil {
		panic(fmt.Errorf("data: the embedded table of irises is damaged: %w", err))
	}
	return t
}

// parseTable reads comma-separated values with a line of names: numbers, and
// the name of the class in the last column.
func parseTable(text string) (*Table, error) {
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(lines) == 0 || len(lines[0]) < 2 {
		return nil, fmt.Errorf("it has no line of at least two names")
	}
	last := len(lines[0]) - 1
	t := &Table{Features: lines[0][:last]}
	for i, line := range lines[1:] {
		row := make([]float64, last)
		for j := range row {
			if row[j], err = strconv.ParseFloat(line[j], 64); err != nil {
				return nil, fmt.Errorf("line %d, column %s: %w", i+2, t.Features[j], err)
			}
		}
		class := slices.Index(t.Classes, line[last])
		if class < 0 {
			class = len(t.Classes)
			t.Classes = append(t.Classes, line[last])
		}
		t.Rows, t.Labels = append(t.Rows, row), append(t.Labels, class)
	}
	return t, nil
}

// Len returns the number of rows.
func (t *Table) Len() int { return len(t.Rows) }

// String says how many rows there are, of which features, in which classes.
func (t *Table) String() string {
	return fmt.Sprintf("%d rows of %s; classes %s", t.Len(), strings.Join(t.Features, ", "), strings.Join(t.Classes, ", "))
}

// Select returns the rows of these indices, in their order. They share the
// memory of t.
func (t *Table) Select(indices ...int) *Table {
	s := &Table{Features: t.Features, Classes: t.Classes}
	for _, i := range indices {
		if i < 0 || i >= t.Len() {
			panic(fmt.Errorf("data: Select(%d): there are %d rows, counted from 0", i, t.Len()))
		}
		s.Rows, s.Labels = append(s.Rows, t.Rows[i]), append(s.Labels, t.Labels[i])
	}
	return s
}

// Split deals the rows out at random, as follows from seed: the fraction
// testFraction of them, rounded down, to test and the others to train.
func (t *Table) Split(testFraction float64, seed int) (train, test *Table) {
	if !(0 <= testFraction && testFraction <= 1) {
		panic(fmt.Errorf("data: Split(%g, %d): the fraction of rows for the test must be between 0 and 1", testFraction, seed))
	}
	order, n := permutation(t.Len(), seed), int(testFraction*float64(t.Len()))
	return t.Select(order[n:]...), t.Select(order[:n]...)
}
