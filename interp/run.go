package interp

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"sync"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/interp/exec"
)

// Eval implements cell.Evaluator. Where the executor runs several cells at once,
// Eval may be called while other calls of it have not returned.
func (e *evaluator) Eval(ctx context.Context, req cell.Request, out cell.Output) (res cell.Result) {
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
		defer e.stdio.leave(r)
		res = r.cell(req)
		r.self.End()
		e.stdio.flush()
		switch err := r.strayed(); {
		case err == nil:
		case res.Err == nil || res.Err.Kind == cell.Interrupted:
			res = cell.Result{Err: err}
		default:
			out.Stream("stderr", err.Report())
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
	number int      // execution count
	timing bool     // the next code is measured by %timeit
	depth  int      // of files that are loaded by files
	after  []func() // what magics do when the code behind them has ended

	left bool // it has ended; protected by stdio.mu

	mu    sync.Mutex
	err   *cell.Error // of a goroutine that panicked
	ended bool
}

// cell runs one cell, magics and code in the order in which they stand.
func (r *run) cell(req cell.Request) (res cell.Result) {
	r.evaluator.mu.Lock()
	r.session.count++
	r.number = req.Count
	if r.number == 0 {
		r.number = r.session.count
	}
	r.evaluator.mu.Unlock()
	defer r.runAfter()
	res = r.part(&text{number: r.number, shown: req.Code, code: req.Code}, 0, len(req.Code))
	if res.Err == nil {
		r.remember(req.Code)
	}
	return res
}

// part runs an extent of a text.
func (r *run) part(t *text, start, end int) (res cell.Result) {
	c := splitMagics(t.only(start, len(t.code)).code[:end])
	t = &text{number: t.number, shown: t.shown, code: c.rest}
	steps := c.steps()
	if len(steps) > 1 { // nothing runs if some of it is no Go
		if err := r.parses(t); err != nil {
			return cell.Result{Err: err}
		}
	}
	for _, s := range steps {
		if err := r.ctx.Err(); err != nil {
			return cell.Result{Err: r.runError(err)}
		}
		if s.magic != nil {
			err := r.magic(*s.magic)
			if err == nil {
				continue
			}
			if err.Pos.Line == 0 {
				err.Pos, err.Source = t.pos(s.magic.offset), t.line(s.magic.offset)
			}
			return cell.Result{Err: err}
		}
		now := r.code(t.only(s.start, s.end), s.role)
		r.timing = false
		r.runAfter()
		if now.Err != nil {
			return now
		}
		if s.role == isLast {
			res = now
		}
	}
	return res
}

// runAfter does what magics have left to be done.
func (r *run) runAfter() {
	for _, f := range r.after {
		f()
	}
	r.after = nil
}

// parses reports the syntax errors of a text.
func (r *run) parses(t *text) *cell.Error {
	r.evaluator.mu.Lock()
	defer r.evaluator.mu.Unlock()
	s := r.session
	own := *s
	own.origins = newOrigins(s.fset)
	defer own.drop()
	if _, mistakes := own.parse(t); len(mistakes) > 0 {
		return joined(own.syntaxErrors(t, mistakes))
	}
	return nil
}

// code compiles and runs what a cell says in Go.
func (r *run) code(t *text, role role) cell.Result {
	r.turn.Lock()
	mine := true // whether turn is held
	release := func() {
		if mine {
			mine = false
			r.turn.Unlock()
		}
	}
	defer release()
	c, err := r.compile(t, role)
	if err != nil || c == nil {
		return cell.Result{Err: err}
	}
	for i := range c.warnings {
		r.note(strings.TrimSuffix(c.warnings[i].Report(), "\n"))
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
	kept := false
	commit := func() {
		kept = true
		r.evaluator.mu.Lock()
		defer r.evaluator.mu.Unlock()
		c.s.commit(c)
		if x.Concurrent() { // its code refers to the cell's package
			c.s.hold(c)
			unseed(c.cell.Pkg)
		}
	}
	sayImports := func() {
		if added := c.addedImports(); len(added) > 0 {
			r.stdio.flush()
			r.note("imported " + strings.Join(added, ", "))
		}
	}
	defer func() {
		if !kept {
			r.evaluator.mu.Lock()
			defer r.evaluator.mu.Unlock()
			c.s.forgetText(c.p.text)
		}
	}()
	c.cell.Loaded = func() {
		commit()
		release()
		sayImports()
	}
	if !x.Concurrent() {
		sayImports()
	}
	v, runErr := x.Run(r.ctx, c.cell)
	var refused *exec.Unsupported
	if !kept && !errors.As(runErr, &refused) {
		commit()
	}
	if runErr != nil {
		return cell.Result{Err: r.runError(runErr)}
	}
	if c.p.loop {
		r.showTiming(v)
		return cell.Result{}
	}
	if !c.hasValue || c.p.silent {
		return cell.Result{}
	}
	return r.render(v, typeString(c.typ))
}

// note tells the person something. It is no output on stderr: where a cell is
// graded, that would count as a failure.
func (r *run) note(text string) { r.out.Display(cell.Text(text), "") }

// compile parses and checks code; it returns nothing where there is none.
func (r *run) compile(t *text, role role) (*checked, *cell.Error) {
	if strings.TrimSpace(t.code) == "" {
		return nil, nil
	}
	r.evaluator.mu.Lock()
	defer r.evaluator.mu.Unlock()
	s := r.session
	s.bury()
	ok := false
	defer func() {
		if !ok {
			s.forgetText(t)
		}
	}()
	p, mistakes := s.parse(t)
	if len(mistakes) > 0 {
		return nil, joined(s.syntaxErrors(t, mistakes))
	}
	p.number = r.number
	p.loop = r.timing
	p.silent = p.silent || role == isTimed
	p.before = role == isBefore
	c, errs := s.check(p)
	if len(errs) > 0 {
		return nil, joined(errs)
	}
	ok = true
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
	r := e.stdio.runOf(self)
	if r == nil {
		return
	}
	err := r.panicError(p)
	err.Hint = strings.TrimPrefix(err.Hint+"; this happened in a goroutine of the cell", "; ")
	if self.Done() == nil {
		self = r.self
	}
	e.stdio.flush()
	if self.Whole() == r.self && r.fails(err) {
		r.cancel(err)
		return
	}
	self.Output().Stream("stderr", err.Report())
}

// fails makes err that of the cell, unless it has one or has ended.
func (r *run) fails(err *cell.Error) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil || r.ended {
		return false
	}
	r.err = err
	return true
}

func (r *run) strayed() *cell.Error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
	return r.err
}
