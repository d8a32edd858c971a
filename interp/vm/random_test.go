package vm

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

var random = flag.Int("random", 0, "run so many random programs, compiled and on the vm, and compare (needs the go command)")

// TestRandomPrograms compares what random programs print with what they print when
// they are compiled. A program is known by its seed.
//
//	go test ./interp/vm -run TestRandomPrograms -random 100
func TestRandomPrograms(t *testing.T) {
	if *random == 0 {
		t.Skip("compiles programs with the go command; run with -random 100")
	}
	for seed := range *random {
		text := randomProgram(uint64(seed))
		want, got := goRun(t, text), runMain(t, text)
		if got == want {
			continue
		}
		g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
		for i := range min(len(g), len(w)) {
			if g[i] != w[i] {
				t.Errorf("seed %d prints %q, compiled %q", seed, g[i], w[i])
				break
			}
		}
		t.Logf("seed %d:\n%s", seed, text)
	}
}

// A generator writes a random program: functions of numbers, strings, slices and
// structs, each of which may call those before it.
type generator struct {
	*rand.Rand
	b      strings.Builder
	depth  int         // of statements
	vars   []typedName // in scope
	next   int         // number of the next variable
	funcs  []writtenFunc
	inLoop bool
}

type typedName = struct{ name, typ string }

type writtenFunc struct {
	name   string
	params []string
	result string
}

// numberTypes are the types that expressions are mostly of.
var numberTypes = []string{"int", "int8", "uint8", "int16", "uint32", "int64", "uint64", "float64", "float32"}

func randomProgram(seed uint64) string {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 1))}
	g.b.WriteString(`package main

import "fmt"

type point struct {
	x int
	y float64
	s string
	in struct{ a, b int16 }
}

func (p point) sum() int { return p.x + int(p.in.a) - int(p.in.b) + len(p.s) }
func (p *point) add(n int) int { p.x += n; p.in.a ^= int16(n); return p.x }

type adder interface{ add(n int) int }

type count int

func (c *count) add(n int) int { *c += count(n) * 3; return int(*c) }

func id[T any](v T) T { return v }

func clamp(n int) int { return min(max(n, -1000), 1000) }

func try(name string, f func()) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Println(name, "panics:", r)
		}
	}()
	f()
}

`)
	for i := range 12 {
		g.function(i)
	}
	g.b.WriteString("func main() {\n")
	for _, f := range g.funcs {
		for range 4 {
			args := make([]string, len(f.params))
			for i, p := range f.params {
				args[i] = g.constant(p)
			}
			call := fmt.Sprintf("%s(%s)", f.name, strings.Join(args, ", "))
			fmt.Fprintf(&g.b, "\ttry(%q, func() { fmt.Println(%q, %s) })\n", f.name, f.name, call)
		}
	}
	g.b.WriteString("}\n")
	return g.b.String()
}

func (g *generator) pick(list ...string) string { return list[g.IntN(len(list))] }

func (g *generator) number() string { return numberTypes[g.IntN(len(numberTypes))] }

func isFloat(typ string) bool { return strings.HasPrefix(typ, "float") }

func (g *generator) function(i int) {
	f := writtenFunc{name: fmt.Sprintf("f%d", i), result: g.pick(append(numberTypes, "string", "[]int", "point")...)}
	g.vars, g.next, g.inLoop = nil, 0, false
	var params []string
	for j := range 1 + g.IntN(4) {
		typ := g.pick(append(numberTypes, "string", "bool")...)
		name := fmt.Sprintf("p%d", j)
		f.params = append(f.params, typ)
		params = append(params, name+" "+typ)
		g.vars = append(g.vars, typedName{name, typ})
	}
	fmt.Fprintf(&g.b, "func %s(%s) (r %s) {\n", f.name, strings.Join(params, ", "), f.result)
	g.vars = append(g.vars, typedName{"r", f.result})
	if f.result == "[]int" { // no slice is ever empty
		g.b.WriteString("\tr = []int{4, 5}\n")
	}
	if g.IntN(4) == 0 {
		g.b.WriteString("\tdefer func() { if e := recover(); e != nil { fmt.Println(\"recovered\", e) } }()\n")
	}
	g.declare("[]int", fmt.Sprintf("make([]int, %d, 20)", 1+g.IntN(8)))
	g.declare("point", "point{x: 3, s: \"pt\"}")
	g.declare("map[int]int", "map[int]int{1: 2}")
	g.declare("adder", g.pick("new(count)", "&point{x: 1}"))
	g.block(5 + g.IntN(8))
	fmt.Fprintf(&g.b, "\treturn %s\n}\n\n", g.expr(f.result, 3))
	g.funcs = append(g.funcs, f)
}

// declare writes the declaration of a new variable.
func (g *generator) declare(typ, value string) string {
	name := fmt.Sprintf("v%d", g.next)
	g.next++
	fmt.Fprintf(&g.b, "\tvar %s %s = %s\n\t_ = %s\n", name, typ, value, name)
	g.vars = append(g.vars, typedName{name, typ})
	return name
}

// block writes n statements in a scope of their own.
func (g *generator) block(n int) {
	scope := len(g.vars)
	g.depth++
	for range n {
		g.statement()
	}
	g.depth--
	g.vars = g.vars[:scope]
}

// variable returns a variable of a type, "" where there is none.
func (g *generator) variableOf(typ string) string {
	var list []string
	for _, v := range g.vars {
		if v.typ == typ {
			list = append(list, v.name)
		}
	}
	if len(list) == 0 {
		return ""
	}
	return list[g.IntN(len(list))]
}

func (g *generator) statement() {
	kind := g.IntN(16)
	if g.depth > 3 && kind >= 8 && kind <= 12 {
		kind = g.IntN(8)
	}
	switch kind {
	case 0, 1:
		typ := g.pick(append(numberTypes, "string", "bool", "int", "int")...)
		g.declare(typ, g.expr(typ, 3))
	case 2, 3, 4:
		typ := g.pick(append(numberTypes, "string", "bool", "int", "point")...)
		if v := g.variableOf(typ); v != "" {
			fmt.Fprintf(&g.b, "\t%s = %s\n", v, g.expr(typ, 3))
		}
	case 5:
		typ := g.number()
		if v := g.variableOf(typ); v != "" {
			fmt.Fprintf(&g.b, "\t%s %s= %s\n", v, g.pick("+", "-", "*"), g.expr(typ, 2))
		}
	case 6:
		fmt.Fprintf(&g.b, "\t%s[%s] %s %s\n", g.variableOf("[]int"), g.index("[]int"), g.pick("=", "+=", "-=", "^="), g.expr("int", 2))
	case 7:
		switch g.IntN(6) {
		case 0:
			fmt.Fprintf(&g.b, "\t%s[%s] %s %s\n", g.variableOf("map[int]int"), g.expr("int", 1), g.pick("=", "+="), g.expr("int", 2))
		case 1:
			fmt.Fprintf(&g.b, "\t%s.%s\n", g.variableOf("point"), g.pick("x++", "in.a -= 3", "s += \"z\"", "y *= 1.5", "add(2)"))
		case 2:
			s := g.variableOf("[]int")
			fmt.Fprintf(&g.b, "\tif len(%s) < 50 { %s = append(%s, %s, %s) }\n", s, s, s, g.expr("int", 2), g.expr("int", 1))
		case 3:
			if a, b := g.variableOf("int"), g.variableOf("int"); a != "" && a != b {
				fmt.Fprintf(&g.b, "\t%s, %s = %s, %s\n", a, b, g.expr("int", 2), g.expr("int", 2))
			}
		case 4:
			fmt.Fprintf(&g.b, "\t%s.add(%s)\n", g.variableOf("adder"), g.expr("int", 1))
		case 5:
			if a, b := g.variableOf("int"), g.variableOf("int"); a != "" {
				fmt.Fprintf(&g.b, "\t%s %s= %s\n", a, g.pick("/", "%"), b)
			}
		}
	case 8, 9:
		fmt.Fprintf(&g.b, "\tif %s {\n", g.expr("bool", 3))
		g.block(1 + g.IntN(3))
		if g.IntN(2) == 0 {
			g.b.WriteString("\t} else {\n")
			g.block(1 + g.IntN(3))
		}
		g.b.WriteString("\t}\n")
	case 10, 11:
		g.loop()
	case 12:
		fmt.Fprintf(&g.b, "\tswitch %s {\n", g.expr("int", 2))
		for _, k := range g.Perm(4)[:1+g.IntN(3)] {
			fmt.Fprintf(&g.b, "\tcase %d:\n", k)
			g.block(1 + g.IntN(2))
			if g.IntN(4) == 0 {
				g.b.WriteString("\t\tfallthrough\n")
			}
		}
		g.b.WriteString("\tdefault:\n")
		g.block(1)
		g.b.WriteString("\t}\n")
	case 13:
		if v := g.variableOf("int"); v != "" { // a closure that changes a variable
			fmt.Fprintf(&g.b, "\tfunc(n int) { %s += n; if n > 3 { %s-- } }(%s)\n", v, v, g.expr("int", 2))
		}
	case 14:
		if g.inLoop {
			fmt.Fprintf(&g.b, "\tif %s { %s }\n", g.expr("bool", 2), g.pick("continue", "break"))
		}
	case 15:
		if v := g.variableOf("int"); v != "" {
			fmt.Fprintf(&g.b, "\tdefer func() { %s++ }()\n", v)
		}
	}
}

func (g *generator) loop() {
	was := g.inLoop
	g.inLoop = true
	scope := len(g.vars)
	i := fmt.Sprintf("i%d", g.next)
	g.next++
	switch g.IntN(5) {
	case 0:
		fmt.Fprintf(&g.b, "\tfor %s := 0; %s < %d; %s++ {\n", i, i, 2+g.IntN(6), i)
	case 1:
		fmt.Fprintf(&g.b, "\tfor %s := len(%s) - 1; %s >= 0; %s -= 1 {\n", i, g.variableOf("[]int"), i, i)
	case 2:
		fmt.Fprintf(&g.b, "\tfor %s := range %s {\n", i, g.variableOf("[]int"))
	case 3:
		fmt.Fprintf(&g.b, "\tfor _, %s := range %s {\n", i, g.variableOf("[]int"))
	case 4:
		fmt.Fprintf(&g.b, "\tfor %s := range %d {\n", i, 1+g.IntN(7))
	}
	// The counter may be read only, so that every loop ends.
	fmt.Fprintf(&g.b, "\t_ = %s\n", i)
	g.declare("int", i)
	g.block(1 + g.IntN(4))
	g.vars = g.vars[:scope]
	g.b.WriteString("\t}\n")
	g.inLoop = was
}

// index is an index into a variable of a type, mostly within bounds: which of two
// operands of a statement panics first is not specified, so few may.
func (g *generator) index(typ string) string {
	v := g.variableOf(typ)
	if g.IntN(40) == 0 {
		return g.expr("int", 1)
	}
	return fmt.Sprintf("(%s&0xff)%%len(%s)", g.expr("int", 2), v)
}

func (g *generator) constant(typ string) string {
	switch typ {
	case "bool":
		return g.pick("true", "false")
	case "string":
		return g.pick(`""`, `"a"`, `"héllo"`, `"0123456789"`)
	case "uint8", "uint32", "uint64":
		return fmt.Sprintf("%s(%d)", typ, g.IntN(130))
	case "float32", "float64":
		return fmt.Sprintf("%s(%d.5)", typ, g.IntN(40)-20)
	case "[]int":
		return g.pick("[]int{1, 2, 3}", "[]int(nil)")
	case "point":
		return fmt.Sprintf("point{x: %d, y: 0.5}", g.IntN(9))
	}
	return fmt.Sprintf("%s(%d)", typ, g.IntN(100)-50)
}

// opaque is a constant in which the compiler does not see one: it refuses what
// overflows or divides by zero.
func (g *generator) opaque(typ string) string { return "id(" + g.constant(typ) + ")" }

// right is the right operand of an operator that can have any.
func (g *generator) right(typ string, deep int) string {
	if g.IntN(3) == 0 {
		return g.constant(typ)
	}
	return g.expr(typ, deep)
}

// expr is an expression of a type, at most so deep.
func (g *generator) expr(typ string, deep int) string {
	if v := g.variableOf(typ); v != "" && (deep <= 0 || g.IntN(3) == 0) {
		return v
	}
	if deep <= 0 {
		return g.opaque(typ)
	}
	sub := func(t string) string { return g.expr(t, deep-1) }
	if g.IntN(6) == 0 {
		for _, i := range g.Perm(len(g.funcs)) {
			f := g.funcs[i]
			if f.result != typ || g.inLoop {
				continue
			}
			args := make([]string, len(f.params))
			for j, p := range f.params {
				args[j] = g.expr(p, deep-2)
			}
			return fmt.Sprintf("%s(%s)", f.name, strings.Join(args, ", "))
		}
	}
	switch typ {
	case "bool":
		switch g.IntN(5) {
		case 0:
			return fmt.Sprintf("(%s %s %s)", sub("bool"), g.pick("&&", "||", "==", "!="), sub("bool"))
		case 1:
			return "!" + sub("bool")
		case 2:
			return fmt.Sprintf("(%s %s %s)", sub("string"), g.pick("<", "==", ">="), sub("string"))
		}
		n := g.number()
		return fmt.Sprintf("(%s %s %s)", sub(n), g.pick("<", "<=", ">", ">=", "==", "!="), g.right(n, deep-1))
	case "string":
		switch g.IntN(4) {
		case 0:
			return fmt.Sprintf("(%s + %s)", sub("string"), g.constant("string"))
		case 1:
			return fmt.Sprintf("fmt.Sprint(%s)", sub(g.number()))
		case 2:
			return g.variableOf("point") + ".s"
		}
		return g.opaque("string")
	case "[]int":
		v := g.variableOf("[]int")
		return g.pick(v, v+"[:1]", fmt.Sprintf("append([]int(nil), %s...)", v), "[]int{1, "+sub("int")+"}")
	case "point":
		return fmt.Sprintf("point{x: %s, y: %s, s: %s}", sub("int"), sub("float64"), sub("string"))
	case "int":
		switch g.IntN(9) {
		case 0:
			return fmt.Sprintf("%s[%s]", g.variableOf("[]int"), g.index("[]int"))
		case 1:
			return fmt.Sprintf("len(%s)", sub(g.pick("string", "[]int")))
		case 2:
			return fmt.Sprintf("%s[%s]", g.variableOf("map[int]int"), sub("int"))
		case 3:
			return g.variableOf("point") + g.pick(".x", ".sum()", ".add(1)")
		case 4:
			return fmt.Sprintf("clamp(%s)", sub("int"))
		}
	}
	if g.IntN(4) == 0 { // a conversion; of floats only what every processor agrees on
		from := g.number()
		if !isFloat(from) {
			return fmt.Sprintf("%s(%s)", typ, sub(from))
		}
		return fmt.Sprintf("%s(clamp(len(fmt.Sprint(%s))))", typ, sub(from))
	}
	if isFloat(typ) {
		return fmt.Sprintf("(%s %s %s)", sub(typ), g.pick("+", "-", "*", "/"), sub(typ))
	}
	switch g.IntN(8) {
	case 0:
		return fmt.Sprintf("(%s %s (%s | 1))", sub(typ), g.pick("/", "%"), sub(typ))
	case 1:
		return fmt.Sprintf("(%s %s (uint(%s) & 15))", sub(typ), g.pick("<<", ">>"), g.expr("uint8", deep-1))
	case 2:
		return fmt.Sprintf("%s(%s)", g.pick("-", "^"), sub(typ))
	case 3:
		return fmt.Sprintf("%s(%s, %s)", g.pick("min", "max"), sub(typ), sub(typ))
	}
	return fmt.Sprintf("(%s %s %s)", sub(typ), g.pick("+", "-", "*", "&", "|", "^", "&^"), g.right(typ, deep-1))
}
