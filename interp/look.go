package interp

import (
	"go/ast"
	"go/scanner"
	"go/token"
	"strings"
)

// A look is an unfinished cell, type-checked as far as that goes, for
// completion and inspection.
type look struct {
	*check
	pass *pass
	path []ast.Node // from a declaration down to the identifier that was asked for
}

// here stands in for the identifier at the cursor.
const here = "here__"

// look checks code up to an offset, at which it puts a name, and finds that name
// in the syntax tree. What brackets and blocks are open there it closes. The
// session does not change.
func (s *session) look(code string, offset int, name string) (l *look) {
	defer func() {
		// The type checker is not made for what people type half-way.
		if recover() != nil {
			l = nil
		}
	}()
	rest := splitMagics(code[:offset]).rest
	own := *s
	own.origins = newOrigins(s.fset)
	defer own.drop()
	t := &text{shown: rest, code: rest + name + closing(rest)}
	p, _ := own.parse(t)
	c := newCheck(&own, p)
	l = &look{check: c}
	for range 3 {
		l.pass = c.pass(c.localEntry(), c.againVars(), true)
		again := false
		for missing := range l.pass.missing {
			if path, ok := s.packages.find(missing); ok && c.imports[missing] == "" {
				c.imports[missing], again = path, true
			}
		}
		if !again {
			break
		}
	}
	for _, f := range l.pass.files {
		ast.PreorderStack(f, nil, func(n ast.Node, stack []ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok || id.Name != name {
				return true
			}
			if _, at, ok := own.find(id.Pos()); ok && at == len(rest) {
				l.path = append(append([]ast.Node(nil), stack...), n)
			}
			return true
		})
	}
	return l
}

// closing returns what ends the statements that code leaves open.
func closing(code string) string {
	var open []string
	var first []token.Token // the first token of the statement at each depth
	begin := true
	first = append(first, token.ILLEGAL)
	for _, t := range lex(code) {
		if begin && t.tok != token.SEMICOLON {
			first[len(first)-1], begin = t.tok, false
		}
		switch t.tok {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			closer := map[token.Token]string{token.LPAREN: ")", token.LBRACK: "]", token.LBRACE: "\n}"}[t.tok]
			open = append(open, closer)
			first, begin = append(first, token.ILLEGAL), true
		case token.RPAREN, token.RBRACK, token.RBRACE:
			if len(open) > 0 {
				open, first, begin = open[:len(open)-1], first[:len(first)-1], false
			}
		case token.SEMICOLON:
			// The clauses of a header belong to one statement.
			if !header(first[len(first)-1]) || t.lit == "\n" {
				begin = true
			}
		}
	}
	var b strings.Builder
	for i := len(first) - 1; i >= 0; i-- {
		if header(first[i]) && !(i < len(open) && open[i] == "\n}") {
			b.WriteString(" {}")
		}
		if i > 0 {
			b.WriteString(open[i-1])
			if f := first[i-1]; (f == token.GO || f == token.DEFER) && open[i-1] == "\n}" {
				b.WriteString("()") // the function literal must be called
			}
		}
	}
	return b.String()
}

func header(t token.Token) bool { return t == token.IF || t == token.FOR || t == token.SWITCH }

// inText reports whether an offset lies within a string or a comment.
func inText(code string, offset int) bool {
	fset := token.NewFileSet()
	f := fset.AddFile("", -1, len(code))
	var s scanner.Scanner
	s.Init(f, []byte(code), func(token.Position, string) {}, scanner.ScanComments)
	for {
		pos, tok, lit := s.Scan()
		start := f.Offset(pos)
		if tok == token.EOF || start >= offset {
			return false
		}
		if tok != token.STRING && tok != token.CHAR && tok != token.COMMENT {
			continue
		}
		end := start + len(lit)
		if offset < end {
			return true
		}
		if offset == end {
			closed := len(lit) > 1 && lit[len(lit)-1] == lit[0] && tok != token.COMMENT || strings.HasPrefix(lit, "/*") && strings.HasSuffix(lit, "*/")
			return !closed
		}
	}
}
