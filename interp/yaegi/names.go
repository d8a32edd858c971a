package yaegi

import (
	"fmt"
	"go/types"
	"strings"

	"github.com/fluxion-go/fluxion/interp/exec"
)

// names gives every package-level object of every cell the name by which yaegi
// knows it. The first object of a name keeps it, so that %T prints what the
// user wrote; a later one that cannot take its place gets a number.
type names struct {
	of   map[types.Object]string
	used map[string]int
}

func newNames() *names { return &names{of: map[types.Object]string{}, used: map[string]int{}} }

// declare names an object of c.
func (n *names) declare(c *exec.Cell, o types.Object) {
	if old := c.Replaces[o]; old != nil && n.of[old] != "" {
		n.of[o] = n.of[old]
		return
	}
	name := o.Name()
	if name == "main" || name == "init" { // yaegi calls them by itself
		name += "_"
	}
	n.used[name]++
	if k := n.used[name]; k > 1 {
		name = fmt.Sprintf("%s_%d", name, k)
	}
	n.of[o] = name
}

// typeText writes t as Go source in which the cells' types have yaegi's names;
// packages are written by the name that pkg returns.
func (n *names) typeText(t types.Type, pkg func(*types.Package) string) string {
	w := typeWriter{names: n, pkg: pkg}
	w.write(t)
	return w.String()
}

type typeWriter struct {
	strings.Builder
	names *names
	pkg   func(*types.Package) string
}

func (w *typeWriter) write(t types.Type) {
	switch t := t.(type) {
	case *types.Alias:
		w.write(types.Unalias(t))
	case *types.Basic:
		if t.Kind() == types.UnsafePointer {
			w.WriteString(w.pkg(types.Unsafe) + ".Pointer")
			return
		}
		w.WriteString(t.Name())
	case *types.Named:
		o := t.Obj()
		switch name := w.names.of[o]; {
		case name != "":
			w.WriteString(name)
		case o.Pkg() == nil || o.Pkg().Path() == "main":
			w.WriteString(o.Name())
		default:
			w.WriteString(w.pkg(o.Pkg()) + "." + o.Name())
		}
	case *types.Pointer:
		w.WriteString("*")
		w.write(t.Elem())
	case *types.Slice:
		w.WriteString("[]")
		w.write(t.Elem())
	case *types.Array:
		fmt.Fprintf(w, "[%d]", t.Len())
		w.write(t.Elem())
	case *types.Map:
		w.WriteString("map[")
		w.write(t.Key())
		w.WriteString("]")
		w.write(t.Elem())
	case *types.Chan:
		w.WriteString([]string{types.SendRecv: "chan ", types.SendOnly: "chan<- ", types.RecvOnly: "<-chan "}[t.Dir()])
		w.WriteString("(")
		w.write(t.Elem())
		w.WriteString(")")
	case *types.Signature:
		w.WriteString("func")
		w.signature(t)
	case *types.Struct:
		w.WriteString("struct{")
		for i := range t.NumFields() {
			if i > 0 {
				w.WriteString("; ")
			}
			if f := t.Field(i); !f.Embedded() {
				w.WriteString(f.Name() + " ")
			}
			w.write(t.Field(i).Type())
			if tag := t.Tag(i); tag != "" {
				fmt.Fprintf(w, " %q", tag)
			}
		}
		w.WriteString("}")
	case *types.Interface:
		w.WriteString("interface{")
		for i := range t.NumMethods() {
			if i > 0 {
				w.WriteString("; ")
			}
			w.WriteString(t.Method(i).Name())
			w.signature(t.Method(i).Signature())
		}
		w.WriteString("}")
	default:
		w.WriteString(t.String())
	}
}

func (w *typeWriter) signature(s *types.Signature) {
	w.tuple(s.Params(), s.Variadic())
	if s.Results().Len() > 0 {
		w.WriteString(" ")
		w.tuple(s.Results(), false)
	}
}

func (w *typeWriter) tuple(t *types.Tuple, variadic bool) {
	w.WriteString("(")
	for i := range t.Len() {
		if i > 0 {
			w.WriteString(", ")
		}
		p := t.At(i).Type()
		if variadic && i == t.Len()-1 {
			w.WriteString("...")
			p = p.(*types.Slice).Elem()
		}
		w.write(p)
	}
	w.WriteString(")")
}
