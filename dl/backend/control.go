package backend

// Operations that run programs of their own, which are part of their
// attributes. These programs have neither states nor updates.
const (
	// Scan applies its body to one row of the sequences after another:
	//
	//	(sequences…, first carries…, others…) → (last carries…, stacks…)
	//
	// The inputs of the body are a row of each sequence, the carries, and the
	// others; its outputs are the next carries and a row of each stack.
	Scan Op = "scan" // ScanAttrs

	// Cond: (condition Bool, operands…) → the outputs of the Then or the Else
	// program for the operands.
	Cond Op = "cond" // CondAttrs

	// While: (states…, others…) → states, which the Body program has replaced
	// for as long as the Cond program, whose output is one Bool, gives true.
	// The inputs of both are the states and the others.
	While Op = "while" // WhileAttrs
)

// ScanAttrs: how the operands and results of Scan are divided, and how many
// steps there are. With Reverse the rows are read and written from the last to
// the first.
type ScanAttrs struct {
	Body               *Program
	Steps              int
	Sequences, Carries int
	Reverse            bool
}

// CondAttrs holds the two programs of Cond.
type CondAttrs struct{ Then, Else *Program }

// WhileAttrs holds the programs of While, and how many of its operands are
// states.
type WhileAttrs struct {
	Cond, Body *Program
	States     int
}

// A Part is a program that a Scan, Cond or While runs.
type Part struct {
	Name    string // when it runs: "each step", "if true"
	Program *Program
}

// Parts returns the programs of i, as [NewControl] compiles them: none where i
// is none of the operations of this file.
func (i Instr) Parts() []Part {
	switch at := i.Attrs.(type) {
	case ScanAttrs:
		body, _ := unique(at.Body)
		return []Part{{"each step", body}}
	case CondAttrs:
		return []Part{{"if true", at.Then}, {"if false", at.Else}}
	case WhileAttrs:
		return []Part{{"while", at.Cond}, {"each step", at.Body}}
	}
	return nil
}

// A Control runs one Scan, Cond or While on a host, with the executables of its
// programs. It must not be used by two goroutines at once.
type Control struct {
	run func(in, out []Buffer, do Runner) error
}

// A Runner runs an executable that has no states.
type Runner func(x Executable, inputs, outputs []Buffer) error

// NewControl prepares i, with operands and results of the given types, or
// returns nil where i is none of the operations of this file. compile is the
// backend's own.
func NewControl(i Instr, in, out []Value, compile func(*Program) (Executable, error)) (*Control, error) {
	switch at := i.Attrs.(type) {
	case ScanAttrs:
		return newScan(at, in, out, compile)
	case CondAttrs:
		return newCond(at, compile)
	case WhileAttrs:
		return newWhile(at, in, compile)
	}
	return nil, nil
}

// Run computes the results. The first error of do ends it.
func (c *Control) Run(in, out []Buffer, do Runner) error { return c.run(in, out, do) }

func newBuffers(values []Value) []Buffer {
	b := make([]Buffer, len(values))
	for i, v := range values {
		b[i] = NewBuffer(v.DType, Size(v.Shape))
	}
	return b
}

func newScan(at ScanAttrs, in, out []Value, compile func(*Program) (Executable, error)) (*Control, error) {
	// An output that the body has twice, which usually is a carry that is
	// stacked too, is computed once: straight in its row of the stack.
	body, place := unique(at.Body)
	x, err := compile(body)
	if err != nil {
		return nil, err
	}
	n, c := at.Sequences, at.Carries
	spare := [2][]Buffer{newBuffers(in[n : n+c]), newBuffers(in[n : n+c])}
	ins, outs := make([]Buffer, len(in)), make([]Buffer, len(body.Outputs))
	return &Control{func(in, out []Buffer, do Runner) error {
		copy(ins[n:], in[n:])
		for step := range at.Steps {
			row := step
			if at.Reverse {
				row = at.Steps - 1 - step
			}
			for i, b := range in[:n] {
				ins[i] = b.row(row, at.Steps)
			}
			for i := range c {
				outs[place[i]] = spare[step&1][i]
			}
			for i, b := range out[c:] {
				outs[place[c+i]] = b.row(row, at.Steps)
			}
			if err := do(x, ins, outs); err != nil {
				return err
			}
			for i := range c {
				ins[n+i] = outs[place[i]]
			}
		}
		for i := range c {
			copy(out[i].Bytes(), ins[n+i].Bytes())
		}
		return nil
	}}, nil
}

// row returns row i of n.
func (b Buffer) row(i, n int) Buffer {
	size := len(b.b) / n
	return b.Slice(i*size, (i+1)*size)
}

// unique returns p with each output once, and the place of each of its outputs
// among them. An output that is an input too keeps a place of its own.
func unique(p *Program) (*Program, []int) {
	q := *p
	q.Outputs = nil
	place, at := make([]int, len(p.Outputs)), map[int]int{}
	for i, v := range p.Outputs {
		k, ok := at[v]
		if !ok {
			k = len(q.Outputs)
			q.Outputs = append(q.Outputs, v)
			at[v] = k
		}
		place[i] = k
	}
	return &q, place
}

func newCond(at CondAttrs, compile func(*Program) (Executable, error)) (*Control, error) {
	yes, err := compile(at.Then)
	if err != nil {
		return nil, err
	}
	no, err := compile(at.Else)
	if err != nil {
		return nil, err
	}
	return &Control{func(in, out []Buffer, do Runner) error {
		if in[0].b[0] != 0 {
			return do(yes, in[1:], out)
		}
		return do(no, in[1:], out)
	}}, nil
}

func newWhile(at WhileAttrs, in []Value, compile func(*Program) (Executable, error)) (*Control, error) {
	test, err := compile(at.Cond)
	if err != nil {
		return nil, err
	}
	body, err := compile(at.Body)
	if err != nil {
		return nil, err
	}
	spare := [2][]Buffer{newBuffers(in[:at.States]), newBuffers(in[:at.States])}
	ins, answer := make([]Buffer, len(in)), []Buffer{NewBuffer(Bool, 1)}
	return &Control{func(in, out []Buffer, do Runner) error {
		copy(ins, in)
		for step := 0; ; step++ {
			if err := do(test, ins, answer); err != nil {
				return err
			}
			if answer[0].b[0] == 0 {
				break
			}
			next := spare[step&1]
			if err := do(body, ins, next); err != nil {
				return err
			}
			copy(ins, next)
		}
		for i, b := range out {
			copy(b.Bytes(), ins[i].Bytes())
		}
		return nil
	}}, nil
}
