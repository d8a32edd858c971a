package vm

import (
	"context"
	"log"
	"maps"
	"reflect"
	"runtime"
	"sync/atomic"
	"time"
	"unsafe"
	"weak"

	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/fluxion-go/fluxion/cell"
)

// A nativeMaker makes the code of a function that has no body to interpret.
type nativeMaker = func(m *machine, fn *function) step

// replacements take the place of compiled functions that would end the process,
// block where an interrupt does not reach them, or call back where it is not known
// which cell began it. (The functions log.Fatal of the symbol tables do not
// end the process, but the methods do.)
var replacements map[string]nativeMaker

func init() { // refers to itself through the compiler
	genericNatives["runtime.AddCleanup"] = addCleanup
	genericNatives["database/sql.Null.Scan"] = nullScan
	genericNatives["database/sql.Null.Value"] = nullValue
	replacements = maps.Clone(locks)
	maps.Copy(replacements, callerNatives)
	maps.Copy(replacements, map[string]nativeMaker{
		"os.Exit": func(m *machine, fn *function) step {
			code := fn.params[0].off
			return func(t *thread, f frame) { panic(exitPanic{*at[int](f, code)}) }
		},
		"(*log.Logger).Fatal":   fatalMethod((*log.Logger).Print),
		"(*log.Logger).Fatalln": fatalMethod((*log.Logger).Println),
		"(*log.Logger).Fatalf": func(m *machine, fn *function) step {
			l, format, args := fn.params[0].off, fn.params[1].off, fn.params[2].off
			return func(t *thread, f frame) {
				(*at[*log.Logger](f, l)).Printf(*at[string](f, format), *at[[]any](f, args)...)
				panic(exitPanic{1})
			}
		},
		"time.Sleep": sleep,
		"time.AfterFunc": func(m *machine, fn *function) step {
			d, f0, r := fn.params[0].off, fn.params[1].off, fn.results[0].off
			return func(t *thread, f frame) {
				*at[*time.Timer](f, r) = time.AfterFunc(*at[time.Duration](f, d), cell.Carry(*at[func()](f, f0)))
			}
		},
		"context.AfterFunc": func(m *machine, fn *function) step {
			ctx, f0, r := fn.params[0].off, fn.params[1].off, fn.results[0].off
			return func(t *thread, f frame) {
				*at[func() bool](f, r) = context.AfterFunc(*at[context.Context](f, ctx), cell.Carry(*at[func()](f, f0)))
			}
		},
	})
}

func fatalMethod(print func(l *log.Logger, args ...any)) nativeMaker {
	return func(m *machine, fn *function) step {
		l, args := fn.params[0].off, fn.params[1].off
		return func(t *thread, f frame) {
			print(*at[*log.Logger](f, l), *at[[]any](f, args)...)
			panic(exitPanic{1})
		}
	}
}

func sleep(m *machine, fn *function) step {
	d := fn.params[0].off
	return func(t *thread, f frame) {
		timer := time.NewTimer(*at[time.Duration](f, d))
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-t.run.stopped:
			panic(interrupted{})
		}
	}
}

// addCleanup is runtime.AddCleanup, whose cleanup runs as code of the cell that added
// it.
func addCleanup(m *machine, fn *function) step {
	ptr, cleanup, arg, r := fn.params[0].off, fn.params[1], fn.params[2], fn.results[0].off
	cleanupType, argType := m.rtype(cleanup.typ), m.rtype(arg.typ)
	value := func(f frame, typ reflect.Type, off uintptr) reflect.Value {
		v := reflect.New(typ).Elem()
		v.Set(reflect.NewAt(typ, unsafe.Add(f, off)).Elem())
		return v
	}
	return func(t *thread, f frame) {
		p := *at[*byte](f, ptr)
		if arg.kind == kindPointer && p != nil && *at[*byte](f, arg.off) == p {
			panic("runtime.AddCleanup: ptr is equal to arg, cleanup will never run")
		}
		call, args := value(f, cleanupType, cleanup.off), []reflect.Value{value(f, argType, arg.off)}
		*at[runtime.Cleanup](f, r) = runtime.AddCleanup(p, func(run func()) { run() }, cell.Carry(func() { call.Call(args) }))
	}
}

// originName names a generic function or method without type arguments, such as
// "sync/atomic.Pointer.Load".
func originName(f *ssa.Function) string {
	if o := f.Origin(); o != nil {
		f = o
	}
	if r := f.Signature.Recv(); r != nil {
		t := r.Type()
		if p, ok := t.(*types.Pointer); ok {
			t = p.Elem()
		}
		if n, ok := types.Unalias(t).(*types.Named); ok && n.Obj().Pkg() != nil {
			return n.Obj().Pkg().Path() + "." + n.Obj().Name() + "." + f.Name()
		}
	}
	if f.Pkg != nil {
		return f.Pkg.Pkg.Path() + "." + f.Name()
	}
	return f.String()
}

// genericNatives are functions and methods of generic types of the runtime, which
// can be neither extracted nor written in Go. What they share is that a
// pointer is a pointer, whatever its type.
var genericNatives = map[string]nativeMaker{
	"sync/atomic.Pointer.Load": func(m *machine, fn *function) step {
		p, r := fn.params[0].off, fn.results[0].off
		return func(t *thread, f frame) { *at[pointer](f, r) = atomic.LoadPointer(*at[*pointer](f, p)) }
	},
	"sync/atomic.Pointer.Store": func(m *machine, fn *function) step {
		p, v := fn.params[0].off, fn.params[1].off
		return func(t *thread, f frame) { atomic.StorePointer(*at[*pointer](f, p), *at[pointer](f, v)) }
	},
	"sync/atomic.Pointer.Swap": func(m *machine, fn *function) step {
		p, v, r := fn.params[0].off, fn.params[1].off, fn.results[0].off
		return func(t *thread, f frame) {
			*at[pointer](f, r) = atomic.SwapPointer(*at[*pointer](f, p), *at[pointer](f, v))
		}
	},
	"sync/atomic.Pointer.CompareAndSwap": func(m *machine, fn *function) step {
		p, old, new, r := fn.params[0].off, fn.params[1].off, fn.params[2].off, fn.results[0].off
		return func(t *thread, f frame) {
			*at[bool](f, r) = atomic.CompareAndSwapPointer(*at[*pointer](f, p), *at[pointer](f, old), *at[pointer](f, new))
		}
	},
	"weak.Make": func(m *machine, fn *function) step {
		p, r := fn.params[0].off, fn.results[0].off
		return func(t *thread, f frame) { *at[weak.Pointer[byte]](f, r) = weak.Make(*at[*byte](f, p)) }
	},
	"weak.Pointer.Value": func(m *machine, fn *function) step {
		p, r := fn.params[0].off, fn.results[0].off
		return func(t *thread, f frame) { *at[*byte](f, r) = at[weak.Pointer[byte]](f, p).Value() }
	},
}
