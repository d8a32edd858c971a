package kernel

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

// A wire is a client that speaks, or breaks, ZMTP byte by byte.
type wire struct {
	t *testing.T
	net.Conn
	r *bufio.Reader
}

func dialWire(t *testing.T, s *session, port int) *wire {
	t.Helper()
	network, address := s.conn.address(port)
	c, err := net.Dial(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(patience))
	return &wire{t, c, bufio.NewReader(c)}
}

// dialRaw connects and shakes hands as a socket of this type.
func dialRaw(t *testing.T, s *session, port int, socketType string) *wire {
	t.Helper()
	w := dialWire(t, s, port)
	w.Write([]byte(validGreeting + ready("Socket-Type", socketType, "Identity", "")))
	var g [greetingSize]byte
	if _, err := io.ReadFull(w.r, g[:]); err != nil {
		t.Fatal(err)
	}
	w.frame()
	return w
}

const validGreeting = "\xff\x00\x00\x00\x00\x00\x00\x00\x00\x7f\x03\x00NULL" +
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" + // mechanism
	"\x00" + // as server
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// ready is a READY command with these names and values.
func ready(properties ...string) string {
	body := "\x05READY"
	for i := 0; i < len(properties); i += 2 {
		name, value := properties[i], properties[i+1]
		body += string(byte(len(name))) + name + string(binary.BigEndian.AppendUint32(nil, uint32(len(value)))) + value
	}
	return "\x04" + string(byte(len(body))) + body
}

// send sends a message.
func (w *wire) send(frames ...string) {
	w.t.Helper()
	var parts [][]byte
	for _, f := range frames {
		parts = append(parts, []byte(f))
	}
	if _, err := w.Write(appendMessage(nil, parts)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *wire) frame() (flags byte, body []byte) {
	w.t.Helper()
	flags, size, err := frameHeader(w.r)
	if err == nil {
		body = make([]byte, size)
		_, err = io.ReadFull(w.r, body)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return flags, body
}

// receive reads a message.
func (w *wire) receive() (frames [][]byte) {
	w.t.Helper()
	for {
		flags, body := w.frame()
		frames = append(frames, body)
		if flags&flagMore == 0 {
			return frames
		}
	}
}

// refused waits until the kernel closes the connection.
func (w *wire) refused() {
	w.t.Helper()
	w.SetDeadline(time.Now().Add(patience))
	if _, err := io.Copy(io.Discard, w.r); err != nil && os.IsTimeout(err) {
		w.t.Error("the connection stays open")
	}
}

// Whatever bytes come, only their connection ends.
func TestGarbageOnTheWire(t *testing.T) {
	s := start(t, "ipc")
	c := s.dial("good")
	dealer := validGreeting + ready("Socket-Type", "DEALER")
	long := "\x02\x7f\xff\xff\xff\xff\xff\xff\xff"
	for name, text := range map[string]string{
		"http":                       "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"zeros":                      strings.Repeat("\x00", 200),
		"zmtp 2":                     "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x01" + strings.Repeat("\x00", 60),
		"another mechanism":          strings.Replace(validGreeting, "NULL\x00", "CURVE", 1),
		"message instead of READY":   validGreeting + "\x00\x05hello",
		"another command":            validGreeting + "\x04\x06\x05HELLO",
		"endless READY":              validGreeting + "\x06\x7f\xff\xff\xff\xff\xff\xff\xff",
		"name past the end":          validGreeting + "\x04\x08\x05READY\xffX",
		"no value":                   validGreeting + "\x04\x08\x05READY\x01X",
		"value past the end":         validGreeting + "\x04\x0c\x05READY\x01X\xff\xff\xff\xff",
		"identity too long":          validGreeting + ready("Socket-Type", "DEALER", "Identity", strings.Repeat("x", 200))[:2] + "x",
		"wrong socket type":          validGreeting + ready("Socket-Type", "PUSH"),
		"unknown socket type":        validGreeting + ready("Socket-Type", "HAMMER"),
		"no socket type":             validGreeting + ready(),
		"reserved flags":             dealer + "\xf8\x01x",
		"frame of 2^63 bytes":        dealer + long,
		"frame over the limit":       dealer + "\x02\x00\x00\x00\x00\x20\x00\x00\x00",
		"sum of frames over limit":   dealer + "\x03\x00\x00\x00\x00\x00\x00\x00\x01x" + "\x02\x00\x00\x00\x00\x0f\xff\xff\xff",
		"truncated frame":            dealer + "\x00\x05abc",
		"truncated long frame":       dealer + "\x02\x00\x00\x00\x00\x00\x10\x00\x00abc",
		"truncated message":          dealer + "\x01\x03abc",
		"truncated header":           dealer + "\x02\x00",
		"truncated greeting":         validGreeting[:20],
		"empty":                      "",
		"ping":                       dealer + "\x04\x07\x04PING\x00\x00",
		"many frames, no delimiter":  dealer + strings.Repeat("\x01\x00", 1000) + "\x00\x00",
		"a message of one frame":     dealer + "\x00\x01x",
		"an empty message":           dealer + "\x00\x00",
		"delimiter alone":            dealer + "\x00\x09<IDS|MSG>",
		"subscription to everything": dealer + "\x00\x01\x01",
	} {
		for port := s.conn.ShellPort; port <= s.conn.HeartbeatPort; port++ {
			w := dialWire(t, s, port)
			io.WriteString(w, text)
			w.Conn.(*net.UnixConn).CloseWrite()
			w.refused()
			w.Close()
		}
		if t.Failed() {
			t.Fatalf("after %q", name)
		}
	}
	c.alive()
	s.dial("another").alive()
}

// Signed or not, what is no message is dropped, and the next one is answered.
func TestGarbageInMessages(t *testing.T) {
	c := start(t, "ipc").dial("c")
	frames := func(msgType, content string) [][]byte {
		_, f := c.frames(msgType, content)
		return f
	}
	resign := func(f [][]byte) [][]byte {
		f[1] = []byte(signature(c.s.conn.Key, f[2:6]))
		return f
	}
	change := func(i int, text string) [][]byte {
		f := frames("execute_request", `{"code":"value bad"}`)
		f[i] = []byte(text)
		return f
	}
	wrong := map[string][][]byte{
		"wrong signature":     change(1, strings.Repeat("0", 64)),
		"short signature":     change(1, "00"),
		"no signature":        change(1, ""),
		"signature not hex":   change(1, strings.Repeat("zz", 32)),
		"content changed":     change(5, `{"code":"value evil"}`),
		"header not JSON":     resign(change(2, `{"msg_id":`)),
		"header an array":     resign(change(2, `[]`)),
		"header null":         resign(change(2, `null`)),
		"header without type": resign(change(2, `{"msg_id":"1"}`)),
		"header deep":         resign(change(2, strings.Repeat("[", 100000))),
		"msg_id a number":     resign(change(2, `{"msg_id":1,"msg_type":"execute_request"}`)),
		"parent not JSON":     resign(change(3, `nope`)),
		"too few frames":      frames("execute_request", `{"code":"value bad"}`)[:4],
	}
	for _, channel := range []string{"shell", "control", "stdin"} {
		for name, f := range wrong {
			c.raw(channel, f...)
			if channel == "stdin" {
				continue
			}
			id := c.send(channel, "kernel_info_request", "{}")
			if m := c.reply(channel, id); m.content["status"] != "ok" {
				t.Errorf("after %s on %s: %v", name, channel, m.content)
			}
		}
	}
	// Content that is no JSON at all can still be answered.
	id, f := c.frames("execute_request", `{"code":`)
	c.raw("shell", f...)
	if m := c.reply("shell", id); m.content["status"] != "error" {
		t.Errorf("broken content is answered with %v", m.content)
	}
	c.alive()
}

func TestReplayIsDropped(t *testing.T) {
	c := start(t, "ipc").dial("c")
	id, f := c.frames("execute_request", `{"code":"value once"}`)
	c.raw("shell", f...)
	c.raw("shell", f...)
	c.reply("shell", id)
	next := c.execute("value next")
	c.reply("shell", next) // fails if the replay was answered
}

// Clients that connect and say nothing do not keep others from connecting.
func TestSilentClients(t *testing.T) {
	s := start(t, "tcp")
	c := s.dial("before")
	for range 20 {
		for _, port := range []int{s.conn.ShellPort, s.conn.IOPubPort, s.conn.StdinPort, s.conn.ControlPort, s.conn.HeartbeatPort} {
			w := dialWire(t, s, port)
			io.WriteString(w, validGreeting[:9]) // and no more
		}
	}
	c.alive()
	s.dial("after").alive()
}

func TestClientGoesAwayInMidCell(t *testing.T) {
	s := start(t, "ipc")
	gone := s.dial("gone")
	id := gone.execute("block")
	gone.wait(id, "display_data")
	for _, socket := range gone.sockets {
		socket.Close()
	}
	c := s.dial("c")
	m := c.reply("control", c.send("control", "interrupt_request", "{}"))
	if m.content["status"] != "ok" {
		t.Errorf("the interrupt is answered with %v", m.content)
	}
	c.until(id)
	c.alive()
}

// A subscriber that never reads is dropped; another gets everything, and a
// cell that prints far more than any buffer holds ends.
func TestSubscriberThatNeverReads(t *testing.T) {
	s := start(t, "ipc")
	c := s.dial("reads")
	deaf := dialRaw(t, s, s.conn.IOPubPort, "SUB")
	deaf.send("\x01")
	deaf.receive() // the welcome, and no more
	page := strings.Repeat("x", 1<<20)
	for range 50 {
		id := c.execute("print " + page)
		c.until(id)
		c.reply("shell", id)
	}
	deaf.refused()
	c.alive()
}

// A client that sends and never reads its answers is dropped as well.
func TestFlood(t *testing.T) {
	s := start(t, "ipc")
	c := s.dial("c")
	flood := dialRaw(t, s, s.conn.ShellPort, "DEALER")
	for range 2000 {
		_, f := c.frames("kernel_info_request", "{}")
		var text []string
		for _, part := range f {
			text = append(text, string(part))
		}
		flood.send(text...)
	}
	c.alive()
}

// One message may be larger than what may wait for a client.
func TestLargeMessage(t *testing.T) {
	c := start(t, "ipc").dial("c")
	id := c.execute("print " + strings.Repeat("x", softLimit+1))
	if m := c.wait(id, "stream"); len(m.content["text"].(string)) != softLimit+2 {
		t.Error("a large message is cut")
	}
	c.reply("shell", id)
	c.alive()
}

func TestTooManySubscriptions(t *testing.T) {
	s := start(t, "ipc")
	s.dial("c").alive()
	w := dialRaw(t, s, s.conn.IOPubPort, "SUB")
	var b []byte
	for i := range maxTopics + 1 {
		b = appendFrame(b, 0, binary.BigEndian.AppendUint32([]byte{1}, uint32(i)))
	}
	go w.Write(b)
	w.refused()
	s.dial("d").alive()
}

func FuzzHandshake(f *testing.F) {
	f.Add([]byte(validGreeting + ready("Socket-Type", "DEALER", "Identity", "me")))
	f.Add([]byte(validGreeting + "\x04\x08\x05READY\x01X"))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, b := net.Pipe()
		defer a.Close()
		defer b.Close()
		go io.Copy(io.Discard, b)
		p, err := introduce(a, bufio.NewReader(bytes.NewReader(data)), []string{"DEALER"})
		if err != nil {
			return
		}
		again, err := introduce(a, bufio.NewReader(bytes.NewReader(p.replay())), []string{"DEALER"})
		if err != nil || again != p {
			t.Errorf("%q is replayed as %q: %v", p, again, err)
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("id\x00<IDS|MSG>\x00\x00{\"msg_type\":\"x\"}\x00{}\x00{}\x00{}"))
	s, err := newSigner("", "")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := s.decode(bytes.Split(data, []byte{0}))
		if err == nil && r.header.Type == "" {
			t.Error("a message without a type passes")
		}
	})
}
