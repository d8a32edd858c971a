package dl

import (
	"math"
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// A Range says which elements of an axis [Tensor.Slice] takes. See [From],
// [To], [Between] and [All].
type Range struct{ r graph.Range }

// All takes the whole axis.
var All = Range{graph.WholeRange}

// From takes the elements from start on. A negative index counts from the end.
func From(start int) Range { return Range{graph.Range{Start: start, Step: 1, ToEnd: true}} }

// To takes the elements before stop.
func To(stop int) Range { return Range{graph.Range{Stop: stop, Step: 1, FromStart: true}} }

// Between takes the elements from start to before stop.
func Between(start, stop int) Range { return Range{graph.Range{Start: start, Stop: stop, Step: 1}} }

// By returns r with every step-th element only. With a negative step the axis
// is walked backwards, from r's start to its stop: All.By(-1) reverses.
func (r Range) By(step int) Range {
	if step == 0 {
		panic(&Error{Op: "slice", Axis: -1, Msg: "the step of a range is 0"})
	}
	r.r.Step = step
	return r
}

// NewAxis, among the specs of [Tensor.Slice], puts in an axis of length 1.
var NewAxis = Range{graph.Range{Step: newAxis}}

// Ellipsis, among the specs of [Tensor.Slice], stands for [All] as often as is
// needed.
var Ellipsis = Range{graph.Range{Step: ellipsis}}

// Steps by which the two are known; no range of elements has them.
const (
	newAxis  = math.MinInt
	ellipsis = math.MinInt + 1
)

// Slice returns a part of t, as numpy's square brackets do. Each spec is for one
// axis, from the first on:
//
//   - an int takes one element and drops the axis,
//   - a [Range] takes several,
//   - a tensor of integers, or a []int, takes the elements that it names: its
//     axes take the place of this one. Several of them broadcast and are used
//     together, as in x[rows, columns]; if other specs stand between them, their
//     axes come first in the result,
//   - a bool tensor, a mask, takes the elements where it holds; it is for as many
//     axes as it has itself, which become one,
//   - [NewAxis] and [Ellipsis] are as in numpy.
//
// Axes without a spec are taken whole.
//
//	x.Slice(0)                       // the first row
//	x.Slice(dl.To(10), -1)           // the last column of ten rows
//	x.Slice(x.Greater(0))            // the positive elements
//	x.Slice([]int{0, 1}, []int{2, 0}) // two elements
func (t *Tensor) Slice(specs ...any) *Tensor {
	t.check("slice")
	s := selection{t: t}
	specs = s.filled(specs)
	s.widen(specs)
	for _, spec := range specs {
		s.read(spec)
	}
	part := s.t
	if s.ranged {
		part = apply(backend.Slice, graph.RangeAttrs{Ranges: s.ranges}, s.t)
	}
	if len(s.lists) > 0 {
		part = s.pick(part)
	} else if len(s.drop) > 0 {
		dims := part.dims()
		for _, a := range slices.Backward(s.drop) {
			dims = slices.Delete(dims, a, a+1)
		}
		part = part.reshaped(dims)
	}
	for _, a := range s.fresh {
		part = part.ExpandDims(a)
	}
	return part
}

// A selection is what the specs of a Slice say.
type selection struct {
	t      *Tensor
	axis   int // the next axis of t
	ranges []graph.Range
	ranged bool
	drop   []int     // axes that an int indexes
	lists  []*Tensor // integer indices
	listAt []int     // the axes of t that they are for
	fresh  []int     // where new axes are in the result
	made   int       // axes of the result so far, where no list is
}

// filled returns one spec for each axis of t.
func (s *selection) filled(specs []any) []any {
	used, dots := 0, -1
	for i, spec := range specs {
		switch v := spec.(type) {
		case Range:
			switch {
			case v.r.Step != newAxis && v.r.Step != ellipsis:
				used++
			case v.r.Step == ellipsis && dots >= 0:
				panic(misuse("slice", []*Tensor{s.t}, "two ellipses").kind(nil))
			case v.r.Step == ellipsis:
				dots = i
			}
		case *Tensor:
			if v.check("slice").n.DType == Bool {
				used += v.Rank()
			} else {
				used++
			}
		default:
			used++
		}
	}
	if used > s.t.Rank() {
		panic(misuse("slice", []*Tensor{s.t}, "%d specs for shape %s", used, graph.ShapeString(s.t.n.Shape)))
	}
	rest := slices.Repeat([]any{All}, s.t.Rank()-used)
	if dots < 0 {
		return append(slices.Clone(specs), rest...)
	}
	return slices.Replace(slices.Clone(specs), dots, dots+1, rest...)
}

// widen puts new axes into t itself, and All for them into specs, where there
// are lists: these decide by what stands between them where their axes go.
func (s *selection) widen(specs []any) {
	lists := slices.ContainsFunc(specs, func(spec any) bool {
		switch spec.(type) {
		case []int, *Tensor:
			return true
		}
		return false
	})
	if !lists {
		return
	}
	a := 0
	for i, spec := range specs {
		switch v := spec.(type) {
		case Range:
			if v.r.Step == newAxis {
				s.t, specs[i] = s.t.ExpandDims(a), All
			}
			a++
		case *Tensor:
			if v.n.DType == Bool {
				a += v.Rank()
			} else {
				a++
			}
		default:
			a++
		}
	}
}

func (s *selection) read(spec any) {
	a := s.axis
	switch v := spec.(type) {
	case int:
		if d := s.t.n.Shape[a]; d >= 0 && (v < -d || v >= d) {
			panic(misuse("slice", []*Tensor{s.t}, "index %d is out of range at axis %d of shape %s", v, a, graph.ShapeString(s.t.n.Shape)).at(a))
		}
		s.add(graph.Range{Start: v, Stop: v + 1, Step: 1, ToEnd: v == -1})
		s.drop = append(s.drop, a)
	case Range:
		if v.r.Step == newAxis {
			s.fresh = append(s.fresh, s.made)
		} else {
			s.add(v.r)
		}
		s.made++
	case []int:
		s.list(New(v).cast(Int64))
	case *Tensor:
		if v.n.DType == Bool {
			s.mask(v)
		} else {
			s.list(s.t.checkedIndices("slice", v, a))
		}
	default:
		panic(misuse("slice", []*Tensor{s.t}, "spec %d is a %T, want an int, a dl.Range or a tensor", a, v).kind(nil).
			help("as in x.Slice(0, dl.From(1)), or x.Slice(x.Greater(0))"))
	}
}

func (s *selection) add(r graph.Range) {
	s.ranges = append(s.ranges, r)
	s.ranged = s.ranged || r != graph.WholeRange
	s.axis++
}

// list adds indices for the next axis.
func (s *selection) list(at *Tensor) {
	at = s.t.checkedIndices("slice", at, s.axis)
	s.lists, s.listAt = append(s.lists, at), append(s.listAt, s.axis)
	s.add(graph.WholeRange)
}

// mask adds the indices of the elements where m holds.
func (s *selection) mask(m *Tensor) {
	if m.IsSymbolic() {
		panic(misuse("slice", []*Tensor{s.t, m}, "a symbolic mask takes an unknown number of elements").kind(nil).
			help("use dl.Where(mask, x, 0), which keeps the shape"))
	}
	for i, d := range m.n.Shape {
		if n := s.t.n.Shape[s.axis+i]; n >= 0 && n != d {
			panic(misuse("slice", []*Tensor{s.t, m}, "a mask of shape %s does not fit axis %d of shape %s", graph.ShapeString(m.n.Shape), s.axis+i, graph.ShapeString(s.t.n.Shape)).at(s.axis + i))
		}
	}
	for _, at := range m.NonZero() {
		s.list(at)
	}
}

// pick takes the elements at the lists from x, which t became by ranges.
func (s *selection) pick(x *Tensor) *Tensor {
	// As in numpy, an int beside lists is a list of one.
	for _, a := range s.drop {
		i, _ := slices.BinarySearch(s.listAt, a)
		s.lists, s.listAt = slices.Insert(s.lists, i, New(0)), slices.Insert(s.listAt, i, a)
	}
	to := s.listAt[0]
	if n := len(s.listAt); s.listAt[n-1] != to+n-1 { // another spec stands between them
		to = 0
	}
	for i, a := range s.listAt { // axes before a that have not moved yet keep their places
		x = x.MoveAxis(a, to+i)
	}
	place := s.lists[0]
	for i, at := range s.lists[1:] {
		d := known("slice", x, to+1+i)
		if i == 0 {
			place = place.wrapped(known("slice", x, to))
		}
		place = place.Mul(d).Add(at.wrapped(d))
	}
	for range s.lists[1:] {
		x = x.joined(to)
	}
	return x.Gather(place, to)
}

// Index returns one element of the first axes, as x[i, j] in numpy.
func (t *Tensor) Index(index ...int) *Tensor {
	specs := make([]any, len(index))
	for i, v := range index {
		specs[i] = v
	}
	return t.Slice(specs...)
}

// wrapped returns indices into d elements with those from the end counted from
// 0.
func (t *Tensor) wrapped(d int) *Tensor { return Where(t.Less(0), t.Add(d), t) }

// NonZero returns for each axis the indices of the elements that are not 0, or
// true, in row-major order, as int64. Their number depends on the elements, so t
// must be concrete.
func (t *Tensor) NonZero() []*Tensor {
	values := t.check("nonzero").converted64("nonzero")
	lists := make([][]int64, t.Rank())
	for i, v := range values {
		if v == 0 {
			continue
		}
		for a := t.Rank() - 1; a >= 0; a-- {
			d := t.n.Shape[a]
			lists[a] = append(lists[a], int64(i%d))
			i /= d
		}
	}
	out := make([]*Tensor, t.Rank())
	for a, l := range lists {
		out[a] = New(append([]int64{}, l...))
	}
	return out
}

func (t *Tensor) converted64(op string) []float64 { return converted[float64](t, op) }
