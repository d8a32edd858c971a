package safetensors_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/safetensors"
)

// testdata/reference.safetensors was written by tests/reference/files.py with
// the Python package safetensors.
func TestReadWhatPythonWrote(t *testing.T) {
	f, err := safetensors.ReadFile("testdata/reference.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(f.Metadata, map[string]string{"origin": "tests/reference/files.py"}) {
		t.Errorf("metadata %v", f.Metadata)
	}
	want := map[string]*dl.Tensor{
		"f32": dl.New([][]float32{{1.5, -2}, {0, 3.25}}), "f64": dl.NewAs(dl.Float64, []float64{0.1, 1e300}),
		"f16": dl.New([]float32{1.5, -0.000030517578125, 65504, 5.9604644775390625e-08}), "bf16": dl.New([]float32{1.5, -3.140625}),
		"i8": dl.NewAs(dl.Int32, []int{-5, 7}), "i16": dl.NewAs(dl.Int32, []int{-300, 300}), "i32": dl.NewAs(dl.Int32, []int{-70000}),
		"i64": dl.New([]int{1 << 40}), "u8": dl.New([]byte{0, 255}), "bool": dl.New([]bool{true, false, true}),
		"scalar": dl.Scalar(float32(2.5)), "empty": dl.Zeros(0, 3),
	}
	if len(f.Tensors) != len(want) {
		t.Errorf("%d tensors, want %d", len(f.Tensors), len(want))
	}
	for name, w := range want {
		got := f.Tensors[name]
		if got == nil || got.DType() != w.DType() || !reflect.DeepEqual(got.Shape(), w.Shape()) || !reflect.DeepEqual(got.Float64s(), w.Float64s()) {
			t.Errorf("%s is %v, want %v", name, got, w)
		}
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	f := &safetensors.File{Tensors: map[string]*dl.Tensor{
		"a": dl.Arange(6).Reshape(2, 3), "b": dl.New([]bool{true}), "c": dl.New([]byte{1, 2, 3}), "ж \"": dl.Randn(3, 1, 2),
		"d": dl.NewAs(dl.Float64, 0.5), "e": dl.NewAs(dl.Int32, []int{-1}),
	}, Metadata: map[string]string{"k": "v"}}
	path := filepath.Join(t.TempDir(), "f.safetensors")
	if err := safetensors.WriteFile(path, f); err != nil {
		t.Fatal(err)
	}
	g, err := safetensors.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(f.Metadata, g.Metadata) || len(g.Tensors) != len(f.Tensors) {
		t.Errorf("%d tensors and metadata %v", len(g.Tensors), g.Metadata)
	}
	for name, w := range f.Tensors {
		if got := g.Tensors[name]; !reflect.DeepEqual(got.Shared(), w.Shared()) || !reflect.DeepEqual(got.Shape(), w.Shape()) || got.DType() != w.DType() {
			t.Errorf("%s is %v, want %v", name, got, w)
		}
	}
	if err := safetensors.WriteFile(path, &safetensors.File{Tensors: map[string]*dl.Tensor{"x": dl.Placeholder("x", dl.Float32)}}); err == nil {
		t.Error("a symbolic tensor was written")
	}
}

// raw returns a file with this header.
func raw(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, data)...)
}

var broken = []struct {
	file []byte
	want string
}{
	{[]byte("123"), "3 bytes are too few for the length of the header"},
	{binary.LittleEndian.AppendUint64(nil, 1<<63), "the header should have 9223372036854775808 bytes, 0 follow"},
	{raw("[]", 0), "the header is no JSON object"},
	{raw(`{"a":`, 0), "the header: "},
	{raw(`{} x`, 0), "the header: 2 bytes follow it"},
	{raw(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 8), `the header: "a" stands in it twice`},
	{raw(`{"a":{"dtype":"F99","shape":[1],"data_offsets":[0,4]}}`, 4), `tensor "a" has dtype "F99", want one of [BF16 `},
	{raw(`{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}`, 4), `tensor "a" of shape [-1] does not fit into 4 bytes`},
	{raw(`{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}`, 4), `tensor "a" of shape [4611686018427387904 4] does not fit`},
	{raw(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 8), `tensor "a" of 4 bytes lies at [4 8] of 8 bytes, want [0 4]`},
	{raw(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 3), `tensor "a" of shape [1] does not fit into 3 bytes`},
	{raw(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 5), "1 bytes follow the last tensor"},
	{append(raw(`{"a":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]}}`, 0), 2), `tensor "a": element 0 is 2, want 0 or 1`},
	{raw(`{"__metadata__":3}`, 0), "the metadata: "},
}

func TestBroken(t *testing.T) {
	for _, c := range broken {
		if _, err := safetensors.Decode(c.file); err == nil || !strings.HasPrefix(err.Error(), "safetensors: "+c.want) {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
}

// What is read can be written, and then read again as the same.
func FuzzDecode(f *testing.F) {
	for _, c := range broken {
		f.Add(c.file)
	}
	f.Add(raw(`{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"b":{"dtype":"U64","shape":[],"data_offsets":[4,12]}}`, 12))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := safetensors.Decode(b)
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := safetensors.Write(&again, file); err != nil {
			t.Fatal(err)
		}
		back, err := safetensors.Decode(again.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		for name, x := range file.Tensors {
			if y := back.Tensors[name]; !reflect.DeepEqual(y.Shape(), x.Shape()) || y.DType() != x.DType() {
				t.Errorf("%q is %v, then %v", name, x, y)
			}
		}
	})
}

func Example() {
	var file bytes.Buffer
	err := safetensors.Write(&file, &safetensors.File{
		Tensors: map[string]*dl.Tensor{"w": dl.New([]float64{1, 2, 3})}, Metadata: map[string]string{"by": "me"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := safetensors.Decode(file.Bytes())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(f.Tensors["w"].Float64s(), f.Metadata["by"])
	// Output: [1 2 3] me
}
