// Package std_test compares the interpreted packages, compiled, with those of the
// standard library that they stand for.
package std_test

import (
	"bytes"
	"cmp"
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	genericerrors "github.com/fluxion-go/fluxion/preload/generic/errors"
	"github.com/fluxion-go/fluxion/preload/generic/hash/maphash"
	genericrand "github.com/fluxion-go/fluxion/preload/generic/math/rand/v2"
	genericreflect "github.com/fluxion-go/fluxion/preload/generic/reflect"
	genericsync "github.com/fluxion-go/fluxion/preload/generic/sync"
	ourcmp "github.com/fluxion-go/fluxion/preload/std/cmp"
	"github.com/fluxion-go/fluxion/preload/std/crypto/hkdf"
	"github.com/fluxion-go/fluxion/preload/std/crypto/pbkdf2"
	ouriter "github.com/fluxion-go/fluxion/preload/std/iter"
	ourmaps "github.com/fluxion-go/fluxion/preload/std/maps"
	ourslices "github.com/fluxion-go/fluxion/preload/std/slices"
	"github.com/fluxion-go/fluxion/preload/std/unique"

	realhkdf "crypto/hkdf"
	realpbkdf2 "crypto/pbkdf2"
	realmaphash "hash/maphash"
	realiter "iter"
)

// outcome is what a call returns, or that it panics.
func outcome(f func() any) (out any) {
	defer func() {
		if recover() != nil {
			out = "panic"
		}
	}()
	return f()
}

// A comparison calls the real function and ours on equal arguments.
type comparison struct {
	name       string
	real, ours func(s []int, i, j int) any
}

// state is a slice as a caller sees it after a call, with what lies behind its end.
func state(s, result []int) any {
	return fmt.Sprint(result, result == nil, s, s[:min(cap(s), len(s)+2)])
}

var even = func(n int) bool { return n%2 == 0 }
var sameParity = func(a, b int) bool { return even(a) == even(b) }
var byLast = func(a, b int) int { return a%10 - b%10 }

var comparisons = []comparison{
	{"Insert", func(s []int, i, j int) any { return state(s, slices.Insert(s, i, 7, 8, 9)) }, func(s []int, i, j int) any { return state(s, ourslices.Insert(s, i, 7, 8, 9)) }},
	{"Insert nothing", func(s []int, i, j int) any { return state(s, slices.Insert(s, i)) }, func(s []int, i, j int) any { return state(s, ourslices.Insert(s, i)) }},
	{"Insert of itself", func(s []int, i, j int) any { return fmt.Sprint(slices.Insert(s, i, s[j:]...)) }, func(s []int, i, j int) any { return fmt.Sprint(ourslices.Insert(s, i, s[j:]...)) }},
	{"Delete", func(s []int, i, j int) any { return state(s, slices.Delete(s, i, j)) }, func(s []int, i, j int) any { return state(s, ourslices.Delete(s, i, j)) }},
	{"DeleteFunc", func(s []int, i, j int) any { return state(s, slices.DeleteFunc(s, even)) }, func(s []int, i, j int) any { return state(s, ourslices.DeleteFunc(s, even)) }},
	{"Replace", func(s []int, i, j int) any { return fmt.Sprint(slices.Replace(s, i, j, 5, 6)) }, func(s []int, i, j int) any { return fmt.Sprint(ourslices.Replace(s, i, j, 5, 6)) }},
	{"Replace by itself", func(s []int, i, j int) any { return fmt.Sprint(slices.Replace(s, i, j, s...)) }, func(s []int, i, j int) any { return fmt.Sprint(ourslices.Replace(s, i, j, s...)) }},
	{"Clone", func(s []int, i, j int) any { return state(s, slices.Clone(s)) }, func(s []int, i, j int) any { return state(s, ourslices.Clone(s)) }},
	{"Compact", func(s []int, i, j int) any { return state(s, slices.Compact(s)) }, func(s []int, i, j int) any { return state(s, ourslices.Compact(s)) }},
	{"CompactFunc", func(s []int, i, j int) any { return state(s, slices.CompactFunc(s, sameParity)) }, func(s []int, i, j int) any { return state(s, ourslices.CompactFunc(s, sameParity)) }},
	{"Grow", func(s []int, i, j int) any { g := slices.Grow(s, i-1); return cap(g) >= len(s)+i-1 && len(g) == len(s) }, func(s []int, i, j int) any {
		g := ourslices.Grow(s, i-1)
		return cap(g) >= len(s)+i-1 && len(g) == len(s)
	}},
	{"Clip", func(s []int, i, j int) any { return cap(slices.Clip(s)) }, func(s []int, i, j int) any { return cap(ourslices.Clip(s)) }},
	{"Reverse", func(s []int, i, j int) any { slices.Reverse(s); return state(s, s) }, func(s []int, i, j int) any { ourslices.Reverse(s); return state(s, s) }},
	{"Concat", func(s []int, i, j int) any { return state(s, slices.Concat(s, nil, s)) }, func(s []int, i, j int) any { return state(s, ourslices.Concat(s, nil, s)) }},
	{"Concat nothing", func(s []int, i, j int) any { return state(s, slices.Concat[[]int]()) }, func(s []int, i, j int) any { return state(s, ourslices.Concat[[]int]()) }},
	{"Repeat", func(s []int, i, j int) any { return state(s, slices.Repeat(s, i-1)) }, func(s []int, i, j int) any { return state(s, ourslices.Repeat(s, i-1)) }},
	{"Sort", func(s []int, i, j int) any { slices.Sort(s); return state(s, s) }, func(s []int, i, j int) any { ourslices.Sort(s); return state(s, s) }},
	{"SortStableFunc", func(s []int, i, j int) any { slices.SortStableFunc(s, byLast); return state(s, s) }, func(s []int, i, j int) any { ourslices.SortStableFunc(s, byLast); return state(s, s) }},
	{"SortFunc", func(s []int, i, j int) any { slices.SortStableFunc(s, byLast); return state(s, s) }, func(s []int, i, j int) any { ourslices.SortFunc(s, byLast); return state(s, s) }},
	{"IsSorted", func(s []int, i, j int) any { return slices.IsSorted(s) }, func(s []int, i, j int) any { return ourslices.IsSorted(s) }},
	{"Min, Max", func(s []int, i, j int) any { return slices.Min(s)<<8 + slices.Max(s) }, func(s []int, i, j int) any { return ourslices.Min(s)<<8 + ourslices.Max(s) }},
	{"MinFunc, MaxFunc", func(s []int, i, j int) any { return slices.MinFunc(s, byLast)<<8 + slices.MaxFunc(s, byLast) }, func(s []int, i, j int) any { return ourslices.MinFunc(s, byLast)<<8 + ourslices.MaxFunc(s, byLast) }},
	{"Index", func(s []int, i, j int) any { return slices.Index(s, i) }, func(s []int, i, j int) any { return ourslices.Index(s, i) }},
	{"IndexFunc", func(s []int, i, j int) any { return slices.IndexFunc(s, even) }, func(s []int, i, j int) any { return ourslices.IndexFunc(s, even) }},
	{"Contains", func(s []int, i, j int) any { return slices.Contains(s, i) == slices.ContainsFunc(s, even) }, func(s []int, i, j int) any { return ourslices.Contains(s, i) == ourslices.ContainsFunc(s, even) }},
	{"Compare", func(s []int, i, j int) any { return slices.Compare(s[i:], s[j:]) }, func(s []int, i, j int) any { return ourslices.Compare(s[i:], s[j:]) }},
	{"Equal", func(s []int, i, j int) any { return slices.Equal(s[i:], s[:j]) }, func(s []int, i, j int) any { return ourslices.Equal(s[i:], s[:j]) }},
	{"Chunk", func(s []int, i, j int) any { return fmt.Sprint(slices.Collect(slices.Chunk(s, i))) }, func(s []int, i, j int) any {
		return fmt.Sprint(slices.Collect(realiter.Seq[[]int](ourslices.Chunk(s, i))))
	}},
	{"BinarySearch", func(s []int, i, j int) any {
		slices.Sort(s)
		n, ok := slices.BinarySearch(s, j)
		return fmt.Sprint(n, ok)
	}, func(s []int, i, j int) any {
		slices.Sort(s)
		n, ok := ourslices.BinarySearch(s, j)
		return fmt.Sprint(n, ok)
	}},
	{"Backward", func(s []int, i, j int) any { return fmt.Sprint(pairs(slices.Backward(s))) }, func(s []int, i, j int) any { return fmt.Sprint(pairs(ourslices.Backward(s))) }},
	{"All, Values", func(s []int, i, j int) any { return fmt.Sprint(pairs(slices.All(s)), slices.Collect(slices.Values(s))) }, func(s []int, i, j int) any {
		return fmt.Sprint(pairs(ourslices.All(s)), ourslices.Collect(ourslices.Values(s)))
	}},
	{"Sorted", func(s []int, i, j int) any { return state(s, slices.Sorted(slices.Values(s))) }, func(s []int, i, j int) any { return state(s, ourslices.Sorted(ourslices.Values(s))) }},
	{"SortedStableFunc", func(s []int, i, j int) any { return state(s, slices.SortedStableFunc(slices.Values(s), byLast)) }, func(s []int, i, j int) any { return state(s, ourslices.SortedStableFunc(ourslices.Values(s), byLast)) }},
}

func pairs[V any](seq func(yield func(int, V) bool)) (out []any) {
	for i, v := range seq {
		out = append(out, i, v)
		if len(out) > 6 {
			break
		}
	}
	return out
}

func TestSlices(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		s := make([]int, random.IntN(40), 48)
		for i := range s {
			s[i] = random.IntN(60)
		}
		if random.IntN(10) == 0 {
			s = nil
		}
		i, j := random.IntN(len(s)+2), random.IntN(len(s)+2)
		for _, c := range comparisons {
			copyOf := func() []int {
				if s == nil {
					return nil
				}
				return append(make([]int, 0, cap(s)), s...)
			}
			want := outcome(func() any { return c.real(copyOf(), i, j) })
			if got := outcome(func() any { return c.ours(copyOf(), i, j) }); got != want {
				t.Fatalf("%s(%v, %d, %d)\nis   %v\nwant %v", c.name, s, i, j, got, want)
			}
		}
	}
}

func TestFloats(t *testing.T) {
	values := []float64{0, math.Copysign(0, -1), 1, -1, math.NaN(), math.Inf(1), math.Inf(-1)}
	for _, a := range values {
		for _, b := range values {
			if got, want := ourcmp.Compare(a, b), cmp.Compare(a, b); got != want {
				t.Errorf("Compare(%v, %v) = %d, want %d", a, b, got, want)
			}
			if got, want := ourcmp.Less(a, b), cmp.Less(a, b); got != want {
				t.Errorf("Less(%v, %v) = %v, want %v", a, b, got, want)
			}
			if got, want := ourcmp.Or(a, b), cmp.Or(a, b); got != want && got == got {
				t.Errorf("Or(%v, %v) = %v, want %v", a, b, got, want)
			}
		}
	}
	type named float64
	a, b := slices.Clone(values), make([]named, len(values))
	for i, v := range a {
		b[i] = named(v)
	}
	slices.Sort(a)
	ourslices.Sort(b) // of a type that compiled code does not know
	if fmt.Sprint(a) != fmt.Sprint(b) {
		t.Errorf("Sort gives %v, want %v", b, a)
	}
	if m := ourslices.Max([]float64{1, math.NaN(), 2}); m == m {
		t.Errorf("Max of a slice with NaN is %v", m)
	}
}

func TestMaps(t *testing.T) {
	m := map[string]int{"a": 1, "b": 2, "c": 3}
	same := func(name string, real, ours any) {
		t.Helper()
		if !reflect.DeepEqual(real, ours) {
			t.Errorf("%s gives %v, want %v", name, ours, real)
		}
	}
	odd := func(_ string, n int) bool { return n%2 == 1 }
	a, b := maps.Clone(m), ourmaps.Clone(m)
	same("Clone", a, b)
	same("Clone of nil", maps.Clone(map[int]int(nil)), ourmaps.Clone(map[int]int(nil)))
	maps.DeleteFunc(a, odd)
	ourmaps.DeleteFunc(b, odd)
	same("DeleteFunc", a, b)
	ourmaps.Copy(b, m)
	same("Copy", m, b)
	same("Keys", slices.Sorted(maps.Keys(m)), slices.Sorted(realiter.Seq[string](ourmaps.Keys(m))))
	same("Values", slices.Sorted(maps.Values(m)), slices.Sorted(realiter.Seq[int](ourmaps.Values(m))))
	same("Collect", maps.Collect(maps.All(m)), ourmaps.Collect(ourmaps.All(m)))
	same("Equal", maps.Equal(m, a), ourmaps.Equal(m, a))
	same("Equal", maps.Equal(m, b), ourmaps.Equal(m, b))
	c := map[string]int{"z": 0}
	ourmaps.Insert(c, ourmaps.All(m))
	same("Insert", map[string]int{"a": 1, "b": 2, "c": 3, "z": 0}, c)
}

func TestPull(t *testing.T) {
	seq := func(yield func(int) bool) {
		for i := range 3 {
			if !yield(i) {
				return
			}
		}
	}
	next, stop := ouriter.Pull(ouriter.Seq[int](seq))
	realNext, realStop := realiter.Pull(realiter.Seq[int](seq))
	for i := range 6 {
		if i == 5 {
			stop()
			realStop()
		}
		got, ok := next()
		want, realOK := realNext()
		if got != want || ok != realOK {
			t.Errorf("step %d gives %v, %v, want %v, %v", i, got, ok, want, realOK)
		}
	}

	next, stop = ouriter.Pull(func(yield func(int) bool) { yield(1); panic("in the sequence") })
	next()
	if got := outcome(func() any { next(); return nil }); got != "panic" {
		t.Error("a panic in the sequence does not reach next")
	}
	stop()
	if _, ok := next(); ok {
		t.Error("next gives a value after a panic")
	}

	// stop lets the sequence run to its end
	ended := false
	next, stop = ouriter.Pull(func(yield func(int) bool) {
		defer func() { ended = true }()
		for yield(0) {
		}
	})
	next()
	stop()
	stop()
	if !ended {
		t.Error("stop has returned before the sequence")
	}
	next2, stop2 := ouriter.Pull2(func(yield func(string, int) bool) { yield("a", 1) })
	defer stop2()
	if k, v, ok := next2(); k != "a" || v != 1 || !ok {
		t.Errorf("Pull2 gives %v, %v, %v", k, v, ok)
	}
}

func TestUnique(t *testing.T) {
	a, b, c := unique.Make("x"), unique.Make(strings.Clone("x")), unique.Make("y")
	if a != b || a == c || a.Value() != "x" {
		t.Error("equal values have different handles, or different ones equal")
	}
	type named string
	if unique.Make(named("x")).Value() != "x" {
		t.Error("a value of another type gets a foreign handle")
	}
}

func TestGenericFunctions(t *testing.T) {
	n := 0
	f := genericsync.OnceValue(func() int { n++; return n })
	g := genericsync.OnceValues(func() (int, error) { n++; panic("once") })
	for range 2 {
		if f() != 1 {
			t.Error("OnceValue calls its function again")
		}
	}
	for range 2 {
		if outcome(func() any { g(); return nil }) != "panic" || n != 2 {
			t.Error("OnceValues does not panic again")
		}
	}

	err := fmt.Errorf("w: %w", &fs.PathError{Op: "open", Path: "p", Err: fs.ErrNotExist})
	got, ok := genericerrors.AsType[*fs.PathError](err)
	want, realOK := errors.AsType[*fs.PathError](err)
	if got != want || ok != realOK {
		t.Errorf("AsType gives %v, %v", got, ok)
	}
	if genericreflect.TypeFor[fmt.Stringer]() != reflect.TypeFor[fmt.Stringer]() {
		t.Error("TypeFor gives another type")
	}
	if v, ok := genericreflect.TypeAssert[int](reflect.ValueOf(3)); v != 3 || !ok {
		t.Error("TypeAssert")
	}
	for range 100 {
		if n := genericrand.N(int8(5)); n < 0 || n >= 5 {
			t.Fatalf("N(5) = %d", n)
		}
	}
	if outcome(func() any { return genericrand.N(0) }) != "panic" {
		t.Error("N(0) does not panic")
	}
}

func TestKeys(t *testing.T) {
	same := func(what string, real, ours func() ([]byte, error)) {
		t.Helper()
		want, wantErr := real()
		got, err := ours()
		if !bytes.Equal(got, want) || fmt.Sprint(err) != fmt.Sprint(wantErr) {
			t.Errorf("%s: %x, %v; want %x, %v", what, got, err, want, wantErr)
		}
	}
	for _, length := range []int{0, 1, 32, 33, 100, 255 * 32, 255*32 + 1} {
		for _, salt := range [][]byte{nil, {}, []byte("salt")} {
			same(fmt.Sprint("hkdf.Key of ", length),
				func() ([]byte, error) { return realhkdf.Key(sha256.New, []byte("secret"), salt, "info", length) },
				func() ([]byte, error) { return hkdf.Key(sha256.New, []byte("secret"), salt, "info", length) })
		}
	}
	for _, length := range []int{-1, 0, 1, 20, 21, 64} {
		for _, iterations := range []int{0, 1, 3} {
			same(fmt.Sprint("pbkdf2.Key of ", length),
				func() ([]byte, error) {
					return realpbkdf2.Key(sha1.New, "password", []byte("salt"), iterations, length)
				},
				func() ([]byte, error) { return pbkdf2.Key(sha1.New, "password", []byte("salt"), iterations, length) })
		}
	}
}

func TestMaphash(t *testing.T) {
	seed := realmaphash.MakeSeed()
	type key struct {
		a int
		b any
		c [2]string
	}
	x, y, z := key{1, 2.0, [2]string{"a", "b"}}, key{1, 2.0, [2]string{"a", "b"}}, key{1, 2, [2]string{"ab", ""}}
	if maphash.Comparable(seed, x) != maphash.Comparable(seed, y) {
		t.Error("equal values have different hashes")
	}
	if maphash.Comparable(seed, x) == maphash.Comparable(seed, z) {
		t.Error("different values have the same hash")
	}
	if maphash.Comparable(seed, 0.0) != maphash.Comparable(seed, math.Copysign(0, -1)) {
		t.Error("0 and -0 have different hashes")
	}
}
