package display_test

import (
	"fmt"

	"github.com/fluxion-go/fluxion/display"
)

// Where there are no widgets, as in a terminal, a widget shows its text. In a
// notebook the figure follows the slider.
func ExampleSlider() {
	slope := display.Slider("slope", -2, 2, 1).Step(0.5)
	display.Show(slope)
	display.Redraw(func() {
		display.Line(nil, []float64{0, slope.Value(), 2 * slope.Value()}, display.Title("a line"))
	}, slope)
	slope.Set(-3)
	fmt.Println(slope.Value())
	// Output:
	// slope: 1 (slider from -2 to 2)
	// a line
	// line: 3 points, x 0 … 2, y 0 … 2, last 2
	// -2
}

func ExampleIntSlider() {
	layers := display.IntSlider("layers", 1, 8, 3)
	layers.OnChange(func(n int) { fmt.Println("now", n, "layers") })
	display.Show(layers)
	// Output: layers: 3 (slider from 1 to 8)
}

func ExampleButton() {
	display.Show(display.Button("train").OnClick(func() { fmt.Println("training") }))
	// Output: [train]
}

func ExampleDropdown() {
	rule := display.Dropdown("optimizer", "SGD", "Adam")
	rule.Set("Adam")
	display.Show(rule)
	// Output: optimizer: Adam (one of SGD, Adam)
}

func ExampleCheckbox() {
	shuffle := display.Checkbox("shuffle", true)
	display.Show(shuffle)
	fmt.Println(shuffle.Value())
	// Output:
	// [x] shuffle
	// true
}

func ExampleTextBox() {
	display.Show(display.TextBox("name", "first run"))
	// Output: name: "first run"
}

func ExampleProgress() {
	done := display.Progress("downloaded", 10)
	done.Set(4)
	display.Show(done)
	// Output: downloaded: 4 of 10
}

func ExampleOutput() {
	out := display.Output()
	out.Capture(func() { display.Show([]int{1, 2, 3}) })
	fmt.Println("the widget holds", out)
	// Output: the widget holds [1 2 3]
}

func ExampleRow() {
	display.Show(display.Column(
		display.Row(display.Slider("rate", 0, 1, 0.1), display.Checkbox("nesterov", false)),
		display.Button("train"),
	))
	// Output:
	// rate: 0.1 (slider from 0 to 1)
	// [ ] nesterov
	// [train]
}
