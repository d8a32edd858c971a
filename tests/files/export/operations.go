package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/onnx"
	"github.com/fluxion-go/fluxion/dl/safetensors"
	"github.com/fluxion-go/fluxion/tests/operations"
)

// A computation is inputs and what is computed from placeholders like them.
type computation struct {
	in  []*dl.Tensor
	out func(in []*dl.Tensor) []*dl.Tensor
}

// computations are the rows of the table of operations, in float32, and loops and
// conditions.
func computations() (map[string]computation, error) {
	all := loops()
	cases, err := operations.Cases()
	if err != nil {
		return nil, err
	}
	for i, c := range cases {
		row := operations.RowOf(c.Call)
		var in []*dl.Tensor
		for _, a := range c.In {
			x, err := a.Tensor()
			if err != nil {
				return nil, err
			}
			if x.DType() == dl.Float64 {
				x = x.Cast(dl.Float32)
			}
			in = append(in, x)
		}
		all[fmt.Sprintf("%03d %s", i, c.Call)] = computation{in, func(in []*dl.Tensor) []*dl.Tensor { return []*dl.Tensor{row(in)} }}
	}
	return all, nil
}

func loops() map[string]computation {
	rows, number := dl.Randn(5, 3), dl.New([]float32{0.5, -2, 3})
	collatz := func(in []*dl.Tensor) []*dl.Tensor {
		return dl.While(
			func(n, steps *dl.Tensor) *dl.Tensor { return n.Greater(1) },
			func(n, steps *dl.Tensor) (*dl.Tensor, *dl.Tensor) {
				half := n.Mul(0.5).Floor()
				return dl.Where(half.Mul(2).Equal(n), half, n.Mul(3).Add(1)), steps.Add(1)
			}, []any{in[0], dl.Scalar(float32(0))})
	}
	return map[string]computation{
		"while":          {[]*dl.Tensor{dl.Scalar(float32(27))}, collatz},
		"while, no step": {[]*dl.Tensor{dl.Scalar(float32(1))}, collatz},
		"while, bounded": {[]*dl.Tensor{dl.Scalar(float32(3))}, func(in []*dl.Tensor) []*dl.Tensor {
			return dl.While(func(x *dl.Tensor) *dl.Tensor { return x.Less(100) }, func(x *dl.Tensor) *dl.Tensor { return x.Square().Mul(in[0]) },
				[]any{in[0]}, dl.WhileOptions{MaxSteps: 6})
		}},
		"while, of what the condition computes too": {[]*dl.Tensor{dl.Scalar(float32(1))}, func(in []*dl.Tensor) []*dl.Tensor {
			twice := func(x *dl.Tensor) *dl.Tensor { return x.Mul(2) }
			return dl.While(func(x *dl.Tensor) *dl.Tensor { return twice(x).Less(50) }, func(x *dl.Tensor) *dl.Tensor { return twice(x).Add(in[0]) }, []any{in[0]})
		}},
		"cond, yes": {[]*dl.Tensor{number}, branches},
		"cond, no":  {[]*dl.Tensor{number.Neg()}, branches},
		"scan of steps": {[]*dl.Tensor{number}, func(in []*dl.Tensor) []*dl.Tensor {
			return dl.Scan(func(x *dl.Tensor) (*dl.Tensor, *dl.Tensor) { return x.Mul(0.5).Add(in[0]), x.Sum() },
				dl.ScanOptions{States: []dl.State{{Initial: in[0]}}, Steps: 4})
		}},
		"scan with taps": {[]*dl.Tensor{rows}, func(in []*dl.Tensor) []*dl.Tensor {
			return dl.Scan(func(x, back, a, b *dl.Tensor) *dl.Tensor { return x.Sub(back).Add(a.Mul(0.5)).Add(b.Tanh()) },
				dl.ScanOptions{Sequences: []dl.Sequence{{X: in[0], Taps: []int{0, -1}}}, States: []dl.State{{Initial: in[0].Slice(dl.To(2)), Taps: []int{-2, -1}}}})
		}},
		"scan backwards, with a condition": {[]*dl.Tensor{rows}, func(in []*dl.Tensor) []*dl.Tensor {
			return dl.Scan(func(x, h *dl.Tensor) *dl.Tensor {
				return dl.Cond(x.Sum().Greater(0), func() *dl.Tensor { return h.Add(x) }, func() *dl.Tensor { return h.Mul(x) })[0]
			}, dl.ScanOptions{Sequences: []dl.Sequence{{X: in[0]}}, States: []dl.State{{Initial: dl.Ones(3)}}, Backwards: true})
		}},
	}
}

// branches has an operation that stands outside and in both branches.
func branches(in []*dl.Tensor) []*dl.Tensor {
	sum := in[0].Sum()
	twice := in[0].Mul(2)
	out := dl.Cond(sum.Greater(0),
		func() (*dl.Tensor, *dl.Tensor) { return twice.Exp(), twice.Sum() },
		func() (*dl.Tensor, *dl.Tensor) { return twice.Abs(), sum })
	return append(out, twice.Add(1))
}

// exportOperations writes a file for each computation that dl compiles and ONNX
// has, and list.json, which names the files and says what was refused and why.
func exportOperations(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	all, err := computations()
	if err != nil {
		return err
	}
	var list struct {
		Files   [][2]string
		Refused map[string]string
	}
	list.Refused = map[string]string{}
	for name, c := range all {
		var inputs, outputs []*dl.Tensor
		for i, x := range c.in {
			inputs = append(inputs, dl.Placeholder(fmt.Sprintf("input%d", i+1), x.DType(), x.Shape()...))
		}
		if err := dl.Try(func() { outputs = c.out(inputs) }); err != nil {
			continue // what depends on the values of its operands has no function
		}
		file, err := onnx.Encode(inputs, outputs)
		var refused onnx.Unsupported
		switch {
		case errors.As(err, &refused):
			list.Refused[name] = err.Error()
			continue
		case err != nil:
			return fmt.Errorf("%s: %w", name, err)
		}
		arrays := map[string]*dl.Tensor{}
		for i, x := range c.in {
			arrays[fmt.Sprintf("input%d", i+1)] = x
		}
		for i, y := range dl.Function(inputs, outputs).Call(tensors(c.in)...) {
			arrays[fmt.Sprintf("output%d", i+1)] = y
		}
		path := filepath.Join(dir, fmt.Sprintf("%03d", len(list.Files)))
		list.Files = append(list.Files, [2]string{filepath.Base(path), name})
		if err := os.WriteFile(path+".onnx", file, 0o644); err != nil {
			return err
		}
		if err := safetensors.WriteFile(path+".safetensors", &safetensors.File{Tensors: arrays}); err != nil {
			return err
		}
	}
	slices.SortFunc(list.Files, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	text, err := json.MarshalIndent(list, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "list.json"), text, 0o644)
}

func tensors(list []*dl.Tensor) []any {
	out := make([]any, len(list))
	for i, x := range list {
		out[i] = x
	}
	return out
}
