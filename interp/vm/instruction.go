package vm

import (
	"fmt"

	"golang.org/x/tools/go/ssa"
)

// instruction compiles one instruction.
func (c *compiler) instruction(i ssa.Instruction) {
	switch v := i.(type) {
	case *ssa.DebugRef, *ssa.Extract: // an Extract is a part of its tuple
	case *ssa.Phi:
		c.phi(v)

	case *ssa.BinOp:
		c.binary(v)
	case *ssa.UnOp:
		c.unary(v)
	case *ssa.Convert:
		c.conversion(v)
	case *ssa.ChangeType:
		c.changeType(v)
	case *ssa.MakeInterface:
		c.makeInterface(v)
	case *ssa.ChangeInterface:
		c.changeInterface(v)
	case *ssa.TypeAssert:
		c.typeAssert(v)

	case *ssa.Alloc:
		c.allocate(v)
	case *ssa.Store:
		c.storeValue(v)
	case *ssa.FieldAddr:
		c.fieldAddress(v)
	case *ssa.IndexAddr:
		c.indexAddress(v)
	case *ssa.Field:
		c.field(v)
	case *ssa.Index:
		c.index(v, v.X, v.Index)
	case *ssa.Lookup:
		c.lookup(v)
	case *ssa.MapUpdate:
		c.mapUpdate(v)
	case *ssa.MakeMap:
		c.makeMap(v)
	case *ssa.MakeSlice:
		c.makeSlice(v)
	case *ssa.Slice:
		c.slicing(v)
	case *ssa.SliceToArrayPointer:
		c.sliceToArray(v)
	case *ssa.Range:
		c.rangeOver(v)
	case *ssa.Next:
		c.next(v)

	case *ssa.MakeClosure:
		c.makeClosure(v)
	case *ssa.Call:
		c.call(v)
	case *ssa.Go:
		c.goStatement(v)
	case *ssa.Defer:
		c.deferStatement(v)
	case *ssa.RunDefers:
		c.runDefers(v)

	case *ssa.MakeChan:
		c.makeChan(v)
	case *ssa.Send:
		c.send(v)
	case *ssa.Select:
		c.selectStatement(v)

	case *ssa.Jump:
		c.jump(v)
	case *ssa.If:
		c.branch(v)
	case *ssa.Return:
		c.returns(v)
	case *ssa.Panic:
		c.panics(v)
	default:
		panic(fmt.Sprintf("vm: instruction %T", i))
	}
}
