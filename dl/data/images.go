package data

import (
	"fmt"
	"image"
	"image/color"
	"math/rand/v2"
	"slices"
)

// Images is a set of labelled pictures of one size.
type Images struct {
	// Pixels holds the pictures one after another, each as planes of rows:
	// the value of channel c at row y and column x of picture i is
	// Pixels[((i·Channels+c)·Height+y)·Width+x], from 0 to 255. Colours are in
	// the order red, green, blue.
	Pixels                  []uint8
	Labels                  []int    // of each picture, an index into Classes
	Classes                 []string // the names of the classes
	Channels, Height, Width int
}

// Len returns the number of pictures.
func (m *Images) Len() int { return len(m.Labels) }

// size returns the bytes that one picture takes.
func (m *Images) size() int { return m.Channels * m.Height * m.Width }

// String says how many pictures there are, of which size, in how many classes.
func (m *Images) String() string {
	return fmt.Sprintf("%d pictures of %d×%d×%d in %d classes", m.Len(), m.Channels, m.Height, m.Width, len(m.Classes))
}

// Class returns the name of picture i's class.
func (m *Images) Class(i int) string {
	m.check("Class", i, i+1)
	return m.Classes[m.Labels[i]]
}

// Counts returns how many pictures each class has.
func (m *Images) Counts() []int {
	n := make([]int, len(m.Classes))
	for _, l := range m.Labels {
		n[l]++
	}
	return n
}

// Image returns picture i: in colour where there are three channels, in grey
// from the first channel otherwise.
func (m *Images) Image(i int) image.Image {
	m.check("Image", i, i+1)
	r := image.Rect(0, 0, m.Width, m.Height)
	p, plane := m.Pixels[i*m.size():][:m.size()], m.Height*m.Width
	if m.Channels != 3 {
		return &image.Gray{Pix: slices.Clone(p[:plane]), Stride: m.Width, Rect: r}
	}
	img := image.NewRGBA(r)
	for k := range plane {
		img.SetRGBA(k%m.Width, k/m.Width, color.RGBA{p[k], p[plane+k], p[2*plane+k], 255})
	}
	return img
}

// Subset returns the pictures from lo up to, not with, hi. They share the
// memory of m.
func (m *Images) Subset(lo, hi int) *Images {
	m.check("Subset", lo, hi)
	s := *m
	s.Pixels, s.Labels = m.Pixels[lo*m.size():hi*m.size():hi*m.size()], m.Labels[lo:hi:hi]
	return &s
}

// Select returns the pictures of these indices, in their order, as a copy.
func (m *Images) Select(indices ...int) *Images {
	s := *m
	s.Pixels, s.Labels = make([]uint8, 0, len(indices)*m.size()), make([]int, 0, len(indices))
	for _, i := range indices {
		m.check("Select", i, i+1)
		s.Pixels = append(s.Pixels, m.Pixels[i*m.size():][:m.size()]...)
		s.Labels = append(s.Labels, m.Labels[i])
	}
	return &s
}

// Batches returns how many batches of this size m has; the last may be
// smaller.
func (m *Images) Batches(size int) int {
	if size < 1 {
		panic(fmt.Errorf("data: Batches(%d): a batch needs at least one picture", size))
	}
	return (m.Len() + size - 1) / size
}

// Batch returns batch i, counted from 0, of those that [Images.Batches]
// counts. It shares the memory of m.
func (m *Images) Batch(i, size int) *Images {
	if n := m.Batches(size); i < 0 || i >= n {
		panic(fmt.Errorf("data: Batch(%d, %d): there are %d batches of %d pictures in %d", i, size, n, size, m.Len()))
	}
	return m.Subset(i*size, min((i+1)*size, m.Len()))
}

// Shuffle returns a copy of m in an order that follows from seed.
func (m *Images) Shuffle(seed int) *Images { return m.Select(permutation(m.Len(), seed)...) }

// ShuffleLabels returns m with its labels dealt out anew, in a way that
// follows from seed: as many of each class as before, but nothing left that
// could be learned. A model trained on it must do no better than chance on
// other pictures. The pixels share the memory of m.
func (m *Images) ShuffleLabels(seed int) *Images {
	s := *m
	s.Labels = make([]int, m.Len())
	for i, j := range permutation(m.Len(), seed) {
		s.Labels[i] = m.Labels[j]
	}
	return &s
}

func permutation(n, seed int) []int { return generator(seed).Perm(n) }

// generator returns the source of all that is random in this package.
func generator(seed int) *rand.Rand { return rand.New(rand.NewPCG(uint64(seed), 0)) }

// check panics unless lo to hi is a range of pictures.
func (m *Images) check(method string, lo, hi int) {
	switch {
	case 0 <= lo && lo <= hi && hi <= m.Len():
	case hi == lo+1:
		panic(fmt.Errorf("data: %s(%d): there are %d pictures, counted from 0", method, lo, m.Len()))
	default:
		panic(fmt.Errorf("data: %s(%d, %d): there are %d pictures", method, lo, hi, m.Len()))
	}
}
