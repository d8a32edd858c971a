package repl

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/term"
)

var errInterrupted = errors.New("interrupted")

// An input reads lines when they are asked for. A read cannot be taken back:
// where the asker has gone meanwhile, the line is for the next one.
type input struct {
	fd      int // of the terminal; -1 where the input is none
	lines   *bufio.Reader
	asked   chan bool // one request: whether the line is a password
	got     chan answer
	mu      sync.Mutex // one asker at a time
	pending bool       // a line was asked for and has not come
}

type answer struct {
	line string
	err  error
}

func newInput(r io.Reader) *input {
	in := &input{fd: -1, lines: bufio.NewReader(r), asked: make(chan bool), got: make(chan answer, 1)}
	if f, ok := r.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		in.fd = int(f.Fd())
	}
	go in.serve()
	return in
}

// close ends the reading, once a read that has begun is over.
func (in *input) close() { close(in.asked) }

func (in *input) isTerminal() bool { return in.fd >= 0 }

func (in *input) serve() {
	for password := range in.asked {
		var a answer
		if password && in.isTerminal() {
			var secret []byte
			secret, a.err = term.ReadPassword(in.fd)
			a.line = string(secret)
		} else {
			a.line, a.err = in.lines.ReadString('\n')
			if a.err == io.EOF && a.line != "" {
				a.err = nil // the last line of a file may lack its end
			}
			a.line = strings.TrimRight(a.line, "\r\n")
		}
		in.got <- a
	}
}

// line returns the next line, without its end. It returns errInterrupted when
// a signal comes first.
func (in *input) line(ctx context.Context, interrupts <-chan os.Signal, password bool) (string, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if !in.pending {
		if password && in.isTerminal() {
			// An interrupt must not leave the terminal without an echo.
			if state, err := term.GetState(in.fd); err == nil {
				defer term.Restore(in.fd, state)
			}
		}
		in.asked <- password
		in.pending = true
	}
	select {
	case a := <-in.got:
		in.pending = false
		return a.line, a.err
	case <-interrupts:
		return "", errInterrupted
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
