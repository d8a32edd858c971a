package kernel

import "github.com/fluxion-go/fluxion/cell"

// errorContent is what error messages and replies say about a failed cell.
func errorContent(e *cell.Error) fields {
	return fields{"ename": string(e.Kind), "evalue": e.Message, "traceback": e.Traceback()}
}
