package interp

import (
	"go/types"
	"regexp"
	"strings"
	"sync"

	"github.com/fluxion-go/fluxion/cell"
)

// An advice is what helps with an error whose message, or source line, has a
// certain form. In the hint, $1 and so on are the groups of what matched last.
type advice struct {
	kind    cell.ErrorKind
	message *regexp.Regexp // nil for any
	source  *regexp.Regexp // nil for any
	hint    string
}

// advices are tried in order; the first that fits is given. Their patterns take
// half a megabyte, which the supervisor of a kernel never needs.
var advices = sync.OnceValue(func() []advice {
	return []advice{
		// What other languages write.
		syntax(``, `^\s*#`, "a comment begins with //"),
		syntax(``, `^\s*(?:def|function|fn)\s+(\w+)`, "write func $1(name type) result {"),
		syntax(``, `^\s*class\s+(\w+)`, "write type $1 struct { … }; methods are func (x $1) Name() { … }"),
		syntax(``, `^\s*(?:let|var|const|auto)\s+([\pL_]\w*)[^=]*:=`, "write $1 := value, or var $1 type = value"),
		syntax(``, `^\s*(?:let|auto)\s+(?:mut\s+)?([\pL_]\w*)`, "write $1 := value"),
		syntax(``, `^\s*(?:int|float|double|float32|float64|string|bool|byte)\s+([\pL_]\w*)\s*=`, "the type stands behind the name: var $1 type = value, or $1 := value"),
		syntax(``, `^\s*while\b`, "Go's only loop is for: for condition { … }"),
		syntax(``, `^\s*for\s+(\w+(?:\s*,\s*\w+)?)\s+in\b`, "write for $1 := range values {"),
		syntax(``, `^\s*for\s*\(`, "the clauses of for take no brackets: for i := 0; i < n; i++ {"),
		syntax(``, `^\s*(?:elif|elsif)\b`, "write } else if condition {"),
		syntax(`found 'else'`, ``, "else stands behind the bracket that closes the if: } else {"),
		syntax(`missing function body`, ``, "the { that opens the body stands on the line of func"),
		syntax(`found '?then`, ``, "Go has no then: if condition { … }"),
		syntax(``, `^\s*func\b.*->`, "the result stands right behind the parameters: func f(x int) int {"),
		syntax(``, `^\s*print\s+\S`, "write fmt.Println(…)"),
		syntax(``, `^\s*(?:try|catch|except|raise|throw)\b`, "Go returns errors: value, err := f(), then if err != nil { … }"),
		syntax(``, `^\s*import\s+\(?\s*[\w./]+\s*\)?\s*$`, "the path of an import stands in quotes: import \"fmt\""),
		syntax(`unexpected character '\?'`, ``, "Go has no ?: ; write if … { … } else { … }"),
		syntax(`illegal rune literal|more than one character in rune literal`, ``, "a string stands in double quotes; single quotes hold one character"),
		syntax(`string literal not terminated`, ``, "close it with \" on the same line; a string of several lines stands between `"),
		syntax(`found '(\+\+|--)'`, `[^\s;]\s*(?:\+\+|--)`, "$1 is a statement of its own: x$1 on its own line"),
		syntax(`found '(\+\+|--)'`, ``, "write x$1; it stands behind the variable"),
		syntax(`unexpected comma; expecting \]`, ``, "a slice has its type in front: []int{1, 2, 3}"),
		syntax(`found '\{'`, `(?::=|=|\(|,)\s*\{`, "the type stands in front of {: []int{…}, map[string]int{…} or T{…}"),
		syntax(`missing ',' before newline`, ``, "each line of a list ends in a comma, also the last, unless the bracket closes on it"),
		syntax(`expected boolean expression, found assignment`, ``, "== compares; = assigns"),
		syntax(`expression in (go|defer) must be function call`, ``, "write $1 f(…)"),
		syntax(`^expected ';', found `, ``, "two things stand side by side: between them an operator, a comma, a semicolon or a line end is missing"),

		// Types.
		compile(`mismatched types (\w+) and time\.Duration|mismatched types time\.Duration and (\w+)`, "convert the number: time.Duration(…)"),
		compile(`mismatched types (int\w*|uint\w*|float\d+|byte) and (int\w*|uint\w*|float\d+|byte)\)`, "Go converts no number by itself: write $1(…) or $2(…)"),
		compile(`mismatched types (?:untyped )?string and |mismatched types \S+ and (?:untyped )?string\)|mismatched types untyped \w+ and (?:untyped )?string\)`, "fmt.Sprint(…) makes a string of any value, strconv.Atoi(…) an int of a string"),
		compile(`mismatched types \S+ and untyped nil|mismatched types untyped nil`, "only pointers, slices, maps, channels, functions and interfaces can be nil"),
		compile(`cannot use .* as string value`, "fmt.Sprint(…) makes a string of any value"),
		compile(`cannot use .*\((?:untyped string constant.*|variable of type string|value of type string)\) as (?:u?int\w*|float\d+|byte) value`, "strconv.Atoi(…) makes an int of a string, strconv.ParseFloat(…, 64) a float64"),
		compile(`cannot use .*\((?:variable|value) of type (?:int\w*|uint\w*|float\d+|byte)\) as (int\w*|uint\w*|float\d+|byte) value`, "Go converts no number by itself: write $1(…)"),
		compile(`cannot use .* \(untyped float constant\) as (\w+) value .*\(truncated\)`, "$1 holds whole numbers; use float64 for others"),
		compile(`\(untyped float constant\) truncated to int64`, "a Duration is a whole number of nanoseconds: write 1500 * time.Millisecond"),
		compile(`\(untyped float constant\) truncated to (\w+)`, "$1 holds whole numbers; convert the other operand to float64"),
		compile(`cannot use .* \(untyped nil\)|use of untyped nil`, "nil alone has no type: var x *T, or x := []T(nil)"),
		compile(`cannot use (\w+) \(variable of (?:struct )?type \w[\w.]*\) as \*`, "&$1 is the pointer to $1"),
		compile(`cannot use (\w+) \(variable of type \*[\w.]+\) as \w`, "*$1 is what $1 points to"),
		compile(`cannot use nil as`, "only pointers, slices, maps, channels, functions and interfaces can be nil"),
		compile(`\(method (\w+) has pointer receiver\)`, "take the address of the value, as in &x: $1 belongs to the pointer"),
		compile(`\(missing method (\w+)\)`, "give the type a method $1 with the parameters and results of the interface"),
		compile(`overflows\)|\(overflows\)|constant .* overflows`, "use a larger type, or float64 or math/big"),
		compile(`^assignment mismatch: 1 variable but .* returns 2 values`, "take both: value, err := …; _ in the place of one drops it"),
		compile(`^assignment mismatch: \d+ variables? but .* returns (\d+) values?`, "take $1 values; _ in the place of one drops it"),
		compile(`^assignment mismatch`, "write as many values as variables"),
		compile(`no new variables on left side of :=`, "all of them exist already: assign with ="),
		compile(`non-name .* on left side of :=`, ":= declares names; assign to fields and elements with ="),
		compile(`^missing return$`, "every way through a function with results ends in a return"),
		compile(`\(value of type func.*\) is not used`, "call it: put () behind it"),
		compile(` is not used$`, "a cell shows its last expression alone; show others with fmt.Println(…)"),
		compile(`non-boolean condition`, "a condition is a bool: compare with something, as in x != 0"),
		compile(`cannot assign to struct field .* in map`, "take the struct out, change it and put it back: v := m[k]; v.F = …; m[k] = v"),
		compile(`cannot assign to .*\[.*\] \(neither addressable`, "strings do not change; make a new one, or change the []byte of it"),
		compile(`invalid recursive type`, "a type cannot hold itself whole: hold a pointer, *T, or a slice"),
		compile(`without instantiation|cannot infer \w+`, "name the types, as in f[int](…), or pass arguments that say them"),
		compile(`\(type\) is not an expression`, "a type is no value: make one, as in T{…}, T(x), new(T) or make(T)"),
		compile(`^too many return values`, "name the results behind the parameters: func f() int {"),
		compile(`invalid append: argument must be a slice`, "write s = append(s, value), where s is a slice"),
		compile(`redeclared in this block`, "within one cell a name is declared once; declare it again in another cell"),
		compile(`^return is not in a function$`, "a cell is no function: its value is its last expression"),
		compile(`^invalid operation: .* is not an interface$`, "x.(T) asks what an interface holds; convert a value with T(x)"),
		compile(`cannot range over `, "range goes over slices, arrays, strings, maps, channels, whole numbers and iterator functions"),
		compile(`is not among those that cells can import$`, ""), // see importHint
		compile(`^undefined: (?:None|null|NULL|nullptr|Nil|undefined)$`, "Go's name for it is nil"),
		compile(`^undefined: (?:self|this)$`, "a method names its receiver itself: func (s *T) Name() { s.field … }"),
		compile(`^undefined: (?:str|repr)$`, "fmt.Sprint(…) makes a string of any value"),
		compile(`^undefined: (?:float|double)$`, "Go's names are float64 and float32"),
		compile(`^undefined: (?:list|array)$`, "a slice of int is []int"),
		compile(`^undefined: (?:dict|hash)$`, "a map from string to int is map[string]int"),
		compile(`^undefined: input$`, "fmt.Scanln(&x) reads from the person"),
		compile(`^undefined: \w+$`, "declare it here, or run the cell first that declares it"),

		// Panics.
		panics(`index out of range \[-?\d+\] with length 0$`, "it is empty"),
		panics(`index out of range \[(-?\d+)\] with length (\d+)$`, "the first index is 0, the last is one less than the length"),
		panics(`index out of range \[-\d+\]`, "the first index is 0; the last element is s[len(s)-1]"),
		panics(`nil pointer dereference`, "a pointer, interface or function here is nil: it was declared and never given a value"),
		panics(`assignment to entry in nil map`, "make the map before it is written to: m = map[K]V{}"),
		panics(`integer divide by zero`, "test the divisor before, or divide as float64"),
		panics(`interface conversion: `, "v, ok := x.(T) tells without a panic"),
		panics(`close of closed channel|send on closed channel`, "close a channel once, and only when nobody sends any more"),
		panics(`close of nil channel`, "make the channel before: c := make(chan T)"),
		panics(`stack overflow`, "a function calls itself without end"),
	}
})

func syntax(message, source, hint string) advice {
	return newAdvice(cell.SyntaxError, message, source, hint)
}
func compile(message, hint string) advice { return newAdvice(cell.CompileError, message, "", hint) }
func panics(message, hint string) advice  { return newAdvice(cell.RuntimePanic, message, "", hint) }

func newAdvice(kind cell.ErrorKind, message, source, hint string) advice {
	a := advice{kind: kind, hint: hint}
	if message != "" {
		a.message = regexp.MustCompile(message)
	}
	if source != "" {
		a.source = regexp.MustCompile(source)
	}
	return a
}

// advise gives an error that has no hint the first that fits.
func advise(e *cell.Error) {
	if e.Hint != "" {
		return
	}
	for _, a := range advices() {
		if a.kind != e.Kind {
			continue
		}
		text, re, m := "", (*regexp.Regexp)(nil), []int(nil)
		if a.source != nil {
			if m = a.source.FindStringSubmatchIndex(e.Source); m == nil {
				continue
			}
			text, re = e.Source, a.source
		}
		if a.message != nil {
			if m = a.message.FindStringSubmatchIndex(e.Message); m == nil {
				continue
			}
			text, re = e.Message, a.message
		}
		if re != nil {
			e.Hint = string(re.ExpandString(nil, braced(a.hint), text, m))
		}
		return
	}
}

// braced writes $1 as ${1}, so that a letter may follow.
func braced(hint string) string { return groupName.ReplaceAllString(hint, "$${$1}") }

var groupName = regexp.MustCompile(`\$(\d)`)

// importHint helps with an import path that is not known.
func importHint(path string, known []string) string {
	if hint := didYouMean(path, known); hint != "" {
		return hint
	}
	if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") {
		return "%get MODULE@VERSION brings a module, as in %get " + path + "@latest"
	}
	return ""
}

// memberHint helps with a field or method that other languages have where Go
// has a function.
func memberHint(t types.Type, name string) string {
	if t == nil {
		return ""
	}
	name = strings.ToLower(name)
	switch u := t.Underlying().(type) {
	case *types.Slice, *types.Array, *types.Map:
		switch name {
		case "len", "length", "size", "count":
			return "write len(x)"
		case "append", "push", "add":
			if _, ok := u.(*types.Slice); ok {
				return "write x = append(x, value)"
			}
		case "sort":
			return "write slices.Sort(x)"
		case "keys":
			return "write maps.Keys(x)"
		case "contains", "has", "includes":
			if _, ok := u.(*types.Map); ok {
				return "write _, ok := x[key]"
			}
			return "write slices.Contains(x, value)"
		}
	case *types.Basic:
		if u.Info()&types.IsString == 0 {
			return ""
		}
		switch name {
		case "len", "length", "size":
			return "write len(x)"
		case "upper", "toupper", "touppercase":
			return "write strings.ToUpper(x)"
		case "lower", "tolower", "tolowercase":
			return "write strings.ToLower(x)"
		case "split", "replace", "contains", "join", "trim", "repeat", "index", "fields":
			return "the functions on strings are those of package strings: strings." + strings.ToUpper(name[:1]) + name[1:] + "(…)"
		}
	}
	return ""
}
