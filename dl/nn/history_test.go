package nn

import (
	"math"
	"strings"
	"testing"
)

func TestLongHistory(t *testing.T) {
	h := &History{names: []string{"loss", "val_accuracy"}, epochs: map[string][]float64{}}
	if got := h.String(); got != "epoch     loss  val_accuracy" {
		t.Errorf("an empty history is %q", got)
	}
	if !math.IsNaN(h.Last("loss")) {
		t.Error("an empty history has a last loss")
	}
	for e := range 200 {
		h.epochs["loss"] = append(h.epochs["loss"], 1/float64(e+1))
		h.epochs["val_accuracy"] = append(h.epochs["val_accuracy"], 0.5)
	}
	h.Stopped = "interrupted"
	lines := strings.Split(h.String(), "\n")
	if len(lines) != 1+3+1+12+1 || lines[4] != "  ..." || lines[5] != "  189   0.0053        0.5000" ||
		lines[16] != "  200   0.0050        0.5000" || lines[17] != "stopped early: interrupted" {
		t.Errorf("a long history is\n%s", h)
	}
}
