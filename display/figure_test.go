package display

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/fluxion-go/fluxion/cell"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
)

// outline writes down what is in a drawing and what it says, without the
// coordinates: texts in order, and how many shapes there are of each kind.
func outline(t *testing.T, b cell.Bundle) string {
	t.Helper()
	var out strings.Builder
	shapes := map[string]int{}
	for _, e := range elements(t, string(b.Data[cell.SVG])) {
		switch e.name {
		case "svg":
			fmt.Fprintf(&out, "svg %s×%s, font %s\n", e.attrs["width"], e.attrs["height"], e.attrs["font-family"])
		case "text":
			fmt.Fprintf(&out, "text %s\n", strings.TrimSpace(e.text))
		case "path", "rect":
			var kept []string
			for _, a := range []string{"fill", "stroke"} {
				if e.attrs[a] != "" {
					kept = append(kept, a+":"+e.attrs[a])
				}
			}
			for _, s := range strings.Split(e.attrs["style"], ";") {
				if strings.HasPrefix(s, "fill") || strings.HasPrefix(s, "stroke:") || strings.HasPrefix(s, "stroke-opacity") || strings.HasPrefix(s, "stroke-dash") {
					kept = append(kept, s)
				}
			}
			shapes[e.name+" "+strings.Join(kept, ";")]++
		case "image":
			shapes["image "+e.attrs["style"]]++
		}
	}
	var lines []string
	for s, n := range shapes {
		lines = append(lines, fmt.Sprintf("%4d %s\n", n, s))
	}
	slices.Sort(lines)
	return out.String() + strings.Join(lines, "") + "---\n" + b.String() + "\n"
}

// wave is a decaying wave, the same on every machine.
func wave(n int) []float64 {
	ys := make([]float64, n)
	for i := range ys {
		ys[i] = math.Round(1000*math.Exp(-float64(i)/40)*math.Cos(float64(i)/3)) / 1000
	}
	return ys
}

func TestFigures(t *testing.T) {
	for _, c := range []struct {
		name string
		f    func()
	}{
		{"line", func() { Line(nil, wave(50), Title("A wave"), XLabel("t"), YLabel("height")) }},
		{"line-gaps", func() {
			Line([]float32{1, 2, 3, 4, 5, 6}, []float64{1, 2, math.NaN(), 4, 5, math.Inf(1)}, Labels("broken"))
		}},
		{"line-constant", func() { Line(nil, []int{3, 3, 3}) }},
		{"line-band", func() {
			Line(nil, wave(30), Band(wave(30), []float64(numbers{nil, indices(30)}.values)), Labels("mean"))
		}},
		{"line-empty", func() { Line(nil, []float64{}) }},
		{"line-one", func() { Line(nil, []float64{7}) }},
		{"lines-log", func() {
			Lines(nil, map[string][]float64{"sgd": {1, .1, .01}, "adam": {1, .01, .0001}}, LogY(), Overlay([]int{0, 2}, []float64{1, 0}, "goal"))
		}},
		{"lines-many", func() {
			Lines(nil, numbers{[]int{23, 2}, indices(46)}, Labels("first", "second"))
		}},
		{"scatter", func() {
			Scatter([]int{1, 2, 3, 4}, numbers{[]int{4}, []float64{1, 3, 2, math.NaN()}}, Classes([]int{0, 1, 0, 1}), Labels("no", "yes"), Overlay([]int{0, 9}, []int{0, 9}, "border"))
		}},
		{"hist", func() { Hist([]float64{1, 2, 2, 3, 3, 3, math.NaN()}, Bins(3), Title("Threes")) }},
		{"hist-classes", func() { Hist([]int{1, 2, 3, 8, 9, 9}, Classes([]bool{false, false, false, true, true, true})) }},
		{"hists", func() {
			Hists([]any{namedNumbers{numbers{[]int{4}, []float64{1, 2, 2, math.NaN()}}}, []int{1, 2}}, Title("Parameters"))
		}},
		{"hists-map", func() { Hists(map[string][]float64{"w": {1, 2}, "b": {0}}) }},
		{"hist-constant", func() { Hist([]int{5, 5}) }},
		{"bar", func() { Bar([]string{"a", "b", "c"}, []float64{.5, -1, 2}, Title("Bars")) }},
		{"bar-lying", func() {
			Bar([]string{"a name that is long", "another <name>", "more"}, []int{10000, 20, -3}, Size(8, 4))
		}},
		{"heatmap", func() { Heatmap([][]float64{{1, -2, 3}, {.5, math.NaN(), 0}}, Title("Weights")) }},
		{"heatmap-large", func() { Heatmap(numbers{[]int{20, 30}, indices(600)}) }},
		{"confusion", func() {
			ConfusionMatrix([][]int{{8, 2}, {0, 0}}, []string{"cat", "dog"}, Title("Pets"))
		}},
		{"confusion-unnamed", func() { ConfusionMatrix([][]int{{1, 0, 0}, {0, 1, 0}, {1, 0, 0}}, nil) }},
		{"curves", func() {
			Curves(map[string][]float64{"loss": {3, 2, 1}, "val_loss": {3, 2.5, 2}, "accuracy": {.1, .2, .3}, "lr": {.1, .1, .01}, "other": {1, 2, 3}})
		}},
		{"curves-steps", func() { Curves(stepped{}) }},
		{"curves-empty", func() { Curves(map[string][]float64{}) }},
		{"graph", func() { Graph(paperGraph()) }},
		{"graph-plain", func() {
			Graph(cell.Graph{Nodes: []cell.GraphNode{{Label: "x <y>"}, {Label: strings.Repeat("long ", 20), Kind: "odd"}},
				Edges: []cell.GraphEdge{{From: 0, To: 1, Label: "&"}, {From: 0, To: 1}}})
		}},
	} {
		t.Run(c.name, func(t *testing.T) { golden(t, c.name+".txt", outline(t, one(t, c.f))) })
	}
}

// stepped is a history that kept its steps.
type stepped struct{}

func (stepped) Series() map[string][]float64 { return map[string][]float64{"loss": {2, 1}} }
func (stepped) Steps() map[string][]float64  { return map[string][]float64{"loss": {3, 2, 1.5, 1}} }

type namedNumbers struct{ numbers }

func (namedNumbers) Name() string { return "1.weight" }

// paperGraph is e = (a+b)·(b+1) at a = 2, b = 1, from C. Olah: Calculus on
// Computational Graphs, 2015.
func paperGraph() cell.Graph {
	return cell.Graph{
		Nodes: []cell.GraphNode{
			{Label: "a", Value: "2", Note: "∂e/∂a = 2", Kind: cell.InputNode},
			{Label: "b", Value: "1", Note: "∂e/∂b = 5", Kind: cell.InputNode},
			{Label: "c = a + b", Value: "3", Kind: cell.OperationNode},
			{Label: "d = b + 1", Value: "2", Kind: cell.OperationNode},
			{Label: "e = c · d", Value: "6", Kind: cell.ResultNode},
		},
		Edges: []cell.GraphEdge{
			{From: 0, To: 2, Label: "∂c/∂a = 1"}, {From: 1, To: 2, Label: "∂c/∂b = 1"}, {From: 1, To: 3, Label: "∂d/∂b = 1"},
			{From: 2, To: 4, Label: "∂e/∂c = 2"}, {From: 3, To: 4, Label: "∂e/∂d = 3"},
		},
	}
}

func TestFiguresAreSmall(t *testing.T) {
	svg := one(t, func() { Line(nil, wave(100_000)) }).Data[cell.SVG]
	if len(svg) > 30_000 {
		t.Errorf("a line of 100,000 points takes %d bytes", len(svg))
	}
	if strings.Contains(string(svg), "@font-face") {
		t.Error("a font is embedded")
	}
}

func TestFontEndsInSansSerif(t *testing.T) {
	svg := string(one(t, func() { Line(nil, []int{1, 2}, Title("x")) }).Data[cell.SVG])
	if !strings.Contains(svg, `,sans-serif"`) || strings.Count(svg, "font-family") != 1 {
		t.Errorf("fonts in %s", svg)
	}
}

func TestGonumPlotTakesTheTheme(t *testing.T) {
	p := plot.New()
	p.Title.Text = "mine"
	p.Title.TextStyle.Color = color.RGBA{1, 2, 3, 255}
	p.Add(plotter.NewFunction(math.Sin))
	p.X.Max, p.Y.Max = 7, 1
	svg := string(Render(p, "").Data[cell.SVG])
	for _, want := range []string{"#010203", "#57606A", "mine"} { // the user's colour, our ticks
		if !strings.Contains(svg, want) {
			t.Errorf("%s is missing in %s", want, svg)
		}
	}
	if strings.Contains(svg, "Liberation Serif") {
		t.Error("gonum's default font is still there")
	}
}

// Many points are one picture in the SVG, once for light pages and once for
// dark ones.
func TestManyPointsAreOnePicture(t *testing.T) {
	xs, classes := indices(4000), make([]int, 4000)
	for i := range classes {
		classes[i] = i / 2000
	}
	for _, tt := range []struct {
		theme   string
		options []Option
		classes []string // of the pictures
		colors  [][]color.RGBA
	}{
		{"light", []Option{Classes(classes)}, []string{dayClass, nightClass}, [][]color.RGBA{cycle[:2], {darkColors[cycle[0]], darkColors[cycle[1]]}}},
		{"light", nil, []string{dayClass, nightClass}, [][]color.RGBA{cycle[:1], {darkColors[cycle[0]]}}},
		{"dark", nil, []string{nightClass}, [][]color.RGBA{{darkColors[cycle[0]]}}},
	} {
		Theme(tt.theme)
		b := one(t, func() { Scatter(xs, xs, append(tt.options, Title("many"))...) })
		Theme("light")
		svg := string(b.Data[cell.SVG])
		if len(svg) > 150_000 {
			t.Errorf("%s: the SVG has %d bytes", tt.theme, len(svg))
		}
		found := 0
		for _, e := range elements(t, svg) {
			if e.name != "image" {
				continue
			}
			if e.attrs["class"] != tt.classes[found] || (e.attrs["display"] == "none") != (found == 1) {
				t.Errorf("%s: picture %d has class %q and display %q", tt.theme, found, e.attrs["class"], e.attrs["display"])
			}
			img := dataPicture(t, e.attrs["href"])
			if _, _, _, a := img.At(0, 0).RGBA(); a != 0 {
				t.Errorf("%s: the ground is not transparent", tt.theme)
			}
			for _, want := range tt.colors[found] {
				if n := pixelsLike(img, want); n < 500 {
					t.Errorf("%s: picture %d has %d pixels of %v", tt.theme, found, n, want)
				}
			}
			found++
		}
		if found != len(tt.classes) {
			t.Errorf("%s: %d pictures, want %d", tt.theme, found, len(tt.classes))
		}
	}
}

// pixelsLike counts the opaque enough pixels of nearly a colour.
func pixelsLike(img image.Image, want color.RGBA) int {
	n := 0
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			c := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
			if c.A > 60 && near(color.RGBA{c.R, c.G, c.B, 0xFF}, want, 8) {
				n++
			}
		}
	}
	return n
}

func near(c color.Color, want color.RGBA, tolerance int) bool {
	got := color.RGBAModel.Convert(c).(color.RGBA)
	off := func(a, b uint8) bool { return int(a)-int(b) > tolerance || int(b)-int(a) > tolerance }
	return !off(got.R, want.R) && !off(got.G, want.G) && !off(got.B, want.B)
}

func TestThinKeepsExtremes(t *testing.T) {
	ys := wave(50_000)
	ys[31_234], ys[17] = 99, -99
	xs, thinned := thin(indices(len(ys)), ys, 1000)
	if len(thinned) > 1000 || len(thinned) != len(xs) {
		t.Fatalf("%d xs and %d ys are left", len(xs), len(thinned))
	}
	if slices.Max(thinned) != 99 || slices.Min(thinned) != -99 {
		t.Error("a spike was lost")
	}
	if xs[0] != 0 || xs[len(xs)-1] != 49_999 || !slices.IsSorted(xs) {
		t.Error("the ends or the order were lost")
	}
}

func TestInkReads(t *testing.T) {
	for i := range 101 {
		for _, r := range []ramp{rising, diverging} {
			c := r.at(float64(i) / 100)
			ink := color.RGBAModel.Convert(inkOn(c)).(color.RGBA)
			a, b := luminance(c)+.05, luminance(ink)+.05
			if contrast := math.Max(a/b, b/a); contrast < 3.9 {
				t.Errorf("text on %v has contrast %.2f", c, contrast)
			}
		}
	}
}

// The texts on measured nodes read on light cards and on dark ones.
func TestHeatReads(t *testing.T) {
	for _, step := range heatSteps {
		text := heatText(step)
		for _, c := range [][2]color.RGBA{{step, text}, {darkColors[step], darkColors[text]}} {
			a, b := luminance(c[0])+.05, luminance(c[1])+.05
			if contrast := math.Max(a/b, b/a); contrast < 4.5 {
				t.Errorf("text %v on %v has contrast %.2f", c[1], c[0], contrast)
			}
		}
	}
}

func TestHeatmapPixels(t *testing.T) {
	b := one(t, func() { Heatmap([][]float64{{0, 1}, {1, 0}}) })
	var pictures []image.Image
	for _, e := range elements(t, string(b.Data[cell.SVG])) {
		if e.name == "image" {
			pictures = append(pictures, dataPicture(t, e.attrs["href"]))
		}
	}
	// The bar first, from dark to light, then the cells.
	if len(pictures) != 2 || pictures[1].Bounds().Size() != image.Pt(2, 2) {
		t.Fatalf("got %d pictures", len(pictures))
	}
	for i, want := range []color.RGBA{rising[0], rising[len(rising)-1], rising[len(rising)-1], rising[0]} {
		if got := pictures[1].At(i%2, i/2); !near(got, want, 0) {
			t.Errorf("cell %d is %v, want %v", i, got, want)
		}
	}
}
