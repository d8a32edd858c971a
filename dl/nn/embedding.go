package nn

import (
	"fmt"
	"math"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

type embedding struct {
	words, size int
	options     options
	w           *dl.Tensor // [words, size]
}

// Embedding returns the layer that gives for each integer from 0 to words−1
// a learned vector of this size: from [n] or [n, steps] to [n, size] or [n,
// steps, size]. Options: [Weights] (the standard normal distribution),
// [Penalise].
func Embedding(words, size int, given ...Option) Layer {
	l := &embedding{words: words, size: size}
	l.options = collect(l.String(), append([]Option{Weights(Normal(1))}, given...), "Weights", "Penalise")
	if words < 1 || size < 1 {
		panic(misuse("nn", nil, "", "%s: want at least 1 word, of size at least 1", l))
	}
	return l
}

func (l *embedding) String() string           { return fmt.Sprintf("embedding(%d, %d)", l.words, l.size) }
func (l *embedding) Parameters() []*dl.Tensor { return present(l.w) }
func (l *embedding) penalties() []*dl.Tensor  { return l.options.of(l.w) }

func (l *embedding) Apply(x *dl.Tensor) *dl.Tensor {
	if x.DType().IsFloat() {
		x = x.Cast(dl.Int64)
	}
	if l.w == nil {
		l.w = parameter(x, "weights", l.options.weights, l.words, l.size, l.words, l.size)
	}
	return l.w.Gather(x, 0)
}

// PositionalEncoding returns the layer that adds to x [n, steps, size], at step
// p, sin(p/10000^(2i/size)) to feature 2i and the cosine of the same to feature
// 2i+1, so that what follows can tell the steps apart: Vaswani and others,
// "Attention is all you need" (2017), section 3.5. The number of steps may be
// unknown until the call.
func PositionalEncoding() Layer {
	return Func("positional_encoding", func(x *dl.Tensor) *dl.Tensor {
		checkSteps(x)
		size := known(x, 2)
		rate, phase := make([]float64, size), make([]float64, size)
		for k := range size {
			rate[k] = 1 / math.Pow(10000, float64(k/2*2)/float64(size))
			phase[k] = float64(k%2) * math.Pi / 2 // cos a = sin(a + π/2)
		}
		// The angles are computed in float64, as those of late steps are large.
		angle := positions(x).Cast(dl.Float64).ExpandDims(1).Mul(dl.NewAs(dl.Float64, rate)).Add(dl.NewAs(dl.Float64, phase))
		return x.Add(angle.Sin().Cast(x.DType()))
	})
}

// positions returns 0, 1, 2, … for the steps of x [n, steps, size].
func positions(x *dl.Tensor) *dl.Tensor {
	if steps := x.Shape()[1]; steps >= 0 {
		return dl.Arange(steps)
	}
	one := x.Slice(0, dl.All, 0)
	return dl.OnesLike(one).CumSum(0).Sub(1).Cast(dl.Int64)
}

// PositionalEmbedding returns the layer that adds to x [n, steps, size] a
// learned vector for each of the first steps, at most as many as most. The number
// of steps may be unknown until the call; in a compiled function, steps beyond
// the last that was planned for are taken for it.
func PositionalEmbedding(most int) Layer {
	name := fmt.Sprintf("positional_embedding(%d)", most)
	return New(name, func(s *Scope, x *dl.Tensor) *dl.Tensor {
		checkSteps(x)
		steps := x.Shape()[1]
		if steps > most {
			panic(misuse("input", x, "", "%d steps, at most %d were planned for", steps, most))
		}
		w := s.Parameter("weights", Normal(0.02), most, known(x, 2))
		if steps < 0 {
			return x.Add(w.Gather(positions(x), 0))
		}
		return x.Add(w.Slice(dl.To(steps)))
	})
}

func checkSteps(x *dl.Tensor) {
	if x.Rank() != 3 {
		help := oneExample
		if x.Rank() > 2 {
			help = "join axes with nn.Reshape"
		} else if x.Rank() == 2 {
			help = "a recurrent layer in front must give all steps, not nn.Last(); steps of one number need an axis of features: x.ExpandDims(2)"
		}
		panic(misuse("input", x, help, "shape %s, want 3 axes, (examples, steps, features)", graph.ShapeString(x.Shape())))
	}
}
