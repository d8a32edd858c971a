package session

import (
	"bytes"
	"crypto/rand"
	"log"
	"os"
	"sync"
)

// Streams are the standard streams of a child process, taken away from the
// code that runs in it.
type Streams struct {
	former []*os.File // the files of the standard descriptors, which the collector would close
	// In and Out are what the process was started with, for Serve.
	In, Out *os.File

	stdout, stderr *tap
	give           chan func(name, text string) // holds the function that takes the text
}

// TakeStreams takes the standard input and output for the wire. What the
// process writes to os.Stdout and os.Stderr, and where the system allows it to
// the descriptor below the former, is read and passed to Serve; os.Stdin is at
// its end. The descriptor below os.Stderr is the parent's business: the runtime
// writes its last words there. TakeStreams must be called before anything is
// written.
func TakeStreams() (*Streams, error) {
	s := &Streams{give: make(chan func(string, string), 1)}
	var err error
	if s.stdout, err = newTap(s, "stdout"); err != nil {
		return nil, err
	}
	if s.stderr, err = newTap(s, "stderr"); err != nil {
		return nil, err
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, err
	}
	if s.In, s.Out, err = replaceDescriptors(null, s.stdout.w); err != nil {
		return nil, err
	}
	s.former = []*os.File{os.Stdin, os.Stdout, os.Stderr}
	os.Stdin, os.Stdout, os.Stderr = null, s.stdout.w, s.stderr.w
	log.SetOutput(os.Stderr)
	go s.stdout.read()
	go s.stderr.read()
	return s, nil
}

// pass makes f take what is written from now on.
func (s *Streams) pass(f func(name, text string)) { s.give <- f }

// flush waits until what was written has been passed on.
func (s *Streams) flush() {
	s.stdout.flush()
	s.stderr.flush()
}

// A tap reads what is written to one stream.
type tap struct {
	streams *Streams
	name    string
	r, w    *os.File

	one  sync.Mutex // one flush at a time
	mark []byte     // what flush writes
	seen chan bool
}

func newTap(s *Streams, name string) (*tap, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	return &tap{streams: s, name: name, r: r, w: w, mark: []byte("\x00" + rand.Text() + "\x00"), seen: make(chan bool, 1)}, nil
}

func (t *tap) flush() {
	t.one.Lock()
	defer t.one.Unlock()
	if _, err := t.w.Write(t.mark); err == nil { // short writes to a pipe are not cut
		<-t.seen
	}
}

func (t *tap) read() {
	give := <-t.streams.give
	t.streams.give <- give
	var pending []byte
	buf := make([]byte, 32<<10)
	for {
		n, err := t.r.Read(buf)
		pending = append(pending, buf[:n]...)
		for {
			before, after, found := bytes.Cut(pending, t.mark)
			if !found {
				break
			}
			give(t.name, string(before))
			pending = after
			t.seen <- true
		}
		keep := 0 // what may be the beginning of a mark
		if i := bytes.LastIndexByte(pending, 0); i >= 0 && bytes.HasPrefix(t.mark, pending[i:]) {
			keep = len(pending) - i
		}
		give(t.name, string(pending[:len(pending)-keep]))
		pending = append([]byte(nil), pending[len(pending)-keep:]...)
		if err != nil {
			close(t.seen) // no mark will come
			return
		}
	}
}
