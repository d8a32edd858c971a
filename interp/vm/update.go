package vm

import (
	"go/token"
	"unsafe"

	"golang.org/x/tools/go/ssa"
)

// An updating is what an assignment such as s[i] += v is in SSA form: an address, a
// load from it, an operation, the same address and a store to it, in a row; for a map
// a lookup, an operation and an update. One step does all of it.
type updating struct {
	op     *ssa.BinOp
	at     ssa.Value      // the second address
	in     *ssa.MapUpdate // of a map, where at is nil
	length int            // of instructions
}

// updatingAt is the updating that instructions begin with, all of it on one line of
// the cell; nil where there is none.
func (c *compiler) updatingAt(list []ssa.Instruction) *updating {
	u := updatingMap(list)
	if u == nil {
		u = updatingPlace(list)
	}
	if u == nil || kindOf(u.op.Type()) >= kindComplex64 {
		return nil
	}
	switch u.op.Op {
	case token.ADD, token.SUB, token.MUL:
	default:
		return nil
	}
	line := c.line(c.pos)
	for _, i := range list[:u.length] {
		if p := i.Pos(); p.IsValid() && c.line(p) != line {
			return nil
		}
	}
	return u
}

func updatingMap(list []ssa.Instruction) *updating {
	if len(list) < 3 {
		return nil
	}
	from, _ := list[0].(*ssa.Lookup)
	op, _ := list[1].(*ssa.BinOp)
	to, _ := list[2].(*ssa.MapUpdate)
	if from == nil || op == nil || to == nil || from.CommaOk || from.X != to.Map || from.Index != to.Key ||
		op.X != from || to.Value != op || onlyUser(from) != op || onlyUser(op) != to {
		return nil
	}
	return &updating{op: op, in: to, length: 3}
}

func updatingPlace(list []ssa.Instruction) *updating {
	if len(list) < 5 {
		return nil
	}
	from, _ := list[0].(ssa.Value)
	load, _ := list[1].(*ssa.UnOp)
	op, _ := list[2].(*ssa.BinOp)
	to, _ := list[3].(ssa.Value)
	store, _ := list[4].(*ssa.Store)
	switch {
	case from == nil, load == nil, op == nil, to == nil, store == nil,
		load.Op != token.MUL, load.X != from, op.X != load, store.Addr != to, store.Val != op,
		onlyUser(from) != load, onlyUser(load) != op, onlyUser(op) != store, onlyUser(to) != store,
		!samePlace(from, to):
		return nil
	}
	return &updating{op: op, at: to, length: 5}
}

// samePlace reports whether a and b are one element or one field.
func samePlace(a, b ssa.Value) bool {
	switch a := a.(type) {
	case *ssa.IndexAddr:
		b, ok := b.(*ssa.IndexAddr)
		return ok && a.X == b.X && a.Index == b.Index
	case *ssa.FieldAddr:
		b, ok := b.(*ssa.FieldAddr)
		return ok && a.X == b.X && a.Field == b.Field && !isBlank(a)
	}
	return false
}

// update compiles u. Its operand is evaluated before its address, as in SSA form.
func (c *compiler) update(u *updating) {
	operands := []ssa.Value{u.op.Y}
	var place func() address
	switch v := u.at.(type) {
	case *ssa.IndexAddr:
		operands = append(operands, v.X, v.Index)
		place = func() address { return c.elementAddress(v) }
	case *ssa.FieldAddr:
		operands = append(operands, v.X)
		place = func() address { return c.fieldPlace(v) }
	}
	e := mayRead | mayWrite | mayPanic
	if in := u.in; in != nil {
		operands = append(operands, in.Map, in.Key)
		place = func() address { return c.mapPlace(in) }
	} else {
		e = mayRead | mayWrite | accessEffects(u.at)
	}
	c.do(operands, e, func() step {
		return byNumber[kindOf(u.op.Type())].update(c, u.op.Op, place(), u.op.Y)
	})
}

func (ofInteger[T]) update(c *compiler, op token.Token, to address, v ssa.Value) step {
	return updateStep(c, op, to, operandOf[T](c, v))
}
func (ofFloat[T]) update(c *compiler, op token.Token, to address, v ssa.Value) step {
	return updateStep(c, op, to, operandOf[T](c, v))
}
func (ofComplex[T]) update(*compiler, token.Token, address, ssa.Value) step {
	panic("vm: update of a complex")
}

// updateStep makes the step *to = *to op o, for ADD, SUB and MUL.
func updateStep[T reals](c *compiler, op token.Token, to address, o operand[T]) step {
	var zero T
	x := exprOf(o)
	if e := elementOf(to, unsafe.Sizeof(zero)); e != nil && op == token.ADD {
		return addToElement(e, o, x)
	}
	place := c.addressExpr(to)
	switch op {
	case token.ADD:
		return func(t *thread, f frame) {
			v := x(t, f)
			*(*T)(place(t, f)) += v
		}
	case token.SUB:
		return func(t *thread, f frame) {
			v := x(t, f)
			*(*T)(place(t, f)) -= v
		}
	case token.MUL:
		return func(t *thread, f frame) {
			v := x(t, f)
			*(*T)(place(t, f)) *= v
		}
	}
	panic("vm: update " + op.String())
}

//go:noinline
func addToElement[T reals](e *element, o operand[T], x expr[T]) step {
	s, i := e.slice, e.index.a
	switch {
	case !e.plain:
		e := *e
		return func(t *thread, f frame) {
			v := x(t, f)
			*affineElement[T](f, &e) += v
		}
	case o.class == isConstant:
		k := o.k
		return func(t *thread, f frame) { *plainElement[T](f, s, i) += k }
	case o.class == inRegister:
		r := o.off
		return func(t *thread, f frame) { *plainElement[T](f, s, i) += *at[T](f, r) }
	}
	// T(...) keeps the processor from fusing the two.
	if q := o.product; q != nil && q[1].element != nil && q[1].element.plain {
		k, l, r, j := q[0].k, q[0].off, q[1].element.slice, q[1].element.index.a
		switch q[0].class {
		case isConstant:
			return func(t *thread, f frame) {
				v := T(k * *plainElement[T](f, r, j))
				*plainElement[T](f, s, i) += v
			}
		case inRegister:
			return func(t *thread, f frame) {
				v := T(*at[T](f, l) * *plainElement[T](f, r, j))
				*plainElement[T](f, s, i) += v
			}
		}
	}
	return func(t *thread, f frame) {
		v := x(t, f)
		*plainElement[T](f, s, i) += v
	}
}
