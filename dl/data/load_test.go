package data_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fluxion-go/fluxion/dl/data"
)

func write(t *testing.T, path string, b []byte) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadTables(t *testing.T) {
	dir := t.TempDir()
	path := write(t, filepath.Join(dir, "t.csv"), []byte("size,weight,kind\n1,2.5,cat\n3,4,dog\n5,6,cat\n"))
	table, err := data.ReadTable(path)
	if err != nil || !slices.Equal(table.Labels, []int{0, 1, 0}) || !slices.Equal(table.Classes, []string{"cat", "dog"}) || table.Rows[0][1] != 2.5 {
		t.Errorf("%v, %v", table, err)
	}
	path = write(t, filepath.Join(dir, "n.csv"), []byte("a, b\n1, 2\n-3e2,\n"))
	names, x, err := data.ReadNumbers(path)
	if err != nil || len(names) != 2 || x.At(1, 0) != -300 || !math.IsNaN(x.At(1, 1)) || x.At(0, 1) != 2 {
		t.Errorf("%v %v %v", names, x, err)
	}
	for text, want := range map[string]string{"a,b\n1,x\n": `line 2, column b: "x" is no number`, "a,b\n": "want a line of names", "a,b\n1\n": "wrong number of fields"} {
		if _, _, err := data.ReadNumbers(write(t, filepath.Join(dir, "bad.csv"), []byte(text))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
	if _, err := data.ReadTable(filepath.Join(dir, "none.csv")); err == nil {
		t.Error("a file that is not there is read")
	}
}

func TestReadImages(t *testing.T) {
	dir := t.TempDir()
	plain := func(c color.Color, w, h int) image.Image {
		m := image.NewRGBA(image.Rect(0, 0, w, h))
		for i := range w * h {
			m.Set(i%w, i/w, c)
		}
		return m
	}
	var b bytes.Buffer
	if err := png.Encode(&b, plain(color.RGBA{200, 100, 50, 255}, 7, 5)); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "b", "one.png"), b.Bytes())
	b.Reset()
	if err := jpeg.Encode(&b, plain(color.Gray{80}, 30, 40), nil); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "a", "two.JPG"), b.Bytes())
	write(t, filepath.Join(dir, "a", "notes.txt"), []byte("no picture"))
	m, err := data.ReadImages(dir, 4, 6)
	if err != nil {
		t.Fatal(err)
	}
	if m.String() != "2 pictures of 3×4×6 in 2 classes" || !slices.Equal(m.Labels, []int{0, 1}) || m.Classes[0] != "a" {
		t.Errorf("%v, labels %v of %v", m, m.Labels, m.Classes)
	}
	if x := m.X(); math.Abs(x.At(1, 0, 3, 3)-200.0/255) > 1e-6 || math.Abs(x.At(1, 2, 0, 5)-50.0/255) > 1e-6 || math.Abs(x.At(0, 1, 2, 2)-80.0/255) > 0.01 {
		t.Errorf("pixels %v", x)
	}
	write(t, filepath.Join(dir, "c", "three.png"), []byte("no picture either"))
	if _, err := data.ReadImages(dir, 4, 6); err == nil || !strings.Contains(err.Error(), "three.png") {
		t.Errorf("got %v", err)
	}
	if _, err := data.ReadImages(filepath.Join(dir, "a"), 4, 6); err == nil || !strings.Contains(err.Error(), "one folder for each class") {
		t.Errorf("got %v", err)
	}
}

// idx is an IDX file of bytes.
func idx(elements []byte, shape ...int) []byte {
	out := []byte{0, 0, 8, byte(len(shape))}
	for _, d := range shape {
		out = append(out, 0, 0, byte(d>>8), byte(d))
	}
	return append(out, elements...)
}

func TestReadMNIST(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "train-images-idx3-ubyte"), idx([]byte{0, 1, 2, 3, 4, 255}, 1, 2, 3))
	write(t, filepath.Join(dir, "train-labels-idx1-ubyte"), idx([]byte{7}, 1))
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	if _, err := w.Write(idx([]byte{9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 1, 2}, 2, 2, 3)); err != nil {
		t.Fatal(err)
	}
	w.Close()
	write(t, filepath.Join(dir, "t10k-images-idx3-ubyte.gz"), z.Bytes())
	labels := write(t, filepath.Join(dir, "t10k-labels-idx1-ubyte"), idx([]byte{0, 9}, 2))
	train, test, err := data.ReadMNIST(dir)
	if err != nil {
		t.Fatal(err)
	}
	if train.Labels[0] != 7 || train.X().At(0, 0, 1, 2) != 1 || test.String() != "2 pictures of 1×2×3 in 10 classes" || test.Class(1) != "9" {
		t.Errorf("%v %v", train, test)
	}
	for want, b := range map[string][]byte{
		"2 pictures, but 3 labels": idx([]byte{0, 1, 2}, 3), "label 1 is 10": idx([]byte{0, 10}, 2), "damaged": idx([]byte{0}, 2), "no IDX file": []byte("hello"),
	} {
		write(t, labels, b)
		if _, _, err := data.ReadMNIST(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func ExampleReadNumbers() {
	dir, err := os.MkdirTemp("", "data")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "numbers.csv")
	if err := os.WriteFile(path, []byte("height,weight\n1.8,75\n1.6,60\n"), 0o644); err != nil {
		fmt.Println(err)
	}
	names, x, err := data.ReadNumbers(path)
	fmt.Println(names, x, err)
	// Output:
	// [height weight] [[ 1.8 75. ]
	//  [ 1.6 60. ]]  (2, 2) float32 <nil>
}
