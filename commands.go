package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/display"
	"github.com/fluxion-go/fluxion/history"
	"github.com/fluxion-go/fluxion/install"
	"github.com/fluxion-go/fluxion/interp"
	"github.com/fluxion-go/fluxion/notebooks"
	"github.com/fluxion-go/fluxion/preload"
	"github.com/fluxion-go/fluxion/repl"
	"github.com/fluxion-go/fluxion/runner"
	"github.com/fluxion-go/fluxion/terminal"
)

//go:embed kernel.json
var kernelSpec []byte

// newEvaluator joins the rooms: an evaluator that shows values as display does.
func newEvaluator(executor string) (cell.Evaluator, error) {
	packages := preload.Packages{}
	return interp.New(interp.Config{
		Library:  packages,
		Imports:  packages.Implicit(),
		Render:   display.Render,
		Reporter: display.NewReporter,
		Executor: executor,
		Message:  func(text string) { fmt.Fprintln(os.Stderr, "fluxion:", text) },
	})
}

// executorOption adds the option that all commands share which run cells.
func executorOption(fs *flag.FlagSet) *string {
	return fs.String("executor", "", "what runs the cells: vm or yaegi (default: the vm where it knows this machine)")
}

// showInTerminal makes figures for the terminal, where the output is one.
func showInTerminal() {
	out := terminal.New(os.Stdout)
	if !out.IsTerminal() {
		return
	}
	columns, _ := out.Size()
	display.ForTerminal(display.Terminal{
		Columns: columns - 1,
		Colors:  terminal.Colors(os.Getenv),
		Pixels:  terminal.FindGraphics(os.Getenv) != terminal.NoGraphics,
	})
}

func runREPL(ctx context.Context, c *command, args []string) error {
	var executor *string
	args, err := c.options(args, func(fs *flag.FlagSet) { executor = executorOption(fs) })
	if err != nil {
		return err
	}
	if len(args) > 0 {
		return fmt.Errorf("repl: want no arguments, got %q; to run a notebook use fluxion run", args)
	}
	e, err := newEvaluator(*executor)
	if err != nil {
		return err
	}
	defer e.Close()
	showInTerminal()
	return repl.Run(context.WithoutCancel(ctx), repl.Options{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Evaluator: e, Banner: banner(), History: history.Open(history.File())})
}

func runNotebooks(ctx context.Context, c *command, args []string) error {
	var executor, out *string
	var inPlace *bool
	args, program := splitProgram(args)
	args, err := c.options(args, func(fs *flag.FlagSet) {
		executor = executorOption(fs)
		out = fs.String("out", "", "folder for the executed notebook and the page (default: beside the notebook)")
		inPlace = fs.Bool("inplace", false, "put the executed notebook in the place of the one that was read")
	})
	if err != nil {
		return err
	}
	if len(program) > 0 {
		return runProgram(ctx, *executor, append(args, program...))
	}
	if len(args) == 0 {
		return fmt.Errorf("run: want notebooks (.ipynb files), or Go files and the program's arguments")
	}
	for _, path := range args {
		if _, err := runNotebook(ctx, *executor, runner.Options{Notebook: path, Dir: *out, InPlace: *inPlace}); err != nil {
			return err
		}
	}
	return nil
}

// splitProgram divides the arguments of run at the first Go file or folder: what
// follows belongs to the program.
func splitProgram(args []string) (options, program []string) {
	for i, a := range args {
		if info, err := os.Stat(a); strings.HasSuffix(a, ".go") || err == nil && info.IsDir() && (i == 0 || args[i-1] != "--out" && args[i-1] != "-out") {
			return args[:i], args[i:]
		}
	}
	return args, nil
}

// runsProgram reports whether the command line runs a Go program.
func runsProgram(args []string) bool {
	if len(args) < 2 || args[0] != "run" {
		return false
	}
	_, program := splitProgram(args[1:])
	return len(program) > 0
}

// runProgram runs a Go program: its files, or its folder, and its arguments.
func runProgram(ctx context.Context, executor string, args []string) error {
	n := 1
	for strings.HasSuffix(args[0], ".go") && n < len(args) && strings.HasSuffix(args[n], ".go") {
		n++
	}
	err := interp.Program{
		Library: preload.Packages{}, Executor: executor, Files: args[:n], Args: args[n:],
		Message: func(text string) { fmt.Fprintln(os.Stderr, "fluxion:", text) },
	}.Run(ctx)
	var failed *interp.ProgramError
	if errors.As(err, &failed) {
		if failed.Message != "" {
			fmt.Fprintln(os.Stderr, failed.Message)
		}
		return exitStatus(failed.Status)
	}
	return err
}

func runNotebook(ctx context.Context, executor string, o runner.Options) (runner.Report, error) {
	e, err := newEvaluator(executor)
	if err != nil {
		return runner.Report{}, err
	}
	defer e.Close()
	o.Evaluator, o.Progress = e, os.Stdout
	return runner.Run(ctx, o)
}

func runDemo(ctx context.Context, c *command, args []string) error {
	var executor, out *string
	args, err := c.options(args, func(fs *flag.FlagSet) {
		executor = executorOption(fs)
		out = fs.String("out", "fluxion-demo", "folder for the notebooks and pages")
	})
	if err != nil {
		return err
	}
	if len(args) > 0 {
		return fmt.Errorf("demo: want no arguments, got %q", args)
	}
	var pages []string
	var findings []string
	for _, name := range []string{"02-logistic-regression", "04-cifar10-cnn"} {
		path, err := notebooks.Write(name, *out)
		if err != nil {
			return err
		}
		report, err := runNotebook(ctx, *executor, runner.Options{Notebook: path, Dir: *out, InPlace: true})
		if err != nil {
			return err
		}
		found, err := runner.Findings(report.Executed)
		if err != nil {
			return err
		}
		findings = append(findings, found...)
		pages = append(pages, report.Page)
	}
	fmt.Println("\nWhat was found:")
	for _, f := range findings {
		fmt.Println("  " + f)
	}
	fmt.Println("\nThe pages, with curves, pictures and the code:")
	for _, p := range pages {
		if abs, err := filepath.Abs(p); err == nil {
			p = abs
		}
		fmt.Println("  " + p)
	}
	return nil
}

func runInstall(ctx context.Context, c *command, args []string) error {
	return installing(c, args, func(o install.Options) error {
		dir, err := install.Install(o)
		if err == nil {
			fmt.Println("the kernel is installed in", dir)
		}
		return err
	})
}

func runUninstall(ctx context.Context, c *command, args []string) error {
	return installing(c, args, func(o install.Options) error {
		dir, err := install.Uninstall(o)
		if err == nil {
			fmt.Println("the kernel is gone from", dir)
		}
		return err
	})
}

func installing(c *command, args []string, do func(install.Options) error) error {
	o := install.Options{Template: kernelSpec}
	var executor *string
	args, err := c.options(args, func(fs *flag.FlagSet) {
		fs.BoolVar(&o.User, "user", false, "in the user's own Jupyter folder (the default)")
		fs.StringVar(&o.Prefix, "prefix", "", "in `PREFIX`/share/jupyter")
		fs.BoolVar(&o.SysPrefix, "sys-prefix", false, "in the active Python environment")
		fs.StringVar(&o.Name, "name", "", "name of the kernel spec (default: fluxion)")
		fs.StringVar(&o.DisplayName, "display-name", "", "what people choose by (default: Go (fluxion))")
		executor = executorOption(fs)
	})
	if err != nil {
		return err
	}
	if len(args) > 0 {
		return fmt.Errorf("%s: want no arguments, got %q", c.name, args)
	}
	if *executor != "" {
		o.Arguments = []string{"--executor", *executor}
	}
	return do(o)
}

func runVersion(ctx context.Context, c *command, args []string) error {
	if _, err := c.options(args, func(*flag.FlagSet) {}); err != nil {
		return err
	}
	fmt.Println(banner())
	return nil
}

// version is the module's, or the commit's where the program was built in a
// checkout.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return strings.TrimPrefix(v, "v")
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return "devel-" + s.Value[:min(12, len(s.Value))]
		}
	}
	return "devel"
}

func banner() string {
	return fmt.Sprintf("fluxion %s, %s, %s/%s", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
