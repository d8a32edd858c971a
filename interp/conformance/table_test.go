package main

import (
	"os"
	"testing"
)

// The committed table reads back as it was written, explains every failure, and
// says of no other program than one that the vm dies of it.
func TestTable(t *testing.T) {
	text, err := os.ReadFile("go1.26.txt")
	if err != nil {
		t.Fatal(err)
	}
	table, err := parseTable(string(text))
	if err != nil {
		t.Fatal(err)
	}
	if got := table.String(); got != string(text) {
		t.Error("the table is not as -update writes it")
	}
	passed := 0
	for name, r := range table {
		switch v := r.verdicts["vm"]; {
		case v == pass:
			if language(name) {
				passed++
			}
		case r.why == "":
			t.Errorf("%s: %s on the vm, without a reason", name, v)
		case v == crash && name != "fixedbugs/issue8606b.go": // it compares what lies in unreadable memory
			t.Errorf("%s: the vm dies of it", name)
		}
	}
	if passed < 340 {
		t.Errorf("%d programs about the language pass on the vm, want 340 at least", passed)
	}
}

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		name      string
		want, got result
		verdict   string
	}{
		{"same", result{Status: 2, Output: "x"}, result{Status: 2, Output: "x"}, pass},
		{"output", result{Output: "x"}, result{Output: "y"}, output},
		{"status", result{}, result{Status: 2}, status},
		{"late", result{}, result{Late: true}, late},
		{"refused", result{}, result{Status: statusRefused}, refused},
		{"dead", result{}, result{Status: 2, raw: "goroutine 1:\n" + hostFrame + "/vm.loop"}, crash},
	} {
		if v := compare(c.want, c.got); v.kind != c.verdict {
			t.Errorf("%s: %s, want %s", c.name, v.kind, c.verdict)
		}
	}
	if got, want := plain("2026/11/24 20:23:43 at 0xc000012340 in goroutine 7\npanic: x\n\ngoroutine 1 [running]:\nmain.f()\n"), "0x at 0x in 0x\npanic: x"; got != want {
		t.Errorf("plain gives %q, want %q", got, want)
	}
}
