package npy

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/internal/atomicfile"
)

// maxArray is the size in bytes above which an array of an archive is not
// unpacked: compressed zeros take next to no room in a file.
const maxArray = 16 << 30

// WriteArchive writes tensors, which must be concrete, as the .npz file of this
// path, whole or not at all, without compression.
func WriteArchive(path string, tensors map[string]*dl.Tensor) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		z := zip.NewWriter(w)
		for _, name := range slices.Sorted(maps.Keys(tensors)) {
			f, err := z.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: zip.Store})
			if err == nil {
				err = Write(f, tensors[name])
			}
			if err != nil {
				return fmt.Errorf("%w (array %q)", err, name)
			}
		}
		return z.Close()
	})
}

// ReadArchive reads the arrays of the .npz file of this path by their names.
func ReadArchive(path string) (map[string]*dl.Tensor, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	all, err := DecodeArchive(b)
	if err != nil {
		return nil, fmt.Errorf("%w (in %s)", err, path)
	}
	return all, nil
}

// DecodeArchive reads the bytes of a .npz file.
func DecodeArchive(b []byte) (map[string]*dl.Tensor, error) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, fmt.Errorf("npy: %w", err)
	}
	all := map[string]*dl.Tensor{}
	for _, f := range z.File {
		name := strings.TrimSuffix(f.Name, ".npy")
		if _, twice := all[name]; twice {
			return nil, fmt.Errorf("npy: array %q stands in the file twice", name)
		}
		if f.UncompressedSize64 > maxArray {
			return nil, fmt.Errorf("npy: array %q of %d bytes, at most %d are read", name, f.UncompressedSize64, int64(maxArray))
		}
		r, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("npy: array %q: %w", name, err)
		}
		content, err := io.ReadAll(r)
		r.Close()
		if err != nil {
			return nil, fmt.Errorf("npy: array %q: %w", name, err)
		}
		if all[name], err = Decode(content); err != nil {
			return nil, fmt.Errorf("%w (array %q)", err, name)
		}
	}
	return all, nil
}
