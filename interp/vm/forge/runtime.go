package forge

import (
	"reflect"
	_ "unsafe" // for linkname
)

// Functions of the runtime that are not exported but that the Go project has
// promised to keep, because other programs use them in this way ("do not remove
// or change the type signature" in the Go source), or that package reflect
// itself reaches by linkname.

//go:linkname addReflectOff reflect.addReflectOff
func addReflectOff(p Pointer) int32

//go:linkname getitab runtime.getitab
func getitab(inter, t *Type, canFail bool) *Itab

//go:linkname typedmemmove reflect.typedmemmove
func typedmemmove(t *Type, dst, src Pointer)

//go:linkname typedmemclr reflect.typedmemclr
func typedmemclr(t *Type, p Pointer)

//go:linkname unsafeNew reflect.unsafe_New
func unsafeNew(t *Type) Pointer

//go:linkname unsafeNewArray reflect.unsafe_NewArray
func unsafeNewArray(t *Type, n int) Pointer

//go:linkname growslice reflect.growslice
func growslice(t *Type, old Slice, n int) Slice

//go:linkname typedslicecopy reflect.typedslicecopy
func typedslicecopy(t *Type, dst, src Slice) int

//go:linkname mapaccess reflect.mapaccess
func mapaccess(t *Type, m, key Pointer) Pointer

//go:linkname mapassign reflect.mapassign0
func mapassign(t *Type, m, key, val Pointer)

//go:linkname mapplace runtime.mapassign
func mapplace(t *Type, m, key Pointer) Pointer

//go:linkname mapdelete reflect.mapdelete
func mapdelete(t *Type, m, key Pointer)

//go:linkname makemap reflect.makemap
func makemap(t *Type, n int) Pointer

//go:linkname chansend reflect.chansend0
func chansend(ch, val Pointer, nonblocking bool) bool

//go:linkname chanrecv reflect.chanrecv
func chanrecv(ch Pointer, nonblocking bool, val Pointer) (selected, received bool)

//go:linkname rselect reflect.rselect
func rselect(cases []SelectCase) (chosen int, received bool)

// Slice is the layout of a slice.
type Slice struct {
	Data     Pointer
	Len, Cap int
}

// Move copies a t from src to dst.
func (t *Type) Move(dst, src Pointer) { typedmemmove(t, dst, src) }

// Clear sets the t at p to zero.
func (t *Type) Clear(p Pointer) { typedmemclr(t, p) }

// New allocates a t.
func (t *Type) New() Pointer { return unsafeNew(t) }

// NewArray allocates n t.
func (t *Type) NewArray(n int) Pointer { return unsafeNewArray(t, n) }

// Grow makes room for n more elements in a slice of t.
func (t *Type) Grow(s Slice, n int) Slice { return growslice(t, s, n) }

// Copy copies the elements of a slice of t and returns how many.
func (t *Type) Copy(dst, src Slice) int { return typedslicecopy(t, dst, src) }

// Itab returns the table of t's methods for interface inter; nil if t does not
// have them and canFail is set, otherwise a panic as in a failed assertion.
func (t *Type) Itab(inter *Type, canFail bool) *Itab { return getitab(inter, t, canFail) }

// MapGet returns the address of the element for the key at key, or nil.
func (t *Type) MapGet(m, key Pointer) Pointer { return mapaccess(t, m, key) }

// MapSet sets the element for a key.
func (t *Type) MapSet(m, key, elem Pointer) { mapassign(t, m, key, elem) }

// MapPlace returns the address of the element for a key, which it makes if there is
// none.
func (t *Type) MapPlace(m, key Pointer) Pointer { return mapplace(t, m, key) }

// MapDelete deletes the element for a key.
func (t *Type) MapDelete(m, key Pointer) { mapdelete(t, m, key) }

// MakeMap makes a map with room for n elements.
func (t *Type) MakeMap(n int) Pointer { return makemap(t, n) }

// TrySend sends the value at val if that does not block.
func TrySend(ch, val Pointer) bool { return chansend(ch, val, true) }

// TryReceive receives into val if that does not block.
func TryReceive(ch, val Pointer) (selected, received bool) { return chanrecv(ch, true, val) }

// A SelectCase is one case of a select statement. Value is the address of what is
// sent, or of the place for what is received.
type SelectCase struct {
	Dir     SelectDir
	Type    *Type // of the channel
	Channel Pointer
	Value   Pointer
}

// A SelectDir says what a case does.
type SelectDir uintptr

// The kinds of cases.
const (
	SelectSend SelectDir = 1 + iota
	SelectReceive
	SelectDefault
)

// Select runs a select statement: it returns the index of the case that was chosen
// and, where that receives, whether a value came.
func Select(cases []SelectCase) (chosen int, received bool) { return rselect(cases) }

// MakeFuncCode is the code word of the func values of reflect.MakeFunc.
var MakeFuncCode = func() uintptr {
	f := reflect.MakeFunc(reflect.TypeFor[func()](), func([]reflect.Value) []reflect.Value { return nil }).Interface()
	return CodeOf(f)
}()

var methodValueCode = CodeOf(reflect.ValueOf(new(reflect.ValueError)).Method(0).Interface())

// IsWrapper reports whether the func value at p calls a method or function that
// package reflect was given.
func IsWrapper(p Pointer) bool {
	code := *(*uintptr)(p)
	return code == MakeFuncCode || code == methodValueCode || isStub(code)
}

// CodeOf is the code word of a func value.
func CodeOf(f any) uintptr { return *(*uintptr)((*Eface)(Pointer(&f)).Data) }

// FuncPointer is the pointer that a func value is.
func FuncPointer(f any) Pointer { return (*Eface)(Pointer(&f)).Data }
