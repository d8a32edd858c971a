package interp

import (
	"context"
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"maps"
	"reflect"
	"slices"
	"strings"
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

	one sync.Mutex // held by the cell that runs

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
}

// reset begins a new session on the executor called name.
func (e *evaluator) reset(name string) error {
	fset := token.NewFileSet()
	s := &session{
		fset:     fset,
		packages: newPackages(e.config.Library, fset),
		origins:  origins{fset, map[*token.File]origin{}},
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
	old := e.exec
	e.session, e.exec, e.engine = s, x, engine
	e.mu.Unlock()
	if old != nil {
		return old.Close()
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
	err := x.Close()
	e.stdio.close()
	return err
}

// Eval implements cell.Evaluator.
func (e *evaluator) Eval(ctx context.Context, req cell.Request, out cell.Output) (res cell.Result) {
	e.one.Lock()
	defer e.one.Unlock()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var rep cell.Reporter
	if e.config.Reporter != nil {
		rep = e.config.Reporter(out)
	}
	defer func() {
		if v := recover(); v != nil {
			res = cell.Result{Err: internal(v)}
		}
	}()
	cell.Enter(ctx, out, rep, func() {
		r := &run{evaluator: e, ctx: ctx, cancel: cancel, self: cell.Current(), out: out}
		e.stdio.enter(r)
		res = r.cell(req)
		e.stdio.flush()
		if err := r.strayed(); err != nil && (res.Err == nil || res.Err.Kind == cell.Interrupted) {
			res = cell.Result{Err: err}
		}
	})
	return res
}

// A run is a cell while it runs.
type run struct {
	*evaluator
	ctx    context.Context
	cancel context.CancelCauseFunc
	self   *cell.Running
	out    cell.Output
	after  []func() // what magics do when the cell has ended

	mu    sync.Mutex
	err   *cell.Error // of a goroutine that panicked
	ended bool
}

// cell runs one cell.
func (r *run) cell(req cell.Request) cell.Result {
	rest, magics := splitMagics(req.Code)
	t := &text{number: req.Count, shown: req.Code, code: rest}
	for _, m := range magics {
		if err := r.magic(m); err != nil {
			err.Pos, err.Source = t.pos(m.offset), t.line(m.offset)
			return cell.Result{Err: err}
		}
	}
	defer func() {
		for _, f := range r.after {
			f()
		}
	}()
	c, err := r.compile(t)
	if err != nil || c == nil {
		return cell.Result{Err: err}
	}
	for i := range c.warnings {
		r.out.Stream("stderr", c.warnings[i].Report())
	}
	for _, note := range c.notes {
		r.note(note)
	}
	if mentionsStreams(c.cell) {
		r.stdio.touched.Store(true)
	}
	r.evaluator.mu.Lock()
	x := r.exec
	r.evaluator.mu.Unlock()
	if x == nil {
		return cell.Result{Err: &cell.Error{Kind: cell.InternalFail, Message: "the session is closed"}}
	}
	v, runErr := x.Run(r.ctx, c.cell)
	var refused *exec.Unsupported
	if !errors.As(runErr, &refused) {
		r.evaluator.mu.Lock()
		r.session.commit(c)
		r.evaluator.mu.Unlock()
		if added := c.addedImports(); len(added) > 0 {
			r.stdio.flush()
			r.note("imported " + strings.Join(added, ", "))
		}
	}
	if runErr != nil {
		return cell.Result{Err: r.runError(runErr)}
	}
	if !c.hasValue || c.p.silent {
		return cell.Result{}
	}
	return r.render(v, typeString(c.typ))
}

// note tells the person something on one line.
func (r *run) note(line string) { r.out.Stream("stderr", line+"\n") }

// compile parses and checks a cell; it returns nothing for one without code.
func (r *run) compile(t *text) (*checked, *cell.Error) {
	if strings.TrimSpace(t.code) == "" {
		return nil, nil
	}
	r.evaluator.mu.Lock()
	defer r.evaluator.mu.Unlock()
	s := r.session
	s.count++
	if t.number == 0 {
		t.number = s.count
	}
	p, mistakes := s.parse(t)
	if len(mistakes) > 0 {
		return nil, joined(s.syntaxErrors(t, mistakes))
	}
	c, errs := s.check(p)
	if len(errs) > 0 {
		return nil, joined(errs)
	}
	return c, nil
}

// render shows a value. What it calls may be the user's code, so it ends with
// the cell.
func (r *run) render(v reflect.Value, typ string) cell.Result {
	done := make(chan cell.Result, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- cell.Result{Err: r.panicError(&exec.Panic{Value: p, Text: exec.PanicText(p)})}
			}
		}()
		var value any
		if v.IsValid() && v.CanInterface() {
			value = v.Interface()
		}
		done <- cell.Result{Value: r.config.Render(value, typ)}
	}()
	select {
	case res := <-done:
		return res
	case <-r.ctx.Done():
		return cell.Result{Err: r.runError(r.ctx.Err())}
	}
}

// stray takes the panic of a goroutine that a cell has started. It ends the
// cell if that still runs, as it would end a program.
func (e *evaluator) stray(p *exec.Panic) {
	self := cell.Current()
	r := e.stdio.current()
	if r == nil {
		return
	}
	err := r.panicError(p)
	err.Hint = strings.TrimPrefix(err.Hint+"; this happened in a goroutine of the cell", "; ")
	if self.Done() == nil {
		self = r.self
	}
	e.stdio.flush()
	if self != r.self {
		self.Output().Stream("stderr", err.Report())
		return
	}
	r.mu.Lock()
	first := r.err == nil && !r.ended
	if first {
		r.err = err
	}
	r.mu.Unlock()
	self.Output().Stream("stderr", err.Report())
	r.cancel(err)
}

func (r *run) strayed() *cell.Error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
	return r.err
}
