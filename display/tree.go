package display

import (
	"fmt"
	"html"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/fluxion-go/fluxion/cell"
)

// Of larger values a tree shows a part.
const (
	treeDepth    = 8
	treeChildren = 50   // of one node
	treeNodes    = 1000 // in all
)

// A branch is a node of a tree of values: a leaf has text, others have parts.
type branch struct {
	name  string // of the field, key or index; "" at the root
	typ   string
	text  string
	open  string // "{", "[" or "map[": how the parts are written on a line
	parts []branch
	left  int // parts that were left out
}

// A grower makes the tree of a value.
type grower struct {
	nodes int
	above map[uintptr]bool // pointers on the way down, which may lead back
}

func treeBundle(v reflect.Value, typ string) cell.Bundle {
	g := grower{above: map[uintptr]bool{}}
	root := g.grow("", v, 0)
	if typ != "" {
		root.typ = strings.TrimPrefix(strings.ReplaceAll(typ, "main.", ""), "*")
	}
	text := root.line()
	if len(text) > lineLength {
		var b strings.Builder
		root.indented(&b, 0)
		text = strings.TrimRight(b.String(), "\n")
	}
	var b strings.Builder
	b.WriteString(`<div class="fluxion-tree" style="font-family:var(--jp-code-font-family,ui-monospace,monospace);font-size:13px;line-height:1.5">`)
	root.html(&b, 0)
	b.WriteString(`</div>`)
	return pair(cell.HTML, b.String(), text)
}

func (g *grower) grow(name string, v reflect.Value, depth int) branch {
	g.nodes++
	n := branch{name: name}
	if !v.IsValid() {
		n.text = "<nil>"
		return n
	}
	n.typ = strings.ReplaceAll(strings.ReplaceAll(v.Type().String(), "interface {}", "any"), "main.", "")
	if depth > 0 {
		if text, ok := ownText(v); ok {
			n.text = text
			return n
		}
	}
	if depth == treeDepth || g.nodes > treeNodes {
		n.text = "…"
		return n
	}
	switch v.Kind() {
	case reflect.Interface:
		inner := g.grow(name, v.Elem(), depth)
		return inner
	case reflect.Pointer:
		if v.IsNil() {
			n.text = "<nil>"
			return n
		}
		if v.Elem().Kind() != reflect.Struct {
			n.text = "&" + fmt.Sprint(v.Elem())
			return n
		}
		if g.above[v.Pointer()] {
			n.text = "↑ (a value above)"
			return n
		}
		g.above[v.Pointer()] = true
		defer delete(g.above, v.Pointer())
		inner := g.grow(name, v.Elem(), depth)
		inner.typ, inner.open = n.typ, "&"+inner.open
		return inner
	case reflect.Struct:
		n.open = "{"
		for i := range v.NumField() {
			n.parts = append(n.parts, g.grow(fieldName(v.Type(), i), v.Field(i), depth+1))
		}
	case reflect.Slice, reflect.Array:
		if isBasic(v.Type().Elem().Kind()) {
			n.text = basicSlice(v)
			return n
		}
		n.open = "["
		for i := range min(v.Len(), treeChildren) {
			n.parts = append(n.parts, g.grow(fmt.Sprint(i), v.Index(i), depth+1))
		}
		n.left = v.Len() - len(n.parts)
	case reflect.Map:
		n.open = "map["
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		for _, k := range keys[:min(len(keys), treeChildren)] {
			n.parts = append(n.parts, g.grow(oneLine(fmt.Sprint(k)), v.MapIndex(k), depth+1))
		}
		n.left = v.Len() - len(n.parts)
	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
		n.text = n.typ
		if v.IsNil() {
			n.text = "<nil>"
		}
	case reflect.String:
		n.text = shortString(v.String())
	default:
		n.text = fmt.Sprint(v)
	}
	return n
}

// ownText returns the text that a value has by its methods. Values of fields
// that are not exported give none.
func ownText(v reflect.Value) (text string, ok bool) {
	if v.Type() == reflect.TypeFor[time.Duration]() {
		return time.Duration(v.Int()).String(), true
	}
	if !v.CanInterface() || v.Kind() == reflect.Pointer && v.IsNil() {
		return "", false
	}
	switch x := v.Interface().(type) {
	case tensor:
		return fmt.Sprintf("tensor %v", x.Shape()), true
	case fmt.Stringer, error:
		ok = tryTo(func() { text = fmt.Sprint(x) })
		return shortLine(text), ok
	}
	return "", false
}

// fieldName undoes what the yaegi executor does to names that are not
// exported: its structs are made by reflection, which wants exported names.
func fieldName(t reflect.Type, i int) string {
	name := t.Field(i).Name
	if rest, ok := strings.CutPrefix(name, "X"); ok && t.Name() == "" && rest != "" && unicode.IsLower([]rune(rest)[0]) {
		return rest
	}
	return name
}

func isBasic(k reflect.Kind) bool {
	return k >= reflect.Bool && k <= reflect.Complex128 || k == reflect.String
}

func basicSlice(v reflect.Value) string {
	if v.Len() <= headLen+tailLen {
		return shortLine(fmt.Sprint(v))
	}
	parts := make([]string, 0, headLen)
	for i := range headLen {
		parts = append(parts, fmt.Sprint(v.Index(i)))
	}
	return fmt.Sprintf("%s … (%s)", shortLine("["+strings.Join(parts, " ")), many(v.Len(), "value"))
}

func shortString(s string) string {
	r := []rune(s)
	if len(r) > 200 {
		return fmt.Sprintf("%q… (%d bytes)", string(r[:200]), len(s))
	}
	return fmt.Sprintf("%q", s)
}

func shortLine(s string) string {
	s = oneLine(s)
	if r := []rune(s); len(r) > 200 {
		return string(r[:200]) + "…"
	}
	return s
}

// line writes the tree as fmt's %+v does.
func (n branch) line() string {
	if n.open == "" {
		return n.text
	}
	var b strings.Builder
	b.WriteString(n.open)
	for i, p := range n.parts {
		if i > 0 {
			b.WriteByte(' ')
		}
		if !strings.HasSuffix(n.open, "[") || strings.HasSuffix(n.open, "map[") {
			b.WriteString(p.name + ":")
		}
		b.WriteString(p.line())
	}
	if n.left > 0 {
		fmt.Fprintf(&b, " … (%d more)", n.left)
	}
	if strings.HasSuffix(n.open, "[") {
		return b.String() + "]"
	}
	return b.String() + "}"
}

// indented writes the tree in a line for each node.
func (n branch) indented(b *strings.Builder, depth int) {
	b.WriteString(strings.Repeat("  ", depth))
	if n.name != "" {
		b.WriteString(n.name + ": ")
	}
	if n.open == "" {
		b.WriteString(n.text + "\n")
		return
	}
	if text := n.line(); depth > 0 && len(text) <= lineLength-2*depth {
		b.WriteString(text + "\n")
		return
	}
	b.WriteString(n.typ + "\n")
	for _, p := range n.parts {
		p.indented(b, depth+1)
	}
	if n.left > 0 {
		fmt.Fprintf(b, "%s… (%d more)\n", strings.Repeat("  ", depth+1), n.left)
	}
}

// html writes the tree with branches that open and close without a script.
func (n branch) html(b *strings.Builder, depth int) {
	const name, typ = `<span style="color:#3d7fd6">%s</span>&ensp;`, ` <span style="opacity:.5">%s</span>`
	label := ""
	if n.name != "" {
		label = fmt.Sprintf(name, html.EscapeString(n.name))
	}
	if n.open == "" {
		fmt.Fprintf(b, `<div style="padding-left:1.1em">%s%s`, label, html.EscapeString(n.text))
		if n.typ != "" && n.typ != n.text { // a function's text is its type
			fmt.Fprintf(b, typ, html.EscapeString(n.typ))
		}
		b.WriteString(`</div>`)
		return
	}
	state := ""
	if depth < 1 {
		state = " open"
	}
	fmt.Fprintf(b, `<details%s><summary style="cursor:pointer">%s<span style="opacity:.7">%s</span>`, state, label, html.EscapeString(n.typ))
	if depth > 0 {
		fmt.Fprintf(b, ` <span style="opacity:.5">%s</span>`, html.EscapeString(shortTo(n.line(), 60)))
	}
	b.WriteString(`</summary><div style="padding-left:1.1em">`)
	for _, p := range n.parts {
		p.html(b, depth+1)
	}
	if n.left > 0 {
		fmt.Fprintf(b, `<div style="padding-left:1.1em;opacity:.6">… %d more</div>`, n.left)
	}
	b.WriteString(`</div></details>`)
}

func shortTo(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
