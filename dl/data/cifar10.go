package data

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// The files of CIFAR-10's binary version. A record is one byte, the class, and
// the 3,072 bytes of the red, green and blue planes.
const (
	cifar10Pixels  = 3 * 32 * 32
	cifar10Records = 10000 // in a file
	cifar10Folder  = "cifar-10-batches-bin"
	cifar10Archive = "cifar-10-binary.tar.gz"
	cifar10Hint    = "get " + cifar10Archive + " from https://www.cs.toronto.edu/~kriz/cifar.html"
)

var (
	cifar10Classes = []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}
	cifar10Files   = []string{"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"}
)

// CIFAR10Env is the environment variable that names the folder of the whole
// of CIFAR-10 for [CIFAR10].
const CIFAR10Env = "FLUXION_CIFAR10"

// CIFAR10Classes returns the names of the ten classes in the order of their
// labels.
func CIFAR10Classes() []string { return slices.Clone(cifar10Classes) }

// CIFAR10 loads the whole of CIFAR-10 from the folder that the environment
// variable FLUXION_CIFAR10 names, as [LoadCIFAR10] does, and returns
// [CIFAR10Sample] where the variable is not set.
func CIFAR10() (train, test *Images, err error) {
	dir := os.Getenv(CIFAR10Env)
	if dir == "" {
		train, test = CIFAR10Sample()
		return train, test, nil
	}
	train, test, err = LoadCIFAR10(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("%w (the folder is the one that %s names; unset it to use the embedded sample)", err, CIFAR10Env)
	}
	return train, test, nil
}

// LoadCIFAR10 loads the 50,000 training and 10,000 test pictures of CIFAR-10's
// binary version. The path is that of cifar-10-binary.tar.gz as it is
// distributed, of the folder with data_batch_1.bin to data_batch_5.bin and
// test_batch.bin that it unpacks to, or of a folder in which the one or the
// other lies. A file that is missing, too short, too long or holds a class
// other than 0 to 9 is an error that names it.
func LoadCIFAR10(dir string) (train, test *Images, err error) {
	load := func(open func(r recordReader) error) (*Images, *Images, error) {
		train, test := newCIFAR10(5*cifar10Records), newCIFAR10(cifar10Records)
		if err := open(func(file string, r io.Reader) error {
			i := slices.Index(cifar10Files, file)
			part := test
			if i < 5 {
				part = train.Subset(i*cifar10Records, (i+1)*cifar10Records)
			}
			return readRecords(r, part)
		}); err != nil {
			return nil, nil, fmt.Errorf("data: CIFAR-10: %w", err)
		}
		return train, test, nil
	}
	info, err := os.Stat(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("data: CIFAR-10: no such file or folder: %s; %s and give the path to it or to the folder it is in", dir, cifar10Hint)
	}
	if !info.IsDir() {
		return load(func(read recordReader) error { return readArchive(dir, read) })
	}
	for _, d := range []string{dir, filepath.Join(dir, cifar10Folder)} {
		// One file is enough to know the folder; those that lack are then named.
		if slices.ContainsFunc(cifar10Files, func(name string) bool { return exists(filepath.Join(d, name)) }) {
			return load(func(read recordReader) error { return readFolder(d, read) })
		}
	}
	if a := filepath.Join(dir, cifar10Archive); exists(a) {
		return load(func(read recordReader) error { return readArchive(a, read) })
	}
	return nil, nil, fmt.Errorf("data: CIFAR-10: %s holds neither data_batch_1.bin to data_batch_5.bin and test_batch.bin, nor a folder %s with them, nor %s; %s and put it there",
		dir, cifar10Folder, cifar10Archive, cifar10Hint)
}

func newCIFAR10(n int) *Images {
	return &Images{
		Pixels: make([]uint8, n*cifar10Pixels), Labels: make([]int, n), Classes: CIFAR10Classes(),
		Channels: 3, Height: 32, Width: 32,
	}
}

// A recordReader takes the content of the file of that name.
type recordReader func(file string, r io.Reader) error

func readFolder(dir string, read recordReader) error {
	for _, name := range cifar10Files {
		p := filepath.Join(dir, name)
		f, err := os.Open(p)
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s is missing from %s; %s and unpack it again", name, dir, cifar10Hint)
		}
		if err != nil {
			return err
		}
		err = read(name, f)
		f.Close()
		if err != nil {
			return fmt.Errorf("%s: %w; %s and unpack it again", p, err, cifar10Hint)
		}
	}
	return nil
}

func readArchive(file string, read recordReader) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	fail := func(err error) error { return fmt.Errorf("%s: %w; %s again", file, err, cifar10Hint) }
	z, err := gzip.NewReader(f)
	if err != nil {
		return fail(fmt.Errorf("not a gzip archive (%w)", err))
	}
	seen := map[string]bool{}
	for t := tar.NewReader(z); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fail(fmt.Errorf("the archive is damaged or cut off: %w", err))
		}
		name := path.Base(h.Name)
		if h.Typeflag != tar.TypeReg || !slices.Contains(cifar10Files, name) {
			continue
		}
		if err := read(name, t); err != nil {
			return fail(fmt.Errorf("%s in it: %w", name, err))
		}
		seen[name] = true
	}
	for _, name := range cifar10Files {
		if !seen[name] {
			return fail(fmt.Errorf("%s is missing from it", name))
		}
	}
	return nil
}

// readRecords fills m with the records of r, of which there must be as many as
// m has room for.
func readRecords(r io.Reader, m *Images) error {
	record := make([]byte, 1+cifar10Pixels)
	for i := range m.Labels {
		if n, err := io.ReadFull(r, record); err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				return fmt.Errorf("truncated: it has %d bytes, want %d", i*len(record)+n, m.Len()*len(record))
			}
			return fmt.Errorf("after %d bytes: %w", i*len(record)+n, err)
		}
		if int(record[0]) >= len(m.Classes) {
			return fmt.Errorf("damaged: record %d at byte %d has class %d, want 0 to %d", i, i*len(record), record[0], len(m.Classes)-1)
		}
		m.Labels[i] = int(record[0])
		copy(m.Pixels[i*cifar10Pixels:], record[1:])
	}
	if n, _ := io.ReadFull(r, record[:1]); n > 0 {
		return fmt.Errorf("too long: it goes on after %d records of %d bytes", m.Len(), len(record))
	}
	return nil
}

func exists(p string) bool {
	_, err := os.Stat(p)
	return err == nil
}
