package yaegi

import (
	"encoding"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/printer"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"sort"
	"strings"

	"github.com/traefik/yaegi/interp"

	"github.com/fluxion-go/fluxion/interp/exec"
)

// emit writes c as texts for yaegi, to be evaluated one after another: imports,
// types, variables, methods, functions, and at last the statements.
func (e *executor) emit(c *exec.Cell) ([]string, error) {
	for _, o := range declared(c) {
		e.names.declare(c, o)
	}
	w := &writer{executor: e, c: c, imports: map[string]string{}, guards: map[*ast.GoStmt]bool{}}
	for i, f := range c.Files {
		e.traces.add(w.name(i), c.Fset, f, c.Entry.Name())
	}
	defer w.restore()
	w.rewrite()

	var kinds, vars, methods, functions, body strings.Builder
	decls := w.decls()
	for _, d := range decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			switch d.Tok {
			case token.CONST:
				w.print(&kinds, d)
			case token.TYPE:
				w.types(&kinds, d)
			case token.VAR:
				w.variables(&vars, d)
			}
		case *ast.FuncDecl:
			f := c.Info.Defs[d.Name].(*types.Func)
			switch {
			case f == c.Entry:
			case d.Recv != nil:
				w.method(&vars, &methods, &functions, f, d)
			case d.Name.Name == "_":
			default:
				w.function(&vars, &functions, f, d)
			}
		}
	}
	for _, d := range decls {
		if d, ok := d.(*ast.FuncDecl); ok && c.Info.Defs[d.Name] == c.Entry {
			w.statements(&body, d)
		}
	}
	texts := w.load()
	texts = append(texts, kinds.String(), vars.String(), methods.String())
	for _, part := range []struct{ name, body string }{{"define", functions.String()}, {"run", body.String()}} {
		if part.body != "" {
			name := fmt.Sprintf("%s_%d_", part.name, c.Number)
			texts = append(texts, "func "+name+"() {\n"+part.body+"}\n", name+"()")
		}
	}
	return texts, nil
}

// declared lists the package-level objects of c in the order of the source.
func declared(c *exec.Cell) []types.Object {
	var out []types.Object
	for id, o := range c.Info.Defs {
		if o != nil && o != c.Entry && id.Name != "_" && o.Pkg() == c.Pkg && o.Parent() == c.Pkg.Scope() {
			out = append(out, o)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Pos() < out[j].Pos() })
	return out
}

// A writer turns one cell into text. It changes the cell's syntax tree while it
// works and puts everything back at the end, because the front end keeps the
// tree.
type writer struct {
	*executor
	c       *exec.Cell
	imports map[string]string // import path → package name
	undo    []func()
	guards  map[*ast.GoStmt]bool // those that have been rewritten
}

// decls lists the declarations of all files.
func (w *writer) decls() []ast.Decl {
	var out []ast.Decl
	for _, f := range w.c.Files {
		out = append(out, f.Decls...)
	}
	return out
}

// name is how traces call the i-th file of the cell. yaegi keeps imports by the
// last part of the file's name, so that must be the same for all.
func (w *writer) name(i int) string {
	return fmt.Sprintf("cell%d.%d/%s", w.c.Number, i, interp.DefaultSourceName)
}

func (w *writer) restore() {
	for i := len(w.undo) - 1; i >= 0; i-- {
		w.undo[i]()
	}
}

// set assigns to a part of the syntax tree until restore.
func set[T any](w *writer, p *T, v T) {
	old := *p
	w.undo = append(w.undo, func() { *p = old })
	*p = v
}

// print writes a node with line directives that lead back to the cell.
func (w *writer) print(b *strings.Builder, n ast.Node) {
	var text strings.Builder
	cfg := printer.Config{Mode: printer.SourcePos | printer.RawFormat}
	if err := cfg.Fprint(&text, w.c.Fset, n); err != nil {
		panic(err) // only a broken tree can do this
	}
	out := text.String()
	for i, f := range w.c.Files {
		name := w.c.Fset.PositionFor(f.Pos(), false).Filename
		out = strings.ReplaceAll(out, "//line "+name+":", "//line "+w.name(i)+":")
	}
	b.WriteString(out)
	b.WriteByte('\n')
}

// pkg returns the name by which the text calls a compiled package.
func (w *writer) pkg(p *types.Package) string {
	w.imports[p.Path()] = p.Name()
	return alias(p)
}

// alias is a name for p that no other package or object has.
func alias(p *types.Package) string {
	return strings.NewReplacer("/", "_", ".", "_", "-", "_").Replace(p.Path()) + "_"
}

// load gives yaegi the packages that the cell mentions and has not had yet, and
// returns the text that imports them.
func (w *writer) load() []string {
	var paths []string
	for p := range w.imports {
		if !w.loaded[p] {
			paths = append(paths, p)
		}
	}
	sort.Strings(paths)
	var texts []string
	if !w.loaded[bridge] {
		w.loaded[bridge] = true
		texts = append(texts, "import "+bridge+" \""+bridge+"\"")
	}
	for _, p := range paths {
		w.loaded[p] = true
		key := p + "/" + w.imports[p]
		if p == "fmt" {
			key = "fmt/again" // see New
		}
		w.in.Use(interp.Exports{key: w.config.Symbols[p], ".": {"MapTypes": reflect.ValueOf(seen(p, w.config.Symbols))}})
		texts = append(texts, fmt.Sprintf("import %s %q", alias(types.NewPackage(p, w.imports[p])), p))
	}
	return texts
}

// seen tells which interfaces the functions of a package look for in operands of
// type any, so that yaegi lets them see the methods of the cells' types.
func seen(pkg string, symbols exec.Symbols) map[reflect.Value][]reflect.Type {
	type look struct {
		prefixes   []string
		interfaces []reflect.Type
	}
	looks := map[string]look{
		"fmt":           {[]string{"Append", "Errorf", "Fprint", "Print", "Sprint"}, []reflect.Type{reflect.TypeFor[fmt.Formatter](), reflect.TypeFor[fmt.Stringer]()}},
		"log":           {[]string{"Fatal", "Panic", "Print"}, []reflect.Type{reflect.TypeFor[fmt.Formatter](), reflect.TypeFor[fmt.Stringer]()}},
		showing:         {[]string{"Show"}, shownInterfaces()},
		"encoding/json": {[]string{"Marshal"}, []reflect.Type{reflect.TypeFor[json.Marshaler](), reflect.TypeFor[encoding.TextMarshaler]()}},
	}
	out := map[reflect.Value][]reflect.Type{}
	l, ok := looks[pkg]
	if !ok {
		return out
	}
	for name, v := range symbols[pkg] {
		if v.Kind() != reflect.Func {
			continue
		}
		for _, p := range l.prefixes {
			if strings.HasPrefix(name, p) {
				out[v] = l.interfaces
			}
		}
	}
	return out
}

// types declares the types of d that yaegi does not have yet.
func (w *writer) types(b *strings.Builder, d *ast.GenDecl) {
	for _, s := range d.Specs {
		if t, ok := w.c.Info.Defs[s.(*ast.TypeSpec).Name]; ok && !w.kept(t) {
			w.print(b, &ast.GenDecl{Tok: token.TYPE, TokPos: s.Pos(), Specs: []ast.Spec{s}})
		}
	}
}

// variables declares the variables of d by their types; the entry assigns them.
func (w *writer) variables(b *strings.Builder, d *ast.GenDecl) {
	for _, s := range d.Specs {
		for _, id := range s.(*ast.ValueSpec).Names {
			v, ok := w.c.Info.Defs[id].(*types.Var)
			if !ok || v.Name() == "_" || w.kept(v) {
				continue
			}
			fmt.Fprintf(b, "var %s %s\n", w.names.of[v], w.names.typeText(v.Type(), w.pkg))
		}
	}
}

// kept reports whether o takes the place of an earlier object.
func (w *writer) kept(o types.Object) bool {
	old := w.c.Replaces[o]
	return old != nil && w.names.of[old] == w.names.of[o]
}

// function declares a variable for f and has it set, so that those
// who call f by this name call what it is at the time.
func (w *writer) function(vars, functions *strings.Builder, f *types.Func, d *ast.FuncDecl) {
	name := w.names.of[f]
	if !w.kept(f) {
		fmt.Fprintf(vars, "var %s %s\n", name, w.names.typeText(f.Type(), w.pkg))
	}
	fmt.Fprintf(functions, "%s =\n", name)
	w.print(functions, &ast.FuncLit{Type: d.Type, Body: d.Body})
}

// method declares a method that calls a variable, for the same reason. The
// receiver is the variable's first parameter.
func (w *writer) method(vars, methods, functions *strings.Builder, f *types.Func, d *ast.FuncDecl) {
	sig := f.Signature()
	recv := w.names.typeText(sig.Recv().Type(), w.pkg)
	name := strings.TrimPrefix(recv, "*") + "_" + f.Name() + "_"
	params := append([]*types.Var{sig.Recv()}, slices.Collect(sig.Params().Variables())...)
	plain := types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), sig.Results(), sig.Variadic())
	if !w.methods[name] {
		w.methods[name] = true
		fmt.Fprintf(vars, "var %s %s\n", name, w.names.typeText(plain, w.pkg))
		var formal, actual []string
		for i, p := range slices.Collect(sig.Params().Variables()) {
			t, a := w.names.typeText(p.Type(), w.pkg), fmt.Sprintf("p%d", i)
			if sig.Variadic() && i == sig.Params().Len()-1 {
				t = "..." + strings.TrimPrefix(t, "[]")
				formal, actual = append(formal, a+" "+t), append(actual, a+"...")
				continue
			}
			formal, actual = append(formal, a+" "+t), append(actual, a)
		}
		result := w.names.typeText(types.NewSignatureType(nil, nil, nil, nil, sig.Results(), false), w.pkg)
		ret := ""
		if sig.Results().Len() > 0 {
			ret = "return "
		}
		fmt.Fprintf(methods, "func (r %s) %s(%s) %s { %s%s(%s) }\n", recv, f.Name(), strings.Join(formal, ", "),
			strings.TrimPrefix(result, "func()"), ret, name, strings.Join(append([]string{"r"}, actual...), ", "))
	}
	first := *d.Recv.List[0]
	if len(first.Names) == 0 {
		first.Names = []*ast.Ident{ident("_")}
	}
	list := []*ast.Field{&first}
	for _, p := range d.Type.Params.List {
		if len(p.Names) == 0 {
			p = &ast.Field{Names: []*ast.Ident{ident("_")}, Type: p.Type}
		}
		list = append(list, p)
	}
	fmt.Fprintf(functions, "%s =\n", name)
	w.print(functions, &ast.FuncLit{Type: &ast.FuncType{Params: &ast.FieldList{List: list}, Results: d.Type.Results}, Body: d.Body})
}

// statements writes the body of the entry; its last statement hands the cell's
// value over.
func (w *writer) statements(b *strings.Builder, d *ast.FuncDecl) {
	fmt.Fprintf(b, "%s.Begin()\ndefer %s.End()\n", bridge, bridge)
	for i, s := range d.Body.List {
		fmt.Fprintf(b, "%s.At(%d)\n", bridge, s.Pos())
		if r, ok := s.(*ast.ReturnStmt); ok && i == len(d.Body.List)-1 && len(r.Results) == 1 {
			var value strings.Builder
			w.print(&value, r.Results[0])
			fmt.Fprintf(b, "%s.%s(%s)\n", bridge, "Value"+w.valueView(r.Results[0]), strings.TrimSpace(value.String()))
			return
		}
		w.print(b, s)
	}
}

// valueView is view for the value of a cell, which is shown.
func (w *writer) valueView(x ast.Expr) string {
	if t := w.c.Info.TypeOf(x); ofCells(t) {
		if v := shownAs(t); v != "" {
			return v
		}
	}
	return w.view(x)
}

// view says by which interface compiled code must see x: the methods of a type
// declared in a cell are seen through an interface alone.
func (w *writer) view(x ast.Expr) string {
	t := w.c.Info.TypeOf(x)
	if !ofCells(t) {
		return ""
	}
	if types.AssignableTo(t, types.Universe.Lookup("error").Type()) {
		return "Error"
	}
	if m, _, _ := types.LookupFieldOrMethod(t, false, nil, "String"); m != nil {
		if f, ok := m.(*types.Func); ok && types.Identical(f.Type(), stringMethod) {
			return "Stringer"
		}
	}
	return ""
}

var stringMethod = types.NewSignatureType(nil, nil, nil, nil, types.NewTuple(types.NewVar(token.NoPos, nil, "", types.Typ[types.String])), false)

// ofCells reports whether t or what it points to is a type declared in a cell.
func ofCells(t types.Type) bool {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "main"
}
