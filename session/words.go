package session

import (
	"bytes"
	"io"
	"regexp"
	"sync"
	"time"
)

const (
	// wordLimit is how much of what a dying process says is kept.
	wordLimit = 1 << 20
	// breath is how long text on the standard error of a child waits: if the
	// child dies meanwhile, it was the beginning of its last words.
	breath = 100 * time.Millisecond
	// lastBreath is how long text waits that looks like last words.
	lastBreath = 30 * time.Second
)

// dying matches the beginning of last words.
var dying = regexp.MustCompile(`(?m)^(fatal error|panic|runtime|unexpected fault|SIG[A-Z]+)\b`)

// words are what a child writes to its standard error: its last words if it
// dies, and otherwise something that compiled code says.
type words struct {
	pass func([]byte) // takes what was not the end
	done chan struct{}

	mu    sync.Mutex
	held  []byte
	ended bool
	since time.Time // when the first of held came
	timer *time.Timer
}

func newWords(pass func([]byte)) *words { return &words{pass: pass, done: make(chan struct{})} }

func (w *words) read(r io.Reader) {
	defer close(w.done)
	buf := make([]byte, 16<<10)
	for {
		n, err := r.Read(buf)
		w.mu.Lock()
		if room := wordLimit - len(w.held); n > 0 {
			w.held = append(w.held, buf[:min(n, room)]...)
			if w.timer == nil {
				w.since = time.Now()
				w.timer = time.AfterFunc(breath, w.release)
			}
		}
		w.ended = w.ended || err != nil
		w.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// release passes on what the child has outlived.
func (w *words) release() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timer = nil
	if dying.Match(w.held) && time.Since(w.since) < lastBreath {
		w.timer = time.AfterFunc(breath, w.release)
		return
	}
	if !w.ended && len(w.held) > 0 {
		w.pass(bytes.Clone(w.held))
		w.held = w.held[:0]
	}
}

// last returns what the process said at its end.
func (w *words) last() []byte {
	<-w.done
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer != nil {
		w.timer.Stop()
	}
	return w.held
}
