package data

import (
	"bytes"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"runtime"
	"slices"
	"sync"
)

// See cifar10/README.md for where these come from and their format.
var (
	//go:embed cifar10/train.jpegs
	sampleTrain []byte
	//go:embed cifar10/test.jpegs
	sampleTest []byte
)

// CIFAR10Sample returns 5,000 training and 1,000 test pictures of CIFAR-10,
// 500 and 100 of each class, which the binary carries with it: colour pictures
// of 32×32. Each call decodes them anew, in about a tenth of a second.
func CIFAR10Sample() (train, test *Images) {
	train, err := unpack(sampleTrain)
	if err == nil {
		test, err = unpack(sampleTest)
	}
	if err != nil {
		panic(fmt.Errorf("data: the embedded sample of CIFAR-10 is damaged: %w", err))
	}
	return train, test
}

// A packedPicture is one picture of a .jpegs file.
type packedPicture struct {
	label byte
	scan  []byte // what follows the common header
}

// unpack decodes a .jpegs file, on all processors.
func unpack(b []byte) (*Images, error) {
	header, pictures, err := split(b)
	if err != nil {
		return nil, err
	}
	m := newCIFAR10(len(pictures))
	workers := runtime.GOMAXPROCS(0)
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			file := slices.Clone(header)
			for i := w; i < len(pictures) && errs[w] == nil; i += workers {
				file = append(file[:len(header)], pictures[i].scan...)
				m.Labels[i] = int(pictures[i].label)
				if err := decode(file, m.Pixels[i*cifar10Pixels:][:cifar10Pixels]); err != nil {
					errs[w] = fmt.Errorf("picture %d: %w", i, err)
				}
			}
		})
	}
	wg.Wait()
	return m, errors.Join(errs...)
}

// split returns the parts of a .jpegs file.
func split(b []byte) (header []byte, pictures []packedPicture, err error) {
	if len(b) < 4 {
		return nil, nil, fmt.Errorf("%d bytes are too few for the length of the header", len(b))
	}
	n := int64(binary.LittleEndian.Uint32(b))
	b = b[4:]
	if int64(len(b)) < n {
		return nil, nil, fmt.Errorf("the header should have %d bytes, there are %d", n, len(b))
	}
	header, b = b[:n], b[n:]
	for len(b) > 0 {
		label := b[0]
		if int(label) >= len(cifar10Classes) {
			return nil, nil, fmt.Errorf("picture %d has class %d, want 0 to %d", len(pictures), label, len(cifar10Classes)-1)
		}
		end := bytes.Index(b[1:], []byte{0xff, 0xd9})
		if end < 0 {
			return nil, nil, fmt.Errorf("picture %d has no end-of-image marker", len(pictures))
		}
		pictures = append(pictures, packedPicture{label, b[1 : 1+end+2]})
		b = b[1+end+2:]
	}
	return header, pictures, nil
}

// decode writes the red, green and blue planes of a JPEG file of 32×32 to dst.
func decode(file []byte, dst []uint8) error {
	img, err := jpeg.Decode(bytes.NewReader(file))
	if err != nil {
		return err
	}
	m, ok := img.(*image.YCbCr)
	if !ok || m.Rect != image.Rect(0, 0, 32, 32) {
		return fmt.Errorf("it is a %T of %v, want colours of 32×32", img, img.Bounds().Size())
	}
	for k := range 32 * 32 {
		y, c := m.YOffset(k%32, k/32), m.COffset(k%32, k/32)
		dst[k], dst[1024+k], dst[2048+k] = color.YCbCrToRGB(m.Y[y], m.Cb[c], m.Cr[c])
	}
	return nil
}
