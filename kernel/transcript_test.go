package kernel

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the transcripts in testdata from what the kernel says")

// The transcripts in testdata are conversations. A line "> CHANNEL TYPE
// CONTENT" is a request; what the kernel says to it until it is idle follows,
// first on iopub, then the questions on stdin, then the reply, one message a
// line, each indented. Text that came in several messages stands as one, since
// how it is cut depends on the clock. Questions are answered with "answer to
// PROMPT". Lines that begin with # are comments. Each file is one session.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.transcript")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no transcripts")
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			c := start(t, "ipc").dial("front end")
			var got bytes.Buffer
			for line := range strings.Lines(string(data)) {
				if request, ok := strings.CutPrefix(line, "> "); ok {
					got.WriteString(line)
					c.converse(&got, strings.TrimSpace(request))
				} else if !strings.HasPrefix(line, "    ") {
					got.WriteString(line)
				}
			}
			if *update {
				if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			compare(t, got.String(), string(data))
		})
	}
}

// converse sends one request and writes down the answers.
func (c *client) converse(w *bytes.Buffer, line string) {
	c.t.Helper()
	channel, rest, _ := strings.Cut(line, " ")
	msgType, content, _ := strings.Cut(rest, " ")
	if !json.Valid([]byte(content)) {
		c.t.Fatalf("bad transcript line: %s", line)
	}
	id := c.send(channel, msgType, content)
	write := func(channel string, m *message) {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		e.Encode(m.content)
		fmt.Fprintf(w, "    %s %s %s", channel, m.header.Type, b.String())
	}
	var said, asked []*message
	for idle := false; !idle; {
		select {
		case m := <-c.in["iopub"]:
			if m.parent.ID != id {
				break
			}
			idle = m.content["execution_state"] == "idle"
			if n := len(said); n > 0 && m.header.Type == "stream" && said[n-1].content["name"] == m.content["name"] {
				said[n-1].content["text"] = fmt.Sprint(said[n-1].content["text"], m.content["text"])
				break
			}
			said = append(said, m)
		case m := <-c.in["stdin"]:
			asked = append(asked, m)
			answer, _ := json.Marshal(map[string]any{"value": fmt.Sprint("answer to ", m.content["prompt"])})
			c.send("stdin", "input_reply", string(answer))
		case <-time.After(patience):
			c.t.Fatalf("no idle after: %s", line)
		}
	}
	for _, m := range said {
		write("iopub", m)
	}
	for _, m := range asked {
		write("stdin", m)
	}
	if strings.HasSuffix(msgType, "_request") {
		write(channel, c.reply(channel, id))
	}
}

func compare(t *testing.T, got, want string) {
	t.Helper()
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		var a, b string
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			t.Fatalf("line %d:\n got %s\nwant %s", i+1, a, b)
		}
	}
}
