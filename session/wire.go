package session

import (
	"bufio"
	"encoding/gob"
	"encoding/json"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/fluxion-go/fluxion/cell"
)

// wireVersion is raised when one end would misunderstand the other.
const wireVersion = 1

const (
	// window is how many bytes of a call's output may be under way.
	window = 4 << 20
	// piece is how much printed text goes into one message.
	piece = 64 << 10
)

// A message is what one end says to the other. One field besides Call is set.
type message struct {
	Call uint64 // the request that it is, or belongs to

	// From the parent.
	Eval       *cell.Request
	Complete   *place
	Inspect    *place
	IsComplete *place
	Comm       *comm // from the child as well
	Cancel     bool  // interrupts the call
	Credit     *credit
	Answer     *answer

	// From the child.
	Ready  *ready
	Stream *stream
	Show   *show
	Clear  *clearing
	Ask    *question
	Result *result
	Forget bool // no output of the call will follow
}

// A ready is the child's first message.
type ready struct {
	Version int // of the wire
	PID     int
}

// A place is what completion and inspection are asked about.
type place struct {
	Code           string
	Cursor, Detail int
}

// A credit says how many bytes of a call's output have been taken.
type credit struct{ Bytes int }

// A stream is printed text.
type stream struct {
	Name string
	Text []byte
}

// A show is a bundle to display, update or page.
type show struct {
	How    showing
	Bundle bundle
	ID     string
}

type showing int

const (
	display showing = iota
	update
	page
)

type clearing struct{ Wait bool }

// A question asks the person; the answer carries its number.
type question struct {
	Number   uint64
	Prompt   string
	Password bool
}

type answer struct {
	Number uint64
	Text   string
	EOF    bool   // the person ended the input
	Err    string // why there is no answer
}

// A comm is a message of a comm.
type comm struct{ Message cell.CommMessage }

// A result ends a call.
type result struct {
	Value        bundle // of a cell or an inspection
	Err          *cell.Error
	Found        bool // of an inspection, or whether somebody took a comm message
	Completion   cell.Completion
	Completeness cell.Completeness
}

// A bundle is a cell.Bundle with the metadata as JSON: gob would want to know
// every type in it.
type bundle struct {
	Data     map[string][]byte
	Metadata []byte
}

func packBundle(b cell.Bundle) bundle {
	p := bundle{Data: b.Data}
	good := map[string]json.RawMessage{}
	for key, v := range b.Metadata {
		if text, err := json.Marshal(v); err == nil {
			good[key] = text
		}
	}
	if len(good) > 0 {
		p.Metadata, _ = json.Marshal(good) // they are JSON already
	}
	return p
}

func (p bundle) unpack() cell.Bundle {
	b := cell.Bundle{Data: p.Data}
	if len(p.Metadata) > 0 && json.Unmarshal(p.Metadata, &b.Metadata) != nil {
		b.Metadata = nil
	}
	return b
}

// bytes is what a message counts against the window of its call.
func (m *message) bytes() int {
	switch {
	case m.Stream != nil:
		return len(m.Stream.Text)
	case m.Show != nil:
		n := len(m.Show.Bundle.Metadata)
		for _, d := range m.Show.Bundle.Data {
			n += len(d)
		}
		return n
	case m.Comm != nil:
		n := len(m.Comm.Message.Data) + len(m.Comm.Message.Metadata)
		for _, b := range m.Comm.Message.Buffers {
			n += len(b)
		}
		return n
	}
	return 0
}

var errGone = errors.New("the other process is gone")

// A sender writes messages in the order of the calls of send and write.
type sender struct {
	buffered *bufio.Writer
	encoder  *gob.Encoder // of whoever has set writing

	mu      sync.Mutex
	changed sync.Cond // there is something for run to do
	idle    sync.Cond // nobody writes
	pending []*message
	writing bool
	closed  bool
	written int       // by write in this period
	period  time.Time // when it began
}

func newSender(w io.Writer) *sender {
	s := &sender{buffered: bufio.NewWriterSize(w, piece)}
	s.encoder = gob.NewEncoder(s.buffered)
	s.changed.L, s.idle.L = &s.mu, &s.mu
	go s.run()
	return s
}

// send queues m, and never waits for the other end. Text that is printed while
// the writer is busy gathers in one message.
func (s *sender) send(m *message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changed.Broadcast() // run sees m when the lock is free
	return s.add(m)
}

const (
	// promptness is how many messages write sends itself in a period.
	promptness = 1000
	period     = 100 * time.Millisecond
)

// write sends m before it returns, so that it is not lost when the process dies
// in the next moment. One that writes very much gets no such promise.
func (s *sender) write(m *message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.add(m); err != nil {
		return err
	}
	if s.written++; s.written > promptness {
		if time.Since(s.period) < period {
			s.changed.Broadcast()
			return nil
		}
		s.written, s.period = 0, time.Now()
	}
	for s.writing {
		s.idle.Wait()
	}
	if len(s.pending) > 0 { // else another has written it
		s.flush()
	}
	return nil
}

// add queues m. The sender is locked.
func (s *sender) add(m *message) error {
	if s.closed {
		return errGone
	}
	if m.Stream != nil && len(s.pending) > 0 {
		last := s.pending[len(s.pending)-1]
		if t := last.Stream; t != nil && last.Call == m.Call && t.Name == m.Stream.Name && len(t.Text) < piece {
			t.Text = append(t.Text, m.Stream.Text...)
			return nil
		}
	}
	s.pending = append(s.pending, m)
	return nil
}

// close ends the sender; what is pending is dropped.
func (s *sender) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed, s.pending = true, nil
	s.changed.Broadcast()
}

// flush writes what is pending, and lets others add to it meanwhile. The sender
// is locked, and nobody else writes.
func (s *sender) flush() {
	batch := s.pending
	s.pending, s.writing = nil, true
	s.mu.Unlock()
	var err error
	for _, m := range batch {
		if err == nil {
			err = s.encoder.Encode(m)
		}
	}
	if err == nil {
		err = s.buffered.Flush()
	}
	s.mu.Lock()
	s.writing = false
	s.idle.Broadcast()
	if err != nil {
		s.closed, s.pending = true, nil
	}
	if s.closed || len(s.pending) > 0 {
		s.changed.Broadcast()
	}
}

// run writes what nobody else does.
func (s *sender) run() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for !s.closed {
		if len(s.pending) == 0 || s.writing {
			s.changed.Wait()
			continue
		}
		s.flush()
	}
}

// receive calls handle with every message until the other end is gone or says
// what is no message.
func receive(r io.Reader, handle func(*message)) error {
	decoder := gob.NewDecoder(bufio.NewReaderSize(r, piece))
	for {
		m := new(message)
		if err := decoder.Decode(m); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		handle(m)
	}
}
