package preload_test

import (
	"fmt"

	"github.com/fluxion-go/fluxion/preload"
)

// What cells see of a package: compiled symbols, types, and, for a generic package,
// source.
func ExamplePackages() {
	var p preload.Packages
	upper := p.Symbols()["strings"]["ToUpper"].Interface().(func(string) string)
	fmt.Println(upper("symbols"))

	types, ok := p.ExportData("strings")
	fmt.Println(len(types) > 0, ok)

	files, _ := p.Source("slices")
	fmt.Println(len(files["slices/sort.go"]) > 0)

	fmt.Println(p.Implicit()["plot"])
	// Output:
	// SYMBOLS
	// true true
	// true
	// gonum.org/v1/plot
}
