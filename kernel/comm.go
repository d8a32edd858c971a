package kernel

// Comms are conversations between a widget in the page and its other half in
// the kernel. No cell can offer a half yet, so none is ever open.

// commInfo answers comm_info_request with the open comms.
func (k *kernel) commInfo(*request) any { return fields{"status": "ok", "comms": fields{}} }

// commOpen refuses a comm by closing it at once, as the protocol wants for
// targets that the kernel does not have.
func (k *kernel) commOpen(r *request) any {
	var args struct {
		CommID string `json:"comm_id"`
	}
	if bad := arguments(r, &args); bad != nil || args.CommID == "" {
		k.log.Debug("ignored a comm_open without a comm_id")
		return nil
	}
	k.pub.publish("comm_close", r.parent, fields{"comm_id": args.CommID, "data": fields{}})
	return nil
}

// commIgnored takes messages for comms that are closed already.
func (k *kernel) commIgnored(*request) any { return nil }
