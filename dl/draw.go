package dl

import (
	"encoding/binary"
	"errors"

	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// The functions here draw random numbers in graphs: where an operand is
// symbolic so is the result, and every call of the compiled [Function] draws
// new numbers. They are the same on any number of threads.

// RandomState returns the state of the generator. [SetRandomState] continues
// from it, so that training that is stopped and resumed draws what it would
// have drawn.
func RandomState() []byte {
	generator.Lock()
	defer generator.Unlock()
	seed, calls := graph.RandomState()
	b := binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, seed), calls)
	pcg, _ := generator.source.MarshalBinary() // has no error to return
	return append(b, pcg...)
}

// SetRandomState brings the generator into a state that [RandomState] returned.
func SetRandomState(state []byte) {
	generator.Lock()
	defer generator.Unlock()
	err := errors.New("too short")
	if len(state) >= 16 {
		err = generator.source.UnmarshalBinary(state[16:])
	}
	if err != nil {
		panic(&Error{Op: "set_random_state", Axis: -1, Msg: "this is no state of the generator", Help: "give what dl.RandomState returned", Cause: err})
	}
	graph.SetRandom(binary.LittleEndian.Uint64(state), binary.LittleEndian.Uint64(state[8:]))
}

// random draws numbers in the shape of like or, where that is not nil, in
// shape.
func random(op backend.Op, like *Tensor, d DType, shape []int) *Tensor {
	return apply(op, graph.RandomAttrs{DType: d, Shape: shape}, like)
}

// floatType returns the dtype of t if it has floats, else float32.
func (t *Tensor) floatType() DType {
	if t.n.DType.IsFloat() {
		return t.n.DType
	}
	return Float32
}

// RandLike returns numbers evenly distributed in [0, 1) in the shape of x, and
// in its dtype if that is float64, else float32.
func RandLike(x *Tensor) *Tensor {
	return random(backend.RandomUniform, x.check("rand_like"), x.floatType(), nil)
}

// RandnLike returns numbers from the normal distribution with mean 0 and
// standard deviation 1, in the shape and dtype as RandLike.
func RandnLike(x *Tensor) *Tensor {
	return random(backend.RandomNormal, x.check("randn_like"), x.floatType(), nil)
}

// drawnFor returns a and b as floats of one dtype, and numbers drawn by draw in
// shape or, where that is empty, in the shape to which a and b broadcast.
func drawnFor(op string, draw backend.Op, shape []int, a, b any) (x, y, noise *Tensor) {
	ts := together(op, a, b)
	x, y = ts[0].float(), ts[1].float()
	like := x.Add(y)
	if len(shape) == 0 {
		return x, y, random(draw, like, like.n.DType, nil)
	}
	for i, d := range shape {
		if d < 0 {
			panic(misuse(op, []*Tensor{x, y}, "dimension %d at axis %d of the shape is negative", d, i).at(i))
		}
	}
	return x, y, random(draw, like, like.n.DType, append([]int{}, shape...))
}

// Uniform returns numbers evenly distributed in [low, high), which broadcast.
// Without a shape there is one number for each element of the bounds. The
// gradient flows to the bounds.
func Uniform(low, high any, shape ...int) *Tensor {
	a, b, u := drawnFor("uniform", backend.RandomUniform, shape, low, high)
	return a.Add(b.Sub(a).Mul(u))
}

// Normal returns numbers from the normal distribution, mean + std·ε with ε from
// the standard one. mean and std broadcast; without a shape there is one number
// for each of their elements. The gradient flows to both, as in the
// reparameterization of Kingma and Welling, 2013.
func Normal(mean, std any, shape ...int) *Tensor {
	m, s, e := drawnFor("normal", backend.RandomNormal, shape, mean, std)
	return m.Add(s.Mul(e))
}

// TruncatedNormal is [Normal] without the numbers that are further than two
// standard deviations from the mean, as TensorFlow's initializers draw them.
// Each number is the inverse of the distribution function at an even random
// number: mean + std·√2·erfinv(u·erf(√2)), with u from −1 to 1.
func TruncatedNormal(mean, std any, shape ...int) *Tensor {
	const erfOfRoot2 = 0.9544997361036416 // erf(2/√2)
	m, s, u := drawnFor("truncated_normal", backend.RandomUniform, shape, mean, std)
	e := u.Mul(2).Sub(1).Mul(erfOfRoot2).ErfInv().Mul(1.4142135623730951)
	return m.Add(s.Mul(e))
}

// Gumbel returns numbers from the standard Gumbel distribution, −log(−log u),
// in the shape of x.
func Gumbel(x *Tensor) *Tensor {
	u := RandLike(x)
	// u is 0 once in 2²⁴ times.
	return u.Maximum(1e-30).Log().Neg().Log().Neg()
}

// Bernoulli returns bools that are true with probability p, a number or tensor.
// Without a shape there is one for each element of p.
func Bernoulli(p any, shape ...int) *Tensor {
	q, _, u := drawnFor("bernoulli", backend.RandomUniform, shape, p, 0.0)
	return u.Less(q)
}

// Categorical draws classes with the probabilities softmax(logits) along the
// last axis: one for each row, or n for each, along a new last axis. The result
// is int64. It takes the maximum of logits and Gumbel noise.
func Categorical(logits *Tensor, n ...int) *Tensor {
	l := logits.check("categorical").float()
	if l.Rank() == 0 {
		panic(misuse("categorical", []*Tensor{l}, "logits without axes, want the classes along the last"))
	}
	if len(n) == 0 {
		return l.Add(Gumbel(l)).ArgMax(-1)
	}
	wide := l.ExpandDims(-2)
	ones := Ones(n[0], 1).cast(l.n.DType)
	wide = wide.Mul(ones)
	return wide.Add(Gumbel(wide)).ArgMax(-1)
}

// Permutation returns the numbers from 0 to n−1 in random order, as int64.
func Permutation(n int) *Tensor {
	if n < 0 {
		panic(&Error{Op: "permutation", Axis: -1, Msg: "a negative number of elements"})
	}
	return random(backend.RandomBits, Scalar(0), Int64, []int{n}).ArgSort(0)
}

// Shuffle returns t with its parts along the first axis in random order.
func (t *Tensor) Shuffle() *Tensor {
	if t.check("shuffle").Rank() == 0 {
		panic(misuse("shuffle", []*Tensor{t}, "a tensor without axes"))
	}
	row := t
	for row.Rank() > 1 {
		row = row.Slice(All, 0)
	}
	return t.Gather(random(backend.RandomBits, row, Int64, nil).ArgSort(0), 0)
}

// Dropout returns x with each element set to 0 with probability rate and the
// others divided by 1 − rate, so that the expected value stays (Srivastava and
// others, 2014). The gradient passes through the elements that were kept.
// rate is from 0 to 1; with a rate of 0, x comes back as it is.
func Dropout(x *Tensor, rate any) *Tensor {
	r := tensorOf("dropout", rate)
	t := x.check("dropout").float()
	if !r.IsSymbolic() && r.Size() == 1 {
		switch v := r.Item(); {
		case !(v >= 0 && v <= 1):
			panic(misuse("dropout", []*Tensor{x}, "rate %g, want one from 0 to 1", v).kind(nil))
		case v == 0:
			return t
		case v == 1:
			return t.Mul(0.0)
		}
	}
	keep := r.cast(t.n.DType).Neg().Add(1)
	mask := RandLike(t).Less(keep).cast(t.n.DType)
	return t.Mul(mask.Div(keep))
}
