package theano_test

import (
	"fmt"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/styles/theano"
)

func ExampleFunction() {
	x := theano.Scalar("x")
	total := theano.Shared(0.0, "total")
	add := theano.Function(theano.Inputs{x}, theano.Outputs{total}, theano.Updates{{total, theano.Add(total, x)}})
	add.Call(3)
	before := add.Call(4)[0]
	fmt.Println(before.Item(), theano.GetValue(total).Item())
	// Output: 3 7
}

func ExampleGivens() {
	x, i := theano.Vector("x"), theano.LScalar("i")
	data := theano.Shared([]float64{1, 2, 3, 4}, "data")
	pair := dl.Arange(2).Add(i.Mul(2))
	sum := theano.Function(theano.Inputs{i}, theano.Outputs{x.Sum()}, theano.Givens{x: data.Gather(pair, 0)})
	fmt.Println(sum.Call(0)[0].Item(), sum.Call(1)[0].Item())
	// Output: 3 7
}

func ExampleScan() {
	// A polynomial by Horner's rule, as in Theano's tutorial.
	coefficients, x := theano.Vector("coefficients"), theano.Scalar("x")
	values := theano.Scan(
		func(c, before, x *theano.Variable) *theano.Variable { return theano.Add(theano.Mul(before, x), c) },
		theano.ScanOptions{
			Sequences: []dl.Sequence{{X: coefficients}}, OutputsInfo: []dl.State{{Initial: 0}},
			NonSequences: []*theano.Variable{x},
		})[0]
	polynomial := theano.Function(theano.Inputs{coefficients, x}, theano.Outputs{values.Index(-1)})
	fmt.Println(polynomial.Call([]float64{1, 0, 2}, 3)[0].Item()) // x² + 2
	// Output: 11
}
