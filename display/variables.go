package display

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/fluxion-go/fluxion/cell"
)

// RenderVariables returns a table of what a session has declared: of each
// variable the name, the type, how large it is, the memory of its elements and
// the beginning of its value. It does not panic, whatever the values do.
func RenderVariables(vars []cell.Variable) cell.Bundle {
	if len(vars) == 0 {
		return cell.Text("nothing is declared")
	}
	t := table{header: []string{"name", "type", "size", "memory", "value"}, numeric: []bool{false, false, true, true, false}, total: len(vars), sorts: true, quiet: true}
	for _, v := range vars {
		size, bytes := extent(v.Value)
		key, memory := "", ""
		if bytes > 0 {
			key, memory = fmt.Sprint(bytes), byteText(bytes)
		}
		t.rows = append(t.rows, []string{v.Name, orElse(strings.ReplaceAll(v.Type, "main.", ""), v.Kind), size, memory, glimpse(v)})
		t.sortKeys = append(t.sortKeys, []string{"", "", "", key, ""})
	}
	return t.bundle()
}

// extent returns the shape of a tensor or the length of what has one, and how
// many bytes its elements take; 0 where that is not known.
func extent(v any) (size string, bytes int) {
	if isNil(v) {
		return "", 0
	}
	if t, ok := v.(tensor); ok {
		known := tryTo(func() {
			size = strings.ReplaceAll(fmt.Sprint(t.Shape()), " ", "×")
			bytes = product(t.Shape()) * elementBytes(t)
		})
		if !known || bytes < 0 {
			return size, 0
		}
		return strings.Trim(size, "[]"), bytes
	}
	rv := reflect.ValueOf(v)
	switch rv.Kind() {
	case reflect.Slice, reflect.Array:
		return grouped(rv.Len()), rv.Len() * int(rv.Type().Elem().Size())
	case reflect.Map, reflect.Chan:
		return grouped(rv.Len()), 0
	case reflect.String:
		return grouped(rv.Len()), rv.Len()
	}
	return "", 0
}

// elementBytes reads the size of an element off the name of the dtype.
func elementBytes(t any) int {
	name := dtypeOf(t)
	for _, s := range []struct {
		ending string
		bytes  int
	}{{"64", 8}, {"32", 4}, {"16", 2}, {"8", 1}, {"bool", 1}} {
		if strings.HasSuffix(name, s.ending) {
			return s.bytes
		}
	}
	return 0
}

func byteText(n int) string {
	x, unit := float64(n), "B"
	for _, u := range []string{"kB", "MB", "GB", "TB"} {
		if x < 1000 {
			break
		}
		x, unit = x/1000, u
	}
	return significant(x, 3) + " " + unit
}

// glimpse returns the beginning of a value on one line.
func glimpse(v cell.Variable) string {
	const most = 60
	if v.Value == nil {
		return ""
	}
	if t, ok := v.Value.(tensor); ok && !isNil(v.Value) && len(t.Shape()) > 0 {
		e, ok := valuesOf(v.Value)
		if !ok || e.len() == 0 {
			return ""
		}
		var parts []string
		for _, x := range e.slice(0, min(e.len(), 6)) {
			parts = append(parts, short(x))
		}
		if e.len() > 6 {
			parts = append(parts, "…")
		}
		return strings.Join(parts, " ")
	}
	text := ""
	if !tryTo(func() {
		switch x := v.Value.(type) {
		case string:
			text = fmt.Sprintf("%q", shortTo(x, most))
		default:
			text = Render(x, v.Type).String()
		}
	}) {
		return ""
	}
	return shortTo(oneLine(text), most)
}
