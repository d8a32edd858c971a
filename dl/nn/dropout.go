package nn

import (
	"fmt"

	"github.com/fluxion-go/fluxion/dl"
)

// noise is a layer that changes its input at random in training only.
type noise struct {
	name string
	f    func(x *dl.Tensor) *dl.Tensor
}

func (l *noise) String() string                { return l.name }
func (l *noise) Parameters() []*dl.Tensor      { return nil }
func (l *noise) Apply(x *dl.Tensor) *dl.Tensor { return x }

func (l *noise) ApplyIn(p *Pass, x *dl.Tensor) *dl.Tensor {
	if p.Training() {
		return l.f(x)
	}
	return x
}

// Dropout returns the layer that, in training, sets each number to 0 with
// probability rate and divides the others by 1 − rate; in evaluation it does
// nothing. Srivastava and others, "Dropout: a simple way to prevent neural
// networks from overfitting" (2014).
func Dropout(rate float64) Layer {
	checkRate("dropout", rate)
	return &noise{fmt.Sprintf("dropout(%g)", rate), func(x *dl.Tensor) *dl.Tensor { return dl.Dropout(x, rate) }}
}

// SpatialDropout returns [Dropout] of whole channels of x [n, channels, …]:
// Tompson and others (2015).
func SpatialDropout(rate float64) Layer {
	checkRate("spatial_dropout", rate)
	return &noise{fmt.Sprintf("spatial_dropout(%g)", rate), func(x *dl.Tensor) *dl.Tensor {
		axes := []int{dl.KeepDims}
		for a := 2; a < x.Rank(); a++ {
			axes = append(axes, a)
		}
		if len(axes) == 1 {
			return dl.Dropout(x, rate)
		}
		return x.Mul(dl.Dropout(dl.OnesLike(x.Max(axes...)), rate))
	}}
}

// GaussianNoise returns the layer that, in training, adds numbers from the
// normal distribution with this standard deviation.
func GaussianNoise(std float64) Layer {
	return &noise{fmt.Sprintf("gaussian_noise(%g)", std), func(x *dl.Tensor) *dl.Tensor { return x.Add(dl.RandnLike(x).Mul(std)) }}
}

func checkRate(name string, rate float64) {
	if !(rate >= 0 && rate < 1) {
		panic(misuse("nn", nil, "", "%s(%g): want a rate of at least 0 and below 1", name, rate))
	}
}
