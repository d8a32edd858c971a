package interp

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/fluxion-go/fluxion/cell"
)

// completeMagic completes a line that is a magic: its name, or what it takes. Code
// behind %time is no business of it.
func completeMagic(line string, cursor int) (cell.Completion, bool) {
	var name, args string
	var hasArgs bool
	switch {
	case strings.HasPrefix(line, "%"):
		name, args, hasArgs = strings.Cut(strings.TrimLeft(line, "%"), " ")
	case strings.HasPrefix(line, "!"):
		name, args, hasArgs = "!", line[1:], true
	default:
		return cell.Completion{}, false
	}
	if !hasArgs {
		c := cell.Completion{Start: cursor - len(name), End: cursor}
		for _, m := range commands {
			if strings.HasPrefix(m.form, "%") && strings.HasPrefix(m.name, name) {
				c.Items = append(c.Items, cell.CompletionItem{Text: m.name, Kind: "magic", Signature: m.form, Doc: m.doc})
			}
		}
		return c, true
	}
	if m := find(name); m != nil && m.timed {
		return cell.Completion{}, false
	}
	word := args[strings.LastIndexByte(args, ' ')+1:]
	c := cell.Completion{Start: cursor - len(word), End: cursor}
	switch name {
	case "load", "save", "writefile", "!":
		c.Items = fileItems(word)
	case "executor":
		for _, x := range executorNames() {
			if strings.HasPrefix(x, word) {
				c.Items = append(c.Items, cell.CompletionItem{Text: x, Kind: "constant"})
			}
		}
	}
	return c, true
}

// fileItems lists the files whose names begin with a path.
func fileItems(begin string) []cell.CompletionItem {
	folder, base := filepath.Split(begin)
	entries, err := os.ReadDir(filepath.Clean("./" + folder))
	if filepath.IsAbs(folder) {
		entries, err = os.ReadDir(folder)
	}
	if err != nil {
		return nil
	}
	var out []cell.CompletionItem
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, base) || base == "" && strings.HasPrefix(name, ".") {
			continue
		}
		if e.IsDir() {
			name += "/"
		}
		out = append(out, cell.CompletionItem{Text: folder + name, Kind: "path"})
	}
	return out
}
