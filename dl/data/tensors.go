package data

import "github.com/fluxion-go/fluxion/dl"

// X returns the pictures as a float32 tensor of shape [n, channels, height,
// width] with values from 0 to 1, which is what networks learn well from.
func (m *Images) X() *dl.Tensor { return m.Raw().Div(255) }

// Raw returns the pictures as a float32 tensor of shape [n, channels, height,
// width] with values from 0 to 255.
func (m *Images) Raw() *dl.Tensor { return m.Bytes().Cast(dl.Float32) }

// Bytes returns the pictures as a uint8 tensor of shape [n, channels, height,
// width] with values from 0 to 255.
func (m *Images) Bytes() *dl.Tensor {
	return dl.New(m.Pixels, m.Len(), m.Channels, m.Height, m.Width)
}

// Y returns the labels as an int64 tensor of shape [n].
func (m *Images) Y() *dl.Tensor { return dl.New(m.Labels, m.Len()) }

// X returns the rows as a float32 tensor of shape [n, features].
func (t *Table) X() *dl.Tensor {
	flat := make([]float64, 0, t.Len()*len(t.Features))
	for _, row := range t.Rows {
		flat = append(flat, row...)
	}
	return dl.New(flat, t.Len(), len(t.Features))
}

// Y returns the labels as an int64 tensor of shape [n].
func (t *Table) Y() *dl.Tensor { return dl.New(t.Labels, t.Len()) }
