package dl

import (
	"fmt"
	"reflect"
	"testing"
)

func TestNewShared(t *testing.T) {
	for _, data := range []any{
		[]float32{1, 2, 3, 4}, []float64{1, 2, 3, 4}, []int32{1, 2, 3, 4}, []int64{1, 2, 3, 4}, []uint8{1, 2, 3, 4},
	} {
		x := NewShared(data, 2, 2)
		if x.At(1, 0) != 3 || x.Add(1).Sum().Item() != 14 {
			t.Errorf("%T became %v", data, x)
		}
		// An address that is no multiple of 64.
		if y := NewShared(reflect.ValueOf(data).Slice(1, 4).Interface()); y.Mul(y).Sum().Item() != 29 {
			t.Errorf("%T from its second element became %v", data, y)
		}
		back := x.Shared()
		if reflect.TypeOf(back) != reflect.TypeOf(data) || reflect.ValueOf(back).Pointer() != reflect.ValueOf(data).Pointer() {
			t.Errorf("%T came back as another %T", data, back)
		}
	}
	if x := NewShared([]float32(nil)); x.Size() != 0 || x.Sum().Item() != 0 {
		t.Errorf("nothing became %v", x)
	}
	if got := New([]float64{1, 2}).Greater(1).Shared(); !reflect.DeepEqual(got, []uint8{0, 1}) {
		t.Errorf("bools are %v", got)
	}
	if err := Try(func() { NewShared([]int{1}) }); err == nil || err.Error() != "new shared: the memory of a []int cannot be shared" {
		t.Errorf("error %v", err)
	}
}

func ExampleNewShared() {
	samples := []float32{1, 2, 3, 4}
	x := NewShared(samples, 2, 2) // no copy
	fmt.Println(x.Sum().Item())
	// Output: 10
}
