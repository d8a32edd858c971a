package reference

import "github.com/fluxion-go/fluxion/dl/backend"

func init() { register(avgPool, backend.AvgPool2D, backend.AvgPool2DGrad) }

func avgPool(c call) kernel {
	switch c.out.DType {
	case backend.Float32:
		return avgPoolOf[float32](c)
	case backend.Float64:
		return avgPoolOf[float64](c)
	}
	return nil
}

// avgPoolOf takes the mean of each window, or spreads numbers evenly over the
// windows.
func avgPoolOf[T float](c call) kernel {
	at := c.attrs.(backend.AvgPoolAttrs)
	large, small := c.in[0].Shape, c.out.Shape
	if c.op == backend.AvgPool2DGrad {
		large, small = small, large
	}
	h, w := large[2], large[3]
	return func(in, out []backend.Buffer) {
		x, y := backend.View[T](in[0]), backend.View[T](out[0])
		if c.op == backend.AvgPool2DGrad {
			clear(y)
		}
		k := 0
		for plane := range small[0] * small[1] {
			for i := range small[2] {
				top := i*at.Stride[0] - at.Pad[0]
				r0, r1 := max(top, 0), min(top+at.Size[0], h)
				for j := range small[3] {
					left := j*at.Stride[1] - at.Pad[2]
					s0, s1 := max(left, 0), min(left+at.Size[1], w)
					count := at.Size[0] * at.Size[1]
					if !at.CountPad {
						count = max(0, r1-r0) * max(0, s1-s0)
					}
					sum, share := 0.0, 0.0
					if c.op == backend.AvgPool2DGrad && count > 0 {
						share = float64(x[k]) / float64(count)
					}
					for r := r0; r < r1; r++ {
						row := (plane*h + r) * w
						for s := s0; s < s1; s++ {
							if c.op == backend.AvgPool2DGrad {
								y[row+s] += T(share)
							} else {
								sum += float64(x[row+s])
							}
						}
					}
					if c.op == backend.AvgPool2D {
						y[k] = T(sum / float64(max(count, 1)))
					}
					k++
				}
			}
		}
	}
}
