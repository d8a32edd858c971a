package nn

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// A Model is a chain of layers that can be trained. It is a [Layer] itself.
type Model struct {
	layers  []Layer
	named   bool // the parameters bear the names of their layers
	input   []int
	outputs [][]int // of each layer, the shape it gave when last applied
	predict *forward
	history *History
}

// Sequential returns the model that applies the layers one after another.
// Sequential(l) makes a model of a single layer, such as one of your own.
func Sequential(layers ...Layer) *Model {
	for i, l := range layers {
		if l == nil {
			panic(misuse("nn", nil, "", "layer %d of Sequential is nil", i+1))
		}
	}
	return &Model{layers: layers}
}

// Layers returns the layers in their order.
func (m *Model) Layers() []Layer { return slices.Clone(m.layers) }

// Apply returns the outputs of the last layer for the inputs x, of which the
// first axis counts the examples. An error names the layer that it comes from.
func (m *Model) Apply(x *dl.Tensor) *dl.Tensor {
	m.input, m.outputs = x.Shape(), m.outputs[:0]
	for i, l := range m.layers {
		x = within(fmt.Sprintf("layer %d, %s", i+1, describe(l)), func() *dl.Tensor { return l.Apply(x) })
		m.outputs = append(m.outputs, x.Shape())
	}
	m.name()
	return x
}

// name puts the number of the layer in front of the parameters' names.
func (m *Model) name() {
	if m.named {
		return
	}
	for i, l := range m.layers {
		for _, p := range l.Parameters() {
			p.Named(fmt.Sprintf("%d.%s", i+1, p.Name()))
		}
	}
	m.named = true
}

// Parameters returns the parameters of all layers: none before the model is
// first applied.
func (m *Model) Parameters() []*dl.Tensor {
	var all []*dl.Tensor
	for _, l := range m.layers {
		for _, p := range l.Parameters() {
			if !slices.Contains(all, p) { // a layer may stand in two places
				all = append(all, p)
			}
		}
	}
	return all
}

// String returns the [Model.Summary].
func (m *Model) String() string { return m.Summary() }

// Summary returns a table of the layers, the shapes of their outputs with ?
// for the number of examples, and how many parameters they have. Shapes and
// parameters are known once the model was applied; Summary applies it to
// inputs of the given shape, without the axis of the examples:
//
//	fmt.Println(model.Summary(3, 32, 32))
func (m *Model) Summary(input ...int) string {
	if len(input) > 0 {
		m.Apply(dl.Placeholder("x", dl.Float32, append([]int{-1}, input...)...))
	}
	rows := [][3]string{{"layer", "output", "parameters"}}
	if m.input != nil {
		rows = append(rows, [3]string{"input", graph.ShapeString(perExample(m.input)), ""})
	}
	for i, l := range m.layers {
		row := [3]string{fmt.Sprintf("%d %s", i+1, describe(l)), "not known yet", ""}
		if i < len(m.outputs) {
			n := 0
			for _, p := range l.Parameters() {
				n += p.Size()
			}
			row[1], row[2] = graph.ShapeString(perExample(m.outputs[i])), grouped(n)
		}
		rows = append(rows, row)
	}
	if len(m.outputs) == len(m.layers) {
		total := 0
		for _, p := range m.Parameters() { // each once
			total += p.Size()
		}
		rows = append(rows, [3]string{"total", "", grouped(total)})
	}
	return columns(rows)
}

// perExample returns the shape for any number of examples.
func perExample(shape []int) []int {
	s := slices.Clone(shape)
	if len(s) > 0 {
		s[0] = -1
	}
	return s
}

// columns aligns rows, the last column to the right.
func columns(rows [][3]string) string {
	var width [3]int
	for _, r := range rows {
		for c, s := range r {
			width[c] = max(width[c], utf8.RuneCountInString(s))
		}
	}
	var b strings.Builder
	for _, r := range rows {
		line := fmt.Sprintf("%-*s  %-*s  %*s", width[0], r[0], width[1], r[1], width[2], r[2])
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// grouped writes n with a comma before every three digits.
func grouped(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
