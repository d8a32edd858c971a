package interp

// builtinSignatures are what Go's built-in functions take and give. T stands for
// any type, N for a number, as the language's specification has it.
var builtinSignatures = map[string]string{
	"append":  "func(slice []T, values ...T) []T",
	"cap":     "func(x T) int",
	"clear":   "func(x T)",
	"close":   "func(c chan<- T)",
	"complex": "func(re, im N) complex128",
	"copy":    "func(to, from []T) int",
	"delete":  "func(m map[K]V, key K)",
	"imag":    "func(c complex128) N",
	"len":     "func(x T) int",
	"make":    "func(T, size ...int) T",
	"max":     "func(x T, more ...T) T",
	"min":     "func(x T, more ...T) T",
	"new":     "func(T or value) *T",
	"panic":   "func(value any)",
	"print":   "func(values ...T)",
	"println": "func(values ...T)",
	"real":    "func(c complex128) N",
	"recover": "func() any",
}
