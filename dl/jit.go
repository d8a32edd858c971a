package dl

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// A Jitted function is a Go function on tensors that is compiled for the shapes
// and dtypes that it is called with; see [Jit].
type Jitted struct {
	f        tensorFunc
	mu       sync.Mutex
	versions []*jitVersion // the most recently used first
	latest   *JitReport
	key      []byte
}

type jitVersion struct {
	key    string
	f      *Func
	report *JitReport
}

// Jit returns f, a Go function from tensors to tensors, compiled. At the first
// call with arguments of some shapes and dtypes f itself is called, once, on
// symbolic tensors, to learn what it computes; from then on the compiled
// function runs in its place. The last [MaxPlans] versions are kept.
//
//	step := dl.Jit(func(x, y *dl.Tensor) *dl.Tensor {
//		loss := x.MatMul(w).Sub(y).Square().Mean()
//		w.Assign(w.Sub(dl.Grad(loss, w).Mul(0.1)))
//		return loss
//	})
//	loss := step.Call(xs, ys)[0]
//
// What f computes from variables is computed from their values at each call, and
// Assign in f happens at the end of each call. Everything else in f happens once,
// while it is traced: Go numbers and tensors that it finds around it become
// constants, prints print once. [Jitted.Report] tells what was made a constant.
// Looking at the values of an argument, as in x.Item(), is an error with cause
// [ErrTraced].
func Jit(f any) *Jitted { return &Jitted{f: tensorFuncOf("jit", "f", f)} }

// Call runs the function on concrete tensors or Go numbers and slices. The
// results have no history. When an argument is symbolic, f itself is called, and
// becomes part of the graph.
func (j *Jitted) Call(args ...any) []*Tensor {
	for _, a := range args {
		if t, ok := a.(*Tensor); ok && t.check("jit").IsSymbolic() {
			return j.inline(args)
		}
	}
	f := j.version(args)
	outs := make([]*Tensor, len(f.f.Outputs))
	f.CallInto(outs, args...)
	return outs
}

// CallInto is Call with a place for the results; see [Func.CallInto].
func (j *Jitted) CallInto(outs []*Tensor, args ...any) { j.version(args).CallInto(outs, args...) }

func (j *Jitted) inline(args []any) []*Tensor {
	ts := make([]*Tensor, len(args))
	for i, a := range args {
		ts[i] = tensorOf("jit", a)
	}
	return j.f.of(fmt.Sprintf("%d", len(args)), ts...)
}

// Report tells what was found when the function was traced the last time, or
// nil where it was not.
func (j *Jitted) Report() *JitReport {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.latest
}

// version returns the function compiled for arguments like these.
func (j *Jitted) version(args []any) *Func {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.key = j.key[:0]
	for _, a := range args {
		if t, ok := a.(*Tensor); ok {
			j.key = appendType(j.key, t.check("jit").n.Type)
		} else {
			l := parse("jit", a)
			j.key = appendType(j.key, graph.Type{DType: l.dtype(), Shape: l.shape})
		}
	}
	for i, v := range j.versions {
		if v.key == string(j.key) {
			copy(j.versions[1:i+1], j.versions[:i])
			j.versions[0] = v
			return v.f
		}
	}
	v := j.trace(string(j.key), args)
	if len(j.versions) == MaxPlans {
		j.versions[MaxPlans-1].f.close()
		j.versions = j.versions[:MaxPlans-1]
	}
	j.versions = slices.Insert(j.versions, 0, v)
	j.latest = v.report
	return v.f
}

func appendType(key []byte, t graph.Type) []byte {
	key = append(key, byte(t.DType), byte(len(t.Shape)))
	for _, d := range t.Shape {
		key = binary.AppendUvarint(key, uint64(d))
	}
	return key
}

// trace calls f on symbolic tensors.
func (j *Jitted) trace(key string, args []any) *jitVersion {
	in := make([]*Tensor, len(args))
	for i, a := range args {
		t := graph.Type{}
		if x, ok := a.(*Tensor); ok {
			t = x.n.Type
		} else {
			l := parse("jit", a)
			t = graph.Type{DType: l.dtype(), Shape: l.shape}
		}
		t.Shape = slices.Clone(t.Shape)
		in[i] = wrap(graph.Parameter("dl.Jit", t)).Named(fmt.Sprintf("argument %d", i+1))
	}
	var out []*Tensor
	tr := runTrace(func() {
		// An assignment later on, or the end of the trace, changes what a tensor stands for.
		out = wrapAll(nodes(j.f.of(fmt.Sprintf("%d", len(args)), in...)))
	})
	f := Function(in, out, tr.updates()...)
	return &jitVersion{key, f, newReport(in, f, tr)}
}

// A JitReport tells what a function was found to depend on when [Jit] traced
// it.
type JitReport struct {
	Inputs    []*Tensor // symbolic tensors with the shapes and dtypes of the arguments
	Variables []*Tensor // their values are read at each call
	Assigned  []*Tensor // variables that each call assigns to
	Constants []*Tensor // tensors whose present elements became part of the compiled function
	Read      []*Tensor // concrete tensors at whose values Go code looked while it was traced
}

func newReport(in []*Tensor, f *Func, tr *trace) *JitReport {
	r := &JitReport{Inputs: in, Read: tr.read}
	for _, n := range graph.Order(f.roots()...) {
		switch {
		case n.State != nil:
			r.Variables = append(r.Variables, n.State.Owner.(*Tensor))
		case graph.IsCaptured(n):
			r.Constants = append(r.Constants, wrap(n))
		}
	}
	for _, a := range tr.assigned {
		r.Assigned = append(r.Assigned, a.t)
	}
	return r
}

// String returns a line for each kind of thing that the function depends on.
func (r *JitReport) String() string {
	var b strings.Builder
	line := func(what string, ts []*Tensor) {
		if len(ts) == 0 {
			return
		}
		var parts []string
		for _, t := range ts {
			name := t.Name()
			if name != "" {
				name += " "
			}
			parts = append(parts, name+t.DType().String()+" "+graph.ShapeString(t.n.Shape))
		}
		fmt.Fprintf(&b, "%s: %s\n", what, strings.Join(parts, ", "))
	}
	line("compiled for", r.Inputs)
	line("reads at each call", r.Variables)
	line("assigns at each call", r.Assigned)
	line("became constants", r.Constants)
	line("looked at while tracing", r.Read)
	return strings.TrimSuffix(b.String(), "\n")
}
