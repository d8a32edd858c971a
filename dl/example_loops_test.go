package dl_test

import (
	"fmt"

	"github.com/fluxion-go/fluxion/dl"
)

func ExampleScan() {
	// A savings account: each month a payment, and one per cent of interest.
	payments := dl.New([]float64{100, 100, 50})
	balance := dl.Scan(func(payment, before *dl.Tensor) *dl.Tensor {
		return before.Mul(1.01).Add(payment)
	}, dl.ScanOptions{Sequences: []dl.Sequence{{X: payments}}, States: []dl.State{{Initial: 0}}})[0]
	fmt.Println(balance)
	// Output: [100.   201.   253.01]  (3) float32
}

func ExampleScan_taps() {
	fibonacci := dl.Scan(func(a, b *dl.Tensor) *dl.Tensor { return a.Add(b) }, dl.ScanOptions{
		States: []dl.State{{Initial: []int{0, 1}, Taps: []int{-2, -1}}},
		Steps:  8,
	})[0]
	fmt.Println(fibonacci)
	// Output: [ 1  2  3  5  8 13 21 34]  (8) int64
}

func ExampleCond() {
	x := dl.Placeholder("x", dl.Float32)
	y := dl.Cond(x.Greater(0),
		func() *dl.Tensor { return x.Log() },
		func() *dl.Tensor { return x.Neg() })[0]
	slope := dl.Grad(y, x)
	for _, v := range []float64{2, -2} {
		fmt.Println(dl.Eval(slope, dl.Feed{x: v}).Item())
	}
	// Output:
	// 0.5
	// -1
}

func ExampleWhile() {
	// How often can 1000 be halved before it is below 1?
	out := dl.While(
		func(x, n *dl.Tensor) *dl.Tensor { return x.GreaterEqual(1) },
		func(x, n *dl.Tensor) (nextX, nextN *dl.Tensor) { return x.Div(2), n.Add(1) },
		[]any{1000.0, 0})
	fmt.Println(out[1].Item())
	// Output: 10
}

func ExampleJit() {
	w := dl.Variable(0.0, "w")
	step := dl.Jit(func(x, y *dl.Tensor) *dl.Tensor {
		loss := x.Mul(w).Sub(y).Square().Mean()
		w.Assign(w.Sub(dl.Grad(loss, w).Mul(0.1)))
		return loss
	})
	xs, ys := dl.New([]float64{1, 2}), dl.New([]float64{3, 6})
	for range 40 {
		step.Call(xs, ys)
	}
	fmt.Printf("w = %.3f\n", w.Item())
	fmt.Println(step.Report())
	// Output:
	// w = 3.000
	// compiled for: argument 1 float32 (2), argument 2 float32 (2)
	// reads at each call: w float32 ()
	// assigns at each call: w float32 ()
}

func ExampleJacobian() {
	x := dl.Variable([]float64{1, 2, 3}, "x")
	fmt.Println(dl.Jacobian(x.Square(), x))
	// Output:
	// [[2. 0. 0.]
	//  [0. 4. 0.]
	//  [0. 0. 6.]]  (3, 3) float32
}

func ExampleHVP() {
	x := dl.Variable([]float64{1, 2}, "x")
	y := x.Pow(3).Sum() // with the Hessian [[6 0] [0 12]]
	fmt.Println(dl.HVP(y, x, []float64{1, 1}))
	// Output: [ 6. 12.]  (2) float32
}

func ExampleCustomGrad() {
	// Rounding has no useful derivative; the straight-through estimator takes 1.
	round := dl.CustomGrad(
		func(x *dl.Tensor) *dl.Tensor { return x.Round() },
		func(x, y, g *dl.Tensor) *dl.Tensor { return g })
	x := dl.Variable(2.7, "x")
	y := round(x)
	fmt.Println(y.Item(), dl.Grad(y, x).Item())
	// Output: 3 1
}

func ExampleGradCheck() {
	wrong := dl.CustomGrad(
		func(x *dl.Tensor) *dl.Tensor { return x.Square() },
		func(x, y, g *dl.Tensor) *dl.Tensor { return g.Mul(x) }) // forgot the 2
	err := dl.GradCheck(func(x *dl.Tensor) *dl.Tensor { return wrong(x).Sum() }, []*dl.Tensor{dl.New([]float64{4})})
	fmt.Printf("%.50s…\n", err)
	// Output: gradcheck: the derivative by element 0 of operand …
}

func ExampleReplace() {
	x, w := dl.Placeholder("x", dl.Float32, -1), dl.Variable(2.0, "w")
	y := x.Mul(w).Sum()
	data := dl.New([]float64{1, 2, 3, 4})
	i := dl.Placeholder("i", dl.Int64, -1)
	f := dl.Function([]*dl.Tensor{i}, dl.Replace([]*dl.Tensor{y}, dl.Feed{x: data.Gather(i, 0)}))
	fmt.Println(f.Call([]int{0, 3})[0].Item())
	// Output: 10
}

func ExampleTrace() {
	x := dl.Placeholder("x", dl.Float32, -1)
	f := dl.Function([]*dl.Tensor{x}, []*dl.Tensor{x.Mul(2).Add(1).Tanh()})
	for _, s := range dl.Trace(f, dl.Zeros(1000)).Steps {
		fmt.Println(s.Fused, s.Place)
	}
	// Output: [mul add tanh] output
}

func ExampleVariables() {
	w, b := dl.Variable(dl.Ones(3), "w"), dl.Variable(0.0, "b")
	x := dl.Placeholder("x", dl.Float32, 3)
	for _, v := range dl.Variables(x.Mul(w).Sum().Add(b)) {
		fmt.Println(v.Name())
	}
	// Output:
	// w
	// b
}
