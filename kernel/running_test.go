package kernel

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fluxion-go/fluxion/history"
)

func TestStartingIsToldOnce(t *testing.T) {
	s := start(t, "ipc")
	c := s.dial("first")
	if m := c.next("iopub"); m.content["execution_state"] != "starting" || m.parent.ID != "" {
		t.Errorf("after the welcome comes %s %v: want status starting", m.header.Type, m.content)
	}
	c.until(c.execute("value alive")) // idle comes after the reply, and would go to the later client, too
	d := s.dial("second")
	id := d.send("shell", "kernel_info_request", "{}")
	if m := d.next("iopub"); m.content["execution_state"] != "busy" || m.parent.ID != id {
		t.Errorf("a later client hears %s %v: want busy", m.header.Type, m.content)
	}
}

func TestInterruptEndsInput(t *testing.T) {
	c := start(t, "ipc").dial("c")
	id := c.execute("ask name?")
	first := c.next("stdin")
	if first.header.Type != "input_request" || first.parent.ID != id {
		t.Fatalf("on stdin comes %s to %s", first.header.Type, first.parent.ID)
	}
	c.send("control", "interrupt_request", "{}")
	if m := c.wait(id, "stream"); m.content["text"] != "error: interrupted while waiting for input\n" {
		t.Errorf("the cell printed %q", m.content["text"])
	}
	c.reply("shell", id)

	// The answer comes too late and must not answer the next question.
	id = c.execute("ask again?")
	c.next("stdin")
	_, late := c.frames("input_reply", `{"value":"stale"}`)
	late[3] = first.rawHeader
	late[1] = []byte(signature(c.s.conn.Key, late[2:6]))
	c.raw("stdin", late...)
	c.send("stdin", "input_reply", `{"value":"\u0004"}`)
	if m := c.wait(id, "stream"); m.content["text"] != "error: EOF\n" {
		t.Errorf("control-D reads as %q", m.content["text"])
	}
}

func TestInputAsksTheClientThatRan(t *testing.T) {
	s := start(t, "ipc")
	a, b := s.dial("a"), s.dial("b")
	id := a.execute("ask name?")
	a.next("stdin")
	b.send("stdin", "input_reply", `{"value":"from another client"}`)
	b.send("control", "kernel_info_request", "{}")
	b.next("control")
	a.send("stdin", "input_reply", `{"value":"mine"}`)
	if m := a.wait(id, "stream"); m.content["text"] != "mine\n" {
		t.Errorf("the cell read %q", m.content["text"])
	}
	if len(b.in["stdin"]) > 0 {
		t.Error("a client was asked for input of another's cell")
	}
}

func TestStopOnError(t *testing.T) {
	for _, stop := range []bool{true, false} {
		t.Run(fmt.Sprint(stop), func(t *testing.T) {
			c := start(t, "ipc").dial("c")
			ids := []string{
				c.send("shell", "execute_request", fmt.Sprintf(`{"code":"ask go on?\nfail x","stop_on_error":%v}`, stop)),
				c.execute("value 1"),
				c.send("shell", "history_request", "{}"),
				c.execute("value 2"),
			}
			c.next("stdin") // the cell fails when the others wait behind it
			c.send("stdin", "input_reply", `{"value":"yes"}`)
			want := []any{"error", "aborted", "ok", "aborted"}
			if !stop {
				want = []any{"error", "ok", "ok", "ok"}
			}
			for i, id := range ids {
				if m := c.reply("shell", id); m.content["status"] != want[i] {
					t.Errorf("request %d ends with %v: want %v", i, m.content["status"], want[i])
				}
				said := c.until(id)
				if want[i] == "aborted" && len(said) != 2 {
					t.Errorf("an aborted cell says %d messages: want busy and idle", len(said))
				}
			}
			id := c.execute("value 3")
			if m := c.reply("shell", id); m.content["status"] != "ok" {
				t.Errorf("a cell sent after the error ends with %v", m.content)
			}
		})
	}
}

func TestManyLinesAreFewMessages(t *testing.T) {
	c := start(t, "ipc").dial("c")
	id := c.execute("lines 10000")
	var text strings.Builder
	n := 0
	for _, m := range c.until(id) {
		if m.header.Type == "stream" {
			n++
			text.WriteString(m.content["text"].(string))
		}
	}
	var want strings.Builder
	for i := range 10000 {
		fmt.Fprintln(&want, "line", i)
	}
	if text.String() != want.String() {
		t.Error("lines are missing or out of order")
	}
	// Text is cut by time as well, so a machine that stands still makes more.
	if n > 100 {
		t.Errorf("10000 lines came in %d messages", n)
	}
}

// Text appears while the cell still runs.
func TestStreamsWhileRunning(t *testing.T) {
	c := start(t, "ipc").dial("c")
	id := c.execute("ask first?\nprint late")
	c.next("stdin")
	id2 := c.send("control", "kernel_info_request", "{}")
	c.reply("control", id2)
	c.send("stdin", "input_reply", `{"value":"early"}`)
	if m := c.wait(id, "stream"); !strings.HasPrefix(m.content["text"].(string), "early") {
		t.Errorf("text is %q", m.content["text"])
	}
}

func TestGoroutineOutlivesItsCell(t *testing.T) {
	s := start(t, "ipc")
	c := s.dial("c")
	first := c.execute("later")
	c.until(first)
	second := c.execute("value 1")
	c.until(second)
	close(s.fake.release)
	var got []string
	for len(got) < 3 {
		m := c.next("iopub")
		if m.parent.ID != first {
			t.Fatalf("%s belongs to %s: want the goroutine's cell", m.header.Type, m.parent.ID)
		}
		switch m.header.Type {
		case "stream":
			got = append(got, m.content["text"].(string))
		case "display_data":
			got = append(got, m.content["data"].(map[string]any)["text/plain"].(string))
		}
	}
	want := []string{"from a goroutine\n", "page of a goroutine", "the cell has ended: input can be asked for only while it runs"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	<-s.fake.after
}

func TestShutdown(t *testing.T) {
	for _, channel := range []string{"control", "shell"} {
		for _, transport := range []string{"ipc", "tcp"} {
			t.Run(channel+" "+transport, func(t *testing.T) {
				s := start(t, transport)
				c := s.dial("c")
				cell := ""
				if channel == "control" {
					cell = c.execute("block")
					c.wait(cell, "display_data")
				}
				id := c.send(channel, "shutdown_request", `{"restart":true}`)
				if m := c.reply(channel, id); m.content["restart"] != true {
					t.Errorf("the reply is %v", m.content)
				}
				if m := c.wait(id, "shutdown_reply"); m.content["restart"] != true {
					t.Errorf("iopub says %v", m.content)
				}
				c.until(id)
				s.ended()
				if cell != "" { // what it said before the end is not lost
					if m := c.reply("shell", cell); m.content["status"] != "error" {
						t.Errorf("the running cell ends with %v", m.content)
					}
				}
			})
		}
	}
}

func TestHeartbeat(t *testing.T) {
	s := start(t, "ipc")
	s.dial("c") // waits until the kernel listens
	hb := dialRaw(t, s, s.conn.HeartbeatPort, "REQ")
	for _, beat := range []string{"ping", "", strings.Repeat("long", 1000)} {
		hb.send("", beat)
		if got := hb.receive(); len(got) != 2 || string(got[1]) != beat {
			t.Errorf("the heartbeat answers %q to %q", got, beat)
		}
	}
}

func TestWelcomeNamesItsTopic(t *testing.T) {
	s := start(t, "ipc")
	s.dial("c")
	sub := dialRaw(t, s, s.conn.IOPubPort, "SUB")
	for _, topic := range []string{"kernel.", "other"} {
		sub.send("\x01" + topic)
		got := sub.receive()
		if string(got[0]) != topic || !strings.Contains(string(got[len(got)-1]), fmt.Sprintf(`"subscription":"%s"`, topic)) {
			t.Errorf("the welcome is %q", got)
		}
	}
}

func TestKeysAndSchemes(t *testing.T) {
	t.Run("no key", func(t *testing.T) {
		start(t, "ipc", func(_ *Config, c *connection) { c.Key = ""; c.SignatureScheme = "" }).dial("c").alive()
	})
	for scheme := range digests {
		// The Python client computes the same: see tests/jupyter. Here only that each signs and verifies.
		s, err := newSigner(scheme, "k")
		if err != nil || !s.verify(s.sign([]byte("a"), []byte("b")), []byte("ab")) {
			t.Errorf("%s does not verify what it signed", scheme)
		}
	}
	// RFC 4231, test case 2.
	s, _ := newSigner("hmac-sha256", "Jefe")
	if got := string(s.sign([]byte("what do ya want "), []byte("for nothing?"))); got != "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" {
		t.Errorf("the signature of RFC 4231 is %s", got)
	}
}

func TestRunRefuses(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := `"ip":"127.0.0.1","shell_port":1,"iopub_port":2,"stdin_port":3,"control_port":4,"hb_port":5`
	for _, c := range []struct{ file, want string }{
		{"", "no connection file was named"},
		{filepath.Join(dir, "none"), "cannot be read"},
		{write("empty", ""), "is not what Jupyter writes"},
		{write("ports", `{"shell_port":1}`), "want a port from 1 to 65535"},
		{write("transport", `{"transport":"pigeon",`+good+`}`), `transport "pigeon": only tcp and ipc`},
		{write("scheme", `{"key":"k","signature_scheme":"rot13",`+good+`}`), `signature scheme "rot13" is not known: want one of hmac-md5`},
		{write("address", `{"transport":"ipc","ip":"`+filepath.Join(dir, "no", "such")+`",`+good[len(`"ip":"127.0.0.1",`):]+`}`), "cannot listen on"},
	} {
		err := Run(t.Context(), Config{ConnectionFile: c.file, Evaluator: newFake()})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v: want %q", c.file, err, c.want)
		}
	}
	for mode, refused := range map[os.FileMode]bool{0o600: false, 0o400: false, 0o640: false, 0o660: true, 0o604: true, 0o602: true, 0o644: true} {
		file := write(mode.String(), `{"transport":"pigeon"}`)
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		err := Run(t.Context(), Config{ConnectionFile: file, Evaluator: newFake()})
		if got := strings.Contains(err.Error(), "chmod 600"); got != refused {
			t.Errorf("a connection file of mode %v: %v", mode, err)
		}
	}
	t.Setenv("JUPYTER_ALLOW_INSECURE_WRITES", "true")
	if err := Run(t.Context(), Config{ConnectionFile: write("mode", `{"transport":"pigeon"}`), Evaluator: newFake()}); !strings.Contains(err.Error(), "pigeon") {
		t.Errorf("where Jupyter does not care about permissions: %v", err)
	}
	if err := Run(t.Context(), Config{}); err == nil {
		t.Error("Run without an evaluator succeeds")
	}
}

func TestHistoryIsKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "deep", "history.jsonl")
	use := func(config *Config, _ *connection) { config.History = history.Open(file) }
	s := start(t, "ipc", use)
	c := s.dial("c")
	c.reply("shell", c.execute("value 1"))
	s.stop()
	s = start(t, "ipc", use)
	c = s.dial("c")
	c.reply("shell", c.execute("value 2"))
	id := c.send("shell", "history_request", `{"output":true,"raw":true,"hist_access_type":"tail","n":5}`)
	got, _ := json.Marshal(c.reply("shell", id).content["history"])
	if want := `[[1,1,["value 1","1"]],[2,1,["value 2","2"]]]`; string(got) != want {
		t.Errorf("history is %s: want %s", got, want)
	}
	id = c.send("shell", "history_request", `{"output":false,"raw":true,"hist_access_type":"range","session":-1,"start":1,"stop":2}`)
	got, _ = json.Marshal(c.reply("shell", id).content["history"])
	if want := `[[1,1,"value 1"]]`; string(got) != want {
		t.Errorf("the session before is %s: want %s", got, want)
	}
}
