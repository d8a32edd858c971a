package display

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/fluxion-go/fluxion/cell"
	"gonum.org/v1/plot/vg"
)

func lengthOf(x float64) vg.Length { return vg.Length(x) }

var fontSize = regexp.MustCompile(`font-size:([0-9.]+)px`)

func sizeOf(t *testing.T, style string) float64 {
	m := fontSize.FindStringSubmatch(style)
	if m == nil {
		t.Fatalf("no font size in %q", style)
	}
	size, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	return size
}

func TestWrapped(t *testing.T) {
	style := textStyle(10, nil)
	for _, tt := range []struct {
		text  string
		width float64 // in letters "a"
		lines int
		want  string
	}{
		{"short", 20, 2, "short"},
		{"aaa aaa aaa", 7.8, 2, "aaa aaa|aaa"},
		{"aaa aaa aaa aaa aaa", 7.8, 2, "aaa aaa|aaa aa…"},
		{"aaaaaaaaaaaa", 6, 2, "aaaa…"},
		{"", 6, 2, ""},
	} {
		got := strings.Join(wrapped(style, tt.text, style.Width(strings.Repeat("a", 100))/100*lengthOf(tt.width), tt.lines), "|")
		if got != tt.want {
			t.Errorf("%q in %g: got %q, want %q", tt.text, tt.width, got, tt.want)
		}
	}
}

// No text leaves its figure, however long it is, and the data keep their room.
func TestLongTextsStayInside(t *testing.T) {
	long := strings.Repeat("a very long label ", 12)
	many := make([]string, 300)
	square := make([][]int, len(many))
	for i := range many {
		many[i], square[i] = fmt.Sprint("class ", i), make([]int, len(many))
	}
	for _, tt := range []struct {
		name string
		f    func()
		most int // texts
	}{
		{"line", func() { Line(nil, []int{1, 2, 3}, Title(long), XLabel(long), YLabel(long), Labels(long)) }, 20},
		{"bar", func() { Bar([]string{long, "b", "c"}, []int{1, 2, 3}, Title(long)) }, 20},
		{"confusion", func() { ConfusionMatrix([][]int{{1, 2}, {3, 4}}, []string{long, "b"}, Title(long)) }, 20},
		{"classes", func() { ConfusionMatrix(square, many) }, 100},
		{"legend", func() { Scatter(indices(300), indices(300), Classes(indices(300))) }, 80},
		{"hists", func() { Hists(map[string][]float64{long: {1, 2}}) }, 20},
		{"curves", func() { Curves(map[string][]float64{"loss": {1, 2}, "accuracy": {1, 2}}, Title(long)) }, 40},
	} {
		b := one(t, tt.f)
		texts := 0
		var width, height float64
		for _, e := range elements(t, string(b.Data[cell.SVG])) {
			switch e.name {
			case "svg":
				if _, err := fmt.Sscanf(e.attrs["viewBox"], "0 0 %g %g", &width, &height); err != nil {
					t.Fatal(err)
				}
				if width > 700 || height > 700 {
					t.Errorf("%s: the figure is %g by %g points", tt.name, width, height)
				}
			case "text":
				texts++
				x, err := strconv.ParseFloat(e.attrs["x"], 64)
				if err != nil {
					t.Fatal(err)
				}
				if strings.Contains(e.attrs["transform"], "rotate") {
					continue
				}
				size := sizeOf(t, e.attrs["style"])
				if w := float64(textStyle(lengthOf(size), nil).Width(e.text)); x < 0 || x+w > width+1 {
					t.Errorf("%s: %q goes from %g to %g of %g", tt.name, e.text, x, x+w, width)
				}
			}
		}
		if texts == 0 || texts > tt.most {
			t.Errorf("%s: %d texts, want 1 to %d", tt.name, texts, tt.most)
		}
	}
}

func TestCutLines(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"1\n2\n3", "1\n2\n3"},
		{"1\n2\n3\n4\n5\n6\n7", "1\n2\n… 4 lines …\n7"},
	} {
		if got := cutLines(tt.text, 3); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}
