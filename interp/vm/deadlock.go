package vm

import (
	"go/types"
	"time"

	"github.com/fluxion-go/fluxion/interp/exec"
)

// In a program that is run as a whole, all goroutines may wait for each other. The Go
// runtime does not see that, because goroutines of ours go on, so the run looks itself:
// those of its goroutines that wait say so.

// wait says that a goroutine of r waits for another; goOn that it does no longer.
func (r *run) wait() { r.waiting.Add(1) }
func (r *run) goOn() {
	r.wakes.Add(1)
	r.waiting.Add(-1)
}

// glance is how often a program is looked at. All its goroutines are asleep if they
// were a few times in a row, and none of them woke up.
const (
	glance  = 100 * time.Millisecond
	glances = 5
)

// watch ends r when all its goroutines are asleep.
func (m *machine) watch(r *run, over <-chan struct{}) {
	tick := time.NewTicker(glance)
	defer tick.Stop()
	asleep, wakes := 0, int64(0)
	for asleep < glances {
		select {
		case <-over:
			return
		case <-tick.C:
		}
		m.runMu.Lock()
		all := m.runs[r]
		m.runMu.Unlock()
		if n := r.wakes.Load(); all == 0 || int(r.waiting.Load()) < all || n != wakes {
			asleep, wakes = 0, n
			continue
		}
		asleep++
	}
	r.exit.Store(&exec.Exit{Code: 2, Message: "fatal error: all goroutines are asleep - deadlock!"})
	r.cancel()
}

// quiet are the packages that start no goroutines, and wake none up, but by what
// loud lists.
var quiet = map[string]bool{
	"bufio": true, "bytes": true, "cmp": true, "container/heap": true, "container/list": true, "container/ring": true,
	"context": true, "encoding/binary": true, "encoding/hex": true, "encoding/json": true, "errors": true, "flag": true,
	"fmt": true, "io": true, "iter": true, "log": true, "maps": true, "math": true, "math/big": true, "math/bits": true,
	"math/cmplx": true, "math/rand": true, "math/rand/v2": true, "os": true, "reflect": true, "regexp": true, "runtime": true,
	"slices": true, "sort": true, "strconv": true, "strings": true, "sync": true, "sync/atomic": true, "text/tabwriter": true,
	"time": true, "unicode": true, "unicode/utf8": true, "unsafe": true,
}

var loud = map[string]bool{
	"time.After": true, "time.AfterFunc": true, "time.NewTicker": true, "time.NewTimer": true, "time.Tick": true,
	"context.AfterFunc": true, "context.WithDeadline": true, "context.WithDeadlineCause": true, "context.WithTimeout": true,
	"context.WithTimeoutCause": true, "runtime.AddCleanup": true, "runtime.SetFinalizer": true, "(*sync.WaitGroup).Go": true,
	"iter.Pull": true, "iter.Pull2": true,
}

// isQuiet reports whether only goroutines of p itself can wake up its goroutines.
func isQuiet(p *exec.Program) bool {
	for _, q := range p.Pkg.Imports() {
		if !quiet[q.Path()] {
			return false
		}
	}
	for _, obj := range p.Info.Uses {
		if f, ok := obj.(*types.Func); ok && loud[f.FullName()] {
			return false
		}
	}
	return true
}
