package cpu

import (
	"runtime"
	"slices"
	"sync"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// Large arenas belong to programs only while they run. Fresh memory is dear: the
// operating system hands it out page by page, and 70 MB take as long as a step
// of training does. So the arena of one run serves the next one, of whatever
// program.
//
// (Pages of 2 MB were tried. They made no step faster, and where memory is
// fragmented the first touch of a program's memory took five times as long.)
const largeArena = 1 << 20

// idleArenas are arenas that no program uses.
var idleArenas struct {
	sync.Mutex
	list      []idleArena // the most recently used last
	cycle     int         // collections of garbage since the process began, as far as they were counted
	countdown bool        // whether the next collection is counted
}

type idleArena struct {
	memory backend.Buffer
	cycle  int // when it was used last
}

// keepCycles is the number of collections that an arena outlives unused.
const keepCycles = 2

// takeArena returns memory for a run, of which nothing is known.
func takeArena(size int) backend.Buffer {
	idleArenas.Lock()
	for i, a := range slices.Backward(idleArenas.list) {
		if n := len(a.memory.Bytes()); size <= n && n <= 2*size {
			idleArenas.list = slices.Delete(idleArenas.list, i, i+1)
			idleArenas.Unlock()
			return a.memory
		}
	}
	idleArenas.Unlock()
	return backend.NewBuffer(backend.Uint8, size)
}

// giveArena takes back what takeArena returned.
func giveArena(memory backend.Buffer) {
	idleArenas.Lock()
	defer idleArenas.Unlock()
	idleArenas.list = append(idleArenas.list, idleArena{memory, idleArenas.cycle})
	countCycle()
}

// countCycle sees to it that the next collection is counted. It is called with the
// lock held.
func countCycle() {
	if idleArenas.countdown {
		return
	}
	idleArenas.countdown = true
	runtime.AddCleanup(&struct{ p *int }{}, func(int) { ageArenas() }, 0)
}

// ageArenas forgets the arenas that were not used for some collections.
func ageArenas() {
	idleArenas.Lock()
	defer idleArenas.Unlock()
	idleArenas.countdown = false
	idleArenas.cycle++
	idleArenas.list = slices.DeleteFunc(idleArenas.list, func(a idleArena) bool { return idleArenas.cycle-a.cycle > keepCycles })
	if len(idleArenas.list) > 0 {
		countCycle()
	}
}
