package dl

import (
	"fmt"
	"slices"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

func init() { graph.Done = func() <-chan struct{} { return cell.Current().Done() } }

// A Sequence is an array whose rows, along its first axis, [Scan] goes through.
// Step t sees X[t+k] for each of the Taps k, or X[t] where there are none. With
// taps, step 0 is the first for which all of them exist.
type Sequence struct {
	X    *Tensor
	Taps []int
}

// A State says how a result of a [Scan]'s step comes back in later steps. With
// Taps −1 (which is meant where there are none) step t sees the result of step
// t−1, and step 0 sees Initial. With other taps, such as −2 and −1, it sees the
// results of steps t−2 and t−1, and the rows of Initial are the results before
// step 0: as many as the earliest tap says, the oldest first. Where Initial is
// nil the result does not come back.
type State struct {
	Initial any // a tensor, or a Go number or slice, which gets the dtype of the first sequence
	Taps    []int
}

// ScanOptions says what a [Scan] goes through.
type ScanOptions struct {
	Sequences []Sequence
	States    []State // of the first results of the step; the others do not come back
	Others    []*Tensor
	Steps     int  // how many; 0 for as many as the sequences have rows
	Backwards bool // go through the sequences from their ends
	Truncate  int  // the gradient goes back through this many steps at most; 0 for all
	Recompute bool // of its steps the gradient keeps the states alone, and computes the rest again
}

// Scan calls step for one row of the sequences after another and returns, for
// each result of step, the stack of what it was in all steps, in their order.
//
// step is a Go function on tensors. Its parameters are the taps of each sequence,
// then the taps of each state, then the Others; its results those of this step.
// In the words of recurrent networks, h = tanh(x·Wx + h·Wh), h0 at first, is
//
//	hs := dl.Scan(func(x, h *dl.Tensor) *dl.Tensor {
//		return x.MatMul(wx).Add(h.MatMul(wh)).Tanh()
//	}, dl.ScanOptions{Sequences: []dl.Sequence{{X: xs}}, States: []dl.State{{Initial: h0}}})[0]
//
// and hs.Index(-1) is the last state. step is called once, on symbolic tensors,
// and what it computes becomes the body of a loop; so it may use any tensors
// around it, Others or not, and what no step changes is computed once.
//
// The result can be differentiated. For that the states of all steps are kept,
// and what a step has computed at some cost if it is at most four times as large as
// they are, which the gates of an LSTM are; the rest is computed again on the way
// back. With Recompute the states alone are kept, for very long loops. With Truncate
// k, all but the last k steps count as constants.
func Scan(step any, o ScanOptions) []*Tensor {
	f := tensorFuncOf("scan", "the step", step)
	b := scanBuilder{o: o}
	b.loop.Steps, b.loop.Truncate, b.loop.Recompute = -1, o.Truncate, o.Recompute
	if o.Steps < 0 || o.Truncate < 0 {
		panic(&Error{Op: "scan", Axis: -1, Msg: fmt.Sprintf("%d steps, truncated to %d; they are counted from 1, and 0 means all", o.Steps, o.Truncate)})
	}
	b.sequences()
	b.states()
	out := f.of(b.what(), append(b.args, o.Others...)...)
	if len(out) < len(o.States) {
		panic(&Error{Op: "scan", Axis: -1, Msg: fmt.Sprintf("the step has %d results for %d states", len(out), len(o.States))})
	}
	return b.run(out)
}

type scanBuilder struct {
	o    ScanOptions
	loop graph.Loop
	args []*Tensor // of the step
	kept [][]int   // by state: the carries that hold its results of 1, 2, … steps ago
}

func (b *scanBuilder) what() string {
	return fmt.Sprintf("%d of sequences, %d of states, %d others", len(b.loop.Sequences), len(b.args)-len(b.loop.Sequences), len(b.o.Others))
}

// row adds a parameter for rows of x.
func (b *scanBuilder) row(x *Tensor) {
	p := wrap(graph.Parameter("dl.Scan", graph.Type{DType: x.n.DType, Shape: x.n.Shape[1:]}))
	b.loop.Sequences, b.loop.Rows = append(b.loop.Sequences, x.n), append(b.loop.Rows, p.n)
	b.args = append(b.args, p)
}

// sequences makes of each tap a sequence of its own, of equal lengths.
func (b *scanBuilder) sequences() {
	low, high := 0, 0
	for i, s := range b.o.Sequences {
		if s.X.check("scan").Rank() == 0 {
			panic(misuse("scan", []*Tensor{s.X}, "sequence %d has no axis to step along", i+1))
		}
		if len(s.Taps) > 0 {
			low, high = min(low, slices.Min(s.Taps)), max(high, slices.Max(s.Taps))
		}
	}
	for _, s := range b.o.Sequences {
		taps := s.Taps
		if len(taps) == 0 {
			taps = []int{0}
		}
		for _, k := range taps {
			x := s.X
			if b.o.Backwards {
				x = x.Slice(All.By(-1))
			}
			if low != high {
				r := From(k - low)
				if k != high {
					r = Between(k-low, k-high)
				}
				x = x.Slice(r)
			}
			if b.o.Steps > 0 {
				if n := x.n.Shape[0]; n >= 0 && n < b.o.Steps {
					panic(misuse("scan", []*Tensor{s.X}, "%d steps, but the sequence has only rows for %d", b.o.Steps, n).at(0))
				}
				x = x.Slice(To(b.o.Steps))
			}
			b.row(x)
		}
	}
	if b.o.Steps > 0 {
		b.loop.Steps = b.o.Steps
	} else if len(b.o.Sequences) == 0 {
		panic(&Error{Op: "scan", Axis: -1, Msg: "there are no sequences, and Steps is not set", Help: "set ScanOptions.Steps"})
	}
}

// states makes for each state a carry for every step that it is kept.
func (b *scanBuilder) states() {
	for i, s := range b.o.States {
		b.kept = append(b.kept, nil)
		if s.Initial == nil {
			continue
		}
		first := b.first(s.Initial)
		taps := s.Taps
		if len(taps) == 0 {
			taps = []int{-1}
		}
		deep := -slices.Min(taps)
		if slices.Max(taps) > -1 {
			panic(&Error{Op: "scan", Axis: -1, Msg: fmt.Sprintf("state %d has tap %d, which is no earlier step", i+1, slices.Max(taps)), Help: "the taps of a state are −1, −2, …"})
		}
		var places []*Tensor // by steps ago
		for k := 1; k <= deep; k++ {
			x := first
			if len(s.Taps) > 0 && (deep > 1 || len(s.Taps) > 1) {
				if first.Rank() == 0 || first.n.Shape[0] >= 0 && first.n.Shape[0] != deep {
					panic(misuse("scan", []*Tensor{first}, "state %d begins with shape %s, but its taps go %d steps back", i+1, graph.ShapeString(first.n.Shape), deep).
						help("its first axis holds the results before the first step, the oldest first"))
				}
				x = first.Index(deep - k)
			}
			p := wrap(graph.Parameter("dl.Scan", x.n.Type))
			b.kept[i] = append(b.kept[i], len(b.loop.Carries))
			b.loop.Carries, b.loop.Before = append(b.loop.Carries, x.n), append(b.loop.Before, p.n)
			places = append(places, p)
		}
		for _, k := range taps {
			b.args = append(b.args, places[-k-1])
		}
	}
}

// first returns the first value of a state. A Go number or slice gets the dtype
// of the first sequence, where that can hold it.
func (b *scanBuilder) first(v any) *Tensor {
	if t, ok := v.(*Tensor); ok {
		return t.check("scan")
	}
	l := parse("scan", v)
	if len(b.o.Sequences) == 0 {
		return l.tensor("scan", l.dtype())
	}
	return l.tensor("scan", l.weak(b.o.Sequences[0].X.n.DType))
}

// run makes the loop from the results of a step.
func (b *scanBuilder) run(out []*Tensor) []*Tensor {
	b.loop.After = make([]*graph.Node, len(b.loop.Carries))
	for i, places := range b.kept {
		for ago, c := range places {
			if ago > 0 {
				b.loop.After[c] = b.loop.Before[places[ago-1]]
				continue
			}
			// A step that gives float64 for a state of float32 would be an error
			// for want of a conversion that is obvious.
			if want := b.loop.Before[c].DType; out[i].n.DType != want && want.IsFloat() && out[i].n.DType.IsFloat() {
				out[i] = out[i].cast(want)
			}
			b.loop.After[c] = out[i].n
		}
	}
	b.loop.Stacked = nodes(out)
	_, stacks, err := graph.Scan(b.loop)
	raise("scan", err)
	return wrapAll(stacks)
}
