package display

import (
	"html"
	"strings"
	"testing"
	"time"

	"github.com/fluxion-go/fluxion/cell"
)

// layers is a model of two layers of which the first has two operations.
func layers() cell.Graph {
	return cell.Graph{
		Nodes: []cell.GraphNode{
			{Label: "x", Value: "(?, 3)", Kind: cell.InputNode},
			{Label: "w", Kind: cell.VariableNode, Group: "1 dense\n6 parameters", Bytes: 24},
			{Label: "v1 = x @ w", Kind: cell.OperationNode, Group: "1 dense\n6 parameters", Time: 3 * time.Microsecond},
			{Label: "v2 = v1 + b", Value: "(?, 2)", Kind: cell.OperationNode, Group: "1 dense\n6 parameters", Time: 2 * time.Millisecond},
			{Label: "v3 = relu(v2)", Value: "(?, 2)", Kind: cell.OperationNode, Group: "2 relu", Time: time.Microsecond},
		},
		Edges: []cell.GraphEdge{{From: 0, To: 2}, {From: 1, To: 2}, {From: 2, To: 3}, {From: 3, To: 4}},
	}
}

func TestFoldedGraph(t *testing.T) {
	b := one(t, func() { Graph(layers(), Title("A model")) })
	golden(t, "graph-folded.txt", outline(t, b))
	page := string(b.Data[cell.HTML])
	if n := strings.Count(page, "<details"); n != 1 || strings.Count(page, "<img src=\"data:image/svg+xml,") != 2 {
		t.Errorf("%d groups open", n)
	}
	if strings.Contains(page, "<svg") {
		t.Error("an svg element stands in HTML; a reader who does not trust it would not see it")
	}
	_, inner, _ := strings.Cut(page, "<details")
	inner = html.UnescapeString(inner)
	for _, want := range []string{">x<", ">w<", ">v1 = x @ w<", ">v2 = v1 + b<"} {
		if !strings.Contains(inner, want) {
			t.Errorf("%s is missing within the group", want)
		}
	}
	golden(t, "graph-unfolded.txt", outline(t, one(t, func() { Graph(layers(), Unfold(), ColorBy("memory")) })))
}

func TestFoldingInACircle(t *testing.T) {
	// a → b → a: the groups need each other.
	g := cell.Graph{
		Nodes: []cell.GraphNode{{Label: "1", Group: "a"}, {Label: "2", Group: "b"}, {Label: "3", Group: "a"}},
		Edges: []cell.GraphEdge{{From: 0, To: 1}, {From: 1, To: 2}},
	}
	f := fold(g)
	if len(f.outline.Nodes) != 2 || len(f.outline.Edges) != 1 {
		t.Errorf("got %+v", f.outline)
	}
	for _, e := range f.outline.Edges {
		if e.From >= e.To {
			t.Errorf("edge %v does not lead up", e)
		}
	}
}

func TestLargeGraphIsCut(t *testing.T) {
	b := one(t, func() { Graph(largeGraph(1000)) })
	html := string(b.Data[cell.HTML])
	if n := strings.Count(html, "<details"); n != 25 {
		t.Errorf("%d parts, want 25", n)
	}
	if !strings.Contains(html, "nodes 961 to 1000") || !strings.HasSuffix(b.String(), "… 700 nodes more") {
		t.Error("the end is missing")
	}
	for _, e := range elements(t, string(b.Data[cell.SVG])) {
		if e.name == "text" && e.text == "nodes 1 to 40" {
			return
		}
	}
	t.Error("there is no overview")
}

func TestCost(t *testing.T) {
	for _, c := range []struct {
		by, legend, note string
	}{
		{"", "coloured by time: 2 ms in all, 2 ms at most", "3 µs, 0 %"},
		{"time", "coloured by time: 2 ms in all, 2 ms at most", "3 µs, 0 %"},
		{"memory", "coloured by memory: 24 B in all, 24 B at most", ""},
	} {
		cost, err := costOf(layers(), c.by)
		if err != nil {
			t.Fatal(err)
		}
		if got := cost.legend(); got != c.legend {
			t.Errorf("%q: %s, want %s", c.by, got, c.legend)
		}
		if got := cost.noted(layers().Nodes[2]).Note; got != c.note {
			t.Errorf("%q: the note is %q, want %q", c.by, got, c.note)
		}
	}
}

func TestByteText(t *testing.T) {
	for n, want := range map[int]string{1: "1 B", 1500: "1.5 kB", 20_000_000: "20 MB", 3_210_000_000: "3.21 GB"} {
		if got := byteText(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}
