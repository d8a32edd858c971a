// Export writes what the scripts in tests/reference compute with, as files of
// NumPy's format:
//
//	go run ./tests/reference/export DIR
//
// regression_x.npy and regression_y.npy are data.Regression(400, 784, 1);
// batch_x.npy and batch_y.npy are the first 32 training pictures of
// data.CIFAR10Sample, as bytes, and their labels; curve_x.npy and curve_y.npy
// the first 3200.
package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/fluxion-go/fluxion/dl/data"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("export: ")
	if len(os.Args) != 2 {
		log.Fatal("usage: go run ./tests/reference/export DIR")
	}
	if err := export(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func export(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	x, y := data.Regression(400, 784, 1)
	train, _ := data.CIFAR10Sample()
	batch, curve := train.Subset(0, 32), train.Subset(0, 3200)
	for _, a := range []struct {
		file, dtype string
		shape       []int
		elements    any
	}{
		{"regression_x.npy", "<f4", x.Shape(), x.Float32s()},
		{"regression_y.npy", "<f4", y.Shape(), y.Float32s()},
		{"batch_x.npy", "|u1", batch.Bytes().Shape(), batch.Pixels},
		{"batch_y.npy", "<i8", batch.Y().Shape(), batch.Y().Shared()},
		{"curve_x.npy", "|u1", curve.Bytes().Shape(), curve.Pixels},
		{"curve_y.npy", "<i8", curve.Y().Shape(), curve.Y().Shared()},
	} {
		b, err := npy(a.dtype, a.shape, a.elements)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, a.file), b, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// npy returns an array in version 1.0 of NumPy's file format: a magic number,
// the length of the header, the header (a Python dictionary, filled up with
// blanks so that the elements begin at a multiple of 64), the elements.
func npy(dtype string, shape []int, elements any) ([]byte, error) {
	dims := strings.Trim(strings.ReplaceAll(fmt.Sprint(shape), " ", ", "), "[]") + ","
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", dtype, dims)
	const before = 10 // bytes in front of the header
	header += strings.Repeat(" ", 63-(before+len(header))%64) + "\n"
	var b bytes.Buffer
	b.WriteString("\x93NUMPY\x01\x00")
	if err := binary.Write(&b, binary.LittleEndian, uint16(len(header))); err != nil {
		return nil, err
	}
	b.WriteString(header)
	err := binary.Write(&b, binary.LittleEndian, elements)
	return b.Bytes(), err
}
