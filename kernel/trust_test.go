package kernel

import (
	"bytes"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
)

// A journal is a log that tests read.
type journal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.String()
}

// Whatever happens, neither the key nor what cells and people say is logged.
func TestLogHoldsNoSecrets(t *testing.T) {
	var j journal
	s := start(t, "tcp", func(config *Config, c *connection) {
		c.Key = "most secret"
		config.Log = slog.New(slog.NewTextHandler(&j, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	c := s.dial("c")
	c.reply("shell", c.execute("value whispered"))
	_, f := c.frames("execute_request", `{"code":"value whispered"}`)
	f[1] = []byte(strings.Repeat("0", 64))
	c.raw("shell", f...)
	_, f = c.frames("input_reply", `{"value":"whispered"}`)
	f[1] = f[1][:10]
	c.raw("stdin", f...)
	w := dialWire(t, s, s.conn.ShellPort)
	w.Write([]byte("GET /?token=whispered HTTP/1.1\r\n\r\n"))
	w.refused()
	c.alive()
	text := j.String()
	if !strings.Contains(text, "wrong or repeated signature") || !strings.Contains(text, "does not speak ZeroMQ") {
		t.Errorf("what was dropped is not logged:\n%s", text)
	}
	for _, secret := range []string{"most secret", "whispered"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is in the log:\n%s", secret, text)
		}
	}
}

// Nothing listens but on the address that the file names, by default loopback.
func TestListensOnLoopback(t *testing.T) {
	s := start(t, "tcp")
	s.dial("c")
	ports := []int{s.conn.ShellPort, s.conn.IOPubPort, s.conn.StdinPort, s.conn.ControlPort, s.conn.HeartbeatPort}
	for _, port := range ports {
		// A listener on all addresses would be in the way of this one.
		l, err := net.Listen("tcp", (&connection{IP: "127.0.0.2"}).at(port))
		if err != nil {
			t.Errorf("port %d is taken on another address too: %v", port, err)
			continue
		}
		l.Close()
	}
	c := connection{Transport: "tcp", IP: "*"}
	if _, address := c.address(7); address != ":7" {
		t.Errorf("* is listened to on %q", address)
	}
}

// at is the address of a port.
func (c *connection) at(port int) string {
	_, address := c.address(port)
	return address
}

// A client that comes back under its old name is served.
func TestReconnect(t *testing.T) {
	for _, transport := range []string{"ipc", "tcp"} {
		t.Run(transport, func(t *testing.T) {
			s := start(t, transport)
			for range 5 {
				c := s.dial("same name")
				c.alive()
				for _, socket := range c.sockets {
					socket.Close()
				}
			}
			s.dial("another").alive()
		})
	}
}
