package cpu

import (
	"runtime"
	"testing"
	"time"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// large is a program with some megabytes of results between input and output.
func large() *maker {
	m := newMaker(1)
	const n = 700
	x := m.input(backend.Float32, n, n)
	y := m.op(backend.MatMul, backend.MatMulAttrs{}, []int{n, n}, x, x)
	m.output(m.op(backend.Sum, backend.ReduceAttrs{Axes: []int{0, 1}}, []int{}, m.op(backend.MatMul, backend.MatMulAttrs{}, []int{n, n}, y, x)))
	return m
}

func idle() (count, bytes int) {
	idleArenas.Lock()
	defer idleArenas.Unlock()
	for _, a := range idleArenas.list {
		bytes += len(a.memory.Bytes())
	}
	return len(idleArenas.list), bytes
}

// forget waits until no arena is kept.
func forget(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		runtime.GC()
		if n, _ := idle(); n == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatal("arenas are kept for ever")
		}
	}
}

// TestArenasAreShared: programs that run one after the other use the same
// memory, and it is forgotten once nobody uses it.
func TestArenasAreShared(t *testing.T) {
	forget(t)
	m := large()
	out := []backend.Buffer{backend.NewBuffer(backend.Float32, 1)}
	var programs []backend.Executable
	for range 5 {
		x, err := New().Compile(&m.p)
		if err != nil {
			t.Fatal(err)
		}
		defer x.Close()
		programs = append(programs, x)
	}
	for _, x := range programs {
		if err := x.Run(m.in, nil, out, nil); err != nil {
			t.Fatal(err)
		}
	}
	size := programs[0].(*executable).size
	if size < largeArena {
		t.Fatalf("an arena of %d bytes is too small for this test", size)
	}
	if n, bytes := idle(); n != 1 || bytes != size {
		t.Errorf("%d arenas of %d bytes are kept after the runs of five programs, want one of %d", n, bytes, size)
	}
	forget(t)
	want := backend.View[float32](out[0])[0]
	if err := programs[0].Run(m.in, nil, out, nil); err != nil {
		t.Fatal(err)
	}
	if got := backend.View[float32](out[0])[0]; got != want {
		t.Errorf("in new memory a program gives %v, before %v", got, want)
	}
}
