package dl

import "github.com/fluxion-go/fluxion/dl/internal/graph"

func init() { graph.NodeOf = func(t any) *graph.Node { return t.(*Tensor).check("node").n } }
