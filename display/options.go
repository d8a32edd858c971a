package display

import "github.com/fluxion-go/fluxion/cell"

// An Option changes how a figure is drawn. What does not apply to a figure is
// ignored by it.
type Option func(*options)

type options struct {
	fn             string // the function called, for errors
	title          string
	xLabel, yLabel string
	labels         []string
	classes        any
	overlays       []overlay
	logX, logY     bool
	width, height  float64 // centimetres; 0: the figure's own size
	columns, bins  int
	place          Place
	bands          []band
	regions        func(points [][]float64) any
	colorBy        string
	unfold         bool
}

// An overlay is a line drawn over a figure.
type overlay struct {
	xs, ys any
	label  string
}

// Title writes s above the figure.
func Title(s string) Option { return func(o *options) { o.title = s } }

// XLabel names the horizontal axis.
func XLabel(s string) Option { return func(o *options) { o.xLabel = s } }

// YLabel names the vertical axis.
func YLabel(s string) Option { return func(o *options) { o.yLabel = s } }

// Labels names what is drawn: the lines, classes, rows or pictures, in order.
func Labels(names ...string) Option { return func(o *options) { o.labels = names } }

// Classes colours the points of a Scatter, or parts the values of a Hist, by
// class: one integer from 0 for each point. Labels names the classes.
func Classes(classes any) Option { return func(o *options) { o.classes = classes } }

// Overlay draws a line over a Line or Scatter figure, such as a fit or the
// border between two classes. The figure's ranges follow its own data, not
// the line.
func Overlay(xs, ys any, label string) Option {
	return func(o *options) { o.overlays = append(o.overlays, overlay{xs, ys, label}) }
}

// LogX makes the horizontal axis logarithmic. All values must be positive.
func LogX() Option { return func(o *options) { o.logX = true } }

// LogY makes the vertical axis logarithmic. All values must be positive.
func LogY() Option { return func(o *options) { o.logY = true } }

// Size sets the width and height of the whole figure, in centimetres; without
// it most figures are 16 by 9.
func Size(width, height float64) Option {
	return func(o *options) { o.width, o.height = width, height }
}

// Columns sets how many pictures stand in a row.
func Columns(n int) Option { return func(o *options) { o.columns = n } }

// Bins sets the number of bars of a Hist.
func Bins(n int) Option { return func(o *options) { o.bins = n } }

// Band shades the area between two curves around a line, such as a mean plus
// and minus its deviation. The first Band belongs to the first line, and so on.
func Band(lower, upper any) Option {
	return func(o *options) { o.bands = append(o.bands, band{lower, upper}) }
}

// Regions colours the ground of a Scatter by what predict answers at each
// point of a fine grid, which shows the decision boundary of a classifier.
// Predict gets all points at once, as rows of x and y, and returns a number
// for each, as a slice or tensor: the number of a class, or between 0 and 1 the
// probability of class 1.
//
//	display.Scatter(x1, x2, display.Classes(y), display.Regions(func(points [][]float64) any {
//		return model.Predict(dl.New(points)).ArgMax(1)
//	}))
func Regions(predict func(points [][]float64) any) Option {
	return func(o *options) { o.regions = predict }
}

// ColorBy colours the nodes of a Graph by what they cost: "time" or "memory".
// Without it they are coloured by time where that was measured.
func ColorBy(cost string) Option { return func(o *options) { o.colorBy = cost } }

// Unfold draws all nodes of a Graph in one picture, however many there are.
func Unfold() Option { return func(o *options) { o.unfold = true } }

// In draws the figure into p: a Live, in place of what was there, or a Board.
func In(p Place) Option { return func(o *options) { o.place = p } }

func collect(fn string, opts []Option) *options {
	o := &options{fn: fn}
	for _, opt := range opts {
		opt(o)
	}
	if o.width < 0 || o.height < 0 || o.width > 200 || o.height > 200 {
		misuse(fn, "size is %g by %g cm; want between 0 and 200", o.width, o.height)
	}
	return o
}

// size returns the size asked for, or w by h centimetres.
func (o *options) size(w, h float64) (float64, float64) {
	if o.width > 0 && o.height > 0 {
		return o.width, o.height
	}
	return w, h
}

// A band is the area between two curves.
type band struct{ lower, upper any }

// show sends the bundle to where the options want it.
func (o *options) show(b cell.Bundle) {
	if o.place != nil {
		o.place.put(b)
		return
	}
	send(b)
}

// showFigure draws f to where the options want it.
func (o *options) showFigure(f *figure) {
	if o.place != nil {
		o.place.putFigure(f)
		return
	}
	send(f.bundle())
}

// label returns the name of the i-th thing drawn, or other.
func (o *options) label(i int, other string) string {
	if i < len(o.labels) {
		return o.labels[i]
	}
	return other
}

// panel returns an empty panel with the titles that the options ask for.
func (o *options) panel() *panel {
	p := newPanel(o.title)
	p.X.Label.Text, p.Y.Label.Text = o.xLabel, o.yLabel
	return p
}
