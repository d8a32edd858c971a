package vm

import (
	"runtime"
	"sync"
	"time"

	"github.com/fluxion-go/fluxion/interp/vm/forge"
)

// The methods of package sync that wait, in forms that an interrupt reaches. They
// take the place of the compiled ones where a cell calls them by name.
var locks = map[string]nativeMaker{
	"(*sync.Mutex).Lock":     lock((*sync.Mutex).TryLock),
	"(*sync.RWMutex).Lock":   lock((*sync.RWMutex).TryLock),
	"(*sync.RWMutex).RLock":  lock((*sync.RWMutex).TryRLock),
	"(*sync.WaitGroup).Wait": waitGroupWait,
	"(*sync.Cond).Wait":      condWait,
}

//go:noinline
func lock[T any](try func(*T) bool) nativeMaker {
	return func(m *machine, fn *function) step {
		recv := fn.params[0].off
		return func(t *thread, f frame) {
			l := *at[*T](f, recv)
			if !try(l) {
				t.poll(func() bool { return try(l) })
			}
		}
	}
}

func waitGroupWait(m *machine, fn *function) step {
	recv := fn.params[0].off
	return func(t *thread, f frame) {
		g := *at[*sync.WaitGroup](f, recv)
		if !forge.WaitGroupIsZero(g) {
			t.poll(func() bool { return forge.WaitGroupIsZero(g) })
		}
		g.Wait() // does not wait, but takes part in the order of memory operations
	}
}

// condWait is woken by a Broadcast when the run is cancelled; other waiters must be
// ready to be woken for nothing, says package sync.
func condWait(m *machine, fn *function) step {
	recv := fn.params[0].off
	return func(t *thread, f frame) {
		c := *at[*sync.Cond](f, recv)
		done := make(chan struct{})
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			for {
				select {
				case <-done:
					return
				case <-t.run.stopped:
				}
				c.Broadcast()
				select {
				case <-done:
					return
				case <-time.After(time.Millisecond): // it may not have waited yet
				}
			}
		}()
		t.run.wait()
		c.Wait()
		t.run.goOn()
		close(done)
		<-ended
		if t.cancelled() {
			panic(interrupted{})
		}
	}
}

// poll calls try until it reports true, or the run is cancelled: at first at once
// again, later with pauses of up to a millisecond.
func (t *thread) poll(try func() bool) {
	for range 50 {
		if t.cancelled() {
			panic(interrupted{})
		}
		runtime.Gosched()
		if try() {
			return
		}
	}
	t.run.wait()
	defer t.run.goOn()
	pause := 10 * time.Microsecond
	timer := time.NewTimer(pause)
	defer timer.Stop()
	for !try() {
		select {
		case <-timer.C:
		case <-t.run.stopped:
			panic(interrupted{})
		}
		pause = min(2*pause, time.Millisecond)
		timer.Reset(pause)
	}
}
