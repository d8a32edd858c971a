package interp

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// doc returns the documentation of an object: the user's comment, or what the
// library has.
func (s *session) doc(m member) string {
	if ofCell(m.obj) {
		return s.ownDoc(m)
	}
	lib := s.packages.lib
	if p, ok := m.obj.(*types.PkgName); ok {
		return lib.Doc(p.Imported().Path(), "")
	}
	pkg := m.obj.Pkg()
	if pkg == nil {
		return lib.Doc("builtin", m.obj.Name())
	}
	name := m.obj.Name()
	if m.owner != nil && m.obj.Parent() == nil { // a method or a field
		name = m.owner.Obj().Name() + "." + name
	}
	return lib.Doc(pkg.Path(), name)
}

// ownDoc returns what the user has written above or behind a declaration.
func (s *session) ownDoc(m member) string {
	u := s.unitOf(m.obj)
	if u == nil && m.owner != nil {
		u = s.unitOf(m.owner.Obj()) // of a field, or a method of an interface
	}
	if u == nil || u.decl == nil {
		return ""
	}
	if g, ok := u.decl.(*ast.GenDecl); ok {
		if text := commentOf(g, m.obj.Pos()); text != "" || m.owner != nil {
			return text
		}
	}
	return u.doc
}

// commentOf returns the comment of what is declared at a place within d.
func commentOf(d *ast.GenDecl, pos token.Pos) (text string) {
	ast.Inspect(d, func(n ast.Node) bool {
		var names []*ast.Ident
		var above, behind *ast.CommentGroup
		switch n := n.(type) {
		case *ast.ValueSpec:
			names, above, behind = n.Names, n.Doc, n.Comment
		case *ast.TypeSpec:
			names, above, behind = []*ast.Ident{n.Name}, n.Doc, n.Comment
		case *ast.Field:
			names, above, behind = n.Names, n.Doc, n.Comment
			if names == nil { // embedded: the type's name stands for it
				ast.Inspect(n.Type, func(n ast.Node) bool {
					if id, ok := n.(*ast.Ident); ok {
						names = append(names, id)
					}
					return true
				})
			}
		}
		for _, id := range names {
			if id.Pos() == pos {
				text = cmp.Or(above.Text(), behind.Text())
			}
		}
		return text == ""
	})
	return strings.TrimSpace(text)
}
