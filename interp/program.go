package interp

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strings"

	"github.com/fluxion-go/fluxion/interp/exec"
)

// A Program is a package main that is run from its source, as "go run" runs it: on
// the standard streams of the process, with its own initialisation and its
// own arguments. It can import what cells can, and the packages of the module
// that its folder belongs to.
type Program struct {
	Library  Library
	Executor string       // as in Config
	Files    []string     // the files of the package, or its folder alone
	Args     []string     // what the program finds in os.Args after its name
	Message  func(string) // as in Config
}

// A ProgramError says how a program ended other than by returning from main or by
// os.Exit with status 0: its message is what is to be written to the error
// stream, if it has one.
type ProgramError struct {
	Status  int // for the process: 1 where the program could not be begun, 2 after a panic
	Message string
	Refused bool // the executor does not run something in the program
}

func (e *ProgramError) Error() string { return e.Message }

// Run runs the program once; a process cannot run two at the same time, because
// they share os.Args and package flag. The error is a *ProgramError, or that
// of ctx.
func (p Program) Run(ctx context.Context) error {
	if p.Library == nil {
		return errors.New("interp: Program.Library is nil; pass the packages that it can import")
	}
	fset := token.NewFileSet()
	files, err := p.parse(fset)
	if err != nil {
		return &ProgramError{Status: 1, Message: err.Error()}
	}
	folder := filepath.Dir(fset.File(files[0].Pos()).Name())
	packages := newPackages(moduleOf(folder, p.Library), fset)
	program, err := checkProgram(fset, files, packages)
	if err != nil {
		return &ProgramError{Status: 1, Message: err.Error()}
	}
	stray := make(chan *exec.Panic, 1)
	e := &evaluator{config: Config{Message: p.Message}}
	if e.config.Message == nil {
		e.config.Message = func(string) {}
	}
	x, _, err := e.newExecutor(p.Executor, exec.Config{
		Fset: fset, Symbols: p.Library.Symbols(), Packages: packages,
		Stray: func(p *exec.Panic) {
			select {
			case stray <- p:
			default:
			}
		},
	})
	if err != nil {
		return &ProgramError{Status: 1, Message: err.Error()}
	}
	defer x.Close()
	os.Args = append([]string{fset.File(files[0].Pos()).Name()}, p.Args...)
	flag.CommandLine.Init(os.Args[0], flag.ExitOnError)
	ended := make(chan error, 1)
	go func() { ended <- x.RunProgram(ctx, program) }()
	select {
	case err = <-ended:
	case panicked := <-stray: // ends a program, whatever main does
		err = panicked
	}
	return programError(fset, err)
}

// parse reads the files of the program.
func (p Program) parse(fset *token.FileSet) ([]*ast.File, error) {
	names := p.Files
	if len(names) == 1 {
		if info, err := os.Stat(names[0]); err == nil && info.IsDir() {
			if names, err = goFiles(names[0]); err != nil {
				return nil, err
			}
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s: no Go files to run", strings.Join(p.Files, " "))
	}
	var files []*ast.File
	for _, name := range names {
		f, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			return nil, err
		}
		if f.Name.Name != "main" {
			return nil, fmt.Errorf("%s: package %s is not a main package", name, f.Name.Name)
		}
		files = append(files, f)
	}
	return files, nil
}

// goFiles lists the Go files of a folder that belong to its package here, without
// tests.
func goFiles(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		ok, err := build.Default.MatchFile(folder, e.Name())
		if err != nil {
			return nil, err
		}
		if ok {
			names = append(names, filepath.Join(folder, e.Name()))
		}
	}
	return names, nil
}

// checkProgram type-checks a package main.
func checkProgram(fset *token.FileSet, files []*ast.File, packages *packages) (*exec.Program, error) {
	info := newInfo()
	var errs []error
	conf := types.Config{Importer: packages, Sizes: sizes(), Error: func(err error) { errs = append(errs, err) }}
	pkg, err := conf.Check("main", fset, files, info)
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	if err != nil {
		return nil, err
	}
	if f, ok := pkg.Scope().Lookup("main").(*types.Func); !ok || f == nil {
		return nil, fmt.Errorf("%s: function main is undeclared in the main package", fset.File(files[0].Pos()).Name())
	}
	return &exec.Program{Fset: fset, Files: files, Pkg: pkg, Info: info}, nil
}

// programError describes how a program ended, as the Go runtime does.
func programError(fset *token.FileSet, err error) error {
	var exit *exec.Exit
	var panicked *exec.Panic
	var refused *exec.Unsupported
	switch {
	case err == nil:
		return nil
	case errors.As(err, &exit):
		if exit.Code == 0 {
			return nil
		}
		return &ProgramError{Status: exit.Code, Message: exit.Message}
	case errors.As(err, &panicked):
		var b strings.Builder
		fmt.Fprintf(&b, "panic: %s\n\ngoroutine 1 [running]:", panicText(panicked))
		for _, c := range panicked.Trace {
			fmt.Fprintf(&b, "\n%s(...)\n\t%s", c.Func, place(fset, c.Pos))
		}
		return &ProgramError{Status: 2, Message: b.String()}
	case errors.As(err, &refused):
		text := refused.What
		if refused.Pos.IsValid() {
			text = fset.Position(refused.Pos).String() + ": " + text
		}
		return &ProgramError{Status: 1, Message: text, Refused: true}
	}
	return err
}

// panicText is the text of a panic as a dying program writes it.
func panicText(p *exec.Panic) string {
	if _, ok := p.Value.(error); !ok {
		return p.Text
	}
	if _, ok := p.Value.(interface{ RuntimeError() }); ok && strings.HasPrefix(p.Text, "runtime error: invalid memory address") {
		return p.Text + "\n[signal SIGSEGV: segmentation violation]"
	}
	return p.Text
}

func place(fset *token.FileSet, pos token.Pos) string {
	at := fset.Position(pos)
	return fmt.Sprintf("%s:%d", at.Filename, at.Line)
}
