package cpu

import (
	"errors"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/backend/plan"
)

// TestThreads runs the same steps on one to five goroutines: every bit must
// agree.
func TestThreads(t *testing.T) {
	programs := map[string]*maker{
		"network":  network{batch: 8, size: 16, channels: 3, filters1: 16, filters2: 32, dense: 300, classes: 10}.train(0.1, 0.9),
		"logistic": logistic(400, 784),
		"apart":    recurrence(6, 33, 40, true, "", false),
		"summed":   recurrence(6, 33, 40, false, "", true),
	}
	for name, m := range programs {
		for kind, b := range m.backends() {
			if !b.fuse {
				continue
			}
			var first []byte
			for threads := 1; threads <= 5; threads++ {
				old := runtime.GOMAXPROCS(threads)
				r, err := m.run(b, 3)
				runtime.GOMAXPROCS(old)
				if err != nil {
					t.Fatal(err)
				}
				var all []byte
				for _, b := range append(r.outputs, r.states...) {
					all = append(all, b.Bytes()...)
				}
				if first == nil {
					first = all
				}
				if !slices.Equal(all, first) {
					t.Errorf("%s, %s: %d threads give other numbers than 1", name, kind, threads)
				}
			}
		}
	}
}

func TestNoAllocation(t *testing.T) {
	for name, m := range map[string]*maker{
		"network":  network{batch: 4, size: 16, channels: 3, filters1: 16, filters2: 16, dense: 100, classes: 10}.train(0.1, 0.9),
		"logistic": logistic(40, 80),
		"apart":    recurrence(6, 33, 40, true, "", false),
		"summed":   recurrence(6, 33, 40, false, "", true),
		"bfloat16": smallNetwork(),
	} {
		x, err := New().Compile(&m.p)
		if err != nil {
			t.Fatal(err)
		}
		var out []backend.Buffer
		for _, v := range m.p.Outputs {
			out = append(out, backend.NewBuffer(backend.Float32, backend.Size(m.p.Values[v].Shape)))
		}
		run := func() {
			if err := x.Run(m.in, m.st, out, nil); err != nil {
				t.Fatal(err)
			}
		}
		run()
		if n := testing.AllocsPerRun(20, run); n != 0 {
			t.Errorf("%s: %v allocations a run, want none", name, n)
		}
		x.Close()
	}
}

func TestInterrupt(t *testing.T) {
	m := logistic(40, 80)
	x, err := New().Compile(&m.p)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	done := make(chan struct{})
	close(done)
	before := clones(m.st)
	err = x.Run(m.in, m.st, []backend.Buffer{backend.NewBuffer(backend.Float32, 1)}, done)
	if !errors.Is(err, backend.ErrInterrupted) {
		t.Errorf("error %v, want %v", err, backend.ErrInterrupted)
	}
	for i := range before {
		if !slices.Equal(before[i].Bytes(), m.st[i].Bytes()) {
			t.Errorf("state %d has changed", i)
		}
	}
}

// TestCommit holds that a run cannot be interrupted once it has written a
// state.
func TestCommit(t *testing.T) {
	mixed := newMaker(1) // steps with as many units that write states and that do not
	a, x := mixed.state(300), mixed.input(backend.Float32, 300)
	mixed.update(a, mixed.op(backend.Add, nil, []int{300}, a, x))
	mixed.output(mixed.op(backend.Exp, nil, []int{300}, x))
	for name, m := range map[string]*maker{"logistic": logistic(40, 80), "mixed": mixed} {
		x, err := New().Compile(&m.p)
		if err != nil {
			t.Fatal(err)
		}
		written := 0
		for _, g := range x.(*executable).groups {
			if written > 0 && !g.commit {
				t.Errorf("%s: a group that can be interrupted comes after one that writes states", name)
			}
			for _, s := range g.steps {
				for _, v := range s.out {
					if x.(*executable).places[v].Kind == plan.State {
						written++
						if !g.commit {
							t.Errorf("%s: a group that writes states can be interrupted", name)
						}
					}
				}
			}
		}
		if written == 0 {
			t.Errorf("%s: no state is written in place", name)
		}
		x.Close()
	}
}

// TestUpdates has updates whose order matters: all new values come from the
// old states, and outputs too.
func TestUpdates(t *testing.T) {
	shape := []int{3000}
	add := func(m *maker, x, y int) int { return m.op(backend.Add, nil, shape, x, y) }
	for name, build := range map[string]func(m *maker){
		"exchange": func(m *maker) {
			a, b := m.state(shape...), m.state(shape...)
			m.update(a, b)
			m.update(b, a)
		},
		"crossed": func(m *maker) {
			a, b := m.state(shape...), m.state(shape...)
			one := m.constant(1)
			m.update(a, add(m, b, one))
			m.update(b, add(m, a, one))
		},
		"old value is an output": func(m *maker) {
			a := m.state(shape...)
			m.update(a, add(m, a, m.constant(1)))
			m.output(a)
		},
		"new value is an output": func(m *maker) {
			a := m.state(shape...)
			v := add(m, a, m.constant(1))
			m.update(a, v)
			m.output(v, v)
		},
		"new value is read": func(m *maker) {
			a, b := m.state(shape...), m.state(shape...)
			v := add(m, a, m.constant(1))
			m.update(a, v)
			m.update(b, m.op(backend.Mul, nil, shape, m.op(backend.Transpose, backend.TransposeAttrs{Perm: []int{0}}, shape, v), b))
		},
		"one value for two states": func(m *maker) {
			a, b := m.state(shape...), m.state(shape...)
			v := add(m, a, b)
			m.update(a, v)
			m.update(b, v)
		},
		"state turned over": func(m *maker) {
			a := m.state(40, 40)
			turned := m.op(backend.Transpose, backend.TransposeAttrs{Perm: []int{1, 0}}, []int{40, 40}, a)
			m.update(a, m.op(backend.Sub, nil, []int{40, 40}, a, turned))
		},
		"state broadcast over itself": func(m *maker) {
			a := m.state(1, 40)
			b := m.state(40, 40)
			m.update(b, m.op(backend.Mul, nil, []int{40, 40}, b, a))
			m.update(a, m.op(backend.Sum, backend.ReduceAttrs{Axes: []int{0}, Keep: true}, []int{1, 40}, b))
		},
		"operand read again": func(m *maker) {
			a := m.state(shape...)
			e := m.op(backend.Exp, nil, shape, a)
			m.update(a, m.op(backend.Div, nil, shape, e, a))
			m.output(m.op(backend.Sqrt, nil, shape, e))
		},
		"input and constant as values": func(m *maker) {
			a, b := m.state(shape...), m.state()
			in, c := m.input(backend.Float32, shape...), m.constant(3)
			m.update(a, in)
			m.update(b, c)
			m.output(in, c)
		},
		"state broadcast over another": func(m *maker) {
			a, b := m.state(700, 700), m.state(700)
			m.update(a, m.op(backend.Add, nil, []int{700, 700}, m.op(backend.Exp, nil, []int{700, 700}, a), b))
			m.update(b, m.op(backend.Add, nil, []int{700}, b, m.constant(1)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMaker(1)
			build(m)
			m.check(t, 1e-6)
		})
	}
}

// TestGroups has steps with as many units that must not be run piece by piece
// together.
func TestGroups(t *testing.T) {
	matrix, row := []int{700, 700}, []int{700}
	for name, build := range map[string]func(m *maker){
		"broadcast of a result": func(m *maker) {
			v := m.op(backend.Exp, nil, row, m.input(backend.Float32, row...))
			m.output(m.op(backend.Add, nil, matrix, m.op(backend.Exp, nil, matrix, m.input(backend.Float32, matrix...)), v))
		},
		"sum of a result": func(m *maker) {
			v := m.op(backend.Exp, nil, matrix, m.input(backend.Float32, matrix...))
			m.output(m.op(backend.Sqrt, nil, row, m.op(backend.Sum, backend.ReduceAttrs{Axes: []int{0}}, row, v)))
		},
		"product of a result": func(m *maker) {
			v := m.op(backend.Exp, nil, row, m.input(backend.Float32, row...))
			column := m.op(backend.Reshape, nil, []int{700, 1}, v)
			m.output(m.op(backend.MatMul, backend.MatMulAttrs{}, []int{700, 1}, m.input(backend.Float32, matrix...), column))
			m.output(m.op(backend.MatMul, backend.MatMulAttrs{TransA: true}, []int{700, 1}, m.input(backend.Float32, matrix...), column))
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMaker(1)
			build(m)
			m.check(t, 1e-5)
		})
	}
}

// TestManyRuns runs executables from several goroutines at once, of which only
// one has helpers.
func TestManyRuns(t *testing.T) {
	m := logistic(400, 784)
	want, err := m.run(New(), 2)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 10 {
				got, err := m.run(New(), 2)
				if err != nil {
					t.Error(err)
					return
				}
				if !slices.Equal(got.states[0].Bytes(), want.states[0].Bytes()) {
					t.Error("a run at the same time as others gives other numbers")
				}
			}
		})
	}
	all.Wait()
}

// TestPieces has teams of several sizes do jobs of many pieces, and counts that
// each was done once.
func TestPieces(t *testing.T) {
	tm := takeTeam()
	defer tm.release()
	defer tm.resize(tm.size)
	for _, size := range []int{1, 2, 5} {
		tm.resize(size)
		for _, pieces := range []int{0, 1, 2, 7, 64, 1000} {
			for range 20 {
				done := make([]atomic.Int32, pieces)
				tm.backwards = !tm.backwards
				tm.do(pieces, func(_ *worker, lo, hi int) {
					for i := lo; i < hi; i++ {
						done[i].Add(1)
					}
				})
				for i := range done {
					if n := done[i].Load(); n != 1 {
						t.Fatalf("%d goroutines did piece %d of %d %d times, want once", size, i, pieces, n)
					}
				}
			}
		}
	}
}

// TestShare checks that the last pieces of a share are taken one by one.
func TestShare(t *testing.T) {
	for _, backwards := range []bool{false, true} {
		s := share{first: 100, count: 20, backwards: backwards}
		var got [][2]int
		for lo, hi := s.take(); lo < hi; lo, hi = s.take() {
			got = append(got, [2]int{lo, hi})
		}
		want := [][2]int{{100, 110}, {110, 115}, {115, 118}, {118, 119}, {119, 120}}
		if backwards {
			want = [][2]int{{110, 120}, {105, 110}, {102, 105}, {101, 102}, {100, 101}}
		}
		if !slices.Equal(got, want) {
			t.Errorf("backwards %v: took %v, want %v", backwards, got, want)
		}
	}
}

func TestPanic(t *testing.T) {
	tm := takeTeam()
	defer tm.release()
	defer func() {
		if p := recover(); p != "piece 5" {
			t.Errorf("recovered %v, want piece 5", p)
		}
	}()
	old := tm.size
	tm.resize(4)
	defer tm.resize(old)
	tm.do(100, func(_ *worker, lo, hi int) {
		if lo <= 5 && 5 < hi {
			panic("piece 5")
		}
	})
	t.Error("the panic of a piece was lost")
}

func TestUnsupported(t *testing.T) {
	m := newMaker(1)
	m.output(m.op("fourier", nil, []int{3}, m.input(backend.Float32, 3)))
	_, err := New().Compile(&m.p)
	var u *backend.Unsupported
	if !errors.As(err, &u) || u.Backend != "cpu" || u.Op != "fourier" {
		t.Errorf("error %v, want one that names the backend and the operation", err)
	}
}

// TestMixed puts operations that have no fast kernel between those that have.
func TestMixed(t *testing.T) {
	m := newMaker(1)
	f := backend.Float32
	x := m.input(f, 40, 30)
	y := m.op(backend.Exp, nil, []int{40, 30}, x)
	part := m.op(backend.Slice, backend.SliceAttrs{Start: []int{1, 0}, Step: []int{2, 3}}, []int{19, 10}, y)
	both := m.op(backend.Concat, backend.AxisAttrs{Axis: 0}, []int{38, 10}, part, m.op(backend.Neg, nil, []int{19, 10}, part))
	ids := m.input(backend.Int64, 12)
	rows := m.op(backend.Gather, backend.AxisAttrs{Axis: 0}, []int{12, 10}, both, ids)
	m.output(rows, m.instr(backend.ArgMax, backend.AxisAttrs{Axis: 1}, backend.Int64, []int{12}, rows))
	wide := m.instr(backend.Cast, nil, backend.Float64, []int{12, 10}, rows)
	m.output(m.op(backend.Cast, nil, []int{12, 10}, m.instr(backend.Exp, nil, backend.Float64, []int{12, 10}, wide)))
	positive := m.instr(backend.Less, nil, backend.Bool, []int{12}, m.instr(backend.Mul, nil, backend.Int64, []int{12}, ids, ids), ids)
	m.output(positive, m.instr(backend.Cast, nil, backend.Int32, []int{40, 30}, m.op(backend.Mul, nil, []int{40, 30}, x, m.constant(100))))
	back := m.op(backend.ScatterAdd, backend.AxisAttrs{Axis: 0}, []int{38, 10}, ids, rows)
	m.output(m.op(backend.Reshape, nil, []int{380}, m.op(backend.Tanh, nil, []int{38, 10}, back)))
	m.check(t, 1e-6)
}

func TestSubnormals(t *testing.T) {
	// exp must run smoothly into 0.
	for _, ks := range kernelSets() {
		x := float32(-95)
		var y float32
		ks.unaryFor(backend.Exp)(&y, &x, 1)
		if want := float32(math.Exp(-95)); math.Abs(float64(y-want)) > 3e-45 {
			t.Errorf("%s: exp(-95) is %g, want %g", ks.name, y, want)
		}
	}
}
