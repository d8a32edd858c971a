package graph

import (
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// scanGrad differentiates a loop by another one that goes the other way. Its
// step computes the step of the first again, from the row and the state before
// it, but for what is costly: the first loop keeps that besides its states, unless
// it is told to keep nothing.
//
// With s' = f(x, s, θ), y = h(x, s, θ) and D the derivative by the state after a
// step, a step back has D ← D·∂f/∂s + Y·∂h/∂s, gives the row D·∂f/∂x + Y·∂h/∂x, and
// adds D·∂f/∂θ + Y·∂h/∂θ to the derivative by θ. Where the latter is a matrix
// product or a sum, the loop keeps its operands instead, and one product or sum
// after it is over all steps.
func scanGrad(n *Node, gs []*Node) ([]*Node, error) {
	w := backwardScan{n: n, at: n.Attrs.(ScanAttrs), gs: gs}
	w.q, w.c = w.at.Sequences, w.at.Carries
	if err := w.step(); err != nil {
		return nil, err
	}
	return w.run()
}

type backwardScan struct {
	n    *Node
	at   ScanAttrs
	gs   []*Node
	q, c int // sequences and carries of the first loop

	// The step, by input of the first body: the derivative by it, or nil, for
	// all but rows the placeholder of what there is of it so far, and what is
	// added to it after the loop.
	by, carried []*Node
	later       [][]laterSum
	ys          []*Node // placeholders for rows of the derivatives by the stacks, nil for none

	kept, keptRows []*Node // nodes of the first body, and placeholders for rows of their stacks
}

// A laterSum is a part of a derivative that is computed after the loop: the sum
// of the products of two rows of all steps, or of one row.
type laterSum struct {
	product backend.MatMulAttrs
	rows    []*Node
}

// step builds the graph of a step back.
func (w *backwardScan) step() error {
	body, gs := w.at.Body, w.gs
	seeds := make([]*Node, len(body.Outputs))
	w.by, w.carried = make([]*Node, len(body.Inputs)), make([]*Node, len(body.Inputs))
	w.later = make([][]laterSum, len(body.Inputs))
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
	varies := w.varies(ds)
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
			if d, w.later[i] = w.postponed(d, varies); d != nil {
				w.carried[i] = Placeholder("", x.Type)
				w.by[i] = addNodes(w.carried[i], d)
			}
		}
	}
	return w.keep()
}

// varies returns the nodes behind ds that are not the same in all steps.
func (w *backwardScan) varies(ds []*Node) map[*Node]bool {
	varies, leaves := map[*Node]bool{}, map[*Node]bool{}
	for i, x := range w.at.Body.Inputs {
		leaves[x], varies[x] = true, i < w.q+w.c
	}
	for _, p := range slices.Concat(w.carried, w.ys) {
		varies[p] = p != nil
	}
	return spreadFrom(varies, slices.DeleteFunc(slices.Clone(ds), func(d *Node) bool { return d == nil }), leaves)
}

// spreadFrom adds to a set all nodes behind roots that are computed from it.
func spreadFrom(set map[*Node]bool, roots []*Node, leaves map[*Node]bool) map[*Node]bool {
	for _, n := range order(roots, func(n *Node) *Node { return n.Base() }, leaves) {
		if !leaves[n] {
			set[n] = set[n] || slices.ContainsFunc(n.In, func(x *Node) bool { return set[x.Base()] })
		}
	}
	return set
}

// postponed divides a derivative, which is a sum, into what must be added up
// step by step, or nil, and the matrix products and sums that can be computed
// of all steps at once.
func (w *backwardScan) postponed(d *Node, varies map[*Node]bool) (now *Node, later []laterSum) {
	inner := d
	if d.Op.Name == SumTo {
		inner = d.In[0]
	}
	switch {
	case inner.Op.Name == backend.MatMul && varies[inner.In[0]] && varies[inner.In[1]] && len(inner.In[0].Shape) == len(inner.In[1].Shape) &&
		w.small(inner.In[0]) && w.small(inner.In[1]):
		return nil, []laterSum{{inner.Attrs.(backend.MatMulAttrs), slices.Clone(inner.In)}}
	case d.Op.Name == SumTo && varies[inner] && w.small(inner):
		return nil, []laterSum{{rows: []*Node{inner}}}
	case d.Op.Name == backend.Add && d.Known() && d.In[0].equal(d.Type) && d.In[1].equal(d.Type):
		a, more := w.postponed(d.In[0], varies)
		b, others := w.postponed(d.In[1], varies)
		return sumOf(a, b), append(more, others...)
	}
	return d, nil
}

// small reports whether n may be kept of every step: it is at most four times as
// large as the states together, which the gates of an LSTM are. So what a loop
// keeps for its gradient is bounded by its states, however much a step computes.
// Nothing may be kept where all is to be computed again. Lengths that are not known
// yet count as 1.
func (w *backwardScan) small(n *Node) bool {
	if w.at.Recompute {
		return false
	}
	elements := func(shape []int) int {
		size := 1
		for _, d := range shape {
			size *= max(d, 1)
		}
		return size
	}
	states := 0
	for _, x := range w.at.Body.Inputs[w.q : w.q+w.c] {
		states += elements(x.Shape)
	}
	return elements(n.Shape) <= 4*states
}

// of computes the sum for rows that are stacked, in the shape of x.
func (l laterSum) of(stacks []*Node, x *Node) *Node {
	if len(stacks) == 2 {
		return unbroadcast(must(backend.MatMul, l.product, stacks...), x)
	}
	return unbroadcast(stacks[0], x)
}

// recomputed lists the operations of a step that the loop back computes again
// rather than keep what they gave.
var recomputed = map[backend.Op]bool{
	backend.Neg: true, backend.Abs: true, backend.Sign: true, backend.Square: true, backend.ReLU: true, backend.Floor: true,
	backend.Ceil: true, backend.Round: true, backend.Add: true, backend.Sub: true, backend.Mul: true, backend.Maximum: true,
	backend.Minimum: true, backend.Equal: true, backend.NotEqual: true, backend.Less: true, backend.LessEqual: true,
	backend.Greater: true, backend.GreaterEqual: true, backend.And: true, backend.Or: true, backend.Not: true,
	backend.Where: true, backend.Cast: true, backend.Reshape: true, backend.BroadcastTo: true, backend.Transpose: true,
	backend.Slice: true, backend.Concat: true, Part: true, StopGradientOp: true, PlaceholderOp: true, constantOp: true, Count: true,
}

// keep finds what the first loop keeps for the loop back, which gets a
// placeholder for a row of it.
func (w *backwardScan) keep() error {
	leaves := map[*Node]bool{}
	for _, x := range w.at.Body.Inputs {
		leaves[x] = true
	}
	varies := map[*Node]bool{}
	for _, x := range w.at.Body.Inputs[:w.q+w.c] {
		varies[x] = true
	}
	first := order(w.at.Body.Outputs, func(n *Node) *Node { return n.Base() }, leaves)
	spreadFrom(varies, w.at.Body.Outputs, leaves)
	costly := map[*Node]bool{}
	for _, n := range first {
		costly[n] = varies[n] && !leaves[n] && !recomputed[n.Op.Name] && !n.Several() && w.small(n)
	}
	roots := w.outputs()
	with, seen := map[*Node]*Node{}, map[*Node]bool{}
	for stack := slices.Clone(roots); len(stack) > 0; {
		n := stack[len(stack)-1].Base()
		stack = stack[:len(stack)-1]
		if seen[n] || leaves[n] {
			continue
		}
		seen[n] = true
		if costly[n] {
			with[n] = Placeholder("", n.Type)
			w.kept, w.keptRows = append(w.kept, n), append(w.keptRows, with[n])
			continue
		}
		in := n.In
		if at, ok := n.Attrs.(ShapeAttrs); ok && at.Shape == nil {
			in = in[:1] // of the others only the shape counts
		}
		stack = append(stack, in...)
	}
	news, err := Replace(roots, with)
	if err != nil {
		return err
	}
	w.setOutputs(news)
	return nil
}

// outputs returns what a step back computes; setOutputs replaces it.
func (w *backwardScan) outputs() []*Node {
	var all []*Node
	w.eachOutput(func(n **Node) { all = append(all, *n) })
	return all
}

func (w *backwardScan) setOutputs(news []*Node) {
	w.eachOutput(func(n **Node) { *n, news = news[0], news[1:] })
}

func (w *backwardScan) eachOutput(f func(n **Node)) {
	for i := range w.by {
		if w.by[i] != nil {
			f(&w.by[i])
		}
		for _, l := range w.later[i] {
			for j := range l.rows {
				f(&l.rows[j])
			}
		}
	}
}

// run makes the loop back and returns the derivatives by the operands.
func (w *backwardScan) run() ([]*Node, error) {
	body := w.at.Body
	var l Loop // with Before, After and Stacked in the order of the first body's inputs
	for i, d := range w.by {
		switch {
		case d == nil:
		case i < w.q:
			l.Stacked = append(l.Stacked, d)
		default:
			first := zerosLike(w.n.In[i])
			if i < w.q+w.c && w.gs[i-w.q] != nil {
				first = w.gs[i-w.q]
			}
			l.Carries, l.Before, l.After = append(l.Carries, first), append(l.Before, w.carried[i]), append(l.After, d)
		}
	}
	whole, err := w.whole()
	if err != nil {
		return nil, err
	}
	for _, sums := range w.later {
		for _, sum := range sums {
			for _, row := range sum.rows {
				if whole[row] == nil && !slices.Contains(l.Stacked, row) {
					l.Stacked = append(l.Stacked, row)
				}
			}
		}
	}
	used := reads(slices.Concat(body.Inputs, w.keptRows), slices.Concat(l.After, l.Stacked))
	steps := w.steps()
	for i, x := range slices.Concat(body.Inputs, w.keptRows) {
		// One sequence there must be where it alone says how many steps there are.
		if whole[x] != nil && (used[i] || i == 0 && w.q > 0 && steps < 0) {
			l.Sequences, l.Rows = append(l.Sequences, whole[x]), append(l.Rows, x)
		}
	}
	for _, y := range w.ys {
		if y != nil {
			l.Sequences, l.Rows = append(l.Sequences, whole[y]), append(l.Rows, y)
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
	at := ScanAttrs{Body: &Body{Inputs: inputs, Outputs: outputs}, Sequences: len(l.Sequences), Carries: len(l.Carries), Steps: steps, Reverse: !w.at.Reverse, Recompute: w.at.Recompute}
	var results []*Node
	if len(outputs) > 0 {
		n, err := applyScan(at, operands)
		if err != nil {
			return nil, err
		}
		results = n.results()
	}
	for k, row := range l.Stacked {
		if whole[row] == nil {
			whole[row] = results[len(l.Carries)+k]
		}
	}
	return w.grads(results, len(l.Carries), whole), nil
}

// whole returns, by placeholder for a row in the loop back, the array of all
// rows in the order of steps, as far as a truncated gradient goes back.
func (w *backwardScan) whole() (map[*Node]*Node, error) {
	body := w.at.Body
	used := reads(body.Inputs, w.outputs())
	var wanted []*Node
	for i, y := range body.Outputs[:w.c] {
		if used[w.q+i] {
			wanted = append(wanted, y)
		}
	}
	stacks, err := w.stacks(append(wanted, w.kept...))
	if err != nil {
		return nil, err
	}
	whole := map[*Node]*Node{}
	for i, x := range body.Inputs[:w.q+w.c] {
		switch {
		case i < w.q:
			whole[x] = w.last(w.n.In[i])
		case used[i]:
			whole[x] = w.last(statesBefore(stacks[body.Outputs[i-w.q]], w.n.In[i], w.at.Reverse))
		}
	}
	for k, x := range w.kept {
		whole[w.keptRows[k]] = w.last(stacks[x])
	}
	for j, y := range w.ys {
		if y != nil {
			whole[y] = w.last(w.gs[w.c+j])
		}
	}
	return whole, nil
}

// stacks returns the stacks of nodes of the first body. Where the loop does not
// give all of them, they come from one that does; [mergeScans] makes one loop
// of both.
func (w *backwardScan) stacks(of []*Node) (map[*Node]*Node, error) {
	at, n, body := w.at, w.n, *w.at.Body
	for _, x := range of {
		if !slices.Contains(body.Outputs[w.c:], x) {
			body.Outputs = append(slices.Clone(body.Outputs), x)
		}
	}
	if len(body.Outputs) > len(at.Body.Outputs) {
		at.Body = &body
		var err error
		if n, err = applyScan(at, w.n.In); err != nil {
			return nil, err
		}
	}
	stacks := map[*Node]*Node{}
	for _, x := range of {
		stacks[x] = n.Result(w.c + slices.Index(body.Outputs[w.c:], x))
	}
	return stacks, nil
}

// grads puts the results of the loop back in the order of the operands.
func (w *backwardScan) grads(results []*Node, carries int, whole map[*Node]*Node) []*Node {
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
		for _, sum := range w.later[i] {
			stacks := make([]*Node, len(sum.rows))
			for k, r := range sum.rows {
				stacks[k] = whole[r]
			}
			grads[i] = sumOf(grads[i], sum.of(stacks, w.n.In[i]))
		}
	}
	return grads
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
