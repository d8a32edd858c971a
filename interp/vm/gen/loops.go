package main

import (
	"bytes"
	"fmt"
	"strings"
)

// operators are those that go on, each with the one that ends the loop.
var operators = [][2]string{{"LSS", ">="}, {"LEQ", ">"}, {"GTR", "<="}, {"GEQ", "<"}, {"NEQ", "=="}}

// writeLoops writes countingLoop, which counts and tests in one closure: one for
// each operator and number of steps.
func writeLoops() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "// %s\n\npackage vm\n\nimport (\n\t\"go/token\"\n\t\"sync/atomic\"\n)\n\n", header)
	b.WriteString(`// countingLoop runs steps, counts, and begins anew while the count compares so with
// the limit; then it exits. It returns nil for an operator that it does not know.
func countingLoop(op token.Token, steps []step, l counting, exit terminator) terminator {
	counter := l.counter
	switch op {
`)
	const most = 4
	for _, o := range operators {
		fmt.Fprintf(&b, "\tcase token.%s:\n\t\tswitch len(steps) {\n", o[0])
		for n := range most + 1 {
			var names, from, calls []string
			for i := range n {
				names = append(names, fmt.Sprintf("x%d", i))
				from = append(from, fmt.Sprintf("steps[%d]", i))
				calls = append(calls, fmt.Sprintf("x%d(t, f)\n", i))
			}
			set := ""
			if n > 0 {
				set = strings.Join(names, ", ") + " := " + strings.Join(from, ", ") + "\n"
			}
			fmt.Fprintf(&b, "\t\tcase %d:\n", n)
			writeLoop(&b, set, strings.Join(calls, ""), o[1])
		}
		b.WriteString("\t\tdefault:\n")
		writeLoop(&b, "", "for _, run := range steps {\nrun(t, f)\n}\n", o[1])
		b.WriteString("\t\t}\n")
	}
	b.WriteString("\t}\n\treturn nil\n}\n")
	writeJumps(&b)
	return b.Bytes()
}

// writeJumps writes countingJump, one closure for each operator.
func writeJumps(b *bytes.Buffer) {
	b.WriteString(`
// countingJump counts, and goes on at next while the count compares so with the limit;
// then it exits. It returns nil for an operator that it does not know.
func countingJump(op token.Token, l counting, next *block, exit terminator) terminator {
	counter := l.counter
	switch op {
`)
	for _, o := range operators {
		fmt.Fprintf(b, `case token.%s:
			return func(t *thread, f frame) *block {
				n := *at[int](f, counter) + l.by.value(f)
				*at[int](f, counter) = n
				if t.cancelled() {
					panic(interrupted{})
				}
				if n %s l.limit.value(f) {
					return exit(t, f)
				}
				return next
			}
`, o[0], o[1])
	}
	b.WriteString("\t}\n\treturn nil\n}\n")
}

func writeLoop(b *bytes.Buffer, set, body, ends string) {
	fmt.Fprintf(b, `%sreturn func(t *thread, f frame) *block {
			by, limit := l.by.value(f), l.limit.value(f)
			for stop := t.stop; ; {
				%sn := *at[int](f, counter) + by
				*at[int](f, counter) = n
				if n %s limit {
					return exit(t, f)
				}
				if atomic.LoadInt32(stop) != 0 {
					panic(interrupted{})
				}
			}
		}
`, set, body, ends)
}
