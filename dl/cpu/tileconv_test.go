package cpu

import (
	"fmt"
	"testing"

	"github.com/fluxion-go/fluxion/dl/backend"
)

func TestTileConv(t *testing.T) {
	one := [2]int{1, 1}
	cases := append(convCases(),
		convCase{[]int{5, 33, 9, 7}, []int{34, 33, 3, 3}, backend.ConvAttrs{Stride: one, Dilation: one, Groups: 1, Pad: [4]int{1, 1, 1, 1}}},
		convCase{[]int{4, 3, 35, 37}, []int{40, 3, 3, 5}, backend.ConvAttrs{Stride: one, Dilation: one, Groups: 1, Pad: [4]int{1, 1, 2, 2}}},
		convCase{[]int{1, 64, 60, 50}, []int{3, 64, 3, 3}, backend.ConvAttrs{Stride: one, Dilation: one, Groups: 1, Pad: [4]int{1, 1, 1, 1}}},
		convCase{[]int{4, 20, 30, 31}, []int{4, 20, 3, 3}, backend.ConvAttrs{Stride: [2]int{2, 2}, Dilation: [2]int{2, 1}, Groups: 1, Pad: [4]int{2, 1, 1, 1}}},
	)
	for i, c := range cases {
		terms := max(c.w[1]*c.w[2]*c.w[3], c.w[0]*c.w[2]*c.w[3], c.result()[0]*c.result()[2]*c.result()[3])
		t.Run(fmt.Sprint(c), func(t *testing.T) { c.maker(uint64(i)).checkTiles(t, terms) })
	}
}
