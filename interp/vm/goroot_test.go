package vm

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	fluxion "github.com/fluxion-go/fluxion/interp/exec"
)

var (
	goroot  = flag.Bool("goroot", false, "run the test programs of the Go installation")
	program = flag.String("program", "", "run one Go program as the vm runs it, and exit (used by -goroot)")
)

func TestMain(m *testing.M) {
	flag.Parse()
	if *program != "" {
		os.Exit(runProgram(*program, flag.Args()))
	}
	os.Exit(m.Run())
}

// runProgram runs a Go program of one file and returns its exit status.
func runProgram(file string, args []string) int {
	s := newSession(new(testing.B))
	f, err := parser.ParseFile(s.fset, file, nil, parser.SkipObjectResolution|parser.ParseComments)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 3
	}
	info := newInfo()
	conf := types.Config{Importer: s.packages, GoVersion: "go1.26"}
	pkg, err := conf.Check("main", s.fset, []*ast.File{f}, info)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 3
	}
	p, err := s.machine.build(pkg, []*ast.File{f}, info, true) // with its initialisation
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 3
	}
	os.Args = append([]string{file}, args...)
	go func() {
		for p := range s.strays {
			fmt.Fprintln(os.Stderr, p)
			os.Exit(2)
		}
	}()
	for _, name := range []string{"init", "main"} {
		r := newRun()
		s.machine.latest.Store(r)
		done := make(chan outcome, 1)
		s.machine.execute(r, done, s.machine.function(p.Func(name)))
		var exit *fluxion.Exit
		switch err := (<-done).err; {
		case errors.As(err, &exit):
			return exit.Code
		case err != nil:
			fmt.Fprintln(os.Stderr, err)
			if p, ok := err.(*fluxion.Panic); ok {
				for _, c := range p.Trace {
					fmt.Fprintf(os.Stderr, "\t%s %s\n", c.Func, s.fset.Position(c.Pos))
				}
			}
			return 2
		}
	}
	return 0
}

// notRun reads the programs that the vm does not pass, and why.
func notRun(t *testing.T) map[string]string {
	text, err := os.ReadFile("testdata/goroot.txt")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for line := range strings.Lines(string(text)) {
		name, why, ok := strings.Cut(strings.TrimSpace(line), " ")
		if ok && name != "#" {
			out[name] = strings.TrimSpace(why)
		}
	}
	return out
}

// TestGoPrograms runs the programs with which Go tests its own compilers: the
// files of GOROOT/test whose first line is "// run". Each runs in a process of its
// own. It takes minutes, so it runs only with -goroot:
//
//	go test ./interp/vm -run TestGoPrograms -goroot
func TestGoPrograms(t *testing.T) {
	if !*goroot {
		t.Skip("takes minutes; run with -goroot")
	}
	newSession(t) // skips where there is no vm
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal("-goroot needs the go command: ", err)
	}
	dir := filepath.Join(strings.TrimSpace(string(out)), "test")
	if _, err := os.Stat(dir); err != nil {
		t.Fatal("-goroot needs a Go installation that came with its tests: ", err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, pattern := range []string{"*.go", "*/*.go"} {
		list, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, slices.DeleteFunc(list, func(f string) bool { return !isProgram(f) })...)
	}
	skip := notRun(t)
	var passed atomic.Int32
	t.Cleanup(func() { t.Logf("%d of %d programs pass", passed.Load(), len(files)) })
	for _, file := range files {
		name, _ := filepath.Rel(dir, file)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if why := skip[name]; why != "" {
				t.Skip("known not to pass: ", why)
			}
			if err := runAlone(self, dir, file); err != nil {
				t.Fatal(err)
			}
			passed.Add(1)
		})
	}
}

// isProgram reports whether a file is a program to be run on this system.
func isProgram(file string) bool {
	if ok, err := build.Default.MatchFile(filepath.Dir(file), filepath.Base(file)); err != nil || !ok {
		return false
	}
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		line := strings.TrimSpace(s.Text())
		if line != "" && !strings.HasPrefix(line, "//go:build") && !strings.HasPrefix(line, "// +build") {
			return line == "// run"
		}
	}
	return false
}

// runAlone runs a program in a process of its own and compares its output with
// the file that Go has beside it, if there is one.
func runAlone(self, dir, file string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, self, "-program", file)
	cmd.Dir = filepath.Dir(file)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=2")
	got, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w\n%s", err, got[:min(len(got), 1500)])
	}
	want, err := os.ReadFile(strings.TrimSuffix(file, ".go") + ".out")
	if err == nil && !bytes.Equal(bytes.TrimSpace(got), bytes.TrimSpace(want)) {
		return fmt.Errorf("output %q, want %q", got[:min(len(got), 500)], want[:min(len(want), 500)])
	}
	return nil
}
