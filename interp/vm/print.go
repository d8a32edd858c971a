package vm

import (
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// print compiles the builtins print and println. They write what those of compiled
// code write, but to the os.Stderr that cells see.
func (c *compiler) print(a []ssa.Value, line bool) step {
	parts := make([]expr[string], len(a))
	for i, v := range a {
		parts[i] = c.printed(v)
	}
	return func(t *thread, f frame) {
		var b strings.Builder
		for i, p := range parts {
			if i > 0 && line {
				b.WriteByte(' ')
			}
			b.WriteString(p(t, f))
		}
		if line {
			b.WriteByte('\n')
		}
		t.vm.printError(b.String())
	}
}

// printError writes to what fmt.Fprint(os.Stderr, …) in a cell writes to.
func (m *machine) printError(text string) {
	fprint, ok := m.config.Symbols["fmt"]["Fprint"]
	stderr, isVar := m.config.Symbols["os"]["Stderr"]
	if ok && isVar {
		if f, ok := fprint.Interface().(func(io.Writer, ...any) (int, error)); ok {
			f(stderr.Interface().(io.Writer), text)
			return
		}
	}
	os.Stderr.WriteString(text)
}

func (c *compiler) printed(v ssa.Value) expr[string] {
	switch k := kindOf(v.Type()); k {
	case kindBool:
		x := exprOf(operandOf[bool](c, v))
		return func(t *thread, f frame) string { return strconv.FormatBool(x(t, f)) }
	case kindFloat32:
		x := exprOf(operandOf[float32](c, v))
		return func(t *thread, f frame) string { return printedFloat(float64(x(t, f)), 32) }
	case kindFloat64:
		x := exprOf(operandOf[float64](c, v))
		return func(t *thread, f frame) string { return printedFloat(x(t, f), 64) }
	case kindComplex64:
		x := exprOf(operandOf[complex64](c, v))
		return func(t *thread, f frame) string { return printedComplex(complex128(x(t, f)), 32) }
	case kindComplex128:
		x := exprOf(operandOf[complex128](c, v))
		return func(t *thread, f frame) string { return printedComplex(x(t, f), 64) }
	case kindString:
		return exprOf(operandOf[string](c, v))
	case kindPointer:
		x := exprOf(operandOf[pointer](c, v))
		return func(t *thread, f frame) string { return printedPointer(x(t, f)) }
	case kindSlice:
		x := exprOf(operandOf[slice](c, v))
		return func(t *thread, f frame) string {
			s := x(t, f)
			return fmt.Sprintf("[%d/%d]%s", s.Len, s.Cap, printedPointer(s.Data))
		}
	case kindInterface:
		x := exprOf(operandOf[iface](c, v))
		return func(t *thread, f frame) string {
			i := x(t, f)
			return fmt.Sprintf("(%s,%s)", printedPointer(i.tab), printedPointer(i.data))
		}
	case kindUint8, kindUint16, kindUint32, kindUint:
		x := c.convert(kindUint, v).(expr[uint64])
		return func(t *thread, f frame) string { return strconv.FormatUint(x(t, f), 10) }
	}
	x := c.convert(kindInt, v).(expr[int])
	return func(t *thread, f frame) string { return strconv.Itoa(x(t, f)) }
}

func printedPointer(p pointer) string { return fmt.Sprintf("%#x", uintptr(p)) }

func printedFloat(x float64, bits int) string { return strconv.FormatFloat(x, 'g', -1, bits) }

func printedComplex(z complex128, bits int) string {
	sign := ""
	if im := imag(z); !math.Signbit(im) && !math.IsInf(im, 1) {
		sign = "+"
	}
	return "(" + printedFloat(real(z), bits) + sign + printedFloat(imag(z), bits) + "i)"
}
