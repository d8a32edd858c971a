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
	Truncate           int  // how many steps back the gradient goes; 0 for all
	Recompute          bool // for the gradient the loop keeps its states alone
}

// A Loop is what Scan is called with.
type Loop struct {
	Sequences, Carries []*Node
	Rows, Before       []*Node // placeholders for a row of each sequence and for the carries before a step
	After, Stacked     []*Node // computed from them: the carries after it, and what to stack
	Steps              int     // −1 for as many as the sequences have rows
	Truncate           int
	Recompute          bool
}

// Scan runs a loop and returns the last carries and the stacks.
func Scan(l Loop) (last, stacks []*Node, err error) {
	defer rescue(&err)
	at := ScanAttrs{Carries: len(l.Carries), Steps: l.Steps, Truncate: l.Truncate, Recompute: l.Recompute}
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
	loop := backend.ScanAttrs{Body: p, Steps: steps, Sequences: at.Sequences, Carries: at.Carries, Reverse: at.Reverse}
	all := make([]int, len(results))
	loop, ids, kept := withoutFixed(loop, ids, all)
	loop, place := distinctStacks(loop)
	loop, ids = withoutUnread(loop, ids)
	distinct := make([]Type, len(loop.Body.Outputs))
	for k, at := range place {
		distinct[at] = results[kept[k]]
	}
	outs := b.appendAll(backend.Scan, loop, distinct, ids)
	for k, at := range place {
		all[kept[k]] = outs[at]
	}
	return all, nil
}

// withoutFixed returns a loop without the carries that a step leaves as they
// are, which are read from around it. It writes to all what the last of these
// are, and returns which result of at each result of the new loop is.
func withoutFixed(at backend.ScanAttrs, ids, all []int) (backend.ScanAttrs, []int, []int) {
	body := *at.Body
	q, c := at.Sequences, at.Carries
	inputs, outputs, operands := slices.Clone(body.Inputs[:q]), []int{}, slices.Clone(ids[:q])
	var fixedInputs, fixed, kept []int
	for k, v := range body.Inputs[q : q+c] {
		if body.Outputs[k] == v {
			all[k] = ids[q+k]
			fixedInputs, fixed = append(fixedInputs, v), append(fixed, ids[q+k])
			continue
		}
		inputs, operands = append(inputs, v), append(operands, ids[q+k])
		outputs, kept = append(outputs, body.Outputs[k]), append(kept, k)
	}
	at.Carries = len(kept)
	for k, v := range body.Outputs[c:] {
		outputs, kept = append(outputs, v), append(kept, c+k)
	}
	body.Inputs = slices.Concat(inputs, body.Inputs[q+c:], fixedInputs)
	body.Outputs = outputs
	at.Body = &body
	return at, slices.Concat(operands, ids[q+c:], fixed), kept
}

// distinctStacks returns a loop that gives each stack once, and for each result
// of at its place among those of the new one.
func distinctStacks(at backend.ScanAttrs) (backend.ScanAttrs, []int) {
	body := *at.Body
	body.Outputs = slices.Clone(body.Outputs[:at.Carries])
	place := make([]int, len(at.Body.Outputs))
	for k, v := range at.Body.Outputs {
		switch i := slices.Index(body.Outputs[at.Carries:], v); {
		case k < at.Carries:
			place[k] = k
		case i >= 0:
			place[k] = at.Carries + i
		default:
			place[k] = len(body.Outputs)
			body.Outputs = append(body.Outputs, v)
		}
	}
	at.Body = &body
	return at, place
}

// withoutUnread returns a loop without the operands that its steps do not read.
func withoutUnread(at backend.ScanAttrs, ids []int) (backend.ScanAttrs, []int) {
	read := map[int]bool{}
	for _, v := range at.Body.Outputs {
		read[v] = true
	}
	for _, i := range at.Body.Instrs {
		for _, v := range i.In {
			read[v] = true
		}
	}
	var inputs, kept []int
	sequences := 0
	for k, v := range at.Body.Inputs {
		isSequence := k < at.Sequences
		if carry := !isSequence && k < at.Sequences+at.Carries; !read[v] && !carry {
			continue
		}
		inputs, kept = append(inputs, v), append(kept, ids[k])
		if isSequence {
			sequences++
		}
	}
	at.Sequences = sequences
	at.Body = trimmed(at.Body, inputs, at.Body.Outputs)
	return at, kept
}

// onlyStacks returns a loop that gives no stacks but those that are needed.
func onlyStacks(i backend.Instr, needed func(v int) bool) backend.Instr {
	at := i.Attrs.(backend.ScanAttrs)
	var outputs, out []int
	for k, v := range i.Out {
		if k < at.Carries || needed(v) {
			outputs, out = append(outputs, at.Body.Outputs[k]), append(out, v)
		}
	}
	if len(out) == len(i.Out) {
		return i
	}
	at.Body = trimmed(at.Body, at.Body.Inputs, outputs)
	at, in := withoutUnread(at, i.In)
	return backend.Instr{Op: i.Op, Attrs: at, In: in, Out: out}
}

// trimmed returns p with other inputs and outputs, and no more than these need.
func trimmed(p *backend.Program, inputs, outputs []int) *backend.Program {
	b := builder{p: *p}
	b.p.Inputs, b.p.Outputs = slices.Clone(inputs), slices.Clone(outputs)
	return b.finish()
}

// A mergedScan is several loops over the same operands that differ in what they
// stack: the gradient of a loop asks for more of its step than the loop gives.
type mergedScan struct {
	all *Node // the loop that gives everything
	out []int // its results, once lowered
}

// mergeScans finds such loops among nodes.
func mergeScans(nodes []*Node, form func(*Node) *Node) map[*Node]*mergedScan {
	merged := map[*Node]*mergedScan{}
	var scans []*Node
	for _, n := range nodes {
		if n.Op.Name != backend.Scan || !n.Several() {
			continue
		}
		at := n.Attrs.(ScanAttrs)
		k := slices.IndexFunc(scans, func(m *Node) bool { return sameLoop(m, n, form) })
		if k < 0 {
			scans = append(scans, n)
			all := *n
			merged[n] = &mergedScan{all: &all}
			continue
		}
		m := merged[scans[k]]
		merged[n] = m
		union := m.all.Attrs.(ScanAttrs)
		body := *union.Body
		for _, y := range at.Body.Outputs[at.Carries:] {
			if !slices.Contains(body.Outputs[at.Carries:], y) {
				body.Outputs = append(slices.Clone(body.Outputs), y)
			}
		}
		union.Body = &body
		m.all.Attrs = union
	}
	return merged
}

// sameLoop reports whether m and n take the same steps.
func sameLoop(m, n *Node, form func(*Node) *Node) bool {
	a, b := m.Attrs.(ScanAttrs), n.Attrs.(ScanAttrs)
	return a.Sequences == b.Sequences && a.Carries == b.Carries && a.Steps == b.Steps && a.Reverse == b.Reverse &&
		slices.Equal(a.Body.Inputs, b.Body.Inputs) && slices.Equal(a.Body.Outputs[:a.Carries], b.Body.Outputs[:b.Carries]) &&
		slices.EqualFunc(m.In, n.In, func(x, y *Node) bool { return form(x) == form(y) })
}

// lower emits the loop once, and returns the results of n, which is one of those
// that were merged.
func (m *mergedScan) lower(b *builder, n *Node, ids []int) ([]int, error) {
	if m.out == nil {
		var err error
		if m.out, err = n.Op.lowerAll(b, m.all, ids); err != nil {
			return nil, err
		}
	}
	at, all := n.Attrs.(ScanAttrs), m.all.Attrs.(ScanAttrs).Body.Outputs
	outs := slices.Clone(m.out[:at.Carries])
	for _, y := range at.Body.Outputs[at.Carries:] {
		outs = append(outs, m.out[at.Carries+slices.Index(all[at.Carries:], y)])
	}
	return outs, nil
}

func init() {
	add(Op{Name: backend.Scan, Arity: -1, Doc: "a loop over the rows of arrays", lowerAll: lowerScan, gradAll: scanGrad})
}
