package data

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestSampleIsBalanced(t *testing.T) {
	train, test := CIFAR10Sample()
	for _, c := range []struct {
		m        *Images
		n, class int
	}{{train, 5000, 500}, {test, 1000, 100}} {
		if c.m.Len() != c.n || len(c.m.Pixels) != c.n*3*32*32 {
			t.Fatalf("%v with %d bytes, want %d pictures", c.m, len(c.m.Pixels), c.n)
		}
		for class, n := range c.m.Counts() {
			if n != c.class {
				t.Errorf("%d pictures of class %s among %d, want %d", n, c.m.Classes[class], c.n, c.class)
			}
		}
	}
	seen := map[[32]byte]bool{}
	for i := range train.Len() {
		seen[sha256.Sum256(train.Select(i).Pixels)] = true
	}
	for i := range test.Len() {
		if seen[sha256.Sum256(test.Select(i).Pixels)] {
			t.Errorf("test picture %d is in the training set", i)
		}
	}
}

// The mean colour of CIFAR-10's training set, of which the sample is a tenth,
// is known to be 0.4914, 0.4822, 0.4465 of white.
func TestSampleLooksLikeCIFAR10(t *testing.T) {
	train, _ := CIFAR10Sample()
	var sum [3]float64
	for i, p := range train.Pixels {
		sum[i/1024%3] += float64(p) / 255
	}
	for c, want := range []float64{0.4914, 0.4822, 0.4465} {
		if got := sum[c] / float64(train.Len()*1024); got < want-0.01 || got > want+0.01 {
			t.Errorf("mean of channel %d is %.4f, want about %.4f", c, got, want)
		}
	}
}

func TestDamagedSample(t *testing.T) {
	n := 4 + 623 // the length and the header
	for _, c := range []struct {
		name string
		b    []byte
		want string
	}{
		{"empty", nil, "0 bytes are too few"},
		{"header cut off", sampleTest[:100], "the header should have 623 bytes, there are 96"},
		{"class", append(slices.Clone(sampleTest[:n]), 10), "picture 0 has class 10, want 0 to 9"},
		{"picture cut off", sampleTest[:n+50], "picture 0 has no end-of-image marker"},
		{"picture damaged", append(slices.Clone(sampleTest[:n]), 3, 0xff, 0xd9), "picture 0: "},
	} {
		if _, err := unpack(c.b); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}

// canonical writes the files of CIFAR-10's binary version: picture i of file f
// has class (f+i) mod 10 and pixels 10·f+i mod 256, of which all are equal.
func canonical(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for f, name := range cifar10Files {
		if err := os.WriteFile(filepath.Join(dir, name), canonicalFile(f), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func canonicalFile(f int) []byte {
	var b []byte
	for i := range cifar10Records {
		b = append(b, byte((f+i)%10))
		b = append(b, bytes.Repeat([]byte{byte(10*f + i)}, cifar10Pixels)...)
	}
	return b
}

// zeros writes files of the right length that hold zeros only and so take no
// room on the disk.
func zeros(t *testing.T, dir string) {
	t.Helper()
	must(t, os.MkdirAll(dir, 0o755))
	for _, name := range cifar10Files {
		must(t, os.WriteFile(filepath.Join(dir, name), nil, 0o644))
		must(t, os.Truncate(filepath.Join(dir, name), cifar10Records*(1+cifar10Pixels)))
	}
}

// archive packs the folder into a file as the official archive is made.
func archive(t *testing.T, folder, file string) {
	t.Helper()
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(z)
	if err := w.AddFS(os.DirFS(filepath.Dir(folder))); err != nil {
		t.Fatal(err)
	}
	w.Close()
	z.Close()
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestLoadCIFAR10(t *testing.T) {
	root := t.TempDir()
	folder := filepath.Join(root, "unpacked", cifar10Folder)
	canonical(t, folder)
	packed := filepath.Join(root, "packed")
	if err := os.Mkdir(packed, 0o755); err != nil {
		t.Fatal(err)
	}
	archive(t, folder, filepath.Join(packed, cifar10Archive))
	for _, dir := range []string{folder, filepath.Dir(folder), packed, filepath.Join(packed, cifar10Archive)} {
		t.Setenv(CIFAR10Env, dir)
		train, test, err := CIFAR10()
		if err != nil {
			t.Fatal(err)
		}
		if train.Len() != 50000 || test.Len() != 10000 {
			t.Fatalf("%s: %d and %d pictures", dir, train.Len(), test.Len())
		}
		for _, c := range []struct {
			m       *Images
			i       int
			f, want int
		}{{train, 0, 0, 0}, {train, 20003, 2, 3}, {train, 49999, 4, 9999}, {test, 7, 5, 7}} {
			p := c.m.Select(c.i)
			if p.Labels[0] != (c.f+c.want)%10 || p.Pixels[0] != byte(10*c.f+c.want) || p.Pixels[3071] != p.Pixels[0] {
				t.Errorf("%s: picture %d has class %d, pixel %d", dir, c.i, p.Labels[0], p.Pixels[0])
			}
		}
	}
}

func TestCIFAR10WithoutFolderIsTheSample(t *testing.T) {
	t.Setenv(CIFAR10Env, "")
	train, test, err := CIFAR10()
	if err != nil || train.Len() != 5000 || test.Len() != 1000 {
		t.Errorf("%v, %v, %v", train, test, err)
	}
}

func TestLoadCIFAR10Errors(t *testing.T) {
	record := 1 + cifar10Pixels
	for _, c := range []struct {
		name  string
		spoil func(t *testing.T, dir string) // the folder of the files
		want  []string
	}{
		{"no folder", func(t *testing.T, dir string) { must(t, os.RemoveAll(filepath.Dir(dir))) },
			[]string{"no such file or folder", "get cifar-10-binary.tar.gz from https://"}},
		{"empty folder", func(t *testing.T, dir string) { must(t, os.RemoveAll(dir)) },
			[]string{"holds neither data_batch_1.bin to data_batch_5.bin", "put it there"}},
		{"missing", func(t *testing.T, dir string) { must(t, os.Remove(filepath.Join(dir, "data_batch_3.bin"))) },
			[]string{"data_batch_3.bin is missing from ", "unpack it again"}},
		{"truncated", func(t *testing.T, dir string) { must(t, os.Truncate(filepath.Join(dir, "test_batch.bin"), 12345)) },
			[]string{"test_batch.bin: truncated: it has 12345 bytes, want 30730000"}},
		{"empty file", func(t *testing.T, dir string) { must(t, os.Truncate(filepath.Join(dir, "data_batch_1.bin"), 0)) },
			[]string{"data_batch_1.bin: truncated: it has 0 bytes"}},
		{"too long", func(t *testing.T, dir string) {
			must(t, os.Truncate(filepath.Join(dir, "data_batch_2.bin"), 30730001))
		}, []string{"data_batch_2.bin: too long: it goes on after 10000 records"}},
		{"bad class", func(t *testing.T, dir string) {
			b := canonicalFile(3)
			b[17*record] = 200
			must(t, os.WriteFile(filepath.Join(dir, "data_batch_4.bin"), b, 0o644))
		}, []string{"data_batch_4.bin: damaged: record 17 at byte 52241 has class 200, want 0 to 9"}},
		{"not an archive", func(t *testing.T, dir string) {
			must(t, os.RemoveAll(dir))
			must(t, os.WriteFile(filepath.Join(filepath.Dir(dir), cifar10Archive), []byte("<html>404</html>"), 0o644))
		}, []string{"cifar-10-binary.tar.gz: not a gzip archive"}},
		{"archive cut off", func(t *testing.T, dir string) {
			file := filepath.Join(filepath.Dir(filepath.Dir(dir)), cifar10Archive)
			archive(t, dir, file)
			must(t, os.RemoveAll(dir))
			b, err := os.ReadFile(file)
			must(t, err)
			must(t, os.WriteFile(filepath.Join(filepath.Dir(dir), cifar10Archive), b[:len(b)/2], 0o644))
		}, []string{"cifar-10-binary.tar.gz: ", "get cifar-10-binary.tar.gz from https://"}},
		{"archive lacks one", func(t *testing.T, dir string) {
			must(t, os.Remove(filepath.Join(dir, "data_batch_5.bin")))
			archive(t, dir, filepath.Join(filepath.Dir(dir), cifar10Archive))
			must(t, os.RemoveAll(dir))
		}, []string{"data_batch_5.bin is missing from it"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := t.TempDir()
			dir := filepath.Join(root, "data", cifar10Folder)
			zeros(t, dir)
			c.spoil(t, dir)
			_, _, err := LoadCIFAR10(filepath.Join(root, "data"))
			for _, want := range c.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("error %v\nwant %q in it", err, want)
				}
			}
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func FuzzReadRecords(f *testing.F) {
	f.Add(bytes.Repeat([]byte{3}, 2*(1+cifar10Pixels)))
	f.Add(bytes.Repeat([]byte{3}, 1+cifar10Pixels))
	f.Add(bytes.Repeat([]byte{10}, 2*(1+cifar10Pixels)))
	f.Add(bytes.Repeat([]byte{0}, 3*(1+cifar10Pixels)))
	f.Fuzz(func(t *testing.T, b []byte) {
		m := newCIFAR10(2)
		if err := readRecords(bytes.NewReader(b), m); err != nil {
			return
		}
		if len(b) != 2*(1+cifar10Pixels) {
			t.Fatalf("%d bytes were taken for 2 records", len(b))
		}
		for i, l := range m.Labels {
			if r := b[i*(1+cifar10Pixels):][:1+cifar10Pixels]; l > 9 || l != int(r[0]) || !bytes.Equal(m.Select(i).Pixels, r[1:]) {
				t.Fatalf("record %d was read as class %d", i, l)
			}
		}
	})
}

func FuzzSplit(f *testing.F) {
	f.Add(sampleTest[:1500])
	f.Add([]byte{0, 0, 0, 0, 1, 0xff, 0xd9})
	f.Fuzz(func(t *testing.T, b []byte) {
		header, pictures, err := split(b)
		if err != nil {
			return
		}
		again := slices.Concat(b[:4], header)
		for _, p := range pictures {
			again = append(append(again, p.label), p.scan...)
		}
		if !bytes.Equal(again, b) {
			t.Fatal("the parts do not make up the file")
		}
	})
}

// small returns n pictures of 3×2×2: picture i has class i mod 3 and pixels
// from 12·i upwards.
func small(n int) *Images {
	m := &Images{Classes: []string{"a", "b", "c"}, Channels: 3, Height: 2, Width: 2}
	for i := range n {
		m.Labels = append(m.Labels, i%3)
		for k := range 12 {
			m.Pixels = append(m.Pixels, uint8(12*i+k))
		}
	}
	return m
}

func TestImage(t *testing.T) {
	img := small(2).Image(1)
	if got, want := img.At(1, 0), (color.RGBA{13, 17, 21, 255}); got != want {
		t.Errorf("column 1 of row 0 of picture 1 is %v, want %v", got, want)
	}
	grey := small(2)
	grey.Channels, grey.Labels = 1, make([]int, 6)
	if got, want := grey.Image(1).At(0, 1), (color.Gray{6}); got != want {
		t.Errorf("column 0 of row 1 of grey picture 1 is %v, want %v", got, want)
	}
}

func TestBatches(t *testing.T) {
	m := small(7)
	var got [][]int
	for i := range m.Batches(3) {
		got = append(got, m.Batch(i, 3).Labels)
	}
	if want := [][]int{{0, 1, 2}, {0, 1, 2}, {0}}; !reflect.DeepEqual(got, want) {
		t.Errorf("batches of 3 from 7 have labels %v, want %v", got, want)
	}
}

func TestShuffle(t *testing.T) {
	m := small(12)
	s := m.Shuffle(1)
	if reflect.DeepEqual(s.Labels, m.Labels) || !reflect.DeepEqual(s, m.Shuffle(1)) || reflect.DeepEqual(s, m.Shuffle(2)) {
		t.Error("the order does not follow from the seed")
	}
	for i, l := range s.Labels {
		if from := int(s.Pixels[12*i]) / 12; from%3 != l {
			t.Errorf("picture %d came with class %d, was %d", from, l, from%3)
		}
	}
	l := m.ShuffleLabels(1)
	if reflect.DeepEqual(l.Labels, m.Labels) || !bytes.Equal(l.Pixels, m.Pixels) || !reflect.DeepEqual(l.Counts(), m.Counts()) {
		t.Errorf("shuffled labels %v of %v", l.Labels, m.Labels)
	}
}

func TestTensors(t *testing.T) {
	m := small(4)
	if x := m.X(); x.At(1, 2, 0, 1) != float64(float32(21)/255) || m.Raw().At(1, 2, 0, 1) != 21 || m.Bytes().At(3, 2, 1, 1) != 47 {
		t.Errorf("%v", m.X())
	}
	if y := m.Y(); !reflect.DeepEqual(y.Ints(), []int{0, 1, 2, 0}) {
		t.Errorf("labels %v", y)
	}
	iris := Iris()
	if x := iris.X(); x.At(50, 2) != float64(float32(iris.Rows[50][2])) || iris.Y().At(50) != 1 {
		t.Errorf("row 50 of the irises is %v", x.Index(50))
	}
}

func TestMisuse(t *testing.T) {
	m := small(7)
	for _, c := range []struct {
		f    func()
		want string
	}{
		{func() { m.Image(7) }, "data: Image(7): there are 7 pictures, counted from 0"},
		{func() { m.Subset(3, 8) }, "data: Subset(3, 8): there are 7 pictures"},
		{func() { m.Select(0, -1) }, "data: Select(-1): there are 7 pictures, counted from 0"},
		{func() { m.Batches(0) }, "data: Batches(0): a batch needs at least one picture"},
		{func() { m.Batch(3, 3) }, "data: Batch(3, 3): there are 3 batches of 3 pictures in 7"},
		{func() { Iris().Split(2, 1) }, "data: Split(2, 1): the fraction of rows for the test must be between 0 and 1"},
		{func() { Iris().Select(150) }, "data: Select(150): there are 150 rows, counted from 0"},
	} {
		func() {
			defer func() {
				if err, ok := recover().(error); !ok || err.Error() != c.want {
					t.Errorf("got %v, want %s", err, c.want)
				}
			}()
			c.f()
		}()
	}
}

// The means are those that Fisher's table I gives for each species.
func TestIris(t *testing.T) {
	iris := Iris()
	if iris.Len() != 150 || len(iris.Features) != 4 {
		t.Fatal(iris)
	}
	var sums [3][4]float64
	for i, row := range iris.Rows {
		for j, v := range row {
			sums[iris.Labels[i]][j] += v
		}
	}
	want := [3][4]float64{{5.006, 3.428, 1.462, 0.246}, {5.936, 2.770, 4.260, 1.326}, {6.588, 2.974, 5.552, 2.026}}
	for c := range sums {
		for j := range sums[c] {
			if got := fmt.Sprintf("%.3f", sums[c][j]/50); got != fmt.Sprintf("%.3f", want[c][j]) {
				t.Errorf("mean %s of %s is %s, want %.3f", iris.Features[j], iris.Classes[c], got, want[c][j])
			}
		}
	}
	train, test := iris.Split(0.2, 1)
	if train.Len() != 120 || test.Len() != 30 || reflect.DeepEqual(test.Labels, make([]int, 30)) {
		t.Errorf("split into %d and %d", train.Len(), test.Len())
	}
}

func TestDamagedTable(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "no line of at least two names"},
		{"a,b\n1\n", "wrong number of fields"},
		{"a,b\n1,x\n2a,y\n", `line 3, column a: strconv.ParseFloat: parsing "2a"`},
	} {
		if _, err := parseTable(c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want %q", c.text, err, c.want)
		}
	}
}

// The reference cost of the regression stands for exactly these numbers.
func TestRegressionIsFixed(t *testing.T) {
	x, y := Regression(400, 784, 1)
	h := sha256.New()
	fmt.Fprintf(h, "%x %x", x.Float32s(), y.Float32s())
	if got, want := hex.EncodeToString(h.Sum(nil)[:8]), "7aed82a00e06ac27"; got != want {
		t.Errorf("the numbers changed: digest %s, want %s; if that is meant, make the reference cost anew (tests/reference)", got, want)
	}
}

func BenchmarkSample(b *testing.B) {
	for b.Loop() {
		CIFAR10Sample()
	}
}
