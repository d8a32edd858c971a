package interp

import (
	"go/token"
	"strings"

	"github.com/fluxion-go/fluxion/cell"
)

// IsComplete implements cell.Evaluator. A cell is incomplete if it parses up to
// its end and more is wanted there.
func (e *evaluator) IsComplete(code string) cell.Completeness {
	rest := splitMagics(code).rest
	if open := openAtEnd(rest); open != "" {
		return cell.Completeness{Status: cell.Incomplete}
	}
	fset := token.NewFileSet()
	o := newOrigins(fset)
	_, mistakes := o.parse(&text{shown: rest, code: rest})
	if len(mistakes) == 0 {
		return cell.Completeness{Status: cell.Complete}
	}
	end := len(strings.TrimRight(rest, " \t\r\n"))
	if mistakes[0].offset < end {
		return cell.Completeness{Status: cell.Invalid}
	}
	return cell.Completeness{Status: cell.Incomplete, Indent: strings.Repeat("\t", depthOf(rest))}
}

// openAtEnd returns what ends the raw string or comment that code ends in.
func openAtEnd(code string) string {
	open := ""
	for line := range strings.Lines(code) {
		open = stillOpen(line, open)
	}
	return open
}

// unclosed lists the brackets that are open at the end of code.
func unclosed(code string) []lexeme {
	var open []lexeme
	for _, t := range lex(code) {
		switch t.tok {
		case token.LPAREN, token.LBRACE, token.LBRACK:
			open = append(open, t)
		case token.RPAREN, token.RBRACE, token.RBRACK:
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
		}
	}
	return open
}

// depthOf counts the lines whose brackets are still open at the end of code.
func depthOf(code string) int {
	n, last := 0, -1
	for _, t := range unclosed(code) {
		if line := strings.Count(code[:t.offset], "\n"); line != last {
			n++
			last = line
		}
	}
	return n
}
