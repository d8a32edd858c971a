package display

import (
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"image"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/fluxion-go/fluxion/cell"
)

type inHTML struct{}

func (inHTML) HTML() string { return "<b>bold</b> move" }

type inSVG struct{}

func (inSVG) SVG() string { return "<svg/>" }

type inMarkdown struct{}

func (inMarkdown) Markdown() string { return "*m*" }
func (inMarkdown) String() string   { return "m" }

type inLaTeX struct{}

func (inLaTeX) LaTeX() string { return `$\pi$` }

type pets struct{}

func (pets) Len() int              { return 30 }
func (pets) Image(int) image.Image { return image.NewGray(image.Rect(0, 0, 8, 8)) }
func (pets) Class(i int) string    { return []string{"cat", "<dog>"}[i%2] }
func (pets) String() string        { return "30 pets" }

type run1 struct {
	Name   string
	Took   time.Duration
	layers []layer1
	Next   *run1
	Rates  map[string]float64
}

type layer1 struct{ in, out int }

// TestValues holds the richest representation and the twin of each kind of
// value.
func TestValues(t *testing.T) {
	loop := &run1{Name: "a"}
	loop.Next = loop
	long := &run1{Name: "long", Took: time.Second, layers: []layer1{{784, 100}, {100, 10}}, Rates: map[string]float64{"b": .5, "a": .1}, Next: &run1{}}
	for _, c := range []struct {
		name string
		v    any
		mime string
		has  []string // in the richest representation
		text string
	}{
		{"html", inHTML{}, cell.HTML, []string{"<b>bold</b> move"}, "bold move"},
		{"svg", inSVG{}, cell.SVG, []string{"<svg/>"}, "picture"},
		{"markdown", inMarkdown{}, cell.Markdown, []string{"*m*"}, "m"},
		{"latex", inLaTeX{}, cell.LaTeX, []string{`$\pi$`}, `$\pi$`},
		{"template", template.HTML("<i>x</i>"), cell.HTML, []string{"<i>x</i>"}, "x"},
		{"json", json.RawMessage(`{"a":1}`), cell.JSON, []string{`{"a":1}`}, `{"a":1}`},
		{"album", pets{}, cell.HTML, []string{"&lt;dog&gt;", "30 pets"}, "30 pets"},
		{"error", fmt.Errorf("a <b>: %w", errors.New("why")), cell.HTML, []string{"*fmt.wrapError", "a &lt;b&gt;: why", "*errors.errorString"}, "a <b>: why"},
		{"errors", errors.Join(errors.New("one"), errors.New("two")), cell.HTML, []string{"</span> one<", "</span> two<"}, "one\ntwo"},
		{"duration", 90 * time.Second, "", nil, "1m30s"},
		{"struct", layer1{1, 2}, cell.HTML, []string{"<details open>", ">in<", ">int<"}, "{in:1 out:2}"},
		{"loop", loop, cell.HTML, []string{"a value above"}, `&{Name:"a" Took:0s layers:[] Next:↑ (a value above) Rates:map[]}`},
		{"long struct", long, cell.HTML, []string{">layers<", "layer1"}, `*display.run1
  Name: "long"
  Took: 1s
  layers: [{in:784 out:100} {in:100 out:10}]
  Next: &{Name:"" Took:0s layers:[] Next:<nil> Rates:map[]}
  Rates: map[a:0.1 b:0.5]`},
		{"anonymous", struct{ Xa, Bc int }{1, 2}, cell.HTML, []string{">a<", ">Bc<"}, "{a:1 Bc:2}"},
		{"structs", []flower{{"rose", 5, .5, time.Second, 0}, {"tulip", 6, 1, 2 * time.Minute, 0}}, cell.HTML,
			[]string{"<table", `data-key="120000000000"`, "onclick="}, "Kind   Petals  Width  Seen\n─────  ──────  ─────  ────\nrose        5    0.5    1s\ntulip       6      1  2m0s"},
		{"maps", []map[string]int{{"a": 1}, {"b": 2}}, cell.HTML, []string{"<table"}, "a  b\n─  ─\n1\n   2"},
		{"map", map[int]string{10: "ten", 9: "nine"}, cell.HTML, []string{"<th style=\"text-align:left;font-weight:500;opacity:.65\">9</th>"}, "map[9:nine 10:ten]"},
		{"rows", [][]float64{{1, 2}, {3, -4}}, cell.HTML, []string{"<td>−4</td>"}, "[[1 2] [3 -4]]"},
		{"ragged", [][]float64{{1, 2}, {3}}, "", nil, "[[1 2] [3]]"},
		{"matrix", numbers{[]int{8, 8}, indices(64)}, cell.HTML, []string{"heat map of the 8×8 values", "min</span>&nbsp;0", "mean</span>&nbsp;31.5", "max</span>&nbsp;63", "std</span>&nbsp;18.47", "histogram"}, "numbers"},
		{"not finite", numbers{[]int{3, 3}, []float64{0, 0, 0, 1, 2, 3, math.NaN(), math.Inf(1), 4}}, cell.HTML, []string{"2 not finite", "zero</span>&nbsp;33&thinsp;%"}, "numbers"},
		{"batch", numbers{[]int{20, 1, 8, 8}, indices(20 * 64)}, cell.HTML, []string{"the first 16 of 20 pictures", `alt="picture 15"`}, "numbers"},
		{"weights", numbers{[]int{4, 1, 5, 5}, indices(100)}, cell.HTML, []string{"<pre"}, "numbers"},
		{"vector", numbers{[]int{3}, indices(3)}, "", nil, "numbers"},
	} {
		b := Render(c.v, "")
		if got := b.String(); got != c.text {
			t.Errorf("%s: the text is\n%s\nwant\n%s", c.name, got, c.text)
		}
		if c.mime == "" && len(b.Data) != 1 {
			t.Errorf("%s: more than text: %v", c.name, b.Data)
		}
		for _, s := range c.has {
			if !strings.Contains(string(b.Data[c.mime]), s) {
				t.Errorf("%s: %s is missing in %s", c.name, s, b.Data[c.mime])
			}
		}
	}
}

// A tensor of which nothing may be copied.
type shared struct{ numbers }

func (shared) SharedFloat32s() []float32 { return make([]float32, 9) }
func (shared) Float64s() []float64       { panic("a copy was made") }
func (shared) DType() fmt.Stringer       { return inMarkdown{} }

func TestTensorIsNotCopied(t *testing.T) {
	b := Render(shared{numbers{shape: []int{3, 3}}}, "")
	if !strings.Contains(string(b.Data[cell.HTML]), "<b>m</b> 3&thinsp;×&thinsp;3") {
		t.Errorf("got %s", b.Data[cell.HTML])
	}
}
