package reference

import "github.com/fluxion-go/fluxion/dl/backend"

func matMul(c call) kernel {
	switch c.out.DType {
	case backend.Float32:
		return matMulOf[float32, float64](c)
	case backend.Float64:
		return matMulOf[float64, float64](c)
	case backend.Int32:
		return matMulOf[int32, int64](c)
	case backend.Int64:
		return matMulOf[int64, int64](c)
	case backend.Uint8:
		return matMulOf[uint8, int64](c)
	}
	return nil
}

// matMulOf multiplies matrices of T with sums kept in A.
func matMulOf[T number, A float64 | int64](c call) kernel {
	at, _ := c.attrs.(backend.MatMulAttrs)
	sa, sb, so := c.in[0].Shape, c.in[1].Shape, c.out.Shape
	r := len(so)
	m, n, k := so[r-2], so[r-1], sa[len(sa)-1]
	am, ak := k, 1 // strides of the left operand's row and column
	if at.TransA {
		k = sa[len(sa)-2]
		am, ak = 1, m
	}
	bk, bn := n, 1
	if at.TransB {
		bk, bn = 1, k
	}
	batch := so[:r-2]
	walk := newNest(append(append([]int{}, batch...), 1),
		append(scale(rowMajor(batch), m*n), 0),
		append(scale(broadcastStrides(sa[:len(sa)-2], batch), m*k), 0),
		append(scale(broadcastStrides(sb[:len(sb)-2], batch), k*n), 0))
	length := walk.length()
	row := make([]A, n)
	return func(in, out []backend.Buffer) {
		a, b, y := backend.View[T](in[0]), backend.View[T](in[1]), backend.View[T](out[0])
		walk.rows(func(o []int) {
			for l := range length {
				a, b, y := a[o[1]+l*walk.step(1):], b[o[2]+l*walk.step(2):], y[o[0]+l*walk.step(0):]
				for i := range m {
					clear(row)
					for p := range k {
						v := A(a[i*am+p*ak])
						for j := range row {
							row[j] += v * A(b[p*bk+j*bn])
						}
					}
					for j, v := range row {
						y[i*n+j] = T(v)
					}
				}
			}
		})
	}
}

func scale(s []int, by int) []int {
	for i := range s {
		s[i] *= by
	}
	return s
}
