// Gen chooses the CIFAR-10 pictures that package data embeds and writes them
// to two files:
//
//	go run ./dl/data/gen PICTURES dl/data/cifar10
//
// PICTURES is a folder with the whole data set as JPEG files of equal quality:
// train/<class>/*.jpg and test/<class>/*.jpg. From each class 500 training and
// 100 test pictures are drawn with a fixed seed, and their order is shuffled
// with it, so the same folder always gives the same two files. The pictures
// are not encoded again. What is a file's format is said in
// dl/data/cifar10/README.md.
package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image/jpeg"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"

	"github.com/fluxion-go/fluxion/dl/data"
)

const seed = 2017

func main() {
	log.SetFlags(0)
	log.SetPrefix("gen: ")
	if len(os.Args) != 3 {
		log.Fatal("usage: go run ./dl/data/gen PICTURES OUTPUT")
	}
	rng := rand.New(rand.NewPCG(seed, 0))
	for _, part := range []struct {
		name     string
		perClass int
	}{{"train", 500}, {"test", 100}} {
		b, err := sample(filepath.Join(os.Args[1], part.name), part.perClass, rng)
		if err != nil {
			log.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(os.Args[2], part.name+".jpegs"), b, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

type picture struct {
	label byte
	path  string
}

// sample draws perClass pictures of each class from dir and packs them.
func sample(dir string, perClass int, rng *rand.Rand) ([]byte, error) {
	var chosen []picture
	for label, class := range data.CIFAR10Classes() {
		paths, err := filepath.Glob(filepath.Join(dir, class, "*.jpg"))
		if err != nil {
			return nil, err
		}
		if len(paths) < perClass {
			return nil, fmt.Errorf("%s has %d pictures, want at least %d", filepath.Join(dir, class), len(paths), perClass)
		}
		slices.Sort(paths)
		rng.Shuffle(len(paths), func(i, j int) { paths[i], paths[j] = paths[j], paths[i] })
		for _, p := range paths[:perClass] {
			chosen = append(chosen, picture{byte(label), p})
		}
	}
	rng.Shuffle(len(chosen), func(i, j int) { chosen[i], chosen[j] = chosen[j], chosen[i] })
	return pack(chosen)
}

// pack writes the header that all the pictures share once, and after it the
// label and the entropy-coded scan of each.
func pack(pictures []picture) ([]byte, error) {
	var out, header []byte
	for _, p := range pictures {
		b, err := os.ReadFile(p.path)
		if err != nil {
			return nil, err
		}
		if c, err := jpeg.DecodeConfig(bytes.NewReader(b)); err != nil || c.Width != 32 || c.Height != 32 {
			return nil, fmt.Errorf("%s is not a JPEG picture of 32×32: %dx%d, %v", p.path, c.Width, c.Height, err)
		}
		n := scanStart(b)
		if header == nil {
			header = b[:n]
			out = binary.LittleEndian.AppendUint32(out, uint32(n))
			out = append(out, header...)
		}
		if !bytes.Equal(header, b[:n]) {
			return nil, fmt.Errorf("%s has other JPEG tables than the pictures before it; all must be encoded alike", p.path)
		}
		if bytes.Index(b[n:], []byte{0xff, 0xd9}) != len(b)-n-2 {
			return nil, fmt.Errorf("%s does not end with its only end-of-image marker", p.path)
		}
		out = append(out, p.label)
		out = append(out, b[n:]...)
	}
	return out, nil
}

// scanStart returns where the entropy-coded data of the JPEG file b begins,
// just after its start-of-scan segment.
func scanStart(b []byte) int {
	n := 2 // after the start-of-image marker
	for b[n+1] != 0xda {
		n += 2 + int(binary.BigEndian.Uint16(b[n+2:]))
	}
	return n + 2 + int(binary.BigEndian.Uint16(b[n+2:]))
}
