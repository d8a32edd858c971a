package nn

import (
	"fmt"

	"github.com/fluxion-go/fluxion/dl"
)

var normOptions = []string{"Epsilon"}

// Epsilon sets what a normalisation adds to variances, so that it never
// divides by 0.
func Epsilon(e float64) Option { return Option{"Epsilon", func(o *options) { o.epsilon = e }} }

// Momentum sets how much of the running means of [BatchNorm] each batch
// replaces.
func Momentum(m float64) Option { return Option{"Momentum", func(o *options) { o.momentum = m }} }

// scaleShift is what normalising layers multiply by and add, for each channel
// or feature.
type scaleShift struct{ scale, shift *dl.Tensor }

func (s *scaleShift) make(x *dl.Tensor, n int) {
	if s.scale == nil {
		s.scale = parameter(x, "scale", Ones, n, n, n)
		s.shift = parameter(x, "shift", Zeros, n, n, n)
	}
}

func (s *scaleShift) Parameters() []*dl.Tensor { return present(s.scale, s.shift) }

type batchNorm struct {
	scaleShift
	options        options
	mean, variance *dl.Tensor // running
}

// BatchNorm returns batch normalisation of Ioffe and Szegedy (2015): for each
// channel, axis 1 of x [n, channels, …],
//
//	y = scale·(x − mean)/√(variance + ε) + shift
//
// In training, mean and variance are those of the batch, and running ones, the
// layer's state, follow: r ← (1−m)·r + m·batch, where the variance is the
// unbiased one. In evaluation, the running ones are used. Options: [Epsilon]
// (10⁻⁵), [Momentum] m (0.1).
func BatchNorm(given ...Option) Layer {
	return &batchNorm{options: collect("batchnorm", given, "Epsilon", "Momentum")}
}

func (l *batchNorm) String() string                { return "batchnorm" }
func (l *batchNorm) State() []*dl.Tensor           { return present(l.mean, l.variance) }
func (l *batchNorm) Apply(x *dl.Tensor) *dl.Tensor { return l.ApplyIn(Evaluation(), x) }

func (l *batchNorm) ApplyIn(p *Pass, x *dl.Tensor) *dl.Tensor {
	rank := x.Rank()
	if rank < 2 {
		panic(misuse("input", x, "", "shape %v, want (examples, channels, …)", x.Shape()))
	}
	if l.mean == nil {
		n := known(x, 1)
		l.make(x, n)
		l.mean = parameter(x, "running mean", Zeros, n, n, n)
		l.variance = parameter(x, "running variance", Ones, n, n, n)
	}
	mean, variance := l.mean, l.variance
	if p.Training() {
		axes := []int{0}
		for a := 2; a < rank; a++ {
			axes = append(axes, a)
		}
		mean = x.Mean(axes...)
		variance = x.Sub(alongChannels(mean, rank)).Square().Mean(axes...)
		l.follow(p, x, mean, variance)
	}
	factor := l.scale.Div(variance.Add(l.options.epsilon).Sqrt())
	return x.Sub(alongChannels(mean, rank)).Mul(alongChannels(factor, rank)).Add(alongChannels(l.shift, rank))
}

// follow moves the running statistics towards those of a batch.
func (l *batchNorm) follow(p *Pass, x, mean, variance *dl.Tensor) {
	// How many elements a channel has is known only at the call.
	first := make([]any, x.Rank())
	for a := range first {
		first[a] = dl.All
	}
	first[1] = 0
	n := dl.OnesLike(x.Slice(first...)).Sum()
	unbiased := variance.Mul(n.Div(n.Sub(1).Maximum(1)))
	for _, s := range []struct{ running, batch *dl.Tensor }{{l.mean, mean}, {l.variance, unbiased}} {
		p.Set(s.running, p.Now(s.running).Mul(1-l.options.momentum).Add(s.batch.Mul(l.options.momentum)))
	}
}

type layerNorm struct {
	scaleShift
	options options
}

// LayerNorm returns layer normalisation of Ba, Kiros and Hinton (2016): along
// the last axis of each example,
//
//	y = scale·(x − mean)/√(variance + ε) + shift
//
// Option: [Epsilon] (10⁻⁵).
func LayerNorm(given ...Option) Layer {
	return &layerNorm{options: collect("layernorm", given, normOptions...)}
}

func (l *layerNorm) String() string { return "layernorm" }

func (l *layerNorm) Apply(x *dl.Tensor) *dl.Tensor {
	l.make(x, known(x, x.Rank()-1))
	return normalised(x, l.options.epsilon, -1).Mul(l.scale).Add(l.shift)
}

// normalised returns (x − mean)/√(variance + ε) over axes.
func normalised(x *dl.Tensor, epsilon float64, axes ...int) *dl.Tensor {
	axes = append(axes, dl.KeepDims)
	centred := x.Sub(x.Mean(axes...))
	// Dividing every element takes ten times as long as multiplying it.
	return centred.Mul(centred.Square().Mean(axes...).Add(epsilon).Rsqrt())
}

type groupNorm struct {
	scaleShift
	groups  int // 0: each channel by itself
	options options
}

// GroupNorm returns group normalisation of Wu and He (2018): the channels of
// x [n, channels, …] fall into groups, in each of which
//
//	y = scale·(x − mean)/√(variance + ε) + shift
//
// with one scale and shift for each channel. Option: [Epsilon] (10⁻⁵).
func GroupNorm(groups int, given ...Option) Layer {
	l := &groupNorm{groups: groups, options: collect(fmt.Sprintf("groupnorm(%d)", groups), given, normOptions...)}
	if groups < 1 {
		panic(misuse("nn", nil, "", "%s: want at least 1 group", l))
	}
	return l
}

// InstanceNorm returns [GroupNorm] with each channel a group of its own:
// Ulyanov, Vedaldi and Lempitsky (2016). Option: [Epsilon] (10⁻⁵).
func InstanceNorm(given ...Option) Layer {
	return &groupNorm{options: collect("instancenorm", given, normOptions...)}
}

func (l *groupNorm) String() string {
	if l.groups == 0 {
		return "instancenorm"
	}
	return fmt.Sprintf("groupnorm(%d)", l.groups)
}

func (l *groupNorm) Apply(x *dl.Tensor) *dl.Tensor {
	channels := known(x, 1)
	l.make(x, channels)
	groups := l.groups
	if groups == 0 {
		groups = channels
	}
	if channels%groups != 0 {
		panic(misuse("input", x, "", "%d channels do not fall into %d groups", channels, groups))
	}
	shape := []int{-1, channels}
	size := channels / groups
	for a := 2; a < x.Rank(); a++ {
		d := known(x, a)
		shape, size = append(shape, d), size*d
	}
	y := normalised(x.Reshape(-1, groups, size), l.options.epsilon, 2).Reshape(shape...)
	return y.Mul(alongChannels(l.scale, x.Rank())).Add(alongChannels(l.shift, x.Rank()))
}

type rmsNorm struct {
	scale   *dl.Tensor
	options options
}

// RMSNorm returns the normalisation of Zhang and Sennrich (2019): along the
// last axis of each example, y = scale·x/√(mean(x²) + ε). Option: [Epsilon]
// (10⁻⁵).
func RMSNorm(given ...Option) Layer {
	return &rmsNorm{options: collect("rmsnorm", given, normOptions...)}
}

func (l *rmsNorm) String() string           { return "rmsnorm" }
func (l *rmsNorm) Parameters() []*dl.Tensor { return present(l.scale) }

func (l *rmsNorm) Apply(x *dl.Tensor) *dl.Tensor {
	if l.scale == nil {
		n := known(x, x.Rank()-1)
		l.scale = parameter(x, "scale", Ones, n, n, n)
	}
	return x.Mul(x.Square().Mean(-1, dl.KeepDims).Add(l.options.epsilon).Rsqrt()).Mul(l.scale)
}
