package kernel

import (
	"bytes"
	"fmt"
	"testing"
)

// subshell makes one and returns a client's requests to it in turn: use runs f
// with requests going there.
func (c *client) newSubshell() string {
	c.t.Helper()
	m := c.reply("control", c.send("control", "create_subshell_request", "{}"))
	id, _ := m.content["subshell_id"].(string)
	if id == "" {
		c.t.Fatalf("create_subshell_reply is %v", m.content)
	}
	return id
}

// on returns the client with its requests going to a subshell.
func (c *client) on(subshell string, f func()) {
	c.subshell = subshell
	defer func() { c.subshell = "" }()
	f()
}

// While a cell runs on the main shell, everything is answered on a subshell, and
// another cell runs there.
func TestSubshellAnswersWhileACellRuns(t *testing.T) {
	c := start(t, "ipc").dial("c")
	sub := c.newSubshell()
	blocked := c.execute("block")
	c.wait(blocked, "display_data")
	c.on(sub, func() {
		for msgType, content := range map[string]string{
			"execute_request":     `{"code":"value 1"}`,
			"complete_request":    `{"code":"p"}`,
			"inspect_request":     `{"code":"x","cursor_pos":0}`,
			"is_complete_request": `{"code":"x"}`,
			"history_request":     `{}`,
			"kernel_info_request": `{}`,
			"comm_info_request":   `{}`,
		} {
			m := c.reply("shell", c.send("shell", msgType, content))
			if m.content["status"] != "ok" && m.content["status"] != "complete" || m.parent.Subshell != sub {
				t.Errorf("%s on a subshell ends with %v, parent %+v", msgType, m.content, m.parent)
			}
		}
		id := c.send("shell", "comm_open", `{"comm_id":"1","target_name":"test.echo","data":{}}`)
		c.wait(id, "comm_msg")
		c.until(id)
	})
	c.send("control", "interrupt_request", "{}")
	if m := c.reply("shell", blocked); m.content["ename"] != "interrupted" {
		t.Errorf("the main shell's cell ends with %v", m.content)
	}
}

// Interrupting one shell leaves the cells of others alone.
func TestInterruptNamesItsSubshell(t *testing.T) {
	c := start(t, "ipc").dial("c")
	a, b := c.newSubshell(), c.newSubshell()
	ids := map[string]string{}
	for _, sub := range []string{"", a, b} {
		c.on(sub, func() { ids[sub] = c.execute("block") })
		c.wait(ids[sub], "display_data")
	}
	for _, sub := range []string{b, "", a} { // a, the last that runs, is stopped without being named
		c.on(map[bool]string{true: sub}[sub != a], func() {
			c.reply("control", c.send("control", "interrupt_request", "{}"))
		})
		if m := c.reply("shell", ids[sub]); m.content["ename"] != "interrupted" {
			t.Errorf("the cell of subshell %q ends with %v", sub, m.content)
		}
		if len(c.in["shell"]) > 0 {
			t.Fatal("an interrupt stopped the cell of another shell")
		}
	}
}

// A failed cell aborts what waits on its own shell only.
func TestAbortStaysOnItsSubshell(t *testing.T) {
	c := start(t, "ipc").dial("c")
	sub := c.newSubshell()
	failing := c.execute("block")
	c.wait(failing, "display_data")
	behind := c.execute("value 1")
	var other string
	c.on(sub, func() { other = c.execute("block") })
	c.wait(other, "display_data")
	var after string
	c.on(sub, func() { after = c.execute("value 2") })
	c.reply("control", c.send("control", "interrupt_request", "{}"))
	c.reply("shell", failing)
	if m := c.reply("shell", behind); m.content["status"] != "aborted" {
		t.Errorf("the cell behind a failed one ends with %v", m.content)
	}
	if len(c.in["shell"]) > 0 {
		t.Error("a subshell heard of it")
	}
	c.on(sub, func() { c.reply("control", c.send("control", "interrupt_request", "{}")) })
	c.reply("shell", other)
	if m := c.reply("shell", after); m.content["status"] != "aborted" {
		t.Errorf("the cell behind a failed one of a subshell ends with %v", m.content)
	}
}

func TestDeletedSubshell(t *testing.T) {
	c := start(t, "ipc").dial("c")
	sub := c.newSubshell()
	list := func() string {
		m := c.reply("control", c.send("control", "list_subshell_request", "{}"))
		return fmt.Sprint(m.content["subshell_id"])
	}
	if got := list(); got != "["+sub+"]" {
		t.Errorf("the list is %s", got)
	}
	remove := fmt.Sprintf(`{"subshell_id":%q}`, sub)
	c.reply("control", c.send("control", "delete_subshell_request", remove))
	if got := list(); got != "[]" {
		t.Errorf("after it is deleted the list is %s", got)
	}
	if m := c.reply("control", c.send("control", "delete_subshell_request", remove)); m.content["status"] != "error" {
		t.Errorf("it can be deleted twice: %v", m.content)
	}
	c.on(sub, func() {
		if m := c.reply("shell", c.execute("value 1")); m.content["ename"] != "unknown subshell" {
			t.Errorf("a cell for it ends with %v", m.content)
		}
	})
	c.alive()
}

func TestTooManySubshells(t *testing.T) {
	c := start(t, "ipc").dial("c")
	for range maxSubshells {
		c.newSubshell()
	}
	if m := c.reply("control", c.send("control", "create_subshell_request", "{}")); m.content["status"] != "error" {
		t.Errorf("one more subshell: %v", m.content)
	}
	c.alive()
}

// Requests that only look at the session are answered on the main shell too
// while its cell runs, and the front end is told again that it runs.
func TestLooksDoNotWait(t *testing.T) {
	c := start(t, "ipc").dial("c")
	blocked := c.execute("block")
	c.wait(blocked, "display_data")
	for msgType, content := range map[string]string{
		"complete_request":    `{"code":"p"}`,
		"inspect_request":     `{"code":"x","cursor_pos":0}`,
		"is_complete_request": `{"code":"x"}`,
		"kernel_info_request": `{}`,
	} {
		id := c.send("shell", msgType, content)
		c.reply("shell", id)
		c.until(id)
		if m := c.next("iopub"); m.parent.ID != blocked || m.content["execution_state"] != "busy" {
			t.Errorf("after %s comes %s %v to %s: want that the cell is busy", msgType, m.header.Type, m.content, m.parent.ID)
		}
	}
	c.reply("control", c.send("control", "interrupt_request", "{}"))
	c.reply("shell", blocked)
	c.until(blocked)
	c.alive()
}

func TestCommBuffers(t *testing.T) {
	c := start(t, "ipc").dial("c")
	m := c.wait(c.execute("comm mine"), "comm_open")
	if len(m.buffers) != 2 || !bytes.Equal(m.buffers[0], []byte{0, 1, 255}) || len(m.buffers[1]) != 0 || m.metadata["version"] != "2.1.0" {
		t.Errorf("comm_open has buffers %v and metadata %v", m.buffers, m.metadata)
	}
	big := bytes.Repeat([]byte{0, 7}, 1<<20)
	id, f := c.frames("comm_msg", `{"comm_id":"mine","data":{}}`)
	c.raw("shell", append(f, big, []byte{})...)
	m = c.wait(id, "comm_msg")
	if len(m.buffers) != 2 || !bytes.Equal(m.buffers[0], big) || len(m.buffers[1]) != 0 {
		t.Errorf("the echo of two buffers has %d", len(m.buffers))
	}
}

func TestUsage(t *testing.T) {
	c := start(t, "ipc").dial("c")
	m := c.reply("control", c.send("control", "usage_request", "{}"))
	if m.content["pid"] != 1.0 || m.content["kernel_memory"].(float64) < 1<<40 {
		t.Errorf("usage_reply is %v: want the process of the cells, and the memory of both", m.content)
	}
	if m := c.reply("control", c.send("control", "usage_request", "{}")); m.content["kernel_cpu"] != 0.0 {
		t.Errorf("a process that did nothing used %v %% of a processor", m.content["kernel_cpu"])
	}
}
