package onnx

import (
	"maps"
	"slices"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// resultSuffix ends the names of the results of a loop.
func resultSuffix(i int) string { return "/" + string(rune('a'+i%26)) + string(rune('0'+i/26)) }

// results gives the results of n their names.
func (g *block) results(n *graph.Node, kind string, count int) []string {
	name := g.e.hidden(kind)
	g.e.names[n] = name
	names := make([]string, count)
	for i := range names {
		names[i] = name + resultSuffix(i)
		g.e.taken[names[i]] = true
	}
	return names
}

// body builds a graph within this one. It sees by name what is around it; what
// it gives names itself is not known outside, but for constants, which belong to
// the file.
func (g *block) body(build func(b *block)) message {
	b := &block{e: g.e, outer: true}
	before := maps.Clone(g.e.names)
	build(b)
	for n, name := range g.e.names {
		if !n.Several() && !n.Symbolic() {
			before[n] = name
		}
	}
	g.e.names = before
	return b.proto(g.e.hidden("body"))
}

// parameter makes an input of a body that stands for x.
func (b *block) parameter(x *graph.Node) {
	own := b.e.hidden("row")
	b.e.names[x] = own
	b.inputs = append(b.inputs, valueInfo(own, x.DType, x.Shape, openDimension(own)))
}

// counter makes the first inputs of the body of a Loop, which it does not read:
// how many steps were taken, and whether to go on. It returns the second.
func (b *block) counter() string {
	step, on := b.e.hidden("step"), b.e.hidden("on")
	b.inputs = append(b.inputs, valueInfo(step, dl.Int64, nil, nil), valueInfo(on, dl.Bool, nil, nil))
	return on
}

// give makes an output of a body of the value with this name.
func (b *block) give(name string, t graph.Type) {
	own := b.e.hidden("next")
	b.emit("Identity", []string{name}, own, nil)
	b.outputs = append(b.outputs, valueInfo(own, t.DType, t.Shape, openDimension(own)))
}

// around says by which names a body knows what it finds in its surroundings.
func (g *block) around(inputs []*graph.Node, names []string) {
	for i, x := range inputs {
		g.e.names[x] = names[i]
	}
}

// operands returns the names of operands.
func (g *block) operands(ns []*graph.Node) []string {
	names := make([]string, len(ns))
	for i, x := range ns {
		names[i] = g.name(x)
	}
	return names
}

// scan emits a loop over rows: Scan takes the first carries and then the
// sequences. A loop without sequences is a Loop of so many steps.
func (g *block) scan(n *graph.Node) {
	at := n.Attrs.(graph.ScanAttrs)
	in := g.operands(n.In)
	sequences, carries, others := in[:at.Sequences], in[at.Sequences:at.Sequences+at.Carries], in[at.Sequences+at.Carries:]
	inputs, outputs := at.Body.Inputs, at.Body.Outputs
	if at.Sequences == 0 && at.Reverse {
		panic(Unsupported{"scan", "a loop backwards without sequences"})
	}
	body := g.body(func(b *block) {
		on := ""
		if at.Sequences == 0 {
			on = b.counter()
		}
		b.around(inputs[at.Sequences+at.Carries:], others)
		for _, x := range slices.Concat(inputs[at.Sequences:at.Sequences+at.Carries], inputs[:at.Sequences]) {
			b.parameter(x)
		}
		b.add(outputs)
		if at.Sequences == 0 {
			b.give(on, graph.Type{DType: dl.Bool})
		}
		for _, x := range outputs {
			b.give(b.name(x), x.Type)
		}
	})
	outs := g.results(n, "scan", len(outputs))
	if at.Sequences == 0 {
		g.emitAll("Loop", slices.Concat([]string{g.unitless(at.Steps), ""}, carries), outs, attributes{"body": body})
		return
	}
	direction := 0
	if at.Reverse {
		direction = 1
	}
	stacked := len(outs) - at.Carries
	g.emitAll("Scan", slices.Concat(carries, sequences), outs, attributes{
		"body": body, "num_scan_inputs": at.Sequences,
		"scan_input_directions":  slices.Repeat([]int{direction}, at.Sequences),
		"scan_output_directions": slices.Repeat([]int{direction}, stacked),
	})
}

// cond emits a condition, whose branches have no parameters.
func (g *block) cond(n *graph.Node) {
	at := n.Attrs.(graph.CondAttrs)
	in := g.operands(n.In)
	branch := func(f *graph.Body) message {
		return g.body(func(b *block) {
			b.around(f.Inputs, in[1:])
			b.add(f.Outputs)
			for _, x := range f.Outputs {
				b.give(b.name(x), x.Type)
			}
		})
	}
	then, otherwise := branch(at.Then), branch(at.Else)
	g.emitAll("If", in[:1], g.results(n, "if", len(at.Then.Outputs)), attributes{"then_branch": then, "else_branch": otherwise})
}

// while emits a loop that asks before the first step, and after each whether to
// take another.
func (g *block) while(n *graph.Node) {
	at := n.Attrs.(graph.WhileAttrs)
	in := g.operands(n.In)
	states, others := in[:at.States], in[at.States:]
	outside := maps.Clone(g.e.names)
	// asked emits the condition for states of these names. What the step before
	// has computed of other states does not count.
	asked := func(b *block, states []string) (answer string) {
		before := b.e.names
		b.e.names = maps.Clone(outside)
		b.around(at.Cond.Inputs, slices.Concat(states, others))
		b.add(at.Cond.Outputs)
		answer = b.name(at.Cond.Outputs[0])
		b.e.names = before
		return answer
	}
	first := asked(g, states)
	body := g.body(func(b *block) {
		b.counter()
		for _, x := range at.Body.Inputs[:at.States] {
			b.parameter(x)
		}
		b.around(at.Body.Inputs[at.States:], others)
		b.add(at.Body.Outputs)
		next := b.operands(at.Body.Outputs)
		b.give(asked(b, next), graph.Type{DType: dl.Bool})
		for i, x := range at.Body.Outputs {
			b.give(next[i], x.Type)
		}
	})
	g.emitAll("Loop", slices.Concat([]string{"", first}, states), g.results(n, "while", at.States), attributes{"body": body})
}
