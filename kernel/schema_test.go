package kernel

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// A shape says what a JSON value must be: "string", "number", "bool",
// "object", "array", "strings", "bundle" or, after =, literal strings. A key
// that ends in ? may be missing. The shapes follow "Messaging in Jupyter" 5.5,
// https://jupyter-client.readthedocs.io/en/stable/messaging.html.
type shape map[string]string

var failed = shape{"status": "=error", "ename": "string", "evalue": "string", "traceback": "strings"}

var contents = map[string]shape{
	"status":              {"execution_state": "=busy|idle|starting"},
	"iopub_welcome":       {"subscription": "string"},
	"stream":              {"name": "=stdout|stderr", "text": "string"},
	"display_data":        {"data": "bundle", "metadata": "object", "transient": "object"},
	"update_display_data": {"data": "bundle", "metadata": "object", "transient": "object"},
	"execute_input":       {"code": "string", "execution_count": "number"},
	"execute_result":      {"execution_count": "number", "data": "bundle", "metadata": "object"},
	"error":               {"ename": "string", "evalue": "string", "traceback": "strings"},
	"clear_output":        {"wait": "bool"},
	"comm_open":           {"comm_id": "string", "target_name": "string", "data": "object"},
	"comm_msg":            {"comm_id": "string", "data": "object"},
	"comm_close":          {"comm_id": "string", "data": "object"},
	"execute_reply":       {"status": "=ok", "execution_count": "number", "payload": "array", "user_expressions": "object"},
	"complete_reply":      {"status": "=ok", "matches": "strings", "cursor_start": "number", "cursor_end": "number", "metadata": "object"},
	"inspect_reply":       {"status": "=ok", "found": "bool", "data": "bundle", "metadata": "object"},
	"is_complete_reply":   {"status": "=complete|incomplete|invalid|unknown", "indent?": "string"},
	"history_reply":       {"status": "=ok", "history": "array"},
	"comm_info_reply":     {"status": "=ok", "comms": "object"},
	"kernel_info_reply": {"status": "=ok", "protocol_version": "string", "implementation": "string", "implementation_version": "string",
		"language_info": "object", "banner": "string", "debugger": "bool", "help_links": "array", "supported_features": "strings"},
	"connect_reply":   {"status": "=ok", "shell_port": "number", "iopub_port": "number", "stdin_port": "number", "hb_port": "number", "control_port": "number"},
	"interrupt_reply": {"status": "=ok"},
	"shutdown_reply":  {"status": "=ok", "restart": "bool"},
	"input_request":   {"prompt": "string", "password": "bool"},

	"create_subshell_reply": {"status": "=ok", "subshell_id": "string"},
	"delete_subshell_reply": {"status": "=ok"},
	"list_subshell_reply":   {"status": "=ok", "subshell_id": "strings"},

	// Of ipykernel: it is not in the specification.
	"usage_reply": {"status": "=ok", "hostname": "string", "pid": "number", "kernel_cpu": "number", "kernel_memory": "number", "cpu_count": "number",
		"host_cpu_percent?": "number", "host_virtual_memory?": "object"},
}

// validate checks a message that the kernel sent. All tests read through it.
func validate(m *message) error {
	var h map[string]any
	if err := json.Unmarshal(m.rawHeader, &h); err != nil {
		return fmt.Errorf("header: %w", err)
	}
	if err := (shape{"msg_id": "string", "session": "string", "username": "string", "date": "string", "msg_type": "string", "version": "=5.5"}).check(h, nil); err != nil {
		return fmt.Errorf("header: %w", err)
	}
	if _, err := time.Parse(time.RFC3339Nano, m.header.Date); err != nil {
		return fmt.Errorf("header: %w", err)
	}
	if m.content == nil {
		return fmt.Errorf("%s: content is no object", m.header.Type)
	}
	want, known := contents[m.header.Type]
	var extra shape
	switch {
	case strings.HasSuffix(m.header.Type, "_reply") && m.content["status"] == "error":
		want = failed
		extra = shape{"execution_count": "number", "payload": "array", "user_expressions": "object"}
	case m.header.Type == "execute_reply" && m.content["status"] == "aborted":
		want = shape{"status": "=aborted"}
	case !known:
		return fmt.Errorf("%s is no message of the protocol", m.header.Type)
	}
	if err := want.check(m.content, extra); err != nil {
		return fmt.Errorf("%s: %w", m.header.Type, err)
	}
	return nil
}

func (s shape) check(v map[string]any, optional shape) error {
	left := maps.Clone(v)
	for key, want := range s {
		key, may := strings.CutSuffix(key, "?")
		got, there := left[key]
		if !there && !may {
			return fmt.Errorf("%s is missing", key)
		}
		if there && !fits(got, want) {
			return fmt.Errorf("%s is %v: want %s", key, got, want)
		}
		delete(left, key)
	}
	for key := range left {
		if want, may := optional[key]; !may || !fits(left[key], want) {
			return fmt.Errorf("%s: %v is unexpected", key, left[key])
		}
	}
	return nil
}

func fits(v any, want string) bool {
	if literals, ok := strings.CutPrefix(want, "="); ok {
		s, ok := v.(string)
		return ok && slices.Contains(strings.Split(literals, "|"), s)
	}
	switch v := v.(type) {
	case string:
		return want == "string"
	case float64:
		return want == "number"
	case bool:
		return want == "bool"
	case map[string]any:
		if want != "bundle" {
			return want == "object"
		}
		for mime := range v {
			if strings.Count(mime, "/") != 1 {
				return false
			}
		}
		return true
	case []any:
		if want != "strings" {
			return want == "array"
		}
		for _, e := range v {
			if _, ok := e.(string); !ok {
				return false
			}
		}
		return true
	}
	return false
}

func TestValidateRefuses(t *testing.T) {
	for _, c := range []struct{ msgType, content string }{
		{"status", `{"execution_state":"sleepy"}`},
		{"status", `{}`},
		{"stream", `{"name":"stdout","text":1}`},
		{"stream", `{"name":"stdout","text":"","more":1}`},
		{"display_data", `{"data":{"plain":""},"metadata":{},"transient":{}}`},
		{"complete_reply", `{"status":"error","ename":"","evalue":""}`},
		{"execute_reply", `{"status":"aborted","extra":1}`},
		{"nonsense", `{}`},
	} {
		m := &message{header: header{Type: c.msgType, Date: timestamp(time.Now())}}
		m.rawHeader = []byte(`{"msg_id":"","session":"","username":"","date":"","msg_type":"","version":"5.5"}`)
		json.Unmarshal([]byte(c.content), &m.content)
		if validate(m) == nil {
			t.Errorf("%s %s passes", c.msgType, c.content)
		}
	}
}
