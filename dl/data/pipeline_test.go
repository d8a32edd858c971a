package data_test

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/data"
)

// numbered returns n pictures of 2×h×w whose pixels tell them apart.
func numbered(n, h, w int) *data.Images {
	m := &data.Images{Channels: 2, Height: h, Width: w, Classes: []string{"even", "odd"}}
	for i := range n {
		m.Labels = append(m.Labels, i%2)
		for k := range 2 * h * w {
			m.Pixels = append(m.Pixels, uint8(1+(i*37+k)%255))
		}
	}
	return m
}

// content returns all that an epoch gives.
func content(p *data.Pipeline, epoch int) (pixels []float32, labels []int, sizes []int) {
	for x, y := range p.Epoch(epoch) {
		pixels, labels, sizes = append(pixels, x.Float32s()...), append(labels, y.Ints()...), append(sizes, x.Shape()[0])
	}
	return pixels, labels, sizes
}

func TestPipelineWithoutChange(t *testing.T) {
	m := numbered(10, 3, 4)
	p := m.Pipeline(data.PipelineOptions{Batch: 4, KeepOrder: true, Workers: 3})
	pixels, labels, sizes := content(p, 1)
	if fmt.Sprint(sizes) != "[4 4 2]" || p.Steps() != 3 {
		t.Errorf("batches of %v, %d steps", sizes, p.Steps())
	}
	for i, want := range m.X().Float32s() {
		if math.Abs(float64(pixels[i]-want)) > 1e-7 {
			t.Fatalf("pixel %d is %v, want %v", i, pixels[i], want)
		}
	}
	if !slices.Equal(labels, m.Labels) {
		t.Errorf("labels %v, want %v", labels, m.Labels)
	}
}

// TestPipelineWorkers holds that the content of an epoch does not depend on
// who makes it, is another in the next epoch, and has each picture once.
func TestPipelineWorkers(t *testing.T) {
	m := numbered(53, 5, 6)
	mean, deviation := m.Moments()
	o := data.PipelineOptions{Batch: 8, Seed: 3, Augment: []data.Augmentation{data.Flip(), data.Crop(2), data.Normalize(mean, deviation), data.Cutout(3)}}
	var first []float32
	for _, workers := range []int{1, 2, 5, 99} {
		o.Workers, o.Ahead = workers, workers
		pixels, labels, _ := content(m.Pipeline(o), 2)
		if first == nil {
			first = pixels
		}
		if !slices.Equal(pixels, first) {
			t.Errorf("%d workers give other pixels than 1", workers)
		}
		if slices.Sort(labels); !slices.Equal(labels, append(make([]int, 27), slices.Repeat([]int{1}, 26)...)) {
			t.Errorf("%d workers: labels %v", workers, labels)
		}
	}
	if other, _, _ := content(m.Pipeline(o), 3); slices.Equal(other, first) {
		t.Error("two epochs are the same")
	}
}

// TestAugmentations looks for a shift and a mirroring that explain each picture,
// but for pixels that are 0 for a hole.
func TestAugmentations(t *testing.T) {
	const h, w, n = 6, 5, 40
	m := numbered(n, h, w)
	pixel := func(i, c, y, x int) float64 {
		if y < 0 || y >= h || x < 0 || x >= w {
			return 0
		}
		return float64(m.Pixels[((i*2+c)*h+y)*w+x]) / 255
	}
	// missing returns how many pixels of a channel are 0 that should not be, or
	// −1 where others are wrong.
	missing := func(x []float32, i, dy, dx int, mirrored bool) int {
		count := 0
		for c := range 2 {
			for r := range h {
				for q := range w {
					col := q + dx
					if mirrored {
						col = w - 1 - col
					}
					got, want := float64(x[((i*2+c)*h+r)*w+q]), pixel(i, c, r+dy, col)
					switch {
					case math.Abs(got-want) < 1e-6:
					case got == 0:
						count++
					default:
						return -1
					}
				}
			}
		}
		return count / 2
	}
	for _, c := range []struct {
		augment   data.Augmentation
		shift     int // at most
		hole      int // pixels at most
		mirroring bool
	}{
		{data.Flip(), 0, 0, true},
		{data.Crop(2), 2, 0, false},
		{data.Cutout(3), 0, 9, false},
	} {
		x, _, _ := content(m.Pipeline(data.PipelineOptions{Batch: n, KeepOrder: true, Augment: []data.Augmentation{c.augment}}), 1)
		changed, mirrors, shifts := 0, 0, map[[2]int]bool{}
		for i := range n {
			explained := false
			for dy := -2; dy <= 2; dy++ {
				for dx := -2; dx <= 2; dx++ {
					for _, mirrored := range []bool{false, true} {
						gone := missing(x, i, dy, dx, mirrored)
						if gone < 0 || gone > c.hole {
							continue
						}
						explained = true
						shifts[[2]int{dy, dx}] = true
						if mirrored {
							mirrors++
						}
						if gone > 0 || dy != 0 || dx != 0 || mirrored {
							changed++
						}
						if max(dy, -dy, dx, -dx) > c.shift || mirrored && !c.mirroring {
							t.Errorf("%s: picture %d is shifted by %d, %d, mirrored %v", c.augment, i, dy, dx, mirrored)
						}
					}
				}
			}
			if !explained {
				t.Errorf("%s: picture %d is none of what it could be", c.augment, i)
			}
		}
		if changed < n/4 || c.mirroring && (mirrors < n/4 || mirrors > 3*n/4) || c.shift > 0 && len(shifts) < 10 {
			t.Errorf("%s: %d of %d pictures changed, %d mirrored, %d different shifts", c.augment, changed, n, mirrors, len(shifts))
		}
	}
}

func TestNormalize(t *testing.T) {
	m := numbered(30, 4, 4)
	mean, deviation := m.Moments()
	for x := range m.Pipeline(data.PipelineOptions{Batch: 30, Augment: []data.Augmentation{data.Normalize(mean, deviation)}}).Epoch(1) {
		for c := range 2 {
			channel := x.Slice(dl.All, c)
			if mu, sd := channel.Mean().Item(), channel.Std().Item(); math.Abs(mu) > 1e-5 || math.Abs(sd-1) > 1e-5 {
				t.Errorf("channel %d has mean %g and deviation %g, want 0 and 1", c, mu, sd)
			}
		}
	}
}

// TestPipelineStops holds that leaving an epoch early ends its goroutines.
func TestPipelineStops(t *testing.T) {
	m := numbered(100, 4, 4)
	before := runtime.NumGoroutine()
	for range 20 {
		for range m.Pipeline(data.PipelineOptions{Batch: 2, Workers: 4}).Epoch(1) {
			break
		}
	}
	// A goroutine that has done its work may still be on its way out, for long on a
	// busy machine.
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if runtime.NumGoroutine() <= before {
			return
		}
	}
	t.Errorf("%d goroutines before, %d after", before, runtime.NumGoroutine())
}

func TestPipelineErrors(t *testing.T) {
	m := numbered(3, 4, 4)
	for _, c := range []struct {
		o    data.PipelineOptions
		want string
	}{
		{data.PipelineOptions{Batch: -1}, "none may be negative"},
		{data.PipelineOptions{Augment: []data.Augmentation{data.Crop(-1)}}, "want 0 or more"},
		{data.PipelineOptions{Augment: []data.Augmentation{data.Cutout(0)}}, "want 1 or more"},
		{data.PipelineOptions{Augment: []data.Augmentation{data.Normalize([]float64{0}, []float64{1})}}, "1 means and 1 deviations for 2 channels"},
		{data.PipelineOptions{Augment: []data.Augmentation{data.Normalize([]float64{0, 0}, []float64{1, 0})}}, "want a number above 0"},
	} {
		func() {
			defer func() {
				if err, ok := recover().(error); !ok || !strings.Contains(err.Error(), c.want) {
					t.Errorf("%+v: %v, want %q", c.o, err, c.want)
				}
			}()
			m.Pipeline(c.o)
		}()
	}
}

func ExampleImages_Pipeline() {
	train, _ := data.CIFAR10Sample()
	mean, deviation := train.Moments()
	batches := train.Subset(0, 100).Pipeline(data.PipelineOptions{Batch: 40, Augment: []data.Augmentation{
		data.Flip(), data.Crop(4), data.Normalize(mean, deviation), data.Cutout(8)}})
	for x, y := range batches.Epoch(1) {
		fmt.Println(x.Shape(), y.Shape())
	}
	// Output:
	// [40 3 32 32] [40]
	// [40 3 32 32] [40]
	// [20 3 32 32] [20]
}
