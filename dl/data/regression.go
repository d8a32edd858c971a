package data

import "github.com/fluxion-go/fluxion/dl"

// Regression returns the synthetic data of the Theano tutorial's logistic
// regression, of which it takes n to be 400 and features 784: x [n, features]
// from the standard normal distribution and targets y [n], 0 or 1 at random,
// both float32. Nothing connects y to x, but with fewer examples than features
// a hyperplane separates the two classes all the same.
func Regression(n, features, seed int) (x, y *dl.Tensor) {
	rng := generator(seed)
	xs, ys := make([]float32, n*features), make([]float32, n)
	for i := range xs {
		xs[i] = float32(rng.NormFloat64())
	}
	for i := range ys {
		ys[i] = float32(rng.IntN(2))
	}
	return dl.New(xs, n, features), dl.New(ys)
}
