package tf_test

import (
	"fmt"

	"github.com/fluxion-go/fluxion/dl/styles/tf"
)

func ExampleSession_Run() {
	x := tf.Placeholder(tf.Float32)
	w := tf.Variable(0.0, "w")
	cost := tf.Square(tf.Subtract(tf.Multiply(x, w), 6))
	train := tf.GradientDescentOptimizer(0.1).Minimize(cost)

	sess := tf.NewSession()
	sess.Run(nil, tf.GlobalVariablesInitializer())
	for range 30 {
		sess.Run(tf.FeedDict{x: 2}, train)
	}
	fmt.Printf("w = %.3f, cost %.3f\n", sess.Value(w, nil), sess.Value(cost, tf.FeedDict{x: 2}))
	// Output: w = 3.000, cost 0.000
}
