// Package braille draws with characters: lines and points as the dots of
// braille patterns (two across and four down in a character), areas as blocks,
// and text as text. It gives figures a form for terminals that show no
// pictures.
package braille

import (
	"image"
	"image/color"
	"math"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// The size of a character, in points: so that a dot is a square, and text of
// the usual sizes has about the width that it has elsewhere.
const (
	CharWidth  vg.Length = 5
	CharHeight vg.Length = 10

	dotSide = CharWidth / 2
)

// A Canvas is a [vg.Canvas] of characters. Use [New].
type Canvas struct {
	columns, rows int
	cells         []char
	state
	stack []state
}

// A char is what stands at one place: text, or else the halves of a block, or
// else dots.
type char struct {
	text        rune // 0 where there is none
	letter      color.Color
	wide        bool // the right half of the character before
	top, bottom color.Color
	dots        uint8
	ink         color.Color
}

type state struct {
	at    affine
	ink   color.Color
	width vg.Length
	dash  []vg.Length
	shift vg.Length
}

// New returns an empty canvas of so many characters.
func New(columns, rows int) *Canvas {
	columns, rows = max(columns, 1), max(rows, 1)
	return &Canvas{columns: columns, rows: rows, cells: make([]char, columns*rows),
		state: state{at: affine{a: 1, d: 1}, ink: color.Black, width: 1}}
}

// Size returns width and height in points; it makes a Canvas a
// [vg.CanvasSizer].
func (c *Canvas) Size() (w, h vg.Length) {
	return vg.Length(c.columns) * CharWidth, vg.Length(c.rows) * CharHeight
}

// An affine map takes (x, y) to (ax+cy+e, bx+dy+f).
type affine struct{ a, b, c, d, e, f float64 }

func (m affine) apply(p vg.Point) vg.Point {
	x, y := float64(p.X), float64(p.Y)
	return vg.Point{X: vg.Length(m.a*x + m.c*y + m.e), Y: vg.Length(m.b*x + m.d*y + m.f)}
}

// after returns the map that does n first and then m.
func (m affine) after(n affine) affine {
	return affine{
		m.a*n.a + m.c*n.b, m.b*n.a + m.d*n.b,
		m.a*n.c + m.c*n.d, m.b*n.c + m.d*n.d,
		m.a*n.e + m.c*n.f + m.e, m.b*n.e + m.d*n.f + m.f,
	}
}

// The methods of vg.Canvas that change how is drawn.

func (c *Canvas) SetLineWidth(w vg.Length)                      { c.width = w }
func (c *Canvas) SetLineDash(dash []vg.Length, shift vg.Length) { c.dash, c.shift = dash, shift }
func (c *Canvas) Push()                                         { c.stack = append(c.stack, c.state) }

func (c *Canvas) SetColor(ink color.Color) {
	if ink == nil {
		ink = color.Black
	}
	c.ink = ink
}

func (c *Canvas) Rotate(rad float64) {
	sin, cos := math.Sincos(rad)
	c.at = c.at.after(affine{cos, sin, -sin, cos, 0, 0})
}

func (c *Canvas) Translate(p vg.Point) {
	c.at = c.at.after(affine{1, 0, 0, 1, float64(p.X), float64(p.Y)})
}

func (c *Canvas) Scale(x, y float64) { c.at = c.at.after(affine{a: x, d: y}) }

func (c *Canvas) Pop() {
	if n := len(c.stack); n > 0 {
		c.state, c.stack = c.stack[n-1], c.stack[:n-1]
	}
}

// The bits of the dots in a braille pattern, by row and column.
var bits = [4][2]uint8{{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}

// dot sets a dot; x counts from the left, y from the bottom.
func (c *Canvas) dot(x, y int) {
	y = 4*c.rows - 1 - y
	if x < 0 || y < 0 || x >= 2*c.columns || y >= 4*c.rows {
		return
	}
	at := &c.cells[y/4*c.columns+x/2]
	at.dots |= bits[y%4][x%2]
	at.ink = c.ink
}

// Stroke draws the outline of path, one dot wide. It leaves out lines so faint
// that they only help the eye, such as a grid: here they would hinder it.
func (c *Canvas) Stroke(path vg.Path) {
	const pale = .85
	if c.width <= 0 || translucent(c.ink) || grey(c.ink) && bright(c.ink) > pale {
		return
	}
	for _, line := range flatten(path, c.at) {
		done := c.shift
		for i := 1; i < len(line); i++ {
			done = c.segment(line[i-1], line[i], done)
		}
	}
}

// segment draws from p to q, where done of the dashes is over; it returns the
// same for what follows.
func (c *Canvas) segment(p, q vg.Point, done vg.Length) vg.Length {
	w, h := c.Size()
	p, q, ok := clip(p, q, w, h)
	if !ok {
		return done
	}
	dx, dy := q.X-p.X, q.Y-p.Y
	n := int(math.Ceil(math.Max(math.Abs(float64(dx)), math.Abs(float64(dy))) / float64(dotSide)))
	length := vg.Length(math.Hypot(float64(dx), float64(dy)))
	for i := range n + 1 {
		t := vg.Length(i) / vg.Length(max(n, 1))
		if c.inked(done + t*length) {
			c.dot(int(math.Floor(float64((p.X+t*dx)/dotSide))), int(math.Floor(float64((p.Y+t*dy)/dotSide))))
		}
	}
	return done + length
}

// inked reports whether a line is drawn at a length from its begin.
func (c *Canvas) inked(at vg.Length) bool {
	var sum vg.Length
	for _, d := range c.dash {
		sum += d
	}
	if sum <= 0 {
		return true
	}
	at = vg.Length(math.Mod(float64(at), float64(sum)))
	for i, d := range c.dash {
		if at < d {
			return i%2 == 0
		}
		at -= d
	}
	return true
}

// Fill fills the inside of path. Of areas in a translucent colour it sets every
// other dot; marks, which are smaller, stay whole.
func (c *Canvas) Fill(path vg.Path) {
	if transparent(c.ink) {
		return
	}
	lines := flatten(path, c.at)
	thin := translucent(c.ink) && span(lines) > 5*dotSide
	any := false
	for y := range 4 * c.rows {
		level := (vg.Length(y) + .5) * dotSide
		for _, span := range spans(lines, level) {
			from := max(int(math.Ceil(float64(span[0]/dotSide)-.5)), 0)
			to := min(int(math.Floor(float64(span[1]/dotSide)-.5)), 2*c.columns-1)
			for x := from; x <= to; x++ {
				any = true
				if !thin || (x+y)%2 == 0 {
					c.dot(x, y)
				}
			}
		}
	}
	if any || len(lines) == 0 {
		return
	}
	// Too small for any dot's middle, such as the mark of a point.
	lo, hi := box(lines)
	c.dot(int(math.Floor(float64((lo.X+hi.X)/2/dotSide))), int(math.Floor(float64((lo.Y+hi.Y)/2/dotSide))))
}

// FillString writes text centred where it would be, in characters. Text that
// would stand on other text is left out. Text turned by a right angle stands
// letter below letter.
func (c *Canvas) FillString(face font.Face, at vg.Point, text string) {
	text = ansi.Strip(strings.ToValidUTF8(text, "\uFFFD"))
	width := vg.Length(columnsOf(text))
	if width == 0 || transparent(c.ink) {
		return
	}
	extents := face.Extents()
	mid := c.at.apply(vg.Point{X: at.X + face.Width(text)/2, Y: at.Y + extents.Ascent*.38})
	column, row := float64(mid.X/CharWidth), float64(c.rows)-float64(mid.Y/CharHeight)
	if math.Abs(c.at.b) > math.Abs(c.at.a) {
		runes := []rune(text)
		top := int(math.Round(row - float64(len(runes))/2))
		top = max(min(top, c.rows-len(runes)), 0)
		for i, r := range runes {
			c.write(int(math.Floor(column)), top+i, string(r))
		}
		return
	}
	left := int(math.Round(column - float64(width)/2))
	left = max(min(left, c.columns-int(width)), 0)
	c.write(left, int(math.Floor(row)), text)
}

// write writes text in one row, unless some of it is taken.
func (c *Canvas) write(column, row int, text string) {
	width := columnsOf(text)
	if row < 0 || row >= c.rows || column < 0 || column+width > c.columns {
		return
	}
	line := c.cells[row*c.columns : (row+1)*c.columns]
	for x := max(column-1, 0); x < min(column+width+1, c.columns); x++ {
		if t := line[x].text; (t != 0 && t != ' ') || line[x].wide {
			return
		}
	}
	for _, r := range text {
		w := ansi.StringWidth(string(r))
		if w == 0 {
			continue
		}
		line[column].text, line[column].letter = r, c.ink
		for i := 1; i < w; i++ {
			line[column+i].wide = true
		}
		column += w
	}
}

// columnsOf returns how wide text is where each of its letters stands alone.
func columnsOf(text string) (n int) {
	for _, r := range text {
		n += ansi.StringWidth(string(r))
	}
	return n
}

// DrawImage draws img in blocks of half a character.
func (c *Canvas) DrawImage(to vg.Rectangle, img image.Image) {
	a, b := c.at.apply(to.Min), c.at.apply(to.Max)
	left, right := math.Round(float64(min(a.X, b.X)/CharWidth)), math.Round(float64(max(a.X, b.X)/CharWidth))
	const half = CharHeight / 2
	low, high := math.Round(float64(min(a.Y, b.Y)/half)), math.Round(float64(max(a.Y, b.Y)/half))
	size := img.Bounds()
	for y := max(int(low), 0); y < min(int(high), 2*c.rows); y++ {
		for x := max(int(left), 0); x < min(int(right), c.columns); x++ {
			px := size.Min.X + int((float64(x)+.5-left)/(right-left)*float64(size.Dx()))
			py := size.Min.Y + int((high-float64(y)-.5)/(high-low)*float64(size.Dy()))
			ink := img.At(px, py)
			if transparent(ink) {
				continue
			}
			at := &c.cells[(c.rows-1-y/2)*c.columns+x]
			if y%2 == 1 {
				at.top = ink
			} else {
				at.bottom = ink
			}
		}
	}
}

func transparent(c color.Color) bool {
	_, _, _, a := c.RGBA()
	return a == 0
}

// translucent reports whether more than half shines through c.
func translucent(c color.Color) bool {
	_, _, _, a := c.RGBA()
	return a < 0x8000
}

// A Palette says which colours a terminal knows.
type Palette int

// The palettes.
const (
	Monochrome Palette = iota // none; blocks are dithered
	Colors256
	TrueColor
)

// Text returns the drawing in lines, without spaces at their ends and without
// empty lines around.
func (c *Canvas) Text(palette Palette) string {
	lines := make([]string, c.rows)
	for row := range c.rows {
		var b strings.Builder
		p := pen{palette: palette}
		for column, at := range c.cells[row*c.columns : (row+1)*c.columns] {
			switch {
			case at.wide:
			case at.text != 0:
				p.write(&b, at.text, at.letter, orElse(at.bottom, at.top))
			case at.top != nil || at.bottom != nil:
				c.block(&b, &p, at, column, row)
			case at.dots == 0xff:
				p.write(&b, '█', at.ink, nil)
			case at.dots != 0:
				p.write(&b, 0x2800+rune(at.dots), at.ink, nil)
			default:
				p.write(&b, ' ', nil, nil)
			}
		}
		p.lift(&b)
		lines[row] = strings.TrimRight(b.String(), " ")
	}
	for len(lines) > 0 && lines[0] == "" {
		lines = lines[1:]
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return strings.Join(lines, "\n")
}

func orElse(a, b color.Color) color.Color {
	if a != nil {
		return a
	}
	return b
}

func (c *Canvas) block(b *strings.Builder, p *pen, at char, column, row int) {
	switch {
	case p.palette == Monochrome:
		var dots uint8
		for y := range 4 {
			ink := at.top
			if y > 1 {
				ink = at.bottom
			}
			for x := range 2 {
				if ink != nil && bright(ink) > threshold[(4*row+y)%4][(2*column+x)%4] {
					dots |= bits[y][x]
				}
			}
		}
		p.write(b, 0x2800+rune(dots), nil, nil)
	case at.bottom == nil:
		p.write(b, '▀', at.top, nil)
	case at.top == nil:
		p.write(b, '▄', at.bottom, nil)
	default:
		p.write(b, '▀', at.top, at.bottom)
	}
}

// threshold is the ordered dither matrix of size four (Bayer, 1973).
var threshold = func() (m [4][4]float64) {
	for y, row := range [4][4]float64{{0, 8, 2, 10}, {12, 4, 14, 6}, {3, 11, 1, 9}, {15, 7, 13, 5}} {
		for x, v := range row {
			m[y][x] = (v + .5) / 16
		}
	}
	return m
}()

// bright returns the luma of c, from 0 to 1.
func bright(c color.Color) float64 {
	return float64(color.GrayModel.Convert(c).(color.Gray).Y) / 255
}
