package display

import (
	"cmp"
	"fmt"
	"html"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/fluxion-go/fluxion/cell"
)

// A table longer than this shows its two ends: in its text, and in HTML, where
// a box of its own scrolls.
const (
	maxRows     = 30
	maxHTMLRows = 200
)

// longCell is how many letters stand in one line of a cell.
const longCell = 48

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
// Long tables show their two ends and say how many rows there are. A click on
// the name of a column sorts the rows that are shown; that needs no kernel.
func Table(rows any, header ...string) {
	send(newTable("Table", rows, header).bundle())
}

func (t table) bundle() cell.Bundle { return pair(cell.HTML, t.html(), t.text()) }

// A table is ready to be written: all cells are text.
type table struct {
	header   []string // "" entries only, where the columns have no names
	rows     [][]string
	numeric  []bool     // columns set flush right
	index    bool       // the first column names the rows
	total    int        // rows there are, of which some may have been left out
	quiet    bool       // the number of rows is said elsewhere
	sorts    bool       // a click on a column's name sorts the rows
	sortKeys [][]string // of each cell, what it is sorted by; "" where its text will do
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
	if rv.Kind() == reflect.Map {
		return mapTable(fn, rv, header)
	}
	if rv.Kind() != reflect.Slice && rv.Kind() != reflect.Array {
		misuse(fn, "rows is %s; give a slice of structs, maps or slices", kindText(rows))
	}
	t := table{total: rv.Len(), sorts: true}
	columns := columnsOf(fn, rv, header)
	t.header = columns.names
	t.numeric = make([]bool, len(columns.names))
	for j := range t.numeric {
		t.numeric[j] = rv.Len() > 0
	}
	for _, i := range ends(rv.Len(), maxHTMLRows) {
		row, keys := make([]string, len(columns.names)), make([]string, len(columns.names))
		for j := range row {
			if i < 0 {
				row[j] = "…"
				continue
			}
			v := columns.get(rv.Index(i), j)
			row[j], keys[j] = cellText(v), sortKey(v)
			t.numeric[j] = t.numeric[j] && isNumber(v)
		}
		t.rows, t.sortKeys = append(t.rows, row), append(t.sortKeys, keys)
	}
	return t
}

// sortKey returns the number behind a cell whose text does not show it, such as
// a duration; "" where the text will do.
func sortKey(v reflect.Value) string {
	if v = concrete(v); !v.IsValid() || !isNumber(v) {
		return ""
	}
	if number := fmt.Sprint(plainNumber(v)); number != cellText(v) {
		return number
	}
	return ""
}

func plainNumber(v reflect.Value) any {
	switch {
	case v.CanInt():
		return v.Int()
	case v.CanUint():
		return v.Uint()
	}
	return v.Float()
}

// mapTable makes a row of each entry of a map.
func mapTable(fn string, rv reflect.Value, header []string) table {
	if len(header) != 0 && len(header) != 2 {
		misuse(fn, "header has %d names; a map makes 2 columns", len(header))
	}
	t := table{total: rv.Len(), header: header, numeric: []bool{false, true}, index: true, sorts: true}
	if len(header) == 0 {
		t.header = []string{"", ""}
	}
	keys := rv.MapKeys()
	slices.SortFunc(keys, compareKeys)
	for _, i := range ends(len(keys), maxHTMLRows) {
		if i < 0 {
			t.rows, t.sortKeys = append(t.rows, []string{"…", "…"}), append(t.sortKeys, []string{"", ""})
			continue
		}
		v := rv.MapIndex(keys[i])
		t.rows = append(t.rows, []string{cellText(keys[i]), cellText(v)})
		t.sortKeys = append(t.sortKeys, []string{sortKey(keys[i]), sortKey(v)})
		t.numeric[1] = t.numeric[1] && isNumber(v)
	}
	return t
}

// compareKeys orders the keys of a map: numbers by size, others by their text.
func compareKeys(a, b reflect.Value) int {
	a, b = concrete(a), concrete(b)
	switch {
	case a.IsValid() && b.IsValid() && a.CanInt() && b.CanInt():
		return cmp.Compare(a.Int(), b.Int())
	case a.IsValid() && b.IsValid() && a.CanFloat() && b.CanFloat():
		return cmp.Compare(a.Float(), b.Float())
	}
	return strings.Compare(cellText(a), cellText(b))
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
		if f := t.Field(i); f.IsExported() && fieldName(t, i) == f.Name {
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
	case time.Duration:
		return rounded(x).String()
	case time.Time:
		return x.Format(timeLayout(x))
	case fmt.Stringer, error:
		return fmt.Sprint(x)
	}
	if v.CanFloat() {
		return number(v.Float())
	}
	return plain(x, "")
}

// rounded returns d with four significant digits.
func rounded(d time.Duration) time.Duration {
	unit := time.Duration(1)
	for abs := d.Abs(); abs/unit >= 10_000; unit *= 10 {
	}
	return d.Round(unit)
}

// timeLayout leaves out what a time does not say: that of a date alone, the
// nanoseconds of a whole second.
func timeLayout(t time.Time) string {
	if t.Equal(t.Truncate(24*time.Hour)) && t.Location() == time.UTC {
		return time.DateOnly
	}
	return "2006-01-02 15:04:05.999999999 -0700"
}

// number writes x with at most six significant digits.
func number(x float64) string { return strconv.FormatFloat(x, 'g', 6, 64) }

func (t table) named() bool {
	return slices.ContainsFunc(t.header, func(s string) bool { return s != "" })
}

func (t table) text() string {
	lines := t.rows
	if len(lines) > maxRows {
		gap := slices.Repeat([]string{"…"}, len(t.header))
		lines = slices.Concat(lines[:maxRows*2/3], [][]string{gap}, lines[len(lines)-maxRows/3:])
	}
	if t.named() {
		lines = append([][]string{t.header}, lines...)
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
	if t.total == 0 {
		return "no rows"
	}
	if t.total > maxRows && !t.quiet {
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

// sortScript sorts the rows below the header that was clicked, and backwards at
// the second click. Numbers come before texts; the gap in a long table comes
// last.
const sortScript = `var h=event.target.closest('thead th');if(h){` +
	`var k=h.cellIndex,d=h.dataset.up==='1'?-1:1,b=this.tBodies[0],` +
	`v=function(r){var c=r.cells[k],s=c.dataset.key||c.textContent,n=Number(s.replace('\u2212','-'));return s===''||isNaN(n)?s:n};` +
	`for(var o of h.parentNode.cells){o.dataset.up='';o.textContent=o.textContent.replace(/ [▲▼]$/,'')}` +
	`h.dataset.up=d===1?'1':'';h.textContent+=d===1?' ▲':' ▼';` +
	`Array.from(b.rows).sort(function(p,q){p=v(p);q=v(q);` +
	`if(p==='…'||q==='…')return(p==='…')-(q==='…');` +
	`return(typeof p===typeof q?(p>q)-(p<q):typeof p==='number'?-1:1)*d` +
	`}).forEach(function(r){b.appendChild(r)})}`

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
	scrolls := len(t.rows) > maxRows+1
	if scrolls {
		b.WriteString(`<div class="fluxion-scroll" style="max-height:440px;overflow:auto">`)
	} else {
		b.WriteString(`<div style="overflow-x:auto">`)
	}
	sorts := t.sorts && t.named() && len(t.rows) > 1
	onclick, pointer := "", ""
	if sorts {
		onclick, pointer = fmt.Sprintf(` onclick="%s"`, html.EscapeString(sortScript)), ";cursor:pointer"
	}
	fmt.Fprintf(&b, `<table class="fluxion-table" cellpadding="6" style="border-collapse:collapse;border:none;font-size:13px;line-height:1.3;text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums"%s>`, onclick)
	if t.named() {
		stays := ""
		if scrolls {
			stays = ` style="position:sticky;top:0;backdrop-filter:blur(8px)"`
		}
		fmt.Fprintf(&b, "<thead%s><tr%s>", stays, rule)
		for j, s := range t.header {
			fmt.Fprintf(&b, `<th style="text-align:%s;font-weight:600%s">%s</th>`, align(j), pointer, html.EscapeString(s))
		}
		b.WriteString("</tr></thead>")
	}
	b.WriteString("<tbody>")
	for i, row := range t.rows {
		fmt.Fprintf(&b, "<tr%s>", thin)
		for j, s := range row {
			s = html.EscapeString(s)
			key := ""
			if sorts && t.sortKeys[i][j] != "" {
				key = fmt.Sprintf(` data-key="%s"`, t.sortKeys[i][j])
			}
			switch {
			case t.index && j == 0:
				fmt.Fprintf(&b, `<th style="text-align:%s;font-weight:500;opacity:.65"%s>%s</th>`, align(j), key, s)
			case t.numeric[j]:
				b.WriteString("<td" + key + ">" + s + "</td>")
			default:
				wrap := ""
				if utf8.RuneCountInString(row[j]) > longCell {
					wrap = ";white-space:normal;min-width:24em"
				}
				b.WriteString(`<td style="text-align:left` + wrap + `"` + key + ">" + s + "</td>")
			}
		}
		b.WriteString("</tr>")
	}
	b.WriteString("</tbody></table></div>")
	if f := t.footer(); f != "" {
		fmt.Fprintf(&b, `<div style="font-size:12px;opacity:.65;padding:4px 6px">%s</div>`, html.EscapeString(f))
	}
	return b.String()
}
