package interp

import (
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"sync"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/interp/exec"
)

// A Config says what cells can use and how their values are shown.
type Config struct {
	// Library is what cells can import. It is required.
	Library Library

	// Imports are the packages that need no import line: name → path. A path
	// that the library lacks is passed over.
	Imports map[string]string

	// Render makes the representations of a cell's value; typ is its type as
	// Go writes it. Where Render is nil, values are shown as fmt prints them.
	Render func(value any, typ string) cell.Bundle

	// Reporter makes what follows the long work of a cell that writes to an
	// output; nil for none.
	Reporter func(cell.Output) cell.Reporter

	// Executor is "vm" or "yaegi". Where it is empty, or the vm does not know
	// this machine, the best one that works is taken.
	Executor string

	// Message takes what a person should know although no cell has failed,
	// such as that another executor had to be used. It may be nil.
	Message func(string)
}

// New returns an evaluator with an empty session. Several may exist in one
// process. The error says why no executor can be had.
func New(config Config) (cell.Evaluator, error) {
	if config.Library == nil {
		return nil, errors.New("interp: Config.Library is nil; pass the packages that cells can import")
	}
	if config.Render == nil {
		config.Render = func(value any, _ string) cell.Bundle { return cell.Text(fmt.Sprint(value)) }
	}
	if config.Message == nil {
		config.Message = func(string) {}
	}
	e := &evaluator{config: config, stdio: newStdio()}
	if err := e.stdio.open(); err != nil {
		return nil, fmt.Errorf("interp: standard streams of cells: %w", err)
	}
	e.symbols = e.stdio.override(config.Library.Symbols())
	maps.Copy(e.symbols, timingSymbols)
	if err := e.reset(config.Executor); err != nil {
		e.stdio.close()
		return nil, err
	}
	return e, nil
}

// An evaluator implements cell.Evaluator.
type evaluator struct {
	config  Config
	symbols exec.Symbols
	stdio   *stdio

	// turn is held by a cell while it is compiled and joins the executor's
	// program, so that it knows all that the cells before it declare.
	turn sync.Mutex

	mu      sync.Mutex // protects what follows; not held while a cell runs
	session *session
	exec    exec.Executor
	engine  string // the executor's name
}

// A session is what the cells so far have built up.
type session struct {
	fset     *token.FileSet
	packages *packages
	origins
	imports map[string]string       // name → path; ". path" for a dot import
	scope   map[string]types.Object // what each name means now
	units   units
	count   int // cells run
	ran     []ranCell
	modules modules
}

// reset begins a new session on the executor called name.
func (e *evaluator) reset(name string) error {
	fset := token.NewFileSet()
	s := &session{
		fset:     fset,
		packages: newPackages(e.config.Library, fset),
		origins:  newOrigins(fset),
		imports:  map[string]string{},
		scope:    map[string]types.Object{},
		units:    newUnits(),
	}
	have := e.config.Library.Paths()
	for name, path := range e.config.Imports {
		if slices.Contains(have, path) {
			s.imports[name] = path
		}
	}
	x, engine, err := e.newExecutor(name, exec.Config{
		Fset: fset, Symbols: e.symbols, Packages: s.packages, Stray: e.stray,
	})
	if err != nil {
		return err
	}
	e.mu.Lock()
	old, before := e.exec, e.session
	e.session, e.exec, e.engine = s, x, engine
	e.mu.Unlock()
	if old != nil {
		return errors.Join(old.Close(), before.modules.close())
	}
	return nil
}

// commit makes the declarations of a cell those of the session.
func (s *session) commit(c *checked) {
	c.takeKeys()
	scope := c.cell.Pkg.Scope()
	maps.Copy(s.imports, c.importsToKeep())
	for _, l := range c.lost {
		l.unit.stale = true
	}
	for name := range c.frozen {
		if u := s.units.byName[name]; u != nil {
			u.stale = true
		}
	}
	for _, u := range c.again {
		u.stale = false
		if after := u.importsAfter(c.moved); after != nil {
			u.imports = after
		}
		for _, name := range u.names {
			if obj := scope.Lookup(name); obj != nil {
				s.scope[name] = obj
			}
		}
	}
	for _, name := range c.names() {
		obj := scope.Lookup(name)
		if obj == nil {
			continue
		}
		if _, isType := obj.(*types.TypeName); !isType {
			delete(s.units.methods, name)
		}
		s.scope[name] = obj
		if v, ok := obj.(*types.Var); ok {
			u := varUnit(v, c.p.text)
			s.units.keep(u)
		}
	}
	for _, d := range c.p.decls {
		if u := newUnit(d, c.p.text, c.cell.Info); len(u.names) > 0 {
			s.units.keep(u)
		}
	}
	for _, d := range c.p.funcs {
		if d.Name.Name != "_" {
			s.units.keep(newUnit(d, c.p.text, c.cell.Info))
		}
	}
}

// typeString writes a type as the user's cells would.
func typeString(t types.Type) string {
	return types.TypeString(t, qualifier)
}

func qualifier(p *types.Package) string {
	if p.Path() == cellPath {
		return ""
	}
	return p.Name()
}

// Close implements cell.Evaluator.
func (e *evaluator) Close() error {
	e.mu.Lock()
	x := e.exec
	e.exec = nil
	e.mu.Unlock()
	if x == nil {
		return nil
	}
	err := errors.Join(x.Close(), e.session.modules.close())
	e.stdio.close()
	return err
}
