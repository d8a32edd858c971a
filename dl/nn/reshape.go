package nn

import (
	"fmt"
	"strings"

	"github.com/fluxion-go/fluxion/dl"
)

// Flatten returns the layer that joins all axes but the first.
func Flatten() Layer { return Func("flatten", (*dl.Tensor).Flatten) }

// Reshape returns the layer that gives each example the given shape, in which
// one length may be −1, to be computed where the others are known.
func Reshape(shape ...int) Layer {
	return Func("reshape("+list(shape)+")", func(x *dl.Tensor) *dl.Tensor {
		to, size, open := append([]int{-1}, shape...), 1, -1
		for i, d := range shape {
			if d < 0 {
				open = i
			} else {
				size *= d
			}
		}
		if open >= 0 {
			all := 1
			for a := 1; a < x.Rank(); a++ {
				all *= known(x, a)
			}
			if size == 0 || all%size != 0 {
				panic(misuse("input", x, "", "%d numbers an example do not fill the shape (%s)", all, list(shape)))
			}
			to[open+1] = all / size
		}
		return x.Reshape(to...)
	})
}

// Permute returns the layer that puts the axes of each example into another
// order: axes count from 1, as axis 0 counts the examples and stays.
func Permute(order ...int) Layer {
	return Func("permute("+list(order)+")", func(x *dl.Tensor) *dl.Tensor {
		return x.Transpose(append([]int{0}, order...)...)
	})
}

// ZeroPad2D returns the layer that puts rows and columns of zeros around
// images [n, channels, height, width].
func ZeroPad2D(top, bottom, left, right int) Layer {
	return Func(fmt.Sprintf("zeropad2d(%d, %d, %d, %d)", top, bottom, left, right), func(x *dl.Tensor) *dl.Tensor {
		checkAxes(x, 2)
		return x.Pad([2]int{}, [2]int{}, [2]int{top, bottom}, [2]int{left, right})
	})
}

// list writes numbers with commas between.
func list(numbers []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(numbers), " ", ", "), "[]")
}

type residual struct {
	parent
	inner Layer
}

// Residual returns the layer x + f(x), where f applies the layers one after
// another: He, Zhang, Ren and Sun, "Deep residual learning for image
// recognition" (2016). What f gives must have the shape of x, or broadcast
// with it.
func Residual(layers ...Layer) Layer {
	m := Sequential(layers...)
	return &residual{parent: parent{layers: m.Layers()}, inner: m}
}

func (l *residual) String() string                { return "residual" }
func (l *residual) Apply(x *dl.Tensor) *dl.Tensor { return l.ApplyIn(Evaluation(), x) }

func (l *residual) ApplyIn(p *Pass, x *dl.Tensor) *dl.Tensor { return x.Add(p.Apply(l.inner, x)) }
