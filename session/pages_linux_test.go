package session

import (
	"fmt"
	"os"
	"testing"
)

func TestReleaseCode(t *testing.T) {
	before, ok := usage(os.Getpid())
	if !ok {
		t.Skip("what a process uses cannot be read here")
	}
	ReleaseCode()
	after, _ := usage(os.Getpid())
	if after.Memory >= before.Memory {
		t.Errorf("the process had %d bytes and has %d", before.Memory, after.Memory)
	}
	if got := fmt.Sprintf("%08.3f", 3.14159); got != "0003.142" {
		t.Errorf("code that came back gives %s", got)
	}
}
