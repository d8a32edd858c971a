package interp

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"slices"
	"strings"

	"github.com/fluxion-go/fluxion/cell"
)

// A text is the code of one cell. In code, lines that are no Go are blank; the
// rest stands where the user wrote it.
type text struct {
	number int // execution count
	shown  string
	code   string
}

// pos converts an offset.
func (t *text) pos(offset int) cell.Pos {
	offset = max(0, min(offset, len(t.shown)))
	before := t.shown[:offset]
	return cell.Pos{
		Cell:   t.number,
		Line:   1 + strings.Count(before, "\n"),
		Column: offset - strings.LastIndexByte(before, '\n'),
	}
}

// only returns t without the code outside an extent.
func (t *text) only(start, end int) *text {
	if strings.TrimSpace(t.code[:start]) == "" && strings.TrimSpace(t.code[end:]) == "" {
		return t
	}
	b := []byte(t.code)
	blank(b[:start])
	blank(b[end:])
	return &text{number: t.number, shown: t.shown, code: string(b)}
}

// line returns the source line at an offset.
func (t *text) line(offset int) string {
	offset = max(0, min(offset, len(t.shown)))
	start := strings.LastIndexByte(t.shown[:offset], '\n') + 1
	rest := t.shown[start:]
	if i := strings.IndexByte(rest, '\n'); i >= 0 {
		rest = rest[:i]
	}
	return strings.TrimSuffix(rest, "\r")
}

// origins relates positions in syntax trees to the text of cells. A cell is
// parsed as up to three files, each of which is a prefix, the cell with what
// belongs to the other files blank, and a suffix.
type origins struct {
	fset *token.FileSet
	of   map[*token.File]origin
	texts
}

type origin struct {
	text  *text
	shift int // length of the prefix
}

func newOrigins(fset *token.FileSet) origins {
	return origins{fset, map[*token.File]origin{}, newTexts()}
}

// drop forgets all files.
func (o *origins) drop() {
	for f := range o.of {
		o.fset.RemoveFile(f)
	}
}

// find returns the text that pos lies in and its offset there.
func (o *origins) find(pos token.Pos) (t *text, offset int, ok bool) {
	if !pos.IsValid() {
		return nil, 0, false
	}
	f := o.fset.File(pos)
	from, ok := o.of[f]
	if !ok {
		return nil, 0, false
	}
	return from.text, max(0, min(f.Offset(pos)-from.shift, len(from.text.shown))), true
}

// A parsed is the syntax tree of a cell.
type parsed struct {
	text    *text
	number  int // of the cell; text may be that of a file
	imports []*ast.ImportSpec
	decls   []*ast.GenDecl  // types and constants, a type each
	funcs   []*ast.FuncDecl // functions and methods
	stmts   []ast.Stmt      // all else, in order
	silent  bool            // a semicolon ends the cell, so its value is not shown
	before  bool            // more code of the cell follows, so this has no value
	loop    bool            // the statements are measured by %timeit
}

// A mistake is a syntax error at an offset of the cell.
type mistake struct {
	offset int
	msg    string
}

// The parts of a cell that are parsed apart from each other.
const (
	isNothing = iota // a package clause, which a cell does not need
	isImport
	isFunc
	isStmt
)

// parse parses a cell. Everything that could be parsed is in the result, also
// when there are mistakes.
func (o *origins) parse(t *text) (*parsed, []mistake) {
	p := &parsed{text: t}
	parts, bad := split(t.code)
	if bad != nil {
		return p, []mistake{*bad}
	}
	var mistakes []mistake
	// A prefix ends its line, lest a comment that begins the cell is taken for
	// one behind it.
	unit := func(kind int, prefix, suffix string) *ast.File {
		code, any := keep(t.code, parts, kind)
		if !any {
			return nil
		}
		name := "cell"
		base := o.fset.Base()
		f, err := parser.ParseFile(o.fset, name, prefix+code+suffix, parser.ParseComments|parser.AllErrors|parser.SkipObjectResolution)
		if file := o.fset.File(token.Pos(base)); file != nil {
			o.of[file] = origin{t, len(prefix)}
			o.files[t] = append(o.files[t], file)
		}
		if list, ok := err.(scanner.ErrorList); ok {
			for _, e := range list {
				mistakes = append(mistakes, mistake{e.Pos.Offset - len(prefix), e.Msg})
			}
		}
		return f
	}
	if f := unit(isImport, "package main\n", "\n"); f != nil {
		p.imports = f.Imports
	}
	if f := unit(isFunc, "package main\n", "\n"); f != nil {
		for _, d := range f.Decls {
			d, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			p.funcs = append(p.funcs, d)
			if d.Body == nil && len(mistakes) == 0 {
				_, offset, _ := o.find(d.Name.Pos())
				mistakes = append(mistakes, mistake{offset, "missing function body"})
			}
		}
	}
	if f := unit(isStmt, "package main\nfunc _(){\n", "\n}"); f != nil && len(f.Decls) > 0 {
		if d, ok := f.Decls[0].(*ast.FuncDecl); ok && d.Body != nil {
			p.statements(d.Body.List)
		}
	}
	o.placeInits(p)
	code := strings.TrimRight(t.code, " \t\r\n")
	p.silent = strings.HasSuffix(code, ";")
	slices.SortStableFunc(mistakes, func(a, b mistake) int { return a.offset - b.offset })
	return p, mistakes
}

// statements sorts the declarations of types and constants out of a list.
func (p *parsed) statements(list []ast.Stmt) {
	for _, s := range list {
		if _, ok := s.(*ast.EmptyStmt); ok {
			continue
		}
		d, ok := s.(*ast.DeclStmt)
		if !ok {
			p.stmts = append(p.stmts, s)
			continue
		}
		g, ok := d.Decl.(*ast.GenDecl)
		if !ok {
			continue
		}
		switch g.Tok {
		case token.VAR:
			p.stmts = append(p.stmts, s)
		case token.CONST:
			p.decls = append(p.decls, g)
		case token.TYPE:
			for _, spec := range g.Specs {
				one := *g
				one.Specs = []ast.Spec{spec}
				one.Lparen, one.Rparen = token.NoPos, token.NoPos
				if doc := spec.(*ast.TypeSpec).Doc; doc != nil {
					one.Doc = doc
				}
				p.decls = append(p.decls, &one)
			}
		}
	}
}

// placeInits makes each func init of the cell a statement that calls it. It
// stands where the function does, but behind the variable declarations that
// follow: these have their values before init runs, as in a file of Go.
func (o *origins) placeInits(p *parsed) {
	place := func(pos token.Pos) int { _, offset, _ := o.find(pos); return offset }
	isInit := func(d *ast.FuncDecl) bool {
		return d.Recv == nil && d.Name.Name == "init" && d.Body != nil && d.Type.TypeParams == nil &&
			d.Type.Params.NumFields() == 0 && d.Type.Results.NumFields() == 0
	}
	for _, d := range p.funcs {
		if !isInit(d) {
			continue
		}
		i := 0
		for ; i < len(p.stmts); i++ {
			_, isVar := p.stmts[i].(*ast.DeclStmt)
			if place(p.stmts[i].Pos()) > place(d.Pos()) && !isVar {
				break
			}
		}
		call := &ast.CallExpr{Fun: &ast.FuncLit{Type: d.Type, Body: d.Body}, Lparen: d.Body.Rbrace, Rparen: d.Body.Rbrace}
		p.stmts = slices.Insert(p.stmts, i, ast.Stmt(&ast.ExprStmt{X: call}))
	}
	p.funcs = slices.DeleteFunc(p.funcs, isInit)
}

// A part is a piece of the cell from the end of the part before it up to and
// with the semicolon or line end that closes it.
type part struct {
	end  int
	kind int
}

// A lexeme is a token with its place.
type lexeme struct {
	offset int
	tok    token.Token
	lit    string
}

func lex(code string) []lexeme {
	fset := token.NewFileSet()
	f := fset.AddFile("", -1, len(code))
	var s scanner.Scanner
	s.Init(f, []byte(code), func(token.Position, string) {}, 0)
	var out []lexeme
	for {
		pos, tok, lit := s.Scan()
		out = append(out, lexeme{min(f.Offset(pos), len(code)), tok, lit})
		if tok == token.EOF {
			return out
		}
	}
}

// split cuts a cell at the semicolons outside all brackets.
func split(code string) ([]part, *mistake) {
	var parts []part
	depth, first := 0, 0
	toks := lex(code)
	for i, t := range toks {
		switch t.tok {
		case token.LPAREN, token.LBRACE, token.LBRACK:
			depth++
		case token.RPAREN, token.RBRACE, token.RBRACK:
			if depth--; depth < 0 {
				return nil, &mistake{t.offset, "unexpected " + t.tok.String()}
			}
		case token.SEMICOLON:
			if depth == 0 {
				parts = append(parts, part{endOf(code, t), kindOf(toks[first:i])})
				first = i + 1
			}
		case token.EOF:
			parts = append(parts, part{len(code), kindOf(toks[first:i])})
		}
	}
	return parts, nil
}

// endOf returns where the part ends that a semicolon closes: behind it, or at
// the end of the line when the scanner has put it there. A comment on the rest
// of the line belongs to the part, lest it be taken for the documentation of
// the next declaration.
func endOf(code string, semicolon lexeme) int {
	if semicolon.lit != "\n" {
		return semicolon.offset + 1
	}
	rest := code[semicolon.offset:]
	if i := strings.IndexByte(rest, '\n'); i >= 0 && (i == 0 || !strings.HasPrefix(rest, "/*")) {
		return semicolon.offset + i + 1
	}
	return semicolon.offset
}

func kindOf(toks []lexeme) int {
	at := func(i int) token.Token {
		if i < len(toks) {
			return toks[i].tok
		}
		return token.EOF
	}
	switch at(0) {
	case token.PACKAGE:
		return isNothing
	case token.IMPORT:
		return isImport
	case token.FUNC:
		if at(1) == token.IDENT {
			return isFunc
		}
		if at(1) != token.LPAREN {
			return isStmt
		}
		// A method has a name and then parameters behind its receiver, where a
		// function literal has its results or its body.
		depth := 0
		for i := 1; i < len(toks); i++ {
			switch toks[i].tok {
			case token.LPAREN:
				depth++
			case token.RPAREN:
				depth--
			}
			if depth == 0 {
				if next := at(i + 2); at(i+1) == token.IDENT && (next == token.LPAREN || next == token.LBRACK) {
					return isFunc
				}
				break
			}
		}
	}
	return isStmt
}

// keep blanks the parts of all kinds but one. Line ends stay.
func keep(code string, parts []part, kind int) (kept string, any bool) {
	b := []byte(code)
	start := 0
	for _, p := range parts {
		if p.kind != kind {
			blank(b[start:p.end])
		} else if strings.TrimSpace(code[start:p.end]) != "" {
			any = true
		}
		start = p.end
	}
	return string(b), any
}

func blank(b []byte) {
	for i, c := range b {
		if c != '\n' {
			b[i] = ' '
		}
	}
}
