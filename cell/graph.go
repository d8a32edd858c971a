package cell

import "time"

// A Graph is a computational graph as a picture shows it: what is computed
// from what, the value of every node, and a word on every edge. A value that
// can be shown as one has a method Graph() Graph.
type Graph struct {
	Nodes []GraphNode // every node stands behind those it is computed from
	Edges []GraphEdge
}

// A GraphNode is one value of a computation.
type GraphNode struct {
	Label string   // its name and how it is made: "c = a + b"
	Value string   // "3", or "(2, 3) float32" where it is too large to show; "" where unknown
	Note  string   // one more line, such as "∂e/∂b = 5"; may be empty
	Kind  NodeKind // what it is, so that a picture can tell kinds apart

	// Group names the part of a larger whole that the node belongs to, such as
	// a layer of a model; "" where it belongs to none. A picture of a large
	// graph shows the groups, which open.
	Group string

	Time  time.Duration // what computing it took; 0 where that was not measured
	Bytes int64         // the memory of its value; 0 where that is not known
}

// A NodeKind says what a node of a graph is.
type NodeKind string

// The kinds of node.
const (
	InputNode     NodeKind = "input"     // fed from outside
	VariableNode  NodeKind = "variable"  // a parameter
	ConstantNode  NodeKind = "constant"  // a number written in the program
	OperationNode NodeKind = "operation" // computed from other nodes
	ResultNode    NodeKind = "result"    // what the graph is drawn for
)

// A GraphEdge says that the node To is computed from the node From, both
// indexes into Graph.Nodes.
type GraphEdge struct {
	From, To int
	Label    string // the partial derivative ∂To/∂From, or ""
}
