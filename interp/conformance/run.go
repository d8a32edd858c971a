package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/fluxion-go/fluxion/interp"
	"github.com/fluxion-go/fluxion/preload"
)

// childArg makes the command run one program.
const childArg = "-run-one-program"

// statusRefused is the exit status of a child whose executor refuses the program.
const statusRefused = 86

// hostFrame is in the trace of a process in which an executor has died.
const hostFrame = "github.com/fluxion-go/fluxion/interp"

// runChild runs a program in this process and returns the exit status.
func runChild(executor, file string) int {
	limitMemory()
	var message string
	err := interp.Program{
		Library: preload.Packages{}, Executor: executor, Files: []string{file},
		Message: func(text string) { message = text },
	}.Run(context.Background())
	if message != "" {
		fmt.Fprintln(os.Stderr, message)
		return statusRefused
	}
	var failed *interp.ProgramError
	switch {
	case err == nil:
		return 0
	case !errors.As(err, &failed):
		fmt.Fprintln(os.Stderr, err)
		return statusRefused
	}
	if failed.Message != "" {
		fmt.Fprintln(os.Stderr, failed.Message)
	}
	if failed.Refused {
		return statusRefused
	}
	return failed.Status
}

// A result is what a program did.
type result struct {
	Status int
	Output string // of both streams, without what differs from run to run
	Late   bool   // it was stopped
	raw    string
}

// runAlone runs a program in a process of its own.
func runAlone(dir, name, executor string, limit time.Duration) result {
	self, err := os.Executable()
	if err != nil {
		return result{Status: -1, Output: err.Error()}
	}
	file := filepath.Join(dir, name)
	return finish(exec.Command(self, childArg, executor, file), filepath.Dir(file), limit)
}

// finish runs a command to its end, without a go command on its path.
func finish(cmd *exec.Cmd, dir string, limit time.Duration) result {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	c := exec.CommandContext(ctx, cmd.Path, cmd.Args[1:]...)
	c.Dir = dir
	c.WaitDelay = time.Second
	c.Env = []string{"PATH=/nowhere", "GOMAXPROCS=2", "HOME=" + os.TempDir(), "TMPDIR=" + os.TempDir()}
	out, err := c.CombinedOutput()
	r := result{Output: plain(string(out)), raw: string(out)}
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		r.Late = true
	case errors.As(err, &exit):
		r.Status = exit.ExitCode()
	case err != nil:
		r.Status, r.Output = -1, err.Error()
	}
	return r
}

var numbers = regexp.MustCompile(`0x[0-9a-f]+|goroutine [0-9]+|\d{4}/\d\d/\d\d \d\d:\d\d:\d\d`)

// plain is an output without times, the traces of panics, which name the executor's own
// functions or the compiler's, and without addresses.
func plain(out string) string {
	if i := strings.Index(out, "\n\ngoroutine "); i >= 0 {
		out = out[:i]
	}
	out, _, _ = strings.Cut(out, "\n[signal ")
	return strings.TrimSpace(numbers.ReplaceAllString(out, "0x"))
}

// compiled knows what compiled programs do. It keeps that in a file, by the text of
// the program and the version of Go.
type compiled struct {
	file  string
	mu    sync.Mutex
	known map[string]result
}

func openCompiled(file string) (*compiled, error) {
	c := &compiled{file: file, known: map[string]result{}}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return nil, err
	}
	return c, json.Unmarshal(text, &c.known)
}

func (c *compiled) write() error {
	text, err := json.MarshalIndent(c.known, "", "\t")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(c.file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(c.file, text, 0o644)
}

// run is what the program called name does when it is compiled.
func (c *compiled) run(dir, name string, limit time.Duration) (result, error) {
	file := filepath.Join(dir, name)
	text, err := os.ReadFile(file)
	if err != nil {
		return result{}, err
	}
	key := fmt.Sprintf("%s %s %x", name, runtime.Version(), sha256.Sum256(text))
	c.mu.Lock()
	r, ok := c.known[key]
	c.mu.Unlock()
	if ok {
		r.Output = plain(r.Output)
		return r, nil
	}
	temp, err := os.MkdirTemp("", "conformance")
	if err != nil {
		return result{}, err
	}
	defer os.RemoveAll(temp)
	binary := filepath.Join(temp, "program")
	build := exec.Command("go", "build", "-o", binary, file)
	build.Dir = filepath.Dir(file)
	if out, err := build.CombinedOutput(); err != nil {
		return result{}, fmt.Errorf("go build: %w\n%s", err, out)
	}
	r = finish(exec.Command(binary), filepath.Dir(file), limit)
	c.mu.Lock()
	c.known[key] = r
	c.mu.Unlock()
	return r, nil
}
