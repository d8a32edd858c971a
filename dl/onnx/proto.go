package onnx

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/backend"
)

// A message is a protocol-buffers message in the making. The numbers of fields
// below are those of onnx.proto: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
type message struct{ b []byte }

func (m *message) integer(field protowire.Number, v int64) {
	m.b = protowire.AppendTag(m.b, field, protowire.VarintType)
	m.b = protowire.AppendVarint(m.b, uint64(v))
}

func (m *message) float(field protowire.Number, v float32) {
	m.b = protowire.AppendTag(m.b, field, protowire.Fixed32Type)
	m.b = protowire.AppendFixed32(m.b, math.Float32bits(v))
}

func (m *message) text(field protowire.Number, s string) {
	m.b = protowire.AppendTag(m.b, field, protowire.BytesType)
	m.b = protowire.AppendString(m.b, s)
}

func (m *message) bytes(field protowire.Number, b []byte) {
	m.b = protowire.AppendTag(m.b, field, protowire.BytesType)
	m.b = protowire.AppendBytes(m.b, b)
}

func (m *message) message(field protowire.Number, inner message) { m.bytes(field, inner.b) }

// elementTypes are the values of TensorProto.DataType.
var elementTypes = map[dl.DType]int64{dl.Float32: 1, dl.Float64: 11, dl.Int32: 6, dl.Int64: 7, dl.Uint8: 2, dl.Bool: 9}

// tensorProto is a constant with its elements.
func tensorProto(name string, d dl.DType, shape []int, elements backend.Buffer) message {
	var m message
	for _, n := range shape {
		m.integer(1, int64(n))
	}
	m.integer(2, elementTypes[d])
	m.text(8, name)
	m.bytes(9, littleEndian(d, elements))
	return m
}

// valueInfo is the name and the type of an input or output. Unknown dimensions
// are called by what named says.
func valueInfo(name string, d dl.DType, shape []int, named func(axis int) string) message {
	var dims, tensor, kind, info message
	for a, n := range shape {
		var dim message
		if n >= 0 {
			dim.integer(1, int64(n))
		} else {
			dim.text(2, named(a))
		}
		dims.message(1, dim)
	}
	tensor.integer(1, elementTypes[d])
	tensor.message(2, dims)
	kind.message(1, tensor)
	info.text(1, name)
	info.message(2, kind)
	return info
}

// An attribute of a node, by its name: an int, a float32, a string, a []int or
// a message that is a graph.
type attributes map[string]any

func attributeProto(name string, value any) message {
	var m message
	m.text(1, name)
	kind := int64(0)
	switch v := value.(type) {
	case float32:
		m.float(2, v)
		kind = 1
	case int:
		m.integer(3, int64(v))
		kind = 2
	case string:
		m.text(4, v)
		kind = 3
	case message:
		m.message(6, v)
		kind = 5
	case []int:
		for _, x := range v {
			m.integer(8, int64(x))
		}
		kind = 7
	}
	m.integer(20, kind)
	return m
}
