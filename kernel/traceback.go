package kernel

import (
	"fmt"
	"strings"

	"github.com/fluxion-go/fluxion/cell"
)

// Colours as terminals and notebooks know them.
const (
	red    = "\x1b[1;31m"
	green  = "\x1b[32m"
	cyan   = "\x1b[36m"
	normal = "\x1b[0m"
)

// errorContent is what error messages and replies say about a failed cell.
func errorContent(e *cell.Error) fields {
	return fields{"ename": string(e.Kind), "evalue": e.Message, "traceback": traceback(e)}
}

// traceback returns the lines that a front end shows below a failed cell.
func traceback(e *cell.Error) []string {
	lines := describe(nil, e)
	for i := range e.More {
		lines = describe(append(lines, ""), &e.More[i])
	}
	return lines
}

func describe(lines []string, e *cell.Error) []string {
	lines = append(lines, fmt.Sprintf("%s%s%s: %s", red, e.Kind, normal, e.Message))
	if e.Pos.Line > 0 {
		lines = append(lines, "  "+place(e.Pos))
	}
	if e.Source != "" {
		lines = append(lines, "    "+e.Source)
		if mark, ok := indent(e.Source, e.Pos.Column); ok {
			lines = append(lines, "    "+mark+red+"^"+normal)
		}
	}
	if e.Hint != "" {
		lines = append(lines, cyan+"hint"+normal+": "+e.Hint)
	}
	for _, f := range e.Frames {
		line := fmt.Sprintf("  %s at %s", f.Func, place(f.Pos))
		if source := strings.TrimSpace(f.Source); source != "" {
			line += ": " + source
		}
		lines = append(lines, line)
	}
	return lines
}

func place(p cell.Pos) string { return green + p.String() + normal }

// indent returns blanks as wide as the part of source before column, which
// counts bytes from 1. Tabs stay tabs, so that any tab width will do.
func indent(source string, column int) (string, bool) {
	if column < 1 || column > len(source)+1 {
		return "", false
	}
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, source[:column-1]), true
}
