// Package kernel speaks the Jupyter messaging protocol, version 5.5, for an
// evaluator that it knows only through package cell.
//
// # The channels
//
// A front end (JupyterLab, a console, nbclient) opens five ZeroMQ sockets that
// a connection file names:
//
//   - shell carries requests that wait for each other: execute, comm messages,
//     history. They go by lanes, one for the main shell and one for every
//     subshell (lane.go), which are served at the same time; what only looks at
//     the session (complete, inspect) does not wait for a cell.
//   - control carries requests that must not wait: interrupt, shutdown. They
//     are answered while a cell runs.
//   - iopub carries what everybody may see: output, results, errors, and
//     "busy" and "idle" around every request.
//   - stdin carries the kernel's questions to the person.
//   - heartbeat echoes what it gets.
//
// # Trust
//
// Every message is signed with the key of the connection file, so only who can
// read that file can run code. Anybody on the machine can open a connection,
// though. What such a client may send (nothing at all, garbage, half a frame,
// a length of 2^62 bytes) ends its own connection and nothing else: a guarded
// transport (guard.go, handshake.go) stands in front of zmq4 and hands it only
// connections that have shaken hands, and only whole frames of bounded size.
//
// A client that does not read is another's trouble in zmq4, where one slow
// reader stalls all. Here every connection has a bounded queue of its own
// (queue.go), and published messages are laid straight into the queues of
// their subscribers (publish.go).
package kernel
