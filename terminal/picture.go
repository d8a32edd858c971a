package terminal

import (
	"bytes"
	"image"
	_ "image/jpeg" // pictures are one or the other
	_ "image/png"
	"os"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/ansi/kitty"
	"github.com/charmbracelet/x/ansi/sixel"
	"golang.org/x/image/draw"

	"github.com/fluxion-go/fluxion/cell"
)

// Graphics is the way in which a terminal takes pictures.
type Graphics string

// The ways.
const (
	NoGraphics Graphics = "none"
	Kitty      Graphics = "kitty" // https://sw.kovidgoyal.net/kitty/graphics-protocol
	Sixel      Graphics = "sixel" // of the DEC VT340, and of many since
)

// FindGraphics says how the terminal of the environment takes pictures, as far
// as its name tells. FLUXION_GRAPHICS (kitty, sixel or none) overrules it. A
// terminal is not asked: one that answers late would answer into what the
// person types.
func FindGraphics(getenv func(string) string) Graphics {
	switch g := Graphics(getenv("FLUXION_GRAPHICS")); g {
	case Kitty, Sixel, NoGraphics:
		return g
	}
	term, program := getenv("TERM"), getenv("TERM_PROGRAM")
	switch {
	case getenv("TMUX") != "" || strings.HasPrefix(term, "screen") || strings.HasPrefix(term, "tmux"):
		return NoGraphics // these pass pictures on only where they are told to
	case getenv("KITTY_WINDOW_ID") != "" || strings.Contains(term, "kitty") || strings.Contains(term, "ghostty") || program == "WezTerm":
		return Kitty
	case strings.HasPrefix(term, "foot") || strings.HasPrefix(term, "mlterm") || strings.HasPrefix(term, "contour") || program == "iTerm.app":
		return Sixel
	}
	return NoGraphics
}

// Colors returns how many colours the terminal of the environment shows: 0
// where there should be none, 256, or 1<<24.
func Colors(getenv func(string) string) int {
	switch depth := getenv("COLORTERM"); {
	case getenv("NO_COLOR") != "" || getenv("TERM") == "dumb":
		return 0
	case depth == "truecolor" || depth == "24bit":
		return 1 << 24
	}
	return 256
}

// A character is about so many pixels wide, and a small picture is shown so
// many characters wide at least.
const (
	charPixels = 9
	leastWidth = 14
)

// Picture shows the picture of b, where the terminal takes pictures and b has
// one of pixels, and the caption in its metadata below. It reports whether it
// did.
func (t *Writer) Picture(b cell.Bundle) bool {
	how := FindGraphics(os.Getenv)
	if t.fd < 0 || how == NoGraphics {
		return false
	}
	mime := cell.PNG
	if b.Data[mime] == nil {
		mime = cell.JPEG
	}
	img, _, err := image.Decode(bytes.NewReader(b.Data[mime]))
	if err != nil {
		return false
	}
	columns, _ := t.Size()
	width := img.Bounds().Dx()
	if size, ok := b.Metadata[mime].(map[string]any); ok {
		if w, ok := size["width"].(int); ok {
			width = w
		}
	}
	columns = min(max(width/charPixels, leastWidth), columns-1)
	// The picture comes in the size that it is to have: terminals that scale it
	// to a number of characters differ in what they do with its proportions.
	img = scaled(img, columns*cellWidth(t.fd))
	var code bytes.Buffer
	switch how {
	case Kitty:
		err = kitty.EncodeGraphics(&code, img, &kitty.Options{Action: kitty.TransmitAndPut, Format: kitty.PNG,
			Transmission: kitty.Direct, Chunk: true, Quite: 2})
	case Sixel:
		var body bytes.Buffer
		err = new(sixel.Encoder).Encode(&body, img)
		code.WriteString(ansi.SixelGraphics(0, 1, 0, body.Bytes()))
	}
	if err != nil {
		return false
	}
	t.FreshLine()
	code.WriteByte('\n')
	t.Write(code.Bytes())
	if size, ok := b.Metadata[mime].(map[string]any); ok {
		if caption, ok := size["caption"].(string); ok {
			t.WriteString(caption + "\n")
		}
	}
	return true
}

// scaled returns img at a width, without blur where it grows.
func scaled(img image.Image, width int) image.Image {
	from := img.Bounds()
	to := image.NewRGBA(image.Rect(0, 0, width, max(from.Dy()*width/from.Dx(), 1)))
	how := draw.Interpolator(draw.NearestNeighbor)
	if width < from.Dx() {
		how = draw.CatmullRom
	}
	how.Scale(to, to.Bounds(), img, from, draw.Src, nil)
	return to
}
