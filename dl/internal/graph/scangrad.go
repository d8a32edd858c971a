package graph

import (
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// scanGrad differentiates a loop by another one that goes the other way. Its
// step computes the step of the first again, from the row and the state before
// it, so that of the first loop only the states are kept.
//
// With s' = f(x, s, θ), y = h(x, s, θ) and D the derivative by the state after a
// step, a step back has D ← D·∂f/∂s + Y·∂h/∂s, gives the row D·∂f/∂x + Y·∂h/∂x, and
// adds D·∂f/∂θ + Y·∂h/∂θ to the derivative by θ.
func scanGrad(n *Node, gs []*Node) ([]*Node, error) {
	w := backwardScan{n: n, at: n.Attrs.(ScanAttrs)}
	w.q, w.c = w.at.Sequences, w.at.Carries
	if err := w.step(gs); err != nil {
		return nil, err
	}
	return w.run(gs)
}

type backwardScan struct {
	n    *Node
	at   ScanAttrs
	q, c int // sequences and carries of the first loop

	// The step, by input of the first body: the derivative by it, or nil, and
	// for all but rows the placeholder of what there is of it so far.
	by, carried []*Node
	ys          []*Node // placeholders for rows of the derivatives by the stacks, nil for none
}

// step builds the graph of a step back.
func (w *backwardScan) step(gs []*Node) error {
	body := w.at.Body
	seeds := make([]*Node, len(body.Outputs))
	w.by, w.carried = make([]*Node, len(body.Inputs)), make([]*Node, len(body.Inputs))
	w.ys = make([]*Node, len(gs)-w.c)
	for i, y := range body.Outputs {
		switch {
		case i < w.c && y.DType.IsFloat():
			// The placeholder has the type of the state as the loop begins with it.
			w.carried[w.q+i] = Placeholder("", w.n.several.types[i])
			seeds[i] = w.carried[w.q+i]
		case i >= w.c && gs[i] != nil:
			w.ys[i-w.c] = Placeholder("", Type{gs[i].DType, gs[i].Shape[1:]})
			seeds[i] = w.ys[i-w.c]
		}
	}
	ds, err := body.vjp(seeds, body.Inputs)
	if err != nil {
		return err
	}
	for i, d := range ds {
		x := body.Inputs[i]
		switch {
		case i >= w.q && i < w.q+w.c:
			if w.carried[i] != nil && d == nil {
				d = zerosLike(x)
			}
			w.by[i] = d
		case d != nil && i < w.q:
			w.by[i] = d
		case d != nil:
			w.carried[i] = Placeholder("", x.Type)
			w.by[i] = addNodes(w.carried[i], d)
		}
	}
	return nil
}

// run makes the loop back and returns the derivatives by the operands.
func (w *backwardScan) run(gs []*Node) ([]*Node, error) {
	body := w.at.Body
	var l Loop // with Before, After and Stacked in the order of the first body's inputs
	for i, d := range w.by {
		switch {
		case d == nil:
		case i < w.q:
			l.Stacked = append(l.Stacked, d)
		default:
			first := zerosLike(w.n.In[i])
			if i < w.q+w.c && gs[i-w.q] != nil {
				first = gs[i-w.q]
			}
			l.Carries, l.Before, l.After = append(l.Carries, first), append(l.Before, w.carried[i]), append(l.After, d)
		}
	}
	used := reads(body.Inputs, slices.Concat(l.After, l.Stacked))
	before, err := w.states(used)
	if err != nil {
		return nil, err
	}
	steps := w.steps()
	for i, x := range body.Inputs[:w.q+w.c] {
		// One sequence there must be where it alone says how many steps there are.
		switch {
		case i < w.q && (used[i] || i == 0 && steps < 0):
			l.Sequences, l.Rows = append(l.Sequences, w.last(w.n.In[i])), append(l.Rows, x)
		case i >= w.q && used[i]:
			l.Sequences, l.Rows = append(l.Sequences, w.last(before[i-w.q])), append(l.Rows, x)
		}
	}
	for j, y := range w.ys {
		if y != nil {
			l.Sequences, l.Rows = append(l.Sequences, w.last(gs[w.c+j])), append(l.Rows, y)
		}
	}
	parameters := slices.Concat(l.Rows, l.Before)
	outputs := slices.Concat(l.After, l.Stacked)
	// What the step back reads besides is what the step read: body.Inputs stand
	// for the operands, also where those are other nodes.
	around := surroundings(append(slices.Clone(parameters), body.Inputs[w.q+w.c:]...), outputs...)
	inputs, operands := slices.Clone(parameters), slices.Concat(l.Sequences, l.Carries)
	for i, x := range body.Inputs[w.q+w.c:] {
		if used[w.q+w.c+i] {
			inputs, operands = append(inputs, x), append(operands, w.n.In[w.q+w.c+i])
		}
	}
	inputs, operands = append(inputs, around...), append(operands, around...)
	at := ScanAttrs{Body: &Body{Inputs: inputs, Outputs: outputs}, Sequences: len(l.Sequences), Carries: len(l.Carries), Steps: steps, Reverse: !w.at.Reverse}
	if len(outputs) == 0 {
		return make([]*Node, len(w.n.In)), nil
	}
	n, err := applyScan(at, operands)
	if err != nil {
		return nil, err
	}
	return w.grads(n.results(), len(l.Carries)), nil
}

// grads puts the results of the loop back in the order of the operands.
func (w *backwardScan) grads(results []*Node, carries int) []*Node {
	grads := make([]*Node, len(w.by))
	carry, row := 0, carries
	for i, d := range w.by {
		switch {
		case d == nil:
		case i < w.q:
			grads[i] = w.padded(results[row], w.n.In[i])
			row++
		default:
			grads[i] = results[carry]
			if i < w.q+w.c {
				grads[i] = w.cut(grads[i])
			}
			carry++
		}
	}
	return grads
}

// states returns for each carry that is used the stack of its values before
// each step.
func (w *backwardScan) states(used []bool) ([]*Node, error) {
	at, after := w.at, make([]*Node, w.c) // stacks of the values after each step
	n, missing := w.n, false
	find := func() {
		for i := range after {
			for j, y := range at.Body.Outputs[w.c:] {
				if y == at.Body.Outputs[i] {
					after[i] = n.Result(w.c + j)
				}
			}
			missing = missing || used[w.q+i] && after[i] == nil
		}
	}
	find()
	if missing { // the loop again, with all of them stacked
		body := *at.Body
		body.Outputs = slices.Concat(body.Outputs, body.Outputs[:w.c])
		at.Body = &body
		var err error
		if n, err = applyScan(at, w.n.In); err != nil {
			return nil, err
		}
		find()
	}
	for i, s := range after {
		if used[w.q+i] {
			after[i] = statesBefore(s, w.n.In[w.q+i], at.Reverse)
		}
	}
	return after, nil
}

// statesBefore returns first and all rows of s but the last, in the order of steps.
func statesBefore(s, first *Node, reverse bool) *Node {
	shape := make([]int, len(first.Shape)+1)
	shape[0] = 1
	for a, d := range first.Shape {
		shape[a+1] = Dim(a)
		if d >= 0 {
			shape[a+1] = d
		}
	}
	row := must(backend.Reshape, ShapeAttrs{shape}, first)
	r := wholeRanges(len(s.Shape))
	join := backend.AxisAttrs{Axis: 0}
	if reverse {
		r[0] = Range{Start: 1, Step: 1, ToEnd: true}
		return must(backend.Concat, join, must(backend.Slice, RangeAttrs{r}, s), row)
	}
	r[0] = Range{Stop: -1, Step: 1, FromStart: true}
	return must(backend.Concat, join, row, must(backend.Slice, RangeAttrs{r}, s))
}

// steps returns how many steps back there are, −1 where unknown.
func (w *backwardScan) steps() int {
	n := w.length()
	if k := w.at.Truncate; k > 0 && n > k {
		return k
	}
	return n
}

func (w *backwardScan) length() int {
	n := w.at.Steps
	for _, x := range w.n.In[:w.q] {
		n = max(n, x.Shape[0])
	}
	return n
}

// cutOff returns the rows that a truncated gradient goes back to, and whether
// it is truncated.
func (w *backwardScan) cutOff(rank int) ([]Range, bool) {
	k, n := w.at.Truncate, w.length()
	if k == 0 || n >= 0 && n <= k {
		return nil, false
	}
	r := wholeRanges(rank)
	r[0] = Range{Start: -k, Step: 1, ToEnd: true}
	return r, true
}

// last returns the rows of x that a truncated gradient goes back to.
func (w *backwardScan) last(x *Node) *Node {
	if r, ok := w.cutOff(len(x.Shape)); ok {
		return must(backend.Slice, RangeAttrs{r}, x)
	}
	return x
}

// padded gives a derivative by such rows of x the shape of x.
func (w *backwardScan) padded(g, x *Node) *Node {
	r, ok := w.cutOff(len(x.Shape))
	switch {
	case !ok:
		return g
	case x.Known():
		return must(Unslice, UnsliceAttrs{Ranges: r, Shape: x.Shape}, g)
	}
	return must(Unslice, UnsliceAttrs{Ranges: r}, g, x)
}

// cut makes a derivative by a first state zero where the gradient does not
// reach back to it.
func (w *backwardScan) cut(g *Node) *Node {
	if _, ok := w.cutOff(1); !ok {
		return g
	}
	if w.length() >= 0 {
		return nil
	}
	rows := must(Count, backend.ReduceAttrs{Axes: []int{0}}, w.n.In[0])
	k := Scalar(rows.DType, float64(w.at.Truncate))
	return mul(g, must(backend.Cast, CastAttrs{g.DType}, must(backend.LessEqual, nil, rows, k)))
}
