package dl

import "testing"

// FuzzEinsum: whatever the formula, there is a result or an *Error.
func FuzzEinsum(f *testing.F) {
	for _, formula := range []string{"ij,jk->ik", "ij,ij", "ii,jk->", "->", "", ",", "ij->ji", "i j , j k", "aA,Ab->", "é,é", "iij,j->i", "ij,jk->ikz", "--->>"} {
		f.Add(formula)
	}
	a, b := Arange(4).Reshape(2, 2), Ones(2, 2)
	f.Fuzz(func(t *testing.T, formula string) {
		_ = Try(func() { Einsum(formula, a, b) })
		_ = Try(func() { Einsum(formula, a) })
	})
}
