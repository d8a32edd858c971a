package graph

import (
	"encoding/binary"
	"slices"
	"sync"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// eager holds the compiled single operations with which concrete nodes are
// computed, by operation, attributes and operand types.
var eager struct {
	sync.RWMutex
	backend  backend.Backend
	compiled map[string]*single
}

// eagerLimit bounds the number of operations that are kept compiled. When it
// is reached all are dropped: a program that needs more than this many again
// and again is rare, and compiling one is quick.
const eagerLimit = 2048

// Use chooses the backend for all that is computed or compiled from now on.
func Use(name string) error {
	eager.Lock()
	defer eager.Unlock()
	b, err := backend.Lookup(name)
	if err != nil {
		return err
	}
	eager.backend, eager.compiled = b, map[string]*single{}
	return nil
}

// InUse returns the chosen backend.
func InUse() backend.Backend {
	eager.RLock()
	defer eager.RUnlock()
	return eager.backend
}

// A single is one operation compiled for operands of fixed types.
type single struct {
	sync.Mutex
	run     backend.Executable
	in, out []backend.Buffer
	key     *randomKey // of an operation that draws random numbers
}

var keys = sync.Pool{New: func() any { return new([]byte) }}

// evaluate computes the result of c, whose operands are concrete.
func evaluate(c Call, in []*Node) (backend.Buffer, error) {
	if c.Op.alias {
		return in[0].Share(), nil
	}
	s, err := compiled(c)
	if err != nil {
		return backend.Buffer{}, err
	}
	out := backend.NewBuffer(c.Out.DType, c.Out.Size())
	s.Lock()
	defer s.Unlock()
	for i, n := range in {
		s.in[i] = n.Elements()
	}
	if s.key != nil {
		s.in[len(in)] = s.key.next()
	}
	s.out[0] = out
	err = s.run.Run(s.in, nil, s.out, nil)
	clear(s.in)
	clear(s.out)
	return out, err
}

func compiled(c Call) (*single, error) {
	scratch := keys.Get().(*[]byte)
	defer keys.Put(scratch)
	key := append(append((*scratch)[:0], c.Op.Name...), 0)
	for _, t := range c.In {
		key = append(key, byte(t.DType), byte(len(t.Shape)))
		for _, d := range t.Shape {
			key = binary.AppendUvarint(key, uint64(d))
		}
	}
	key = appendAttrs(key, c.Attrs)
	*scratch = key
	eager.RLock()
	s, b := eager.compiled[string(key)], eager.backend
	eager.RUnlock()
	if s != nil {
		return s, nil
	}
	build := newBuilder()
	ids := make([]int, len(c.In))
	for i, t := range c.In {
		ids[i] = build.input(t)
	}
	c.In = slices.Clone(c.In)
	build.p.Outputs = []int{build.node(c, ids)}
	if build.err != nil {
		return nil, build.err
	}
	x, err := b.Compile(build.finish())
	if err != nil {
		return nil, err
	}
	s = &single{run: x, in: make([]backend.Buffer, len(build.p.Inputs)), out: make([]backend.Buffer, 1)}
	if build.random >= 0 {
		s.key = newRandomKey()
	}
	eager.Lock()
	defer eager.Unlock()
	if eager.backend == b {
		if len(eager.compiled) >= eagerLimit {
			clear(eager.compiled)
		}
		eager.compiled[string(key)] = s
	}
	return s, nil
}
