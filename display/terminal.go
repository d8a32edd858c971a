package display

import (
	"image"
	"sync/atomic"

	xdraw "golang.org/x/image/draw"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/display/internal/braille"
)

// A Terminal says how a terminal shows figures and pictures.
type Terminal struct {
	Columns int  // the width of what is drawn in characters, at most
	Colors  int  // how many colours it knows: 0, 256 or 1<<24
	Pixels  bool // it shows pictures, so figures are sent as PNG too
}

var terminal atomic.Pointer[Terminal] // nil: figures are looked at in a page

// ForTerminal says that figures and pictures are looked at in a terminal from
// now on: the text that stands for them is then a drawing in characters.
func ForTerminal(t Terminal) { terminal.Store(&t) }

// twin returns the text that stands for the figure: a drawing where it is
// looked at in a terminal, otherwise its description.
func (f *figure) twin() string {
	t := terminal.Load()
	if t == nil {
		return f.text
	}
	w := min(f.width-2*cardPadding, vg.Length(t.Columns)*braille.CharWidth)
	h := (f.height - 2*cardPadding) * w / (f.width - 2*cardPadding)
	c := braille.New(int(w/braille.CharWidth), int(h/braille.CharHeight+.5))
	if f.inside != nil {
		f.inside(draw.New(c))
	} else {
		f.drawPanels(draw.New(c))
	}
	return c.Text(t.palette())
}

// pictureTwin is twin for a picture.
func pictureTwin(img image.Image, text string) string {
	t := terminal.Load()
	if t == nil {
		return text
	}
	size := img.Bounds().Size()
	columns := min(size.X, t.Columns)
	rows := max((size.Y*columns/max(size.X, 1)+1)/2, 1) // a character is twice as high as it is wide
	c := braille.New(columns, rows)
	w, h := c.Size()
	c.DrawImage(vg.Rectangle{Max: vg.Point{X: w, Y: h}}, img)
	return c.Text(t.palette())
}

// terminalPictures returns pictures in rows as one, with the text below.
func terminalPictures(pictures []image.Image, columns int, text string) cell.Bundle {
	gap, widest, room, at := 2, 32, terminal.Load().Columns, 1 // a pixel is a character wide
	how := xdraw.Interpolator(xdraw.ApproxBiLinear)
	side := pictures[0].Bounds().Size()
	if terminal.Load().Pixels {
		gap, widest, room = 6, 64, room*9
		at = max(1, widest/max(side.X, 1))
		if side.X <= widest {
			how = xdraw.NearestNeighbor
		}
	}
	w := min(side.X*at, widest)
	h := max(side.Y*w/side.X, 1)
	if columns <= 0 {
		columns = len(pictures)
	}
	columns = max(min(columns, len(pictures), (room+gap)/(w+gap)), 1)
	rows := (len(pictures) + columns - 1) / columns
	sheet := image.NewRGBA(image.Rect(0, 0, columns*(w+gap)-gap, rows*(h+gap)-gap))
	for i, img := range pictures {
		at := image.Pt(i%columns*(w+gap), i/columns*(h+gap))
		how.Scale(sheet, image.Rectangle{at, at.Add(image.Pt(w, h))}, img, img.Bounds(), xdraw.Src, nil)
	}
	b, err := imageBundle(sheet)
	if err != nil {
		return cell.Text(text)
	}
	b.Metadata = map[string]any{cell.PNG: map[string]any{"caption": text}}
	b.Data[cell.Plain] = append(b.Data[cell.Plain], "\n"+text...)
	return b
}

func (t *Terminal) palette() braille.Palette {
	switch {
	case t.Colors >= 1<<24:
		return braille.TrueColor
	case t.Colors >= 256:
		return braille.Colors256
	}
	return braille.Monochrome
}
