package npy_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/npy"
)

func scaled(by any) *dl.Tensor { return dl.Arange(6).Reshape(2, 3).Mul(by) }

func same(t *testing.T, name string, got, want *dl.Tensor) {
	t.Helper()
	if got == nil || got.DType() != want.DType() || !reflect.DeepEqual(got.Shape(), want.Shape()) || !reflect.DeepEqual(got.Float64s(), want.Float64s()) {
		t.Errorf("%s is %v of %v, want %v of %v", name, got, got.DType(), want, want.DType())
	}
}

// The files in testdata were written by tests/reference/files.py with NumPy.
func TestReadWhatNumPyWrote(t *testing.T) {
	quarters := dl.NewAs(dl.Float32, [][]float64{{0, .25, .5}, {.75, 1, 1.25}})
	thirds := dl.NewAs(dl.Float64, [][]float64{{0, 1. / 3, 2. / 3}, {1, 4. / 3, 5. / 3}})
	for name, want := range map[string]*dl.Tensor{
		"f4": quarters, "f8": thirds, "f2": quarters, "big": quarters.Cast(dl.Float64),
		"i1": scaled(1).Sub(3).Cast(dl.Int32), "i2": scaled(-1000).Cast(dl.Int32), "i4": scaled(100000).Cast(dl.Int32), "i8": scaled(1 << 40),
		"u1": scaled(50).Cast(dl.Uint8), "u4": scaled(800000000), "bool": dl.New([][]bool{{true, false, true}, {false, true, false}}),
		"fortran": scaled(1), "fortran3": dl.Arange(24).Reshape(2, 3, 4), "scalar": dl.NewAs(dl.Float64, 2.5), "empty": dl.NewAs(dl.Float64, dl.Zeros(0, 3)),
	} {
		got, err := npy.ReadFile(filepath.Join("testdata", name+".npy"))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		same(t, name, got, want)
	}
	for _, name := range []string{"plain", "compressed"} {
		all, err := npy.ReadArchive(filepath.Join("testdata", name+".npz"))
		if err != nil {
			t.Fatal(err)
		}
		if len(all) != 2 {
			t.Errorf("%s holds %d arrays, want 2", name, len(all))
		}
		same(t, name, all["x"], quarters)
		same(t, name, all["y"], scaled(1<<40))
	}
}

// What NumPy writes of what has one of dl's dtypes, this package writes byte by
// byte.
func TestWriteAsNumPy(t *testing.T) {
	for _, name := range []string{"f4", "f8", "i4", "i8", "u1", "bool", "scalar", "empty"} {
		want, err := os.ReadFile(filepath.Join("testdata", name+".npy"))
		if err != nil {
			t.Fatal(err)
		}
		x, err := npy.Decode(want)
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if err := npy.Write(&got, x); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), want) {
			t.Errorf("%s is written as %q, want %q", name, got.Bytes(), want)
		}
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	x := dl.Randn(3, 4, 1)
	if err := npy.WriteFile(filepath.Join(dir, "x.npy"), x); err != nil {
		t.Fatal(err)
	}
	got, err := npy.ReadFile(filepath.Join(dir, "x.npy"))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "x", got, x)
	if err := npy.WriteArchive(filepath.Join(dir, "x.npz"), map[string]*dl.Tensor{"a": x, "layer/b": dl.Arange(3)}); err != nil {
		t.Fatal(err)
	}
	all, err := npy.ReadArchive(filepath.Join(dir, "x.npz"))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "a", all["a"], x)
	same(t, "layer/b", all["layer/b"], dl.Arange(3))
	if err := npy.WriteFile(filepath.Join(dir, "y.npy"), dl.Placeholder("y", dl.Float32)); err == nil {
		t.Error("a symbolic tensor was written")
	}
}

func raw(header string, data int) []byte {
	b := append([]byte("\x93NUMPY\x01\x00"), byte(len(header)), 0)
	return append(append(b, header...), make([]byte, data)...)
}

var broken = []struct {
	file []byte
	want string
}{
	{[]byte("PK\x03\x04 something"), `no NumPy file: it does not begin with \x93NUMPY`},
	{[]byte("\x93NUMPY\x01\x00\xff\xff{"), "the header should have 65535 bytes, 1 follow"},
	{[]byte("\x93NUMPY\x02\x00\xff\xff\xff\xff{"), "the header should have 4294967295 bytes, 1 follow"},
	{[]byte("\x93NUMPY\x09\x00\x00\x00"), "version 9 of the format, want 1 to 3"},
	{raw("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", 8), `the header "{'descr': '|O', 'fortran_order': False, 'shape': (1,)}" names no dtype`},
	{raw("{'descr': '<f4', 'shape': (1,)}", 4), "the header \"{'descr': '<f4', 'shape': (1,)}\" lacks fortran_order or shape"},
	{raw("{'descr': '<f3', 'fortran_order': False, 'shape': (1,)}", 4), "dtype f3 is not known"},
	{raw("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", 4), "shape [2] of elements of 4 bytes does not fit into 4 bytes"},
	{raw("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", 5), "shape [1] of elements of 4 bytes needs 4 bytes, there are 5"},
	{raw("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,)}", 4), "the shape: "},
}

func TestBroken(t *testing.T) {
	for _, c := range broken {
		if _, err := npy.Decode(c.file); err == nil || !strings.HasPrefix(err.Error(), "npy: "+c.want) {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
	if _, err := npy.DecodeArchive([]byte("nothing")); err == nil {
		t.Error("rubbish is an archive")
	}
}

// What is read can be written and read again as the same.
func FuzzDecode(f *testing.F) {
	for _, c := range broken {
		f.Add(c.file)
	}
	f.Add(raw("{'descr': '>i2', 'fortran_order': True, 'shape': (2, 1)}", 4))
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := npy.Decode(b)
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := npy.Write(&again, x); err != nil {
			t.Fatal(err)
		}
		y, err := npy.Decode(again.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(x.Shape(), y.Shape()) || x.DType() != y.DType() {
			t.Errorf("%v, then %v", x, y)
		}
	})
}

func Example() {
	var file bytes.Buffer
	if err := npy.Write(&file, dl.New([][]int{{1, 2}, {3, 4}})); err != nil {
		fmt.Println(err)
		return
	}
	x, err := npy.Decode(file.Bytes())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(x.Shape(), x.DType(), x.Ints())
	// Output: [2 2] int64 [1 2 3 4]
}
