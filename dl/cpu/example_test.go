package cpu_test

import (
	"fmt"

	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/cpu"
)

// A program that counts: it gives state·2 and adds 1 to the state.
func Example() {
	one, two := backend.NewBuffer(backend.Float32, 1), backend.NewBuffer(backend.Float32, 1)
	backend.View[float32](one)[0], backend.View[float32](two)[0] = 1, 2
	scalar := backend.Value{DType: backend.Float32}
	p := &backend.Program{
		Values: []backend.Value{scalar, {DType: backend.Float32, Const: one}, {DType: backend.Float32, Const: two}, scalar, scalar},
		States: []int{0},
		Instrs: []backend.Instr{
			{Op: backend.Mul, In: []int{0, 2}, Out: []int{3}},
			{Op: backend.Add, In: []int{0, 1}, Out: []int{4}},
		},
		Outputs: []int{3},
		Updates: []backend.Update{{State: 0, New: 4}},
	}
	x, err := cpu.New().Compile(p)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer x.Close()
	state, out := backend.NewBuffer(backend.Float32, 1), backend.NewBuffer(backend.Float32, 1)
	for range 3 {
		if err := x.Run(nil, []backend.Buffer{state}, []backend.Buffer{out}, nil); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(backend.View[float32](out)[0])
	}
	// Output:
	// 0
	// 2
	// 4
}
