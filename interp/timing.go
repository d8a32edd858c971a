package interp

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"math"
	"reflect"
	"time"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/interp/exec"
)

func (r *run) magicTime(magic) *cell.Error {
	begin := time.Now()
	r.after = append(r.after, func() {
		r.out.Stream("stdout", fmt.Sprintf("time: %s\n", duration(float64(time.Since(begin)))))
	})
	return nil
}

func (r *run) magicTimeit(magic) *cell.Error {
	r.timing = true
	return nil
}

// The code of %timeit becomes the body of a loop in a function literal, which the
// cell hands to the compiled function that measure stands for.
const (
	timingPath = "fluxion/timing"
	countName  = "n__" // the parameter: how often the loop runs
)

var measure = func() *types.Func {
	pkg := types.NewPackage(timingPath, "timing")
	loop := types.NewSignatureType(nil, nil, nil, types.NewTuple(types.NewParam(token.NoPos, pkg, "", types.Typ[types.Int])), nil, false)
	result := types.NewInterfaceType(nil, nil).Complete()
	sig := types.NewSignatureType(nil, nil, nil,
		types.NewTuple(types.NewParam(token.NoPos, pkg, "f", loop)),
		types.NewTuple(types.NewParam(token.NoPos, pkg, "", result)), false)
	f := types.NewFunc(token.NoPos, pkg, "Measure__", sig)
	pkg.Scope().Insert(f)
	pkg.MarkComplete()
	return f
}()

// timingSymbols is the package as executors bind it.
var timingSymbols = exec.Symbols{timingPath: {measure.Name(): reflect.ValueOf(func(f func(int)) any { return takeTime(f) })}}

// measured makes the statements of an entry function those of the loop.
func measured(entry *ast.FuncDecl, pos, end token.Pos) {
	name := func(s string) *ast.Ident { return &ast.Ident{NamePos: pos, Name: s} }
	loop := &ast.FuncLit{
		Type: &ast.FuncType{Func: pos, Params: &ast.FieldList{Opening: pos, Closing: pos, List: []*ast.Field{{Names: []*ast.Ident{name(countName)}, Type: name("int")}}}},
		Body: &ast.BlockStmt{Lbrace: pos, Rbrace: end, List: []ast.Stmt{
			&ast.RangeStmt{For: pos, Range: pos, X: name(countName), Body: &ast.BlockStmt{Lbrace: pos, List: entry.Body.List, Rbrace: end}},
		}},
	}
	call := &ast.CallExpr{Fun: name(measure.Name()), Lparen: pos, Args: []ast.Expr{loop}, Rparen: end}
	entry.Type.Results = &ast.FieldList{List: []*ast.Field{{Type: &ast.InterfaceType{Interface: pos, Methods: &ast.FieldList{Opening: pos, Closing: pos}}}}}
	entry.Body.List = []ast.Stmt{&ast.ReturnStmt{Return: pos, Results: []ast.Expr{call}}}
}

// A timing is how long one run of a loop's body took, in nanoseconds, in each
// of some rounds.
type timing struct {
	runs   int // in a round
	rounds []float64
}

// A round of %timeit shall last this long, and all of them not much longer
// than that times their number.
const (
	roundTime = 20 * time.Millisecond
	allRounds = 5
)

// takeTime measures a loop that runs n times.
func takeTime(loop func(n int)) timing {
	measure := func(n int) time.Duration {
		begin := time.Now()
		loop(n)
		return time.Since(begin)
	}
	n := 1
	took := measure(n) // may do what is done once
	for took < roundTime/2 && n < math.MaxInt/128 {
		n *= int(max(2, min(100, roundTime/max(took, 1))))
		took = measure(n)
	}
	t := timing{runs: n, rounds: []float64{float64(took) / float64(n)}}
	for len(t.rounds) < allRounds && cell.Current().Context().Err() == nil && time.Duration(len(t.rounds))*took < allRounds*roundTime*4 {
		t.rounds = append(t.rounds, float64(measure(n))/float64(n))
	}
	return t
}

// showTiming tells what %timeit has found.
func (r *run) showTiming(v reflect.Value) {
	t, ok := v.Interface().(timing)
	if !ok {
		return
	}
	best, sum := math.Inf(1), 0.0
	for _, d := range t.rounds {
		best, sum = min(best, d), sum+d
	}
	mean := sum / float64(len(t.rounds))
	spread := 0.0
	for _, d := range t.rounds {
		spread += (d - mean) * (d - mean)
	}
	spread = math.Sqrt(spread / float64(len(t.rounds)))
	r.out.Stream("stdout", fmt.Sprintf("%s ± %s a run, at best %s (%s of %s)\n",
		duration(mean), duration(spread), duration(best), count(len(t.rounds), "round"), count(t.runs, "run")))
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// duration writes nanoseconds with three digits.
func duration(ns float64) string {
	for _, unit := range []struct {
		name string
		size float64
	}{{"s", 1e9}, {"ms", 1e6}, {"µs", 1e3}} {
		if ns >= unit.size {
			return digits(ns/unit.size) + " " + unit.name
		}
	}
	return digits(ns) + " ns"
}

func digits(x float64) string {
	switch {
	case x >= 100:
		return fmt.Sprintf("%.0f", x)
	case x >= 10:
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.2f", x)
}
