package kernel

import (
	"context"
	"io"
	"net"
	"sync"
	"time"
)

const (
	// softLimit is how many bytes may wait for one client before cells that
	// print have to wait too, and the client must show that it reads.
	softLimit = 16 << 20
	// hardLimit is where a client is given up at once. It is checked before a
	// message is queued, so one message of any size still gets through.
	hardLimit = 128 << 20
	// stall is how long a client over the soft limit may take no byte.
	stall = 5 * time.Second
	// chunk is how much is written at a time, and so what counts as progress.
	chunk = 256 << 10
)

// A queue writes to one client without ever making the caller wait.
type queue struct {
	w interface {
		io.WriteCloser
		SetWriteDeadline(time.Time) error
	}

	mu      sync.Mutex
	changed sync.Cond
	pending [][]byte
	size    int // bytes in pending and in the write under way
	closed  bool
}

func newQueue(c net.Conn) *queue {
	q := &queue{w: c}
	q.changed.L = &q.mu
	go q.run()
	return q
}

// add queues data, which must not be changed afterwards. It reports whether
// the client is still there.
func (q *queue) add(data ...[]byte) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.addLocked(data...)
}

func (q *queue) addLocked(data ...[]byte) bool {
	if q.closed {
		return false
	}
	if q.size > hardLimit {
		q.closeLocked()
		return false
	}
	before := q.size
	for _, d := range data {
		if len(d) == 0 {
			continue
		}
		q.pending = append(q.pending, d)
		q.size += len(d)
	}
	if before <= softLimit && q.size > softLimit {
		// Also ends the write that may be under way.
		q.w.SetWriteDeadline(time.Now().Add(stall))
	}
	q.changed.Broadcast()
	return true
}

// wait returns when at most limit bytes are waiting, the client is gone or ctx
// is done.
func (q *queue) wait(ctx context.Context, limit int) {
	stop := context.AfterFunc(ctx, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.changed.Broadcast()
	})
	defer stop()
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.size > limit && !q.closed && ctx.Err() == nil {
		q.changed.Wait()
	}
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closeLocked()
}

func (q *queue) closeLocked() {
	if q.closed {
		return
	}
	q.closed = true
	q.pending, q.size = nil, 0
	q.w.Close()
	q.changed.Broadcast()
}

func (q *queue) run() {
	for {
		out, n := q.take()
		if n == 0 {
			return
		}
		_, err := out.WriteTo(q.w)
		q.mu.Lock()
		if err != nil {
			q.closeLocked()
		} else if !q.closed {
			q.size -= n
			q.changed.Broadcast()
		}
		q.mu.Unlock()
	}
}

// take waits for data and removes about a chunk of it; 0 when closed.
func (q *queue) take() (out net.Buffers, n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.pending) == 0 && !q.closed {
		q.changed.Wait()
	}
	if q.closed {
		return nil, 0
	}
	for len(q.pending) > 0 && n < chunk {
		d := q.pending[0]
		if rest := chunk - n; len(d) > rest {
			q.pending[0] = d[rest:]
			d = d[:rest]
		} else {
			q.pending[0] = nil
			q.pending = q.pending[1:]
		}
		out = append(out, d)
		n += len(d)
	}
	if q.size > softLimit {
		q.w.SetWriteDeadline(time.Now().Add(stall))
	} else {
		q.w.SetWriteDeadline(time.Time{})
	}
	return out, n
}
