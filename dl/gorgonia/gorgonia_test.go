package gorgonia_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/gorgonia"
)

var backings = []struct {
	data   any
	dtype  dl.DType
	shares bool
}{
	{[]float32{1, 2, 3, 4, 5, 6}, dl.Float32, true},
	{[]float64{1, 2, 3, 4, 5, 6}, dl.Float64, true},
	{[]int32{1, 2, 3, 4, 5, 6}, dl.Int32, true},
	{[]int64{1, 2, 3, 4, 5, 6}, dl.Int64, true},
	{[]int{1, 2, 3, 4, 5, 6}, dl.Int64, true},
	{[]uint8{1, 2, 3, 4, 5, 6}, dl.Uint8, true},
	{[]int16{1, 2, 3, 4, 5, 6}, dl.Int64, false},
	{[]uint32{1, 2, 3, 4, 5, 6}, dl.Int64, false},
}

func pointer(slice any) uintptr { return reflect.ValueOf(slice).Pointer() }

func TestFrom(t *testing.T) {
	for _, c := range backings {
		d := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking(c.data))
		x := gorgonia.From(d)
		if x.DType() != c.dtype || !reflect.DeepEqual(x.Shape(), []int{2, 3}) || x.At(1, 0) != 4 {
			t.Errorf("%T became %v of dtype %v", c.data, x, x.DType())
		}
		if got := pointer(x.Shared()) == pointer(c.data); got != c.shares {
			t.Errorf("%T: shared %v, want %v", c.data, got, c.shares)
		}
	}
	if x := gorgonia.From(tensor.New(tensor.WithShape(2), tensor.WithBacking([]bool{true, false}))); x.DType() != dl.Bool || x.At(0) != 1 || x.At(1) != 0 {
		t.Errorf("bools became %v", x)
	}
	for _, v := range []any{float32(2), 2.0, 2, int32(2), uint8(2)} {
		if x := gorgonia.From(tensor.New(tensor.FromScalar(v))); x.Rank() != 0 || x.Item() != 2 {
			t.Errorf("the scalar %T became %v", v, x)
		}
	}
}

// Tensors whose elements lie in another order, or are a part of others.
func TestFromViews(t *testing.T) {
	fresh := func() *tensor.Dense {
		return tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float32{1, 2, 3, 4, 5, 6}))
	}
	transposed := fresh()
	if err := transposed.T(); err != nil {
		t.Fatal(err)
	}
	slice := func(s ...tensor.Slice) *tensor.Dense {
		v, err := fresh().Slice(s...)
		if err != nil {
			t.Fatal(err)
		}
		return v.(*tensor.Dense)
	}
	columns := tensor.New(tensor.WithShape(2, 3), tensor.AsFortran([]float32{1, 2, 3, 4, 5, 6})) // which takes them in row-major order
	for _, c := range []struct {
		name  string
		d     *tensor.Dense
		shape []int
		want  []float64
	}{
		{"transposed", transposed, []int{3, 2}, []float64{1, 4, 2, 5, 3, 6}},
		{"a row", slice(tensor.S(1)), []int{3}, []float64{4, 5, 6}},
		{"a column", slice(nil, tensor.S(1)), []int{2}, []float64{2, 5}},
		{"two columns", slice(nil, tensor.S(1, 3)), []int{2, 2}, []float64{2, 3, 5, 6}},
		{"column-major", columns, []int{2, 3}, []float64{1, 2, 3, 4, 5, 6}},
	} {
		x := gorgonia.From(c.d)
		if !reflect.DeepEqual(x.Shape(), c.shape) || !reflect.DeepEqual(x.Float64s(), c.want) {
			t.Errorf("%s became %v of shape %v, want %v of shape %v", c.name, x.Float64s(), x.Shape(), c.want, c.shape)
		}
	}
}

func TestDense(t *testing.T) {
	for _, dtype := range []dl.DType{dl.Float32, dl.Float64, dl.Int32, dl.Int64, dl.Uint8} {
		x := dl.NewAs(dtype, []int{1, 2, 3, 4, 5, 6}, 2, 3)
		d := gorgonia.Dense(x)
		if !d.Shape().Eq(tensor.Shape{2, 3}) || d.Dtype().Name() != dtype.String() || pointer(d.Data()) != pointer(x.Shared()) {
			t.Errorf("%v became %v of %v", x, d, d.Dtype())
		}
		if s := gorgonia.Dense(dl.NewAs(dtype, 7)); !s.IsScalar() || gorgonia.From(s).Item() != 7 {
			t.Errorf("the scalar 7 of %v became %v", dtype, s)
		}
	}
	b := gorgonia.Dense(dl.New([]bool{true, false}))
	if !reflect.DeepEqual(b.Data(), []bool{true, false}) {
		t.Errorf("bools became %v", b.Data())
	}
}

func TestErrors(t *testing.T) {
	masked := tensor.New(tensor.WithShape(2), tensor.WithBacking([]float32{1, 2}, []bool{true, false}))
	for _, c := range []struct {
		f    func()
		want string
	}{
		{func() { gorgonia.From(nil) }, "gorgonia.From: the *tensor.Dense is nil"},
		{func() { gorgonia.From(masked) }, "gorgonia.From: masked tensors have no counterpart in dl"},
		{func() { gorgonia.From(tensor.New(tensor.WithShape(1, 2), tensor.WithBacking([]string{"a", "b"}))) }, "gorgonia.From: dl has no dtype for string"},
		{func() { gorgonia.Dense(dl.Placeholder("x", dl.Float32, 2)) }, "shared: \"x\" is symbolic"},
	} {
		if err := dl.Try(c.f); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

func ExampleFrom() {
	d := tensor.New(tensor.WithShape(2, 2), tensor.WithBacking([]float32{1, 2, 3, 4}))
	x := gorgonia.From(d) // no copy
	fmt.Println(x.MatMul(x).Float64s())
	// Output: [7 10 15 22]
}

func ExampleDense() {
	x := dl.New([][]float64{{1, 2}, {3, 4}})
	d := gorgonia.Dense(x) // no copy
	sum, err := d.Sum()
	fmt.Println(sum, err)
	// Output: 10 <nil>
}
