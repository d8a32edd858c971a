package runner

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"strings"

	"github.com/fluxion-go/fluxion/cell"
)

// A script is an evaluator that does what the comments of a cell say, one
// action a line:
//
//	//> stdout TEXT          TEXT is a Go-quoted string
//	//> stderr TEXT
//	//> show MIME ID TEXT    ID may be -
//	//> update MIME ID TEXT
//	//> picture              displays a PNG
//	//> clear now            or: clear wait
//	//> input PROMPT         and prints what comes of it
//	//> value TEXT           the value of the cell
//	//> panic MESSAGE        the cell fails
//	//> block                runs until it is interrupted
//	//> later TEXT           prints TEXT to the first cell's output
type script struct {
	first  cell.Output
	counts []int
}

func (s *script) Eval(ctx context.Context, req cell.Request, out cell.Output) cell.Result {
	if s.first == nil {
		s.first = out
	}
	s.counts = append(s.counts, req.Count)
	var res cell.Result
	number := 0
	for line := range strings.Lines(req.Code) {
		number++
		action, ok := strings.CutPrefix(strings.TrimSpace(line), "//> ")
		if !ok {
			continue
		}
		word, rest, _ := strings.Cut(action, " ")
		switch word {
		case "stdout", "stderr":
			out.Stream(word, unquote(rest))
		case "later":
			s.first.Stream("stdout", unquote(rest))
		case "show", "update":
			part := strings.SplitN(rest, " ", 3)
			id := strings.TrimPrefix(part[1], "-")
			b := cell.Bundle{Data: map[string][]byte{part[0]: []byte(unquote(part[2]))}}
			if part[0] != cell.Plain {
				b.Data[cell.Plain] = []byte("a " + part[0])
			}
			if word == "show" {
				out.Display(b, id)
			} else {
				out.Update(b, id)
			}
		case "picture":
			out.Display(cell.Bundle{
				Data:     map[string][]byte{cell.PNG: waves(), cell.Plain: []byte("a picture of waves")},
				Metadata: map[string]any{"image/png": map[string]any{"width": 320}},
			}, "")
		case "clear":
			out.Clear(rest == "wait")
		case "input":
			if _, err := out.Input(rest, false); err != nil {
				out.Stream("stdout", err.Error()+"\n")
			}
		case "value":
			res.Value = cell.Text(unquote(rest))
		case "panic":
			res.Err = &cell.Error{Kind: cell.RuntimePanic, Message: rest, Pos: cell.Pos{Cell: req.Count, Line: number, Column: 1},
				Source: strings.TrimSuffix(line, "\n"), Hint: "the script says so"}
		case "block":
			<-ctx.Done()
			res.Err = &cell.Error{Kind: cell.Interrupted, Message: "the cell was interrupted", Pos: cell.Pos{Cell: req.Count}}
		default:
			panic("unknown action " + word)
		}
	}
	return res
}

func (*script) Complete(string, int) cell.Completion             { return cell.Completion{} }
func (*script) Inspect(string, int, int) (b cell.Bundle, _ bool) { return b, false }
func (*script) IsComplete(string) cell.Completeness              { return cell.Completeness{Status: cell.Complete} }
func (*script) Close() error                                     { return nil }

func unquote(s string) string {
	var text string
	if err := json.Unmarshal([]byte(s), &text); err != nil {
		panic(fmt.Sprintf("%s: %v", s, err))
	}
	return text
}

// waves returns a small PNG.
func waves() []byte {
	img := image.NewGray(image.Rect(0, 0, 64, 32))
	for y := range 32 {
		for x := range 64 {
			v := math.Sin(float64(x)/5) * math.Cos(float64(y)/4)
			img.SetGray(x, y, color.Gray{Y: uint8(127 + 120*v)})
		}
	}
	var b bytes.Buffer
	png.Encode(&b, img)
	return b.Bytes()
}
