package graph

import (
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// ScanAttrs: a loop over the rows of sequences that carries some arrays from
// step to step. The operands of Scan are the sequences, the first carries, and
// what the body finds in its surroundings; its results are the last carries and
// the stacks of the rows that the body gives.
//
// The body has as inputs a row of each sequence, the carries, and the
// surroundings, and as outputs the next carries and a row of each stack.
type ScanAttrs struct {
	Body               *Body
	Sequences, Carries int
	Steps              int // −1 for as many as the sequences have rows
	Reverse            bool
	Truncate           int // how many steps back the gradient goes; 0 for all
}

// A Loop is what Scan is called with.
type Loop struct {
	Sequences, Carries []*Node
	Rows, Before       []*Node // placeholders for a row of each sequence and for the carries before a step
	After, Stacked     []*Node // computed from them: the carries after it, and what to stack
	Steps              int     // −1 for as many as the sequences have rows
	Truncate           int
}

// Scan runs a loop and returns the last carries and the stacks.
func Scan(l Loop) (last, stacks []*Node, err error) {
	defer rescue(&err)
	at := ScanAttrs{Carries: len(l.Carries), Steps: l.Steps, Truncate: l.Truncate}
	if err := l.drawKeys(); err != nil {
		return nil, nil, err
	}
	at.Sequences = len(l.Sequences)
	parameters := slices.Concat(l.Rows, l.Before)
	outputs := slices.Concat(l.After, l.Stacked)
	around := surroundings(parameters, outputs...)
	at.Body = &Body{Inputs: slices.Concat(parameters, around), Outputs: outputs}
	n, err := applyScan(at, slices.Concat(l.Sequences, l.Carries, around))
	if err != nil {
		return nil, nil, err
	}
	rs := n.results()
	return rs[:at.Carries], rs[at.Carries:], nil
}

// drawKeys adds sequences of keys for the random numbers that a step draws.
func (l *Loop) drawKeys() error {
	outputs, keys, err := keyed(slices.Concat(l.Rows, l.Before), slices.Concat(l.After, l.Stacked), false)
	if err != nil || len(keys) == 0 {
		return err
	}
	l.After, l.Stacked = outputs[:len(l.After)], outputs[len(l.After):]
	rows := l.Steps
	for _, x := range l.Sequences {
		if len(x.Shape) > 0 {
			rows = max(rows, x.Shape[0])
		}
	}
	like := Scalar(backend.Float32, 0)
	if rows < 0 {
		like = l.Sequences[0]
	} else {
		// Keys are drawn at each call if anything else is known only then.
		around := surroundings(slices.Concat(l.Rows, keys, l.Before), outputs...)
		for _, x := range slices.Concat(l.Sequences, l.Carries, around) {
			if x.symbolic {
				like = x
			}
		}
	}
	for _, k := range keys {
		l.Sequences, l.Rows = append(l.Sequences, drawKeys(rows, like)), append(l.Rows, k)
	}
	return nil
}

func applyScan(at ScanAttrs, in []*Node) (*Node, error) {
	results, err := at.types(typesOf(in), typesOf(at.Body.Outputs))
	if err != nil {
		return nil, err
	}
	return applyAll(backend.Scan, at, results, in)
}

// types returns the types of the results for operands of the types in, with a
// body whose outputs have the types out.
func (at ScanAttrs) types(in, out []Type) ([]Type, error) {
	steps := at.Steps
	for i, t := range in[:at.Sequences] {
		if len(t.Shape) == 0 {
			return nil, fail(backend.Scan, in[i:i+1], "sequence %d has no axis to step along", i+1)
		}
		switch n := t.Shape[0]; {
		case steps < 0 || n < 0:
			steps = max(steps, n)
		case n != steps:
			return nil, fail(backend.Scan, in[:at.Sequences], "sequence %d has %d rows for %d steps", i+1, n, steps).at(0).
				help("sequences need the same length; set Steps to take fewer rows of all")
		}
	}
	if steps == 0 {
		return nil, fail(backend.Scan, in[:at.Sequences], "there are no steps").help("the sequences need at least one row")
	}
	results := make([]Type, len(out))
	for i, t := range out {
		if i >= at.Carries {
			results[i] = Type{t.DType, append([]int{steps}, t.Shape...)}
			continue
		}
		first := in[at.Sequences+i]
		m, ok := merged(first, t)
		if !ok {
			return nil, fail(backend.Scan, []Type{first, t}, "state %d begins as %s %s, but a step makes %s %s of it",
				i+1, first.DType, ShapeString(first.Shape), t.DType, ShapeString(t.Shape)).
				help("a state keeps its shape and dtype: convert the first one, or what the step returns")
		}
		results[i] = m
	}
	return results, nil
}

// rows returns the types of the body's inputs.
func (at ScanAttrs) rows(in []Type) []Type {
	rows := slices.Clone(in)
	for i := range at.Sequences {
		rows[i].Shape = rows[i].Shape[1:]
	}
	return rows
}

func lowerScan(b *builder, n *Node, ids []int) ([]int, error) {
	at := n.Attrs.(ScanAttrs)
	in := make([]Type, len(ids))
	for i, id := range ids {
		in[i] = b.typeOf(id)
	}
	if _, err := at.types(in, typesOf(at.Body.Outputs)); err != nil { // before it fails in the body
		return nil, err
	}
	p, out, err := at.Body.compile(at.rows(in))
	if err != nil {
		return nil, err
	}
	results, err := at.types(in, out)
	if err != nil {
		return nil, err
	}
	steps := at.Steps
	if at.Sequences > 0 {
		steps = in[0].Shape[0]
	}
	return b.appendAll(backend.Scan, backend.ScanAttrs{Body: p, Steps: steps, Sequences: at.Sequences, Carries: at.Carries, Reverse: at.Reverse}, results, ids), nil
}

func init() {
	add(Op{Name: backend.Scan, Arity: -1, Doc: "a loop over the rows of arrays", lowerAll: lowerScan, gradAll: scanGrad})
}
