package boltzmann_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/nn"
	"github.com/fluxion-go/fluxion/dl/nn/boltzmann"
	"github.com/fluxion-go/fluxion/dl/opt"
)

// bits returns all vectors of n zeros and ones.
func bits(n int) [][]float64 {
	var all [][]float64
	for k := range 1 << n {
		v := make([]float64, n)
		for i := range v {
			v[i] = float64(k >> i & 1)
		}
		all = append(all, v)
	}
	return all
}

// energy is the definition.
func energy(r *boltzmann.RBM, v, h []float64) float64 {
	e := 0.0
	for i := range v {
		e -= v[i] * r.Visible.At(i)
		for j := range h {
			e -= v[i] * h[j] * r.Weights.At(i, j)
		}
	}
	for j := range h {
		e -= h[j] * r.Hidden.At(j)
	}
	return e
}

func random(visible, hidden int) *boltzmann.RBM {
	dl.Seed(3)
	r := boltzmann.NewRBM(visible, hidden)
	for _, p := range r.Parameters() {
		p.Assign(dl.Randn(p.Shape()...))
	}
	return r
}

// Free energy and conditional probabilities are what summing over all states
// gives.
func TestAgainstEnumeration(t *testing.T) {
	r := random(4, 3)
	hs := bits(3)
	for _, v := range bits(4) {
		row := dl.New([][]float64{v})
		sum, on := 0.0, make([]float64, 3)
		for _, h := range hs {
			p := math.Exp(-energy(r, v, h))
			sum += p
			for j := range h {
				on[j] += p * h[j]
			}
		}
		if got, want := r.FreeEnergy(row).Item(), -math.Log(sum); math.Abs(got-want) > 1e-5 {
			t.Errorf("the free energy of %v is %v, want %v", v, got, want)
		}
		for j, p := range r.Up(row).Float64s() {
			if math.Abs(p-on[j]/sum) > 1e-5 {
				t.Errorf("p(h%d=1|%v) is %v, want %v", j, v, p, on[j]/sum)
			}
		}
	}
	for _, h := range hs {
		sum, on := 0.0, 0.0
		for _, v := range bits(4) {
			p := math.Exp(-energy(r, v, h))
			sum, on = sum+p, on+p*v[1]
		}
		if got := r.Down(dl.New([][]float64{h})).At(0, 1); math.Abs(got-on/sum) > 1e-5 {
			t.Errorf("p(v1=1|%v) is %v, want %v", h, got, on/sum)
		}
	}
}

// Gibbs sampling reaches the distribution that the energies say.
func TestGibbs(t *testing.T) {
	r := random(3, 2)
	var want [8]float64
	sum := 0.0
	for k, v := range bits(3) {
		want[k] = math.Exp(-r.FreeEnergy(dl.New([][]float64{v})).Item())
		sum += want[k]
	}
	const n = 20000
	v := r.Gibbs(dl.Zeros(n, 3), 30).Float64s()
	var got [8]float64
	for i := range n {
		k := 0
		for a := range 3 {
			k |= int(v[3*i+a]) << a
		}
		got[k] += 1.0 / n
	}
	for k := range want {
		if p := want[k] / sum; math.Abs(got[k]-p) > 5*math.Sqrt(p*(1-p)/n)+1e-4 {
			t.Errorf("state %03b came up %.4f of the time, want %.4f", k, got[k], p)
		}
	}
}

// bars are pictures of 3×3 in which whole columns are on.
func bars() *dl.Tensor {
	var all [][]float64
	for _, c := range bits(3) {
		row := make([]float64, 9)
		for i := range row {
			row[i] = c[i%3]
		}
		all = append(all, row)
	}
	return dl.New(all)
}

// logLikelihood is the mean of log p(v), with the sum over all states.
func logLikelihood(r *boltzmann.RBM, x *dl.Tensor) float64 {
	z := r.FreeEnergy(dl.New(bits(r.Visible.Size()))).Neg().LogSumExp().Item()
	return -r.FreeEnergy(x).Mean().Item() - z
}

func TestRBMLearns(t *testing.T) {
	dl.Seed(1)
	r := boltzmann.NewRBM(9, 6)
	x := bars()
	before := logLikelihood(r, x) // 512 states at random: −log 512 = −6.24
	errs := r.Fit(x, boltzmann.Options{Epochs: 2500, Batch: 8, Steps: 5, Optimizer: opt.SGD(0.2), Seed: 1})
	// The best that there is is −log 8 = −2.08.
	if after := logLikelihood(r, x); before > -6 || after < -3 {
		t.Errorf("the log-likelihood went from %v to %v", before, after)
	}
	if last := errs[len(errs)-1]; last > 0.05 {
		t.Errorf("the reconstruction error is %v", last)
	}
}

func TestDBNLearns(t *testing.T) {
	dl.Seed(1)
	d := boltzmann.NewDBN(9, 8, 5)
	x := bars()
	errs := d.Fit(x, boltzmann.Options{Epochs: 800, Batch: 8, Optimizer: opt.SGD(0.2, opt.Momentum(0.5)), Seed: 1})
	if len(errs) != 2 || errs[0] > 0.1 || errs[1] > 0.1 {
		t.Errorf("reconstruction errors %v", errs)
	}
	// What it dreams are mostly bars: columns of one colour.
	columns := d.Sample(300, 100).Greater(0.5).Cast(dl.Float32).Reshape(-1, 3, 3)
	same := columns.Max(1).Equal(columns.Min(1)).Mean().Item()
	if same < 0.8 {
		t.Errorf("%v of the columns are of one colour, by chance 0.25", same)
	}
	// Further training with labels: how many columns are on.
	m := d.Model(4)
	y := x.Slice(dl.All, dl.To(3)).Sum(1).Cast(dl.Int64)
	m.Apply(x)
	bottom := nn.Sequential(m.Layers()[:4]...).Apply(x)
	if d := bottom.Sub(d.Up(x)).Abs().Max().Item(); d > 1e-6 {
		t.Errorf("the classifier's layers differ from the machines by %v", d)
	}
	h := m.Fit(x, y, nn.FitOptions{Epochs: 300, Batch: 8, Optimizer: opt.Adam(0.02)})
	if h.Last("loss") > 0.3 {
		t.Errorf("the classifier's loss is %v", h.Last("loss"))
	}
}

func TestMisuseAndInterrupt(t *testing.T) {
	if err := dl.Try(func() { boltzmann.NewRBM(3, 2).Fit(dl.Zeros(4, 5), boltzmann.Options{}) }); err == nil || err.Error() != "rbm: examples of shape [4 5], want [n, 3]" {
		t.Errorf("error %v", err)
	}
	if err := dl.Try(func() { boltzmann.NewDBN(3) }); err == nil || err.Error() != "dbn: layers of [3] units, want at least two" {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	cell.Enter(ctx, nil, nil, func() {
		if err := dl.Try(func() { boltzmann.NewRBM(3, 2).Fit(dl.Zeros(4, 3), boltzmann.Options{}) }); !errors.Is(err, dl.ErrInterrupted) {
			t.Errorf("error %v", err)
		}
	})
}

func ExampleRBM() {
	dl.Seed(2)
	x := dl.New([][]float64{{1, 1, 0, 0}, {0, 0, 1, 1}})
	r := boltzmann.NewRBM(4, 2)
	r.Fit(x, boltzmann.Options{Epochs: 500, Batch: 2})
	fmt.Println("it rebuilds what it saw:", r.Down(r.Up(x)).Sub(x).Abs().Max().Item() < 0.2)
	fmt.Println("and finds the rest unlikely:", r.FreeEnergy(dl.New([][]float64{{1, 0, 1, 0}})).Item() > r.FreeEnergy(x).Max().Item()+1)
	// Output:
	// it rebuilds what it saw: true
	// and finds the rest unlikely: true
}

func ExampleDBN() {
	dl.Seed(2)
	x := dl.New([][]float64{{1, 1, 0, 0}, {0, 0, 1, 1}})
	d := boltzmann.NewDBN(4, 3, 2)
	d.Fit(x, boltzmann.Options{Epochs: 300, Batch: 2})
	classifier := d.Model(2)
	classifier.Fit(x, dl.New([]int{0, 1}), nn.FitOptions{Epochs: 100, Optimizer: opt.Adam(0.05)})
	fmt.Println(classifier.Predict(x).ArgMax(1).Ints())
	// Output: [0 1]
}
