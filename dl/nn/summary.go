package nn

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// String returns the [Model.Summary].
func (m *Model) String() string { return m.Summary() }

// Summary returns a table of the layers, the shapes of their outputs with ?
// for the number of examples, and how many parameters they have; the layers of
// a layer stand indented below it. Shapes and parameters are known once the
// model was applied; Summary applies it to inputs of the given shape, without
// the axis of the examples:
//
//	fmt.Println(model.Summary(3, 32, 32))
func (m *Model) Summary(input ...int) string {
	if len(input) > 0 {
		m.Build(input)
	} else if m.given == nil && len(m.inputs[0].shape) > 0 {
		m.Build()
	}
	chain := m.isChain()
	header := []string{"layer", "output", "parameters"}
	if !chain {
		header = append(header, "inputs")
	}
	rows := [][]string{header}
	for i, in := range m.given {
		name := "input"
		if !chain {
			name = m.inputs[i].name
		}
		rows = append(rows, []string{name, graph.ShapeString(perExample(in.shape)), ""})
	}
	for i, n := range m.nodes {
		row := []string{fmt.Sprintf("%d %s", i+1, describe(n.layer)), "not known yet", ""}
		known := i < len(m.shapes)
		if known {
			row[1], row[2] = graph.ShapeString(perExample(m.shapes[i])), grouped(count(n.layer.Parameters()))
		}
		if !chain {
			from := make([]string, len(n.from))
			for k, f := range n.from {
				from[k] = m.number(f)
			}
			row = append(row, strings.Join(from, ", "))
		}
		rows = append(rows, row)
		if known {
			rows = append(rows, inner(n.layer, "  ")...)
		}
	}
	if m.named {
		rows = append(rows, []string{"total", "", grouped(count(m.Parameters()))})
		if n := count(m.State()); n > 0 {
			rows = append(rows, []string{"state", "", grouped(n)})
		}
	}
	return columns(rows)
}

// inner lists the layers of a layer that have something to learn.
func inner(l Layer, indent string) (rows [][]string) {
	p, ok := l.(Parent)
	if !ok {
		return nil
	}
	for i, child := range p.Layers() {
		name := fmt.Sprintf("%s%d %s", indent, i+1, describe(child))
		rows = append(rows, []string{name, "", grouped(count(child.Parameters()))})
		rows = append(rows, inner(child, indent+"  ")...)
	}
	return rows
}

// isChain reports whether each layer takes what the one before it gives.
func (m *Model) isChain() bool {
	before := m.inputs[0]
	for _, n := range m.nodes {
		if len(n.from) != 1 || n.from[0] != before {
			return false
		}
		before = n
	}
	return len(m.inputs) == 1 && len(m.outputs) == 1
}

func count(vs []*dl.Tensor) int {
	n := 0
	for _, v := range vs {
		n += v.Size()
	}
	return n
}

// perExample returns the shape for any number of examples.
func perExample(shape []int) []int {
	s := slices.Clone(shape)
	if len(s) > 0 {
		s[0] = -1
	}
	return s
}

// columns aligns rows, the third column to the right.
func columns(rows [][]string) string {
	var width [4]int
	for _, r := range rows {
		for c, s := range r {
			width[c] = max(width[c], utf8.RuneCountInString(s))
		}
	}
	var b strings.Builder
	for _, r := range rows {
		line := fmt.Sprintf("%-*s  %-*s  %*s", width[0], r[0], width[1], r[1], width[2], r[2])
		if len(r) > 3 {
			line += "  " + r[3]
		}
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
