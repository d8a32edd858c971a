package main

import (
	"bytes"
	"cmp"
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/gcexportdata"

	"github.com/fluxion-go/fluxion/preload"
)

// How many of the shapes (see ../bridge.go) that functions of importable packages
// have get compiled code, the most frequent ones first. Those of fluxion's own
// packages all get it.
const (
	bridgeCount = 300
	entryCount  = 60
)

// Shapes that are wanted however seldom they occur, such as those of callbacks that
// interpreted code passes to interpreted generic functions.
var (
	wantedEntries = strings.Fields(`> >i >e >f >s >p i> f> s> p> e> i>i i>b i>f f>f f>b s>s s>b s>i w>b w>w p>p p>b p>e
		ii>b ii>i ii>f ff>f ff>b ss>i ss>b pp>i pp>b pp> ee>i ee>b ep> is>b if>b`)
	wantedBridges = strings.Fields(`p>p pe>p pp>p pl>p pi>p ppp>p p>f p>i p>s p>l pll>p pel>p pee>p pei>p ppl>p pil>p
		e>p ee>p l>p el>p ll>p i>p il>p il>e ip>p pl>f pl>i`)
)

// A counter counts shapes.
type counter map[string]int

func (c counter) add(shape string, ok bool) {
	if ok {
		c[shape]++
	}
}

// top returns the n most frequent shapes and the wanted ones, sorted.
func (c counter) top(n int, wanted []string) []string {
	all := make([]string, 0, len(c))
	for s := range c {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b string) int {
		return cmp.Or(c[b]-c[a], strings.Compare(a, b))
	})
	out := slices.Concat(all[:min(n, len(all))], wanted)
	slices.Sort(out)
	return slices.Compact(out)
}

// shapes lists the shapes of functions that cells call, and of those that they pass.
func shapes() (bridges, entries []string, err error) {
	called, passed := counter{}, counter{}
	ownCalled, ownPassed := counter{}, counter{}
	var p preload.Packages
	fset := token.NewFileSet()
	imports := map[string]*types.Package{}
	for _, path := range p.Paths() {
		data, ok := p.ExportData(path)
		if !ok {
			continue
		}
		pkg, err := gcexportdata.Read(bytes.NewReader(data), fset, imports, path)
		if err != nil {
			return nil, nil, err
		}
		for _, name := range pkg.Scope().Names() {
			obj := pkg.Scope().Lookup(name)
			switch {
			case !obj.Exported():
			case strings.HasPrefix(path, "github.com/fluxion-go/fluxion/"):
				count(obj, ownCalled, ownPassed)
			default:
				count(obj, called, passed)
			}
		}
	}
	bridges = called.top(bridgeCount, append(ownCalled.top(len(ownCalled), nil), wantedBridges...))
	entries = passed.top(entryCount, append(ownPassed.top(len(ownPassed), nil), wantedEntries...))
	return bridges, entries, nil
}

func count(obj types.Object, called, passed counter) {
	signature := func(prefix string, sig *types.Signature) {
		s, ok := shape(sig)
		called.add(prefix+s, ok)
		for v := range sig.Params().Variables() {
			if f, ok := v.Type().Underlying().(*types.Signature); ok {
				passed.add(shape(f))
			}
		}
	}
	switch obj := obj.(type) {
	case *types.Func:
		signature("", obj.Signature())
	case *types.TypeName:
		switch u := obj.Type().Underlying().(type) {
		case *types.Signature:
			passed.add(shape(u))
		case *types.Interface:
			for m := range u.Methods() {
				signature("p", m.Signature())
			}
			return
		case *types.Struct:
			for f := range u.Fields() {
				if sig, ok := f.Type().Underlying().(*types.Signature); ok && f.Exported() {
					passed.add(shape(sig))
				}
			}
		}
		set := types.NewMethodSet(types.NewPointer(obj.Type()))
		for s := range set.Methods() {
			if f, ok := s.Obj().(*types.Func); ok && f.Exported() {
				signature("p", s.Type().(*types.Signature))
			}
		}
	}
}

// shape is shapeOf of package vm, from types.
func shape(sig *types.Signature) (string, bool) {
	if sig.TypeParams().Len() > 0 {
		return "", false
	}
	var b strings.Builder
	for v := range sig.Params().Variables() {
		b.WriteString(letter(v.Type()))
	}
	b.WriteString(">")
	for v := range sig.Results().Variables() {
		b.WriteString(letter(v.Type()))
	}
	s := b.String()
	return s, !strings.Contains(s, "?")
}

func letter(t types.Type) string {
	if _, ok := types.Unalias(t).(*types.TypeParam); ok {
		return "?"
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer, *types.Map, *types.Chan, *types.Signature:
		return "p"
	case *types.Slice:
		return "l"
	case *types.Interface:
		return "e"
	case *types.Basic:
		switch u.Kind() {
		case types.Bool, types.Int8, types.Uint8:
			return "b"
		case types.Int16, types.Uint16:
			return "h"
		case types.Int32, types.Uint32:
			return "w"
		case types.Int, types.Int64, types.Uint, types.Uint64, types.Uintptr:
			return "i"
		case types.Float32:
			return "g"
		case types.Float64:
			return "f"
		case types.String:
			return "s"
		case types.UnsafePointer:
			return "p"
		}
	}
	return "?"
}

// letterTypes are the Go types by which code passes each letter of a shape.
var letterTypes = map[rune]string{
	'p': "pointer", 'i': "int", 'w': "int32", 'h': "int16", 'b': "uint8",
	'f': "float64", 'g': "float32", 's': "string", 'l': "slice", 'e': "iface",
}

// funcType is the Go type of functions of a shape, with named parameters a0, a1, …
// where named.
func funcType(shape string, named bool) string {
	in, out, _ := strings.Cut(shape, ">")
	var params []string
	for i, l := range in {
		p := letterTypes[l]
		if named {
			p = fmt.Sprintf("a%d %s", i, p)
		}
		params = append(params, p)
	}
	var results []string
	for _, l := range out {
		results = append(results, letterTypes[l])
	}
	result := strings.Join(results, ", ")
	if len(results) > 1 {
		result = "(" + result + ")"
	}
	return fmt.Sprintf("func(%s) %s", strings.Join(params, ", "), result)
}

// writeBridges writes bridgeOf, which makes the bridge of a shape.
func writeBridges(shapes []string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "// %s\n\npackage vm\n\n", header)
	b.WriteString(`// bridgeOf returns the bridge of a shape with the offsets of parameters and results,
// nil where none was compiled.
func bridgeOf(shape string, p, r []uintptr) bridge {
	switch shape {
`)
	for _, s := range shapes {
		in, out, _ := strings.Cut(s, ">")
		var offs, from, args, to []string
		for i, l := range in {
			offs = append(offs, fmt.Sprintf("p%d", i))
			from = append(from, fmt.Sprintf("p[%d]", i))
			args = append(args, fmt.Sprintf("*at[%s](g, p%d)", letterTypes[l], i))
		}
		for i, l := range out {
			offs = append(offs, fmt.Sprintf("r%d", i))
			from = append(from, fmt.Sprintf("r[%d]", i))
			to = append(to, fmt.Sprintf("*at[%s](g, r%d)", letterTypes[l], i))
		}
		fmt.Fprintf(&b, "\tcase %q:\n", s)
		if len(offs) > 0 {
			fmt.Fprintf(&b, "\t\t%s := %s\n", strings.Join(offs, ", "), strings.Join(from, ", "))
		}
		b.WriteString("\t\treturn func(f pointer, g frame) {\n\t\t\t")
		if len(to) > 0 {
			fmt.Fprintf(&b, "%s = ", strings.Join(to, ", "))
		}
		fmt.Fprintf(&b, "(*(*%s)(pointer(&f)))(%s)\n\t\t}\n", funcType(s, false), strings.Join(args, ", "))
	}
	b.WriteString("\t}\n\treturn nil\n}\n")
	return b.Bytes()
}

// writeEntries writes entries, the closures by which compiled code calls
// interpreted func values. They are not generic, because a generic closure has its
// dictionary as a variable.
func writeEntries(shapes []string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "// %s\n\npackage vm\n\n", header)
	b.WriteString("// entries has the code of the compiled closures, by shape.\nvar entries map[string]uintptr\n\n")
	b.WriteString("func init() { // refers to itself through the compiler\n\tentries = map[string]uintptr{\n")
	for _, s := range shapes {
		in, out, _ := strings.Cut(s, ">")
		typ := funcType(s, true)
		fmt.Fprintf(&b, "\t%q: entryCode(func(c *closure) %s {\n\t\treturn %s {\n", s, typ, typ)
		b.WriteString("\t\t\tt, f := c.fn.begin(c)\n\t\t\tdefer c.fn.end(t, f)\n")
		for i, l := range in {
			fmt.Fprintf(&b, "\t\t\t*at[%s](f, c.fn.params[%d].off) = a%d\n", letterTypes[l], i, i)
		}
		b.WriteString("\t\t\tc.fn.call(t, f, 0)\n")
		var results []string
		for i, l := range out {
			results = append(results, fmt.Sprintf("*at[%s](f, c.fn.results[%d].off)", letterTypes[l], i))
		}
		if len(results) > 0 {
			fmt.Fprintf(&b, "\t\t\treturn %s\n", strings.Join(results, ", "))
		}
		b.WriteString("\t\t}\n\t}),\n")
	}
	b.WriteString("\t}\n}\n")
	return b.Bytes()
}
