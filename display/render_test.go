package display

import (
	"errors"
	"fmt"
	"image"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fluxion-go/fluxion/cell"
	"gonum.org/v1/plot"
)

type point struct{ X, Y int }

type named struct{ name string }

func (n named) String() string { return "named " + n.name }

type bundler struct{}

func (bundler) MIMEBundle() map[string][]byte {
	return map[string][]byte{cell.HTML: []byte("<i>b</i>")}
}

type broken struct{}

func (broken) MIMEBundle() map[string][]byte { panic("no luck") }

type symbolic struct{}

func (symbolic) Shape() []int        { return []int{-1, 3} }
func (symbolic) String() string      { return "x: float32 (?, 3)" }
func (symbolic) Float64s() []float64 { panic("x has no values") }

func TestPlainText(t *testing.T) {
	var nobody *named
	for _, c := range []struct {
		v    any
		typ  string
		want string
	}{
		{nil, "error", "<nil>"},
		{nobody, "*main.named", "<nil>"},
		{42, "int", "42"},
		{2.5, "float64", "2.5"},
		{float32(0.1), "float32", "0.1"},
		{math.NaN(), "float64", "NaN"},
		{true, "bool", "true"},
		{'x', "rune", "120"},
		{"foobar", "string", "foobar"},
		{[]int{1, 2, 3}, "[]int", "[1 2 3]"},
		{[]string{"a b", "c"}, "[]string", "[a b c]"},
		{[2][2]int{{1, 2}, {3, 4}}, "[2][2]int", "[[1 2] [3 4]]"},
		{map[string]int{"a": 1}, "map[string]int", "map[a:1]"},
		{map[string]int{"b": 2, "a": 1}, "map[string]int", "map[a:1 b:2]"},
		{point{1, 2}, "main.point", "{X:1 Y:2}"},
		{&point{1, 2}, "*main.point", "&{X:1 Y:2}"},
		{[]point{{1, 2}}, "[]main.point", "X  Y\n─  ─\n1  2"},
		{named{"x"}, "main.named", "named x"},
		{[]named{{"x"}}, "[]main.named", "[named x]"},
		{errors.New("it failed"), "error", "it failed"},
		{1500 * time.Millisecond, "time.Duration", "1.5s"},
		{2 + 3i, "complex128", "(2+3i)"},
		{func(int) string { return "" }, "func(x int) string", "func(x int) string"},
		{make(chan int), "", "chan int"},
		{bundler{}, "main.bundler", "{}"},
		{broken{}, "main.broken", "%!v(main.broken: panic while it was rendered: no luck)"},
		{symbolic{}, "*dl.Tensor", "x: float32 (?, 3)"},
		{image.NewRGBA(image.Rect(0, 0, 4, 5)), "*image.RGBA", "picture, 4×5 pixels"},
		{image.NewRGBA(image.Rectangle{}), "*image.RGBA", "%!v(*image.RGBA: the picture is empty: 0×0 pixels)"},
		{cell.Bundle{Data: map[string][]byte{cell.HTML: []byte("x")}}, "cell.Bundle", "[cell.Bundle]"},
		{cell.Graph{}, "cell.Graph", "an empty graph"},
		{make([]int, 1000), "[]int", fmt.Sprint(make([]int, 1000))},
		{indices(1001), "[]float64", "[0 1 2 3 4 5 6 7 8 9 … 998 999 1000] (1,001 values)"},
		{[][]int{make([]int, 14), make([]int, 1000)}, "[][]int", "[[0 0 0 0 0 0 0 0 0 0 … 0 0 0] [0 0 0 0 0 0 0 0 0 0 … 0 0 0]] (2 rows, 1,014 values)"},
		{strings.Repeat("é", 60_000), "string", strings.Repeat("é", 50_000) + "… (120,000 bytes in all)"},
		{"x" + strings.Repeat("é", 60_000), "string", "x" + strings.Repeat("é", 49_999) + "… (120,001 bytes in all)"},
	} {
		b := Render(c.v, c.typ)
		if got := b.String(); got != c.want {
			t.Errorf("%.60v: got %.200q, want %.200q", c.v, got, c.want)
		}
	}
}

func TestRenderedTypes(t *testing.T) {
	for _, c := range []struct {
		v    any
		want string // beside text/plain
	}{
		{1, ""},
		{bundler{}, cell.HTML},
		{image.NewGray(image.Rect(0, 0, 1, 1)), cell.PNG},
		{plot.New(), cell.SVG},
		{numbers{[]int{2, 2}, []float64{1, 2, 3, 4}}, cell.HTML},
		{numbers{[]int{4}, []float64{1, 2, 3, 4}}, ""},
		{symbolic{}, ""},
		{graphOf(1), cell.SVG},
		{cell.Graph{Nodes: []cell.GraphNode{{Label: "a"}}}, cell.SVG},
	} {
		b := Render(c.v, "")
		want := 2
		if c.want == "" {
			want = 1
		}
		if c.want == cell.SVG { // and for those who do not trust it
			want = 3
		}
		if len(b.Data) != want || c.want != "" && len(b.Data[c.want]) == 0 || b.String() == "" {
			t.Errorf("%T: got %v, want text and %q", c.v, slices.Collect(maps.Keys(b.Data)), c.want)
		}
	}
}

// graphOf is a value with a Graph method and a String of its own.
type graphOf int

func (graphOf) Graph() cell.Graph {
	return cell.Graph{Nodes: []cell.GraphNode{{Label: "a"}, {Label: "b"}}, Edges: []cell.GraphEdge{{From: 0, To: 1}}}
}
func (graphOf) String() string { return "b from a" }

func TestGraphKeepsItsOwnText(t *testing.T) {
	if got := Render(graphOf(1), "").String(); got != "b from a" {
		t.Errorf("got %q", got)
	}
}

func TestRenderDoesNotChangeTheValue(t *testing.T) {
	data := map[string][]byte{cell.HTML: []byte("x")}
	Render(cell.Bundle{Data: data}, "")
	if len(data) != 1 {
		t.Error("the bundle's map was changed")
	}
	p := plot.New()
	Render(p, "")
	if p.BackgroundColor == nil || p.X.Tick.Marker != (plot.DefaultTicks{}) {
		t.Error("the plot was changed")
	}
}

func TestShow(t *testing.T) {
	for _, c := range []struct {
		name string
		f    func()
		mime string
		data string // "": not compared
		text string
	}{
		{"Show", func() { Show(1) }, cell.Plain, "1", "1"},
		{"Text", func() { Text("a <b>") }, cell.Plain, "a <b>", "a <b>"},
		{"HTML", func() { HTML("<b>x</b>") }, cell.HTML, "<b>x</b>", "x"},
		{"HTML", func() { HTML("<style>p{}</style><h1>A &amp; B</h1>\n<p>one<br>two </p><!-- no -->") }, cell.HTML, "", "A & B\none\ntwo"},
		{"Markdown", func() { Markdown("# a") }, cell.Markdown, "# a", "# a"},
		{"LaTeX", func() { LaTeX(`\frac12`) }, cell.LaTeX, `$\displaystyle \frac12$`, `\frac12`},
		{"LaTeX", func() { LaTeX("is $x$") }, cell.LaTeX, "is $x$", "is $x$"},
		{"SVG", func() { SVG("<svg><text>hi</text></svg>") }, cell.SVG, "<svg><text>hi</text></svg>", "hi"},
		{"SVG", func() { SVG("<svg/>") }, cell.SVG, "<svg/>", "picture (SVG)"},
		{"JSON", func() { JSON(map[string]int{"a": 1}) }, cell.JSON, `{"a":1}`, "{\n  \"a\": 1\n}"},
		{"Image", func() { Image(image.NewRGBA(image.Rect(0, 0, 4, 4))) }, cell.PNG, "", "picture, 4×4 pixels"},
	} {
		b := one(t, c.f)
		if c.data != "" && string(b.Data[c.mime]) != c.data || len(b.Data[c.mime]) == 0 {
			t.Errorf("%s: got %q, want %q", c.name, b.Data[c.mime], c.data)
		}
		if b.String() != c.text {
			t.Errorf("%s: text is %q, want %q", c.name, b, c.text)
		}
	}
	if n := len(shown(func() { Show(1, "a", nil) })); n != 3 {
		t.Errorf("Show of 3 values sent %d messages", n)
	}
	if ms := shown(Clear); len(ms) != 1 || ms[0].kind != "clear" {
		t.Errorf("Clear sent %v", ms)
	}
}

func TestLive(t *testing.T) {
	var a, b Live
	ms := shown(func() {
		a.Show(1)
		b.Text("b")
		a.HTML("<i>2</i>")
		Line(nil, []int{1, 2}, In(&b))
	})
	var got []string
	for _, m := range ms {
		got = append(got, m.kind+" "+map[string]string{a.id: "a", b.id: "b"}[m.id]+" "+m.bundle.String())
	}
	want := "display a 1|display b b|update a 2|update b line: 2 points, x 0 … 1, y 1 … 2, last 2"
	if s := strings.Join(got, "|"); s != want {
		t.Errorf("got %s\nwant %s", s, want)
	}
	if ms := shown(func() { a.Show(3) }); ms[0].kind != "update" {
		t.Error("a later cell does not update the place of an earlier one")
	}
	if a.id == b.id {
		t.Error("two places have one id")
	}
}
