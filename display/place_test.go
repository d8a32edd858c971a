package display

import (
	"image/color"
	"strings"
	"testing"

	"github.com/fluxion-go/fluxion/cell"
)

func TestBoard(t *testing.T) {
	b := NewBoard(2)
	for _, name := range []string{"one", "two", "three"} {
		if ms := shown(func() { Line(nil, wave(9), Title(name), Size(6, 4), In(b)) }); len(ms) != 0 {
			t.Fatalf("a plot drawn into a board was shown at once: %v", ms)
		}
	}
	golden(t, "board.txt", outline(t, Render(b, "")))
	if got := Render(NewBoard(1), "").String(); got != "an empty board; draw into it with display.In" {
		t.Errorf("an empty board says %q", got)
	}
}

func TestThemes(t *testing.T) {
	draw := func(name string) string {
		Theme(name)
		defer Theme("light")
		return string(one(t, func() { Line(nil, wave(9), Title("w")) }).Data[cell.SVG]) +
			string(one(t, func() { Graph(paperGraph()) }).Data[cell.SVG])
	}
	for _, c := range []struct {
		theme    string
		adapts   bool
		has, not string
	}{
		{"light", false, hex(inkColor), `class="fluxion-figure fluxion-adapts"`},
		{"auto", true, `class="fluxion-figure fluxion-adapts"`, "<style></style>"},
		{"dark", false, hex(darkColors[inkColor]), hex(inkColor)},
	} {
		svg := draw(c.theme)
		if !strings.Contains(svg, c.has) || strings.Contains(svg, c.not) {
			t.Errorf("%s: want %s and no %s in %s", c.theme, c.has, c.not, svg)
		}
	}
}

func TestRegionsAskOnce(t *testing.T) {
	asked := 0
	b := one(t, func() {
		Scatter([]int{0, 1}, []int{0, 1}, Regions(func(points [][]float64) any {
			asked++
			classes := make([]int, len(points))
			for i, p := range points {
				if p[0] > p[1] {
					classes[i] = 1
				}
			}
			return classes
		}))
	})
	if asked != 1 {
		t.Errorf("the classifier was asked %d times", asked)
	}
	for _, e := range elements(t, string(b.Data[cell.SVG])) {
		if e.name == "image" {
			img := dataPicture(t, e.attrs["href"])
			top, bottom := img.At(1, 1), img.At(regionSide-2, regionSide-2) // x < y above the diagonal
			if !near(top, premultiplied(seriesColor(0), .2), 3) || !near(bottom, premultiplied(seriesColor(1), .2), 3) {
				t.Errorf("the corners are %v and %v", top, bottom)
			}
			return
		}
	}
	t.Error("there is no ground")
}

// premultiplied is c with an alpha, as image/color has it.
func premultiplied(c color.RGBA, alpha float64) color.RGBA {
	return color.RGBAModel.Convert(faded(c, alpha)).(color.RGBA)
}
