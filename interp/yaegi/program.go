package yaegi

import (
	"context"
	"go/printer"
	"go/token"
	"maps"
	"os"
	"reflect"
	"strings"

	"github.com/traefik/yaegi/interp"

	"github.com/fluxion-go/fluxion/interp/exec"
)

// RunProgram implements exec.Executor. The program runs in an interpreter of its
// own, as it is: nothing in it is rewritten.
func (e *executor) RunProgram(ctx context.Context, p *exec.Program) error {
	if err := refuse(p.Pkg, p.Files, p.Info, e.config.Symbols); err != nil {
		return err
	}
	if len(p.Files) != 1 {
		return &exec.Unsupported{Pos: p.Files[1].Pos(), What: "the yaegi executor does not run programs of several files; the vm does"}
	}
	var text strings.Builder
	if err := printer.Fprint(&text, token.NewFileSet(), p.Files[0]); err != nil {
		return err
	}
	in := interp.New(interp.Options{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Args: os.Args})
	for _, q := range p.Pkg.Imports() {
		symbols, ok := e.config.Symbols[q.Path()]
		if !ok {
			return &exec.Unsupported{Pos: p.Files[0].Pos(), What: "the yaegi executor does not have package " + q.Path() + "; the vm does"}
		}
		if q.Path() == "os" {
			symbols = maps.Clone(symbols)
			symbols["Exit"] = reflect.ValueOf(os.Exit) // as the program says; a panic would run its deferred calls
		}
		in.Use(interp.Exports{q.Path() + "/" + q.Name(): symbols})
	}
	_, err := in.EvalWithContext(ctx, text.String())
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return e.errorOf(err)
}
