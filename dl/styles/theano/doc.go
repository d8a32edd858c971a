// Package theano is a vocabulary for readers of programs written with Theano:
// symbols, shared variables, functions with updates and givens, scan. It is thin:
// every symbol is a [*dl.Tensor], every function a [*dl.Func], and whatever dl has
// can be mixed in.
//
//	x, y := theano.Matrix("x"), theano.Vector("y")
//	w, b := theano.Shared(dl.Randn(784), "w"), theano.Shared(0.0, "b")
//	p := theano.Div(1, theano.Add(1, theano.Exp(theano.Sub(theano.Neg(theano.Dot(x, w)), b))))
//	xent := theano.BinaryCrossentropy(p, y)
//	cost := xent.Mean().Add(w.Square().Sum().Mul(0.01))
//	g := theano.Grad(cost, w, b)
//	train := theano.Function(theano.Inputs{x, y}, theano.Outputs{p.Greater(0.5), xent},
//		theano.Updates{{w, w.Sub(g[0].Mul(0.1))}, {b, b.Sub(g[1].Mul(0.1))}})
//
// Where Python has keyword arguments, there are options structs; where it has
// operators, functions and the methods of [dl.Tensor].
//
// Two things differ from Theano. Floats are float32 where the name of a symbol
// does not say otherwise, as with floatX=float32. And where Theano computes in an
// order of its own to stay exact, such as for log(1 − sigmoid(x)), dl does too.
package theano
