package notebook_test

import (
	"fmt"

	"github.com/fluxion-go/fluxion/runner/notebook"
)

func ExampleFromMarkdown() {
	nb, err := notebook.FromMarkdown("# Sums\n\nA cell shows its last expression.\n\n```go tags=easy\n1 + 1\n```\n")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(nb.Title())
	for _, c := range nb.Cells {
		fmt.Println(c.Kind, c.Tags(), c.FirstLine())
	}
	// Output:
	// Sums
	// markdown [] # Sums
	// code [easy] 1 + 1
}
