package kernel

import (
	"bytes"
	"encoding/json"
	"sync"

	"github.com/fluxion-go/fluxion/cell"
)

// Comms are conversations between something in the page, such as a slider, and
// its other half in the code of cells. The kernel passes their messages on and
// keeps a list of those that are open.
type comms struct {
	mu   sync.Mutex
	open map[string]string // id → target
}

// note keeps the list.
func (c *comms) note(m cell.CommMessage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch m.Kind {
	case cell.CommOpen:
		c.open[m.ID] = m.Target
	case cell.CommClose:
		delete(c.open, m.ID)
	}
}

// commInfo answers comm_info_request with the open comms, those of one target
// if it is named.
func (k *kernel) commInfo(r *request) any {
	var args struct {
		Target string `json:"target_name"`
	}
	if bad := arguments(r, &args); bad != nil {
		return bad
	}
	k.comms.mu.Lock()
	defer k.comms.mu.Unlock()
	open := fields{}
	for id, target := range k.comms.open {
		if args.Target == "" || args.Target == target {
			open[id] = fields{"target_name": target}
		}
	}
	return fields{"status": "ok", "comms": open}
}

// commMessage passes a comm_open, comm_msg or comm_close of a front end on. A
// comm that nobody takes is closed at once, as the protocol wants.
func (k *kernel) commMessage(r *request) any {
	var args struct {
		ID     string          `json:"comm_id"`
		Target string          `json:"target_name"`
		Data   json.RawMessage `json:"data"`
	}
	if bad := arguments(r, &args); bad != nil || args.ID == "" || len(args.Data) > 0 && !isObject(args.Data) {
		k.log.Debug("ignored a comm message that is not as the protocol says", "type", r.header.Type)
		return nil
	}
	m := cell.CommMessage{Kind: cell.CommKind(r.header.Type), ID: args.ID, Target: args.Target, Data: args.Data, Metadata: r.said, Buffers: r.buffers}
	known := false
	if e, ok := k.Evaluator.(cell.CommEvaluator); ok {
		ctx, done := r.lane.begin(r)
		out := &output{k: k, ctx: ctx, ids: r.ids, parent: r.parent}
		k.comms.note(m)
		known = e.Comm(ctx, m, out)
		out.end()
		done()
	}
	if !known && m.Kind != cell.CommClose {
		m = cell.CommMessage{Kind: cell.CommClose, ID: m.ID}
		k.comms.note(m)
		k.pub.publish("comm_close", r.parent, commContent(m))
	}
	return nil
}

// Comm implements cell.CommOutput.
func (o *output) Comm(m cell.CommMessage) {
	o.k.comms.note(m)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flush(true)
	o.k.pub.room(o.ctx)
	var metadata any
	if isObject(m.Metadata) {
		metadata = m.Metadata
	}
	o.k.pub.publishWith(string(m.Kind), o.parent, metadata, commContent(m), m.Buffers)
}

func isObject(text json.RawMessage) bool {
	return json.Valid(text) && bytes.HasPrefix(bytes.TrimSpace(text), []byte("{"))
}

func commContent(m cell.CommMessage) fields {
	content := fields{"comm_id": m.ID, "data": fields{}}
	if isObject(m.Data) {
		content["data"] = m.Data
	}
	if m.Kind == cell.CommOpen {
		content["target_name"] = m.Target
	}
	return content
}
