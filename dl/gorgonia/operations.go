package gorgonia

import "github.com/fluxion-go/fluxion/dl/gorgonia/engine"

// Operations returns the names of the operations that programs may consist of
// after dl.Use("gorgonia"), sorted. Others are an error, when a function is
// compiled, that names the operation.
func Operations() []string {
	var names []string
	for _, op := range engine.Operations() {
		names = append(names, string(op))
	}
	return names
}
