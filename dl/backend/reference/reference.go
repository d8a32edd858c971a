// Package reference is the plain version of every operation: the shortest Go
// that computes it, for every dtype. It is the measure for faster backends,
// which may also fall back on its kernels, and it is itself a backend called
// "reference".
//
// Sums of float32 numbers are kept in float64.
package reference

import (
	"fmt"
	"maps"

	"github.com/fluxion-go/fluxion/dl/backend"
)

func init() { backend.Register(Backend{}) }

// A number is the Go type of an array's elements. Bool is held as uint8.
type number interface {
	float32 | float64 | int32 | int64 | uint8
}

type float interface{ float32 | float64 }

// A kernel computes one instruction. It may keep scratch space between calls
// and so must not be called by two goroutines at once.
type kernel = func(in, out []backend.Buffer)

// Kernel returns a function that computes instruction i for operands and
// results of the given dtypes and shapes. The result of an elementwise
// instruction may share memory with an operand of the same size. The function
// must not be called by two goroutines at once.
func Kernel(i backend.Instr, in, out []backend.Value) (func(in, out []backend.Buffer), error) {
	if len(out) != 1 {
		return nil, fmt.Errorf("%s: %d results, want 1", i.Op, len(out))
	}
	c := call{i.Op, i.Attrs, in, out[0]}
	build, ok := kernels[i.Op]
	if !ok {
		return nil, &backend.Unsupported{Backend: "reference", Op: i.Op}
	}
	if k := build(c); k != nil {
		return k, nil
	}
	why := "dtype " + out[0].DType.String()
	if len(in) > 0 {
		why = "dtype " + in[0].DType.String()
	}
	return nil, &backend.Unsupported{Backend: "reference", Op: i.Op, Why: why}
}

// A call is an instruction with what it is applied to.
type call struct {
	op    backend.Op
	attrs any
	in    []backend.Value
	out   backend.Value
}

// kernels holds for each operation the function that makes its kernel, or nil
// for operands that it does not take.
var kernels = map[backend.Op]func(call) kernel{}

// register says what makes the kernels of ops.
func register(build func(call) kernel, ops ...backend.Op) {
	for _, op := range ops {
		kernels[op] = build
	}
}

func init() {
	maps.Copy(kernels, map[backend.Op]func(call) kernel{
		backend.Where: where, backend.Cast: cast,
		backend.Reshape: reshape, backend.BroadcastTo: broadcastTo, backend.Transpose: transpose,
		backend.Slice: slice, backend.Pad: pad, backend.Concat: concat,
		backend.Gather: gather, backend.ScatterAdd: scatterAdd, backend.OneHot: oneHot,
		backend.Sum: reduce, backend.Prod: reduce, backend.Max: reduce, backend.Min: reduce,
		backend.Any: reduce, backend.All: reduce, backend.ArgMax: argReduce, backend.ArgMin: argReduce,
		backend.MatMul: matMul, backend.Softmax: softmax, backend.LogSoftmax: softmax,
		backend.SoftmaxCrossEntropy: crossEntropy, backend.SoftmaxCrossEntropyGrad: crossEntropy,
		backend.Conv2D: conv, backend.Conv2DGradInput: conv, backend.Conv2DGradWeight: conv,
		backend.MaxPool2D: maxPool, backend.MaxPool2DGrad: maxPool, backend.MaxPool2DPick: maxPool,
	})
	register(unary, unaryOps...)
	register(binary, binaryOps...)
	register(compare, comparisons...)
}

// Backend runs programs one instruction after another with the kernels of
// this package.
type Backend struct{}

// Name returns "reference".
func (Backend) Name() string { return "reference" }

// Compile implements [backend.Backend].
func (Backend) Compile(p *backend.Program) (backend.Executable, error) {
	x := &executable{p: *p, buffers: make([]backend.Buffer, len(p.Values))}
	specs := func(ids []int) []backend.Value {
		vs := make([]backend.Value, len(ids))
		for i, id := range ids {
			vs[i] = p.Values[id]
		}
		return vs
	}
	buffers := func(ids []int) []backend.Buffer { return make([]backend.Buffer, len(ids)) }
	for id, v := range p.Values {
		x.buffers[id] = v.Const
	}
	for _, i := range p.Instrs {
		c, err := backend.NewControl(i, specs(i.In), specs(i.Out), Backend{}.Compile)
		if err != nil {
			return nil, err
		}
		var k kernel
		if c == nil {
			if k, err = Kernel(i, specs(i.In), specs(i.Out)); err != nil {
				return nil, err
			}
		}
		for _, id := range i.Out {
			v := p.Values[id]
			x.buffers[id] = backend.NewBuffer(v.DType, backend.Size(v.Shape))
		}
		x.steps = append(x.steps, step{k, c, buffers(i.In), buffers(i.Out)})
	}
	for _, u := range p.Updates {
		v := p.Values[u.New]
		x.staged = append(x.staged, backend.NewBuffer(v.DType, backend.Size(v.Shape)))
	}
	return x, nil
}

type executable struct {
	p       backend.Program
	buffers []backend.Buffer // by value number
	steps   []step
	staged  []backend.Buffer // new values of states, until all outputs are written
}

type step struct {
	run     kernel
	control *backend.Control // in place of run
	in, out []backend.Buffer
}

func (x *executable) Close() {}

func (x *executable) Run(inputs, states, outputs []backend.Buffer, done <-chan struct{}) error {
	for i, id := range x.p.Inputs {
		x.buffers[id] = inputs[i]
	}
	for i, id := range x.p.States {
		x.buffers[id] = states[i]
	}
	for i, s := range x.steps {
		select {
		case <-done:
			return backend.ErrInterrupted
		default:
		}
		for j, id := range x.p.Instrs[i].In {
			s.in[j] = x.buffers[id]
		}
		for j, id := range x.p.Instrs[i].Out {
			s.out[j] = x.buffers[id]
		}
		if s.control == nil {
			s.run(s.in, s.out)
			continue
		}
		err := s.control.Run(s.in, s.out, func(body backend.Executable, in, out []backend.Buffer) error {
			select {
			case <-done:
				return backend.ErrInterrupted
			default:
			}
			return body.Run(in, nil, out, done)
		})
		if err != nil {
			return err
		}
	}
	for i, id := range x.p.Outputs {
		copy(outputs[i].Bytes(), x.buffers[id].Bytes())
	}
	for i, u := range x.p.Updates {
		copy(x.staged[i].Bytes(), x.buffers[u.New].Bytes())
	}
	for i, u := range x.p.Updates {
		copy(states[u.State].Bytes(), x.staged[i].Bytes())
	}
	return nil
}
