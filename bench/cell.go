package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// regression is a cell as a student writes it. It prints the time of 10,000
// steps in seconds.
const regression = `import ("fmt"; "time")
x, y := dl.Placeholder("x", dl.Float32, 400, 784), dl.Placeholder("y", dl.Float32, 400)
w, b := dl.Variable(dl.Randn(784), "w"), dl.Variable(0.0, "b")
p := x.MatMul(w).Add(b).Sigmoid()
entropy := y.Neg().Mul(p.Log()).Sub(y.Neg().Add(1).Mul(p.Neg().Add(1).Log()))
cost := entropy.Mean().Add(w.Square().Sum().Mul(0.01))
g := dl.Grads(cost, w, b)
train := dl.Function([]*dl.Tensor{x, y}, []*dl.Tensor{p, cost},
	dl.Set(w, w.Sub(g.Of(w).Mul(0.1))), dl.Set(b, b.Sub(g.Of(b).Mul(0.1))))
features, answers := dl.Randn(400, 784), dl.RandInt(0, 2, 400).Cast(dl.Float32)
train.Call(features, answers)
start := time.Now()
for range 10000 {
	train.Call(features, answers)
}
fmt.Println("seconds", time.Since(start).Seconds())
`

// logisticCell returns the function that runs the regression in a notebook of
// its own with the fluxion command, and returns the time of a step.
func logisticCell(program string) func() (float64, error) {
	return func() (float64, error) {
		folder, err := os.MkdirTemp("", "bench")
		if err != nil {
			return 0, err
		}
		defer os.RemoveAll(folder)
		book := map[string]any{"nbformat": 4, "nbformat_minor": 5, "metadata": map[string]any{}, "cells": []any{
			map[string]any{"cell_type": "code", "id": "regression", "metadata": map[string]any{}, "source": regression, "outputs": []any{}, "execution_count": nil},
		}}
		text, err := json.Marshal(book)
		if err != nil {
			return 0, err
		}
		file := filepath.Join(folder, "regression.ipynb")
		if err := os.WriteFile(file, text, 0o644); err != nil {
			return 0, err
		}
		if out, err := exec.Command(program, "run", "-inplace", file).CombinedOutput(); err != nil {
			return 0, fmt.Errorf("%s run: %w: %.300s", program, err, out)
		}
		done, err := os.ReadFile(file)
		if err != nil {
			return 0, err
		}
		_, after, ok := strings.Cut(string(done), `seconds `)
		number, _, _ := strings.Cut(after, `\n`)
		if !ok {
			return 0, fmt.Errorf("the cell printed no time")
		}
		t, err := strconv.ParseFloat(number, 64)
		return t / 10000, err
	}
}
