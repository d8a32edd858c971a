package main

import (
	"bytes"
	"fmt"
)

// writeBranches writes compareBranch, which joins a comparison and two edges in one
// closure: one for each operator, class of the right operand and form of the edges.
func writeBranches() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "// %s\n\npackage vm\n\nimport \"go/token\"\n\n", header)
	b.WriteString(`// compareBranch is branchOn for a comparison of a register with a register or a
// constant.
func compareBranch[T integers](q *comparison[T], yes, no *terminator, yesBlock, noBlock *block) terminator {
	a, b, k := q.a.off, q.b.off, q.b.k
	if q.b.class == inRegister {
		switch q.op {
`)
	cases := func(right string) {
		for _, o := range [][2]string{{"LSS", "<"}, {"LEQ", "<="}, {"GTR", ">"}, {"GEQ", ">="}, {"EQL", "=="}, {"NEQ", "!="}} {
			fmt.Fprintf(&b, "\t\tcase token.%s:\n\t\t\tswitch {\n", o[0])
			for _, known := range [][2]bool{{true, true}, {true, false}, {false, true}, {false, false}} {
				y, n := edge("yes", known[0]), edge("no", known[1])
				fmt.Fprintf(&b, "\t\t\tcase yesBlock %s nil && noBlock %s nil:\n", y.test, n.test)
				fmt.Fprintf(&b, "\t\t\t\treturn func(t *thread, f frame) *block {\n\t\t\t\t\tif *at[T](f, a) %s %s {\n\t\t\t\t\t\treturn %s\n\t\t\t\t\t}\n\t\t\t\t\treturn %s\n\t\t\t\t}\n", o[1], right, y.next, n.next)
			}
			b.WriteString("\t\t\t}\n")
		}
		b.WriteString("\t\t}\n")
	}
	cases("*at[T](f, b)")
	b.WriteString("\t} else {\n\t\tswitch q.op {\n")
	cases("k")
	b.WriteString("\t}\n\tpanic(\"vm: comparison \" + q.op.String())\n}\n")
	return b.Bytes()
}

// An edgeForm is how the generated code tests for an edge and follows it.
type edgeForm struct{ test, next string }

func edge(name string, known bool) edgeForm {
	if known {
		return edgeForm{"!=", name + "Block"}
	}
	return edgeForm{"==", "(*" + name + ")(t, f)"}
}
