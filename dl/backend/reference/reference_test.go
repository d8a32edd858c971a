package reference

import (
	"slices"
	"testing"

	"github.com/fluxion-go/fluxion/dl/backend"
)

func buffer(v ...float32) backend.Buffer {
	b := backend.NewBuffer(backend.Float32, len(v))
	copy(backend.View[float32](b), v)
	return b
}

func TestProgram(t *testing.T) {
	// w is a state, x an input: out = x·w, and w becomes w + out.
	f32 := func(shape ...int) backend.Value { return backend.Value{DType: backend.Float32, Shape: shape} }
	p := &backend.Program{
		Values: []backend.Value{f32(2, 2), f32(2, 2), f32(2, 2), f32(2, 2)},
		Instrs: []backend.Instr{
			{Op: backend.MatMul, Attrs: backend.MatMulAttrs{}, In: []int{0, 1}, Out: []int{2}},
			{Op: backend.Add, In: []int{1, 2}, Out: []int{3}},
		},
		Inputs: []int{0}, States: []int{1}, Outputs: []int{2, 1}, Updates: []backend.Update{{State: 0, New: 3}},
	}
	x, err := Backend{}.Compile(p)
	if err != nil {
		t.Fatal(err)
	}
	in, w := buffer(1, 2, 3, 4), buffer(1, 0, 0, 2)
	out, before := buffer(0, 0, 0, 0), buffer(0, 0, 0, 0)
	if err := x.Run([]backend.Buffer{in}, []backend.Buffer{w}, []backend.Buffer{out, before}, nil); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		got  backend.Buffer
		want []float32
	}{{"out", out, []float32{1, 4, 3, 8}}, {"w before the update", before, []float32{1, 0, 0, 2}}, {"w", w, []float32{2, 4, 3, 10}}} {
		if got := backend.View[float32](c.got); !slices.Equal(got, c.want) {
			t.Errorf("%s = %v, want %v", c.name, got, c.want)
		}
	}
	done := make(chan struct{})
	close(done)
	if err := x.Run([]backend.Buffer{in}, []backend.Buffer{w}, []backend.Buffer{out, before}, done); err != backend.ErrInterrupted {
		t.Errorf("interrupted run: %v", err)
	}
	if got := backend.View[float32](w); got[0] != 2 {
		t.Errorf("an interrupted run changed a state to %v", got)
	}
}
