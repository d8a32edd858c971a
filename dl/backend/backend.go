// Package backend says what a device must do to run dl's programs, and keeps
// the registry of those that are linked in.
//
// dl's compiler turns a graph of tensors into a [Program]: a list of
// instructions over numbered values with known dtypes and shapes, already
// folded, merged and cleared of dead code. A backend compiles the whole
// program at once, so that it can choose layouts, fuse instructions, plan
// memory and (on a GPU) record everything as one graph.
package backend

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Backend runs programs on one kind of device.
type Backend interface {
	// Name is the word by which users choose the backend: "cpu", "gorgonia".
	Name() string

	// Compile prepares p for running. It must not change or keep p's slices of
	// constants. An instruction that the backend cannot run is an error that
	// names it; see [Unsupported].
	Compile(p *Program) (Executable, error)
}

// An Executable is a compiled program. It may be used by one goroutine at a
// time.
type Executable interface {
	// Run computes the program's outputs and updates. Inputs and states are
	// read as they are at the call. outputs are buffers of the caller's, of
	// the sizes that the program states; they overlap neither the inputs nor
	// the states. Updates are written to states after all outputs are
	// computed. done, where not nil, is polled between instructions: once it
	// is closed, Run returns ErrInterrupted and leaves every state as it was.
	Run(inputs, states, outputs []Buffer, done <-chan struct{}) error

	// Close releases what the executable holds.
	Close()
}

// A Profiler is an Executable that can tell where its time goes.
type Profiler interface {
	// Profile starts or ends the measuring of the following runs. Starting
	// forgets what was measured before.
	Profile(on bool)

	// Timings returns what was measured since the last start, in the order in
	// which the program runs.
	Timings() []Timing

	// Peak returns how many additions and multiplications of float32 one
	// processor can do, in 10⁹ a second, or 0 where that is unknown.
	Peak() float64
}

// A Timing is the time that one piece of a program took, which may be an
// instruction, a part of one, or several fused ones.
type Timing struct {
	Name  string        // of the operation
	Shape []int         // of its result, or nil
	Runs  int           // how often the program was run
	Time  time.Duration // of all runs and all processors together
	Flops int           // additions and multiplications a run in matrix products; 0 elsewhere
	Peak  float64       // how many of them one processor can do in this way, in 10⁹ a second; 0 for Profiler's

	// Values are those of the program that it computes, with the ones that
	// only this piece sees. A piece that the backend adds, such as a change of
	// layout, has the values that it is there for.
	Values []int
}

// A Planner is an Executable that can tell how its program was compiled.
type Planner interface{ Plan() Plan }

// A Plan says what the instructions of a program became, and where memory goes.
type Plan struct {
	Steps  []PlannedStep // in the order in which they run
	Memory int           // bytes in which all results between inputs and outputs live
	Apart  int           // bytes that these would take if none took the place of another
}

// A PlannedStep is what one instruction became, or several fused ones.
type PlannedStep struct {
	Name   string
	Fused  []Op  // the elementwise instructions that are done in one pass, if it is several
	Group  int   // steps of one group run together, piece by piece, so that results stay in the cache
	Pieces int   // into which the group's work is cut for the cores
	Shape  []int // of the result, or nil
	Bytes  int   // of the result
	Place  Place
	Offset int // where in the memory, for InMemory
}

// A Place is where the result of a step goes.
type Place uint8

// The places of results.
const (
	InMemory   Place = iota // in the memory of the program
	InCache                 // nowhere as a whole: the group hands it on piece by piece
	InOutput                // straight into an output
	InVariable              // straight into a variable that it is the new value of
)

// A Program is a list of instructions in an order in which they can run.
type Program struct {
	Values  []Value
	Instrs  []Instr
	Inputs  []int    // value numbers, in the order of Run's inputs
	States  []int    // value numbers of variables, in the order of Run's states
	Outputs []int    // value numbers, in the order of Run's outputs
	Updates []Update // happen together, after all outputs are computed

	// Precision may be lower than that of the dtypes for matrix products and
	// convolutions of float32. A backend may compute more precisely.
	Precision Precision
}

// A Precision says how the operands of matrix products and convolutions of
// float32 may be rounded. Their sums, and all that other instructions do, are
// float32 in any case.
type Precision uint8

// The precisions.
const (
	FullPrecision Precision = iota
	BFloat16                // operands have 8 significant bits
)

// A Value is one array of the program.
type Value struct {
	DType DType
	Shape []int
	Const Buffer // set for constants, which must not be changed
	Name  string // what the user called it, or ""
}

// An Instr computes the values Out from the values In.
type Instr struct {
	Op    Op
	Attrs any // the operation's attributes, one of the Attrs types, or nil
	In    []int
	Out   []int
}

// An Update stores the value New into the state numbered State (an index into
// Program.States) at the end of a run.
type Update struct{ State, New int }

var registry struct {
	sync.Mutex
	backends []Backend
}

// Register makes b available by its name. It is called from init functions.
func Register(b Backend) {
	registry.Lock()
	defer registry.Unlock()
	registry.backends = append(registry.backends, b)
}

// Lookup returns the backend called name.
func Lookup(name string) (Backend, error) {
	registry.Lock()
	defer registry.Unlock()
	for _, b := range registry.backends {
		if b.Name() == name {
			return b, nil
		}
	}
	return nil, fmt.Errorf("backend %q is not linked into this program (there are: %s)", name, strings.Join(names(), ", "))
}

// Names returns the names of all backends that are linked in, sorted.
func Names() []string {
	registry.Lock()
	defer registry.Unlock()
	return names()
}

func names() []string {
	var list []string
	for _, b := range registry.backends {
		list = append(list, b.Name())
	}
	slices.Sort(list)
	return list
}
