package interp

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fluxion-go/fluxion/interp/exec"
	"github.com/fluxion-go/fluxion/interp/vm"
	"github.com/fluxion-go/fluxion/interp/yaegi"
)

// executors are the ways to run cells, the best first.
var executors = []struct {
	name string
	make func(exec.Config) (exec.Executor, error)
}{
	{"vm", vm.New},
	{"yaegi", func(c exec.Config) (exec.Executor, error) { return yaegi.New(c), nil }},
}

// newExecutor makes the executor called name. Where name is empty, or that
// executor does not work on this machine, it makes the best that does.
func (e *evaluator) newExecutor(name string, config exec.Config) (exec.Executor, string, error) {
	if name != "" && !slices.Contains(executorNames(), name) {
		return nil, "", fmt.Errorf("there is no executor %q (there are: %s)", name, strings.Join(executorNames(), ", "))
	}
	order := slices.Clone(executors)
	for i, x := range order {
		if x.name == name {
			order[0], order[i] = order[i], order[0]
		}
	}
	var err error
	for _, o := range order {
		x, makeErr := o.make(config)
		if makeErr == nil {
			return x, o.name, nil
		}
		err = fmt.Errorf("executor %s: %w", o.name, makeErr)
		e.config.Message(err.Error() + "; another is used")
	}
	return nil, "", err
}

func executorNames() []string {
	var names []string
	for _, x := range executors {
		names = append(names, x.name)
	}
	return names
}
