// Package forge makes run-time types that package reflect cannot: named types
// with methods, interface types, and structs with embedded fields. To all of
// Go (fmt, encoding/json, errors.As, type assertions in compiled code) they are
// types like those of the compiler.
//
// It writes type descriptors by hand, so it depends on how one version of Go on
// one processor lays them out. That knowledge is in three places: the layout
// (layout_go126.go), the method entry points (zz_stubs_*.s) and the runtime
// functions reached by linkname (runtime.go). SelfTest makes a few types and uses
// them in every way that matters; where it fails, nothing of this
// package may be used.
//
// A forged descriptor is never freed, as those of the compiler are not. It lies in
// memory without pointers; what it points to is held by a list.
package forge

import (
	"errors"
	"reflect"
	"sync"
	"sync/atomic"
	"unsafe"
)

// Pointer is short for unsafe.Pointer, of which this package has many.
type Pointer = unsafe.Pointer

// Of returns the descriptor of a type.
func Of(t reflect.Type) *Type { return (*Type)((*Eface)(Pointer(&t)).Data) }

// Reflect returns the type that a descriptor describes.
func (t *Type) Reflect() reflect.Type {
	var x any
	(*Eface)(Pointer(&x)).Type = t
	return reflect.TypeOf(x)
}

// Eface is the layout of an empty interface value, Iface that of any other.
type (
	Eface struct {
		Type *Type
		Data Pointer
	}
	Iface struct {
		Tab  *Itab
		Data Pointer
	}
)

// A Method describes one method of a forged type.
type Method struct {
	Name string
	Pkg  string       // import path, only where the name is not exported
	Type reflect.Type // without receiver

	// Entry is the func value that is called with the receiver's word, as an
	// interface value holds it, before the arguments. Direct is the one that is
	// called with the receiver itself, where that differs.
	Entry, Direct Pointer
}

// Exported reports whether the method's name is exported.
func (m Method) Exported() bool { return m.Pkg == "" }

// Less orders methods as the compiler does: exported ones first, then by name.
func Less(a, b Method) bool {
	if a.Exported() != b.Exported() {
		return a.Exported()
	}
	return a.Name < b.Name
}

// kept holds what forged descriptors point to.
var kept struct {
	sync.Mutex
	list []any
}

func keep(x ...any) {
	kept.Lock()
	kept.list = append(kept.list, x...)
	kept.Unlock()
}

// ErrLayout says that the Go version or the processor is not one that this
// package knows.
var ErrLayout = errors.New("the layout of run-time types is not known for this Go version and processor")

// New reserves the descriptor of a type of kind k, by name ("main.T") and package
// path, with room for methods and for the params and results of a function. Its
// size and shape are not set.
func New(k reflect.Kind, name, pkg string, methods, inout int) *Type {
	t := newShell(k, methods, inout)
	t.Str = addReflectOff(Pointer(newName(name, "", false, false)))
	t.Hash = nextHash()
	uncommonOf(t).PkgPath = addReflectOff(Pointer(newName(pkg, "", false, false)))
	return t
}

// NewPointer makes the type *t with room for methods; name is that of t.
func NewPointer(t *Type, name, pkg string, methods int) *Type {
	p := New(reflect.Pointer, "*"+name, pkg, methods, 0)
	p.shapeOf(Of(reflect.TypeFor[*int]()))
	p.TFlag &^= FlagNamed
	(*elemType)(Pointer(p)).Elem = t
	t.PtrToThis = addReflectOff(Pointer(p))
	return p
}

// shapeOf copies the common part of s into t, keeping name and identity.
func (t *Type) shapeOf(s *Type) {
	str, hash, ptr := t.Str, t.Hash, t.PtrToThis
	*t = *s
	t.Str, t.Hash, t.PtrToThis = str, hash, ptr
	t.TFlag = s.TFlag&^(FlagStar|FlagNamed) | FlagUncommon
}

// Fill gives t the whole shape of u, keeping its name, identity and methods.
func (t *Type) Fill(u reflect.Type, named bool) {
	s := Of(u)
	keep(u)
	str, hash, ptr := t.Str, t.Hash, t.PtrToThis
	n := kindSize(u.Kind())
	copy(unsafe.Slice((*byte)(Pointer(t)), n), unsafe.Slice((*byte)(Pointer(s)), n))
	t.Str, t.Hash, t.PtrToThis = str, hash, ptr
	t.TFlag = s.TFlag&^(FlagStar|FlagNamed) | FlagUncommon
	if named {
		t.TFlag |= FlagNamed
	}
	if u.Kind() == reflect.Func { // the types of params and results follow the uncommon part
		count := u.NumIn() + u.NumOut()
		offset := n
		if s.TFlag&FlagUncommon != 0 {
			offset += unsafe.Sizeof(uncommon{})
		}
		from := unsafe.Slice((*uintptr)(unsafe.Add(Pointer(s), offset)), count)
		copy(unsafe.Slice((*uintptr)(unsafe.Add(Pointer(t), n+unsafe.Sizeof(uncommon{}))), count), from)
	}
}

// SetPointerShape gives t the size of one word that kinds pointer, slice, chan, func
// and map have whatever their elements are, so that t can be used before
// these are complete.
func (t *Type) SetPointerShape(k reflect.Kind) {
	var s reflect.Type
	switch k {
	case reflect.Pointer:
		s = reflect.TypeFor[*int]()
	case reflect.Slice:
		s = reflect.TypeFor[[]int]()
	case reflect.Chan:
		s = reflect.TypeFor[chan int]()
	case reflect.Func:
		s = reflect.TypeFor[func()]()
	case reflect.Map:
		s = reflect.TypeFor[map[int]int]()
	}
	t.shapeOf(Of(s))
	t.TFlag |= FlagNamed
}

// SetMap makes t, not yet complete, a map of key and elem.
func (t *Type) SetMap(key, elem reflect.Type) {
	m := (*mapType)(Pointer(t))
	m.Key, m.Elem = Of(key), Of(elem)
	t.shapeOf(Of(reflect.TypeFor[map[int]int]()))
	t.TFlag &^= FlagUncommon
}

// SetEqual sets the function that compares two values of t.
func (t *Type) SetEqual(eq func(a, b Pointer) bool) {
	t.Equal = eq
	t.TFlag &^= FlagRegularMemory
	keep(eq)
}

// DropMethods makes t a type that cannot have methods.
func (t *Type) DropMethods() { t.TFlag &^= FlagUncommon }

// An Embedded is a field that Embed marks.
type Embedded struct {
	Index    int
	Name     string
	Tag      string
	Exported bool
}

// Embed marks fields of struct type t as embedded, of which StructOf is not told.
func (t *Type) Embed(list []Embedded) {
	st := (*structType)(Pointer(t))
	fields := append([]structField(nil), st.Fields...)
	for _, e := range list {
		fields[e.Index].Name = newName(e.Name, e.Tag, e.Exported, true)
	}
	keep(fields)
	st.Fields = fields
}

// FieldOffset is the offset of field i of struct type t.
func (t *Type) FieldOffset(i int) uintptr { return (*structType)(Pointer(t)).Fields[i].Off }

// SetMethods installs ms, sorted by Less, in t, which has room for them.
func (t *Type) SetMethods(ms []Method) error {
	if len(ms) == 0 {
		return nil
	}
	u := uncommonOf(t)
	table := unsafe.Slice((*methodEntry)(unsafe.Add(Pointer(u), u.Moff)), len(ms))
	for i, m := range ms {
		name := newName(m.Name, "", true, false)
		if m.Exported() {
			u.Xcount++
		} else {
			name = newNameInPackage(m.Name, m.Pkg)
		}
		keep(m.Type)
		entry, err := stub(m.Entry)
		if err != nil {
			return err
		}
		direct := entry
		if m.Direct != nil {
			if direct, err = stub(m.Direct); err != nil {
				return err
			}
		}
		table[i] = methodEntry{addReflectOff(Pointer(name)), addReflectOff(Pointer(Of(m.Type))), entry, direct}
	}
	u.Mcount = uint16(len(ms))
	return nil
}

// BeginInterface gives t the shape of an interface type, whose methods
// SetInterface sets when their types are known.
func (t *Type) BeginInterface(empty bool) {
	flags := t.TFlag
	t.shapeOf(Of(reflect.TypeFor[error]()))
	if empty {
		t.Equal = Of(reflect.TypeFor[any]()).Equal
	}
	t.TFlag = flags
}

// SetInterface makes t the interface of ms, sorted by Less, of which only name,
// package and type count.
func (t *Type) SetInterface(ms []Method, pkg string, named bool) {
	shape := reflect.TypeFor[error]()
	if len(ms) == 0 {
		shape = reflect.TypeFor[any]()
	}
	t.Fill(shape, named)
	it := (*interfaceType)(Pointer(t))
	it.PkgPath = newName(pkg, "", false, false)
	it.Methods = nil
	list := make([]interfaceMethod, len(ms))
	for i, m := range ms {
		name := newName(m.Name, "", m.Exported(), false)
		if !m.Exported() {
			name = newNameInPackage(m.Name, m.Pkg)
		}
		keep(m.Type)
		list[i] = interfaceMethod{addReflectOff(Pointer(name)), addReflectOff(Pointer(Of(m.Type)))}
	}
	keep(list)
	it.Methods = list
}

// Frame makes the type of an object of size bytes whose words are pointers where
// mask has a bit. It has no name and serves only the garbage collector.
func Frame(size uintptr, mask []byte) *Type {
	key := frameKey{(size + 7) &^ 7, string(mask)}
	if t, ok := frames.Load(key); ok {
		return t.(*Type)
	}
	t, _ := frames.LoadOrStore(key, newFrame(size, mask))
	return t.(*Type)
}

// frames are the descriptors of frames so far: frameKey → *Type. The collector
// may have use of one after the last frame of its type, so they stay.
var frames sync.Map

type frameKey struct {
	size uintptr
	mask string
}

func newFrame(size uintptr, mask []byte) *Type {
	t := new(Type)
	*t = *Of(reflect.TypeFor[struct{ a, b Pointer }]())
	t.Size = (size + 7) &^ 7
	words := t.Size / 8
	bits := make([]byte, words/8+9) // the collector reads whole words of the mask
	copy(bits, mask)
	last := uintptr(0)
	for i := range words {
		if bits[i/8]>>(i%8)&1 != 0 {
			last = i + 1
		}
	}
	t.PtrBytes = last * 8
	t.GCData = &bits[0]
	t.TFlag, t.Equal, t.PtrToThis = 0, nil, 0
	return t
}

// PointerMask calls mark with the index of each word of t that is a pointer.
func (t *Type) PointerMask(mark func(word uintptr)) {
	if t.PtrBytes == 0 {
		return
	}
	if t.TFlag&FlagGCOnDemand != 0 { // too large to have a mask
		shift := func(off uintptr) func(word uintptr) { return func(w uintptr) { mark(off/8 + w) } }
		switch r := t.Reflect(); r.Kind() {
		case reflect.Array:
			elem := Of(r.Elem())
			for i := range uintptr(r.Len()) {
				elem.PointerMask(shift(i * elem.Size))
			}
		case reflect.Struct:
			for i := range r.NumField() {
				f := r.Field(i)
				Of(f.Type).PointerMask(shift(f.Offset))
			}
		}
		return
	}
	for i := range t.PtrBytes / 8 {
		if *(*byte)(unsafe.Add(Pointer(t.GCData), i/8))>>(i%8)&1 != 0 {
			mark(i)
		}
	}
}

// ChanOf is reflect.ChanOf, which forgets to clear the pointer type that its
// prototype, chan unsafe.Pointer, has in some programs.
func ChanOf(d reflect.ChanDir, e reflect.Type) reflect.Type {
	r := reflect.ChanOf(d, e)
	proto := Of(reflect.TypeFor[chan Pointer]())
	if t := Of(r); t != proto && t.PtrToThis == proto.PtrToThis {
		t.PtrToThis = 0
	}
	return r
}

var hashes atomic.Uint32

// nextHash is the hash of a new descriptor, which may be any number: those that
// the compiler makes are spread over all of them too.
func nextHash() uint32 { return hashes.Add(1) * 0x9e3779b1 }
