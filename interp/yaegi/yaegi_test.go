package yaegi

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/traefik/yaegi/stdlib"

	"github.com/fluxion-go/fluxion/interp/exec"
)

// A session checks cells that are written out as the front end hands them over:
// whole files with a function entry.
type session struct {
	fset  *token.FileSet
	imp   types.Importer
	scope map[string]types.Object
	exec  exec.Executor
	stray chan *exec.Panic
	n     int
}

func newSession() *session {
	s := &session{fset: token.NewFileSet(), scope: map[string]types.Object{}, stray: make(chan *exec.Panic, 10)}
	s.imp = importer.ForCompiler(s.fset, "source", nil)
	symbols := exec.Symbols{}
	for k, v := range stdlib.Symbols {
		if k == "." {
			continue
		}
		symbols[k[:strings.LastIndexByte(k, '/')]] = v
	}
	s.exec = New(exec.Config{Fset: s.fset, Symbols: symbols, Stray: func(p *exec.Panic) { s.stray <- p }})
	return s
}

func (s *session) cell(t *testing.T, src string) *exec.Cell {
	t.Helper()
	s.n++
	f, err := parser.ParseFile(s.fset, fmt.Sprintf("[%d]", s.n), "package main\n"+src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	pkg := types.NewPackage("main", "main")
	own := map[string]bool{"entry": true}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			own[d.Name.Name] = d.Recv == nil
		case *ast.GenDecl:
			for _, sp := range d.Specs {
				switch sp := sp.(type) {
				case *ast.TypeSpec:
					own[sp.Name.Name] = true
				case *ast.ValueSpec:
					own[sp.Names[0].Name] = true
				}
			}
		}
	}
	for name, o := range s.scope {
		if !own[name] {
			pkg.Scope().Insert(o)
		}
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Instances: map[*ast.Ident]types.Instance{}, Selections: map[*ast.SelectorExpr]*types.Selection{}, Implicits: map[ast.Node]types.Object{}}
	conf := types.Config{Importer: s.imp, Error: func(error) {}}
	if err := types.NewChecker(&conf, s.fset, pkg, info).Files([]*ast.File{f}); err != nil && !strings.Contains(err.Error(), "not used") {
		t.Fatal(err)
	}
	c := &exec.Cell{Number: s.n, Fset: s.fset, Files: []*ast.File{f}, Pkg: pkg, Info: info, Replaces: map[types.Object]types.Object{}}
	for name := range own {
		o := pkg.Scope().Lookup(name)
		if name == "entry" {
			c.Entry, _ = o.(*types.Func)
			continue
		}
		if old := s.scope[name]; old != nil && o != nil && reflect.TypeOf(old) == reflect.TypeOf(o) && alike(old.Type(), o.Type()) {
			c.Replaces[o] = old
		}
		if o != nil {
			s.scope[name] = o
		}
	}
	return c
}

// alike reports whether two types are written alike.
func alike(a, b types.Type) bool {
	if n, ok := a.(*types.Named); ok {
		m, ok := b.(*types.Named)
		return ok && n.Underlying().String() == m.Underlying().String()
	}
	return a.String() == b.String()
}

func (s *session) run(t *testing.T, src string) (any, error) {
	t.Helper()
	v, err := s.exec.Run(t.Context(), s.cell(t, src))
	if err != nil || !v.IsValid() {
		return nil, err
	}
	return v.Interface(), nil
}

// Each case is a session: cells and what the last of them gives, as %v prints
// it. The expected values are the Go compiler's.
var sessions = []struct {
	name  string
	cells []string
	want  string
}{
	{"value", []string{`func entry() any { return 6 * 7 }`}, "42"},
	{"variable kept", []string{"var x int\nfunc entry() { x = 3 }", "func entry() any { x++; return x }"}, "4"},
	{"variable of another type", []string{"var x int\nfunc entry() { x = 3 }", "var x string\nfunc entry() { x = \"a\" }", "func entry() any { return x + x }"}, "aa"},
	{"redefined function reaches its caller", []string{"func f() int { return 1 }\nfunc g() int { return f() * 10 }\nfunc entry() {}",
		"func f() int { return 2 }\nfunc entry() {}", "func entry() any { return g() }"}, "20"},
	{"recursion", []string{"func fib(n int) int { if n < 2 { return n }; return fib(n-1) + fib(n-2) }\nfunc entry() any { return fib(15) }"}, "610"},
	{"mutual recursion", []string{"func even(n int) bool { return n == 0 || odd(n-1) }\nfunc odd(n int) bool { return n != 0 && even(n-1) }\nfunc entry() any { return even(10) }"}, "true"},
	{"type with methods", []string{"import \"math\"\ntype P struct{ X, Y float64 }\nfunc (p P) Len() float64 { return math.Hypot(p.X, p.Y) }\nfunc entry() {}",
		"var p P\nfunc entry() { p = P{3, 4} }", "func entry() any { return p.Len() }"}, "5"},
	{"method of a later cell", []string{"type P struct{ X int }\nvar p P\nfunc entry() { p = P{3} }",
		"type P struct{ X int }\nvar p P\nfunc (p P) Twice() int { return 2 * p.X }\nfunc entry() any { return p.Twice() }"}, "6"},
	{"method redefined", []string{"type P struct{ X int }\nfunc (p P) M() int { return 1 }\nfunc (p P) N() int { return p.M() }\nvar p P\nfunc g() int { return p.M() }\nfunc entry() {}",
		"type P struct{ X int }\nvar p P\nfunc (p P) M() int { return 2 }\nfunc (p P) N() int { return p.M() }\nfunc g() int { return p.M() }\nfunc entry() any { return 100*p.M() + 10*p.N() + g() }"}, "222"},
	{"type redefined", []string{"type T struct{ A int }\nfunc (t T) M() int { return t.A }\nfunc entry() any { return T{3}.M() }",
		"type T struct{ A string; B int }\nfunc (t T) M() string { return t.A + \"!\" }\nfunc entry() any { return T{\"q\", 1}.M() }"}, "q!"},
	{"embedded type redefined", []string{"type T struct{ A int }\nfunc entry() {}", "type T struct{ A, B int }\ntype U struct{ T; C int }\nfunc entry() any { u := U{T: T{1, 2}, C: 3}; return u.T.B + u.A + u.C }"}, "6"},
	{"stringer", []string{"import \"strconv\"\ntype T int\nfunc (t T) String() string { return \"T\" + strconv.Itoa(int(t)) }\nfunc entry() any { return T(3) }"}, "T3"},
	{"loop variables", []string{"func entry() any { var fs []func() int; for i := 0; i < 3; i++ { fs = append(fs, func() int { return i }) }; return fs[0]() + 10*fs[1]() + 100*fs[2]() }"}, "210"},
	{"loop variables with continue", []string{"func entry() any { var fs []func() int; for i := 0; i < 6; i++ { if i%2 == 0 { continue }; fs = append(fs, func() int { return i }) }; return fs[0]() + 10*fs[1]() + 100*fs[2]() }"}, "531"},
	{"range variables", []string{"func entry() any { var ps []*int; for _, x := range []int{1, 2, 3} { ps = append(ps, &x) }; return *ps[0] + 10**ps[1] + 100**ps[2] }"}, "321"},
	{"range over an integer", []string{"func entry() any { n := 0; for i := range 5 { n += i }; for range 3 { n++ }; return n }"}, "13"},
	{"min, max, clear", []string{"func entry() any { m := map[int]int{1: 2}; clear(m); return min(3, 2, 7) + max(1, 5) + len(m) }"}, "7"},
	{"closure state", []string{"var c func() int\nfunc entry() { n := 0; c = func() int { n++; return n } }", "func entry() any { c(); return c() }"}, "2"},
	{"goroutines", []string{"import \"sync\"\nfunc square(i int, out chan int) { out <- i * i }\nfunc entry() any { out := make(chan int, 3); var wg sync.WaitGroup; for i := 0; i < 3; i++ { wg.Add(1); go func() { defer wg.Done(); square(i, out) }() }; wg.Wait(); return <-out + <-out + <-out }"}, "5"},
	{"go with a named function", []string{"func send(i int, out chan int) { out <- i }\nfunc entry() any { out := make(chan int); for i := 1; i < 4; i++ { go send(i, out) }; return <-out + <-out + <-out }"}, "6"},
	{"select", []string{"func entry() any { a, b := make(chan int, 1), make(chan int); a <- 4; n := 0; select { case x := <-a: n = x; case <-b: n = 9 }\nreturn n }"}, "4"},
	{"index of a call's result", []string{"import \"strings\"\nvar x string\nfunc entry() { x = strings.Fields(\"a b\")[1] }", "func entry() any { return x }"}, "b"},
	{"constants", []string{"const (\n\tA = iota\n\tB\n\tC\n)\nfunc entry() {}", "func entry() any { return C*10 + B }"}, "21"},
	{"struct in map and slice", []string{"type P struct{ X int }\nvar m map[string][]P\nfunc entry() { m = map[string][]P{\"a\": {{1}, {2}}} }", "func entry() any { m[\"a\"] = append(m[\"a\"], P{4}); n := 0; for _, p := range m[\"a\"] { n += p.X }; return n }"}, "7"},
	{"defer and recover", []string{"func f() (s string) { defer func() { if r := recover(); r != nil { s = r.(string) } }(); panic(\"caught\") }\nfunc entry() any { return f() }"}, "caught"},
	{"type switch", []string{"func kind(v any) string { switch v := v.(type) { case int: return \"int\"; case string: return v; case error: return \"error\" }; return \"?\" }\nfunc entry() any { return kind(3) + kind(\"s\") + kind(2.5) }"}, "ints?"},
	{"interface of a cell", []string{"type Shape interface{ Area() float64 }\ntype Sq struct{ S float64 }\nfunc (q Sq) Area() float64 { return q.S * q.S }\nfunc entry() any { var s Shape = Sq{3}; return s.Area() }"}, "9"},
	{"sort with a closure", []string{"import \"sort\"\nfunc entry() any { xs := []int{3, 1, 2}; sort.Slice(xs, func(i, j int) bool { return xs[i] < xs[j] }); return xs }"}, "[1 2 3]"},
	{"variadic", []string{"func sum(xs ...int) int { n := 0; for _, x := range xs { n += x }; return n }\nfunc entry() any { return sum(1, 2, 3) + sum([]int{4}...) + sum() }"}, "10"},
	{"several results", []string{"import \"strconv\"\nvar n int\nvar err error\nfunc entry() { n, err = strconv.Atoi(\"12\") }", "func entry() any { return n }"}, "12"},
}

func TestSessions(t *testing.T) {
	for _, c := range sessions {
		t.Run(c.name, func(t *testing.T) {
			s := newSession()
			var got any
			for _, src := range c.cells {
				var err error
				if got, err = s.run(t, src); err != nil {
					t.Fatalf("%s\n%v", src, err)
				}
			}
			if fmt.Sprint(got) != c.want {
				t.Errorf("got %v, want %s", got, c.want)
			}
		})
	}
}

func TestPanicHasTheUsersLines(t *testing.T) {
	s := newSession()
	_, err := s.run(t, "func f(xs []int) int {\n\treturn xs[5]\n}\nfunc entry() {\n\tf(nil)\n}")
	var p *exec.Panic
	if !errors.As(err, &p) {
		t.Fatalf("got %v, want a panic", err)
	}
	if !strings.Contains(p.Text, "index out of range") {
		t.Errorf("text %q", p.Text)
	}
	var calls []string
	for _, c := range p.Trace {
		calls = append(calls, fmt.Sprintf("%s:%d", c.Func, s.fset.Position(c.Pos).Line))
	}
	// yaegi knows where a function begins, not where it was.
	if fmt.Sprint(calls) != "[f:2 cell:6]" {
		t.Errorf("calls %v, want [f:2 cell:6]", calls)
	}
}

func TestStrayPanic(t *testing.T) {
	s := newSession()
	if _, err := s.run(t, "func boom(s string) { panic(s) }\nfunc entry() { go func() { panic(\"one\") }(); go boom(\"one\") }"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if p := <-s.stray; p.Text != "one" {
			t.Errorf("text %q", p.Text)
		}
	}
	if v, err := s.run(t, "func entry() any { return 1 }"); err != nil || v != 1 {
		t.Errorf("after a stray panic: %v, %v", v, err)
	}
}

func TestCancel(t *testing.T) {
	s := newSession()
	for _, body := range []string{"for {\n}", "n := 0\nfor { n++ }", "<-make(chan int)", "select {}"} {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		_, err := s.exec.Run(ctx, s.cell(t, "func entry() {\n"+body+"\n}"))
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", body, err)
		}
		if v, err := s.run(t, "func entry() any { return 1 }"); err != nil || v != 1 {
			t.Errorf("after %s: %v, %v", body, v, err)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, src := range []string{
		"func id[T any](x T) T { return x }\nfunc entry() {}",
		"type L[T any] []T\nfunc entry() {}",
		"func entry() { for x := range func(yield func(int) bool) { yield(1) } { _ = x } }",
	} {
		s := newSession()
		var u *exec.Unsupported
		if _, err := s.run(t, src); !errors.As(err, &u) || !u.Pos.IsValid() {
			t.Errorf("%s\ngot %v, want *exec.Unsupported with a position", src, err)
		}
	}
}

func TestValue(t *testing.T) {
	s := newSession()
	if _, err := s.run(t, "var xs []int\nfunc entry() { xs = []int{1, 2} }"); err != nil {
		t.Fatal(err)
	}
	v, ok := s.exec.Value(s.scope["xs"].(*types.Var))
	if !ok || fmt.Sprint(v.Interface()) != "[1 2]" {
		t.Errorf("got %v, %v", v, ok)
	}
}
