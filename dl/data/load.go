package data

import (
	"compress/gzip"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"fmt"
	"image"
	_ "image/gif"  // a format of pictures
	_ "image/jpeg" // a format of pictures
	_ "image/png"  // a format of pictures
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/image/draw"

	"github.com/fluxion-go/fluxion/dl"
)

// ReadTable reads a file of comma-separated values with a line of names: numbers,
// and in the last column the name or number of the class. Classes are numbered in
// the order in which they come.
func ReadTable(path string) (*Table, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	t, err := parseTable(string(text))
	if err != nil {
		return nil, fmt.Errorf("data: %s: %w", path, err)
	}
	return t, nil
}

// ReadNumbers reads a file of comma-separated numbers with a line of names, and
// returns the names and a float32 matrix with a row for each line behind it. An
// empty field is not a number (NaN).
func ReadNumbers(path string) (names []string, x *dl.Tensor, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("data: %w", err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, nil, fmt.Errorf("data: %s: %w", path, err)
	}
	if len(lines) < 2 {
		return nil, nil, fmt.Errorf("data: %s: want a line of names and at least one of numbers", path)
	}
	names = lines[0]
	values := make([]float32, 0, len(names)*(len(lines)-1))
	for i, line := range lines[1:] {
		for j, field := range line {
			if field = strings.TrimSpace(field); field == "" {
				field = "nan"
			}
			v, err := strconv.ParseFloat(field, 32)
			if err != nil {
				return nil, nil, fmt.Errorf("data: %s: line %d, column %s: %q is no number", path, i+2, names[j], field)
			}
			values = append(values, float32(v))
		}
	}
	return names, dl.New(values, len(lines)-1, len(names)), nil
}

// ReadImages reads the pictures (PNG, JPEG or GIF) in the folders of a folder: the
// name of each is a class, and classes and files are sorted by their names. The
// pictures get this height and width, whatever their own. Files of other kinds
// are passed over.
func ReadImages(dir string, height, width int) (*Images, error) {
	if height < 1 || width < 1 {
		return nil, fmt.Errorf("data: pictures of %d×%d, want at least one pixel", height, width)
	}
	folders, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	m := &Images{Channels: 3, Height: height, Width: width}
	for _, folder := range folders {
		if !folder.IsDir() || strings.HasPrefix(folder.Name(), ".") {
			continue
		}
		m.Classes = append(m.Classes, folder.Name())
		files, err := os.ReadDir(filepath.Join(dir, folder.Name()))
		if err != nil {
			return nil, fmt.Errorf("data: %w", err)
		}
		for _, file := range files {
			if !slices.Contains([]string{".png", ".jpg", ".jpeg", ".gif"}, strings.ToLower(filepath.Ext(file.Name()))) {
				continue
			}
			if err := m.add(filepath.Join(dir, folder.Name(), file.Name())); err != nil {
				return nil, err
			}
			m.Labels = append(m.Labels, len(m.Classes)-1)
		}
	}
	if m.Len() == 0 {
		return nil, fmt.Errorf("data: %s has no pictures in its folders; want one folder for each class", dir)
	}
	return m, nil
}

// add adds the picture of a file.
func (m *Images) add(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("data: %w", err)
	}
	defer f.Close()
	picture, _, err := image.Decode(f)
	if err != nil {
		return fmt.Errorf("data: %s: %w", path, err)
	}
	to := image.NewRGBA(image.Rect(0, 0, m.Width, m.Height))
	draw.CatmullRom.Scale(to, to.Bounds(), picture, picture.Bounds(), draw.Src, nil)
	for c := range m.Channels {
		for i := range m.Height * m.Width {
			m.Pixels = append(m.Pixels, to.Pix[4*i+c])
		}
	}
	return nil
}

// ReadMNIST reads the handwritten digits of LeCun, Cortes and Burges, or what has
// their format, such as Fashion-MNIST, from a folder: the files
// train-images-idx3-ubyte, train-labels-idx1-ubyte, and the same with t10k, with
// or without .gz behind.
func ReadMNIST(dir string) (train, test *Images, err error) {
	if train, err = readDigits(dir, "train"); err == nil {
		test, err = readDigits(dir, "t10k")
	}
	if err != nil {
		return nil, nil, fmt.Errorf("data: %w", err)
	}
	return train, test, nil
}

func readDigits(dir, part string) (*Images, error) {
	shape, pixels, err := readIDX(filepath.Join(dir, part+"-images-idx3-ubyte"), 3)
	if err != nil {
		return nil, err
	}
	counts, labels, err := readIDX(filepath.Join(dir, part+"-labels-idx1-ubyte"), 1)
	if err != nil {
		return nil, err
	}
	if counts[0] != shape[0] {
		return nil, fmt.Errorf("%s in %s: %d pictures, but %d labels", part, dir, shape[0], counts[0])
	}
	m := &Images{Pixels: pixels, Channels: 1, Height: shape[1], Width: shape[2]}
	for k := range 10 {
		m.Classes = append(m.Classes, strconv.Itoa(k))
	}
	for i, l := range labels {
		if l > 9 {
			return nil, fmt.Errorf("%s in %s: label %d is %d, want 0 to 9", part, dir, i, l)
		}
		m.Labels = append(m.Labels, int(l))
	}
	return m, nil
}

// readIDX reads an array of bytes with so many axes: two zeros, 8 for bytes, the
// number of axes, their lengths as big-endian int32, the bytes.
func readIDX(path string, axes int) (shape []int, elements []byte, err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		path += ".gz"
		f, err = os.Open(path)
	}
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	all, err := io.ReadAll(r)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	head := 4 + 4*axes
	if len(all) < head || all[0] != 0 || all[1] != 0 || all[2] != 8 || int(all[3]) != axes {
		return nil, nil, fmt.Errorf("%s is no IDX file of bytes with %d axes", path, axes)
	}
	size := 1
	for a := range axes {
		n := int(binary.BigEndian.Uint32(all[4+4*a:]))
		shape = append(shape, n)
		if n < 1 || size > len(all)/n {
			size = -1
			break
		}
		size *= n
	}
	if elements = all[head:]; len(elements) != size {
		return nil, nil, fmt.Errorf("%s is damaged: it has %d bytes for shape %v", path, len(elements), shape)
	}
	return shape, elements, nil
}
