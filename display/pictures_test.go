package display

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"regexp"
	"strings"
	"testing"

	"github.com/fluxion-go/fluxion/cell"
)

// dataPicture decodes a data: URL.
func dataPicture(t *testing.T, url string) image.Image {
	t.Helper()
	data, ok := strings.CutPrefix(url, "data:image/png;base64,")
	if !ok {
		t.Fatalf("not a PNG: %.40s", url)
	}
	raw, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

var imgTag = regexp.MustCompile(`<img src="([^"]*)" width="(\d+)" height="(\d+)" alt="([^"]*)"`)

func TestImagesOfTensors(t *testing.T) {
	// Two pictures of 1×2 pixels: red, green; blue, white.
	pixels := [][3]float64{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 1, 1}}
	var nchw, nhwc []float64
	for n := range 2 {
		for c := range 3 {
			nchw = append(nchw, pixels[2*n][c], pixels[2*n+1][c])
		}
		for _, p := range pixels[2*n : 2*n+2] {
			nhwc = append(nhwc, p[:]...)
		}
	}
	scale := func(v []float64, a, b float64) []float64 {
		out := make([]float64, len(v))
		for i := range v {
			out[i] = a*v[i] + b
		}
		return out
	}
	for _, c := range []struct {
		name string
		imgs numbers
	}{
		{"channels first", numbers{[]int{2, 3, 1, 2}, nchw}},
		{"channels last", numbers{[]int{2, 1, 2, 3}, nhwc}},
		{"bytes", numbers{[]int{2, 3, 1, 2}, scale(nchw, 255, 0)}},
		{"standardised", numbers{[]int{2, 3, 1, 2}, scale(nchw, 3, -1)}},
	} {
		html := string(one(t, func() { Images(c.imgs) }).Data[cell.HTML])
		tags := imgTag.FindAllStringSubmatch(html, -1)
		if len(tags) != 2 {
			t.Fatalf("%s: %d pictures in %s", c.name, len(tags), html)
		}
		for n, tag := range tags {
			img := dataPicture(t, tag[1])
			for x := range 2 {
				p := pixels[2*n+x]
				want := color.RGBA{uint8(255 * p[0]), uint8(255 * p[1]), uint8(255 * p[2]), 255}
				if got := img.At(x, 0); !near(got, want, 0) {
					t.Errorf("%s: picture %d, pixel %d is %v, want %v", c.name, n, x, got, want)
				}
			}
		}
	}
}

func TestImageGrid(t *testing.T) {
	imgs := []image.Image{image.NewGray(image.Rect(0, 0, 32, 32)), image.NewGray(image.Rect(0, 0, 32, 32)), image.NewGray(image.Rect(0, 0, 1000, 500))}
	b := one(t, func() { Images(imgs, Labels("a <b>", "c"), Columns(2), Title("T&T")) })
	html := string(b.Data[cell.HTML])
	for _, want := range []string{"repeat(2,", "a &lt;b&gt;</figcaption>", "T&amp;T", "image-rendering:pixelated"} {
		if !strings.Contains(html, want) {
			t.Errorf("%s is missing", want)
		}
	}
	var got []string
	for _, tag := range imgTag.FindAllStringSubmatch(html, -1) {
		got = append(got, fmt.Sprintf("%sx%s %s", tag[2], tag[3], tag[4]))
	}
	if s := strings.Join(got, ", "); s != "96x96 a &lt;b&gt;, 96x96 c, 192x96 picture 2" {
		t.Errorf("pictures are %s", s)
	}
	if want := "T&T\n3 pictures of 32×32: a <b>, c"; b.String() != want {
		t.Errorf("text is %q, want %q", b, want)
	}
	many := one(t, func() { Images(numbers{[]int{500, 1, 1}, indices(500)}) })
	if n := strings.Count(string(many.Data[cell.HTML]), "<img"); n != maxPictures || !strings.Contains(many.String(), "the first 200 of 500") {
		t.Errorf("of 500 pictures %d are shown: %s", n, many)
	}
}

func TestFilters(t *testing.T) {
	// One filter of three inputs, 1×1: red is most, green least, blue zero.
	b := one(t, func() { Filters(numbers{[]int{1, 3, 1, 1}, []float64{2, -2, 0}}) })
	tag := imgTag.FindStringSubmatch(string(b.Data[cell.HTML]))
	if got := dataPicture(t, tag[1]).At(0, 0); !near(got, color.RGBA{255, 0, 128, 255}, 0) {
		t.Errorf("the filter is %v", got)
	}
	// Two outputs of two inputs: four pictures, two in a row.
	b = one(t, func() { Filters(numbers{[]int{2, 2, 1, 1}, []float64{1, -1, 0, .5}}) })
	html := string(b.Data[cell.HTML])
	tags := imgTag.FindAllStringSubmatch(html, -1)
	if len(tags) != 4 || !strings.Contains(html, "repeat(2,") {
		t.Fatalf("got %s", html)
	}
	for i, want := range []color.RGBA{diverging[6], diverging[0], diverging[3]} {
		if got := dataPicture(t, tags[i][1]).At(0, 0); !near(got, want, 0) {
			t.Errorf("filter %d is %v, want %v", i, got, want)
		}
	}
}
