package interp_test

import (
	"archive/zip"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// proxy writes modules into a folder that the go command can use as its proxy,
// and makes it the only one. A module is "path@version" → file → text.
func proxy(t *testing.T, modules map[string]map[string]string) {
	t.Helper()
	root := t.TempDir()
	write := func(name string, data []byte) {
		name = filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	lists := map[string]string{}
	for module, files := range modules {
		path, version, _ := strings.Cut(module, "@")
		var buf bytes.Buffer
		z := zip.NewWriter(&buf)
		for name, text := range files {
			w, err := z.Create(module + "/" + name)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write([]byte(text)); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		at := path + "/@v/" + version
		write(at+".zip", buf.Bytes())
		write(at+".mod", []byte(files["go.mod"]))
		write(at+".info", []byte(`{"Version": "`+version+`", "Time": "2026-01-02T03:04:05Z"}`))
		lists[path] += version + "\n"
	}
	for path, list := range lists {
		write(path+"/@v/list", []byte(list))
	}
	t.Setenv("GOPROXY", "file://"+filepath.ToSlash(root))
	t.Setenv("GONOSUMDB", "*")
	t.Setenv("GOFLAGS", "-modcacherw")
	t.Setenv("GOMODCACHE", t.TempDir())
}

func TestGet(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("the go command is not here")
	}
	proxy(t, map[string]map[string]string{
		"example.com/greet@v1.0.0": {
			"go.mod":   "module example.com/greet\n\ngo 1.20\n",
			"greet.go": "// Package greet greets.\npackage greet\n\nfunc Hello() string { return \"old\" }\n",
		},
		"example.com/greet@v1.1.0": {
			"go.mod": "module example.com/greet\n\ngo 1.20\n\nrequire example.com/words v0.2.0\n",
			"greet.go": `package greet

import (
	"fmt"

	"example.com/greet/internal/mark"
	"example.com/words"
)

// A Greeter greets by name.
type Greeter struct{ Name string }

var table = map[string]int{}

func init() { table["made by init"] = 1 }

func (g Greeter) String() string { return fmt.Sprint(words.Hello, ", ", g.Name, mark.End) }

func Made() int { return len(table) }

// Calls has one variable for the whole loop, as before Go 1.22.
func Calls() (out []int) {
	var fs []func() int
	for i := 0; i < 3; i++ {
		fs = append(fs, func() int { return i })
	}
	for _, f := range fs {
		out = append(out, f())
	}
	return out
}

func Map[T, U any](xs []T, f func(T) U) (out []U) {
	for _, x := range xs {
		out = append(out, f(x))
	}
	return out
}
`,
			"internal/mark/mark.go": "package mark\n\nconst End = \"!\"\n",
			"cmd/greet/main.go":     "package main\n\nfunc main() {}\n",
			"fast/fast.go":          "package fast\n\nfunc Sum(n int) int\n",
			"fast/fast_amd64.s":     "// none\n",
			"fast/fast_arm64.s":     "// none\n",
			"native/native.go":      "package native\n\n// int one() { return 1; }\nimport \"C\"\n\nfunc One() int { return int(C.one()) }\n",
			"wrong/wrong.go":        "package wrong\n\nvar X int = \"a\"\n",
			"tagged/fast.go":        "//go:build !purego\n\npackage tagged\n\nconst Pure = false\n",
			"tagged/pure.go":        "//go:build purego\n\npackage tagged\n\nconst Pure = true\n",
		},
		"example.com/words@v0.2.0": {
			"go.mod":   "module example.com/words\n",
			"words.go": "package words\n\nconst Hello = \"Hello\"\n",
		},
	})
	e := newEvaluator(t, "vm")
	for i, step := range []struct{ code, want string }{
		{"import \"example.com/greet\"", "compile error: package example.com/greet is not among those that cells can import\n  cell 1, line 1, column 8\n    import \"example.com/greet\"\n           ^\nhint: %get MODULE@VERSION brings a module, as in %get example.com/greet@latest\n"},
		{"%get", "stdout: no module was asked for; write %get MODULE@VERSION\n"},
		{"%get example.com/greet@v1.1.0", "stdout: example.com/greet v1.1.0: import \"example.com/greet\", \"example.com/greet/tagged\", \"example.com/greet/wrong\"\n"},
		{"import \"example.com/greet\"\ng := greet.Greeter{\"Ann\"}\ng", "= Hello, Ann!\n"},
		{"greet.Made()", "= 1\n"},
		{"greet.Calls()", "= [3 3 3]\n"},
		{"greet.Map([]int{1, 2}, func(n int) string { return fmt.Sprint(n, \"!\") })", "= [1! 2!]\n"},
		{"import \"example.com/greet/tagged\"\ntagged.Pure", "= true\n"},
		{"import \"example.com/greet/internal/mark\"", "compile error: package example.com/greet/internal/mark is internal to its module\n"},
		{"import \"example.com/greet/cmd/greet\"", "compile error: package example.com/greet/cmd/greet is a command, not a library\n"},
		{"import \"example.com/greet/fast\"", "compile error: package example.com/greet/fast cannot be interpreted: it has assembly (fast_"},
		{"import \"example.com/greet/native\"", "compile error: package example.com/greet/native cannot be interpreted: "},
		{"import \"example.com/greet/wrong\"", "compile error: example.com/greet/wrong/wrong.go:3:13: cannot use \"a\""},
		{"import \"example.com/gret\"", "compile error: package example.com/gret is not among those that cells can import\n  cell 14, line 1, column 8\n    import \"example.com/gret\"\n           ^\nhint: did you mean example.com/greet?\n"},
		{"%get example.com/greet@v9.9.9", "magic: example.com/greet@v9.9.9 cannot be brought: "},
		{"%get example.com/nothing", "magic: example.com/nothing cannot be brought: "},
		{"%get -x", "magic: \"-x\" is not a module\n"},
		{"%get example.com/words", "stdout: example.com/words v0.2.0: import \"example.com/words\"\ndisplay: to run this again with the same version, write %get example.com/words@v0.2.0\n"},
		{"%get", "stdout: %get example.com/greet@v1.1.0\nstdout: %get example.com/words@v0.2.0\n"},
		{"import \"example.com/words\"\nwords.Hello", "= Hello\n"},
		{"g.Nam", "compile error: g.Nam undefined (type greet.Greeter has no field or method Nam)\n  cell 21, line 1, column 3\n    g.Nam\n      ^\nhint: did you mean Name?\n"},
	} {
		if got := evaluate(t, e, i+1, step.code); !strings.HasPrefix(got, step.want) || step.want == "" && got != "" {
			t.Errorf("cell %d:\n%s\nshows\n%s\nwant\n%s", i+1, step.code, got, step.want)
		}
	}
	if items := e.Complete("import \"example.com/gr", 22).Items; len(items) != 3 {
		t.Errorf("completion of an import path gives %v", items)
	}

	t.Chdir(t.TempDir())
	evaluate(t, e, 30, "%save session.go")
	if saved, _ := os.ReadFile("session.go"); !strings.Contains(string(saved), "\n%get example.com/words@v0.2.0\n") {
		t.Errorf("the saved session has not the exact version:\n%s", saved)
	}
	if got := evaluate(t, e, 31, "%reset\n%get example.com/greet@v1.0.0\nimport \"example.com/greet\"\ngreet.Hello()"); !strings.HasSuffix(got, "= old\n") {
		t.Errorf("another version after %%reset: %s", got)
	}

	t.Setenv("PATH", "")
	if got := evaluate(t, e, 32, "%get example.com/words@v0.2.0"); !strings.HasPrefix(got, "magic: %get needs the go command, and there is none on the PATH of this machine\n") {
		t.Errorf("without the go command: %s", got)
	}
}

// The yaegi executor refuses a module: it runs no package from source.
func TestGetOnYaegi(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("the go command is not here")
	}
	proxy(t, map[string]map[string]string{"example.com/words@v0.2.0": {
		"go.mod": "module example.com/words\n", "words.go": "package words\n\nfunc Hello() string { return \"Hello\" }\n",
	}})
	e := newEvaluator(t, "yaegi")
	got := evaluate(t, e, 1, "%get example.com/words@v0.2.0\nimport \"example.com/words\"\nwords.Hello()")
	if !strings.Contains(got, "compile error: the yaegi executor does not run packages from source (example.com/words); %executor vm does\n  cell 1, line 3, column 1\n") {
		t.Errorf("got %s", got)
	}
}
