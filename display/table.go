package display

import (
	"fmt"
	"html"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/fluxion-go/fluxion/cell"
)

// A table longer than this, or a tensor wider, shows its two ends.
const (
	maxRows = 30
	maxCols = 16
)

// Table shows rows as a table, in HTML and as aligned text. Rows is
//
//   - a slice of structs, or of pointers to structs: a column for each exported
//     field. Header, where given, replaces the fields' names;
//   - a slice of maps with string keys: a column for each key in order, or for
//     the keys that header names;
//   - a slice of slices, such as [][]string or [][]float64: header names the
//     columns;
//   - a map with string keys: one row for each entry.
//
// Long tables show their two ends and say how many rows there are.
func Table(rows any, header ...string) {
	t := newTable("Table", rows, header)
	send(pair(cell.HTML, t.html(), t.text()))
}

// A table is ready to be written: all cells are text.
type table struct {
	header  []string // "" entries only, where the columns have no names
	rows    [][]string
	numeric []bool // columns set flush right
	index   bool   // the first column names the rows
	total   int    // rows there are, of which some may have been left out
	note    string // said below instead of the number of rows
}

// ends returns 0, …, n-1, or where that is more than most, the front and the
// end of it with a -1 for the gap.
func ends(n, most int) []int {
	var is []int
	for i := range n {
		if n > most && i >= most*2/3 && i < n-most/3 {
			if i == most*2/3 {
				is = append(is, -1)
			}
			continue
		}
		is = append(is, i)
	}
	return is
}

func newTable(fn string, rows any, header []string) table {
	rv := reflect.ValueOf(rows)
	if !rv.IsValid() {
		misuse(fn, "rows is nil; give a slice of structs, maps or slices")
	}
	if rv.Kind() == reflect.Map && rv.Type().Key().Kind() == reflect.String {
		return mapTable(fn, rv, header)
	}
	if rv.Kind() != reflect.Slice && rv.Kind() != reflect.Array {
		misuse(fn, "rows is %s; give a slice of structs, maps or slices", kindText(rows))
	}
	t := table{total: rv.Len()}
	columns := columnsOf(fn, rv, header)
	t.header = columns.names
	t.numeric = make([]bool, len(columns.names))
	for j := range t.numeric {
		t.numeric[j] = rv.Len() > 0
	}
	for _, i := range ends(rv.Len(), maxRows) {
		row := make([]string, len(columns.names))
		for j := range row {
			if i < 0 {
				row[j] = "…"
				continue
			}
			v := columns.get(rv.Index(i), j)
			row[j] = cellText(v)
			t.numeric[j] = t.numeric[j] && isNumber(v)
		}
		t.rows = append(t.rows, row)
	}
	return t
}

// mapTable makes a row of each entry of a map.
func mapTable(fn string, rv reflect.Value, header []string) table {
	if len(header) != 0 && len(header) != 2 {
		misuse(fn, "header has %d names; a map makes 2 columns", len(header))
	}
	t := table{total: rv.Len(), header: header, numeric: []bool{false, true}, index: true}
	if len(header) == 0 {
		t.header = []string{"", ""}
	}
	keys := rv.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, i := range ends(len(keys), maxRows) {
		if i < 0 {
			t.rows = append(t.rows, []string{"…", "…"})
			continue
		}
		v := rv.MapIndex(keys[i])
		t.rows = append(t.rows, []string{keys[i].String(), cellText(v)})
		t.numeric[1] = t.numeric[1] && isNumber(v)
	}
	return t
}

// columns knows the names of a table's columns, and how a row keeps them.
type columns struct {
	names []string
	get   func(row reflect.Value, column int) reflect.Value // invalid where the row has no such cell
}

func columnsOf(fn string, rows reflect.Value, header []string) columns {
	elem := rows.Type().Elem()
	if elem.Kind() == reflect.Interface && rows.Len() > 0 && !rows.Index(0).IsNil() {
		elem = rows.Index(0).Elem().Type()
	}
	if elem.Kind() == reflect.Pointer {
		elem = elem.Elem()
	}
	switch {
	case elem.Kind() == reflect.Struct:
		return structColumns(fn, elem, header)
	case elem.Kind() == reflect.Map && elem.Key().Kind() == reflect.String:
		return mapColumns(rows, header)
	case elem.Kind() == reflect.Slice || elem.Kind() == reflect.Array:
		return sliceColumns(fn, rows, header)
	}
	misuse(fn, "the rows are of type %v; give a slice of structs, maps with string keys, or slices", elem)
	return columns{}
}

func structColumns(fn string, t reflect.Type, header []string) columns {
	var names []string
	var fields []int
	for i := range t.NumField() {
		if f := t.Field(i); f.IsExported() {
			names = append(names, f.Name)
			fields = append(fields, i)
		}
	}
	if len(names) == 0 {
		misuse(fn, "%v has no exported field to show", t)
	}
	if len(header) != 0 {
		if len(header) != len(names) {
			misuse(fn, "header has %d names, but %v has %d exported fields", len(header), t, len(names))
		}
		names = header
	}
	return columns{names, func(row reflect.Value, j int) reflect.Value {
		if row = reflect.Indirect(concrete(row)); !row.IsValid() || row.Type() != t {
			return reflect.Value{}
		}
		return row.Field(fields[j])
	}}
}

func mapColumns(rows reflect.Value, header []string) columns {
	names := header
	if len(names) == 0 {
		keys := map[string]bool{}
		for i := range rows.Len() {
			if row := concrete(rows.Index(i)); row.Kind() == reflect.Map {
				for _, k := range row.MapKeys() {
					keys[k.String()] = true
				}
			}
		}
		names = slices.Sorted(maps.Keys(keys))
	}
	return columns{names, func(row reflect.Value, j int) reflect.Value {
		if row = concrete(row); row.Kind() != reflect.Map {
			return reflect.Value{}
		}
		return row.MapIndex(reflect.ValueOf(names[j]).Convert(row.Type().Key()))
	}}
}

func sliceColumns(fn string, rows reflect.Value, header []string) columns {
	width := 0
	for i := range rows.Len() {
		if row := concrete(rows.Index(i)); row.Kind() == reflect.Slice || row.Kind() == reflect.Array {
			width = max(width, row.Len())
		}
	}
	names := make([]string, width)
	if len(header) != 0 {
		if len(header) < width {
			misuse(fn, "header has %d names, but the longest row has %d cells", len(header), width)
		}
		names = header
	}
	return columns{names, func(row reflect.Value, j int) reflect.Value {
		row = concrete(row)
		if row.Kind() != reflect.Slice && row.Kind() != reflect.Array || j >= row.Len() {
			return reflect.Value{}
		}
		return row.Index(j)
	}}
}

// concrete looks through an interface.
func concrete(v reflect.Value) reflect.Value {
	if v.Kind() == reflect.Interface {
		return v.Elem()
	}
	return v
}

func isNumber(v reflect.Value) bool {
	v = concrete(v)
	if !v.IsValid() {
		return true // a gap decides nothing
	}
	return v.CanInt() || v.CanUint() || v.CanFloat()
}

func cellText(v reflect.Value) string {
	v = concrete(v)
	if !v.IsValid() {
		return ""
	}
	x := v.Interface()
	switch x := x.(type) {
	case fmt.Stringer, error:
		return fmt.Sprint(x)
	}
	if v.CanFloat() {
		return number(v.Float())
	}
	return plain(x, "")
}

// number writes x with at most six significant digits.
func number(x float64) string { return strconv.FormatFloat(x, 'g', 6, 64) }

func (t table) named() bool {
	return slices.ContainsFunc(t.header, func(s string) bool { return s != "" })
}

func (t table) text() string {
	lines := t.rows
	if t.named() {
		lines = append([][]string{t.header}, t.rows...)
	}
	widths := make([]int, len(t.header))
	for _, line := range lines {
		for j, s := range line {
			widths[j] = max(widths[j], utf8.RuneCountInString(oneLine(s)))
		}
	}
	var b strings.Builder
	for i, line := range lines {
		var text strings.Builder
		for j, s := range line {
			if j > 0 {
				text.WriteString("  ")
			}
			s = oneLine(s)
			pad := strings.Repeat(" ", widths[j]-utf8.RuneCountInString(s))
			if t.numeric[j] {
				text.WriteString(pad + s)
			} else {
				text.WriteString(s + pad)
			}
		}
		b.WriteString(strings.TrimRight(text.String(), " ") + "\n")
		if i == 0 && t.named() {
			for j, w := range widths {
				if j > 0 {
					b.WriteString("  ")
				}
				b.WriteString(strings.Repeat("─", w))
			}
			b.WriteByte('\n')
		}
	}
	b.WriteString(t.footer())
	return strings.TrimRight(b.String(), "\n")
}

// footer is said below a table that does not show all, or that has a note.
func (t table) footer() string {
	if t.note != "" {
		return t.note
	}
	if t.total == 0 {
		return "no rows"
	}
	if len(t.rows) < t.total {
		return fmt.Sprintf("%d rows", t.total)
	}
	return ""
}

// oneLine keeps a cell of a text table on its line.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
}

// html writes the table with styles of its own, since pages other than
// JupyterLab's have none for tables. Colours are the page's. What cells can
// inherit stands on the table and its rows, which keeps large tables small.
func (t table) html() string {
	const (
		rule = ` style="border:none;border-bottom:1px solid rgba(128,128,128,.45)"`
		thin = ` style="border:none;border-bottom:1px solid rgba(128,128,128,.18)"`
	)
	align := func(j int) string {
		if t.numeric[j] {
			return "right"
		}
		return "left"
	}
	var b strings.Builder
	b.WriteString(`<table class="fluxion-table" cellpadding="6" style="border-collapse:collapse;border:none;font-size:13px;line-height:1.3;text-align:right;font-variant-numeric:tabular-nums">`)
	if t.named() {
		fmt.Fprintf(&b, "<thead><tr%s>", rule)
		for j, s := range t.header {
			fmt.Fprintf(&b, `<th style="text-align:%s;font-weight:600">%s</th>`, align(j), html.EscapeString(s))
		}
		b.WriteString("</tr></thead>")
	}
	b.WriteString("<tbody>")
	for _, row := range t.rows {
		fmt.Fprintf(&b, "<tr%s>", thin)
		for j, s := range row {
			s = html.EscapeString(s)
			switch {
			case t.index && j == 0:
				fmt.Fprintf(&b, `<th style="text-align:%s;font-weight:500;opacity:.65">%s</th>`, align(j), s)
			case t.numeric[j]:
				b.WriteString("<td>" + s + "</td>")
			default:
				b.WriteString(`<td style="text-align:left">` + s + "</td>")
			}
		}
		b.WriteString("</tr>")
	}
	b.WriteString("</tbody></table>")
	if f := t.footer(); f != "" {
		fmt.Fprintf(&b, `<div style="font-size:12px;opacity:.65;padding:4px 6px">%s</div>`, html.EscapeString(f))
	}
	return b.String()
}
