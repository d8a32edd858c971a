// Package yaegi runs checked cells on the evaluator of
// github.com/traefik/yaegi, the portable executor: it has no part that depends
// on the processor.
//
// yaegi knows less of Go than go/types does, and gets some of it wrong. What
// can be said in a form that it runs well is rewritten (emit.go, rewrite.go):
//
//   - every object keeps a name of its own, so that a name declared anew does
//     not meet the old one;
//   - functions are variables of function type, so that a redefinition reaches
//     those that call it;
//   - package variables are declared by type and assigned in a function;
//   - goroutines catch their panics, and loop variables are new in each
//     iteration.
//
// The rest is refused before anything has run (refuse.go).
package yaegi

import (
	"context"
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"maps"
	"reflect"
	"strings"
	"sync/atomic"
	"time"

	"github.com/traefik/yaegi/interp"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/interp/exec"
)

// executor implements exec.Executor.
type executor struct {
	in      *interp.Interpreter
	config  exec.Config
	names   *names
	traces  *traces
	loaded  map[string]bool // import paths that yaegi has been given
	methods map[string]bool // the variables that hold methods
	result  reflect.Value   // what the running cell returned
	run     uint64          // the number of yaegi's run that all cells share
	active  atomic.Int64    // functions of the cell that have not ended: its entry and its goroutines
}

// New returns an executor. It does not use c.Packages: what has no compiled form
// it refuses.
func New(c exec.Config) exec.Executor {
	e := &executor{config: c, names: newNames(), traces: newTraces(), methods: map[string]bool{}, loaded: map[string]bool{}}
	e.in = interp.New(interp.Options{Stderr: e.traces})
	if id := runID(e.in); id != nil {
		e.run = *id
	}
	// The wrapper through which compiled code sees String methods is in fmt's
	// table. When it gets that table under its usual name, yaegi replaces the
	// functions that write to the standard output; those of c.Symbols belong there.
	e.in.Use(interp.Exports{"fmt/fmt": c.Symbols["fmt"]})
	e.in.Use(interp.Exports{"fmt/again": c.Symbols["fmt"]})
	wrappers := map[string]reflect.Value{}
	bridged := map[string]reflect.Value{}
	for _, s := range shown {
		wrappers["_"+s.view] = reflect.ValueOf(s.wrapper)
		bridged["Value"+s.view] = reflect.MakeFunc(reflect.FuncOf([]reflect.Type{s.iface}, nil, false), func(args []reflect.Value) []reflect.Value {
			e.result = args[0].Elem()
			return nil
		})
	}
	e.in.Use(interp.Exports{shown[0].iface.PkgPath() + "/yaegi": wrappers})
	maps.Copy(bridged, map[string]reflect.Value{
		"Value":         reflect.ValueOf(func(v any) { e.result = reflect.ValueOf(v) }),
		"ValueStringer": reflect.ValueOf(func(v fmt.Stringer) { e.result = reflect.ValueOf(v) }),
		"ValueError":    reflect.ValueOf(func(v error) { e.result = reflect.ValueOf(v) }),
		"Panic":         reflect.ValueOf(func(v any) { panic(v) }),
		"PanicStringer": reflect.ValueOf(func(v fmt.Stringer) { panic(v) }),
		"PanicError":    reflect.ValueOf(func(v error) { panic(v) }),
		"At":            reflect.ValueOf(func(pos int) { e.traces.at(token.Pos(pos)) }),
		"Print":         reflect.ValueOf(func(a ...any) { builtinPrint("", a) }),
		"Println":       reflect.ValueOf(func(a ...any) { builtinPrint(" ", a); builtinPrint("", []any{"\n"}) }),
		"Clear":         reflect.ValueOf(func(v any) { reflect.ValueOf(v).Clear() }),
		"Begin":         reflect.ValueOf(func() { e.active.Add(1) }),
		"End":           reflect.ValueOf(func() { e.active.Add(-1) }),
		"Stray":         reflect.ValueOf(func(v any) { e.stray(v) }),
	})
	e.in.Use(interp.Exports{bridge + "/" + bridge: bridged})
	return e
}

// showing is the package whose functions show values of any type.
const showing = "github.com/fluxion-go/fluxion/display"

// bridge is the package through which emitted text calls the executor. yaegi
// panics with a reflect.Value where Go panics with the value, so panics go
// through it, too.
const bridge = "fluxion_"

// Run implements exec.Executor.
func (e *executor) Run(ctx context.Context, c *exec.Cell) (reflect.Value, error) {
	if err := refuse(c.Pkg, c.Files, c.Info, e.config.Symbols); err != nil {
		return reflect.Value{}, err
	}
	text, err := e.emit(c)
	if err != nil {
		return reflect.Value{}, err
	}
	e.result = reflect.Value{}
	e.traces.reset()
	e.active.Store(0)
	for _, t := range text {
		if err := e.eval(ctx, t); err != nil {
			return reflect.Value{}, err
		}
	}
	v := e.result
	e.result = reflect.Value{}
	return v, nil
}

// Call implements exec.Executor.
func (e *executor) Call(ctx context.Context, f func()) error {
	e.traces.reset()
	e.active.Store(1)
	done := make(chan error, 1)
	go func() {
		returned := false
		defer func() {
			if v := recover(); !returned {
				done <- e.errorOf(interp.Panic{Value: v})
			}
			e.active.Add(-1)
		}()
		f()
		returned = true
		done <- nil
	}()
	select {
	case err := <-done:
		if ctx.Err() == nil {
			return err
		}
	case <-ctx.Done():
	}
	if id := runID(e.in); id != nil {
		atomic.AddUint64(id, 1) // functions that are under way stop
	}
	e.revive()
	return ctx.Err()
}

// eval runs one text and turns what can go wrong into the errors of package
// exec.
func (e *executor) eval(ctx context.Context, text string) (err error) {
	if text == "" {
		return nil
	}
	_, err = e.in.EvalWithContext(ctx, text)
	if ctx.Err() != nil { // a call that was cut short can look like one that has ended
		e.revive()
		return ctx.Err()
	}
	return e.errorOf(err)
}

// errorOf turns an error of yaegi into one of package exec.
func (e *executor) errorOf(err error) error {
	var p interp.Panic
	switch {
	case err == nil:
		return nil
	case errors.As(err, &p):
		if x, ok := p.Value.(interface{ ExitCode() int }); ok {
			return &exec.Exit{Code: x.ExitCode()}
		}
		return &exec.Panic{Value: p.Value, Text: exec.PanicText(p.Value), Trace: e.traces.take()}
	}
	// go/types accepted the code, so what yaegi says against it is about yaegi.
	return &exec.Unsupported{Pos: token.NoPos, What: "the yaegi executor cannot run this (" + err.Error() + "); the vm runs all of Go"}
}

// grace is how long an interrupted cell may take to end.
const grace = time.Second

// revive makes functions work again after an interrupt. yaegi knows a run by a
// number, which it raises to stop one; but a function value keeps the number of
// the run that made it, and does nothing, without a word, when that has passed.
// So the number is put back, once what was to stop has stopped: what stays
// behind, stuck in compiled code, goes on when that lets it go.
func (e *executor) revive() {
	for deadline := time.Now().Add(grace); e.active.Load() > 0 && time.Now().Before(deadline); {
		time.Sleep(100 * time.Microsecond)
	}
	e.active.Store(0)
	if id := runID(e.in); id != nil {
		atomic.StoreUint64(id, e.run)
	}
}

// runID is where an interpreter has the number of its run, or nil if it has no
// such field.
func runID(in *interp.Interpreter) *uint64 {
	f := reflect.ValueOf(in).Elem().FieldByName("id")
	if !f.IsValid() || f.Kind() != reflect.Uint64 {
		return nil
	}
	return (*uint64)(f.Addr().UnsafePointer())
}

// builtinPrint does what the builtin functions print and println do.
func builtinPrint(between string, operands []any) {
	texts := make([]string, len(operands))
	for i, x := range operands {
		texts[i] = fmt.Sprint(x)
		if f := reflect.ValueOf(x); f.CanFloat() {
			texts[i] = fmt.Sprintf("%+e", f.Float())
		}
	}
	cell.Current().Output().Stream("stderr", strings.Join(texts, between))
}

// stray reports what ended a goroutine.
func (e *executor) stray(v any) {
	if x, ok := v.(interface{ ExitCode() int }); ok {
		v = fmt.Sprintf("exit status %d", x.ExitCode())
	}
	if e.config.Stray != nil {
		e.config.Stray(&exec.Panic{Value: v, Text: exec.PanicText(v)})
	}
}

// Concurrent implements exec.Executor: yaegi knows which cell a function belongs
// to by one number for all.
func (e *executor) Concurrent() bool { return false }

// Value implements exec.Executor.
func (e *executor) Value(v *types.Var) (reflect.Value, bool) {
	name, ok := e.names.of[v]
	if !ok {
		return reflect.Value{}, false
	}
	p, err := e.in.Eval("&" + name)
	if err != nil || p.Kind() != reflect.Pointer {
		return reflect.Value{}, false
	}
	return p.Elem(), true
}

// Close implements exec.Executor. yaegi stops its goroutines when the cell that
// started them is cancelled; there is nothing else to release.
func (e *executor) Close() error { return nil }
