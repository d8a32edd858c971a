package kernel

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"

	"github.com/fluxion-go/fluxion/history"
)

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

// A session is a running kernel.
type session struct {
	t    *testing.T
	fake *fake
	conn connection
	file string
	end  context.CancelFunc
	done chan error
}

// start runs a kernel with a fake evaluator over a transport.
func start(t *testing.T, transport string, change ...func(*Config, *connection)) *session {
	t.Helper()
	dir, err := os.MkdirTemp("", "k") // t.TempDir is too long for the name of a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &session{t: t, fake: newFake(), done: make(chan error, 1), file: filepath.Join(dir, "connection.json")}
	s.conn = connection{Transport: transport, IP: filepath.Join(dir, "s"), Key: "the key", SignatureScheme: "hmac-sha256"}
	s.conn.ShellPort, s.conn.IOPubPort, s.conn.StdinPort, s.conn.ControlPort, s.conn.HeartbeatPort = 1, 2, 3, 4, 5
	if transport == "tcp" {
		s.conn.IP = "127.0.0.1"
		freePorts(t, &s.conn.ShellPort, &s.conn.IOPubPort, &s.conn.StdinPort, &s.conn.ControlPort, &s.conn.HeartbeatPort)
	}
	config := Config{ConnectionFile: s.file, History: history.Open(""), Evaluator: s.fake, Info: Info{Implementation: "fluxion", Version: "0", LanguageVersion: "1.26", Banner: "fluxion"}}
	for _, f := range change {
		f(&config, &s.conn)
	}
	data, _ := json.Marshal(s.conn)
	if err := os.WriteFile(s.file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.end = cancel
	go func() { s.done <- Run(ctx, config) }()
	t.Cleanup(s.stop)
	return s
}

// freePorts finds ports that were free a moment ago.
func freePorts(t *testing.T, ports ...*int) {
	for _, p := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		*p = l.Addr().(*net.TCPAddr).Port
	}
}

// stop ends the kernel and waits for it.
func (s *session) stop() {
	s.end()
	s.ended()
}

// ended waits until Run has returned.
func (s *session) ended() {
	s.t.Helper()
	select {
	case err := <-s.done:
		if err != nil {
			s.t.Errorf("Run: %v", err)
		}
		s.done <- nil
	case <-time.After(patience):
		s.t.Fatal("the kernel does not end")
	}
}

// A message is what a client received.
type message struct {
	header    header
	rawHeader json.RawMessage
	parent    header
	content   map[string]any
	metadata  map[string]any
	buffers   [][]byte
}

// A client is a front end.
type client struct {
	t       *testing.T
	s       *session
	name    string
	sockets map[string]zmq4.Socket
	in      map[string]chan *message
	sent    int

	subshell string // where requests go
}

// dial connects a front end and waits until it is subscribed.
func (s *session) dial(name string) *client {
	s.t.Helper()
	c := &client{t: s.t, s: s, name: name, sockets: map[string]zmq4.Socket{}, in: map[string]chan *message{}}
	ctx, cancel := context.WithCancel(context.Background())
	s.t.Cleanup(cancel)
	id := zmq4.WithID(zmq4.SocketIdentity(name))
	retry := []zmq4.Option{quiet, zmq4.WithDialerRetry(5 * time.Millisecond), zmq4.WithDialerMaxRetries(2000)} // the kernel starts meanwhile
	for channel, port := range map[string]int{"shell": s.conn.ShellPort, "control": s.conn.ControlPort, "stdin": s.conn.StdinPort, "iopub": s.conn.IOPubPort} {
		socket := zmq4.NewDealer(ctx, append(retry, id)...)
		if channel == "iopub" {
			socket = zmq4.NewSub(ctx, retry...)
		}
		network, address := s.conn.address(port)
		scheme := map[string]string{"tcp": "tcp://", "unix": "ipc://"}[network]
		if err := socket.Dial(scheme + address); err != nil {
			s.t.Fatalf("%s: %v", channel, err)
		}
		s.t.Cleanup(func() { socket.Close() })
		c.sockets[channel] = socket
		c.in[channel] = make(chan *message, 1000)
		go c.pump(ctx, socket, c.in[channel])
	}
	if err := c.sockets["iopub"].SetOption(zmq4.OptionSubscribe, ""); err != nil {
		s.t.Fatal(err)
	}
	if m := c.next("iopub"); m.header.Type != "iopub_welcome" || m.content["subscription"] != "" {
		s.t.Fatalf("the first message is %s %v: want iopub_welcome", m.header.Type, m.content)
	}
	return c
}

// pump decodes and validates what comes on one channel.
func (c *client) pump(ctx context.Context, socket zmq4.Socket, in chan<- *message) {
	for {
		raw, err := socket.Recv()
		if ctx.Err() != nil || err != nil {
			return
		}
		m, err := c.decode(raw.Frames)
		if err != nil {
			c.t.Error(err)
			return
		}
		in <- m
	}
}

func (c *client) decode(frames [][]byte) (*message, error) {
	for len(frames) > 0 && string(frames[0]) != "<IDS|MSG>" {
		frames = frames[1:]
	}
	if len(frames) < 6 {
		return nil, fmt.Errorf("%d frames: want 6 or more", len(frames))
	}
	if want := signature(c.s.conn.Key, frames[2:6]); string(frames[1]) != want {
		return nil, fmt.Errorf("signature %s: want %s", frames[1], want)
	}
	m := &message{rawHeader: frames[2], buffers: frames[6:]}
	for i, v := range []any{&m.header, &m.parent, &m.metadata, &m.content} {
		if err := json.Unmarshal(frames[2+i], v); err != nil {
			return nil, err
		}
	}
	if m.metadata == nil {
		return nil, fmt.Errorf("%s: metadata is %s: want an object", m.header.Type, frames[4])
	}
	return m, validate(m)
}

func signature(key string, frames [][]byte) string {
	if key == "" {
		return ""
	}
	h := hmac.New(sha256.New, []byte(key))
	h.Write(bytes.Join(frames, nil))
	return hex.EncodeToString(h.Sum(nil))
}

// frames makes a message by hand and returns its id.
func (c *client) frames(msgType, content string) (string, [][]byte) {
	c.sent++
	id := fmt.Sprintf("%s-%d", c.name, c.sent)
	h, _ := json.Marshal(header{ID: id, Session: c.name, Username: "test", Date: timestamp(time.Now()), Type: msgType, Version: "5.5", Subshell: c.subshell})
	signed := [][]byte{h, []byte("{}"), []byte("{}"), []byte(content)}
	return id, append([][]byte{[]byte("<IDS|MSG>"), []byte(signature(c.s.conn.Key, signed))}, signed...)
}

// send sends a request and returns its id.
func (c *client) send(channel, msgType, content string) string {
	c.t.Helper()
	id, frames := c.frames(msgType, content)
	c.raw(channel, frames...)
	return id
}

func (c *client) raw(channel string, frames ...[]byte) {
	c.t.Helper()
	if err := c.sockets[channel].SendMulti(zmq4.NewMsgFrom(frames...)); err != nil {
		c.t.Fatal(err)
	}
}

// execute sends an execute_request with the default flags.
func (c *client) execute(code string) string {
	c.t.Helper()
	content, _ := json.Marshal(map[string]any{"code": code})
	return c.send("shell", "execute_request", string(content))
}

// next returns the next message of a channel.
func (c *client) next(channel string) *message {
	c.t.Helper()
	select {
	case m := <-c.in[channel]:
		return m
	case <-time.After(patience):
		c.t.Fatalf("nothing came on %s", channel)
		return nil
	}
}

// reply returns the next message of a channel, which must answer id.
func (c *client) reply(channel, id string) *message {
	c.t.Helper()
	m := c.next(channel)
	if m.parent.ID != id {
		c.t.Fatalf("%s answers %s: want an answer to %s", m.header.Type, m.parent.ID, id)
	}
	return m
}

// until collects what iopub says about the request id until idle.
func (c *client) until(id string) []*message {
	c.t.Helper()
	var got []*message
	for {
		m := c.next("iopub")
		if m.parent.ID != id {
			continue
		}
		got = append(got, m)
		if m.content["execution_state"] == "idle" {
			return got
		}
	}
}

// wait returns the first iopub message about the request id of this type.
func (c *client) wait(id, msgType string) *message {
	c.t.Helper()
	for {
		if m := c.next("iopub"); m.parent.ID == id && m.header.Type == msgType {
			return m
		}
	}
}

// alive checks that the kernel answers on shell and control.
func (c *client) alive() {
	c.t.Helper()
	id := c.execute("value alive")
	if m := c.reply("shell", id); m.content["status"] != "ok" {
		c.t.Fatalf("a cell ends with %v", m.content)
	}
	id = c.send("control", "kernel_info_request", "{}")
	if m := c.reply("control", id); m.content["implementation"] != "fluxion" {
		c.t.Fatalf("kernel_info_reply says %v", m.content)
	}
}
