package interp

import (
	"fmt"
	"go/constant"
	"go/types"
	"html"
	"maps"
	"reflect"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/fluxion-go/fluxion/cell"
)

// magicWho lists what the session has declared.
func (r *run) magicWho(magic) *cell.Error {
	r.evaluator.mu.Lock()
	scope := maps.Clone(r.session.scope)
	x := r.exec
	r.evaluator.mu.Unlock()
	alone := r.stdio.busy() == 1 // values are looked at only while no cell changes them
	rows := [][]string{{"name", "kind", "type", "shape", "bytes", "value"}}
	for _, name := range slices.Sorted(maps.Keys(scope)) {
		obj := scope[name]
		row := []string{name, kindOfObject(obj), shortType(obj), "", "", ""}
		switch obj := obj.(type) {
		case *types.Const:
			row[5] = cut(constantText(obj.Val()))
		case *types.Var:
			if !alone || x == nil {
				break
			}
			if v, ok := x.Value(obj); ok && v.IsValid() {
				row[3], row[4], row[5] = shapeOf(v), bytesOf(v), brief(v)
			}
		}
		rows = append(rows, row)
	}
	if len(rows) == 1 {
		r.out.Stream("stdout", "nothing is declared\n")
		return nil
	}
	b := cell.Bundle{Data: map[string][]byte{
		cell.Plain: []byte(strings.TrimSuffix(columns(rows), "\n")),
		cell.HTML:  []byte(htmlTable(rows)),
	}}
	if r.config.Render != nil {
		b = r.config.Render(b, "")
	}
	r.out.Display(b, "")
	return nil
}

func constantText(v constant.Value) string {
	if v.Kind() == constant.String {
		return v.ExactString()
	}
	return v.String()
}

func shortType(obj types.Object) string {
	t := obj.Type()
	if _, ok := obj.(*types.TypeName); ok {
		t = t.Underlying()
	}
	return cut(typeString(t))
}

// columns writes rows with blanks between their columns.
func columns(rows [][]string) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	_ = w.Flush() // to a strings.Builder
	var lines strings.Builder
	for line := range strings.Lines(b.String()) {
		lines.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return lines.String()
}

// htmlTable writes rows as a table whose first row is its head.
func htmlTable(rows [][]string) string {
	var b strings.Builder
	b.WriteString("<table>\n")
	for i, row := range rows {
		tag := "td"
		if i == 0 {
			tag = "th"
		}
		b.WriteString("<tr>")
		for _, text := range row {
			fmt.Fprintf(&b, "<%s style=\"text-align: left\">%s</%s>", tag, html.EscapeString(text), tag)
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</table>\n")
	return b.String()
}

// shapeOf writes the extents of an array, as 3×4: those that a method Shape
// tells, or the lengths of slices within slices.
func shapeOf(v reflect.Value) string {
	if x, ok := method[interface{ Shape() []int }](v); ok {
		return extents(x.Shape())
	}
	var dims []int
	for v.Kind() == reflect.Slice || v.Kind() == reflect.Array {
		dims = append(dims, v.Len())
		if v.Len() == 0 {
			break
		}
		v = v.Index(0)
	}
	if len(dims) == 0 && (v.Kind() == reflect.Map || v.Kind() == reflect.String) {
		dims = append(dims, v.Len())
	}
	if dims == nil {
		return ""
	}
	return extents(dims)
}

func extents(dims []int) string {
	if len(dims) == 0 {
		return "scalar"
	}
	var s []string
	for _, d := range dims {
		text := fmt.Sprint(d)
		if d < 0 { // not known before the call
			text = "?"
		}
		s = append(s, text)
	}
	return strings.Join(s, "×")
}

// bytesOf writes how much memory the elements of a value take, those excepted
// that lie behind further pointers.
func bytesOf(v reflect.Value) string {
	if x, ok := method[interface{ Size() int }](v); ok {
		dtype := v.MethodByName("DType")
		if dtype.IsValid() && dtype.Type().NumIn() == 0 && dtype.Type().NumOut() == 1 {
			if d, ok := dtype.Call(nil)[0].Interface().(interface{ Size() int }); ok && x.Size() >= 0 {
				return bytesText(x.Size() * d.Size())
			}
		}
	}
	return bytesText(memory(v, 3))
}

func memory(v reflect.Value, depth int) int {
	n := int(v.Type().Size())
	switch v.Kind() {
	case reflect.String:
		n += v.Len()
	case reflect.Map:
		n += v.Len() * int(v.Type().Key().Size()+v.Type().Elem().Size())
	case reflect.Pointer:
		if !v.IsNil() {
			n += int(v.Type().Elem().Size())
		}
	case reflect.Slice:
		n += v.Cap() * int(v.Type().Elem().Size())
		if k := v.Type().Elem().Kind(); depth > 0 && (k == reflect.Slice || k == reflect.String) {
			for i := range min(v.Len(), 10_000) {
				n += memory(v.Index(i), depth-1) - int(v.Type().Elem().Size())
			}
		}
	}
	return n
}

func bytesText(n int) string {
	switch {
	case n >= 10<<20:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 10<<10:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprint(n)
}

// method returns v as an I if its type has the methods of I.
func method[I any](v reflect.Value) (I, bool) {
	var none I
	if !v.CanInterface() || v.Kind() == reflect.Pointer && v.IsNil() || v.Kind() == reflect.Interface && v.IsNil() {
		return none, false
	}
	x, ok := v.Interface().(I)
	return x, ok
}

// The value of a variable is shown in this many characters, and this many
// elements.
const (
	briefWidth = 50
	briefCount = 8
)

// brief writes a value on one short line, whatever its size.
func brief(v reflect.Value) (s string) {
	defer func() {
		if recover() != nil { // of a method of the value
			s = "(its text cannot be had)"
		}
	}()
	var b strings.Builder
	writeBrief(&b, v, 3)
	return cut(b.String())
}

func writeBrief(b *strings.Builder, v reflect.Value, depth int) {
	if b.Len() > briefWidth {
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Map, reflect.Slice, reflect.Func, reflect.Chan:
		if v.IsNil() {
			b.WriteString("nil")
			return
		}
	}
	if v.CanInterface() {
		switch x := v.Interface().(type) {
		case error:
			b.WriteString(x.Error())
			return
		case fmt.Stringer:
			b.WriteString(x.String())
			return
		}
	}
	list := func(open, close string, n int, each func(i int)) {
		b.WriteString(open)
		for i := range n {
			if i > 0 {
				b.WriteString(" ")
			}
			if i == briefCount || depth == 0 || b.Len() > briefWidth {
				b.WriteString("…")
				break
			}
			each(i)
		}
		b.WriteString(close)
	}
	switch v.Kind() {
	case reflect.String:
		fmt.Fprintf(b, "%q", shorten(v.String()))
	case reflect.Slice, reflect.Array:
		list("[", "]", v.Len(), func(i int) { writeBrief(b, v.Index(i), depth-1) })
	case reflect.Struct:
		list("{", "}", v.NumField(), func(i int) { writeBrief(b, v.Field(i), depth-1) })
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(x, y reflect.Value) int { return strings.Compare(fmt.Sprint(x), fmt.Sprint(y)) })
		list("map[", "]", len(keys), func(i int) {
			writeBrief(b, keys[i], depth-1)
			b.WriteString(":")
			writeBrief(b, v.MapIndex(keys[i]), depth-1)
		})
	case reflect.Pointer:
		b.WriteString("&")
		if depth > 0 {
			writeBrief(b, v.Elem(), depth-1)
		}
	case reflect.Interface:
		writeBrief(b, v.Elem(), depth)
	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
		b.WriteString(v.Kind().String())
	default:
		fmt.Fprint(b, v)
	}
}

// cut shortens a text to one line of at most briefWidth characters.
func cut(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > briefWidth {
		return string(r[:briefWidth-1]) + "…"
	}
	return s
}
