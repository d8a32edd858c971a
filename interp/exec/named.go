package exec

import "go/types"

// WalkNamed calls f for each named type that t is written with. Types that are
// identical are written with the same ones, but for interfaces that say the same in
// other words: of those the methods count.
func WalkNamed(t types.Type, f func(*types.Named)) {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		f(t)
		for a := range t.TypeArgs().Types() {
			WalkNamed(a, f)
		}
	case *types.Pointer:
		WalkNamed(t.Elem(), f)
	case *types.Slice:
		WalkNamed(t.Elem(), f)
	case *types.Array:
		WalkNamed(t.Elem(), f)
	case *types.Chan:
		WalkNamed(t.Elem(), f)
	case *types.Map:
		WalkNamed(t.Key(), f)
		WalkNamed(t.Elem(), f)
	case *types.Tuple:
		for v := range t.Variables() {
			WalkNamed(v.Type(), f)
		}
	case *types.Signature:
		WalkNamed(t.Params(), f)
		WalkNamed(t.Results(), f)
	case *types.Struct:
		for v := range t.Fields() {
			WalkNamed(v.Type(), f)
		}
	case *types.Interface:
		for m := range t.Methods() {
			WalkNamed(m.Type(), f)
		}
	}
}
