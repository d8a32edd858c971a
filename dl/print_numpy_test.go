package dl_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/fluxion-go/fluxion/tests/operations"
)

// TestPrintsLikeNumPy compares with what tests/reference/printing.py made NumPy
// print. Bools are the exception: here they are those of Go.
func TestPrintsLikeNumPy(t *testing.T) {
	text, err := os.ReadFile("testdata/printing.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cases []struct {
			operations.Array
			Factor float64
			Text   string
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	words := strings.NewReplacer("True", "true", "False", "false")
	for _, c := range file.Cases {
		if c.Factor != 0 {
			n := 1
			for _, d := range c.Shape {
				n *= d
			}
			values := make([]string, n)
			for i := range values {
				values[i] = fmt.Sprint(float64(i) * c.Factor)
			}
			c.Data = strings.Join(values, " ")
		}
		x := tensor(t, c.Array)
		got, _, _ := strings.Cut(x.String(), "  (")
		if want := words.Replace(c.Text); got != want {
			t.Errorf("%s %v: got\n%s\nwant\n%s", c.DType, c.Shape, got, want)
		}
	}
	if len(file.Cases) < 50 {
		t.Errorf("%d cases", len(file.Cases))
	}
}
