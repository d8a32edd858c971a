package vm

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"weak"

	"golang.org/x/tools/go/ssa"

	"github.com/fluxion-go/fluxion/interp/exec"
	"github.com/fluxion-go/fluxion/interp/vm/forge"
)

// refused turns a panic of the compiler into an *exec.Unsupported at pos, where it
// is not one. It is deferred.
func refused(pos token.Pos, err *error) {
	if v := recover(); v != nil {
		u, ok := v.(*exec.Unsupported)
		if !ok {
			u = &exec.Unsupported{Pos: pos, What: fmt.Sprint(v)}
		}
		*err = u
	}
}

// addProgram makes the package of p.
func (m *machine) addProgram(p *exec.Program) (built *ssa.Package, err error) {
	m.addMu.Lock()
	defer m.addMu.Unlock()
	defer refused(p.Files[0].Pos(), &err)
	if built, err = m.build(p.Pkg, p.Files, p.Info, true); err != nil {
		return nil, err
	}
	return built, m.check(built)
}

// add makes c part of the program and returns its entry.
func (m *machine) add(c *exec.Cell) (entry *function, err error) {
	m.addMu.Lock()
	defer m.addMu.Unlock()
	defer refused(c.Entry.Pos(), &err)
	unwanted := true // unless all goes well
	defer func() {
		m.buildMu.Lock()
		defer m.buildMu.Unlock()
		m.forget(c.Pkg, unwanted)
	}()
	p, err := m.build(c.Pkg, c.Files, c.Info, false)
	if err != nil {
		return nil, err
	}
	for obj, earlier := range c.Replaces { // types first: variables and functions have them
		if obj, ok := obj.(*types.TypeName); ok {
			m.shareType(obj, earlier, c.Replaces)
		}
	}
	m.recordVars(p, c.Replaces)
	if err := m.check(p); err != nil {
		return nil, err
	}
	for obj, earlier := range c.Replaces {
		from, to := m.functionOf(earlier), m.functionOf(obj)
		if from != nil && to != nil && from != to {
			from.redirect(to)
			k := knownOf(earlier.Pkg())
			k.redirected = append(k.redirected, from)
		}
		if t, ok := obj.(*types.TypeName); ok {
			m.renewMethods(t.Type())
			m.renewMethods(types.NewPointer(t.Type()))
		}
	}
	entry = m.functionFor(m.declared(c.Entry), true)
	unwanted = typeless(c) && m.prepareAll(entry)
	return entry, nil
}

// build puts a package into SSA form, after those that it imports. Only an
// importable package can be imported by its path.
func (m *machine) build(pkg *types.Package, files []*ast.File, info *types.Info, importable bool) (*ssa.Package, error) {
	if err := m.buildImports(pkg); err != nil {
		return nil, err
	}
	own := *info
	own.InitOrder = nil // a cell's entry assigns its variables itself
	if importable {
		own.InitOrder = info.InitOrder
	}
	var err error
	if own.Uses, err = m.interpretGenerics(info.Uses); err != nil {
		return nil, err
	}
	m.buildMu.Lock()
	defer m.buildMu.Unlock()
	m.know(pkg)
	mentioned := packagesOf(own.Uses)
	defer m.recall(mentioned)()
	again := m.remember(pkg, &own)
	p := m.prog.CreatePackage(pkg, files, &own, importable)
	p.Build()
	if mentionsLater(info) {
		knownOf(pkg).mentions = mentioned
		for _, q := range mentioned {
			knownOf(q).pinned = true
		}
	}
	for _, q := range again {
		m.forget(q, true)
	}
	return p, nil
}

// buildImports makes SSA packages of what pkg imports.
func (m *machine) buildImports(pkg *types.Package) error {
	for _, q := range pkg.Imports() {
		if m.prog.ImportedPackage(q.Path()) != nil {
			continue
		}
		if files, info, ok := m.config.Packages.Source(q.Path()); ok && q != types.Unsafe {
			if err := m.buildSource(q, files, info); err != nil {
				return err
			}
			continue
		}
		m.buildMu.Lock()
		m.prog.CreatePackage(q, nil, nil, true)
		m.buildMu.Unlock()
	}
	return nil
}

// buildSource makes the SSA package of an interpreted package and initialises it.
func (m *machine) buildSource(pkg *types.Package, files []*ast.File, info *types.Info) error {
	p, err := m.build(pkg, files, info, true)
	if err != nil {
		return err
	}
	done := make(chan outcome, 1)
	m.execute(newRun(), done, m.function(p.Func("init")))
	o := <-done
	return o.err
}

// interpretGenerics points uses of generic functions of compiled packages, which
// have no compiled form, at the interpreted functions of the same name.
func (m *machine) interpretGenerics(uses map[*ast.Ident]types.Object) (map[*ast.Ident]types.Object, error) {
	var out map[*ast.Ident]types.Object
	for id, obj := range uses {
		f, ok := obj.(*types.Func)
		if !ok || f.Pkg() == nil || f.Signature().TypeParams().Len() == 0 {
			continue
		}
		if _, compiled := m.config.Symbols[f.Pkg().Path()]; !compiled {
			continue
		}
		pkg, err := m.genericPackage(f.Pkg().Path())
		if err != nil {
			return nil, err
		}
		if pkg == nil {
			continue
		}
		if g, ok := pkg.Scope().Lookup(f.Name()).(*types.Func); ok {
			if out == nil {
				out = maps.Clone(uses)
			}
			out[id] = g
		}
	}
	if out == nil {
		return uses, nil
	}
	return out, nil
}

// genericPackage is the package of interpreted generic functions of the compiled
// package at path, nil where there is none.
func (m *machine) genericPackage(path string) (*types.Package, error) {
	if pkg, ok := m.generics[path]; ok {
		return pkg, nil
	}
	m.generics[path] = nil
	source := "generic/" + path
	pkg, err := m.config.Packages.Import(source)
	if err != nil {
		return nil, nil
	}
	files, info, ok := m.config.Packages.Source(source)
	if !ok {
		return nil, nil
	}
	if err := m.buildSource(pkg, files, info); err != nil {
		return nil, err
	}
	m.generics[path] = pkg
	return pkg, nil
}

// recordVars notes the package variables of p. One that replaces an earlier
// variable has its storage.
func (m *machine) recordVars(p *ssa.Package, replaces map[types.Object]types.Object) {
	for _, member := range p.Members {
		g, ok := member.(*ssa.Global)
		if !ok {
			continue
		}
		v, ok := g.Object().(*types.Var)
		if !ok {
			continue
		}
		if earlier, ok := replaces[v].(*types.Var); ok {
			m.functionMu.Lock()
			at, shared := m.vars[weak.Make(earlier)]
			if shared {
				m.keepVar(v, at)
			}
			m.functionMu.Unlock()
			if shared {
				continue
			}
		}
		m.global(g)
	}
}

// declared is the SSA form of a function or method that is declared in a package, nil
// where there is none.
func (m *machine) declared(f *types.Func) *ssa.Function {
	m.buildMu.Lock()
	defer m.buildMu.Unlock()
	defer m.recall([]*types.Package{f.Pkg()})()
	return m.prog.FuncValue(f)
}

// functionOf is the function declared by obj, nil for one that is generic.
func (m *machine) functionOf(obj types.Object) *function {
	f, ok := obj.(*types.Func)
	if !ok || f.Signature().TypeParams().Len() > 0 || f.Signature().RecvTypeParams().Len() > 0 {
		return nil
	}
	s := m.declared(f)
	if s == nil {
		return nil
	}
	return m.function(s)
}

// shareType gives the type named obj the run-time type of an earlier one, if it has
// the same methods, so that values of the earlier type, also those in interface
// values, are values of this one.
func (m *machine) shareType(obj *types.TypeName, earlier types.Object, replaces map[types.Object]types.Object) {
	t, ok := obj.Type().(*types.Named)
	old, isNamed := earlier.Type().(*types.Named)
	if !ok || !isNamed || t.NumMethods() != old.NumMethods() || t.TypeParams().Len() > 0 || types.IsInterface(t) {
		return
	}
	for f := range t.Methods() {
		if replaces[f] == nil {
			return
		}
	}
	r := m.rtype(old)
	p := m.rtype(types.NewPointer(old))
	m.typeMu.Lock()
	defer m.typeMu.Unlock()
	m.setKnown(t, r)
	m.setKnown(types.NewPointer(t), p)
}

// renewMethods makes the methods of t those of the run-time type that it shares
// with an earlier type, whose methods they replace.
func (m *machine) renewMethods(t types.Type) {
	m.typeMu.Lock()
	r, ok := m.known(t)
	var table map[string]*methodInfo
	if ok {
		table = m.methods[forge.Of(r)]
	}
	m.typeMu.Unlock()
	if len(table) == 0 {
		return
	}
	m.buildMu.Lock()
	defer m.buildMu.Unlock()
	set := m.prog.MethodSets.MethodSet(t)
	for i := range set.Len() {
		sel := set.At(i)
		if info := table[sel.Obj().(*types.Func).Id()]; info != nil {
			info.selection = sel
			info.fn.Store(nil)
		}
	}
}

// check looks for calls in p of what has no compiled form, so that a cell fails
// before it has done anything.
func (m *machine) check(p *ssa.Package) error {
	seen := map[*ssa.Function]bool{}
	var visit func(f *ssa.Function) error
	visit = func(f *ssa.Function) error {
		if f == nil || seen[f] {
			return nil
		}
		seen[f] = true
		var operands [10]*ssa.Value
		learnt := false
		for _, b := range f.Blocks {
			for _, i := range b.Instrs {
				for _, o := range i.Operands(operands[:0]) {
					callee, ok := (*o).(*ssa.Function)
					if !ok || callee.Blocks != nil {
						continue
					}
					if !learnt && hidden(callee.Signature.Recv()) {
						m.learnFrom(f)
						learnt = true
					}
					if m.canCall(callee) {
						continue
					}
					return &exec.Unsupported{Pos: position(i, f), What: callee.String() + " cannot be called from a cell"}
				}
			}
		}
		for _, a := range f.AnonFuncs {
			if err := visit(a); err != nil {
				return err
			}
		}
		return nil
	}
	for _, member := range p.Members {
		switch member := member.(type) {
		case *ssa.Function:
			if err := visit(member); err != nil {
				return err
			}
		case *ssa.Type:
			n, ok := member.Type().(*types.Named)
			if !ok || n.TypeParams().Len() > 0 {
				continue
			}
			for method := range n.Methods() {
				if err := visit(m.declared(method)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// hidden reports whether a method's receiver is of a type that is not exported:
// its run-time type is learnt from where a value of it comes from.
func hidden(recv *types.Var) bool {
	if recv == nil {
		return false
	}
	t := types.Unalias(recv.Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	n, ok := t.(*types.Named)
	return ok && !n.Obj().Exported()
}

// learnFrom makes the run-time types of what f mentions, from which those of
// unexported types of compiled packages are learnt.
func (m *machine) learnFrom(f *ssa.Function) {
	var operands [10]*ssa.Value
	for _, b := range f.Blocks {
		for _, i := range b.Instrs {
			for _, o := range i.Operands(operands[:0]) {
				switch v := (*o).(type) {
				case *ssa.Global:
					m.global(v)
				case *ssa.Parameter, *ssa.Call, *ssa.FieldAddr, *ssa.Alloc:
					if p, ok := types.Unalias(v.Type()).(*types.Pointer); ok && !hasParams(f) {
						m.rtype(p.Elem())
					}
				}
			}
		}
	}
}

// hasParams reports whether f is generic, so that its types have no run-time form.
func hasParams(f *ssa.Function) bool {
	for ; f != nil; f = f.Parent() {
		if f.TypeParams().Len() > 0 && len(f.TypeArgs()) == 0 {
			return true
		}
	}
	return false
}

// position is that of instruction i of f, or of f.
func position(i ssa.Instruction, f *ssa.Function) token.Pos {
	if i.Pos().IsValid() {
		return i.Pos()
	}
	return f.Pos()
}
