package float16_test

import (
	"math"
	"testing"

	"github.com/fluxion-go/fluxion/dl/internal/float16"
)

// The values are those of the standard.
func TestFloat32(t *testing.T) {
	for h, want := range map[uint16]float32{
		0x0000: 0, 0x3c00: 1, 0xc000: -2, 0x7bff: 65504, 0x0400: 1.0 / (1 << 14), 0x0001: 1.0 / (1 << 24), 0x03ff: 1023.0 / (1 << 24),
		0x3555: 0.333251953125, 0x7c00: float32(math.Inf(1)), 0xfc00: float32(math.Inf(-1)),
	} {
		if got := float16.Float32(h); got != want {
			t.Errorf("%#04x is %v, want %v", h, got, want)
		}
	}
	if v := float16.Float32(0x7e00); v == v {
		t.Errorf("0x7e00 is %v, want no number", v)
	}
	if v := float16.Float32(0x8000); !math.Signbit(float64(v)) {
		t.Error("−0 lost its sign")
	}
}
