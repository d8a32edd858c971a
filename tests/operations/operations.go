// Package operations is the table of package dl's operations, with reference
// values of each, for the tests of dl and of its backends.
package operations

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/fluxion-go/fluxion/dl"
)

// An Array is a tensor as the scripts in tests/reference write it.
type Array struct {
	DType string
	Shape []int
	Data  string // the elements, with spaces between
}

// Tensor returns the array.
func (a Array) Tensor() (*dl.Tensor, error) {
	dtype := slices.IndexFunc([]dl.DType{dl.Float32, dl.Float64, dl.Int32, dl.Int64, dl.Uint8, dl.Bool}, func(d dl.DType) bool { return d.String() == a.DType })
	if dtype < 0 {
		return nil, fmt.Errorf("an array of unknown dtype %q", a.DType)
	}
	values := make([]float64, 0)
	for s := range strings.FieldsSeq(a.Data) {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return dl.NewAs(dl.DType(dtype), values).Reshape(a.Shape...), nil
}

// A Case is one call of an operation with its result, made by
// tests/reference/operations.py.
type Case struct {
	Call   string  // a row of the table
	In     []Array // its operands
	Want   Array
	Grads  []Array // where given: the derivatives of Σ wᵢ·yᵢ with weights 1, 2, 3, … by the float64 operands
	Smooth bool    // near its operands the operation can be differentiated twice
}

//go:embed operations.json
var text []byte

type file struct {
	Cases     []Case
	Promotion [][4]string
}

var read = sync.OnceValues(func() (f file, err error) {
	err = json.Unmarshal(text, &f)
	return f, err
})

// Cases returns all cases.
func Cases() ([]Case, error) {
	f, err := read()
	return f.Cases, err
}

// Promotions returns for pairs of dtypes what they meet in, in NumPy and in
// PyTorch.
func Promotions() ([][4]string, error) {
	f, err := read()
	return f.Promotion, err
}
