package vm

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/types"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/fluxion-go/fluxion/preload"
)

var update = flag.Bool("update", false, "run the programs of testdata with the go command and write what they print")

// A printer collects what a program prints with package fmt.
type printer struct {
	mu   sync.Mutex
	text strings.Builder
}

// symbols are those of package preload, with a package fmt that prints to p.
func (p *printer) symbols() map[string]map[string]reflect.Value {
	write := func(s string) (int, error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.text.WriteString(s)
	}
	all := maps.Clone(preload.Packages{}.Symbols())
	f := maps.Clone(all["fmt"])
	f["Print"] = reflect.ValueOf(func(a ...any) (int, error) { return write(fmt.Sprint(a...)) })
	f["Printf"] = reflect.ValueOf(func(format string, a ...any) (int, error) { return write(fmt.Sprintf(format, a...)) })
	f["Println"] = reflect.ValueOf(func(a ...any) (int, error) { return write(fmt.Sprintln(a...)) })
	all["fmt"] = f
	return all
}

// runMain runs a program with initialisation and main, and returns what it prints.
func runMain(t *testing.T, text string) string {
	s := newSession(t)
	var p printer
	s.machine.config.Symbols = p.symbols()
	file, err := parser.ParseFile(s.fset, "program.go", text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	files, info := []*ast.File{file}, newInfo()
	conf := types.Config{Importer: s.packages, GoVersion: "go1.26"}
	pkg, err := conf.Check("main", s.fset, files, info)
	if err != nil {
		t.Fatal(err)
	}
	built, err := s.machine.build(pkg, files, info, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"init", "main"} {
		r := newRun()
		s.machine.latest.Store(r)
		done := make(chan outcome, 1)
		s.machine.execute(r, done, s.machine.function(built.Func(name)))
		if o := <-done; o.err != nil {
			t.Fatal(o.err)
		}
	}
	select {
	case stray := <-s.strays:
		t.Error("a goroutine panicked: ", stray)
	default:
	}
	return p.text.String()
}

// goRun is what a program prints when the Go compiler has compiled it.
func goRun(t *testing.T, text string) string {
	file := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "run", file).CombinedOutput()
	if err != nil {
		t.Fatalf("go run: %v\n%s", err, out)
	}
	return string(out)
}

// TestPrograms runs the programs of testdata/programs. A file holds programs and
// what the Go compiler makes them print (go1.26, linux/amd64; written by -update),
// in turn:
//
//	--- program NAME
//	fmt.Println(1)
//	--- prints
//	1
//
// A program without a package clause is the body of main, after its imports and
// declarations, which a line "main:" ends.
func TestPrograms(t *testing.T) {
	files, err := filepath.Glob("testdata/programs/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no programs: ", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		comment, rest, _ := strings.Cut("\n"+string(text), "\n--- program ")
		var out strings.Builder
		out.WriteString(strings.TrimPrefix(comment, "\n"))
		for part := range strings.SplitSeq(rest, "\n--- program ") {
			name, part, _ := strings.Cut(part, "\n")
			program, want, _ := strings.Cut(part, "\n--- prints\n")
			want = strings.TrimSuffix(want, "\n")
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txt")+"/"+name, func(t *testing.T) {
				whole := wholeProgram(program)
				if *update {
					want = strings.TrimSuffix(goRun(t, whole), "\n")
				}
				if got := strings.TrimSuffix(runMain(t, whole), "\n"); got != want {
					t.Errorf("prints\n%s\nwant\n%s", got, want)
				}
			})
			fmt.Fprintf(&out, "\n--- program %s\n%s\n--- prints\n%s", name, program, want)
		}
		if *update {
			if err := os.WriteFile(file, []byte(strings.TrimPrefix(out.String(), "\n")+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func wholeProgram(text string) string {
	declarations, body, ok := strings.Cut("\n"+text, "\nmain:\n")
	if !ok {
		declarations, body = "", text
	}
	imports := `import "fmt"` + "\n"
	if strings.Contains(declarations, `"fmt"`) {
		imports = ""
	}
	return "package main\n" + imports + declarations + "\nfunc main() {\n" + body + "\n}\n"
}
