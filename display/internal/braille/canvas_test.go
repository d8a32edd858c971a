package braille

import (
	"image"
	"image/color"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

func point(x, y float64) vg.Point { return vg.Point{X: vg.Length(x), Y: vg.Length(y)} }

var red = color.RGBA{0xff, 0, 0, 0xff}

// face is the font of gonum's plots.
func face() font.Face {
	return font.DefaultCache.Lookup(plot.DefaultFont, 10)
}

// Where the dots of braille patterns are: Unicode 16.0, chapter 21.1.
func TestDrawing(t *testing.T) {
	for _, tt := range []struct {
		name string
		draw func(c *Canvas)
		want string
	}{
		{"nothing", func(c *Canvas) {}, ""},
		{"a level line", func(c *Canvas) {
			c.Stroke(vg.Path{{Type: vg.MoveComp, Pos: point(0, 5)}, {Type: vg.LineComp, Pos: point(30, 5)}})
		}, "⠒⠒⠒⠒⠒⠒"},
		{"a steep line, beyond the edges", func(c *Canvas) {
			c.Stroke(vg.Path{{Type: vg.MoveComp, Pos: point(7, -100)}, {Type: vg.LineComp, Pos: point(7, 100)}})
		}, " ⡇\n ⡇\n ⡇"},
		{"a line to infinity is left out", func(c *Canvas) {
			c.Stroke(vg.Path{{Type: vg.MoveComp, Pos: point(0, 5)}, {Type: vg.LineComp, Pos: point(math.Inf(1), 5)}})
		}, ""},
		{"dashes", func(c *Canvas) {
			c.SetLineDash([]vg.Length{5, 5}, 0)
			c.Stroke(vg.Path{{Type: vg.MoveComp, Pos: point(0, 5)}, {Type: vg.LineComp, Pos: point(30, 5)}})
		}, "⠒ ⠒ ⠒"},
		{"a grid is left out", func(c *Canvas) {
			c.SetColor(color.Gray{0xee})
			c.Stroke(vg.Path{{Type: vg.MoveComp, Pos: point(0, 5)}, {Type: vg.LineComp, Pos: point(30, 5)}})
		}, ""},
		{"an area", func(c *Canvas) { c.Fill(vg.Rectangle{Min: point(5, 10), Max: point(15, 20)}.Path()) }, " ██"},
		{"a translucent area", func(c *Canvas) {
			c.SetColor(color.NRGBA{0, 0, 0xff, 0x40})
			c.Fill(vg.Rectangle{Min: point(0, 10), Max: point(20, 20)}.Path())
		}, "⡪⡪⡪⡪"},
		{"a mark smaller than a dot", func(c *Canvas) {
			c.Fill(vg.Rectangle{Min: point(11, 19), Max: point(11.2, 19.2)}.Path())
		}, "  ⠁"},
		{"a circle", func(c *Canvas) {
			var p vg.Path
			p.Move(point(25, 15))
			p.Arc(point(15, 15), 10, 0, 2*math.Pi)
			p.Close()
			c.Stroke(p)
		}, " ⡠⠤⠤⣀\n ⡇  ⢸⠆\n ⠑⠒⠒⠉"},
		{"moved, turned and back", func(c *Canvas) {
			c.Push()
			c.Translate(point(10, 5))
			c.Rotate(math.Pi / 2)
			c.Scale(2, 1)
			c.Stroke(vg.Path{{Type: vg.MoveComp}, {Type: vg.LineComp, Pos: point(10, 0)}})
			c.Pop()
			c.Stroke(vg.Path{{Type: vg.MoveComp, Pos: point(0, 5)}, {Type: vg.LineComp, Pos: point(4, 5)}})
		}, "  ⡆\n  ⡇\n⠒ ⠃"},
		{"text", func(c *Canvas) { c.FillString(face(), point(0, 12), "loss") }, "loss"},
		{"text that meets other text is left out", func(c *Canvas) {
			c.FillString(face(), point(0, 12), "10")
			c.FillString(face(), point(6, 12), "20")
		}, "10"},
		{"wide letters", func(c *Canvas) { c.FillString(face(), point(0, 12), "汉字") }, "汉字"},
		{"turned text stands letter below letter", func(c *Canvas) {
			c.Translate(point(8, 5))
			c.Rotate(math.Pi / 2)
			c.FillString(face(), vg.Point{}, "abc")
		}, "a\nb\nc"},
		{"a picture", func(c *Canvas) {
			img := image.NewGray(image.Rect(0, 0, 2, 1))
			img.SetGray(1, 0, color.Gray{0xff})
			c.DrawImage(vg.Rectangle{Min: point(0, 10), Max: point(20, 20)}, img)
		}, "⠀⠀⣿⣿"},
	} {
		c := New(6, 3)
		tt.draw(c)
		if got := c.Text(Monochrome); strings.Trim(got, "\n ") != strings.Trim(tt.want, "\n ") {
			t.Errorf("%s: got\n%s\nwant\n%s", tt.name, got, tt.want)
		}
	}
}

func TestColors(t *testing.T) {
	line := vg.Path{{Type: vg.MoveComp, Pos: point(0, 5)}, {Type: vg.LineComp, Pos: point(14, 5)}}
	for _, tt := range []struct {
		name    string
		ink     color.Color
		palette Palette
		want    string
	}{
		{"none", red, Monochrome, "⠒⠒⠒"},
		{"256", red, Colors256, "\x1b[38;5;203m⠒⠒⠒\x1b[m"},
		{"all", color.RGBA{0xe0, 0x90, 0x30, 0xff}, TrueColor, "\x1b[38;2;224;144;48m⠒⠒⠒\x1b[m"},
		{"dark ones are lifted", color.RGBA{0, 0, 0x90, 0xff}, TrueColor, "\x1b[38;2;85;85;181m⠒⠒⠒\x1b[m"},
		{"ink is the terminal's", color.Black, TrueColor, "⠒⠒⠒"},
		{"grey is faint", color.Gray{0xa0}, TrueColor, "\x1b[2m⠒⠒⠒\x1b[m"},
	} {
		c := New(3, 1)
		c.SetColor(tt.ink)
		c.Stroke(line)
		if got := c.Text(tt.palette); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// Whatever is drawn, the text has as many lines and columns as it may.
func FuzzCanvas(f *testing.F) {
	f.Add(0.0, 5.0, 30.0, 5.0, "text")
	f.Add(-1e9, math.Inf(1), math.NaN(), 3.5, "汉\x1b[31m字\n")
	f.Fuzz(func(t *testing.T, x0, y0, x1, y1 float64, text string) {
		c := New(8, 4)
		path := vg.Path{{Type: vg.MoveComp, Pos: point(x0, y0)}, {Type: vg.LineComp, Pos: point(x1, y1)}, {Type: vg.CloseComp}}
		c.Stroke(path)
		c.Fill(path)
		c.FillString(face(), point(x0, y0), text)
		lines := strings.Split(c.Text(Monochrome), "\n")
		if len(lines) > 4 {
			t.Errorf("%d lines", len(lines))
		}
		for _, line := range lines {
			if n := len([]rune(line)); n > 8 {
				t.Errorf("%d characters in %q", n, line)
			}
		}
	})
}
