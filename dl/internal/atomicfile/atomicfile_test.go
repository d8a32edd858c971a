package atomicfile_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/fluxion-go/fluxion/dl/internal/atomicfile"
)

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	content := func(s string, err error) func(io.Writer) error {
		return func(w io.Writer) error {
			io.WriteString(w, s)
			return err
		}
	}
	failed := errors.New("half way")
	for _, c := range []struct {
		write func(io.Writer) error
		err   error
		want  string
	}{
		{content("one", nil), nil, "one"},
		{content("two, unfin", failed), failed, "one"},
		{content("two", nil), nil, "two"},
	} {
		if err := atomicfile.Write(path, c.write); !errors.Is(err, c.err) {
			t.Errorf("error %v, want %v", err, c.err)
		}
		if got, _ := os.ReadFile(path); string(got) != c.want {
			t.Errorf("the file holds %q, want %q", got, c.want)
		}
		if left, _ := os.ReadDir(dir); len(left) != 1 {
			t.Errorf("%d files are left, want one", len(left))
		}
	}
	if err := atomicfile.Write(filepath.Join(dir, "missing", "f"), content("x", nil)); err == nil {
		t.Error("no error for a folder that is not there")
	}
}
