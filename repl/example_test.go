package repl

import (
	"context"
	"fmt"
	"os"
	"strings"
)

func ExampleRun() {
	script := "6 * 7\n{\n1 +\n1\n}\n"
	err := Run(context.Background(), Options{In: strings.NewReader(script), Out: os.Stdout, Evaluator: calculator{}})
	fmt.Println(err)
	// Output:
	// 42
	// 2
	// <nil>
}
