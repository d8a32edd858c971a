package onnx_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/nn"
	"github.com/fluxion-go/fluxion/dl/onnx"
	"github.com/fluxion-go/fluxion/tests/operations"
)

// That other programs read the files and give the same outputs is tested by
// tests/files.

// fields returns the contents of the fields of this number in a message.
func fields(t *testing.T, b []byte, number protowire.Number) (all [][]byte) {
	t.Helper()
	for len(b) > 0 {
		field, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		size := protowire.ConsumeFieldValue(field, kind, b[n:])
		if size < 0 {
			t.Fatal(protowire.ParseError(size))
		}
		if field == number && kind == protowire.BytesType {
			v, _ := protowire.ConsumeBytes(b[n:])
			all = append(all, v)
		}
		b = b[n+size:]
	}
	return all
}

func texts(bs [][]byte) []string {
	var out []string
	for _, b := range bs {
		out = append(out, string(b))
	}
	return out
}

func TestWhatIsInAFile(t *testing.T) {
	dl.Seed(1)
	m := nn.Sequential(nn.Conv2D(2, 3, nn.Same()), nn.ReLU(), nn.Flatten(), nn.Dense(3))
	path := filepath.Join(t.TempDir(), "m.onnx")
	if err := onnx.WriteFile(path, m, []int{1, 4, 4}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	g := fields(t, b, 7)[0]
	var ops []string
	for _, n := range fields(t, g, 1) {
		ops = append(ops, texts(fields(t, n, 4))[0])
	}
	if want := []string{"Conv", "Add", "Relu", "Reshape", "MatMul", "Add", "Identity"}; !reflect.DeepEqual(ops, want) {
		t.Errorf("operations %q, want %q", ops, want)
	}
	var weights []string
	for _, c := range fields(t, g, 5) {
		if name := texts(fields(t, c, 8))[0]; strings.Contains(name, ".") {
			weights = append(weights, name)
		}
	}
	if want := []string{"1.weights", "4.weights", "4.biases"}; !reflect.DeepEqual(weights, want) {
		t.Errorf("constants with names %q, want %q", weights, want)
	}
	again := filepath.Join(t.TempDir(), "m.onnx")
	if err := onnx.WriteFile(again, m, []int{1, 4, 4}); err != nil {
		t.Fatal(err)
	}
	if c, err := os.ReadFile(again); err != nil || !bytes.Equal(b, c) {
		t.Errorf("the same model gives another file (%v)", err)
	}
}

func TestRefuses(t *testing.T) {
	odd := nn.Func("odd", func(x *dl.Tensor) *dl.Tensor { return x.Lgamma() })
	noise := nn.Func("noise", func(x *dl.Tensor) *dl.Tensor { return x.Add(dl.RandnLike(x)) })
	x := dl.Placeholder("x", dl.Float32, -1, 3)
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"an operation", onnx.WriteFile(filepath.Join(t.TempDir(), "m"), nn.Sequential(odd), []int{3}), "onnx: operation lgamma has no counterpart in ONNX that is written here"},
		{"random numbers", onnx.WriteFile(filepath.Join(t.TempDir(), "m"), nn.Sequential(noise), []int{3}), "onnx: operation random_normal: draws random numbers"},
		{"the layers' own errors", onnx.WriteFile(filepath.Join(t.TempDir(), "m"), nn.Sequential(nn.Dense(2)), []int{3, 3, 3}), "layer 1, dense(2): input: shape"},
		{"a constant output", second(onnx.Encode([]*dl.Tensor{x}, []*dl.Tensor{dl.Ones(2)})), "onnx: output 1 does not depend on an input"},
		{"a missing input", second(onnx.Encode(nil, []*dl.Tensor{x.Neg()})), `onnx: operation placeholder: "x" is not among the inputs`},
		{"no placeholder", second(onnx.Encode([]*dl.Tensor{x.Neg()}, []*dl.Tensor{x})), "onnx: input 1 is not a placeholder"},
	} {
		if c.err == nil || !strings.HasPrefix(c.err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.name, c.err, c.want)
		}
	}
}

// TestTable walks the table of operations: what is not exported is known, and
// an error says which operation it is.
func TestTable(t *testing.T) {
	cases, err := operations.Cases()
	if err != nil {
		t.Fatal(err)
	}
	refused, exported := map[string]bool{}, 0
	for _, c := range cases {
		var in, out []*dl.Tensor
		for _, a := range c.In {
			x, err := a.Tensor()
			if err != nil {
				t.Fatal(err)
			}
			in = append(in, dl.Placeholder("x", x.DType(), x.Shape()...))
		}
		if dl.Try(func() { out = []*dl.Tensor{operations.RowOf(c.Call)(in)} }) != nil {
			continue // what depends on the values of its operands has no function
		}
		var u onnx.Unsupported
		switch _, err := onnx.Encode(in, out); {
		case errors.As(err, &u):
			refused[u.Op] = true
		case err != nil:
			t.Errorf("%s: %v", c.Call, err)
		default:
			exported++
		}
	}
	got := strings.Join(slices.Sorted(maps.Keys(refused)), " ")
	const want = "add_along cholesky eigh erfinv gamma index_set lgamma logdet polygamma qr recurrence scatter_add solve svd"
	if got != want {
		t.Errorf("refused are\n%s\nwant\n%s", got, want)
	}
	if exported < 400 {
		t.Errorf("%d cases are exported", exported)
	}
}

func second(_ []byte, err error) error { return err }

func Example() {
	dl.Seed(1)
	model := nn.Sequential(nn.Dense(8), nn.ReLU(), nn.Dense(3), nn.Softmax())
	dir, err := os.MkdirTemp("", "onnx")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	fmt.Println(onnx.WriteFile(filepath.Join(dir, "net.onnx"), model, []int{4}))
	// Output: <nil>
}

// What is no model is exported by its inputs and outputs.
func ExampleEncode() {
	x := dl.Placeholder("x", dl.Float32, -1, 4)
	w := dl.Variable(dl.Ones(4, 2), "w")
	file, err := onnx.Encode([]*dl.Tensor{x}, []*dl.Tensor{x.MatMul(w).Tanh().Named("y")})
	fmt.Println(len(file) > 100, err)
	// Output: true <nil>
}
