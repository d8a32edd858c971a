package display

import (
	"strings"
	"testing"
	"time"

	"github.com/fluxion-go/fluxion/cell"
)

func TestVariables(t *testing.T) {
	b := RenderVariables([]cell.Variable{
		{Name: "x", Kind: "variable", Type: "*dl.Tensor", Value: shared{numbers{shape: []int{3, 3}}}},
		{Name: "names", Kind: "variable", Type: "[]string", Value: []string{"a", "b"}},
		{Name: "text", Kind: "variable", Type: "string", Value: "one\ntwo"},
		{Name: "took", Kind: "variable", Type: "time.Duration", Value: time.Second},
		{Name: "flower", Kind: "type", Type: "main.flower"},
		{Name: "bad", Kind: "variable", Type: "main.broken", Value: broken{}},
		{Name: "none", Kind: "variable", Type: "error", Value: (*named)(nil)},
	})
	want := `
name    type           size  memory  value
──────  ─────────────  ────  ──────  ────────────────────────────────────────────────────────────
x       *dl.Tensor      3×3          0 0 0 0 0 0 …
names   []string          2    32 B  [a b]
text    string            7     7 B  "one\ntwo"
took    time.Duration                1s
flower  flower
bad     broken                       %!v(main.broken: panic while it was rendered: no luck)
none    error                        <nil>`
	if got := b.String(); got != strings.TrimSpace(want) && strings.ReplaceAll(got, "─", "") != strings.ReplaceAll(strings.TrimSpace(want), "─", "") {
		t.Errorf("got\n%s\nwant%s", got, want)
	}
	if got := RenderVariables(nil).String(); got != "nothing is declared" {
		t.Errorf("of nothing it says %q", got)
	}
}

func TestByteText(t *testing.T) {
	for n, want := range map[int]string{1: "1 B", 1500: "1.5 kB", 20_000_000: "20 MB", 3_210_000_000: "3.21 GB"} {
		if got := byteText(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}
