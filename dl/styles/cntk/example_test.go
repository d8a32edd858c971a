package cntk_test

import (
	"fmt"

	"github.com/fluxion-go/fluxion/dl/styles/cntk"
)

func ExampleTrainer() {
	input, label := cntk.InputVariable(1), cntk.InputVariable(1)
	w, b := cntk.Parameter(0.0, 1, 1), cntk.Parameter(0.0, 1)
	z := cntk.Plus(cntk.Times(input, w), b)
	loss := cntk.SquaredError(z, label)
	trainer := cntk.NewTrainer(z, loss, loss, cntk.SGD(cntk.Parameters(z), 0.1))
	for range 200 {
		trainer.TrainMinibatch(cntk.Minibatch{input: [][]float64{{1}, {2}, {3}}, label: [][]float64{{3}, {5}, {7}}})
	}
	fmt.Printf("%.2f·x + %.2f\n", w.Item(), b.Item())
	// Output: 2.00·x + 1.00
}
