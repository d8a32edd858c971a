package dl

import (
	_ "github.com/fluxion-go/fluxion/dl/cpu" // registers "cpu", which is always there
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

func init() { Use("cpu") }

// Use chooses the backend for all that is computed and compiled from now on.
// Those linked into a program register themselves: "cpu" and "reference"
// always, others by importing their packages.
func Use(name string) {
	if err := graph.Use(name); err != nil {
		panic(&Error{Op: "use", Axis: -1, Msg: err.Error(), Cause: err, Kind: ErrDevice})
	}
}

// Backend returns the name of the backend in use.
func Backend() string { return graph.InUse().Name() }
