// Package house holds the rules of the house that no compiler knows: which
// package may import which, how long a file may be, what generated files say.
package house

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	module   = "github.com/fluxion-go/fluxion"
	root     = "../.."
	maxLines = 600
)

// arrows says what each room may import of the project, by folder: the room
// itself and what is below it is always allowed, tests are free. The longest
// folder that matches a package decides.
var arrows = map[string][]string{
	".":           {"*"}, // the command joins the rooms
	"cell":        {},
	"terminal":    {"cell"},
	"history":     {"cell"},
	"kernel":      {"cell"},
	"session":     {"cell"},
	"repl":        {"cell", "terminal"},
	"runner":      {"cell", "terminal"},
	"interp":      {"cell"},
	"display":     {"cell"},
	"install":     {},
	"notebooks":   {},
	"dl":          {"cell", "dl"},
	"dl/backend":  {"cell"},
	"dl/internal": {"dl/backend", "dl/cpu"},
	"dl/cpu":      {"cell", "dl/backend"},
	"preload":     {"cell", "dl", "display", "interp"},
	"tests":       {"*"},
}

// leaves import nothing but the standard library and what arrows allows.
var leaves = []string{"cell", "install"}

// hidden are modules of which no exported signature below a folder may speak.
var hidden = map[string][]string{
	"interp": {"github.com/traefik/yaegi", "golang.org/x/tools/go/ssa"},
}

// optional backends are found through a registry: nothing else in dl names them.
var optional = []string{"dl/cuda", "dl/gorgonia"}

// A file is one file of the tree.
type file struct {
	path string // from the root, with slashes
	text []byte
}

func (f file) dir() string        { return path.Dir(f.path) }
func (f file) isGo() bool         { return path.Ext(f.path) == ".go" }
func (f file) isTest() bool       { return strings.HasSuffix(f.path, "_test.go") }
func (f file) named() bool        { return namedAsGenerated.MatchString(path.Base(f.path)) }
func (f file) isCode() bool       { return f.isGo() || path.Ext(f.path) == ".s" }
func (f file) lines() int         { return bytes.Count(f.text, []byte("\n")) }
func (f file) isText() bool       { return !bytes.Contains(f.text[:min(len(f.text), 8000)], []byte{0}) }
func (f file) in(dir string) bool { return within(f.dir(), dir) }

// within reports whether the folder dir is below, or is, the folder of.
func within(dir, of string) bool { return of == "." || dir == of || strings.HasPrefix(dir, of+"/") }

// tree reads every file of the project but what is built.
func tree(t *testing.T) []file {
	t.Helper()
	var files []file
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			if rel == "build" || rel != "." && strings.HasPrefix(d.Name(), ".") && d.Name() != ".ci" {
				return filepath.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() || d.Name() == ".git" {
			return nil
		}
		if info, err := d.Info(); err != nil || info.Size() > 4<<20 {
			return err // nobody writes such a file by hand
		}
		text, err := os.ReadFile(p)
		files = append(files, file{rel, text})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Fatalf("found %d files below %s, want the whole project", len(files), root)
	}
	return files
}

// imports returns the paths that f imports, and the name of its package.
func imports(t *testing.T, f file) (paths map[string]token.Position, pkg string) {
	t.Helper()
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, f.path, f.text, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]token.Position{}
	for _, s := range parsed.Imports {
		m[strings.Trim(s.Path.Value, `"`)] = fset.Position(s.Pos())
	}
	return m, parsed.Name.Name
}

func TestHouse(t *testing.T) {
	files := tree(t)
	for _, rule := range []struct {
		name  string
		check func(*testing.T, []file)
	}{
		{"arrows", checkArrows},
		{"hidden modules", checkHidden},
		{"length", checkLength},
		{"generated files", checkGenerated},
		{"machine paths", checkMachinePaths},
		{"package names", checkNames},
	} {
		t.Run(rule.name, func(t *testing.T) { rule.check(t, files) })
	}
}

func checkArrows(t *testing.T, files []file) {
	for _, f := range files {
		if !f.isGo() || f.isTest() || strings.Contains(f.path, "testdata/") {
			continue
		}
		paths, pkg := imports(t, f)
		if pkg == "main" {
			continue
		}
		for imported, at := range paths {
			if why := refuse(f.dir(), imported); why != "" {
				t.Errorf("%v: %s", at, why)
			}
		}
	}
}

// refuse says why a package in the folder from may not import a path, or "".
func refuse(from, imported string) string {
	room := "."
	for dir := range arrows {
		if within(from, dir) && len(dir) > len(room) {
			room = dir
		}
	}
	if room == "." {
		return fmt.Sprintf("the folder %s is in no room; add it to arrows in tests/house", from)
	}
	to, ours := strings.CutPrefix(imported, module+"/")
	if !ours {
		first, _, _ := strings.Cut(imported, "/")
		if slices.Contains(leaves, room) && strings.Contains(first, ".") {
			return fmt.Sprintf("%s imports %s; want the standard library alone", room, imported)
		}
		return ""
	}
	for _, backend := range optional {
		if within(from, "dl") && !within(from, backend) && within(to, backend) {
			return fmt.Sprintf("%s imports %s, which is optional; backends register themselves", from, to)
		}
	}
	if within(to, room) {
		return ""
	}
	for _, allowed := range arrows[room] {
		if allowed == "*" || within(to, allowed) {
			return ""
		}
	}
	return fmt.Sprintf("%s imports %s; the arrows of ARCHITECTURE.md allow %s of the other rooms", from, to, orNone(arrows[room]))
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}

func TestRefuse(t *testing.T) {
	for _, tt := range []struct {
		from, imported string
		refused        bool
	}{
		{"cell", "context", false},
		{"cell", "golang.org/x/term", true},
		{"kernel", module + "/cell", false},
		{"kernel/internal/wire", module + "/cell", false},
		{"kernel", module + "/kernel/internal/wire", false},
		{"kernel", module + "/interp", true},
		{"kernel", "github.com/go-zeromq/zmq4", false},
		{"dl", module + "/dl/cpu", false},
		{"dl", module + "/display", true},
		{"dl/nn", module + "/dl", false},
		{"dl/nn", module + "/dl/gorgonia", true},
		{"dl/gorgonia", module + "/dl/gorgonia/engine", false},
		{"dl/backend", module + "/dl", true},
		{"dl/internal/graph", module + "/dl/backend", false},
		{"dl/internal/graph", module + "/dl", true},
		{"display", module + "/dl", true},
		{"interp/yaegi", module + "/display", true},
		{"interp/yaegi", module + "/interp/exec", false},
		{"runner/page", module + "/runner/notebook", false},
		{"runner", module + "/kernel", true},
		{"newroom", module + "/cell", true},
	} {
		if why := refuse(tt.from, tt.imported); (why != "") != tt.refused {
			t.Errorf("%s importing %s: %q", tt.from, tt.imported, why)
		}
	}
}

func checkHidden(t *testing.T, files []file) {
	for _, f := range files {
		for dir, modules := range hidden {
			if f.isGo() && !f.isTest() && f.in(dir) {
				for _, found := range exposes(t, f, modules) {
					t.Error(found)
				}
			}
		}
	}
}

// exposes lists the places where an exported declaration of f names a type of
// one of the modules.
func exposes(t *testing.T, f file, modules []string) []string {
	t.Helper()
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, f.path, f.text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{} // local name of an import → path
	for _, s := range parsed.Imports {
		p := strings.Trim(s.Path.Value, `"`)
		if slices.ContainsFunc(modules, func(m string) bool { return p == m || strings.HasPrefix(p, m+"/") }) {
			name := path.Base(p)
			if s.Name != nil {
				name = s.Name.Name
			}
			names[name] = p
		}
	}
	var found []string
	ast.FileExports(parsed) // drops what is not exported, and the bodies
	for _, d := range parsed.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.IMPORT {
			continue
		}
		if fn, ok := d.(*ast.FuncDecl); ok {
			if fn.Recv != nil && !ast.IsExported(receiver(fn)) {
				continue
			}
			fn.Body = nil
		}
		ast.Inspect(d, func(n ast.Node) bool {
			if v, ok := n.(*ast.ValueSpec); ok && v.Type != nil {
				v.Values = nil // only the type shows
			}
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if id, ok := sel.X.(*ast.Ident); ok && names[id.Name] != "" {
					found = append(found, fmt.Sprintf("%v: an exported declaration names %s.%s of %s", fset.Position(sel.Pos()), id.Name, sel.Sel.Name, names[id.Name]))
				}
			}
			return true
		})
	}
	return found
}

// receiver returns the name of the type that a method belongs to.
func receiver(fn *ast.FuncDecl) string {
	name := ""
	ast.Inspect(fn.Recv.List[0].Type, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && name == "" {
			name = id.Name
		}
		return true
	})
	return name
}

func TestExposes(t *testing.T) {
	const head = "package p\nimport (\n\"github.com/traefik/yaegi/interp\"\ny \"github.com/traefik/yaegi/stdlib\"\n)\n"
	for _, tt := range []struct {
		code string
		want int
	}{
		{"func F(i *interp.Interpreter) {}", 1},
		{"func F() { interp.New(interp.Options{}) }", 0},
		{"func f(i *interp.Interpreter) {}", 0},
		{"type T struct { I interp.Options; j interp.Options }", 1},
		{"type t struct { I interp.Options }\nfunc (t) M() interp.Options { panic(0) }", 0},
		{"type T struct{}\nfunc (T) M() (interp.Options, error) { panic(0) }", 1},
		{"var Symbols = y.Symbols", 1},
		{"var Name string = interp.Self", 0},
		{"type I interface { M(map[string]*interp.Options) }", 1},
	} {
		got := exposes(t, file{"p.go", []byte(head + tt.code)}, hidden["interp"])
		if len(got) != tt.want {
			t.Errorf("%s: found %q, want %d", tt.code, got, tt.want)
		}
	}
}

var namedAsGenerated = regexp.MustCompile(`^(zz_|gen_)`)

func checkLength(t *testing.T, files []file) {
	for _, f := range files {
		if n := f.lines(); f.isCode() && !f.named() && n > maxLines {
			t.Errorf("%s has %d lines, want at most %d: split it by idea", f.path, n, maxLines)
		}
	}
}

// generated is the line by which the Go tools know a generated file.
var generated = regexp.MustCompile(`(?m)^// Code generated by (.+) DO NOT EDIT\.$`)

func checkGenerated(t *testing.T, files []file) {
	for _, f := range files {
		if !f.isCode() || strings.Contains(f.path, "testdata/") {
			continue
		}
		says := generated.Match(f.text[:min(len(f.text), 500)])
		switch {
		case f.named() && !says:
			t.Errorf("%s does not begin by saying which tool made it: // Code generated by TOOL. DO NOT EDIT.", f.path)
		case says && !f.named():
			t.Errorf("%s is generated; its name must begin with zz_ or gen_", f.path)
		}
	}
}

// machinePath finds paths that exist on somebody's machine only.
var machinePath = regexp.MustCompile(`(?m)(^|[^\w.~})*-])/(` + `tmp|root|home|work|Users)/\w[^\s"'` + "`" + `]*`)

func checkMachinePaths(t *testing.T, files []file) {
	for _, f := range files {
		if !f.isText() || f.named() {
			continue
		}
		for _, at := range machinePath.FindAllIndex(f.text, -1) {
			line := 1 + bytes.Count(f.text[:at[0]+1], []byte("\n"))
			t.Errorf("%s:%d: %s is a path of one machine", f.path, line, bytes.TrimSpace(f.text[at[0]:at[1]]))
		}
	}
}

func TestMachinePath(t *testing.T) {
	for text, want := range map[string]bool{
		"see /" + "home/ann/x": true,
		`"/` + `tmp/x.png"`:    true,
		"a/" + "tmp/x":         false,
		"$HOME/" + "work/x":    false,
		"~/" + "work/x":        false,
		"${TMPDIR:-/" + "tmp}": false,
		"/" + "rooted/x":       false,
	} {
		if got := machinePath.MatchString(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func checkNames(t *testing.T, files []file) {
	for _, f := range files {
		if base := path.Base(f.dir()); f.isGo() && slices.Contains([]string{"util", "utils", "common", "helpers", "misc"}, base) {
			t.Errorf("%s: a package named %s says nothing of what it is for", f.path, base)
		}
	}
}
