package dl

import (
	"fmt"
	"slices"
	"strings"
)

// Einsum returns the sum of products that a formula names, by Einstein's
// convention: each operand has a letter for each axis, letters that the result
// does not have are summed over, and a letter that comes twice in an operand
// takes its diagonal.
//
//	dl.Einsum("ij,jk->ik", a, b)     // matrix product
//	dl.Einsum("bhqd,bhkd->bhqk", q, k)
//	dl.Einsum("ii->", a)             // trace
//
// Without an arrow the result has the letters that come once, in the order of
// the alphabet. Operands are multiplied pair by pair, from the left.
func Einsum(formula string, operands ...*Tensor) *Tensor {
	fail := func(format string, args ...any) {
		panic(misuse("einsum", operands, "%q: %s", formula, fmt.Sprintf(format, args...)).help(`as in dl.Einsum("ij,jk->ik", a, b)`))
	}
	for _, t := range operands {
		t.check("einsum")
	}
	left, out, arrow := strings.Cut(strings.ReplaceAll(formula, " ", ""), "->")
	terms := strings.Split(left, ",")
	if len(terms) != len(operands) || len(operands) == 0 {
		fail("%d terms for %d operands", len(terms), len(operands))
	}
	count := map[rune]int{}
	sizes := map[rune]int{}
	for i, term := range terms {
		if len(term) != operands[i].Rank() {
			fail("term %q has %d letters, but operand %d has %d axes", term, len(term), i+1, operands[i].Rank())
		}
		for a, c := range term {
			if c < 'A' || c > 'z' || c > 'Z' && c < 'a' {
				fail("%q is no letter", c)
			}
			count[c]++
			d := operands[i].n.Shape[a]
			if old, ok := sizes[c]; ok && old != d && old >= 0 && d >= 0 {
				panic(misuse("einsum", operands, "%q: letter %c is %d in one place and %d in another", formula, c, old, d).at(a))
			}
			sizes[c] = max(d, sizes[c])
			if d >= 0 {
				sizes[c] = d
			}
		}
	}
	if !arrow {
		var once []rune
		for c, n := range count {
			if n == 1 {
				once = append(once, c)
			}
		}
		slices.Sort(once)
		out = string(once)
	}
	for i, c := range out {
		if count[c] == 0 || strings.ContainsRune(out[:i], c) {
			fail("letter %c of the result comes twice or in no operand", c)
		}
	}
	values := make([]any, len(operands))
	for i, t := range operands {
		values[i] = t
	}
	ts := together("einsum", values...)
	acc := term{ts[0].number(), terms[0]}.diagonals()
	for i := range ts[1:] {
		next := term{ts[i+1].number(), terms[i+1]}.diagonals()
		acc = contract(acc, next, out+strings.Join(terms[i+2:], ""))
	}
	return acc.only(out).ordered(out)
}

// A term is an operand with a letter for each axis.
type term struct {
	t       *Tensor
	letters string
}

// diagonals leaves each letter once.
func (x term) diagonals() term {
	for a := 0; a < len(x.letters); a++ {
		b := a + 1 + strings.IndexByte(x.letters[a+1:], x.letters[a])
		if b == a {
			continue
		}
		rank := x.t.Rank()
		moved := x.t.MoveAxis(b, rank-1).MoveAxis(a, rank-2)
		letter := x.letters[a : a+1]
		x = term{moved.Diagonal(0), x.letters[:a] + x.letters[a+1:b] + x.letters[b+1:] + letter}
		a = -1
	}
	return x
}

// only sums over the letters that are not among keep.
func (x term) only(keep string) term {
	var sum []int
	kept := ""
	for a, c := range x.letters {
		if strings.ContainsRune(keep, c) {
			kept += string(c)
		} else {
			sum = append(sum, a)
		}
	}
	if len(sum) > 0 {
		x.t = x.t.Sum(sum...)
	}
	return term{x.t, kept}
}

// ordered brings the axes into an order.
func (x term) ordered(letters string) *Tensor {
	if x.letters == letters {
		return x.t
	}
	order := make([]int, len(letters))
	for i := range letters {
		order[i] = strings.IndexByte(x.letters, letters[i])
	}
	return x.t.Transpose(order...)
}

// contract multiplies two terms and sums over what nothing later needs: as a
// batch of matrix products, with the letters of both that are needed as the
// batch, those that are not as the inner axis.
func contract(x, y term, later string) term {
	x, y = x.only(y.letters+later), y.only(x.letters+later)
	var batch, rows, inner, cols string
	for _, c := range x.letters {
		switch {
		case !strings.ContainsRune(y.letters, c):
			rows += string(c)
		case strings.ContainsRune(later, c):
			batch += string(c)
		default:
			inner += string(c)
		}
	}
	for _, c := range y.letters {
		if !strings.ContainsRune(x.letters, c) {
			cols += string(c)
		}
	}
	a, b := x.ordered(batch+rows+inner), y.ordered(batch+inner+cols)
	if inner == "" { // products alone
		for range cols {
			a = a.ExpandDims(-1)
		}
		for range rows {
			b = b.ExpandDims(len(batch))
		}
		return term{a.Mul(b), batch + rows + cols}
	}
	group := func(t *Tensor, at, n int) *Tensor { // n axes become one
		if n == 0 {
			return t.ExpandDims(at)
		}
		for range n - 1 {
			t = t.joined(at)
		}
		return t
	}
	nb := len(batch)
	p := group(group(a, nb+len(rows), len(inner)), nb, len(rows))
	q := group(group(b, nb+len(inner), len(cols)), nb, len(inner))
	z := p.MatMul(q)
	dims := z.dims()[:nb]
	dims = append(dims, sizesIn(a, nb, len(rows))...)
	dims = append(dims, sizesIn(b, nb+len(inner), len(cols))...)
	return term{z.reshaped(dims), batch + rows + cols}
}

// sizesIn returns the lengths of n axes from a on; one unknown is left to
// Reshape.
func sizesIn(t *Tensor, a, n int) []int { return t.n.Shape[a : a+n] }
