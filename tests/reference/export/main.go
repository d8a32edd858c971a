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
	"log"
	"os"
	"path/filepath"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/data"
	"github.com/fluxion-go/fluxion/dl/npy"
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
	for name, t := range map[string]*dl.Tensor{
		"regression_x": x, "regression_y": y, "batch_x": batch.Bytes(), "batch_y": batch.Y(),
		"curve_x": curve.Bytes(), "curve_y": curve.Y(),
	} {
		if err := npy.WriteFile(filepath.Join(dir, name+".npy"), t); err != nil {
			return err
		}
	}
	return nil
}
