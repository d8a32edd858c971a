// Package npy reads and writes arrays in NumPy's files: .npy for one array,
// .npz for several by name.
//
// The format is that of numpy.lib.format: a magic number, a version, the length
// of a header, the header, which is a Python dictionary, and the elements.
// Arrays of floats (2, 4 or 8 bytes), integers (1, 2, 4 or 8 bytes) and bools
// are read, of either byte order and in row-major or Fortran order. Those that
// dl has no dtype for are converted: float16 to float32, int8, int16 and uint16
// to int32, uint32 and uint64 to int64. Python objects are refused.
package npy

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/internal/atomicfile"
	"github.com/fluxion-go/fluxion/dl/internal/float16"
)

const magic = "\x93NUMPY"

var names = map[dl.DType]string{dl.Float32: "<f4", dl.Float64: "<f8", dl.Int32: "<i4", dl.Int64: "<i8", dl.Uint8: "|u1", dl.Bool: "|b1"}

// WriteFile writes t, which must be concrete, as the .npy file of this path,
// whole or not at all.
func WriteFile(path string, t *dl.Tensor) error {
	return atomicfile.Write(path, func(w io.Writer) error { return Write(w, t) })
}

// Write writes t to w in version 1.0 of the format.
func Write(w io.Writer, t *dl.Tensor) error {
	if t == nil || t.IsSymbolic() {
		return errors.New("npy: the tensor has no values")
	}
	shape := strings.Trim(strings.ReplaceAll(fmt.Sprint(t.Shape()), " ", ", "), "[]")
	if t.Rank() == 1 {
		shape += ","
	}
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", names[t.DType()], shape)
	const before = len(magic) + 2 + 2 // bytes in front of the header
	header += strings.Repeat(" ", 63-(before+len(header))%64) + "\n"
	b := append([]byte(magic), 1, 0)
	b = append(binary.LittleEndian.AppendUint16(b, uint16(len(header))), header...)
	if _, err := w.Write(b); err != nil {
		return err
	}
	return binary.Write(w, binary.LittleEndian, t.Shared())
}

// ReadFile reads the .npy file of this path.
func ReadFile(path string) (*dl.Tensor, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	t, err := Decode(b)
	if err != nil {
		return nil, fmt.Errorf("%w (in %s)", err, path)
	}
	return t, nil
}

// Decode reads the bytes of a .npy file.
func Decode(b []byte) (*dl.Tensor, error) {
	t, err := decode(b)
	if err != nil {
		return nil, fmt.Errorf("npy: %w", err)
	}
	return t, nil
}

// A header says how the elements are laid out.
type header struct {
	kind    byte // f, i, u or b
	size    int  // of an element, in bytes
	order   binary.ByteOrder
	fortran bool
	shape   []int
}

func decode(b []byte) (*dl.Tensor, error) {
	if len(b) < 10 || string(b[:6]) != magic {
		return nil, errors.New("no NumPy file: it does not begin with \\x93NUMPY")
	}
	var text, data []byte
	switch version := b[6]; version {
	case 1:
		n := int(binary.LittleEndian.Uint16(b[8:]))
		if n > len(b)-10 {
			return nil, fmt.Errorf("the header should have %d bytes, %d follow", n, len(b)-10)
		}
		text, data = b[10:10+n], b[10+n:]
	case 2, 3:
		if len(b) < 12 {
			return nil, errors.New("it ends in the length of the header")
		}
		n := uint64(binary.LittleEndian.Uint32(b[8:]))
		if n > uint64(len(b)-12) {
			return nil, fmt.Errorf("the header should have %d bytes, %d follow", n, len(b)-12)
		}
		text, data = b[12:12+n], b[12+n:]
	default:
		return nil, fmt.Errorf("version %d of the format, want 1 to 3", version)
	}
	h, err := parse(string(text))
	if err != nil {
		return nil, err
	}
	count := 1
	for _, d := range h.shape {
		if d > 0 && count > len(data)/h.size/d {
			return nil, fmt.Errorf("shape %v of elements of %d bytes does not fit into %d bytes", h.shape, h.size, len(data))
		}
		count *= d
	}
	if count*h.size != len(data) {
		return nil, fmt.Errorf("shape %v of elements of %d bytes needs %d bytes, there are %d", h.shape, h.size, count*h.size, len(data))
	}
	t, err := h.tensor(data, count)
	if err != nil {
		return nil, err
	}
	if !h.fortran || len(h.shape) < 2 {
		return t.Reshape(h.shape...), nil
	}
	// The first index runs fastest: the array is the transpose of one of the
	// reversed shape.
	reversed := make([]int, len(h.shape))
	for i, d := range h.shape {
		reversed[len(reversed)-1-i] = d
	}
	return t.Reshape(reversed...).Transpose(), nil
}

var (
	descrKey   = regexp.MustCompile(`'descr'\s*:\s*'([<>|=]?)([fiub])([0-9]+)'`)
	fortranKey = regexp.MustCompile(`'fortran_order'\s*:\s*(True|False)`)
	shapeKey   = regexp.MustCompile(`'shape'\s*:\s*\(([0-9,\sL]*)\)`)
)

// parse reads the dictionary as NumPy writes it.
func parse(text string) (header, error) {
	var h header
	descr, fortran, shape := descrKey.FindStringSubmatch(text), fortranKey.FindStringSubmatch(text), shapeKey.FindStringSubmatch(text)
	switch {
	case descr == nil:
		return h, fmt.Errorf("the header %q names no dtype of floats, integers or bools", strings.TrimSpace(text))
	case fortran == nil || shape == nil:
		return h, fmt.Errorf("the header %q lacks fortran_order or shape", strings.TrimSpace(text))
	}
	h.kind, h.fortran, h.order = descr[2][0], fortran[1] == "True", binary.LittleEndian
	if descr[1] == ">" {
		h.order = binary.BigEndian
	}
	h.size, _ = strconv.Atoi(descr[3]) // 0, which no dtype has, where it is too large
	known := map[byte]string{'f': "248", 'i': "1248", 'u': "1248", 'b': "1"}[h.kind]
	if len(descr[3]) != 1 || !strings.Contains(known, descr[3]) {
		return h, fmt.Errorf("dtype %s%s is not known", descr[2], descr[3])
	}
	for _, d := range strings.Split(shape[1], ",") {
		d = strings.TrimSuffix(strings.TrimSpace(d), "L") // as Python 2 wrote it
		if d == "" {
			continue
		}
		n, err := strconv.ParseInt(d, 10, 32)
		if err != nil {
			return h, fmt.Errorf("the shape: %w", err)
		}
		h.shape = append(h.shape, int(n))
	}
	return h, nil
}

// tensor reads n elements as a vector.
func (h header) tensor(b []byte, n int) (*dl.Tensor, error) {
	at := func(i int) uint64 {
		e := b[i*h.size:]
		switch h.size {
		case 1:
			return uint64(e[0])
		case 2:
			return uint64(h.order.Uint16(e))
		case 4:
			return uint64(h.order.Uint32(e))
		}
		return h.order.Uint64(e)
	}
	switch {
	case h.kind == 'b':
		return dl.NewShared(fill(n, func(i int) uint8 { return min(uint8(at(i)), 1) })).Cast(dl.Bool), nil
	case h.kind == 'u' && h.size == 1:
		return dl.NewShared(bytes.Clone(b)), nil
	case h.kind == 'f' && h.size == 2:
		return dl.NewShared(fill(n, func(i int) float32 { return float16.Float32(uint16(at(i))) })), nil
	case h.kind == 'f' && h.size == 4:
		return dl.NewShared(fill(n, func(i int) float32 { return math.Float32frombits(uint32(at(i))) })), nil
	case h.kind == 'f':
		return dl.NewShared(fill(n, func(i int) float64 { return math.Float64frombits(at(i)) })), nil
	case h.kind == 'u' && h.size == 2:
		return dl.NewShared(fill(n, func(i int) int32 { return int32(at(i)) })), nil
	case h.kind == 'i' && h.size == 1:
		return dl.NewShared(fill(n, func(i int) int32 { return int32(int8(at(i))) })), nil
	case h.kind == 'i' && h.size == 2:
		return dl.NewShared(fill(n, func(i int) int32 { return int32(int16(at(i))) })), nil
	case h.kind == 'i' && h.size == 4:
		return dl.NewShared(fill(n, func(i int) int32 { return int32(at(i)) })), nil
	case h.kind == 'u' && h.size == 8:
		for i := range n {
			if at(i) > math.MaxInt64 {
				return nil, fmt.Errorf("element %d is %d, which an int64 does not hold", i, at(i))
			}
		}
	}
	return dl.NewShared(fill(n, func(i int) int64 { return int64(at(i)) })), nil
}

func fill[T any](n int, at func(i int) T) []T {
	out := make([]T, n)
	for i := range out {
		out[i] = at(i)
	}
	return out
}
