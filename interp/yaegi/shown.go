package yaegi

import (
	"fmt"
	"go/token"
	"go/types"
	"reflect"
)

// Compiled code sees a type that was declared in a cell through one interface,
// for which yaegi needs a wrapper. These are the interfaces by which a value
// says how it wants to be shown; display asks for the same methods.
type (
	MIMEBundler interface{ MIMEBundle() map[string][]byte }
	HTML        interface{ HTML() string }
	SVG         interface{ SVG() string }
	Markdown    interface{ Markdown() string }
	LaTeX       interface{ LaTeX() string }
)

// The wrappers, in the form that yaegi wants: the value, then a field for each
// method.
type (
	mimeBundler struct {
		IValue      any
		WMIMEBundle func() map[string][]byte
	}
	htmlWriter struct {
		IValue any
		WHTML  func() string
	}
	svgWriter struct {
		IValue any
		WSVG   func() string
	}
	markdownWriter struct {
		IValue    any
		WMarkdown func() string
	}
	latexWriter struct {
		IValue any
		WLaTeX func() string
	}
)

func (w mimeBundler) MIMEBundle() map[string][]byte { return w.WMIMEBundle() }
func (w htmlWriter) HTML() string                   { return w.WHTML() }
func (w svgWriter) SVG() string                     { return w.WSVG() }
func (w markdownWriter) Markdown() string           { return w.WMarkdown() }
func (w latexWriter) LaTeX() string                 { return w.WLaTeX() }

// String is what fmt prints of the value itself.
func (w mimeBundler) String() string { return fmt.Sprint(w.IValue) }

var shown = []struct {
	name    string // of the method and, but for the first, of the interface
	view    string
	iface   reflect.Type
	wrapper any
	method  *types.Signature
}{
	{"MIMEBundle", "MIMEBundler", reflect.TypeFor[MIMEBundler](), (*mimeBundler)(nil), returning(types.NewMap(types.Typ[types.String], types.NewSlice(types.Universe.Lookup("byte").Type())))},
	{"HTML", "HTML", reflect.TypeFor[HTML](), (*htmlWriter)(nil), returning(types.Typ[types.String])},
	{"SVG", "SVG", reflect.TypeFor[SVG](), (*svgWriter)(nil), returning(types.Typ[types.String])},
	{"Markdown", "Markdown", reflect.TypeFor[Markdown](), (*markdownWriter)(nil), returning(types.Typ[types.String])},
	{"LaTeX", "LaTeX", reflect.TypeFor[LaTeX](), (*latexWriter)(nil), returning(types.Typ[types.String])},
}

func returning(t types.Type) *types.Signature {
	return types.NewSignatureType(nil, nil, nil, nil, types.NewTuple(types.NewVar(token.NoPos, nil, "", t)), false)
}

// shownAs returns the view of shown that a type's methods allow, or "".
func shownAs(t types.Type) string {
	for _, s := range shown {
		m, _, _ := types.LookupFieldOrMethod(t, false, nil, s.name)
		if f, ok := m.(*types.Func); ok && types.Identical(f.Type(), s.method) {
			return s.view
		}
	}
	return ""
}

// shownInterfaces are those of shown.
func shownInterfaces() []reflect.Type {
	var all []reflect.Type
	for _, s := range shown {
		all = append(all, s.iface)
	}
	return all
}
