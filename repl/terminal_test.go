package repl

import (
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// A person sits at an emulated terminal, with a REPL of this test binary in it.
type person struct {
	t      *testing.T
	cmd    *exec.Cmd
	f      *os.File // where the person types
	mu     sync.Mutex
	screen *vt.Emulator
	ended  chan struct{}
}

const columns, rows = 70, 60

func startTerminal(t *testing.T, env ...string) *person {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "TERM=xterm", "NO_COLOR=1", "INPUTRC=/dev/null", "FLUXION_GRAPHICS=none")
	cmd.Env = append(cmd.Env, env...)
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: rows, Cols: columns})
	if err != nil {
		t.Fatal(err)
	}
	term := &person{t: t, cmd: cmd, f: f, screen: vt.NewEmulator(columns, rows), ended: make(chan struct{})}
	// Reads of a pseudo-terminal know no deadline; it ends with the process.
	watchdog := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
	go func() {
		defer close(term.ended)
		buf := make([]byte, 4096)
		for {
			n, err := f.Read(buf)
			term.mu.Lock()
			term.screen.Write(buf[:n])
			term.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	go io.Copy(f, term.screen) // what the terminal answers, such as where its cursor is
	t.Cleanup(func() {
		watchdog.Stop()
		cmd.Process.Kill()
		f.Close()
		<-term.ended
		term.screen.InputPipe().(io.Closer).Close()
	})
	return term
}

func (term *person) keys(s string) {
	term.t.Helper()
	if _, err := io.WriteString(term.f, s); err != nil {
		term.t.Fatal(err)
	}
}

// text returns the screen without the spaces at the ends of lines.
func (term *person) text() string {
	term.mu.Lock()
	lines := strings.Split(term.screen.String(), "\n")
	term.mu.Unlock()
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \r")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// wait waits until the screen ends with want.
func (term *person) wait(what, want string) {
	term.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !strings.HasSuffix(term.text(), want) {
		if time.Now().After(deadline) {
			term.t.Fatalf("%s: the screen shows\n%s\nwant at its end\n%s", what, term.text(), want)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// end waits until the REPL has ended.
func (term *person) end() {
	term.t.Helper()
	<-term.ended
	if err := term.cmd.Wait(); err != nil {
		term.t.Error(err)
	}
}

// saw counts how often text is on the screen.
func (term *person) saw(text string) int { return strings.Count(term.text(), text) }
