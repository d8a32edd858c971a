package data

import (
	"fmt"
	"math/rand/v2"
)

// An Augmentation changes pictures at random on their way into a batch, so that
// a network never sees quite the same one twice; see [Images.Pipeline].
type Augmentation interface {
	// String says what is done, as "flip" or "crop 4".
	String() string

	// choose draws what is done to one picture of m.
	choose(r *rand.Rand, m *Images, v *view)
	check(m *Images) error
}

// A view is how one picture is read: the value of a batch at (c, y, x) is that of
// the picture at (c, y+dy, x+dx), or at the mirrored column, as a number from
// 0 to 1, less the mean and divided by the deviation of channel c. Outside of
// the picture it is 0 before that, within a hole it is 0 after that.
type view struct {
	dy, dx          int
	mirrored        bool
	holes           []hole
	mean, deviation []float64 // by channel; nil for 0 and 1
}

// A hole is rows y0 to y1 and columns x0 to x1.
type hole struct{ y0, y1, x0, x1 int }

type flip struct{}

// Flip mirrors every second picture, left to right.
func Flip() Augmentation { return flip{} }

func (flip) String() string                          { return "flip" }
func (flip) choose(r *rand.Rand, _ *Images, v *view) { v.mirrored = r.IntN(2) == 1 }
func (flip) check(*Images) error                     { return nil }

type crop int

// Crop shifts a picture by up to pad pixels, up or down and left or right, and
// fills what comes in with black: a crop of the old size out of the picture with
// pad black pixels on each side.
func Crop(pad int) Augmentation { return crop(pad) }

func (c crop) String() string { return fmt.Sprintf("crop %d", int(c)) }

func (c crop) choose(r *rand.Rand, _ *Images, v *view) {
	v.dy, v.dx = r.IntN(2*int(c)+1)-int(c), r.IntN(2*int(c)+1)-int(c)
}

func (c crop) check(*Images) error {
	if c < 0 {
		return fmt.Errorf("a crop with %d pixels beside the picture, want 0 or more", int(c))
	}
	return nil
}

type cutout int

// Cutout sets a square of size×size pixels to 0, the mean where the pictures are
// normalised. Its centre is anywhere in the picture, so that a part of it may
// lie outside: DeVries and Taylor, "Improved regularization of convolutional
// neural networks with cutout" (2017).
func Cutout(size int) Augmentation { return cutout(size) }

func (c cutout) String() string { return fmt.Sprintf("cutout %d", int(c)) }

func (c cutout) choose(r *rand.Rand, m *Images, v *view) {
	size := int(c)
	y, x := r.IntN(m.Height)-size/2, r.IntN(m.Width)-size/2
	v.holes = append(v.holes, hole{max(y, 0), min(y+size, m.Height), max(x, 0), min(x+size, m.Width)})
}

func (c cutout) check(*Images) error {
	if c < 1 {
		return fmt.Errorf("a cutout of %d pixels, want 1 or more", int(c))
	}
	return nil
}

type normalize struct{ mean, deviation []float64 }

// Normalize takes the mean of each channel off and divides by its standard
// deviation, both of pixels from 0 to 1; see [Images.Moments].
func Normalize(mean, deviation []float64) Augmentation { return normalize{mean, deviation} }

func (normalize) String() string { return "normalize" }

func (n normalize) choose(_ *rand.Rand, _ *Images, v *view) {
	v.mean, v.deviation = n.mean, n.deviation
}

func (n normalize) check(m *Images) error {
	if len(n.mean) != m.Channels || len(n.deviation) != m.Channels {
		return fmt.Errorf("%d means and %d deviations for %d channels", len(n.mean), len(n.deviation), m.Channels)
	}
	for c, d := range n.deviation {
		if !(d > 0) {
			return fmt.Errorf("the deviation of channel %d is %g, want a number above 0", c, d)
		}
	}
	return nil
}
