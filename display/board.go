package display

import (
	"strings"
	"sync"

	"github.com/fluxion-go/fluxion/cell"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Place takes what is drawn with the option [In]: a [Live] or a [Board].
type Place interface {
	put(cell.Bundle)
	putFigure(*figure)
}

// A Board is several plots in one figure, in rows of a number of columns, which
// are narrowed where a page has no room for them:
//
//	board := display.NewBoard(2)
//	display.Line(nil, losses, display.Title("loss"), display.In(board))
//	display.Hist(weights, display.Title("weights"), display.In(board))
//	board
//
// As the last expression of a cell, or passed to [Show], it shows itself. Its
// methods may be called from any goroutine.
type Board struct {
	columns int
	mu      sync.Mutex
	figures []*figure
}

// NewBoard returns an empty board with that many plots in a row.
func NewBoard(columns int) *Board {
	if columns < 1 || columns > 20 {
		misuse("NewBoard", "columns is %d; want 1 to 20", columns)
	}
	return &Board{columns: columns}
}

func (b *Board) putFigure(f *figure) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.figures = append(b.figures, f)
}

func (b *Board) put(cell.Bundle) {
	misuse("Board", "a board takes plots; show pictures, tables and graphs on their own, or in a Live")
}

// MIMEBundle implements [MIMEBundler].
func (b *Board) MIMEBundle() map[string][]byte {
	return b.bundle().Data
}

func (b *Board) bundle() cell.Bundle {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.figures) == 0 {
		return cell.Text("an empty board; draw into it with display.In")
	}
	return b.figure().bundle()
}

// figure joins the plots into one figure, whose columns are as wide and whose
// rows as high as their largest.
func (b *Board) figure() *figure {
	var widths, heights []vg.Length
	rigid := map[int]bool{} // columns
	all := &figure{}
	var texts []string
	for i, f := range b.figures {
		col, row := i%b.columns, i/b.columns
		if col == len(widths) {
			widths = append(widths, 0)
		}
		if row == len(heights) {
			heights = append(heights, 0)
		}
		widths[col] = max(widths[col], f.width)
		heights[row] = max(heights[row], f.height)
		rigid[col] = rigid[col] || f.rigid
		all.marks += f.marks
		texts = append(texts, f.text)
	}
	narrow(widths, rigid)
	for _, w := range widths {
		all.width += w
	}
	for _, h := range heights {
		all.height += h
	}
	all.text = strings.Join(texts, "\n\n")
	all.inside = func(c draw.Canvas) {
		y := c.Max.Y
		for row := range heights {
			x := c.Min.X
			for col := range widths {
				if i := row*b.columns + col; i < len(b.figures) {
					f := b.figures[i]
					part := c
					w, h := widths[col], heights[row]
					if f.rigid {
						w, h = f.width, f.height
					}
					part.Min = vg.Point{X: x, Y: y - h}
					part.Max = vg.Point{X: x + w, Y: y}
					f.drawInside(part)
				}
				x += widths[col]
			}
			y -= heights[row]
		}
	}
	return all
}

// narrow makes the columns that can be narrower so if the page has no room for
// all, down to the width at which plots can still be read.
func narrow(widths []vg.Length, rigid map[int]bool) {
	const readable = .7
	var fixed, free vg.Length
	for col, w := range widths {
		if rigid[col] {
			fixed += w
		} else {
			free += w
		}
	}
	if fixed+free <= cm(pageWidth) || free == 0 {
		return
	}
	by := max(readable, (cm(pageWidth)-fixed)/free)
	for col := range widths {
		if !rigid[col] {
			widths[col] *= by
		}
	}
}
