package interp

import (
	"errors"
	"fmt"
	"go/parser"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/fluxion-go/fluxion/cell"
)

// magicShell runs a command and shows what it writes while it runs. An interrupt
// of the cell ends it and what it has started.
func (r *run) magicShell(m magic) *cell.Error {
	if m.args == "" {
		return magicError("! stands before a command of the shell, as in !ls")
	}
	shell := []string{"sh", "-c"}
	if runtime.GOOS == "windows" {
		shell = []string{"cmd", "/C"}
	}
	cmd := exec.CommandContext(r.ctx, shell[0], shell[1], m.args)
	stdout, stderr := &lineWriter{r: r, stream: "stdout"}, &lineWriter{r: r, stream: "stderr"}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	cmd.WaitDelay = time.Second // what has left the process group may hold the pipes
	ownGroup(cmd)
	err := cmd.Run()
	stdout.flush()
	stderr.flush()
	if r.ctx.Err() != nil {
		return r.runError(r.ctx.Err())
	}
	var exit *exec.ExitError
	switch {
	case err == nil || errors.Is(err, exec.ErrWaitDelay):
		return nil
	case errors.As(err, &exit):
		e := magicError("the command ended with exit status %d", exit.ExitCode())
		if _, err := parser.ParseExpr(m.args); err == nil && exit.ExitCode() == 127 {
			e.Hint = fmt.Sprintf("a line that begins with ! is a command of the shell; for Go's negation write (!%s)", m.args)
		}
		return e
	}
	return magicError("%v", err)
}

// A lineWriter shows what is written to it on a stream of the cell, without
// cutting characters into pieces.
type lineWriter struct {
	r      *run
	stream string
	mu     sync.Mutex
	part   []byte // the begin of a character
}

func (w *lineWriter) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := append(w.part, b...)
	whole := len(text)
	for i := 1; i < utf8.UTFMax && i <= len(text); i++ {
		if c := text[len(text)-i:]; utf8.RuneStart(c[0]) {
			if !utf8.FullRune(c) {
				whole -= i
			}
			break
		}
	}
	w.part = append([]byte(nil), text[whole:]...)
	if whole > 0 {
		w.r.out.Stream(w.stream, string(text[:whole]))
	}
	return len(b), nil
}

func (w *lineWriter) flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.part) > 0 {
		w.r.out.Stream(w.stream, string(w.part))
		w.part = nil
	}
}

// magicWriteFile writes the cell below it to a file.
func (r *run) magicWriteFile(m magic) *cell.Error {
	name, adding := m.args, false
	if rest, ok := strings.CutPrefix(name, "-a "); ok {
		name, adding = rest, true
	}
	if name = fileName(name); name == "" {
		return magicError("%%%%writefile needs the name of a file")
	}
	flags := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if adding {
		flags = os.O_WRONLY | os.O_CREATE | os.O_APPEND
	}
	body := m.body
	if body != "" && !strings.HasSuffix(body, "\n") {
		body += "\n"
	}
	f, err := os.OpenFile(name, flags, 0o644)
	if err != nil {
		return magicError("%v", err)
	}
	_, err = f.WriteString(body)
	if err = errors.Join(err, f.Close()); err != nil {
		return magicError("%v", err)
	}
	r.out.Stream("stdout", fmt.Sprintf("wrote %s to %s\n", count(len(body), "byte"), name))
	return nil
}

// fileName reads the name of a file as a person writes it: in quotes or not,
// and with ~ for the home folder.
func fileName(arg string) string {
	name := strings.TrimSpace(arg)
	if n := len(name); n > 1 && name[0] == name[n-1] && (name[0] == '"' || name[0] == '\'') {
		name = name[1 : n-1]
	}
	if rest, ok := strings.CutPrefix(name, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	return name
}
