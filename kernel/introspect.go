package kernel

import "github.com/fluxion-go/fluxion/cell"

// A cursor is what complete and inspect requests ask about.
type cursor struct {
	Code   string `json:"code"`
	Pos    *int   `json:"cursor_pos"` // in code points; the end where missing
	Detail int    `json:"detail_level"`
}

func (c cursor) offset() int {
	if c.Pos == nil {
		return len(c.Code)
	}
	return byteOffset(c.Code, *c.Pos)
}

// complete answers complete_request.
func (k *kernel) complete(r *request) any {
	var at cursor
	if bad := arguments(r, &at); bad != nil {
		return bad
	}
	c := k.Evaluator.Complete(at.Code, at.offset())
	start, end := codePoints(at.Code, c.Start), codePoints(at.Code, c.End)
	matches := make([]string, len(c.Items))
	types := make([]fields, len(c.Items))
	for i, item := range c.Items {
		matches[i] = item.Text
		types[i] = fields{"start": start, "end": end, "text": item.Text, "type": item.Kind, "signature": item.Signature}
	}
	return fields{
		"status":       "ok",
		"matches":      matches,
		"cursor_start": start,
		"cursor_end":   end,
		"metadata":     fields{"_jupyter_types_experimental": types},
	}
}

// inspect answers inspect_request.
func (k *kernel) inspect(r *request) any {
	var at cursor
	if bad := arguments(r, &at); bad != nil {
		return bad
	}
	b, found := k.Evaluator.Inspect(at.Code, at.offset(), at.Detail)
	if !found {
		b = cell.Bundle{}
	}
	content := bundle(b)
	content["status"] = "ok"
	content["found"] = found
	return content
}

// isComplete answers is_complete_request: whether a console should run a text
// or wait for another line.
func (k *kernel) isComplete(r *request) any {
	var args struct {
		Code string `json:"code"`
	}
	if bad := arguments(r, &args); bad != nil {
		return bad
	}
	c := k.Evaluator.IsComplete(args.Code)
	content := fields{"status": c.Status}
	if c.Status == cell.Incomplete {
		content["indent"] = c.Indent
	}
	return content
}
