package reference

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/fluxion-go/fluxion/dl/backend"
)

func init() {
	register(factored(cholesky), backend.Cholesky)
	register(factored(solve), backend.Solve)
	register(factored(det), backend.Det)
	register(factored(logDet), backend.LogDet)
	register(factored(qr), backend.QR)
	register(factored(eigh), backend.Eigh)
	register(factored(svd), backend.SVD)
}

// factored makes a kernel of f, which computes the result y for one matrix of
// each operand, in float64. Where f returns false there is none.
func factored(f func(attrs any, in []*mat.Dense, y []float64) bool) func(call) kernel {
	return func(c call) kernel {
		switch c.out.DType {
		case backend.Float32:
			return factoredOf[float32](c, f)
		case backend.Float64:
			return factoredOf[float64](c, f)
		}
		return nil
	}
}

func factoredOf[T float](c call, f func(attrs any, in []*mat.Dense, y []float64) bool) kernel {
	shape := c.in[0].Shape
	batch := backend.Size(shape[:len(shape)-2])
	size := 0
	if batch > 0 {
		size = backend.Size(c.out.Shape) / batch
	}
	return func(in, out []backend.Buffer) {
		y, result := backend.View[T](out[0]), make([]float64, size)
		for b := range batch {
			ms := make([]*mat.Dense, len(in))
			empty, finite := false, true
			for i, v := range c.in {
				r, k := v.Shape[len(v.Shape)-2], v.Shape[len(v.Shape)-1]
				if r == 0 || k == 0 {
					empty = true
					continue
				}
				data := make([]float64, r*k)
				convert(data, backend.View[T](in[i])[b*r*k:][:r*k])
				for _, x := range data {
					finite = finite && x-x == 0
				}
				ms[i] = mat.NewDense(r, k, data)
			}
			clear(result)
			switch {
			case empty && c.op == backend.Det:
				result[0] = 1
			case empty && c.op == backend.LogDet:
				result[0] = 1
			case empty:
			case !finite || !f(c.attrs, ms, result): // the factorisations do not stop at what is not finite
				for i := range result {
					result[i] = math.NaN()
				}
			}
			convert(y[b*size:][:size], result)
		}
	}
}

func convert[T, F float](to []T, from []F) {
	for i, v := range from {
		to[i] = T(v)
	}
}

// symmetric returns (a + aᵀ)/2.
func symmetric(a *mat.Dense) *mat.SymDense {
	n, _ := a.Dims()
	s := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			s.SetSym(i, j, (a.At(i, j)+a.At(j, i))/2)
		}
	}
	return s
}

// put writes the first cols columns of m to y and returns what is behind them.
func put(y []float64, m mat.Matrix, cols int) []float64 {
	rows, _ := m.Dims()
	for i := range rows {
		for j := range cols {
			y[i*cols+j] = m.At(i, j)
		}
	}
	return y[rows*cols:]
}

func cholesky(_ any, in []*mat.Dense, y []float64) bool {
	var c mat.Cholesky
	if !c.Factorize(symmetric(in[0])) {
		return false
	}
	var l mat.TriDense
	c.LTo(&l)
	n, _ := l.Dims()
	put(y, &l, n)
	return true
}

func solve(attrs any, in []*mat.Dense, y []float64) bool {
	at := attrs.(backend.SolveAttrs)
	n, k := in[1].Dims()
	x := mat.NewDense(n, k, y)
	var err error
	if at.Part == backend.Whole {
		var lu mat.LU
		lu.Factorize(in[0])
		err = lu.SolveTo(x, at.Trans, in[1])
	} else {
		t := mat.NewTriDense(n, kindOf[at.Part], nil)
		for i := range n {
			for j := range n {
				if i == j || (j > i) == (at.Part == backend.Upper) {
					t.SetTri(i, j, in[0].At(i, j))
				}
			}
			if in[0].At(i, i) == 0 {
				return false
			}
		}
		err = t.SolveTo(x, at.Trans, in[1])
	}
	return solved(err)
}

var kindOf = map[backend.Triangle]mat.TriKind{backend.Lower: mat.Lower, backend.Upper: mat.Upper}

// solved reports whether a system has a solution; a badly conditioned one has.
func solved(err error) bool {
	c, ok := err.(mat.Condition)
	return err == nil || ok && !math.IsInf(float64(c), 1)
}

func det(_ any, in []*mat.Dense, y []float64) bool {
	y[0] = mat.Det(in[0])
	return true
}

func logDet(_ any, in []*mat.Dense, y []float64) bool {
	y[1], y[0] = mat.LogDet(in[0])
	if math.IsInf(y[1], -1) {
		y[0] = 0
	}
	return true
}

// qr makes the diagonal of R positive, which makes the factors unique.
func qr(_ any, in []*mat.Dense, y []float64) bool {
	var f mat.QR
	f.Factorize(in[0])
	var q, r mat.Dense
	f.QTo(&q)
	f.RTo(&r)
	m, n := in[0].Dims()
	for k := range n {
		if r.At(k, k) >= 0 {
			continue
		}
		for i := range m {
			q.Set(i, k, -q.At(i, k))
		}
		for j := range n {
			r.Set(k, j, -r.At(k, j))
		}
	}
	put(put(y, &q, n), r.Slice(0, n, 0, n), n)
	return true
}

// point turns column k of m, and of others with it, so that its greatest
// element is positive: factors that are unique but for signs become unique.
func point(k int, m *mat.Dense, others ...*mat.Dense) {
	rows, _ := m.Dims()
	top := 0.0
	for i := range rows {
		if v := m.At(i, k); math.Abs(v) > math.Abs(top) {
			top = v
		}
	}
	if top >= 0 {
		return
	}
	for _, o := range append(others, m) {
		rows, _ := o.Dims()
		for i := range rows {
			o.Set(i, k, -o.At(i, k))
		}
	}
}

func eigh(_ any, in []*mat.Dense, y []float64) bool {
	var e mat.EigenSym
	if !e.Factorize(symmetric(in[0]), true) {
		return false
	}
	n, _ := in[0].Dims()
	e.Values(y[:n])
	var v mat.Dense
	e.VectorsTo(&v)
	for k := range n {
		point(k, &v)
	}
	put(y[n:], &v, n)
	return true
}

func svd(_ any, in []*mat.Dense, y []float64) bool {
	var f mat.SVD
	if !f.Factorize(in[0], mat.SVDThin) {
		return false
	}
	var u, v mat.Dense
	f.UTo(&u)
	f.VTo(&v)
	m, n := in[0].Dims()
	k := min(m, n)
	for i := range k {
		point(i, &u, &v)
	}
	rest := put(y, &u, k)
	f.Values(rest[:k])
	put(rest[k:], &v, k)
	return true
}
