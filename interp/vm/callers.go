package vm

import (
	"fmt"
	"go/token"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/fluxion-go/fluxion/interp/vm/forge"
)

// The functions of package runtime that look at the stack see that of the
// interpreted code. A program counter of interpreted code is a made-up address
// that stands for a place in the source.

// counterBase is above every address of code.
const counterBase = 1 << 60

// counter is the program counter of a return to the call at pos. Between two there
// is room, because callers subtract one.
func counter(pos token.Pos) uintptr { return counterBase + uintptr(pos)*4 + 2 }

func positionOf(pc uintptr) (token.Pos, bool) {
	if pc < counterBase {
		return token.NoPos, false
	}
	return token.Pos((pc - counterBase) / 4), true
}

// active lists the places of the active calls, the innermost first. Within deferred
// calls of a panic those that the panic has left come last, as they stand on
// the stack of compiled code.
func (t *thread) active() []token.Pos {
	var out []token.Pos
	add := func(lines []int32) {
		for _, l := range slices.Backward(lines) {
			if l != 0 {
				out = append(out, token.Pos(l))
			}
		}
	}
	if len(t.panicLines) > 0 && t.panicDepth <= t.depth {
		add(t.lines[t.panicDepth+1 : t.depth])
		out = append(out, token.NoPos) // the runtime's own function
		add(t.panicLines)
		return out
	}
	add(t.lines[:t.depth])
	return out
}

// A stackFunc is what runtime.FuncForPC returns for a place in interpreted code.
type stackFunc struct {
	runtime.Func
	pos token.Pos
}

var (
	stackFuncs  sync.Map // *runtime.Func → *stackFunc
	stackFuncAt sync.Map // token.Pos → *stackFunc; the first is kept for each place
	stackFrames sync.Map // *runtime.Frames → *[]uintptr that are left
)

func (m *machine) frameAt(pc uintptr) (runtime.Frame, bool) {
	pos, ok := positionOf(pc)
	if !ok {
		return runtime.Frame{}, false
	}
	at := m.config.Fset.Position(pos)
	return runtime.Frame{PC: pc, File: at.Filename, Line: at.Line, Function: m.qualifiedName(pos), Func: funcAt(pos)}, true
}

func funcAt(pos token.Pos) *runtime.Func {
	if f, ok := stackFuncAt.Load(pos); ok {
		return &f.(*stackFunc).Func
	}
	f := &stackFunc{pos: pos}
	stackFuncAt.Store(pos, f)
	stackFuncs.Store(&f.Func, f)
	return &f.Func
}

// qualifiedName is the name of the function at pos with the path of its package.
func (m *machine) qualifiedName(pos token.Pos) string {
	if !pos.IsValid() {
		return "runtime.gopanic"
	}
	f := m.functionAt(pos)
	if f == nil {
		return ""
	}
	return f.qualified
}

// stack writes the active calls as the runtime does.
func (t *thread) stack() string {
	var b strings.Builder
	b.WriteString("goroutine 1 [running]:\n")
	for _, pos := range t.active() {
		if !pos.IsValid() {
			continue
		}
		at, params := t.vm.config.Fset.Position(pos), "..."
		if f := t.vm.functionAt(pos); f != nil && f.params == 0 {
			params = ""
		}
		fmt.Fprintf(&b, "%s(%s)\n\t%s:%d\n", t.vm.qualifiedName(pos), params, at.Filename, at.Line)
	}
	return b.String()
}

var callerNatives = map[string]nativeMaker{
	"runtime.Caller": func(m *machine, fn *function) step {
		skip, pc, file, line, ok := fn.params[0].off, fn.results[0].off, fn.results[1].off, fn.results[2].off, fn.results[3].off
		return func(t *thread, f frame) {
			*at[uintptr](f, pc), *at[string](f, file), *at[int](f, line), *at[bool](f, ok) = 0, "", 0, false
			calls, n := t.active(), *at[int](f, skip)
			if n < 0 || n >= len(calls) {
				return
			}
			place := m.config.Fset.Position(calls[n])
			*at[uintptr](f, pc), *at[string](f, file), *at[int](f, line), *at[bool](f, ok) = counter(calls[n]), place.Filename, place.Line, true
		}
	},
	"runtime.Callers": func(m *machine, fn *function) step {
		skip, pcs, r := fn.params[0].off, fn.params[1].off, fn.results[0].off
		self := fn.ssa.Pos()
		return func(t *thread, f frame) {
			list := []uintptr{counter(self)}
			for _, pos := range t.active() {
				list = append(list, counter(pos))
			}
			n := min(max(*at[int](f, skip), 0), len(list))
			*at[int](f, r) = copy(*at[[]uintptr](f, pcs), list[n:])
		}
	},
	"runtime.CallersFrames": func(m *machine, fn *function) step {
		pcs, r := fn.params[0].off, fn.results[0].off
		return func(t *thread, f frame) {
			frames := runtime.CallersFrames(nil)
			rest := slices.Clone(*at[[]uintptr](f, pcs))
			stackFrames.Store(uintptr(pointer(frames)), &rest)
			runtime.AddCleanup(frames, func(key uintptr) { stackFrames.Delete(key) }, uintptr(pointer(frames)))
			*at[*runtime.Frames](f, r) = frames
		}
	},
	"(*runtime.Frames).Next": func(m *machine, fn *function) step {
		recv, r, more := fn.params[0].off, fn.results[0].off, fn.results[1].off
		return func(t *thread, f frame) {
			frames := *at[*runtime.Frames](f, recv)
			kept, ok := stackFrames.Load(uintptr(pointer(frames)))
			if !ok {
				*at[runtime.Frame](f, r), *at[bool](f, more) = frames.Next()
				return
			}
			rest := kept.(*[]uintptr)
			*at[runtime.Frame](f, r), *at[bool](f, more) = runtime.Frame{}, false
			if len(*rest) == 0 {
				return
			}
			frame, ok := m.frameAt((*rest)[0])
			if !ok {
				frame, _ = runtime.CallersFrames((*rest)[:1]).Next()
			}
			*rest = (*rest)[1:]
			*at[runtime.Frame](f, r), *at[bool](f, more) = frame, len(*rest) > 0
		}
	},
	"runtime.FuncForPC": func(m *machine, fn *function) step {
		pc, r := fn.params[0].off, fn.results[0].off
		return func(t *thread, f frame) {
			if pos, ok := positionOf(*at[uintptr](f, pc)); ok {
				*at[*runtime.Func](f, r) = funcAt(pos)
				return
			}
			*at[*runtime.Func](f, r) = runtime.FuncForPC(*at[uintptr](f, pc))
		}
	},
	// The function that a func value is has a place of its own here, though the
	// code of many is the same.
	"(reflect.Value).Pointer": func(m *machine, fn *function) step {
		recv, r := fn.params[0].off, fn.results[0].off
		return func(t *thread, f frame) {
			v := at[reflect.Value](f, recv)
			*at[uintptr](f, r) = v.Pointer()
			if v.Kind() != reflect.Func || v.IsNil() || !v.CanInterface() {
				return
			}
			entry := typedEntry(v.Type())
			if entry == 0 {
				entry = noEntry
			}
			if c := closureAt(forge.FuncPointer(v.Interface()), entry); c != nil {
				*at[uintptr](f, r) = counter(c.fn.source.start())
			}
		}
	},
	"(*runtime.Func).Name": func(m *machine, fn *function) step {
		recv, r := fn.params[0].off, fn.results[0].off
		return func(t *thread, f frame) {
			p := *at[*runtime.Func](f, recv)
			if own, ok := stackFuncs.Load(p); ok {
				*at[string](f, r) = m.qualifiedName(own.(*stackFunc).pos)
				return
			}
			*at[string](f, r) = p.Name()
		}
	},
	"(*runtime.Func).Entry": func(m *machine, fn *function) step {
		recv, r := fn.params[0].off, fn.results[0].off
		return func(t *thread, f frame) {
			p := *at[*runtime.Func](f, recv)
			own, ok := stackFuncs.Load(p)
			if !ok {
				*at[uintptr](f, r) = p.Entry()
				return
			}
			*at[uintptr](f, r) = 0
			if fn := m.functionAt(own.(*stackFunc).pos); fn != nil {
				*at[uintptr](f, r) = counter(fn.pos)
			}
		}
	},
	"(*runtime.Func).FileLine": func(m *machine, fn *function) step {
		recv, pc, file, line := fn.params[0].off, fn.params[1].off, fn.results[0].off, fn.results[1].off
		return func(t *thread, f frame) {
			if pos, ok := positionOf(*at[uintptr](f, pc)); ok {
				place := m.config.Fset.Position(pos)
				*at[string](f, file), *at[int](f, line) = place.Filename, place.Line
				return
			}
			*at[string](f, file), *at[int](f, line) = (*at[*runtime.Func](f, recv)).FileLine(*at[uintptr](f, pc))
		}
	},
	"runtime.Stack": func(m *machine, fn *function) step {
		buf, r := fn.params[0].off, fn.results[0].off
		return func(t *thread, f frame) { *at[int](f, r) = copy(*at[[]byte](f, buf), t.stack()) }
	},
	"runtime/debug.Stack": func(m *machine, fn *function) step {
		r := fn.results[0].off
		return func(t *thread, f frame) { *at[[]byte](f, r) = []byte(t.stack()) }
	},
	"runtime/debug.PrintStack": func(m *machine, fn *function) step {
		return func(t *thread, f frame) { m.printError(t.stack()) }
	},
}
