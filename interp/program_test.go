package interp_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fluxion-go/fluxion/interp"
	"github.com/fluxion-go/fluxion/preload"
)

// programVariable is set in the process that runs a program for TestProgram: to
// its executor and files.
const programVariable = "FLUXION_TEST_PROGRAM"

// TestProgramProcess is the process of a program, not a test of its own.
func TestProgramProcess(t *testing.T) {
	spec := os.Getenv(programVariable)
	if spec == "" {
		return
	}
	words := strings.Split(spec, " ")
	_, args, _ := strings.Cut(strings.Join(os.Args, "\x00"), "\x00--\x00")
	var list []string
	if args != "" {
		list = strings.Split(args, "\x00")
	}
	err := interp.Program{Library: preload.Packages{}, Executor: words[0], Files: words[1:], Args: list}.Run(context.Background())
	var failed *interp.ProgramError
	switch {
	case errors.As(err, &failed):
		fmt.Fprintln(os.Stderr, failed.Message)
		os.Exit(failed.Status)
	case err != nil:
		t.Fatal(err)
	}
	os.Exit(0)
}

// A program behaves as under go run. What is wanted was seen with go1.26.
func TestProgram(t *testing.T) {
	for _, c := range []struct {
		name   string
		files  map[string]string
		run    string // what to run; main.go where it is empty
		args   []string
		stdin  string
		stdout string
		stderr string // how it begins
		status int
		vm     bool // only the vm can
	}{
		{
			name:   "order of initialisation",
			files:  map[string]string{"main.go": "package main\nimport \"fmt\"\nvar a = b + 1\nvar b = f()\nfunc f() int { fmt.Println(\"f\"); return 2 }\nfunc init() { fmt.Println(\"init\", a) }\nfunc main() { fmt.Println(\"main\") }\n"},
			stdout: "f\ninit 3\nmain\n",
		},
		{
			name:   "arguments, input and status",
			files:  map[string]string{"main.go": "package main\nimport (\"bufio\"; \"flag\"; \"fmt\"; \"os\")\nfunc main() {\n\tn := flag.Int(\"n\", 1, \"\")\n\tflag.Parse()\n\tfmt.Println(*n, flag.Args())\n\tfor s := bufio.NewScanner(os.Stdin); s.Scan(); {\n\t\tfmt.Println(\">\", s.Text())\n\t}\n\tdefer fmt.Println(\"not printed\")\n\tos.Exit(7)\n}\n"},
			args:   []string{"-n", "3", "x", "y"},
			stdin:  "one\ntwo\n",
			stdout: "3 [x y]\n> one\n> two\n",
			status: 7,
		},
		{
			name:   "panic",
			files:  map[string]string{"main.go": "package main\nimport \"fmt\"\nfunc f(s []int) int { return s[5] }\nfunc main() {\n\tdefer fmt.Println(\"deferred\")\n\tprintln(\"to stderr\")\n\tf(nil)\n}\n"},
			stdout: "deferred\n",
			stderr: "to stderr\npanic: runtime error: index out of range [5] with length 0\n\ngoroutine 1 [running]:\n",
			status: 2,
			vm:     true,
		},
		{
			name:   "panic in a goroutine",
			files:  map[string]string{"main.go": "package main\nfunc main() {\n\tgo panic(\"boom\")\n\tselect {}\n}\n"},
			stderr: "panic: boom",
			status: 2,
			vm:     true,
		},
		{
			name:   "deadlock on a channel",
			files:  map[string]string{"main.go": "package main\nimport \"fmt\"\nfunc main() {\n\tfmt.Println(\"before\")\n\t<-make(chan int)\n}\n"},
			stdout: "before\n",
			stderr: "fatal error: all goroutines are asleep - deadlock!\n",
			status: 2,
			vm:     true,
		},
		{
			name:   "deadlock of goroutines",
			files:  map[string]string{"main.go": "package main\nimport (\"fmt\"; \"sync\")\nfunc main() {\n\tvar a, b sync.Mutex\n\tvar wg sync.WaitGroup\n\tboth := make(chan bool)\n\tlock := func(x, y *sync.Mutex) {\n\t\tdefer wg.Done()\n\t\tx.Lock()\n\t\tselect { case both <- true: case <-both: }\n\t\ty.Lock()\n\t}\n\tfmt.Println(\"before\")\n\twg.Add(2)\n\tgo lock(&a, &b)\n\tgo lock(&b, &a)\n\twg.Wait()\n}\n"},
			stdout: "before\n",
			stderr: "fatal error: all goroutines are asleep - deadlock!\n",
			status: 2,
			vm:     true,
		},
		{
			name:   "long waits",
			files:  map[string]string{"main.go": "package main\nimport (\"fmt\"; \"sync\"; \"time\")\nfunc main() {\n\tc := make(chan int)\n\tvar wg sync.WaitGroup\n\twg.Add(1)\n\tgo func() {\n\t\tdefer wg.Done()\n\t\tfor i := range c { fmt.Println(i) }\n\t}()\n\ttime.Sleep(time.Second)\n\tc <- 1\n\tfor s := time.Now(); time.Since(s) < time.Second; {}\n\tc <- 2\n\tclose(c)\n\twg.Wait()\n\tfunc() { defer func() { fmt.Println(recover()) }(); c <- 3 }()\n\ttime.Sleep(time.Second)\n}\n"},
			stdout: "1\n2\nsend on closed channel\n",
			vm:     true,
		},
		{
			name:   "what does not compile",
			files:  map[string]string{"main.go": "package main\nimport \"os\"\nfunc main() {\n\tx := y\n}\n"},
			stderr: "main.go:4:7: undefined: y\n",
			status: 1,
		},
		{
			name:   "another package",
			files:  map[string]string{"main.go": "package lib\n"},
			stderr: "main.go: package lib is not a main package\n",
			status: 1,
		},
		{
			name: "several files and packages",
			files: map[string]string{
				"go.mod":          "module example.org/m\n\ngo 1.26\n",
				"cmd/main.go":     "package main\nimport (\"fmt\"; \"example.org/m/lib\")\nfunc main() { fmt.Println(lib.Add(one, 2)) }\n",
				"cmd/other.go":    "package main\nconst one = 1\n",
				"cmd/x_test.go":   "package main\nconst one = 2\n",
				"lib/lib.go":      "package lib\nimport \"fmt\"\nfunc init() { fmt.Println(\"lib\") }\nfunc Add(a, b int) int { return a + b + more }\n",
				"lib/more.go":     "package lib\nvar more = 10\n",
				"lib/windows.txt": "not Go",
			},
			run:    "cmd",
			stdout: "lib\n13\n",
			vm:     true,
		},
	} {
		for _, executor := range []string{"vm", "yaegi"} {
			if c.vm && executor != "vm" {
				continue
			}
			t.Run(c.name+"/"+executor, func(t *testing.T) {
				dir := t.TempDir()
				for name, text := range c.files {
					file := filepath.Join(dir, filepath.FromSlash(name))
					if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				run := "main.go"
				if c.run != "" {
					run = c.run
				}
				cmd := exec.Command(os.Args[0], append([]string{"-test.run=^TestProgramProcess$", "--"}, c.args...)...)
				cmd.Dir = dir
				cmd.Env = append(os.Environ(), programVariable+"="+executor+" "+run)
				cmd.Stdin = strings.NewReader(c.stdin)
				var stdout, stderr bytes.Buffer
				cmd.Stdout, cmd.Stderr = &stdout, &stderr
				err := cmd.Run()
				var exit *exec.ExitError
				if err != nil && !errors.As(err, &exit) {
					t.Fatal(err)
				}
				if got := cmd.ProcessState.ExitCode(); got != c.status {
					t.Errorf("exit status %d, want %d", got, c.status)
				}
				if got := stdout.String(); got != c.stdout {
					t.Errorf("prints %q, want %q", got, c.stdout)
				}
				if got := stderr.String(); !strings.HasPrefix(got, c.stderr) {
					t.Errorf("error stream %q, want it to begin with %q", got, c.stderr)
				}
			})
		}
	}
}
