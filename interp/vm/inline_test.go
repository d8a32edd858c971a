//go:build linux && amd64

package vm

import (
	"debug/elf"
	"debug/gosym"
	"encoding/binary"
	"os"
	"strings"
	"testing"
)

// TestClosuresInline checks that no closure calls at, which must be inlined. The Go
// compiler inlines nothing in the closures of a function that is itself inlined,
// so a small function that makes closures needs //go:noinline.
func TestClosuresInline(t *testing.T) {
	binaryPath, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file, err := elf.Open(binaryPath)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	text := file.Section(".text")
	code, err := text.Data()
	if err != nil {
		t.Fatal(err)
	}
	lines, err := file.Section(".gopclntab").Data()
	if err != nil {
		t.Fatal(err)
	}
	table, err := gosym.NewTable(nil, gosym.NewLineTable(lines, text.Addr))
	if err != nil {
		t.Fatal(err)
	}
	const prefix = "github.com/fluxion-go/fluxion/interp/vm."
	small := map[uint64]string{}
	closures := 0
	for _, f := range table.Funcs {
		name, ours := strings.CutPrefix(f.Name, prefix)
		if ours && (strings.HasPrefix(name, "at[") || name == "(*thread).cancelled") {
			small[f.Entry] = name
		}
	}
	for _, f := range table.Funcs {
		name, ours := strings.CutPrefix(f.Name, prefix)
		if !ours || !strings.Contains(name, ".func") || strings.Contains(name, "fatalMethod") { // which ends the program
			continue
		}
		closures++
		for pc := f.Entry; pc+5 <= f.End; pc++ {
			const call = 0xe8 // and the distance from the next instruction
			i := pc - text.Addr
			if code[i] != call {
				continue
			}
			to := pc + 5 + uint64(int64(int32(binary.LittleEndian.Uint32(code[i+1:]))))
			if called := small[to]; called != "" {
				t.Errorf("%s calls %s: the function that makes it needs //go:noinline", name, called)
				break
			}
		}
	}
	if closures < 1000 {
		t.Errorf("found %d closures, want thousands", closures)
	}
}
