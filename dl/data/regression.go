package data

// regression returns the numbers of [Regression].
func regression(n, features, seed int) (x, y []float32) {
	rng := generator(seed)
	x, y = make([]float32, n*features), make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	for i := range y {
		y[i] = float32(rng.IntN(2))
	}
	return x, y
}
