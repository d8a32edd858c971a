package vm

import (
	"go/types"
	"reflect"
	"runtime"
	"unsafe"
	"weak"

	"golang.org/x/tools/go/ssa"

	"github.com/fluxion-go/fluxion/interp/exec"
)

// A session may run for days, so what nothing can mention any more is forgotten.
// Functions and variables are known by weak pointers to their SSA and type
// checker's forms: those go when neither the program's packages nor code that is
// not compiled yet have them. The packages are taken out here, which package ssa
// does not provide for.

// programPackages are the packages of a program, nil where package ssa is not as
// we know it; then they stay.
func programPackages(p *ssa.Program) map[*types.Package]*ssa.Package {
	return *private[map[*types.Package]*ssa.Package](p, "packages")
}

// private is the address of an unexported field of the struct at p, that of a zero
// value where there is no such field with type F.
func private[F, S any](p *S, name string) *F {
	f, ok := reflect.TypeFor[S]().FieldByName(name)
	if !ok || f.Type != reflect.TypeFor[F]() {
		return new(F)
	}
	return (*F)(unsafe.Add(unsafe.Pointer(p), f.Offset))
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

// declares counts the functions of a cell's package other than its entry. Without
// types and generic functions, typeless is true: then none of its declarations is
// mentioned but by name.
func declares(c *exec.Cell) (functions int, typeless bool) {
	for _, obj := range c.Info.Defs {
		switch obj := obj.(type) {
		case *types.Func:
			if obj.Signature().TypeParams().Len() > 0 {
				return 0, false
			}
			if obj != c.Entry && obj.Signature().Recv() == nil && obj.Name() != "_" {
				functions++
			}
		case *types.TypeName:
			if obj.Parent() == c.Pkg.Scope() {
				return 0, false
			}
		}
	}
	return functions, true
}

// forgetFunction is told that an object has been replaced. The package goes with the
// last of its functions.
func (m *machine) forgetFunction(obj types.Object) {
	f, ok := obj.(*types.Func)
	if !ok || f.Signature().Recv() != nil || m.current[f.Pkg()] == 0 {
		return
	}
	if m.current[f.Pkg()]--; m.current[f.Pkg()] == 0 {
		delete(m.current, f.Pkg())
		m.forgetPackage(f.Pkg())
	}
}

// forgetPackage takes the SSA form of a cell's package out of the program, unless
// generic declarations mention it.
func (m *machine) forgetPackage(p *types.Package) {
	m.buildMu.Lock()
	defer m.buildMu.Unlock()
	if !m.pinned[p] {
		delete(programPackages(m.prog), p)
	}
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
// made again, unless it is redirected. functionMu is held.
func (m *machine) keepFunction(f *ssa.Function, fn *function) {
	_, known := m.functions[fn.key]
	w := weak.Make(fn)
	m.functions[fn.key] = w
	if fn.source = sourceOf(f); fn.source != nil {
		m.sources[w] = fn.source
		runtime.AddCleanup(fn, func(w weak.Pointer[function]) {
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
			delete(m.redirected, key)
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
