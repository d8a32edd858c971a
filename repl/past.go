package repl

import (
	"strings"

	"github.com/fluxion-go/fluxion/cell"
)

// past is what the line editor walks through and searches: the cells of all
// front ends, of which those that repeat the one before are left out.
type past struct {
	history cell.History
	lines   []string
}

// refresh takes in what was run since, here and elsewhere.
func (p *past) refresh() {
	p.lines = p.lines[:0]
	for _, e := range p.history.Entries() {
		text := strings.TrimSpace(e.Source)
		if n := len(p.lines); text != "" && (n == 0 || p.lines[n-1] != text) {
			p.lines = append(p.lines, text)
		}
	}
}

// Write implements readline's history.Source. A line is remembered when it is
// run, not when it is typed.
func (p *past) Write(string) (int, error) { return len(p.lines), nil }

// GetLine implements readline's history.Source.
func (p *past) GetLine(i int) (string, error) {
	if i < 0 || i >= len(p.lines) {
		return "", nil
	}
	return p.lines[i], nil
}

// Len implements readline's history.Source.
func (p *past) Len() int { return len(p.lines) }

// Dump implements readline's history.Source.
func (p *past) Dump() any { return p.lines }
