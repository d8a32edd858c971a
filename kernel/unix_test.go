//go:build unix

package kernel

import (
	"os"
	"syscall"
	"testing"
)

// While a cell runs, control is answered; an interrupt ends the cell, what
// waited behind it is aborted, and the session goes on.
func TestInterrupt(t *testing.T) {
	interrupts := map[string]func(*client){
		"interrupt_request": func(c *client) {
			id := c.send("control", "interrupt_request", "{}")
			c.reply("control", id)
		},
		"SIGINT": func(*client) { syscall.Kill(os.Getpid(), syscall.SIGINT) },
	}
	for name, interrupt := range interrupts {
		t.Run(name, func(t *testing.T) {
			c := start(t, "ipc").dial("c")
			blocked := c.execute("print before\nblock")
			behind := c.execute("value 1")
			c.wait(blocked, "display_data")
			id := c.send("control", "kernel_info_request", "{}")
			c.reply("control", id)
			interrupt(c)
			if m := c.reply("shell", blocked); m.content["ename"] != "interrupted" {
				t.Errorf("the interrupted cell ends with %v", m.content)
			}
			if m := c.reply("shell", behind); m.content["status"] != "aborted" {
				t.Errorf("the cell behind it ends with %v: want aborted", m.content)
			}
			c.alive()
		})
	}
}

// A file that a killed kernel left behind does not keep a new one from
// starting.
func TestIPCAfterACrash(t *testing.T) {
	s := start(t, "ipc", func(_ *Config, c *connection) {
		_, address := c.address(c.ShellPort)
		fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer syscall.Close(fd)
		if err := syscall.Bind(fd, &syscall.SockaddrUnix{Name: address}); err != nil {
			t.Fatal(err)
		}
	})
	s.dial("c").alive()
}
