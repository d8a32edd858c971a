package yaegi

import (
	"fmt"
	"go/ast"
	"go/printer"
	"go/token"
	"go/types"
	"sort"
	"strings"

	"github.com/traefik/yaegi/interp"

	"github.com/fluxion-go/fluxion/interp/exec"
)

// emit writes c as texts for yaegi, to be evaluated one after another: imports,
// types with their methods, variables, and at last the statements.
func (e *executor) emit(c *exec.Cell) ([]string, error) {
	for _, o := range declared(c) {
		e.names.declare(c, o)
	}
	w := &writer{executor: e, c: c, file: fmt.Sprintf("cell%d", c.Number), imports: map[string]string{}}
	e.traces.add(w.file, c.Fset, c.File)
	defer w.restore()
	w.rewrite()

	var kinds, vars, methods, body strings.Builder
	for _, d := range c.File.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			switch d.Tok {
			case token.TYPE, token.CONST:
				w.print(&kinds, d)
			case token.VAR:
				w.variables(&vars, d)
			}
		case *ast.FuncDecl:
			f := c.Info.Defs[d.Name].(*types.Func)
			switch {
			case f == c.Entry:
			case d.Recv != nil:
				w.print(&methods, d)
			case d.Name.Name == "_":
			default:
				w.function(&vars, &body, f, d)
			}
		}
	}
	for _, d := range c.File.Decls {
		if d, ok := d.(*ast.FuncDecl); ok && c.Info.Defs[d.Name] == c.Entry {
			w.statements(&body, d)
		}
	}
	entry := fmt.Sprintf("entry_%d", c.Number)
	texts := w.load()
	texts = append(texts, kinds.String(), vars.String(), methods.String())
	if body.Len() > 0 {
		texts = append(texts, "func "+entry+"() {\n"+body.String()+"}\n", entry+"()")
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
	file    string            // how traces name the cell
	imports map[string]string // import path → package name
	undo    []func()
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
	name := w.c.Fset.PositionFor(w.c.File.Pos(), false).Filename
	b.WriteString(strings.ReplaceAll(text.String(), "//line "+name+":", "//line "+w.file+":"))
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
		w.in.Use(interp.Exports{p + "/" + w.imports[p]: w.symbols[p]})
		texts = append(texts, fmt.Sprintf("import %s %q", alias(types.NewPackage(p, w.imports[p])), p))
	}
	return texts
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

// function declares a variable for f and has the entry set it, so that those
// who call f by this name call what it is at the time.
func (w *writer) function(vars, body *strings.Builder, f *types.Func, d *ast.FuncDecl) {
	name := w.names.of[f]
	if !w.kept(f) {
		fmt.Fprintf(vars, "var %s %s\n", name, w.names.typeText(f.Type(), w.pkg))
	}
	fmt.Fprintf(body, "%s = ", name)
	w.print(body, &ast.FuncLit{Type: d.Type, Body: d.Body})
}

// statements writes the body of the entry; its last statement hands the cell's
// value over.
func (w *writer) statements(b *strings.Builder, d *ast.FuncDecl) {
	for i, s := range d.Body.List {
		if r, ok := s.(*ast.ReturnStmt); ok && i == len(d.Body.List)-1 && len(r.Results) == 1 {
			var value strings.Builder
			w.print(&value, r.Results[0])
			fmt.Fprintf(b, "%s.%s(%s)\n", bridge, w.receiver(r.Results[0]), strings.TrimSpace(value.String()))
			return
		}
		w.print(b, s)
	}
}

// receiver names the bridge's function that takes a value: the methods of a
// type declared in a cell are seen by compiled code through an interface alone.
func (w *writer) receiver(x ast.Expr) string {
	t := w.c.Info.TypeOf(x)
	if !ofCells(t) {
		return "Result"
	}
	if types.AssignableTo(t, types.Universe.Lookup("error").Type()) {
		return "Error"
	}
	if m, _, _ := types.LookupFieldOrMethod(t, false, nil, "String"); m != nil {
		if f, ok := m.(*types.Func); ok && f.Signature().Params().Len() == 0 && f.Signature().Results().Len() == 1 &&
			types.Identical(f.Signature().Results().At(0).Type(), types.Typ[types.String]) {
			return "Stringer"
		}
	}
	return "Result"
}

// ofCells reports whether t or what it points to is a type declared in a cell.
func ofCells(t types.Type) bool {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "main"
}
