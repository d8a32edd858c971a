package yaegi

import (
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/fluxion-go/fluxion/interp/exec"
)

// traces gathers the active calls of a panic. yaegi tells of them on its error
// stream alone, one line for each call as the panic leaves it, and says there
// where the function begins, not where it was:
//
//	cell3.0/_.go:2: panic: main.f(...)
//
// The place is that of the user's cell, because the emitted text says so by line
// directives. Which of the cell's statements was running is known exactly: the
// emitted text tells before each.
type traces struct {
	mu        sync.Mutex
	calls     []exec.Call
	statement token.Pos
	functions map[string][]function // by file
}

// A function is a declared function of a cell, with its first and last line.
type function struct {
	name        string
	pos         token.Pos
	first, last int
}

func newTraces() *traces { return &traces{functions: map[string][]function{}} }

// add remembers the functions of a cell's file, which traces will call name.
func (t *traces) add(name string, fset *token.FileSet, file *ast.File, entry string) {
	line := func(p token.Pos) int { return fset.PositionFor(p, false).Line }
	var fs []function
	for _, d := range file.Decls {
		if d, ok := d.(*ast.FuncDecl); ok && d.Body != nil && d.Name.Name != entry {
			f := function{d.Name.Name, d.Name.Pos(), line(d.Pos()), line(d.End())}
			if d.Recv != nil {
				f.name = types.ExprString(d.Recv.List[0].Type) + "." + f.name
			}
			fs = append(fs, f)
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.functions[name] = fs
}

// at says that a statement of the running cell begins.
func (t *traces) at(pos token.Pos) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.statement = pos
	t.calls = t.calls[:0] // of panics that were recovered
}

var traceLine = regexp.MustCompile(`^(\S+?):(\d+)(?::\d+)?: panic: .*\(\.\.\.\)$`)

// Write takes yaegi's error stream.
func (t *traces) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for line := range strings.Lines(string(b)) {
		m := traceLine.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			continue
		}
		n, err := strconv.Atoi(m[2])
		if err != nil {
			continue
		}
		for _, f := range t.functions[m[1]] {
			if f.first <= n && n <= f.last {
				t.calls = append(t.calls, exec.Call{Func: f.name, Pos: f.pos})
			}
		}
	}
	return len(b), nil
}

// reset forgets what an earlier cell left.
func (t *traces) reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calls, t.statement = nil, token.NoPos
}

// take returns the calls of the panic that has just left the cell, innermost
// first, and forgets them.
func (t *traces) take() []exec.Call {
	t.mu.Lock()
	defer t.mu.Unlock()
	calls := t.calls
	if t.statement.IsValid() {
		calls = append(calls, exec.Call{Func: "cell", Pos: t.statement})
	}
	t.calls = nil
	return calls
}
