package forge

import (
	"reflect"
	"runtime"
	"testing"
)

func TestSelf(t *testing.T) {
	if stubCount == 0 || !layoutKnown {
		t.Skip("the vm does not run here")
	}
	for range 3 {
		if err := SelfTest(); err != nil {
			t.Fatal(err)
		}
		if err := tryTypes(); err != nil {
			t.Fatal(err)
		}
		runtime.GC()
	}
}

// TestFrame checks that a frame keeps what its pointer words point to, and
// only that.
func TestFrame(t *testing.T) {
	const words = 70
	mask := make([]byte, 9)
	for _, w := range []int{0, 9, 63, 69} {
		mask[w/8] |= 1 << (w % 8)
	}
	f := Frame(words*8, mask)
	if f.Size != words*8 || f.PtrBytes != words*8 {
		t.Fatalf("size %d, pointers up to %d", f.Size, f.PtrBytes)
	}
	p := (*[words]*int)(f.New())
	p[9], p[69] = new(int), new(int)
	*p[9], *p[69] = 9, 69
	for range 3 {
		runtime.GC()
	}
	if *p[9] != 9 || *p[69] != 69 {
		t.Fatal("an object in a frame was collected")
	}
	var got []uintptr
	f.PointerMask(func(w uintptr) { got = append(got, w) })
	if want := []uintptr{0, 9, 63, 69}; !reflect.DeepEqual(got, want) {
		t.Errorf("pointer words %v, want %v", got, want)
	}
}
