package cell

// A Variable is something that a session has declared, as a table of these
// shows it.
type Variable struct {
	Name  string
	Kind  string // as of a CompletionItem
	Type  string // as Go writes it
	Value any    // nil for what has none, such as a type
}
