package repl

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
)

var errInterrupted = errors.New("interrupted")

// A script is read line by line, when lines are asked for. A read cannot be
// taken back: where the asker has gone meanwhile, the line is for the next one.
type script struct {
	lines   *bufio.Reader
	asked   chan struct{}
	got     chan answer
	mu      sync.Mutex // one asker at a time
	pending bool       // a line was asked for and has not come
}

type answer struct {
	line string
	err  error
}

func newScript(r io.Reader) *script {
	in := &script{lines: bufio.NewReader(r), asked: make(chan struct{}), got: make(chan answer, 1)}
	go in.serve()
	return in
}

// close ends the reading, once a read that has begun is over.
func (in *script) close() { close(in.asked) }

func (in *script) serve() {
	for range in.asked {
		var a answer
		a.line, a.err = in.lines.ReadString('\n')
		if a.err == io.EOF && a.line != "" {
			a.err = nil // the last line of a file may lack its end
		}
		a.line = strings.TrimRight(a.line, "\r\n")
		in.got <- a
	}
}

// line returns the next line, without its end. It returns errInterrupted when
// a signal comes first.
func (in *script) line(ctx context.Context, interrupts <-chan os.Signal) (string, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if !in.pending {
		in.asked <- struct{}{}
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
