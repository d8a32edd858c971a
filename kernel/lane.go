package kernel

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
)

const (
	// waiting is how many requests of a lane are read ahead of their turn.
	waiting = 4096
	// maxSubshells bounds what a client may create.
	maxSubshells = 256
)

// A lane answers shell requests in order. The main shell is one, and so is every
// subshell (Jupyter enhancement proposal 91); cells of two lanes run at the same
// time. Requests that only look at the session do not wait for a cell to end.
type lane struct {
	k     *kernel
	id    string // of the subshell; "" is the main shell
	queue chan *request
	aside chan *request // those that do not wait
	gone  chan struct{} // closed when the subshell is deleted

	received atomic.Int64 // requests are numbered, to abort those that waited for a failed cell
	unserved atomic.Int64 // cells that run or wait
	abort    int64        // cells up to this number are aborted; the worker's

	mu      sync.Mutex
	cancel  context.CancelFunc // interrupts what runs; nil when nothing does
	running json.RawMessage    // the header of the request that runs a cell; nil when none does
}

func (k *kernel) newLane(id string) *lane {
	l := &lane{k: k, id: id, queue: make(chan *request, waiting), aside: make(chan *request, waiting), gone: make(chan struct{})}
	k.workers.Go(func() { l.work(l.queue) })
	k.workers.Go(func() { l.work(l.aside) })
	return l
}

// work answers requests in order until the lane or the kernel ends. What was
// received before a subshell was deleted is still answered.
func (l *lane) work(queue <-chan *request) {
	for {
		select {
		case r := <-queue:
			l.k.serve(r)
			continue
		case <-l.k.ctx.Done():
			return
		case <-l.gone:
		}
		select {
		case r := <-queue:
			l.k.serve(r)
		default:
			return
		}
	}
}

// enqueue takes a request from the shell channel to wait for its turn.
func (k *kernel) enqueue(r *request) {
	l := k.lane(r.header.Subshell)
	if l == nil {
		k.serve(r) // says that there is no such subshell
		return
	}
	r.lane = l
	r.number = l.received.Add(1)
	queue := l.queue
	if handlers[r.header.Type].looks && l.unserved.Load() > 0 {
		queue = l.aside
	}
	if r.header.Type == "execute_request" {
		l.unserved.Add(1)
	}
	select {
	case queue <- r:
	case <-k.ctx.Done():
	case <-l.gone:
	}
}

// lane returns the lane with an id, nil if there is none.
func (k *kernel) lane(id string) *lane {
	if id == "" {
		return k.main
	}
	k.lanesMu.Lock()
	defer k.lanesMu.Unlock()
	return k.subshells[id]
}

// begin says that r is served: what it does is interruptible until done is
// called.
func (l *lane) begin(r *request) (ctx context.Context, done func()) {
	ctx, cancel := context.WithCancel(l.k.ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cancel = cancel
	if r.header.Type == "execute_request" {
		l.running = r.parent
	}
	return ctx, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.cancel, l.running = nil, nil
		cancel() // or the kernel's context keeps this one
	}
}

// interrupt cancels what runs, and says whether there was something.
func (l *lane) interrupt() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cancel == nil {
		return false
	}
	l.cancel()
	return true
}

// interrupt stops what runs on a subshell, or where id is "" on the main shell.
// Where nothing runs there, a person who asks for a stop means the subshells.
func (k *kernel) interrupt(id string) {
	if l := k.lane(id); l != nil && l.interrupt() || id != "" {
		return
	}
	k.lanesMu.Lock()
	defer k.lanesMu.Unlock()
	for _, l := range k.subshells {
		l.interrupt()
	}
}

// stillBusy says again that the main shell's cell runs. Front ends show the
// latest status, and another request has just said "idle".
func (k *kernel) stillBusy(r *request) {
	k.main.mu.Lock()
	defer k.main.mu.Unlock()
	if k.main.running != nil && string(k.main.running) != string(r.parent) {
		k.pub.status(k.main.running, "busy")
	}
}

// createSubshell answers create_subshell_request.
func (k *kernel) createSubshell(*request) any {
	k.lanesMu.Lock()
	defer k.lanesMu.Unlock()
	if len(k.subshells) >= maxSubshells {
		return failure("too many subshells", "this kernel has as many subshells as it allows: delete some")
	}
	id := rand.Text()
	k.subshells[id] = k.newLane(id)
	return fields{"status": "ok", "subshell_id": id}
}

// deleteSubshell answers delete_subshell_request. What runs goes on to its end.
func (k *kernel) deleteSubshell(r *request) any {
	var args struct {
		ID string `json:"subshell_id"`
	}
	if bad := arguments(r, &args); bad != nil {
		return bad
	}
	k.lanesMu.Lock()
	defer k.lanesMu.Unlock()
	l := k.subshells[args.ID]
	if l == nil {
		return noSubshell(args.ID)
	}
	delete(k.subshells, args.ID)
	close(l.gone)
	return fields{"status": "ok"}
}

// listSubshells answers list_subshell_request.
func (k *kernel) listSubshells(*request) any {
	k.lanesMu.Lock()
	defer k.lanesMu.Unlock()
	return fields{"status": "ok", "subshell_id": append([]string{}, slices.Sorted(maps.Keys(k.subshells))...)}
}

func noSubshell(id string) fields {
	return failure("unknown subshell", "there is no subshell "+id+": it was deleted, or is another kernel's")
}
