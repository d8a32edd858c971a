package interp

import (
	"bytes"
	"fmt"
	"go/ast"
	"io"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/interp/exec"
)

// stdio is what cells see as the standard streams.
//
// fmt.Print and its like write to the output of the goroutine's own cell at
// once. os.Stdout and os.Stderr are pipes of the evaluator, read by goroutines
// that pass the text to the cell that began last; before something is written past
// them they are flushed, so that the order is kept. os.Stdin is a file at its
// end: what reads from it through fmt, bufio or io is given a reader that asks
// the front end.
type stdio struct {
	out, err *pipe
	stdin    *os.File
	in       *input
	touched  atomic.Bool // a cell has used os.Stdout or os.Stderr as a file

	// The variables os.Stdout, os.Stderr and os.Stdin of cells.
	outVar, errVar, inVar *os.File

	mu   sync.Mutex
	runs []*run // the cells that run, in the order in which they began; where none does, the last that did
}

func newStdio() *stdio {
	s := &stdio{}
	s.in = &input{stdio: s}
	return s
}

func (s *stdio) open() (err error) {
	if s.out, err = newPipe(s, "stdout"); err != nil {
		return err
	}
	if s.err, err = newPipe(s, "stderr"); err != nil {
		s.out.close()
		return err
	}
	if s.stdin, err = os.Open(os.DevNull); err != nil {
		s.out.close()
		s.err.close()
		return err
	}
	s.outVar, s.errVar, s.inVar = s.out.w, s.err.w, s.stdin
	return nil
}

func (s *stdio) close() {
	s.out.close()
	s.err.close()
	s.stdin.Close()
}

// enter makes r the running cell.
func (s *stdio) enter(r *run) {
	s.flush() // what goroutines of the cell before have written
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs = slices.DeleteFunc(s.runs, func(r *run) bool { return r.left })
	if len(s.runs) == 0 {
		s.in.clear()
	}
	s.runs = append(s.runs, r)
}

// leave says that r has ended.
func (s *stdio) leave(r *run) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.left = true
	if len(s.runs) > 1 {
		s.runs = slices.DeleteFunc(s.runs, func(have *run) bool { return have == r })
	}
}

// current is the cell that began last of those that run, or the last that ran.
func (s *stdio) current() *run {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.runs); n > 0 {
		return s.runs[n-1]
	}
	return nil
}

// runOf is the run of a cell, or the current one where that has ended.
func (s *stdio) runOf(self *cell.Running) *run {
	self = self.Whole()
	s.mu.Lock()
	for _, r := range s.runs {
		if r.self == self {
			s.mu.Unlock()
			return r
		}
	}
	s.mu.Unlock()
	return s.current()
}

// busy is the number of cells that run.
func (s *stdio) busy() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, r := range s.runs {
		if !r.left {
			n++
		}
	}
	return n
}

// output is where the calling goroutine's text goes.
func (s *stdio) output() cell.Output {
	// A callback of the runtime, such as that of time.AfterFunc, belongs to no
	// cell; its text goes to the latest one.
	if c := cell.Current(); c.Done() != nil {
		return c.Output()
	}
	if r := s.current(); r != nil {
		return r.out
	}
	return cell.Current().Output()
}

// flush waits until all text in the pipes has been passed on.
func (s *stdio) flush() {
	if s.touched.Load() {
		s.out.flush()
		s.err.flush()
	}
}

// write shows text on a stream.
func (s *stdio) write(stream, text string) (int, error) {
	s.flush()
	if text != "" {
		s.output().Stream(stream, text)
	}
	return len(text), nil
}

// stream returns the name of the stream that w stands for, or "".
func (s *stdio) stream(w io.Writer) string {
	switch w {
	case io.Writer(s.out.w):
		return "stdout"
	case io.Writer(s.err.w):
		return "stderr"
	}
	return ""
}

// reader returns r, or a reader that asks the person if r is os.Stdin.
func (s *stdio) reader(r io.Reader) io.Reader {
	if f, ok := r.(*os.File); ok && f == s.stdin {
		return s.in
	}
	return r
}

// A pipe passes what is written to a file on to the running cell.
type pipe struct {
	stdio  *stdio
	stream string
	r, w   *os.File
	done   chan bool // closed when the reader has ended

	mu   sync.Mutex // one flush at a time
	mark []byte
	seen chan bool
}

func newPipe(s *stdio, stream string) (*pipe, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p := &pipe{stdio: s, stream: stream, r: r, w: w, done: make(chan bool), seen: make(chan bool, 1)}
	// The address tells the marks of several evaluators apart.
	p.mark = []byte("\x00flush " + strconv.FormatUint(uint64(w.Fd()), 16) + fmt.Sprintf(" %p\x00", p))
	go p.read()
	return p, nil
}

func (p *pipe) read() {
	defer close(p.done)
	defer p.r.Close()
	var pending []byte
	buf := make([]byte, 32<<10)
	for {
		n, err := p.r.Read(buf)
		pending = append(pending, buf[:n]...)
		for {
			i := bytes.Index(pending, p.mark)
			if i < 0 {
				break
			}
			p.pass(pending[:i])
			pending = pending[i+len(p.mark):]
			p.seen <- true
		}
		keep := partial(pending, p.mark)
		p.pass(pending[:len(pending)-keep])
		pending = append([]byte(nil), pending[len(pending)-keep:]...)
		if err != nil {
			p.pass(pending)
			return
		}
	}
}

// partial is the length of the longest end of b that mark begins with.
func partial(b, mark []byte) int {
	for n := min(len(b), len(mark)-1); n > 0; n-- {
		if bytes.HasPrefix(mark, b[len(b)-n:]) {
			return n
		}
	}
	return 0
}

func (p *pipe) pass(b []byte) {
	if r := p.stdio.current(); r != nil && len(b) > 0 {
		r.out.Stream(p.stream, string(b))
	}
}

// flush waits until what has been written was passed on. A short write to a
// pipe is atomic, so the mark arrives in one piece.
func (p *pipe) flush() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, err := p.w.Write(p.mark); err != nil {
		return // the cell has closed the file
	}
	select {
	case <-p.seen:
	case <-p.done:
	}
}

func (p *pipe) close() {
	p.w.Close()
	<-p.done
}

// input reads lines from the person.
type input struct {
	stdio *stdio
	mu    sync.Mutex
	have  []byte
	last  rune
	size  int // bytes of last, for UnreadRune
}

func (in *input) clear() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.have, in.size = nil, 0
}

// fill asks for a line if none is left.
func (in *input) fill() error {
	if len(in.have) > 0 {
		return nil
	}
	in.stdio.flush()
	line, err := in.stdio.output().Input("", false)
	if err != nil {
		return err
	}
	in.have = []byte(line + "\n")
	return nil
}

// Read implements io.Reader.
func (in *input) Read(b []byte) (int, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if err := in.fill(); err != nil {
		return 0, err
	}
	n := copy(b, in.have)
	in.have, in.size = in.have[n:], 0
	return n, nil
}

// ReadRune implements io.RuneReader, so that fmt.Scan reads no further than it
// needs.
func (in *input) ReadRune() (r rune, size int, err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if err := in.fill(); err != nil {
		return 0, 0, err
	}
	for i, c := range string(in.have) {
		if i > 0 {
			size = i
			break
		}
		r, size = c, len(in.have)
	}
	in.have = in.have[size:]
	in.last, in.size = r, size
	return r, size, nil
}

// UnreadRune implements io.RuneScanner.
func (in *input) UnreadRune() error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.size == 0 {
		return io.ErrNoProgress
	}
	in.have = append([]byte(string(in.last)), in.have...)
	in.size = 0
	return nil
}

// mentionsStreams reports whether a cell uses os.Stdout or os.Stderr in a way
// that writes to the file: any but as the first argument of fmt.Fprint.
func mentionsStreams(c *exec.Cell) bool {
	found := false
	isStream := func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok || sel.Sel.Name != "Stdout" && sel.Sel.Name != "Stderr" {
			return false
		}
		obj := c.Info.Uses[sel.Sel]
		return obj != nil && obj.Pkg() != nil && obj.Pkg().Path() == "os"
	}
	var visit func(n ast.Node) bool
	visit = func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && len(call.Args) > 0 && isStream(call.Args[0]) {
			if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
				if f := c.Info.Uses[sel.Sel]; f != nil && f.Pkg() != nil && f.Pkg().Path() == "fmt" {
					for _, arg := range call.Args[1:] {
						ast.Inspect(arg, visit)
					}
					return false
				}
			}
		}
		found = found || n != nil && isStream(n)
		return !found
	}
	for _, f := range c.Files {
		ast.Inspect(f, visit)
	}
	return found
}
