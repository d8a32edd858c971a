package vm

import (
	"go/types"
	"reflect"
	"unsafe"

	"golang.org/x/tools/go/ssa"

	"github.com/fluxion-go/fluxion/interp/vm/forge"
)

// A channel operation that blocks waits for the end of the run as well.

//go:noinline
func (c *compiler) makeChan(v *ssa.MakeChan) {
	c.do([]ssa.Value{v.Size}, mayPanic, func() step {
		elem := v.Type().Underlying().(*types.Chan).Elem()
		r, dst, size := forge.ChanOf(reflect.BothDir, c.vm.rtype(elem)), c.slot(v), c.lengthOf(v.Size)
		return func(t *thread, f frame) {
			n := size(t, f)
			if n < 0 {
				_ = make(chan int, n) // panics
			}
			*at[pointer](f, dst) = reflect.MakeChan(r, n).UnsafePointer()
		}
	})
}

func (c *compiler) send(v *ssa.Send) {
	c.do([]ssa.Value{v.Chan, v.X}, mayWrite|mayPanic, func() step {
		if k := kindOf(v.X.Type()); k != kindAggregate {
			return byKind[k].send(c, v.Chan, v.X)
		}
		ch, value := exprOf(operandOf[pointer](c, v.Chan)), c.aggregate(v.X)
		both := forge.Of(forge.ChanOf(reflect.BothDir, c.vm.rtype(v.X.Type())))
		return func(t *thread, f frame) {
			ch := ch(t, f)
			p := value(t, f)
			if ch != nil && forge.TrySend(ch, p) {
				return
			}
			t.selectOne(forge.SelectCase{Dir: forge.SelectSend, Type: both, Channel: ch, Value: p})
		}
	})
}

var stopType = forge.Of(reflect.TypeFor[chan struct{}]())

// stopCase is the case of a select that is chosen when the run is cancelled.
func (t *thread) stopCase() forge.SelectCase {
	stopped := t.run.stopped
	return forge.SelectCase{Dir: forge.SelectReceive, Type: stopType, Channel: *(*pointer)(pointer(&stopped))}
}

// selectOne waits for one case or for the end of the run.
func (t *thread) selectOne(c forge.SelectCase) (received bool) {
	t.run.wait()
	defer t.run.goOn()
	chosen, received := forge.Select([]forge.SelectCase{c, t.stopCase()})
	if chosen == 1 {
		panic(interrupted{})
	}
	return received
}

func (ofKind[T]) send(c *compiler, channel, v ssa.Value) step {
	channelOf, value := exprOf(operandOf[pointer](c, channel)), exprOf(operandOf[T](c, v))
	return func(t *thread, f frame) {
		p := channelOf(t, f)
		v := value(t, f)
		ch := *(*chan T)(pointer(&p))
		select {
		case ch <- v:
		default:
			waitToSend(t.run, ch, v)
		}
	}
}

func waitToSend[T any](r *run, ch chan T, v T) {
	r.wait()
	defer r.goOn()
	select {
	case ch <- v:
	case <-r.stopped:
		panic(interrupted{})
	}
}

func (c *compiler) receive(v *ssa.UnOp) {
	elem := v.X.Type().Underlying().(*types.Chan).Elem()
	c.do([]ssa.Value{v.X}, mayWrite, func() step {
		ch := exprOf(operandOf[pointer](c, v.X))
		dst := c.slot(v)
		var receive func(t *thread, f frame) bool
		if k := kindOf(elem); k != kindAggregate {
			receive = byKind[k].receive(ch, dst)
		} else {
			desc := c.vm.desc(elem)
			receive = func(t *thread, f frame) bool { return receiveInto(t, ch(t, f), desc, unsafe.Add(f, dst)) }
		}
		if !v.CommaOk {
			return func(t *thread, f frame) { receive(t, f) }
		}
		okOff := dst + c.tupleOffset(v.Type().(*types.Tuple), 1)
		return func(t *thread, f frame) { *at[bool](f, okOff) = receive(t, f) }
	})
}

//go:noinline
func (ofKind[T]) receive(channel expr[pointer], dst uintptr) func(t *thread, f frame) bool {
	return func(t *thread, f frame) (ok bool) {
		p := channel(t, f)
		ch := *(*chan T)(pointer(&p))
		select {
		case *at[T](f, dst), ok = <-ch:
		default:
			*at[T](f, dst), ok = waitToReceive(t.run, ch)
		}
		return ok
	}
}

func waitToReceive[T any](r *run, ch chan T) (v T, ok bool) {
	r.wait()
	defer r.goOn()
	select {
	case v, ok = <-ch:
	case <-r.stopped:
		panic(interrupted{})
	}
	return v, ok
}

// receiveInto receives an aggregate.
func receiveInto(t *thread, ch pointer, elem *forge.Type, dst pointer) bool {
	if ch != nil {
		if selected, ok := forge.TryReceive(ch, dst); selected {
			return ok
		}
	}
	both := forge.Of(forge.ChanOf(reflect.BothDir, elem.Reflect()))
	elem.Clear(dst) // where the channel is closed nothing is written
	return t.selectOne(forge.SelectCase{Dir: forge.SelectReceive, Type: both, Channel: ch, Value: dst})
}

// A selectCase is one case of a select statement.
type selectCase struct {
	channel     expr[pointer]
	channelType *forge.Type
	elem        *forge.Type
	value       expr[pointer] // where what is sent lies; nil in a case that receives
	dst         uintptr       // where what is received goes
}

func (c *compiler) selectStatement(v *ssa.Select) {
	var operands []ssa.Value
	for _, s := range v.States {
		operands = append(operands, s.Chan)
		if s.Send != nil {
			operands = append(operands, s.Send)
		}
	}
	c.do(operands, mayWrite|mayPanic, func() step {
		dst := c.slot(v)
		cases := c.selectCases(v, dst)
		okOff := dst + c.tupleOffset(v.Type().(*types.Tuple), 1)
		blocking := v.Blocking
		return func(t *thread, f frame) {
			list := make([]forge.SelectCase, len(cases), len(cases)+1)
			for i, s := range cases {
				list[i] = forge.SelectCase{Dir: forge.SelectReceive, Type: s.channelType, Channel: s.channel(t, f)}
				if s.value != nil {
					list[i].Dir, list[i].Value = forge.SelectSend, s.value(t, f)
				}
			}
			for i, s := range cases { // after all operands: one may read what is cleared
				if s.value == nil {
					list[i].Value = unsafe.Add(f, s.dst)
					s.elem.Clear(list[i].Value)
				}
			}
			last := forge.SelectCase{Dir: forge.SelectDefault}
			if blocking {
				last = t.stopCase()
			}
			chosen, ok := t.selectOf(append(list, last), blocking)
			if chosen == len(cases) {
				if blocking {
					panic(interrupted{})
				}
				chosen = -1
			}
			*at[int](f, dst), *at[bool](f, okOff) = chosen, ok
		}
	})
}

func (t *thread) selectOf(cases []forge.SelectCase, blocking bool) (chosen int, received bool) {
	if blocking {
		t.run.wait()
		defer t.run.goOn()
	}
	return forge.Select(cases)
}

// selectCases compiles the operands of a select whose results begin at dst: the
// index of the case, whether a value was received, and the values received.
func (c *compiler) selectCases(v *ssa.Select, dst uintptr) []selectCase {
	tuple := v.Type().(*types.Tuple)
	cases := make([]selectCase, len(v.States))
	received := 2
	for i, s := range v.States {
		elem := c.vm.rtype(s.Chan.Type().Underlying().(*types.Chan).Elem())
		x := selectCase{
			channel:     exprOf(operandOf[pointer](c, s.Chan)),
			channelType: forge.Of(forge.ChanOf(reflect.BothDir, elem)),
			elem:        forge.Of(elem),
		}
		if s.Send == nil {
			x.dst = dst + c.tupleOffset(tuple, received)
			received++
		} else {
			temporary := c.alloc(s.Send.Type())
			set := c.copyTo(temporary, s.Send)
			x.value = func(t *thread, f frame) pointer {
				set(t, f)
				return unsafe.Add(f, temporary)
			}
		}
		cases[i] = x
	}
	return cases
}
