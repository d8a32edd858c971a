// Package tf is a vocabulary for readers of programs written with TensorFlow 1:
// placeholders, variables, operations that are run in a session with a feed,
// optimisers with Minimize, and the functions with which its convolutional
// networks are written. It is thin: every tensor is a [*dl.Tensor], and the
// optimisers are those of dl/opt.
//
//	x, y := tf.Placeholder(tf.Float32, -1, 784), tf.Placeholder(tf.Float32, -1, 1)
//	w, b := tf.Variable(tf.RandomNormal(784, 1)), tf.Variable(tf.Zeros(1))
//	logits := tf.Add(tf.MatMul(x, w), b)
//	cost := tf.ReduceMean(tf.SigmoidCrossEntropyWithLogits(y, logits))
//	train := tf.AdamOptimizer(0.01).Minimize(cost)
//
//	sess := tf.NewSession()
//	sess.Run(nil, tf.GlobalVariablesInitializer())
//	for range 1000 {
//		sess.Run(tf.FeedDict{x: features, y: answers}, train, cost)
//	}
//
// Images are [pictures, rows, columns, channels] here, filters [rows, columns,
// channels, filters], as in TensorFlow. dl has them in another order, and its
// compiler in the one that is fastest.
package tf
