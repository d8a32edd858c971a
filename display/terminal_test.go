package display

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/fluxion-go/fluxion/cell"
)

// forTerminal is ForTerminal for one test.
func forTerminal(t *testing.T, to Terminal) {
	ForTerminal(to)
	t.Cleanup(func() { terminal.Store(nil) })
}

// In a terminal the text that stands for a figure is the figure.
func TestFigureInTerminal(t *testing.T) {
	forTerminal(t, Terminal{Columns: 60})
	shown := one(t, func() { Line(nil, []float64{0, 1, 4, 9, 16}, Title("squares"), XLabel("n")) })
	golden(t, "terminal-line.txt", shown.String()+"\n")
	if _, ok := shown.Data[cell.PNG]; ok {
		t.Error("a terminal without pictures got one")
	}
	for _, line := range strings.Split(shown.String(), "\n") {
		if w := ansi.StringWidth(line); w > 60 {
			t.Errorf("a line is %d wide, want 60 at most: %q", w, line)
		}
	}
}

func TestPictureInTerminal(t *testing.T) {
	forTerminal(t, Terminal{Columns: 60, Colors: 1 << 24, Pixels: true})
	img := image.NewRGBA(image.Rect(0, 0, 2, 2))
	for i, c := range []color.RGBA{{255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 255}, {255, 255, 255, 255}} {
		img.Set(i%2, i/2, c)
	}
	b := Render(img, "image.Image")
	want := "\x1b[38;2;255;0;0;48;2;0;0;255m▀\x1b[m\x1b[38;2;0;255;0;48;2;255;255;255m▀\x1b[m"
	if got := strings.ReplaceAll(b.String(), "m\x1b[48", ";48"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(b.Data[cell.PNG]) == 0 {
		t.Error("a terminal with pictures got none")
	}
	if b := one(t, func() { Line(nil, []float64{1, 2}) }); len(b.Data[cell.PNG]) == 0 {
		t.Error("a terminal with pictures got no picture of a figure")
	}
	b = one(t, func() { Images([]image.Image{img, img, img}, Labels("a", "b", "c")) })
	if last := lastLine(b.String()); last != "3 pictures of 2×2: a, b, c" {
		t.Errorf("pictures end with %q", last)
	}
	if len(b.Data[cell.PNG]) == 0 {
		t.Error("a terminal with pictures got no sheet of them")
	}
}

// A batch of pictures is pictures there too, not pages of numbers.
func TestBatchInTerminal(t *testing.T) {
	forTerminal(t, Terminal{Columns: 80, Pixels: true})
	values := make([]float64, 20*3*8*8)
	for i := range values {
		values[i] = float64(i%7) / 7
	}
	b := Render(numbers{[]int{20, 3, 8, 8}, values}, "")
	if last, want := lastLine(b.String()), "tensor 20×3×8×8, values 0 … 0.8571, the first 16 of 20 pictures"; last != want {
		t.Errorf("the batch ends with %q, want %q", last, want)
	}
	if len(b.Data[cell.PNG]) == 0 || strings.Count(b.String(), "\n") > 12 {
		t.Errorf("the batch is %d lines of text, and a PNG of %d bytes", strings.Count(b.String(), "\n"), len(b.Data[cell.PNG]))
	}
	// Figures fill their card: a sixel is there or not, and corners would be black.
	f := one(t, func() { Line(nil, []int{1, 2}) })
	img, err := png.Decode(bytes.NewReader(f.Data[cell.PNG]))
	if err != nil {
		t.Fatal(err)
	}
	if got := color.RGBAModel.Convert(img.At(0, 0)); got != cardColor {
		t.Errorf("the corner is %v", got)
	}
}

func lastLine(s string) string { return s[strings.LastIndexByte(s, '\n')+1:] }
