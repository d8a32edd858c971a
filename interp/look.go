package interp

import (
	"go/ast"
	"go/scanner"
	"go/token"
	"regexp"
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
	t := &text{shown: rest, code: rest + name + closing(rest) + "\n" + declarations(code[offset:])}
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

// declarations returns the imports, types, constants and functions that follow in
// a cell behind the statement that code begins in: they can be mentioned before
// they stand. What is on the lines up to the next declaration is passed over.
func declarations(code string) string {
	at := nextDeclaration.FindStringIndex(code)
	if at == nil {
		return ""
	}
	code = splitMagics(code[at[0]:]).rest
	parts, bad := split(code)
	if bad != nil {
		return ""
	}
	var b strings.Builder
	start := 0
	for _, p := range parts {
		text := code[start:p.end]
		first := strings.TrimSpace(text)
		if p.kind == isFunc || p.kind == isImport || strings.HasPrefix(first, "type ") || strings.HasPrefix(first, "const ") {
			b.WriteString(text)
		}
		start = p.end
	}
	return b.String()
}

var nextDeclaration = regexp.MustCompile(`(?m)^(?:func|type|const|import)\b`)

// An opening is a level of brackets that code leaves open; that without a bracket
// is the cell itself.
type opening struct {
	closer string
	first  token.Token // the first token of the statement at its level; ILLEGAL where none has begun
	assign bool        // the statement has an assignment
	clause bool        // and a semicolon: it is the header of if, for or switch
}

// closing returns what ends the statements that code leaves open.
func closing(code string) string {
	levels := []opening{{}}
	begin := true
	for _, t := range lex(code) {
		level := &levels[len(levels)-1]
		if begin && t.tok != token.SEMICOLON {
			*level = opening{closer: level.closer, first: t.tok}
			begin = false
		}
		switch t.tok {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			closer := map[token.Token]string{token.LPAREN: ")", token.LBRACK: "]", token.LBRACE: "\n}"}[t.tok]
			levels = append(levels, opening{closer: closer})
			begin = true
		case token.RPAREN, token.RBRACK, token.RBRACE:
			if len(levels) > 1 {
				levels, begin = levels[:len(levels)-1], false
			}
		case token.DEFINE, token.ASSIGN:
			level.assign = true
		case token.SEMICOLON:
			// The clauses of a header belong to one statement.
			if !header(level.first) || t.lit == "\n" {
				begin = true
			}
			level.clause = true
		}
	}
	var b strings.Builder
	for i := len(levels) - 1; i >= 0; i-- {
		level := levels[i]
		inner := i == len(levels)-1
		if header(level.first) && (inner || levels[i+1].closer != "\n}") {
			if level.assign && !level.clause { // if x := f()
				b.WriteString(map[token.Token]string{token.IF: "; true", token.FOR: "; ; ", token.SWITCH: ";"}[level.first])
			}
			b.WriteString(" {}")
		}
		if call := level.first == token.GO || level.first == token.DEFER; call && (inner || levels[i+1].closer == "\n}") {
			b.WriteString("()")
		}
		b.WriteString(level.closer)
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
