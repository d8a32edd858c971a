package vm

import (
	"errors"
	"go/types"
	"reflect"
	"sync"
	"sync/atomic"
	"unsafe"
	"weak"

	"golang.org/x/tools/go/ssa"

	"github.com/fluxion-go/fluxion/interp/exec"
	"github.com/fluxion-go/fluxion/interp/vm/forge"
)

// pointer and frame are short for unsafe.Pointer; a frame is one that points to
// the frame of an interpreted call.
type (
	pointer = unsafe.Pointer
	frame   = unsafe.Pointer
)

// A machine is the state of one session.
type machine struct {
	config exec.Config
	prog   *ssa.Program

	// typeMu guards what rtype.go makes. It is not held while methods run.
	typeMu     sync.Mutex
	compiled   typeTable                   // those that mention no interpreted package
	rtypes     map[types.Type]reflect.Type // the latest
	unfinished []func()                    // what is left to do for types being made
	learned    map[*types.TypeName]reflect.Type
	methods    map[*forge.Type]map[string]*methodInfo

	// addMu is held while a cell is made part of the program, and packages that
	// it imports are initialised. It guards the map below.
	addMu    sync.Mutex
	generics map[string]*types.Package // interpreted generic functions of compiled packages, by its path

	// buildMu guards the ssa program while it is built or compiled, and what is
	// below.
	buildMu       sync.Mutex
	packagesBuilt int
	forgets       int

	// functionMu guards the maps below.
	functionMu sync.Mutex
	functions  map[functionKey]weak.Pointer[function]
	sources    map[weak.Pointer[functionSource]]struct{}
	lastID     int
	globals    map[*ssa.Global]pointer // of compiled packages
	vars       map[varKey]pointer      // of interpreted ones

	threads sync.Pool // *thread
	runMu   sync.Mutex
	runs    map[*run]int // goroutines that run each
	cells   sync.Map     // weak.Pointer[cell.Running] → *run
	latest  atomic.Pointer[run]
}

// New returns an executor of cells, or an error that says why this program cannot
// have one: the processor or the version of Go is not known to package forge.
func New(config exec.Config) (exec.Executor, error) {
	m, err := newMachine(config)
	if err != nil {
		return nil, err
	}
	return m, nil
}

func newMachine(config exec.Config) (*machine, error) {
	if err := forge.SelfTest(); err != nil {
		return nil, err
	}
	if config.Fset == nil || config.Packages == nil {
		return nil, errors.New("vm: a config without file set or packages")
	}
	if config.Stray == nil {
		config.Stray = func(*exec.Panic) {}
	}
	allowDeepStacks()
	return &machine{
		config:    config,
		prog:      ssa.NewProgram(config.Fset, ssa.InstantiateGenerics),
		rtypes:    map[types.Type]reflect.Type{},
		learned:   map[*types.TypeName]reflect.Type{},
		methods:   map[*forge.Type]map[string]*methodInfo{},
		functions: map[functionKey]weak.Pointer[function]{},
		sources:   map[weak.Pointer[functionSource]]struct{}{},
		globals:   map[*ssa.Global]pointer{},
		vars:      map[varKey]pointer{},
		generics:  map[string]*types.Package{},
		runs:      map[*run]int{},
	}, nil
}

// Concurrent implements exec.Executor.
func (m *machine) Concurrent() bool { return true }

// Value returns the present value of a package variable of a cell.
func (m *machine) Value(v *types.Var) (reflect.Value, bool) {
	m.functionMu.Lock()
	p, ok := m.vars[weak.Make(v)]
	m.functionMu.Unlock()
	if !ok {
		return reflect.Value{}, false
	}
	return reflect.NewAt(m.rtype(v.Type()), p).Elem(), true
}

// symbol looks up a package-level object of a compiled package.
func (m *machine) symbol(p *types.Package, name string) (reflect.Value, bool) {
	v, ok := m.config.Symbols[p.Path()][name]
	return v, ok
}
