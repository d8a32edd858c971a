package kernel

// info answers kernel_info_request.
func (k *kernel) info(*request) any {
	links := k.Info.HelpLinks
	if links == nil {
		links = []HelpLink{}
	}
	return fields{
		"status":                 "ok",
		"protocol_version":       protocolVersion,
		"implementation":         k.Info.Implementation,
		"implementation_version": k.Info.Version,
		"language_info": fields{
			"name":               "go",
			"version":            k.Info.LanguageVersion,
			"mimetype":           "text/x-go",
			"file_extension":     ".go",
			"pygments_lexer":     "go",
			"codemirror_mode":    "text/x-go",
			"nbconvert_exporter": "",
		},
		"banner":             k.Info.Banner,
		"debugger":           false,
		"help_links":         links,
		"supported_features": []string{"kernel subshells"}, // the other that has a name is "debugger"
	}
}

// connect answers connect_request, which is deprecated but costs nothing.
func (k *kernel) connect(*request) any {
	return fields{
		"status":       "ok",
		"shell_port":   k.conn.ShellPort,
		"iopub_port":   k.conn.IOPubPort,
		"stdin_port":   k.conn.StdinPort,
		"hb_port":      k.conn.HeartbeatPort,
		"control_port": k.conn.ControlPort,
	}
}

// interruptRequest cancels what runs on the subshell that the request's header
// names, or on the main shell.
func (k *kernel) interruptRequest(r *request) any {
	k.interrupt(r.header.Subshell)
	return fields{"status": "ok"}
}

// shutdown ends the kernel, once the reply is sent and everybody was told.
// Whether a new one is started is the front end's business.
func (k *kernel) shutdown(r *request) any {
	var args struct {
		Restart bool `json:"restart"`
	}
	if bad := arguments(r, &args); bad != nil {
		return bad
	}
	content := fields{"status": "ok", "restart": args.Restart}
	k.pub.publish("shutdown_reply", r.parent, content)
	r.last = true
	return content
}
