package cpu

import "github.com/fluxion-go/fluxion/dl/backend"

// control emits a Scan, Cond or While, and reports whether i is one. The
// programs in it are compiled like any other, and run with the team of the
// program that they are part of.
func (b *builder) control(i backend.Instr) (bool, error) {
	if i.Op == backend.Scan {
		return true, b.scan(i)
	}
	compile := func(p *backend.Program) (backend.Executable, error) {
		q := *p
		q.Precision = b.p.Precision
		return (&Backend{ks: b.ks, fuse: b.fuse, patches: b.patches}).Compile(&q)
	}
	c, err := backend.NewControl(i, b.specs(i.In), b.specs(i.Out), compile)
	if c == nil || err != nil {
		return false, err
	}
	var running *execution
	do := func(x backend.Executable, in, out []backend.Buffer) error {
		select {
		case <-running.done:
			return backend.ErrInterrupted
		default:
		}
		return x.(*executable).run(running.team, in, nil, out, running.done)
	}
	b.emitWhole(i, func(e *execution, in, out []backend.Buffer) {
		running = e
		e.failure = c.Run(in, out, do)
	})
	return true, nil
}
