package vm

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"runtime"
	"strings"
	"unsafe"

	"golang.org/x/tools/go/ssa"

	"github.com/fluxion-go/fluxion/interp/exec"
	"github.com/fluxion-go/fluxion/interp/vm/forge"
)

// maxTrace is how many calls a trace has: those at which an endless recursion
// began are of no use.
const maxTrace = 64

// savePanicLines keeps the lines of the active calls, which deferred calls are
// about to overwrite, unless an earlier function has for this panic. If it came
// through compiled code from another thread, the lines of that one follow.
func (t *thread) savePanicLines(v any) {
	if len(t.panicLines) > 0 {
		return
	}
	t.panicLines = append(t.panicLines, t.lines[:t.depth+1]...)
	t.panicLines = append(t.panicLines, t.run.callbackLines(v)...)
}

// A callbackPanic is a panic in interpreted code that compiled code has called.
type callbackPanic struct {
	value any
	lines []int32
}

// keepCallback keeps the lines of t, which a panic with value v is about to leave.
func (r *run) keepCallback(v any, t *thread) {
	t.savePanicLines(v)
	r.callback.Store(&callbackPanic{v, t.panicLines})
}

// callbackLines are the lines kept for the panic with value v.
func (r *run) callbackLines(v any) []int32 {
	p := r.callback.Load()
	if p == nil || *(*iface)(pointer(&p.value)) != *(*iface)(pointer(&v)) {
		return nil
	}
	r.callback.Store(nil)
	return p.lines
}

// panicOf describes the panic with value v that ended a goroutine of r; t is its
// thread, nil where compiled code began it.
func (m *machine) panicOf(r *run, t *thread, v any) *exec.Panic {
	p := &exec.Panic{Value: v, Text: exec.PanicText(v)}
	var lines []int32
	if t != nil {
		t.savePanicLines(v)
		lines = t.panicLines
	} else {
		lines = r.callbackLines(v)
	}
	for i := len(lines) - 1; i >= 0 && len(p.Trace) < maxTrace; i-- {
		pos := token.Pos(lines[i])
		if !pos.IsValid() {
			continue
		}
		if fn := m.functionAt(pos); fn != nil {
			p.Trace = append(p.Trace, exec.Call{Func: fn.name, Pos: m.startOf(fn.syntax, pos)})
		}
	}
	return p
}

// functionAt is the innermost interpreted function whose source has pos.
func (m *machine) functionAt(pos token.Pos) *functionSource {
	m.functionMu.Lock()
	defer m.functionMu.Unlock()
	var best *functionSource
	var size token.Pos
	for w := range m.sources {
		f := w.Value()
		if f == nil || pos < f.syntax.Pos() || pos >= f.syntax.End() {
			continue
		}
		if n := f.syntax.End() - f.syntax.Pos(); best == nil || n < size {
			best, size = f, n
		}
	}
	return best
}

// A functionSource is what is known of an interpreted function's source.
type functionSource struct {
	syntax    ast.Node
	pos       token.Pos
	name      string // as Go's traces have it
	qualified string // with the path of its package
	params    int
	pkg       *types.Package // while it is alive, so is the text of its cell
}

// start is where the function begins, nowhere for none.
func (s *functionSource) start() token.Pos {
	if s == nil {
		return token.NoPos
	}
	return s.pos
}

// sourceOf is that of f, nil where there is none.
func sourceOf(f *ssa.Function) *functionSource {
	syntax := f.Syntax()
	if syntax == nil || f.Synthetic != "" && f.Origin() == nil {
		return nil
	}
	s := &functionSource{syntax: syntax, pos: f.Pos(), name: functionName(f), params: len(f.Params)}
	s.qualified = s.name
	for f.Parent() != nil {
		f = f.Parent()
	}
	if f.Pkg != nil {
		s.pkg = f.Pkg.Pkg
		s.qualified = s.pkg.Path() + "." + s.name
	}
	return s
}

// startOf is where the expression begins whose operator is at pos, if that is on the
// same line: package ssa places a call at its parenthesis.
func (m *machine) startOf(syntax ast.Node, pos token.Pos) token.Pos {
	start := pos
	ast.Inspect(syntax, func(n ast.Node) bool {
		if n == nil || pos < n.Pos() || pos >= n.End() {
			return false
		}
		var operator token.Pos
		switch n := n.(type) {
		case *ast.CallExpr:
			operator = n.Lparen
		case *ast.IndexExpr:
			operator = n.Lbrack
		case *ast.TypeAssertExpr:
			operator = n.Lparen
		case *ast.BinaryExpr:
			operator = n.OpPos
		case *ast.SelectorExpr:
			operator = n.Sel.Pos()
		}
		if operator == pos {
			start = n.Pos()
		}
		return true
	})
	if file := m.config.Fset.File(pos); file == nil || file.Line(start) != file.Line(pos) {
		return pos
	}
	return start
}

// functionName is a function's name as Go's traces have it: "f", "T.M", "(*T).M",
// "f.func1".
func functionName(f *ssa.Function) string {
	if f.Parent() != nil {
		_, n, _ := strings.Cut(f.Name()[len(f.Parent().Name()):], "$")
		return functionName(f.Parent()) + ".func" + n
	}
	if f.Pkg == nil {
		return f.Name()
	}
	name := f.RelString(f.Pkg.Pkg)
	if strings.HasPrefix(name, "(") && !strings.HasPrefix(name, "(*") {
		name = strings.Replace(name[1:], ")", "", 1)
	}
	return name
}

// runtimeError is a run-time panic that the vm raises in the words of the Go
// runtime.
type runtimeError string

func (e runtimeError) RuntimeError() {}
func (e runtimeError) Error() string { return "runtime error: " + string(e) }

// The following raise the panics of the Go runtime by doing what raises them.

func nilPanic() { _ = *(*int)(nil) }

func indexPanic(i, n int) {
	var z struct{}
	_ = unsafe.Slice(&z, n)[i]
}

// arrayBoundPanic names the length of an array, where a slice has its capacity.
func arrayBoundPanic(low, high, n int) {
	var z byte
	_ = unsafe.String(&z, n)[low:high]
}

func makeLenPanic() {
	n := -1
	_ = make([]byte, n)
}

func makeCapPanic() {
	n := -1
	_ = make([]byte, 0, n)
}

func arrayPanic(have, want int) {
	panic(runtimeError(fmt.Sprintf("cannot convert slice with length %d to array or pointer to array with length %d", have, want)))
}

// assertionError has the layout of runtime.TypeAssertionError.
type assertionError struct {
	static, concrete, asserted *forge.Type
	missing                    string
}

func assertPanic(static, concrete, asserted *forge.Type) {
	e := new(runtime.TypeAssertionError)
	*(*assertionError)(pointer(e)) = assertionError{static, concrete, asserted, ""}
	panic(e)
}

// nonNil is p, which is not nil.
func nonNil(p pointer) pointer {
	if p == nil {
		nilPanic()
	}
	return p
}
