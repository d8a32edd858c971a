package kernel

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
)

// A handler answers one kind of request. It returns the content of the reply,
// or nil where the protocol has no reply.
type handler struct {
	answer func(*kernel, *request) any
	on     channels
	looks  bool // it only looks at the session: it does not wait for a cell to end
}

// channels are where a request may come.
type channels int

const (
	either channels = iota
	onShell
	onControl
)

var handlers map[string]handler

func init() { // not above: what answers requests asks for their handlers
	handlers = map[string]handler{
		"execute_request":         {(*kernel).execute, onShell, false},
		"complete_request":        {(*kernel).complete, onShell, true},
		"inspect_request":         {(*kernel).inspect, onShell, true},
		"is_complete_request":     {(*kernel).isComplete, onShell, true},
		"history_request":         {(*kernel).recall, onShell, false},
		"comm_info_request":       {(*kernel).commInfo, either, true},
		"comm_open":               {(*kernel).commMessage, onShell, false},
		"comm_msg":                {(*kernel).commMessage, onShell, false},
		"comm_close":              {(*kernel).commMessage, onShell, false},
		"kernel_info_request":     {(*kernel).info, either, true},
		"connect_request":         {(*kernel).connect, either, true},
		"interrupt_request":       {(*kernel).interruptRequest, either, false},
		"shutdown_request":        {(*kernel).shutdown, either, false},
		"usage_request":           {(*kernel).usage, onControl, false},
		"create_subshell_request": {(*kernel).createSubshell, onControl, false},
		"delete_subshell_request": {(*kernel).deleteSubshell, onControl, false},
		"list_subshell_request":   {(*kernel).listSubshells, onControl, false},
	}
}

// serve answers one request, between "busy" and "idle".
func (k *kernel) serve(r *request) {
	k.pub.status(r.parent, "busy")
	if content := k.answer(r); content != nil {
		k.reply(r, content)
	}
	k.pub.status(r.parent, "idle")
	k.stillBusy(r)
	if r.last {
		k.stop()
	}
}

// answer finds the handler of a request. A fault of ours becomes an error
// reply: whatever is asked, the kernel lives.
func (k *kernel) answer(r *request) (content any) {
	defer func() {
		if p := recover(); p != nil {
			k.log.Error("answering a request failed", "type", r.header.Type, "panic", p, "stack", string(debug.Stack()))
			content = failure("internal", fmt.Sprintf("%s failed inside fluxion: %v", r.header.Type, p))
		}
	}()
	h, ok := handlers[r.header.Type]
	switch {
	case !ok && !strings.HasSuffix(r.header.Type, "_request"):
		k.log.Debug("ignored a message of unknown type", "type", r.header.Type)
		return nil
	case !ok:
		return failure("unknown request", fmt.Sprintf("this kernel does not know %q", r.header.Type))
	case h.on == onShell && r.channel != k.shell:
		return failure("wrong channel", fmt.Sprintf("%s belongs on the shell channel, not on %s", r.header.Type, r.channel.name))
	case h.on == onControl && r.channel != k.control:
		return failure("wrong channel", fmt.Sprintf("%s belongs on the control channel, not on %s", r.header.Type, r.channel.name))
	case r.channel == k.shell && r.lane == nil:
		return noSubshell(r.header.Subshell)
	}
	return h.answer(k, r)
}

// reply sends content to who sent r.
func (k *kernel) reply(r *request, content any) {
	msgType := strings.TrimSuffix(r.header.Type, "_request") + "_reply"
	err := r.channel.send(r.ids, r.channel.sender.header(msgType), r.parent, r.metadata, content)
	if err != nil {
		k.unsaid(err)
		r.channel.send(r.ids, r.channel.sender.header(msgType), r.parent, nil, failure("internal", err.Error()))
	}
}

// A fields is the content of a message.
type fields map[string]any

// failure is the content of a reply to a request that could not be answered.
func failure(ename, evalue string) fields {
	return fields{"status": "error", "ename": ename, "evalue": evalue, "traceback": []string{}}
}

// arguments reads the content of r into v, which holds the defaults. The
// failure is nil when that worked.
func arguments(r *request, v any) any {
	err := json.Unmarshal(r.content, v)
	if err == nil {
		return nil
	}
	reason := err.Error()
	var mismatch *json.UnmarshalTypeError
	if errors.As(err, &mismatch) {
		reason = fmt.Sprintf("it is of type %s: want an object", mismatch.Value)
		if mismatch.Field != "" {
			reason = fmt.Sprintf("%s is of type %s: want %s", mismatch.Field, mismatch.Value, mismatch.Type)
		}
	}
	return failure("malformed request", fmt.Sprintf("the content of %s is not as the protocol says: %s", r.header.Type, reason))
}
