package graph

// NodeOf returns the node of a *dl.Tensor. Package dl sets it, for packages
// below dl that read graphs, such as dl/onnx.
var NodeOf func(tensor any) *Node

// ResultIndex returns which result of its operand n picks, −1 where n picks
// none.
func (n *Node) ResultIndex() int {
	if at, ok := n.Attrs.(resultAttrs); ok {
		return at.Index
	}
	return -1
}
