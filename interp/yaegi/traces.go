package yaegi

import (
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/fluxion-go/fluxion/interp/exec"
)

// traces gathers the active calls of a panic. yaegi tells of them on its error
// stream alone, one line for each call as the panic leaves it:
//
//	cell3:2:5: panic: main.f(...)
//
// The lines are those of the user's cell, because the emitted text says so by
// line directives.
type traces struct {
	mu    sync.Mutex
	calls []exec.Call
	lines map[string]map[int]token.Pos // file and line → where its first statement is
}

func newTraces() *traces { return &traces{lines: map[string]map[int]token.Pos{}} }

// add remembers the statements of a cell's file.
func (t *traces) add(name string, fset *token.FileSet, file *ast.File) {
	lines := map[int]token.Pos{}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n.(type) {
		case ast.Stmt, ast.Expr:
			if n.Pos().IsValid() {
				line := fset.PositionFor(n.Pos(), false).Line
				if old, ok := lines[line]; !ok || n.Pos() < old {
					lines[line] = n.Pos()
				}
			}
		}
		return true
	})
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines[name] = lines
}

var traceLine = regexp.MustCompile(`^(\S+?):(\d+):\d+: panic: (?:main\.)?(.*)\(\.\.\.\)$`)

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
		if pos, ok := t.lines[m[1]][n]; ok {
			t.calls = append(t.calls, exec.Call{Func: m[3], Pos: pos})
		}
	}
	return len(b), nil
}

func (t *traces) reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calls = nil
}

// take returns the calls gathered so far, innermost first, and forgets them.
func (t *traces) take() []exec.Call {
	t.mu.Lock()
	defer t.mu.Unlock()
	calls := t.calls
	t.calls = nil
	return calls
}
