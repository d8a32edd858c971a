// Package symbols holds the compiled packages that cells can use, as tables from
// exported name to value. The tables are made by yaegi extract
// (github.com/traefik/yaegi/extract): a type is a nil pointer to it, a variable
// an addressable value, a constant or function its value; "_T" is a type that
// implements interface T by function fields.
package symbols

import "reflect"

// tables makes the table of each package.
var tables = map[string]func() map[string]reflect.Value{}

// Table returns the symbols of the package at an import path.
func Table(path string) (map[string]reflect.Value, bool) {
	f, ok := tables[path]
	if !ok {
		return nil, false
	}
	return f(), true
}

// Paths lists the import paths of all packages, in no order.
func Paths() []string {
	out := make([]string, 0, len(tables))
	for p := range tables {
		out = append(out, p)
	}
	return out
}
