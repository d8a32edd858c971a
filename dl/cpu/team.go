package cpu

import (
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// A team is the goroutines that share the work of one run: the caller, who is
// worker 0, and helpers that live as long as the process. A run takes a team
// for its whole length. While one run has the big team, others that run at
// the same time get teams of one.
type team struct {
	size    int
	helpers []*helper
	workers []*worker // one for each of size

	// What is written before something else is read, here and in helpers, is written
	// by Swap: Store would do, but emulators of arm64 on amd64 let the reading come
	// first.
	job    atomic.Pointer[job]
	active atomic.Int32 // helpers that may be looking at job
	own    job          // the only job there is, reused

	backwards bool // whether shares are done from their ends

	running atomic.Bool // more jobs are to come soon

	waiting atomic.Bool // the caller sleeps until active is 0
	idle    chan struct{}
}

// A worker is the memory that one goroutine of a team works in.
type worker struct {
	number   int // in the team
	scratch  []float32
	pointers []*float32 // of a chain's registers
	tiles    tileCall   // of a product in tiles
}

// need makes scratch hold at least n floats. Its address is a multiple of 64.
func (w *worker) need(n int) {
	if len(w.scratch) < n {
		w.scratch = backend.View[float32](backend.NewBuffer(backend.Float32, n))
	}
}

// A job is a number of pieces of work that can be done in any order. Each
// goroutine begins with a share of its own, which from job to job is the same
// part of the work, because what a processor worked on last may be in its
// cache; then it helps the others.
type job struct {
	shares []share
	do     func(w *worker, lo, hi int)
	caught atomic.Pointer[any] // what a piece panicked with
}

// A share is the pieces from first on that one goroutine begins with. They are
// done from the last to the first where the job before went the other way:
// the pieces that it ended with are then still in the cache.
type share struct {
	first, count int
	backwards    bool
	taken        atomic.Int32
	_            [64]byte // keeps shares on lines of their own
}

// take returns the next pieces of the share, from lo to before hi: half of those
// that are left, so that at the end there is something for everybody. There are
// none where lo is hi.
func (s *share) take() (lo, hi int) {
	for {
		taken := s.taken.Load()
		left := s.count - int(taken)
		if left <= 0 {
			return 0, 0
		}
		n := (left + 1) / 2
		if !s.taken.CompareAndSwap(taken, taken+int32(n)) {
			continue
		}
		lo = s.first + int(taken)
		if s.backwards {
			lo = s.first + left - n
		}
		return lo, lo + n
	}
}

// A helper waits for jobs: it spins for a while, because the next one usually
// comes within microseconds, and then sleeps.
type helper struct {
	asleep atomic.Bool
	wake   chan struct{}
}

var shared struct {
	sync.Mutex
	team team
	solo sync.Pool // of *team
}

func init() { shared.team.idle = make(chan struct{}, 1) }

// takeTeam returns a team, which must be released.
func takeTeam() *team {
	if shared.TryLock() {
		shared.team.resize(runtime.GOMAXPROCS(0))
		shared.team.running.Store(true)
		return &shared.team
	}
	t, _ := shared.solo.Get().(*team)
	if t == nil {
		t = &team{}
		t.resize(1)
	}
	return t
}

// release gives the team back. It forgets where the memory of the run was, so
// that this can be collected.
func (t *team) release() {
	t.own.do = nil
	for _, w := range t.workers {
		clear(w.pointers)
		w.tiles = tileCall{}
	}
	if t == &shared.team {
		t.running.Store(false)
		shared.Unlock()
		return
	}
	shared.solo.Put(t)
}

// resize makes the team n strong. Helpers are started and never ended; those
// beyond n sleep.
func (t *team) resize(n int) {
	for len(t.workers) < n {
		t.workers = append(t.workers, &worker{number: len(t.workers)})
	}
	for len(t.helpers) < n-1 {
		h := &helper{wake: make(chan struct{}, 1)}
		t.helpers = append(t.helpers, h)
		go h.work(t, t.workers[len(t.helpers)])
	}
	if t.size = n; len(t.own.shares) != n {
		t.own.shares = make([]share, n)
	}
}

// do runs f for the pieces from 0 to pieces-1, some in a row at a time, on as many
// goroutines as there are to help, and returns when all are done. Which goroutine
// does which piece is left to chance. A panic in a piece is passed on to the caller.
func (t *team) do(pieces int, f func(w *worker, lo, hi int)) {
	if pieces <= 1 || t.size == 1 {
		one := share{count: pieces, backwards: t.backwards}
		for lo, hi := one.take(); lo < hi; lo, hi = one.take() {
			f(t.workers[0], lo, hi)
		}
		return
	}
	j := &t.own
	j.do = f
	for k := range j.shares {
		s := &j.shares[k]
		s.first = k * pieces / t.size
		s.count = (k+1)*pieces/t.size - s.first
		s.backwards = t.backwards
		s.taken.Store(0)
	}
	t.job.Swap(j)
	for _, h := range t.helpers[:min(t.size, pieces)-1] {
		h.rouse()
	}
	j.work(t.workers[0])
	// A helper that comes late finds no job. One that is at work is waited for.
	t.job.Swap(nil)
	t.await()
	if p := j.caught.Swap(nil); p != nil {
		panic(*p)
	}
}

// await returns when no helper is at work: it spins for a while and then
// sleeps, as the operating system may have taken a helper's processor away.
func (t *team) await() {
	for i := 0; t.active.Load() != 0; i++ {
		if i < spins {
			pause(pauses)
			continue
		}
		t.waiting.Swap(true)
		if t.active.Load() == 0 && t.waiting.CompareAndSwap(true, false) {
			return
		}
		// It may be a helper that left long ago who wakes the caller, while
		// another one is at work.
		<-t.idle
	}
}

// leave takes a helper off the active ones.
func (t *team) leave() {
	if t.active.Add(-1) == 0 && t.waiting.Load() && t.waiting.CompareAndSwap(true, false) {
		t.idle <- struct{}{}
	}
}

// work does pieces until there are none left, and reports whether it did any.
func (j *job) work(w *worker) (did bool) {
	defer func() {
		if p := recover(); p != nil {
			caught := p
			for k := range j.shares {
				j.shares[k].taken.Store(int32(j.shares[k].count))
			}
			j.caught.Store(&caught)
		}
	}()
	for k := range j.shares {
		s := &j.shares[(w.number+k)%len(j.shares)]
		for lo, hi := s.take(); lo < hi; lo, hi = s.take() {
			j.do(w, lo, hi)
			did = true
		}
	}
	return did
}

// A helper spins spins times pauses pause instructions, about 50 µs, before it
// sleeps; in the middle of a run patience times as long, because to be woken
// takes longer than most of what is done without helpers.
const (
	spins    = 1000
	pauses   = 4
	patience = 20
)

func (h *helper) rouse() {
	if h.asleep.Load() && h.asleep.CompareAndSwap(true, false) {
		h.wake <- struct{}{}
	}
}

func (h *helper) work(t *team, w *worker) {
	for idle := 0; ; {
		if t.job.Load() != nil {
			// From here on the caller waits for this helper, so the job stays
			// as it is; whether there is still one must be looked at again.
			t.active.Add(1)
			if j := t.job.Load(); j != nil && j.work(w) {
				idle = 0
			}
			t.leave()
		}
		if idle++; idle < spins || idle < patience*spins && t.running.Load() {
			pause(pauses)
			continue
		}
		idle = 0
		h.asleep.Swap(true)
		// A job that came just now may have seen this helper awake.
		if t.job.Load() != nil && h.asleep.CompareAndSwap(true, false) {
			continue
		}
		<-h.wake
	}
}
