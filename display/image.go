package display

import (
	"bytes"
	"fmt"
	"image"
	"image/png"

	"github.com/fluxion-go/fluxion/cell"
)

func imageBundle(img image.Image) (cell.Bundle, error) {
	size := img.Bounds().Size()
	if size.X <= 0 || size.Y <= 0 {
		return cell.Bundle{}, fmt.Errorf("the picture is empty: %d×%d pixels", size.X, size.Y)
	}
	data, err := encodePNG(img)
	if err != nil {
		return cell.Bundle{}, err
	}
	text := pictureTwin(img, fmt.Sprintf("picture, %d×%d pixels", size.X, size.Y))
	return cell.Bundle{Data: map[string][]byte{cell.PNG: data, cell.Plain: []byte(text)}}, nil
}

func encodePNG(img image.Image) ([]byte, error) {
	var b bytes.Buffer
	err := png.Encode(&b, img)
	return b.Bytes(), err
}
