package interp

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"html"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/fluxion-go/fluxion/cell"
)

// Inspect implements cell.Evaluator.
func (e *evaluator) Inspect(code string, cursor, detail int) (b cell.Bundle, ok bool) {
	return e.inspect(code, cursor, detail, 0)
}

// inspect is Inspect; mine is the number of cells that run and do not matter.
func (e *evaluator) inspect(code string, cursor, detail, mine int) (b cell.Bundle, ok bool) {
	cursor = max(0, min(cursor, len(code)))
	start, end := identifierAt(code, cursor)
	if start == end {
		return cell.Bundle{}, false
	}
	// Values are looked at only while no cell changes them.
	idle := e.turn.TryLock()
	if idle {
		defer e.turn.Unlock()
		idle = e.stdio.busy() == mine
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	blanked := splitMagics(code).rest
	if strings.TrimSpace(blanked[start:end]) == "" {
		blanked = code // the name is that of a question
		if i := strings.LastIndexByte(code[:start], '?'); i >= 0 {
			blanked = strings.Repeat(" ", i+1) + code[i+1:]
		}
	}
	d, ok := e.session.describe(blanked, start, end)
	if !ok {
		return cell.Bundle{}, false
	}
	if v, isVar := d.obj.(*types.Var); isVar && e.exec != nil && !v.IsField() {
		if value, known := e.exec.Value(v); known && value.IsValid() && value.CanInterface() && idle {
			d.value = shorten(fmt.Sprint(value.Interface()))
		}
	}
	if detail == 0 {
		d.source = ""
	}
	return d.bundle(), true
}

// identifierAt returns the extent of the identifier at an offset: the one that
// it lies in or behind, or, within the arguments of a call, the function's.
func identifierAt(code string, offset int) (start, end int) {
	end = offset
	for end < len(code) {
		r, size := utf8.DecodeRuneInString(code[end:])
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		end += size
	}
	if id := identifierBefore(code[:end]); id != "" {
		return end - len(id), end
	}
	depth := 0
	toks := lex(code[:offset])
	for i := len(toks) - 1; i > 0; i-- {
		switch toks[i].tok {
		case token.RPAREN, token.RBRACK, token.RBRACE:
			depth++
		case token.LPAREN, token.LBRACK, token.LBRACE:
			if depth--; depth < 0 {
				if f := toks[i-1]; toks[i].tok == token.LPAREN && f.tok == token.IDENT {
					return f.offset, f.offset + len(f.lit)
				}
				return offset, offset
			}
		}
	}
	return offset, offset
}

// A description says what a name means.
type description struct {
	obj    types.Object
	title  string // as Go declares it
	doc    string
	value  string // of a variable
	source string // of the user's own
}

// describe finds what the identifier at code[start:end] means.
func (s *session) describe(code string, start, end int) (*description, bool) {
	name := code[start:end]
	l := s.look(code, start, name)
	if l == nil || l.path == nil {
		return s.word(name)
	}
	id := l.parent(0).(*ast.Ident)
	obj := l.pass.info.ObjectOf(id)
	if obj == nil {
		return s.word(name)
	}
	// A declaration in the text that is asked about may be that of a name the
	// session knows better.
	if known := s.scope[name]; known != nil && obj.Pkg() == l.pass.pkg && l.pass.info.Defs[id] != nil {
		obj = known
	}
	m := member{obj: obj}
	if sel, ok := l.parent(1).(*ast.SelectorExpr); ok && sel.Sel == id {
		for _, have := range typeMembers(l.pass.info.TypeOf(sel.X)) {
			if have.obj == obj {
				m = have
			}
		}
	}
	d := &description{obj: obj, title: declaration(obj), doc: s.doc(m)}
	if u := s.unitOf(obj); u != nil && u.decl != nil {
		d.source = u.source(s)
	}
	return d, true
}

// word describes a keyword or a name that Go has built in.
func (s *session) word(name string) (*description, bool) {
	if token.IsKeyword(name) {
		return &description{title: name + " (keyword)"}, true
	}
	if path, ok := s.packages.find(name); ok {
		return &description{title: "package " + path, doc: s.packages.lib.Doc(path, "")}, true
	}
	return nil, false
}

// declaration writes an object as Go declares it.
func declaration(obj types.Object) string {
	switch obj := obj.(type) {
	case *types.PkgName:
		return "package " + obj.Imported().Path()
	case *types.Builtin:
		return "func " + obj.Name() + " (built in)"
	case *types.TypeName:
		s := "type " + obj.Name() + " " + layout(obj)
		for _, m := range typeMembers(obj.Type()) {
			if f, ok := m.obj.(*types.Func); ok && !types.IsInterface(obj.Type()) {
				s += "\n" + declaration(f)
			}
		}
		return s
	case *types.Const:
		return types.ObjectString(obj, qualifier) + " = " + obj.Val().String()
	case *types.Func:
		sig := obj.Signature()
		if sig.Recv() == nil {
			break
		}
		recv := strings.TrimSpace(sig.Recv().Name() + " " + typeString(sig.Recv().Type()))
		return "func (" + recv + ") " + obj.Name() + strings.TrimPrefix(typeString(sig), "func")
	}
	return types.ObjectString(obj, qualifier)
}

// layout writes the underlying type of a type name, the fields of a struct a
// line each.
func layout(obj *types.TypeName) string {
	u := obj.Type().Underlying()
	if obj.Pkg() == nil {
		return "(built in)"
	}
	str, ok := u.(*types.Struct)
	if !ok {
		return typeString(u)
	}
	var b strings.Builder
	hidden := false
	for f := range str.Fields() {
		if !f.Exported() && !ofCell(f) {
			hidden = true
			continue
		}
		if f.Embedded() {
			fmt.Fprintf(&b, "\t%s\n", typeString(f.Type()))
			continue
		}
		fmt.Fprintf(&b, "\t%s %s\n", f.Name(), typeString(f.Type()))
	}
	if hidden {
		b.WriteString("\t// unexported fields\n")
	}
	if b.Len() == 0 {
		return "struct{}"
	}
	return "struct {\n" + b.String() + "}"
}

// unitOf returns the kept declaration of an object of a cell.
func (s *session) unitOf(obj types.Object) *unit {
	if !ofCell(obj) {
		return nil
	}
	if f, ok := obj.(*types.Func); ok && f.Signature().Recv() != nil {
		t := f.Signature().Recv().Type()
		if p, ok := t.(*types.Pointer); ok {
			t = p.Elem()
		}
		if n, ok := types.Unalias(t).(*types.Named); ok {
			return s.units.methods[n.Obj().Name()][f.Name()]
		}
		return nil
	}
	if s.scope[obj.Name()] != obj {
		return nil
	}
	return s.units.byName[obj.Name()]
}

// source returns the user's text of a declaration.
func (u *unit) source(s *session) string {
	_, start, ok1 := s.find(u.decl.Pos())
	_, end, ok2 := s.find(u.decl.End())
	if !ok1 || !ok2 || start >= end {
		return ""
	}
	return u.text.shown[start:end]
}

func shorten(s string) string {
	const most = 1000
	if len(s) <= most {
		return s
	}
	for cut := most; ; cut-- {
		if utf8.RuneStart(s[cut]) {
			return s[:cut] + " …"
		}
	}
}

// bundle shows a description as text, Markdown and HTML.
func (d *description) bundle() cell.Bundle {
	code := d.title
	if d.value != "" {
		code += " = " + d.value
	}
	if d.source != "" {
		code += "\n\n" + d.source
	}
	plain := code + "\n"
	markdown := "```go\n" + code + "\n```\n"
	page := "<pre><code>" + html.EscapeString(code) + "</code></pre>\n"
	if d.doc != "" {
		plain += "\n" + strings.TrimSpace(d.doc) + "\n"
		markdown += "\n" + strings.TrimSpace(d.doc) + "\n"
		page += "<pre>" + html.EscapeString(strings.TrimSpace(d.doc)) + "</pre>\n"
	}
	return cell.Bundle{Data: map[string][]byte{
		cell.Plain: []byte(plain), cell.Markdown: []byte(markdown), cell.HTML: []byte(page),
	}}
}
