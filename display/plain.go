package display

import (
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"
)

// What is longer is cut, and says how long it is.
const (
	maxElements = 1000    // of a slice or array, nested ones counted in full
	maxBytes    = 100_000 // of a text
	headLen     = 10      // elements left at the front of a cut slice
	tailLen     = 3       // and at its end
)

// plain writes v as fmt's %v does, so long as a person can read that. A
// function or channel, of which %v would show an address, is its type.
func plain(v any, typ string) string {
	switch v := v.(type) {
	case string:
		return clip(v)
	case fmt.Formatter, fmt.Stringer, error:
		return clip(fmt.Sprintf("%v", v))
	}
	rv := reflect.ValueOf(v)
	switch rv.Kind() {
	case reflect.Func, reflect.Chan:
		return typeName(v, typ)
	case reflect.Slice, reflect.Array:
		if n := leaves(rv); n > maxElements {
			return clip(cut(rv) + fmt.Sprintf(" (%s)", count(rv, n)))
		}
	}
	return clip(fmt.Sprintf("%v", v))
}

// leaves counts the elements of a slice of slices.
func leaves(rv reflect.Value) int {
	if k := rv.Type().Elem().Kind(); k != reflect.Slice && k != reflect.Array {
		return rv.Len()
	}
	n := 0
	for i := range rv.Len() {
		n += leaves(rv.Index(i))
	}
	return n
}

func count(rv reflect.Value, leaves int) string {
	if rv.Len() == leaves {
		return many(leaves, "value")
	}
	return many(rv.Len(), "row") + ", " + many(leaves, "value")
}

// cut writes the front and the end of a slice, at every level.
func cut(rv reflect.Value) string {
	var parts []string
	for i := 0; i < rv.Len(); i++ {
		if rv.Len() > headLen+tailLen && i == headLen {
			parts = append(parts, "…")
			i = rv.Len() - tailLen
		}
		e := rv.Index(i)
		if k := e.Kind(); k == reflect.Slice || k == reflect.Array {
			parts = append(parts, cut(e))
		} else {
			parts = append(parts, fmt.Sprintf("%v", e.Interface()))
		}
	}
	return "[" + strings.Join(parts, " ") + "]"
}

// clip shortens a text that no one will read to its end.
func clip(s string) string {
	if len(s) <= maxBytes {
		return s
	}
	n := maxBytes
	for n > maxBytes-utf8.UTFMax && !utf8.RuneStart(s[n]) {
		n--
	}
	return fmt.Sprintf("%s… (%s bytes in all)", s[:n], grouped(len(s)))
}
