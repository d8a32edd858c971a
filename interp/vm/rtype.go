package vm

import (
	"fmt"
	"go/types"
	"reflect"
	"slices"
	"strings"

	"github.com/fluxion-go/fluxion/interp/vm/forge"
)

// rtype returns the run-time type of t, complete.
func (m *machine) rtype(t types.Type) reflect.Type {
	m.typeMu.Lock()
	defer m.typeMu.Unlock()
	if r, ok := m.rtypes[t]; ok {
		return r
	}
	r := m.rtypeLocked(t, true)
	for len(m.unfinished) > 0 {
		finish := m.unfinished[0]
		m.unfinished = m.unfinished[1:]
		finish()
	}
	const most = 128 // the types keep the scopes that they were declared in
	if len(m.rtypes) >= most {
		clear(m.rtypes)
	}
	m.rtypes[t] = r
	return r
}

// desc returns the type descriptor of t.
func (m *machine) desc(t types.Type) *forge.Type { return forge.Of(m.rtype(t)) }

// rtypeLocked is rtype with typeMu held. The type may be incomplete; with sized set
// at least its size is known, unless t contains itself.
func (m *machine) rtypeLocked(t types.Type, sized bool) reflect.Type {
	t = types.Unalias(t)
	table := m.tableOf(t)
	if r, ok := table.types.At(t).(reflect.Type); ok {
		if sized {
			m.size(t)
		}
		return r
	}
	r := m.makeType(t)
	if table.types.At(t) == nil {
		table.types.Set(t, r)
	}
	if sized {
		m.size(t)
	}
	return r
}

// A shell is a named type whose shape may not be known yet.
type shell struct {
	state shellState
	shape func() // sets the shape
}

type shellState int

const (
	shellEmpty shellState = iota
	shellBusy             // the shape is being made
	shellWhole
)

// complete reports whether the shape is known, making it if it can.
func (s *shell) complete() bool {
	switch s.state {
	case shellBusy:
		return false
	case shellEmpty:
		s.state = shellBusy
		s.shape()
		s.state = shellWhole
	}
	return true
}

// size reports whether the size of t is known, completing what it depends on.
func (m *machine) size(t types.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		shells := &m.tableOf(t).shells
		if s, ok := shells.At(t).(*shell); ok {
			if !s.complete() {
				return false
			}
			shells.Delete(t)
		}
	case *types.Array:
		return m.size(t.Elem())
	case *types.Struct:
		for f := range t.Fields() {
			if !m.size(f.Type()) {
				return false
			}
		}
	}
	return true
}

// typeString names t as Go's run-time types are named.
func typeString(t types.Type) string {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.TypeArgs().Len() == 0 {
		return types.TypeString(t, (*types.Package).Name)
	}
	var args []string
	for a := range n.TypeArgs().Types() { // these have the whole path
		args = append(args, types.TypeString(a, (*types.Package).Path))
	}
	return n.Obj().Pkg().Name() + "." + n.Obj().Name() + "[" + strings.Join(args, ",") + "]"
}

var basicTypes = [...]reflect.Type{
	types.Bool:          reflect.TypeFor[bool](),
	types.Int:           reflect.TypeFor[int](),
	types.Int8:          reflect.TypeFor[int8](),
	types.Int16:         reflect.TypeFor[int16](),
	types.Int32:         reflect.TypeFor[int32](),
	types.Int64:         reflect.TypeFor[int64](),
	types.Uint:          reflect.TypeFor[uint](),
	types.Uint8:         reflect.TypeFor[uint8](),
	types.Uint16:        reflect.TypeFor[uint16](),
	types.Uint32:        reflect.TypeFor[uint32](),
	types.Uint64:        reflect.TypeFor[uint64](),
	types.Uintptr:       reflect.TypeFor[uintptr](),
	types.Float32:       reflect.TypeFor[float32](),
	types.Float64:       reflect.TypeFor[float64](),
	types.Complex64:     reflect.TypeFor[complex64](),
	types.Complex128:    reflect.TypeFor[complex128](),
	types.String:        reflect.TypeFor[string](),
	types.UnsafePointer: reflect.TypeFor[pointer](),

	types.UntypedBool:    reflect.TypeFor[bool](),
	types.UntypedInt:     reflect.TypeFor[int](),
	types.UntypedRune:    reflect.TypeFor[rune](),
	types.UntypedFloat:   reflect.TypeFor[float64](),
	types.UntypedComplex: reflect.TypeFor[complex128](),
	types.UntypedString:  reflect.TypeFor[string](),
	types.UntypedNil:     reflect.TypeFor[pointer](),
}

// makeType makes the run-time type of t.
func (m *machine) makeType(t types.Type) reflect.Type {
	switch t := t.(type) {
	case *types.Basic:
		return basicTypes[t.Kind()]
	case *types.Named:
		return m.makeNamed(t)
	case *types.Pointer:
		switch e := types.Unalias(t.Elem()).(type) {
		case *types.Named, *types.Struct: // may make its pointer type too
			m.rtypeLocked(e, false)
			if r, ok := m.known(t); ok {
				return r
			}
		}
		return reflect.PointerTo(m.rtypeLocked(t.Elem(), false))
	case *types.Slice:
		return reflect.SliceOf(m.rtypeLocked(t.Elem(), false))
	case *types.Chan:
		dir := [...]reflect.ChanDir{
			types.SendRecv: reflect.BothDir,
			types.SendOnly: reflect.SendDir,
			types.RecvOnly: reflect.RecvDir,
		}[t.Dir()]
		return forge.ChanOf(dir, m.rtypeLocked(t.Elem(), false))
	case *types.Array:
		return reflect.ArrayOf(int(t.Len()), m.rtypeLocked(t.Elem(), true))
	case *types.Map:
		return m.makeMap(t)
	case *types.Signature:
		return m.funcType(t)
	case *types.Tuple:
		fields := make([]reflect.StructField, t.Len())
		for i := range fields {
			fields[i] = reflect.StructField{Name: fmt.Sprint("F", i), Type: m.rtypeLocked(t.At(i).Type(), true)}
		}
		return reflect.StructOf(fields)
	case *types.Struct:
		return m.makeStruct(t)
	case *types.Interface:
		if t.NumMethods() == 0 {
			return reflect.TypeFor[any]()
		}
		d := forge.New(reflect.Interface, typeString(t), "main", 0, 0)
		m.setKnown(t, d.Reflect())
		m.setInterface(d, t, false)
		return d.Reflect()
	case *types.TypeParam:
		panic("vm: type parameter " + t.String())
	}
	if strings.HasPrefix(fmt.Sprintf("%T", t), "*ssa.") || t.String() == "iter" { // opaque types of package ssa
		return reflect.TypeFor[pointer]()
	}
	panic(fmt.Sprintf("vm: no run-time type for %T %s", t, t))
}

// makeMap makes a map type, which must wait for the sizes of key and element.
func (m *machine) makeMap(t *types.Map) reflect.Type {
	key, elem := m.rtypeLocked(t.Key(), false), m.rtypeLocked(t.Elem(), false)
	if m.size(t.Key()) && m.size(t.Elem()) {
		return reflect.MapOf(key, elem)
	}
	d := forge.New(reflect.Map, typeString(t), "", 0, 0)
	d.SetMap(key, elem)
	m.unfinished = append(m.unfinished, func() {
		m.size(t.Key())
		m.size(t.Elem())
		d.Fill(reflect.MapOf(key, elem), false)
		d.DropMethods()
	})
	return d.Reflect()
}

// funcType makes a func type with receivers as its first parameters.
func (m *machine) funcType(t *types.Signature, receivers ...reflect.Type) reflect.Type {
	in := slices.Clone(receivers)
	for v := range t.Params().Variables() {
		in = append(in, m.rtypeLocked(v.Type(), false))
	}
	var out []reflect.Type
	for v := range t.Results().Variables() {
		out = append(out, m.rtypeLocked(v.Type(), false))
	}
	return reflect.FuncOf(in, out, t.Variadic())
}

// makeStruct makes a struct type. One with embedded fields has methods of its own.
func (m *machine) makeStruct(t *types.Struct) reflect.Type {
	embeds := false
	for f := range t.Fields() {
		embeds = embeds || f.Embedded()
	}
	if !embeds {
		return m.structType(t)
	}
	methods := m.prog.MethodSets.MethodSet(t)
	pointerMethods := m.prog.MethodSets.MethodSet(types.NewPointer(t))
	d := forge.New(reflect.Struct, typeString(t), "main", methods.Len(), 0)
	p := forge.NewPointer(d, typeString(t), "main", pointerMethods.Len())
	m.setKnown(t, d.Reflect())
	m.setKnown(types.NewPointer(t), p.Reflect())
	d.Fill(m.structType(t), false)
	embed(d, t)
	m.unfinished = append(m.unfinished, func() {
		m.setMethods(d, methods, p)
		m.setMethods(p, pointerMethods, nil)
	})
	return d.Reflect()
}

// structType is a struct type whose embedded fields are ordinary ones.
func (m *machine) structType(t *types.Struct) reflect.Type {
	fields := make([]reflect.StructField, t.NumFields())
	for i := range fields {
		v := t.Field(i)
		fields[i] = reflect.StructField{
			Name: v.Name(),
			Type: m.rtypeLocked(v.Type(), true),
			Tag:  reflect.StructTag(t.Tag(i)),
		}
		if !v.Exported() {
			fields[i].PkgPath = "main"
			if v.Pkg() != nil {
				fields[i].PkgPath = v.Pkg().Path()
			}
		}
	}
	return reflect.StructOf(fields)
}

// embed marks the embedded fields of t in its descriptor.
func embed(d *forge.Type, t *types.Struct) {
	var list []forge.Embedded
	for i := range t.NumFields() {
		if v := t.Field(i); v.Embedded() {
			list = append(list, forge.Embedded{Index: i, Name: v.Name(), Tag: t.Tag(i), Exported: v.Exported()})
		}
	}
	d.Embed(list)
}
