package display

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/fluxion-go/fluxion/cell"
	"gonum.org/v1/plot"
)

var svgSize = regexp.MustCompile(`width="(\d+)" height="(\d+)"`)

// A figure can be seen by those who do not trust the notebook: a PNG of the
// same size stands beside the SVG, in the same theme.
func TestPNGBesideSVG(t *testing.T) {
	drawings := map[string]any{
		"a gonum plot":  plot.New(),
		"a graph":       layers(),
		"a large graph": largeGraph(140),
	}
	for name, v := range drawings {
		for _, theme := range []string{"light", "dark"} {
			Theme(theme)
			b := Render(v, "")
			Theme("light")
			img, err := png.Decode(bytes.NewReader(b.Data[cell.PNG]))
			if err != nil {
				t.Errorf("%s, %s: %v", name, theme, err)
				continue
			}
			size := svgSize.FindSubmatch(b.Data[cell.SVG])
			about := b.Metadata[cell.PNG].(map[string]any)
			for i, side := range []string{"width", "height"} {
				want, _ := strconv.Atoi(string(size[i+1]))
				if got := about[side].(int); math.Abs(float64(got-want)) > 2 {
					t.Errorf("%s, %s: the picture's %s is %d, the SVG's %d", name, theme, side, got, want)
				}
			}
			if area := img.Bounds().Dx() * img.Bounds().Dy(); area > 1.1*twinPixels {
				t.Errorf("%s: %d pixels", name, area)
			}
			card, words := shades(img)
			if dark := theme == "dark"; dark != (card < words) {
				t.Errorf("%s, %s: the card's grey is %d, the most different one %d", name, theme, card, words)
			}
		}
	}
}

// shades returns the grey of most pixels and the one farthest from it.
func shades(img image.Image) (most, other int) {
	var count [256]int
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			if _, _, _, a := img.At(x, y).RGBA(); a == 0xFFFF {
				count[color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y]++
			}
		}
	}
	for grey, n := range count {
		if n > count[most] {
			most = grey
		}
	}
	other = most
	for grey, n := range count {
		if n > 0 && math.Abs(float64(grey-most)) > math.Abs(float64(other-most)) {
			other = grey
		}
	}
	return most, other
}

// What is replaced ten times a second is not drawn twice, but once the cell has
// ended, what is left there is sent whole.
func TestPNGOfLive(t *testing.T) {
	var live, text Live
	ys := []float64{1, 2}
	bundles := shown(func() {
		Line(nil, ys, In(&live))
		Line(nil, []float64{1, 3}, In(&text))
		Line(nil, ys, In(&live))
		text.Text("over")
		ys[1] = 7
		cell.Current().End()
	})
	var png []int
	for i, m := range bundles {
		if m.bundle.Data[cell.PNG] != nil {
			png = append(png, i)
		}
	}
	if len(bundles) != 5 || !slices.Equal(png, []int{4}) || bundles[4].id != live.id {
		t.Fatalf("%d messages, a PNG in %v; want one in the last, of the live figure", len(bundles), png)
	}
	if got := bundles[4].bundle.String(); !strings.Contains(got, "last 2") {
		t.Errorf("the figure at the end is of other values than were drawn: %s", got)
	}
}
