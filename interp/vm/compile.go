package vm

import (
	"fmt"
	"go/token"
	"go/types"
	"reflect"
	"unsafe"

	"golang.org/x/tools/go/ssa"

	"github.com/fluxion-go/fluxion/interp/exec"
	"github.com/fluxion-go/fluxion/interp/vm/forge"
)

// A compiler turns one ssa.Function into closures.
type compiler struct {
	vm   *machine
	fn   *function
	ssa  *ssa.Function
	size uintptr // of the frame so far
	mask []byte  // its pointer words

	slots  map[ssa.Value]uintptr
	locals map[*ssa.Alloc]uintptr // variables that live in the frame

	// pending are the trees that no step has evaluated yet, in their order.
	pending []*tree
	trees   map[ssa.Value]*tree

	file   *token.File // of pos
	pos    token.Pos   // of the instruction being compiled
	ops    []op        // of the block being compiled
	blocks []*block
	ends   map[int]*blockEnd
	links  []func() // to run when all blocks are compiled
	block  *ssa.BasicBlock
}

// A tree is an SSA value that is not evaluated yet: its only user will do it.
type tree struct {
	value   ssa.Value
	pos     token.Pos
	kind    kind
	x       any // expr[T]; nil where address says it all
	address *address
	effects effects
	reads   []ssa.Value // phis and the like read, which moves between blocks change

	// What a user may do better than calling x:
	binary  *binaryTree // an operation on registers
	affine  *affine     // an int made of registers
	element *element    // an element of a slice
	field   *fieldLoad  // a field of what a pointer points to
	product any         // *[2]operand[T]: a product of two operands
	sum     any         // *sumTree[T]: a register plus a tree
	compare any         // *comparison[T]
	not     expr[bool]  // the negation of this
}

// effects are what an instruction does that another may observe.
type effects uint8

const (
	mayPanic effects = 1 << iota
	mayRead          // of memory
	mayWrite
	isCall // with mayWrite; it marks its own line
)

// commute reports whether two instructions can change places.
func (a effects) commute(b effects) bool {
	if a&mayPanic != 0 && b&mayPanic != 0 { // which of two panics comes first is seen
		return false
	}
	return !(a&mayWrite != 0 && b != 0) && !(b&mayWrite != 0 && a != 0)
}

// unsupported ends the compilation of something that the vm does not run.
func unsupported(pos token.Pos, format string, args ...any) {
	panic(&exec.Unsupported{Pos: pos, What: fmt.Sprintf(format, args...)})
}

// compile makes the code and the frames of fn.
func (m *machine) compile(fn *function) *code {
	m.buildMu.Lock()
	defer m.buildMu.Unlock()
	c := &compiler{
		vm: m, fn: fn, ssa: fn.ssa, size: fn.size,
		slots:  map[ssa.Value]uintptr{},
		locals: map[*ssa.Alloc]uintptr{},
		trees:  map[ssa.Value]*tree{},
		ends:   map[int]*blockEnd{},
	}
	c.markHead()
	for i, p := range fn.ssa.Params {
		c.slots[p] = fn.params[i].off
	}
	if fn.ssa.Blocks == nil {
		native := m.native(fn)
		fn.setFrame(c.size, c.mask)
		return &code{run: func(t *thread, f frame) {
			t.lines[t.depth] = 0 // a line of an earlier call at this depth; our own code marks its lines
			native(t, f)
		}}
	}
	c.compileBlocks()
	out := &code{
		run:         c.runFrom(c.blocks[0]),
		usesRecover: fn.usesRecover,
		transparent: isTransparent(fn.ssa),
	}
	if fn.hasDefer {
		out.run = c.guard(out.run)
	} else if b := c.blocks[0]; len(b.steps) == 0 {
		out.first = b.term
	}
	fn.setFrame(c.size, c.mask)
	return out
}

// isTransparent reports whether f is a wrapper, through which recover sees.
func isTransparent(f *ssa.Function) bool { return f.Synthetic != "" && f.Syntax() == nil }

func (c *compiler) compileBlocks() {
	c.blocks = make([]*block, len(c.ssa.Blocks))
	for i := range c.blocks {
		c.blocks[i] = &block{}
	}
	if c.fn.hasDefer {
		c.fn.deferOff = c.alloc(types.Typ[types.UnsafePointer])
	}
	c.sharePlaces()
	prologue := c.prologue()
	for _, b := range c.ssa.Blocks {
		c.block = b
		c.ops, c.pending = nil, nil
		if b.Index == 0 {
			c.ops = prologue
		}
		for list := b.Instrs; len(list) > 0; {
			if p := list[0].Pos(); p.IsValid() {
				c.pos = p
			}
			if u := c.updatingAt(list); u != nil {
				c.update(u)
				list = list[u.length:]
				continue
			}
			c.instruction(list[0])
			list = list[1:]
		}
		c.blocks[b.Index].ops = c.ops
	}
	for _, b := range c.blocks {
		b.steps = markedSteps(b.ops)
	}
	for _, link := range c.links {
		link()
	}
}

// prologue takes what the caller left in the frame's head.
func (c *compiler) prologue() []op {
	var out []op
	if c.fn.usesRecover {
		out = append(out, op{run: func(t *thread, f frame) {
			*at[*deferStack](f, headPanicking) = t.entering
			t.entering = nil
		}})
	}
	for i, v := range c.ssa.FreeVars {
		dst := c.slot(v)
		if kindOf(v.Type()) == kindPointer {
			out = append(out, op{run: func(t *thread, f frame) {
				*at[pointer](f, dst) = (*at[*closure](f, headClosure)).vars[i]
			}})
			continue
		}
		desc := c.vm.desc(v.Type())
		out = append(out, op{run: func(t *thread, f frame) {
			desc.Move(unsafe.Add(f, dst), (*at[*closure](f, headClosure)).vars[i])
		}})
	}
	return out
}

// guard makes a body with deferred calls.
func (c *compiler) guard(body step) step {
	off := c.fn.deferOff
	var after step // where a recovered panic goes on
	if c.ssa.Recover != nil {
		after = c.runFrom(c.blocks[c.ssa.Recover.Index])
	}
	return func(t *thread, f frame) {
		if guarded(t, f, off, body) && after != nil {
			after(t, f)
		}
	}
}

// markHead records the pointers of the frame's head, parameters and results.
func (c *compiler) markHead() {
	c.mask = []byte{1<<(headLink/8) | 1<<(headClosure/8) | 1<<(headPanicking/8)}
	for _, s := range c.fn.params {
		c.mark(s.off, c.vm.rtype(s.typ))
	}
	for _, s := range c.fn.results {
		c.mark(s.off, c.vm.rtype(s.typ))
	}
}

// mark records the pointers of a value of type r at off.
func (c *compiler) mark(off uintptr, r reflect.Type) {
	forge.Of(r).PointerMask(func(i uintptr) {
		w := off/8 + i
		for uintptr(len(c.mask)) <= w/8 {
			c.mask = append(c.mask, 0)
		}
		c.mask[w/8] |= 1 << (w % 8)
	})
}

// alloc reserves a place for a t in the frame.
func (c *compiler) alloc(t types.Type) uintptr {
	if tuple, ok := t.(*types.Tuple); ok {
		c.size = align(c.size, 8)
		first := c.size
		for v := range tuple.Variables() {
			c.alloc(componentType(v.Type()))
		}
		return first
	}
	r := c.vm.rtype(t)
	off := align(c.size, uintptr(r.Align()))
	c.size = off + max(r.Size(), 1)
	c.mark(off, r)
	return off
}

// componentType is the type of a component of a tuple; one that is not used has
// none.
func componentType(t types.Type) types.Type {
	if b, ok := t.(*types.Basic); ok && b.Kind() == types.Invalid {
		return types.Typ[types.Bool]
	}
	return t
}

// tupleOffset is the offset of component i of a tuple.
func (c *compiler) tupleOffset(tuple *types.Tuple, i int) uintptr {
	off := uintptr(0)
	for j := 0; ; j++ {
		r := c.vm.rtype(componentType(tuple.At(j).Type()))
		off = align(off, uintptr(r.Align()))
		if j == i {
			return off
		}
		off += max(r.Size(), 1)
	}
}

// slot is the place of v in the frame.
func (c *compiler) slot(v ssa.Value) uintptr {
	if off, ok := c.slots[v]; ok {
		return off
	}
	var off uintptr
	switch x := v.(type) {
	case *ssa.Extract:
		off = c.slot(x.Tuple) + c.tupleOffset(x.Tuple.Type().(*types.Tuple), x.Index)
	case *ssa.Field:
		if isPart(x) {
			off = c.slot(x.X) + c.fieldOffset(x.X.Type(), x.Field)
		} else {
			off = c.alloc(v.Type())
		}
	case *ssa.Const, *ssa.Global, *ssa.Function, *ssa.Builtin:
		panic(fmt.Sprintf("vm: no slot for %T", v))
	default:
		off = c.alloc(v.Type())
	}
	c.slots[v] = off
	return off
}

// isPart reports whether a field is read where its struct is, not copied.
func isPart(x *ssa.Field) bool {
	switch x.X.(type) {
	case *ssa.Phi, *ssa.Const:
		return false
	}
	return true
}

func (c *compiler) fieldOffset(t types.Type, i int) uintptr { return c.vm.desc(t).FieldOffset(i) }

// line is the line of the cell at pos, 0 where pos is none.
func (c *compiler) line(pos token.Pos) int {
	if !pos.IsValid() {
		return 0
	}
	if c.file == nil || int(pos) < c.file.Base() || int(pos) > c.file.Base()+c.file.Size() {
		if c.file = c.vm.config.Fset.File(pos); c.file == nil {
			return 0
		}
	}
	return c.file.Line(pos)
}

// take removes the tree of v, if there is one, for its user to evaluate.
func (c *compiler) take(v ssa.Value) *tree {
	t := c.trees[v]
	if t == nil {
		return nil
	}
	delete(c.trees, v)
	for i, p := range c.pending {
		if p == t {
			c.pending = append(c.pending[:i:i], c.pending[i+1:]...)
			break
		}
	}
	return t
}

// emit appends a step to the block.
func (c *compiler) emit(run step, e effects) { c.ops = append(c.ops, c.op(run, c.pos, e)) }

// op makes an op of a step with effects e at pos.
func (c *compiler) op(run step, pos token.Pos, e effects) op {
	o := op{run: run, line: c.line(pos), call: e&isCall != 0}
	if e&mayPanic != 0 {
		o.pos = int32(pos)
	}
	return o
}

func (c *compiler) emitTree(t *tree) {
	dst := c.slot(t.value)
	o := c.op(byKind[t.kind].set(c, dst, t), t.pos, t.effects)
	o.adds = additionOf(dst, t)
	c.ops = append(c.ops, o)
}

// flush evaluates all pending trees.
func (c *compiler) flush() {
	for len(c.pending) > 0 {
		t := c.pending[0]
		c.take(t.value)
		c.emitTree(t)
	}
}

// onlyUser returns the instruction that alone uses v, or nil.
func onlyUser(v ssa.Value) ssa.Instruction {
	refs := v.Referrers()
	if refs == nil {
		return nil
	}
	var user ssa.Instruction
	for _, r := range *refs {
		if _, ok := r.(*ssa.DebugRef); ok {
			continue
		}
		if user != nil {
			return nil
		}
		user = r
	}
	return user
}

// deferrable reports whether v, with the effects of its own instruction, may be
// evaluated as part of its user.
func (c *compiler) deferrable(v ssa.Value, own effects) bool {
	user := onlyUser(v)
	if user == nil {
		return false
	}
	// A panic is reported at the line of the step that raises it.
	if p := user.Pos(); own&(mayPanic|mayWrite) != 0 && p.IsValid() && c.line(p) != c.line(c.pos) {
		return false
	}
	phi, ok := user.(*ssa.Phi)
	if !ok {
		return user.Block() == c.block
	}
	if len(c.block.Succs) != 1 || phi.Block() != c.block.Succs[0] {
		return false
	}
	for i, e := range phi.Edges {
		if e == v && phi.Block().Preds[i] != c.block {
			return false
		}
	}
	return true
}

// order prepares the operands of an instruction with effects own: pending trees
// that cannot be evaluated after it are evaluated now, unless the instruction is
// itself to be evaluated later. It returns the effects of the instruction with its
// operands, and what they read.
func (c *compiler) order(operands []ssa.Value, own effects, later bool) (effects, []ssa.Value) {
	all := own
	var reads []ssa.Value
	var used []int // indices in pending of the operands' trees
	isOperand := map[*tree]bool{}
	conflict := false
	for _, v := range operands {
		switch x := v.(type) {
		case *ssa.Phi:
			reads = append(reads, x)
		case *ssa.Field:
			if !isPart(x) {
				reads = append(reads, x.X)
			}
		}
		t := c.trees[v]
		if t == nil {
			continue
		}
		isOperand[t] = true
		for i, p := range c.pending {
			if p != t {
				continue
			}
			if len(used) > 0 && used[len(used)-1] > i { // operands out of order
				for _, u := range used {
					conflict = conflict || !c.pending[u].effects.commute(t.effects)
				}
			}
			used = append(used, i)
		}
		all |= t.effects
		reads = append(reads, t.reads...)
	}
	for i, p := range c.pending {
		switch {
		case isOperand[p]:
		case !later:
			conflict = conflict || !p.effects.commute(all)
		default:
			for _, u := range used {
				conflict = conflict || u < i && !c.pending[u].effects.commute(p.effects)
			}
		}
	}
	if conflict {
		c.flush()
		return own, reads
	}
	return all, reads
}

// define compiles an instruction with a value that is not an aggregate; build
// completes its tree.
func (c *compiler) define(v ssa.Value, operands []ssa.Value, own effects, build func(t *tree)) {
	later := c.deferrable(v, own)
	t := &tree{value: v, pos: c.pos, kind: kindOf(v.Type())}
	t.effects, t.reads = c.order(operands, own, later)
	if later && t.effects&mayWrite != 0 { // calls do not move into the moves of an edge
		for _, r := range *v.Referrers() {
			if _, ok := r.(*ssa.Phi); ok {
				later = false
			}
		}
		if !later {
			t.effects, t.reads = c.order(operands, own, later)
		}
	}
	build(t)
	if later {
		c.trees[v] = t
		c.pending = append(c.pending, t)
		return
	}
	c.emitTree(t)
}

// do compiles an instruction that is run for its effect or sets a slot itself.
func (c *compiler) do(operands []ssa.Value, own effects, build func() step) {
	all, _ := c.order(operands, own, false)
	if run := build(); run != nil {
		c.emit(run, all)
	}
}
