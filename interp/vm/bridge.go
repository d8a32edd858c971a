package vm

import (
	"reflect"
	"strings"
)

// The shape of a function is the registers that its parameters and results take,
// in Go's calling convention: functions of one shape can be called in the same
// way. It is written as a letter for each parameter, ">", and a letter for each
// result:
//
//	p  pointer, map, chan, func, unsafe.Pointer
//	i  int, int64 and the unsigned ones of that size
//	w  int32, uint32    h  int16, uint16    b  int8, uint8, bool
//	f  float64          g  float32
//	s  string           l  slice            e  any interface
//
// A function with other parameters or results has no shape, which is "".
func shapeOf(t reflect.Type) string {
	var b strings.Builder
	for p := range t.Ins() {
		if !writeShape(&b, p) {
			return ""
		}
	}
	b.WriteByte('>')
	for r := range t.Outs() {
		if !writeShape(&b, r) {
			return ""
		}
	}
	return b.String()
}

func writeShape(b *strings.Builder, t reflect.Type) bool {
	letter := shapeLetters[t.Kind()]
	if letter == 0 {
		return false
	}
	b.WriteByte(letter)
	return true
}

var shapeLetters = [...]byte{
	reflect.Bool:          'b',
	reflect.Int8:          'b',
	reflect.Uint8:         'b',
	reflect.Int16:         'h',
	reflect.Uint16:        'h',
	reflect.Int32:         'w',
	reflect.Uint32:        'w',
	reflect.Int:           'i',
	reflect.Int64:         'i',
	reflect.Uint:          'i',
	reflect.Uint64:        'i',
	reflect.Uintptr:       'i',
	reflect.Float32:       'g',
	reflect.Float64:       'f',
	reflect.Chan:          'p',
	reflect.Func:          'p',
	reflect.Map:           'p',
	reflect.Pointer:       'p',
	reflect.UnsafePointer: 'p',
	reflect.Interface:     'e',
	reflect.Slice:         'l',
	reflect.String:        's',
	reflect.Struct:        0,
}

// withReceiver is the shape of a method that takes the receiver's word first.
func withReceiver(shape string) string {
	if shape == "" {
		return ""
	}
	return "p" + shape
}

// A bridge calls a func value of compiled code, at f, with parameters and results
// in frame g.
type bridge = func(f pointer, g frame)

// typedEntry is the code of the compiled closure by which compiled code calls an
// interpreted func value of type t, 0 where there is none.
func typedEntry(t reflect.Type) uintptr { return entries[shapeOf(t)] }
