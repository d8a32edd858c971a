package vm

import (
	"go/ast"
	"go/types"
	"maps"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"weak"

	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/fluxion-go/fluxion/interp/exec"
)

// A session may run for days, so what nothing can mention any more is forgotten.
// Functions and variables are known by weak pointers to their SSA and type
// checker's forms: those go when neither the program's packages nor code that is
// not compiled yet have them. The packages are taken out here, which package ssa
// does not provide for, and brought back while something is built, if they are still
// there.

// programPackages are the packages of a program, nil where package ssa is not as
// we know it; then they stay.
func programPackages(p *ssa.Program) map[*types.Package]*ssa.Package {
	return *private[map[*types.Package]*ssa.Package](p, "packages")
}

// private is the address of an unexported field of the struct at p, that of a zero
// value where there is no such field with type F.
func private[F any](p any, path ...string) *F {
	if v := field(p, path...); v.IsValid() && v.Type() == reflect.TypeFor[F]() {
		return v.Addr().Interface().(*F)
	}
	return new(F)
}

// field is a field of the struct at p, or a field of that and so on, through
// pointers too; the zero Value where there is none.
func field(p any, path ...string) reflect.Value {
	v := reflect.ValueOf(p).Elem()
	for _, name := range path {
		if v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		if v.Kind() != reflect.Struct {
			return reflect.Value{}
		}
		f := v.FieldByName(name)
		if !f.IsValid() {
			return f
		}
		v = reflect.NewAt(f.Type(), f.Addr().UnsafePointer()).Elem()
	}
	return v
}

// mentionsLater reports whether info's package has generic declarations: what they
// mention is looked up whenever they are instantiated.
func mentionsLater(info *types.Info) bool {
	for _, obj := range info.Defs {
		switch obj := obj.(type) {
		case *types.Func:
			if obj.Signature().TypeParams().Len() > 0 {
				return true
			}
		case *types.TypeName:
			if n, ok := obj.Type().(*types.Named); ok && n.TypeParams().Len() > 0 {
				return true
			}
		}
	}
	return false
}

// prepareAll compiles an entry and the function literals that it has: then they
// need the program's packages no longer. It reports whether all compile.
func (m *machine) prepareAll(entry *function) (ok bool) {
	var literals []*ssa.Function
	var gather func(f *ssa.Function)
	gather = func(f *ssa.Function) {
		for _, a := range f.AnonFuncs {
			literals = append(literals, a)
			gather(a)
		}
	}
	gather(entry.ssa)
	entry.prepare()
	defer func() { ok = recover() == nil }() // of a literal, which may never be called
	for _, f := range literals {
		if !hasParams(f) {
			if fn := m.function(f); !fn.ready.Load() {
				fn.prepare()
			}
		}
	}
	return true
}

// typeless reports whether a cell declares no types, functions or methods beside its
// entry: then its declarations are mentioned by name alone.
func typeless(c *exec.Cell) bool {
	for _, obj := range c.Info.Defs {
		switch obj := obj.(type) {
		case *types.Func:
			if obj != c.Entry && obj.Name() != "_" {
				return false
			}
		case *types.TypeName:
			if obj.Parent() == c.Pkg.Scope() {
				return false
			}
		}
	}
	return true
}

// forget takes the SSA form of a cell's package out of the program, for good if
// nothing will want it. buildMu is held.
func (m *machine) forget(p *types.Package, unwanted bool) {
	k, all := knownOf(p), programPackages(m.prog)
	if k != nil && !(unwanted && !k.pinned) {
		k.ssa = all[p]
		if m.forgets++; m.forgets%64 == 0 {
			m.clearMemos()
		}
	}
	delete(all, p)
}

// recall gives the program those forgotten packages that are wanted to build the
// SSA forms of what mentions these, until dismiss is called. A package that nothing
// mentions is not touched: the collector would find it alive. buildMu is held until
// then.
func (m *machine) recall(mentioned []*types.Package) (dismiss func()) {
	all := programPackages(m.prog)
	wanted := map[*types.Package]bool{}
	var want func(p *types.Package)
	want = func(p *types.Package) {
		k := knownOf(p)
		if k == nil || wanted[p] {
			return
		}
		wanted[p] = true
		if k.ssa != nil {
			all[p] = k.ssa
		}
		for _, q := range k.mentions {
			want(q)
		}
	}
	for _, p := range mentioned {
		want(p)
	}
	return func() {
		for p := range wanted {
			if knownOf(p).ssa != nil {
				delete(all, p)
			}
		}
	}
}

// clearMemos empties what package ssa remembers of the types of cells, so that it
// does not make things twice. buildMu is held.
func (m *machine) clearMemos() {
	ofCell := func(t types.Type) (is bool) {
		exec.WalkNamed(t, func(n *types.Named) { is = is || knownOf(n.Obj().Pkg()) != nil })
		return is
	}
	for _, path := range [][]string{{"makeInterfaceTypes"}, {"hasParams", "seen"}} {
		if memo := field(m.prog, path...); memo.IsValid() {
			memo.Clear()
		}
	}
	methodSets := private[typeutil.Map](m.prog, "methodSets")
	for _, t := range methodSets.Keys() {
		if ofCell(t) {
			methodSets.Delete(t)
		}
	}
	maps.DeleteFunc(*private[map[*types.Func]*ssa.Function](m.prog, "objectMethods"), func(f *types.Func, _ *ssa.Function) bool {
		return knownOf(f.Pkg()) != nil
	})
	m.clearInstances(ofCell)

	cache := &m.prog.MethodSets
	mu := private[sync.Mutex](cache, "mu")
	mu.Lock()
	defer mu.Unlock()
	for _, name := range []string{"named", "others"} {
		if memo := field(cache, name); memo.IsValid() {
			memo.Clear()
		}
	}
}

// clearInstances empties what package ssa remembers of instances of generic types
// and functions.
func (m *machine) clearInstances(ofCell func(types.Type) bool) {
	*private[*types.Context](m.prog, "ctxt") = types.NewContext()
	*private[typeutil.Map](m.prog, "canon", "types") = typeutil.Map{}
	lists := field(m.prog, "canon", "lists", "buckets") // by a hash
	list := reflect.TypeFor[[]types.Type]()
	if t := lists; !t.IsValid() || t.Type().Elem().Kind() != reflect.Slice || t.Type().Elem().Elem().Kind() != reflect.Pointer ||
		!t.Type().Elem().Elem().Elem().ConvertibleTo(list) {
		return // not as we know it
	}
	for _, hash := range lists.MapKeys() {
		kept := reflect.Zero(lists.Type().Elem())
		for _, l := range lists.MapIndex(hash).Seq2() {
			if !slices.ContainsFunc(l.Elem().Convert(list).Interface().([]types.Type), ofCell) {
				kept = reflect.Append(kept, l)
			}
		}
		if kept.Len() == 0 {
			kept = reflect.Value{} // which deletes it
		}
		lists.SetMapIndex(hash, kept)
	}
}

// packagesOf are the interpreted packages of the objects that a package uses.
func packagesOf(uses map[*ast.Ident]types.Object) []*types.Package {
	seen := map[*types.Package]bool{}
	var all []*types.Package
	for _, obj := range uses {
		if p := obj.Pkg(); !seen[p] {
			seen[p] = true
			if knownOf(p) != nil {
				all = append(all, p)
			}
		}
	}
	return all
}

// remember gives the packages of the variables that uses mentions an SSA form again,
// and returns those packages. It has buildMu.
func (m *machine) remember(pkg *types.Package, info *types.Info) []*types.Package {
	var again []*types.Package
	for _, obj := range info.Uses {
		v, ok := obj.(*types.Var)
		if !ok || v.Pkg() == nil || v.Pkg() == pkg || v.Pkg().Path() != pkg.Path() || v.Parent() != v.Pkg().Scope() {
			continue
		}
		if m.prog.Package(v.Pkg()) == nil {
			m.prog.CreatePackage(v.Pkg(), nil, nil, false)
			again = append(again, v.Pkg())
		}
	}
	return again
}

// A functionKey and a varKey are known as long as something can mention the
// function or variable.
type (
	functionKey = weak.Pointer[ssa.Function]
	varKey      = weak.Pointer[types.Var]
)

// keepFunction records fn as that of f. Where nothing has fn any more, it can be
// made again. functionMu is held.
func (m *machine) keepFunction(f *ssa.Function, fn *function) {
	_, known := m.functions[fn.key]
	m.functions[fn.key] = weak.Make(fn)
	if fn.source = sourceOf(f); fn.source != nil {
		w := weak.Make(fn.source)
		m.sources[w] = struct{}{}
		runtime.AddCleanup(fn.source, func(w weak.Pointer[functionSource]) {
			m.functionMu.Lock()
			defer m.functionMu.Unlock()
			delete(m.sources, w)
		}, w)
	}
	if !known {
		runtime.AddCleanup(f, func(key functionKey) {
			m.functionMu.Lock()
			defer m.functionMu.Unlock()
			delete(m.functions, key)
		}, fn.key)
	}
}

// keepVar records where v is. functionMu is held.
func (m *machine) keepVar(v *types.Var, at pointer) {
	key := weak.Make(v)
	if _, known := m.vars[key]; !known {
		runtime.AddCleanup(v, func(key varKey) {
			m.functionMu.Lock()
			defer m.functionMu.Unlock()
			delete(m.vars, key)
		}, key)
	}
	m.vars[key] = at
}
