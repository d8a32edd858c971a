package graph

import (
	"sync"
	"time"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// RandomAttrs: the dtype and the shape of random numbers. With a nil Shape they
// have the shape of the operand. The operand, whose elements do not matter,
// decides when the numbers are drawn: those of a symbolic one at each call.
type RandomAttrs struct {
	DType backend.DType
	Shape []int
}

// source is where the keys of random numbers come from. A key is used for one
// run of a program; within it each operation has a stream of its own.
var source = struct {
	sync.Mutex
	seed, calls uint64
}{seed: uint64(time.Now().UnixNano())}

// SetRandom sets the seed of random operations and the number of the next
// call.
func SetRandom(seed, calls uint64) {
	source.Lock()
	defer source.Unlock()
	source.seed, source.calls = seed, calls
}

// RandomState returns what SetRandom must be given to go on from here.
func RandomState() (seed, calls uint64) {
	source.Lock()
	defer source.Unlock()
	return source.seed, source.calls
}

// A randomKey is the buffer in which a program gets its key.
type randomKey struct{ b backend.Buffer }

func newRandomKey() *randomKey { return &randomKey{backend.NewBuffer(backend.Int64, 2)} }

// next fills the buffer with a key that no run had before.
func (k *randomKey) next() backend.Buffer {
	source.Lock()
	defer source.Unlock()
	v := backend.View[int64](k.b)
	v[0], v[1] = int64(source.seed), int64(source.calls)
	source.calls++
	return k.b
}

// draw emits a random operation with a stream of its own, so that no two are
// merged.
func (b *builder) draw(op backend.Op, out Type) int {
	if b.random < 0 {
		b.random = b.input(Type{backend.Int64, []int{2}})
	}
	b.streams++
	return b.append(op, backend.RandomAttrs{Stream: b.streams}, out, []int{b.random})
}

func init() {
	for _, o := range []struct {
		op     backend.Op
		doc    string
		floats bool
	}{
		{backend.RandomUniform, "numbers evenly distributed in [0, 1)", true},
		{backend.RandomNormal, "numbers from the standard normal distribution", true},
		{backend.RandomBits, "integers evenly distributed from 0 to 2⁶³ − 1", false},
	} {
		add(Op{Name: o.op, Arity: 1, Doc: o.doc, Grad: zero,
			Infer: func(c Call) (Type, *Error) {
				at := c.Attrs.(RandomAttrs)
				t := Type(at)
				if at.Shape == nil {
					t.Shape = c.In[0].Shape
				}
				if o.floats != at.DType.IsFloat() {
					return t, c.fail("dtype %s", at.DType).kind(ErrDType).help("random numbers are float32 or float64, random bits int64")
				}
				return t, nil
			},
			lower: func(b *builder, c Call, _ []int) int { return b.draw(c.Op.Name, c.Out) },
		})
	}
}
