package forge

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"unsafe"
)

// SelfTest reports whether forged types work on this processor and Go version,
// nil if they do. It makes its types once.
func SelfTest() error { return selfTest() }

var selfTest = sync.OnceValue(func() (err error) {
	if stubCount == 0 {
		return fmt.Errorf("the vm is not supported on this processor (%s)", runtime.GOARCH)
	}
	if !layoutKnown {
		return fmt.Errorf("the vm does not know the run-time types of %s", runtime.Version())
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the vm's run-time types do not work on %s: %v", runtime.Version(), r)
		}
	}()
	if err := tryTypes(); err != nil {
		return fmt.Errorf("the vm's run-time types do not work on %s: %w", runtime.Version(), err)
	}
	return nil
})

func tryTypes() error {
	if s := unsafe.Sizeof(Type{}); s != reflect.TypeFor[Type]().Size() || s != 48 || unsafe.Sizeof(funcType{}) != 56 {
		return errors.New("descriptors have another size")
	}
	word := Of(reflect.TypeFor[map[string]int]())
	if word.Size != 8 || word.Kind != uint8(reflect.Map) || word.TFlag&FlagDirect == 0 {
		return errors.New("descriptors have another layout")
	}

	// type T struct { N int; S string }, with method String on T
	shape := reflect.StructOf([]reflect.StructField{
		{Name: "N", Type: reflect.TypeFor[int](), Tag: `json:"n"`},
		{Name: "S", Type: reflect.TypeFor[string]()},
	})
	t := New(reflect.Struct, "selftest.T", "selftest", 1, 0)
	p := NewPointer(t, "selftest.T", "selftest", 1)
	t.Fill(shape, true)
	entry := reflect.MakeFunc(
		reflect.FuncOf([]reflect.Type{p.Reflect()}, []reflect.Type{reflect.TypeFor[string]()}, false),
		func(args []reflect.Value) []reflect.Value {
			runtime.GC()
			return []reflect.Value{reflect.ValueOf(fmt.Sprintf("T<%d>", args[0].Elem().Field(0).Int()))}
		}).Interface()
	methods := []Method{{Name: "String", Type: reflect.TypeFor[func() string](), Entry: FuncPointer(entry)}}
	if err := t.SetMethods(methods); err != nil {
		return err
	}
	if err := p.SetMethods(methods); err != nil {
		return err
	}

	// interface { String() string }
	stringer := New(reflect.Interface, "selftest.I", "selftest", 0, 0)
	stringer.BeginInterface(false)
	stringer.SetInterface([]Method{{Name: "String", Type: reflect.TypeFor[func() string]()}}, "selftest", true)

	v := reflect.New(t.Reflect())
	v.Elem().Field(0).SetInt(7)
	if !v.Type().Implements(stringer.Reflect()) || reflect.TypeFor[int]().Implements(stringer.Reflect()) {
		return errors.New("a type does not implement a forged interface, or one does that should not")
	}
	list := reflect.MakeSlice(reflect.SliceOf(t.Reflect()), 2, 2)
	list.Index(1).Set(v.Elem())
	encoded, err := json.Marshal(v.Interface())
	if err != nil {
		return err
	}
	for _, c := range []struct{ got, want string }{
		{fmt.Sprint(v.Interface(), v.Elem().Interface(), list.Interface()), "T<7> T<7> [T<0> T<7>]"},
		{fmt.Sprintf("%T %T %T", v.Interface(), v.Elem().Interface(), list.Interface()), "*selftest.T selftest.T []selftest.T"},
		{string(encoded), `{"n":7,"S":""}`},
	} {
		if c.got != c.want {
			return fmt.Errorf("got %s, want %s", c.got, c.want)
		}
	}

	m := reflect.MakeMap(reflect.MapOf(t.Reflect(), reflect.TypeFor[int]()))
	m.SetMapIndex(v.Elem(), reflect.ValueOf(1))
	runtime.GC()
	if !m.MapIndex(list.Index(1)).IsValid() || m.MapIndex(list.Index(0)).IsValid() {
		return errors.New("a forged type does not work as a key")
	}
	var g sync.WaitGroup
	g.Add(1)
	if WaitGroupIsZero(&g) {
		return errors.New("a wait group has another layout")
	}
	g.Done()
	if !WaitGroupIsZero(&g) {
		return errors.New("a wait group has another layout")
	}
	return tryEmbedding(t)
}

// tryEmbedding checks that a field of type t can be marked as embedded.
func tryEmbedding(t *Type) error {
	s := New(reflect.Struct, "selftest.E", "selftest", 0, 0)
	s.Fill(reflect.StructOf([]reflect.StructField{{Name: "T", Type: t.Reflect()}}), true)
	s.Embed([]Embedded{{Index: 0, Name: "T", Exported: true}})
	f := s.Reflect().Field(0)
	if !f.Anonymous || f.Name != "T" {
		return errors.New("a field is not embedded")
	}
	if _, ok := s.Reflect().FieldByName("N"); !ok || !strings.HasSuffix(s.Reflect().String(), ".E") {
		return errors.New("an embedded field has lost its own")
	}
	return nil
}
