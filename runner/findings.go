package runner

import (
	"strings"

	"github.com/fluxion-go/fluxion/runner/notebook"
)

// Findings returns the lines that the cells tagged "finding" printed in the
// executed notebook at path: what a person should know who does not open it.
func Findings(path string) ([]string, error) {
	nb, err := notebook.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var lines []string
	for _, c := range nb.Cells {
		if !c.HasTag("finding") {
			continue
		}
		for _, o := range c.Outputs {
			if o.Kind == notebook.Stream && o.Name == "stdout" {
				lines = append(lines, strings.Split(strings.TrimRight(o.Text, "\n"), "\n")...)
			}
		}
	}
	return lines, nil
}
