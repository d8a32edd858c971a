package interp_test

import (
	"context"
	"fmt"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/interp"
	"github.com/fluxion-go/fluxion/preload"
)

// A printer is an Output for a program that has no notebook.
type printer struct{}

func (printer) Stream(_, text string)              { fmt.Print(text) }
func (printer) Display(b cell.Bundle, _ string)    { fmt.Println(b) }
func (printer) Update(cell.Bundle, string)         {}
func (printer) Clear(bool)                         {}
func (printer) Page(b cell.Bundle)                 { fmt.Println(b) }
func (printer) Input(string, bool) (string, error) { return "", fmt.Errorf("nobody is there") }

func Example() {
	session, err := interp.New(interp.Config{
		Library: preload.Packages{},
		Imports: map[string]string{"fmt": "fmt"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer session.Close()
	for i, code := range []string{
		"x := 20\nfunc double(n int) int { return n * 2 }",
		"fmt.Println(\"x is\", x)\ndouble(x) + 2",
		"doubel(x)",
	} {
		result := session.Eval(context.Background(), cell.Request{Code: code, Count: i + 1}, printer{})
		if !result.Value.Empty() {
			fmt.Println("=", result.Value)
		}
		if result.Err != nil {
			fmt.Print(result.Err.Report())
		}
	}
	// Output:
	// x is 20
	// = 42
	// compile error: undefined: doubel
	//   cell 3, line 1, column 1
	//     doubel(x)
	//     ^
	// hint: did you mean double?
}
