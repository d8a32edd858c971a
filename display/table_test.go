package display

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/fluxion-go/fluxion/cell"
)

type flower struct {
	Kind   string
	Petals int
	Width  float64
	Seen   time.Duration
	hidden int
}

func TestTableText(t *testing.T) {
	rows := []flower{{"rose", 5, 1.0 / 3, time.Second, 0}, {"<b>&", 12, 20, 0, 0}}
	for _, c := range []struct {
		name   string
		rows   any
		header []string
		want   string
	}{
		{"structs", rows, nil, `
Kind  Petals     Width  Seen
────  ──────  ────────  ────
rose       5  0.333333    1s
<b>&      12        20    0s`},
		{"pointers, one nil", []*flower{&rows[0], nil}, []string{"a", "b", "c", "d"}, `
a     b         c   d
────  ─  ────────  ──
rose  5  0.333333  1s
`},
		{"strings", [][]string{{"a", "long cell"}, {"line\nbreak"}}, nil, `
a           long cell
line break`},
		{"numbers", [][]float64{{1, 2.5}, {-10, 1e9}}, []string{"x", "y"}, `
  x      y
───  ─────
  1    2.5
-10  1e+09`},
		{"maps", []map[string]any{{"x": 1, "y": "foo"}, {"x": 2.5}}, nil, `
  x  y
───  ───
  1  foo
2.5`},
		{"maps, chosen keys", []map[string]int{{"x": 1, "y": 2}}, []string{"y"}, `
y
─
2`},
		{"map", map[string]float64{"b": 2, "a": 1.5}, []string{"key", "value"}, `
key  value
───  ─────
a      1.5
b        2`},
		{"any rows", []any{[]any{1, "x"}, []any{nil, true}}, nil, `
1  x
   true`},
		{"none", []flower{}, nil, `
Kind  Petals  Width  Seen
────  ──────  ─────  ────
no rows`},
		{"wide letters", [][]string{{"äöü", "x"}, {"a", "y"}}, nil, `
äöü  x
a    y`},
	} {
		b := one(t, func() { Table(c.rows, c.header...) })
		if got := b.String(); got != strings.TrimSpace(c.want) && got != strings.Trim(c.want, "\n") {
			t.Errorf("%s: got\n%s\nwant%s", c.name, got, c.want)
		}
	}
}

func TestLongTable(t *testing.T) {
	rows := make([][]int, 1000)
	for i := range rows {
		rows[i] = []int{i}
	}
	text := one(t, func() { Table(rows) }).String()
	lines := strings.Split(text, "\n")
	if len(lines) != maxRows+2 || strings.TrimSpace(lines[20]) != "…" || strings.TrimSpace(lines[21]) != "990" || lines[maxRows+1] != "1000 rows" {
		t.Errorf("got %d lines:\n%s", len(lines), text)
	}
}

func TestTensorTable(t *testing.T) {
	b := Render(numbers{[]int{2, 3}, []float64{1, 2, 3, -4, 5.25, 6}}, "")
	rows := tableCells(t, tableOf(b))
	want := [][]string{{"", "0", "1", "2"}, {"0", "1", "2", "3"}, {"1", "−4", "5.25", "6"}}
	if len(rows) != len(want) {
		t.Fatalf("got %v", rows)
	}
	for i := range want {
		if strings.Join(rows[i], "|") != strings.Join(want[i], "|") {
			t.Errorf("row %d: got %v, want %v", i, rows[i], want[i])
		}
	}
	wide := tableCells(t, tableOf(Render(numbers{[]int{1, 100}, indices(100)}, "")))
	if n := len(wide[0]); n != matrixCols+1 || wide[1][6] != "…" || wide[1][n-1] != "99" {
		t.Errorf("a wide tensor is shown as %v", wide)
	}
}

// tableOf returns the first table of what is shown.
func tableOf(b cell.Bundle) string {
	_, html, _ := strings.Cut(string(b.Data[cell.HTML]), "<table")
	html, _, _ = strings.Cut(html, "</table>")
	return "<table" + html + "</table>"
}

// tableCells parses the HTML of a table strictly.
func tableCells(t *testing.T, html string) [][]string {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader("<div>" + html + "</div>"))
	d.Entity = xml.HTMLEntity
	var rows [][]string
	depth := 0
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return rows
		}
		if err != nil {
			t.Fatalf("%v in %q", err, html)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			switch tok.Name.Local {
			case "tr":
				rows = append(rows, nil)
			case "td", "th":
				rows[len(rows)-1] = append(rows[len(rows)-1], "")
				depth++
			case "table", "thead", "tbody", "div":
			default:
				t.Fatalf("there is a <%s> in %q", tok.Name.Local, html)
			}
		case xml.EndElement:
			if n := tok.Name.Local; n == "td" || n == "th" {
				depth--
			}
		case xml.CharData:
			if depth > 0 {
				row := rows[len(rows)-1]
				row[len(row)-1] += string(tok)
			}
		}
	}
}

func FuzzTableEscapes(f *testing.F) {
	for _, s := range []string{"plain", "<script>alert(1)</script>", `"><img src=x onerror=y>`, "a & b", "'", "]]>", "&lt;"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, head, data string) {
		head, data = xmlText(head), xmlText(data) // what XML cannot hold, its parser refuses
		html := newTable("Table", [][]string{{data, "x"}}, []string{head, "y"}).html()
		rows := tableCells(t, html)
		if len(rows) != 2 || rows[0][0] != head || rows[1][0] != data || rows[1][1] != "x" {
			t.Errorf("%q, %q came back as %q", head, data, rows)
		}
	})
}

func FuzzTitleEscapes(f *testing.F) {
	f.Add("<b>", "&")
	f.Add("\x00\xff", "]]>\u2028\n")
	f.Fuzz(func(t *testing.T, title, label string) {
		b := one(t, func() { Line(nil, []int{1, 2}, Title(title), Labels(label)) })
		for i, e := range elements(t, string(b.Data[cell.SVG])) {
			switch e.name {
			case "svg", "g", "path", "text":
			case "style":
				if i != 1 { // ours stands in front
					t.Fatal("there is a second <style>")
				}
			default:
				t.Fatalf("there is a <%s>", e.name)
			}
		}
	})
}

// What stands in a cell is as short as can be read; sorting knows the rest.
func TestTableCells(t *testing.T) {
	type row struct {
		Took time.Duration
		At   time.Time
		Note string
	}
	b := Render([]row{
		{1031509, time.Date(2024, 1, 2, 0, 0, 0, 0, time.UTC), "short"},
		{95345678901, time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC), strings.Repeat("long ", 20)},
	}, "[]row")
	for _, want := range []string{"1.032ms", "1m35.35s", "2024-01-02\n", "2024-01-02 03:04:05 +0000"} {
		if !strings.Contains(strings.Join(strings.Fields(b.String()), " "), strings.TrimSpace(want)) {
			t.Errorf("%q is missing in\n%s", want, b)
		}
	}
	text := string(b.Data[cell.HTML])
	for _, want := range []string{`data-key="1031509"`, `white-space:nowrap`, `white-space:normal;min-width:24em">long`, `text-align:left">short`, "overflow-x:auto"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in %s", want, text)
		}
	}
}
