package list_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fluxion-go/fluxion/preload/list"
)

const source = `// Package p is for a test.
package p

// T has a part.
type T struct{ a part }

type part struct{ n int }

// Get gets.
func (t T) Get() int { return t.a.n + helper() }

func (t T) hidden() int { return 1 }

type machine struct{ speed int }

const least = 1

// Least is the least.
const Least = least

func helper() int { return 2 }
`

// TestSum changes a package in many ways, of which others see some.
func TestSum(t *testing.T) {
	dir := t.TempDir()
	sum := func(text string) string {
		if err := os.WriteFile(filepath.Join(dir, "p.go"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := list.Sum(dir)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	want := sum(source)
	for _, c := range []struct {
		old, new string
		seen     bool
	}{
		{"Package p is for a test", "Package p is for two tests", true},
		{"T has a part", "T has one part", true},
		{"part struct{ n int }", "part struct{ n int8 }", true},
		{"Get() int {", "Get() int64 {", true},
		{"Get gets.", "Get returns.", true},
		{"least = 1", "least = 2", true},
		{"func (t T) Get", "func (t *T) Get", true},
		{"t.a.n + helper()", "t.a.n", false},
		{"hidden() int", "hidden() int8", false},
		{"speed int", "speed int8", false},
		{"helper() int", "helper() int8", false},
	} {
		if got := sum(strings.Replace(source, c.old, c.new, 1)); (got != want) != c.seen {
			t.Errorf("%q in place of %q: the sum changes: %v, want %v", c.new, c.old, got != want, c.seen)
		}
	}
}
