package vm

import (
	"fmt"
	"go/types"
	"reflect"
	"slices"
	"sync/atomic"

	"github.com/fluxion-go/fluxion/interp/vm/forge"
)

// methodInfo is how the vm itself calls a method of a forged type.
type methodInfo struct {
	selection *types.Selection
	boxed     bool // an interface value of the type holds a pointer to the receiver
	fn        atomic.Pointer[function]
}

// makeNamed makes the run-time type of a named type: that of the compiled package
// that declares it, or a forged one.
func (m *machine) makeNamed(n *types.Named) reflect.Type {
	obj := n.Obj()
	if obj.Pkg() == nil {
		if obj.Name() == "error" {
			return reflect.TypeFor[error]()
		}
		return m.rtypeLocked(n.Underlying(), true) // comparable
	}
	if obj.Parent() == obj.Pkg().Scope() && n.TypeArgs().Len() == 0 {
		if v, ok := m.symbol(obj.Pkg(), obj.Name()); ok {
			r := v.Type().Elem()
			m.setKnown(n, r)
			m.learnFields(n, r)
			return r
		}
	}
	if r := m.learned[obj]; r != nil {
		return r
	}
	return m.forgeNamed(n)
}

// forgeNamed makes a type descriptor for n, whose shape and methods follow.
func (m *machine) forgeNamed(n *types.Named) reflect.Type {
	name, pkg := typeString(n), n.Obj().Pkg().Path()
	u := n.Underlying()
	k := reflectKind(u)
	inout := 0
	if sig, ok := u.(*types.Signature); ok {
		inout = sig.Params().Len() + sig.Results().Len()
	}
	var methods, pointerMethods *types.MethodSet
	count, pointerCount := 0, 0
	if k != reflect.Interface {
		methods = m.prog.MethodSets.MethodSet(n)
		pointerMethods = m.prog.MethodSets.MethodSet(types.NewPointer(n))
		count, pointerCount = methods.Len(), pointerMethods.Len()
		if k == reflect.Pointer {
			pointerCount = 0
		}
	}
	d := forge.New(k, name, pkg, count, inout)
	d.TFlag |= forge.FlagNamed
	p := forge.NewPointer(d, name, pkg, pointerCount)
	m.setKnown(n, d.Reflect())
	m.setKnown(types.NewPointer(n), p.Reflect())
	switch u := u.(type) {
	case *types.Interface:
		m.setInterface(d, u, true)
		return d.Reflect()
	case *types.Basic:
		d.Fill(basicTypes[u.Kind()], true)
	}
	s := &shell{}
	s.shape = func() {
		m.setShape(d, u)
		m.unfinished = append(m.unfinished, func() {
			if count > 0 {
				m.setMethods(d, methods, p)
			}
			if pointerCount > 0 {
				m.setMethods(p, pointerMethods, nil)
			}
		})
	}
	m.tableOf(n).shells.Set(n, s)
	switch k {
	case reflect.Pointer, reflect.Slice, reflect.Chan, reflect.Func, reflect.Map:
		d.SetPointerShape(k)
	}
	m.unfinished = append(m.unfinished, func() { s.complete() })
	return d.Reflect()
}

// setShape gives d the shape of the underlying type u.
func (m *machine) setShape(d *forge.Type, u types.Type) {
	st, ok := u.(*types.Struct)
	if !ok {
		d.Fill(m.rtypeLocked(u, false), true)
		return
	}
	d.Fill(m.structType(st), true)
	embed(d, st)
	if hasBlank(st) {
		t := d.Reflect()
		d.SetEqual(func(a, b pointer) bool {
			return equalBlank(st, reflect.NewAt(t, a).Elem(), reflect.NewAt(t, b).Elem())
		})
	}
}

// reflectKind is the kind of an underlying type.
func reflectKind(u types.Type) reflect.Kind {
	switch u := u.(type) {
	case *types.Basic:
		return basicTypes[u.Kind()].Kind()
	case *types.Pointer:
		return reflect.Pointer
	case *types.Slice:
		return reflect.Slice
	case *types.Array:
		return reflect.Array
	case *types.Map:
		return reflect.Map
	case *types.Chan:
		return reflect.Chan
	case *types.Signature:
		return reflect.Func
	case *types.Struct:
		return reflect.Struct
	case *types.Interface:
		return reflect.Interface
	}
	panic(fmt.Sprintf("vm: kind of %T", u))
}

// setInterface makes d the interface type t, its methods later.
func (m *machine) setInterface(d *forge.Type, t *types.Interface, named bool) {
	d.BeginInterface(t.NumMethods() == 0)
	m.unfinished = append(m.unfinished, func() {
		pkg := "main"
		methods := make([]forge.Method, t.NumMethods())
		for i := range methods {
			f := t.Method(i)
			methods[i] = forge.Method{Name: f.Name(), Pkg: methodPkg(f), Type: m.funcType(f.Signature())}
			if !f.Exported() {
				pkg = methods[i].Pkg
			}
		}
		sortMethods(methods)
		d.SetInterface(methods, pkg, named)
	})
}

func sortMethods(list []forge.Method) {
	slices.SortFunc(list, func(a, b forge.Method) int {
		switch {
		case forge.Less(a, b):
			return -1
		case forge.Less(b, a):
			return +1
		}
		return 0
	})
}

// methodPkg is the package of a method's name, "" for an exported one.
func methodPkg(f *types.Func) string {
	if f.Exported() {
		return ""
	}
	return f.Pkg().Path()
}

// setMethods gives the forged type d its methods. Where d is not itself a pointer,
// p is its pointer type, because an interface value holds a pointer to a d.
func (m *machine) setMethods(d *forge.Type, set *types.MethodSet, p *forge.Type) {
	boxed := p != nil && d.TFlag&forge.FlagDirect == 0
	table := map[string]*methodInfo{}
	m.methods[d] = table
	methods := make([]forge.Method, set.Len())
	for i := range methods {
		sel := set.At(i)
		f := sel.Obj().(*types.Func)
		info := &methodInfo{selection: sel, boxed: boxed}
		table[f.Id()] = info
		methods[i] = m.forgeMethod(d, p, f, info)
	}
	sortMethods(methods)
	if err := d.SetMethods(methods); err != nil {
		panic(err)
	}
}

// forgeMethod makes what compiled code calls for a method.
func (m *machine) forgeMethod(d, p *forge.Type, f *types.Func, info *methodInfo) forge.Method {
	sig := info.selection.Type().(*types.Signature)
	received := d
	if info.boxed {
		received = p
	}
	entry := reflect.MakeFunc(m.funcType(sig, received.Reflect()), func(args []reflect.Value) []reflect.Value {
		if info.boxed {
			args[0] = args[0].Elem()
		}
		return m.method(info).callReflect(nil, args)
	}).Interface()
	method := forge.Method{Name: f.Name(), Pkg: methodPkg(f), Type: m.funcType(sig), Entry: forge.FuncPointer(entry)}
	if info.boxed && f.Exported() { // as reflect's Type.Method(i).Func calls it
		direct := reflect.MakeFunc(m.funcType(sig, d.Reflect()), func(args []reflect.Value) []reflect.Value {
			return m.method(info).callReflect(nil, args)
		}).Interface()
		method.Direct = forge.FuncPointer(direct)
	}
	return method
}

// method returns the function that is a method.
func (m *machine) method(info *methodInfo) *function {
	if fn := info.fn.Load(); fn != nil {
		return fn
	}
	m.buildMu.Lock()
	dismiss := m.recall([]*types.Package{info.selection.Obj().Pkg()})
	f := m.prog.MethodValue(info.selection)
	dismiss()
	m.buildMu.Unlock()
	fn := m.function(f)
	info.fn.Store(fn)
	return fn
}

// methodTable returns the methods of a forged type, nil for a compiled one.
func (m *machine) methodTable(d *forge.Type) map[string]*methodInfo {
	m.typeMu.Lock()
	defer m.typeMu.Unlock()
	return m.methods[d]
}

// learn records the run-time types of the unexported types of compiled packages
// that t mentions; r is its run-time type.
func (m *machine) learn(t types.Type, r reflect.Type) {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		obj := t.Obj()
		if obj.Pkg() != nil && t.TypeArgs().Len() == 0 && !obj.Exported() && m.learned[obj] == nil {
			if _, known := m.known(t); !known {
				m.learned[obj] = r
				m.learnFields(t, r)
			}
		}
	case *types.Pointer:
		if r.Kind() == reflect.Pointer {
			m.learn(t.Elem(), r.Elem())
		}
	case *types.Slice:
		if r.Kind() == reflect.Slice {
			m.learn(t.Elem(), r.Elem())
		}
	case *types.Signature:
		if r.Kind() != reflect.Func {
			return
		}
		for i := 0; i < t.Params().Len() && i < r.NumIn(); i++ {
			m.learn(t.Params().At(i).Type(), r.In(i))
		}
		for i := 0; i < t.Results().Len() && i < r.NumOut(); i++ {
			m.learn(t.Results().At(i).Type(), r.Out(i))
		}
	}
}

// learnFields learns from the fields of a compiled struct type.
func (m *machine) learnFields(n *types.Named, r reflect.Type) {
	st, ok := n.Underlying().(*types.Struct)
	if !ok || r.Kind() != reflect.Struct || r.NumField() != st.NumFields() {
		return
	}
	for i := range st.NumFields() {
		m.learn(st.Field(i).Type(), r.Field(i).Type)
	}
}
