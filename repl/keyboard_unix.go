//go:build linux || darwin

package repl

import (
	"bytes"
	"os"
	"regexp"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// A keyboard stands between the terminal and the line editor while that reads.
// The editor asks the terminal again and again where the cursor is, and drops
// what was typed just before or behind the answer if it reads both at once; on a
// slow line it would lose every tenth key of a fast typist. So it reads a
// pseudo-terminal that gives keys and answers one after another.
type keyboard struct {
	master, slave *os.File
	rest          []byte // read from the terminal, not yet passed on
}

func newKeyboard() (*keyboard, error) {
	master, slave, err := pty.Open()
	if err != nil {
		return nil, err
	}
	return &keyboard{master: master, slave: slave}, nil
}

// during calls read with the keyboard as the standard input.
func (k *keyboard) during(read func() (string, error)) (string, error) {
	const stdin = 0
	state, err := term.MakeRaw(stdin)
	if err != nil {
		return read()
	}
	defer term.Restore(stdin, state)
	tty, err := unix.Dup(stdin)
	if err != nil {
		return read()
	}
	defer unix.Close(tty)
	stop := make([]int, 2)
	if err := unix.Pipe(stop); err != nil {
		return read()
	}
	defer unix.Close(stop[0])
	if err := unix.Dup2(int(k.slave.Fd()), stdin); err != nil {
		unix.Close(stop[1])
		return read()
	}
	defer unix.Dup2(tty, stdin)
	passed := make(chan struct{})
	go func() {
		defer close(passed)
		k.pass(tty, stop[0])
	}()
	line, err := read()
	unix.Close(stop[1])
	<-passed
	return line, err
}

// cursorAnswer matches what a terminal says of its cursor.
var cursorAnswer = regexp.MustCompile(`\x1b\[[0-9]+;[0-9]+R`)

// endOfRecord ends what one read of the pseudo-terminal gives. It is a byte that
// no text in UTF-8 holds.
const endOfRecord = 0xff

// pass passes on what comes from the terminal, until stop is closed.
func (k *keyboard) pass(tty, stop int) {
	if !k.record(stop) {
		return
	}
	buf := make([]byte, 1000)
	for {
		for len(k.rest) > 0 {
			n := min(len(k.rest), len(buf))
			switch at := cursorAnswer.FindIndex(k.rest); {
			case at == nil:
			case at[0] > 0:
				n = min(n, at[0])
			default:
				n = at[1]
			}
			k.master.Write(append(bytes.ReplaceAll(k.rest[:n], []byte{endOfRecord}, nil), endOfRecord))
			k.rest = k.rest[n:]
		}
		if !readable(tty, stop) {
			return
		}
		n, err := unix.Read(tty, buf)
		if err == unix.EINTR || err == unix.EAGAIN {
			continue
		}
		if err != nil || n == 0 {
			k.master.Write([]byte{endOfRecord}) // the terminal is gone: an end of input
			return
		}
		k.rest = append(k.rest, buf[:n]...)
	}
}

// record waits until the editor has made the pseudo-terminal raw, and then has
// it give what it gets in records. It reports false where stop is closed before.
func (k *keyboard) record(stop int) bool {
	for {
		t, err := unix.IoctlGetTermios(int(k.slave.Fd()), getTermios)
		if err != nil {
			return true
		}
		if t.Lflag&unix.ICANON == 0 {
			t.Lflag |= unix.ICANON
			clear(t.Cc[:])
			t.Cc[unix.VEOF] = endOfRecord
			unix.IoctlSetTermios(int(k.slave.Fd()), setTermios, t)
			return true
		}
		if ready([]unix.PollFd{{Fd: int32(stop), Events: unix.POLLIN}}, time.Millisecond) {
			return false
		}
	}
}

// readable waits until fd can be read; it reports false once stop is closed.
func readable(fd, stop int) bool {
	fds := []unix.PollFd{{Fd: int32(stop), Events: unix.POLLIN}, {Fd: int32(fd), Events: unix.POLLIN}}
	for {
		ready(fds, -1)
		switch {
		case fds[0].Revents != 0:
			return false
		case fds[1].Revents != 0:
			return true
		}
	}
}

// ready polls fds for a time at most, and reports whether one of them is ready.
func ready(fds []unix.PollFd, limit time.Duration) bool {
	ms := -1
	if limit >= 0 {
		ms = int(limit.Milliseconds())
	}
	n, _ := unix.Poll(fds, ms)
	return n > 0
}
