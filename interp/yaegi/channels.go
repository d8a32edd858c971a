package yaegi

import (
	"go/types"
	"os"
	"reflect"
	"time"
)

// Package reflect forgets to clear the pointer type of a channel type that it
// makes (Go 1.26; it matters in programs that mention *chan unsafe.Pointer), and
// the process dies when yaegi allocates such a channel. So cells have channels
// of those types alone that this program has compiled in.
var channels = []channel{
	compiled[bool](), compiled[string](), compiled[error](), compiled[any](), compiled[struct{}](),
	compiled[int](), compiled[int8](), compiled[int16](), compiled[int32](), compiled[int64](),
	compiled[uint](), compiled[uint8](), compiled[uint16](), compiled[uint32](), compiled[uint64](),
	compiled[float32](), compiled[float64](), compiled[complex128](),
	compiled[[]bool](), compiled[[]string](), compiled[[]byte](), compiled[[]int](), compiled[[]float32](), compiled[[]float64](),
	compiled[map[string]int](), compiled[chan int](), compiled[chan bool](), compiled[chan string](),
	compiled[func()](), compiled[time.Time](), compiled[time.Duration](), compiled[os.Signal](),
}

// A channel keeps three channel types, one for each direction, in the program.
type channel struct {
	elem string // as go/types writes it
	dirs [3]reflect.Type
}

func compiled[T any]() channel {
	return channel{
		elem: reflect.TypeFor[T]().String(),
		dirs: [3]reflect.Type{reflect.TypeFor[chan T](), reflect.TypeFor[<-chan T](), reflect.TypeFor[chan<- T]()},
	}
}

// channelOf reports whether cells can have channels of elements of type t.
func channelOf(t types.Type) bool {
	name := types.TypeString(plain(t), func(p *types.Package) string { return p.Name() })
	switch name {
	case "any", "interface{}":
		name = "interface {}"
	case "struct{}":
		name = "struct {}"
	}
	for _, c := range channels {
		if c.elem == name {
			return true
		}
	}
	return false
}

// plain takes the other names of types away, such as byte for uint8.
func plain(t types.Type) types.Type {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		return types.Typ[t.Kind()]
	case *types.Slice:
		return types.NewSlice(plain(t.Elem()))
	default:
		return t
	}
}
