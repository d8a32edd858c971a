// Command fluxion is a Jupyter kernel, a terminal REPL and a notebook runner
// for deep learning in Go. It joins the rooms and holds no logic of its own.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
)

// A command is one word of the command line.
type command struct {
	name, args, short string
	run               func(ctx context.Context, c *command, args []string) error
}

// An exitStatus makes the process exit with it; what there was to say has been said.
type exitStatus int

func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// errUsage makes the process exit with status 2, after the usage was shown.
var errUsage = errors.New("usage")

func commands() []*command {
	return []*command{
		{"kernel", "CONNECTION_FILE", "serve a Jupyter front end (Jupyter starts this itself)", runKernel},
		{"repl", "", "run Go cells in the terminal", runREPL},
		{"run", "FILE...", "run notebooks, write the executed .ipynb and an .html page; or run a Go program", runNotebooks},
		{"demo", "", "run the lessons on logistic regression and CIFAR-10, on data in this program", runDemo},
		{"install", "", "tell Jupyter about the kernel", runInstall},
		{"uninstall", "", "take the kernel out of Jupyter again", runUninstall},
		{"version", "", "print the version", runVersion},
		{"cells", "", "", runCells}, // what the kernel starts
	}
}

func main() {
	ctx, stop := context.Background(), func() {}
	if !runsProgram(os.Args[1:]) {
		// An interrupt ends the commands that wait for nothing else; the kernel
		// and the REPL take it as a wish to stop the running cell. A Go program
		// has the signals for itself, and the runtime sees its deadlocks.
		ctx, stop = signal.NotifyContext(ctx, os.Interrupt)
	}
	err := dispatch(ctx, os.Args[1:])
	stop()
	var status exitStatus
	switch {
	case errors.As(err, &status):
		os.Exit(int(status))
	case errors.Is(err, errUsage):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "fluxion:", err)
		os.Exit(1)
	}
}

func dispatch(ctx context.Context, args []string) error {
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		usage()
		if len(args) == 0 {
			return errUsage
		}
		return nil
	}
	var names []string
	for _, c := range commands() {
		if c.name == args[0] {
			return c.run(ctx, c, args[1:])
		}
		if c.short != "" {
			names = append(names, c.name)
		}
	}
	return fmt.Errorf("there is no command %q (there are: %s)", args[0], strings.Join(names, ", "))
}

func usage() {
	fmt.Fprint(os.Stderr, "fluxion: deep learning in Go cells\n\n")
	for _, c := range commands() {
		if c.short == "" {
			continue
		}
		fmt.Fprintf(os.Stderr, "  fluxion %-24s %s\n", strings.TrimSpace(c.name+" "+c.args), c.short)
	}
	fmt.Fprint(os.Stderr, "\nfluxion COMMAND -h shows a command's options.\n")
}

// options parses the options of c, which may stand before, between or after
// its arguments, and returns the arguments.
func (c *command) options(args []string, define func(*flag.FlagSet)) ([]string, error) {
	fs := flag.NewFlagSet("fluxion "+c.name, flag.ContinueOnError)
	fs.Usage = func() {
		fmt.Fprintf(os.Stderr, "usage: fluxion %s [options] %s\n%s\n", c.name, c.args, c.short)
		fs.PrintDefaults()
	}
	define(fs)
	var rest []string
	for {
		if err := fs.Parse(args); err != nil {
			return nil, errUsage
		}
		if fs.NArg() == 0 {
			return rest, nil
		}
		rest = append(rest, fs.Arg(0))
		args = fs.Args()[1:]
	}
}
