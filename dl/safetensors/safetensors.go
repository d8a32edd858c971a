// Package safetensors reads and writes files of named tensors in the format of
// the Python package safetensors, in which weights are passed between
// frameworks: https://github.com/huggingface/safetensors.
//
// A file is the length of a header (8 bytes, little-endian), the header, which
// is JSON, and the elements of the tensors one after the other:
//
//	{"w": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, "__metadata__": {"by": "me"}}
//
// Tensors of dtypes that dl does not have are converted when they are read:
// F16 and BF16 to float32, I8, I16 and U16 to int32, U32 and U64 to int64.
package safetensors

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/internal/atomicfile"
	"github.com/fluxion-go/fluxion/dl/internal/float16"
)

// A File is what a file holds.
type File struct {
	Tensors  map[string]*dl.Tensor
	Metadata map[string]string // free text by name; may be nil
}

const (
	metadataKey = "__metadata__"
	maxHeader   = 100_000_000 // bytes; the format's own limit
)

// An entry of the header describes one tensor.
type entry struct {
	DType   string `json:"dtype"`
	Shape   []int  `json:"shape"`
	Offsets [2]int `json:"data_offsets"`
}

// dtypes maps the names of the format to dtypes, with the bytes that an element
// takes in the file.
var dtypes = map[string]struct {
	d    dl.DType
	size int
}{
	"F32": {dl.Float32, 4}, "F64": {dl.Float64, 8}, "I32": {dl.Int32, 4}, "I64": {dl.Int64, 8}, "U8": {dl.Uint8, 1}, "BOOL": {dl.Bool, 1},
	"F16": {dl.Float32, 2}, "BF16": {dl.Float32, 2}, "I8": {dl.Int32, 1}, "I16": {dl.Int32, 2}, "U16": {dl.Int32, 2},
	"U32": {dl.Int64, 4}, "U64": {dl.Int64, 8},
}

// names are those under which the dtypes are written.
var names = map[dl.DType]string{dl.Float32: "F32", dl.Float64: "F64", dl.Int32: "I32", dl.Int64: "I64", dl.Uint8: "U8", dl.Bool: "BOOL"}

// WriteFile writes a file of the given path, whole or not at all. All tensors
// must be concrete.
func WriteFile(path string, f *File) error {
	return atomicfile.Write(path, func(w io.Writer) error { return Write(w, f) })
}

// Write writes f to w.
func Write(w io.Writer, f *File) error {
	// The largest elements come first, so that all of them lie at a multiple
	// of their size; the names decide among equals, so that the same tensors
	// always give the same file.
	order := slices.SortedFunc(maps.Keys(f.Tensors), func(a, b string) int {
		x, y := f.Tensors[a], f.Tensors[b]
		if x == nil || y == nil {
			return cmp.Compare(a, b)
		}
		return cmp.Or(cmp.Compare(y.DType().Size(), x.DType().Size()), cmp.Compare(a, b))
	})
	header := map[string]any{}
	if len(f.Metadata) > 0 {
		header[metadataKey] = f.Metadata
	}
	end := 0
	for _, name := range order {
		t := f.Tensors[name]
		switch {
		case name == metadataKey:
			return fmt.Errorf("safetensors: no tensor may be called %q", name)
		case t == nil || t.IsSymbolic():
			return fmt.Errorf("safetensors: tensor %q has no values", name)
		}
		size := t.Size() * t.DType().Size()
		header[name] = entry{names[t.DType()], t.Shape(), [2]int{end, end + size}}
		end += size
	}
	text, err := json.Marshal(header)
	if err != nil {
		return fmt.Errorf("safetensors: %w", err)
	}
	text = append(text, strings.Repeat(" ", -len(text)&7)...)
	if len(text) > maxHeader {
		return fmt.Errorf("safetensors: a header of %d bytes, at most %d are allowed", len(text), maxHeader)
	}
	if _, err := w.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(text)))); err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	for _, name := range order {
		if err := binary.Write(w, binary.LittleEndian, f.Tensors[name].Shared()); err != nil {
			return err
		}
	}
	return nil
}

// ReadFile reads the file of the given path.
func ReadFile(path string) (*File, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f, err := Decode(b)
	if err != nil {
		return nil, fmt.Errorf("%w (in %s)", err, path)
	}
	return f, nil
}

// Decode reads the bytes of a file. An error says what is wrong with them.
func Decode(b []byte) (*File, error) {
	f, err := decode(b)
	if err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	return f, nil
}

func decode(b []byte) (*File, error) {
	if len(b) < 8 {
		return nil, fmt.Errorf("%d bytes are too few for the length of the header", len(b))
	}
	n := binary.LittleEndian.Uint64(b)
	if n > maxHeader || n > uint64(len(b)-8) {
		return nil, fmt.Errorf("the header should have %d bytes, %d follow", n, len(b)-8)
	}
	text, data := b[8:8+n], b[8+n:]
	if len(text) == 0 || text[0] != '{' {
		return nil, errors.New("the header is no JSON object")
	}
	raw, err := members(text)
	if err != nil {
		return nil, fmt.Errorf("the header: %w", err)
	}
	f := &File{Tensors: map[string]*dl.Tensor{}}
	if m, ok := raw[metadataKey]; ok {
		if err := json.Unmarshal(m, &f.Metadata); err != nil {
			return nil, fmt.Errorf("the metadata: %w", err)
		}
		delete(raw, metadataKey)
	}
	entries := map[string]entry{}
	for name, m := range raw {
		var e entry
		if err := json.Unmarshal(m, &e); err != nil {
			return nil, fmt.Errorf("tensor %q: %w", name, err)
		}
		entries[name] = e
	}
	return f, f.fill(entries, data)
}

// fill reads the tensors, which lie in data without gaps.
func (f *File) fill(entries map[string]entry, data []byte) error {
	order := slices.SortedFunc(maps.Keys(entries), func(a, b string) int {
		x, y := entries[a].Offsets, entries[b].Offsets
		return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1]), cmp.Compare(a, b))
	})
	end := 0
	for _, name := range order {
		e := entries[name]
		kind, ok := dtypes[e.DType]
		if !ok {
			return fmt.Errorf("tensor %q has dtype %q, want one of %v", name, e.DType, slices.Sorted(maps.Keys(dtypes)))
		}
		size := kind.size
		for _, d := range e.Shape {
			if d < 0 || d > 0 && size > len(data)/d {
				return fmt.Errorf("tensor %q of shape %v does not fit into %d bytes", name, e.Shape, len(data))
			}
			size *= d
		}
		if e.Offsets[0] != end || e.Offsets[1] != end+size || end+size > len(data) {
			return fmt.Errorf("tensor %q of %d bytes lies at %v of %d bytes, want %v", name, size, e.Offsets, len(data), [2]int{end, end + size})
		}
		t, err := tensor(e, data[end:end+size])
		if err != nil {
			return fmt.Errorf("tensor %q: %w", name, err)
		}
		f.Tensors[name] = t
		end += size
	}
	if end != len(data) {
		return fmt.Errorf("%d bytes follow the last tensor", len(data)-end)
	}
	return nil
}

// members returns the values of a JSON object, in which no name may stand
// twice.
func members(text []byte) (map[string]json.RawMessage, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	out := map[string]json.RawMessage{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, ok := t.(string)
		if !ok {
			return nil, fmt.Errorf("%v where a name should be", t)
		}
		if _, twice := out[name]; twice {
			return nil, fmt.Errorf("%q stands in it twice", name)
		}
		var v json.RawMessage
		if err := d.Decode(&v); err != nil {
			return nil, err
		}
		out[name] = v
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if rest := bytes.TrimRight(text[d.InputOffset():], " "); len(rest) > 0 {
		return nil, fmt.Errorf("%d bytes follow it", len(rest))
	}
	return out, nil
}

// tensor reads one tensor from its bytes.
func tensor(e entry, b []byte) (*dl.Tensor, error) {
	kind := dtypes[e.DType]
	n := len(b) / kind.size
	buffer := backend.NewBuffer(kind.d, n)
	switch e.DType {
	case "F16":
		widen(backend.View[float32](buffer), b, 2, func(b []byte) float32 { return float16.Float32(binary.LittleEndian.Uint16(b)) })
	case "BF16":
		widen(backend.View[float32](buffer), b, 2, func(b []byte) float32 {
			return math.Float32frombits(uint32(binary.LittleEndian.Uint16(b)) << 16)
		})
	case "I8":
		widen(backend.View[int32](buffer), b, 1, func(b []byte) int32 { return int32(int8(b[0])) })
	case "I16":
		widen(backend.View[int32](buffer), b, 2, func(b []byte) int32 { return int32(int16(binary.LittleEndian.Uint16(b))) })
	case "U16":
		widen(backend.View[int32](buffer), b, 2, func(b []byte) int32 { return int32(binary.LittleEndian.Uint16(b)) })
	case "U32":
		widen(backend.View[int64](buffer), b, 4, func(b []byte) int64 { return int64(binary.LittleEndian.Uint32(b)) })
	case "U64":
		to := backend.View[int64](buffer)
		widen(to, b, 8, func(b []byte) int64 { return int64(binary.LittleEndian.Uint64(b)) })
		if i := slices.IndexFunc(to, func(v int64) bool { return v < 0 }); i >= 0 {
			return nil, fmt.Errorf("element %d is %d, which an int64 does not hold", i, uint64(to[i]))
		}
	case "BOOL":
		for i, v := range b {
			if v > 1 {
				return nil, fmt.Errorf("element %d is %d, want 0 or 1", i, v)
			}
		}
		t := dl.NewShared(slices.Clone(b), n).Cast(dl.Bool)
		return t.Reshape(e.Shape...), nil
	default:
		if _, err := binary.Decode(b, binary.LittleEndian, view(kind.d, buffer)); err != nil {
			return nil, err
		}
	}
	return dl.NewShared(view(kind.d, buffer), n).Reshape(e.Shape...), nil
}

// view returns the memory of a buffer as a slice of its dtype.
func view(d dl.DType, b backend.Buffer) any {
	switch d {
	case dl.Float32:
		return backend.View[float32](b)
	case dl.Float64:
		return backend.View[float64](b)
	case dl.Int32:
		return backend.View[int32](b)
	case dl.Int64:
		return backend.View[int64](b)
	default:
		return backend.View[uint8](b)
	}
}

func widen[T any](to []T, from []byte, size int, value func([]byte) T) {
	for i := range to {
		to[i] = value(from[i*size:])
	}
}
