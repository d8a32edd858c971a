// Package display shows values in a notebook: text, tables, pictures, plots,
// computational graphs, and the progress of a training run.
//
// Everything acts at once, through the output of the running cell
// ([cell.Current]), and returns nothing:
//
//	display.Line(xs, ys, display.Title("loss"))
//	display.Table(rows)
//	display.HTML("<b>done</b>")
//
// What is shown goes out as a MIME bundle: one value in several
// representations, among which the front end picks. A text/plain twin is
// always there, so that nothing is lost in a terminal, in a diff, or to a
// person who listens to a screen reader.
//
// # Values
//
// [Show] and the last expression of a cell take the same path, [Render]. In
// this order a value is shown
//
//   - by its method MIMEBundle ([MIMEBundler]), or one of the methods HTML,
//     Markdown, LaTeX and SVG, which return a string;
//   - as the drawing of a computational graph, where it is a [cell.Graph] or
//     has a method Graph that returns one,
//   - as a picture, where it is an [image.Image] or a gonum *plot.Plot, or as
//     pictures with their classes, where it has the methods Len, Image and
//     Class of an album;
//   - as a tensor, where it has the methods Shape() []int and String() string:
//     what its numbers are like, with a heat map of a matrix and the pictures of
//     a batch of pictures;
//   - by its method Error or String,
//   - a slice of structs or maps as a table whose rows sort by a click, a map as
//     a table, a slice of equally long slices of numbers as a matrix, a struct
//     as a tree that folds;
//   - or as fmt's %v writes it; long slices are cut and say how long they are.
//
// So a type of yours is shown as you like by a method, such as
//
//	func (m Molecule) SVG() string { … }
//
// # Numbers
//
// The functions that draw take numbers as a slice ([]float64, []float32,
// []int, …), or as anything that has a method Float64s() []float64, such as a
// tensor. Where a table of numbers is wanted, a slice of slices or a tensor
// with two axes will do.
//
// # Controls
//
// [Slider], [IntSlider], [Button], [Dropdown], [Checkbox], [TextBox], [Progress]
// and [Output] are the widgets of ipywidgets, which a front end that has these
// shows; [Row] and [Column] arrange them. Their functions run while no cell does,
// and what they show goes below the cell that made the widget. [Redraw] makes a
// figure follow them:
//
//	k := display.Slider("degree", 0, 9, 3)
//	display.Show(k)
//	var place display.Live
//	display.Redraw(func() { display.Line(xs, fit(k.Value()), display.In(&place)) }, k)
//
// Elsewhere a widget shows its label and its value as text.
//
// # Misuse
//
// Arguments that cannot be drawn make a panic with an [*Error], which a cell
// reports like any other error.
package display
