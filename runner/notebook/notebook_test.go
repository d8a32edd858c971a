package notebook

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// A file with every kind of cell and output, fields of other programs
// included, comes out as it came in. It was written by nbformat 5.11.1.
func TestRoundTrip(t *testing.T) {
	want, err := os.ReadFile("testdata/all.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	nb, err := Decode(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := nb.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestOldMinorGetsIDs(t *testing.T) {
	old := `{"nbformat":4,"nbformat_minor":2,"metadata":{},"cells":[
		{"cell_type":"markdown","metadata":{},"source":"a"},
		{"cell_type":"markdown","metadata":{},"source":"a"},
		{"cell_type":"markdown","metadata":{},"source":"b","id":"keep"},
		{"cell_type":"markdown","metadata":{},"source":"b","id":"keep"},
		{"cell_type":"markdown","metadata":{},"source":"b","id":"not valid"}]}`
	first, err := Decode([]byte(old))
	if err != nil {
		t.Fatal(err)
	}
	again, _ := Decode([]byte(old))
	seen := map[string]bool{}
	for i, c := range first.Cells {
		if !validID.MatchString(c.ID) || seen[c.ID] {
			t.Errorf("cell %d has the id %q", i+1, c.ID)
		}
		seen[c.ID] = true
		if c.ID != again.Cells[i].ID {
			t.Errorf("cell %d has another id each time", i+1)
		}
	}
	if first.Cells[2].ID != "keep" {
		t.Errorf("a valid id became %q", first.Cells[2].ID)
	}
	data, _ := first.Encode()
	var root struct {
		Minor int `json:"nbformat_minor"`
	}
	if json.Unmarshal(data, &root); root.Minor != 5 {
		t.Errorf("written as 4.%d, want 4.5", root.Minor)
	}
}

func TestDecodeErrors(t *testing.T) {
	cell := func(s string) string { return `{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[` + s + `]}` }
	output := func(s string) string {
		return cell(`{"cell_type":"code","metadata":{},"source":"","execution_count":null,"outputs":[` + s + `]}`)
	}
	for _, tt := range []struct{ data, want string }{
		{"", "the file is empty; a notebook is a JSON document"},
		{"hello", "not a notebook: not JSON: line 1: invalid character 'h' looking for beginning of value"},
		{"{\n\"cells\": [\n", "not a notebook: not JSON: line 2: it ends in the middle"},
		{"{\n\"a\": 1,\n}", "not a notebook: not JSON: line 3: invalid character '}' looking for beginning of object key string"},
		{"{} {}", "not a notebook: not JSON: line 1: something follows the document"},
		{"[]", "not a notebook: the document is a list, want an object with cells"},
		{"{}", "not a notebook: there is no nbformat field"},
		{`{"nbformat":"4"}`, "not a notebook: nbformat is 4, want a whole number"},
		{`{"nbformat":3,"worksheets":[]}`, "the notebook is of nbformat 3, want 4; convert it with: jupyter nbconvert --to notebook --nbformat 4 FILE"},
		{`{"nbformat":4,"nbformat_minor":5}`, "not a notebook: there are no cells"},
		{`{"nbformat":4,"nbformat_minor":5,"cells":{}}`, "not a notebook: cells is an object, want a list"},
		{cell(`1`), "not a notebook: cell 1: is a number, want an object"},
		{cell(`{"cell_type":"sql","source":""}`), `not a notebook: cell 1: cell_type is "sql", want code, markdown or raw`},
		{cell(`{"cell_type":"raw"}`), "not a notebook: cell 1: there is no source"},
		{cell(`{"cell_type":"raw","source":3}`), "not a notebook: cell 1: source is a number, want a string or a list of strings"},
		{cell(`{"cell_type":"raw","source":["a",3]}`), "not a notebook: cell 1: source holds a number, want strings"},
		{cell(`{"cell_type":"code","source":"","execution_count":-1,"outputs":[]}`), "not a notebook: cell 1: execution_count is -1, want a whole number"},
		{output(`{"output_type":"pyout"}`), `not a notebook: cell 1: output 1: output_type is "pyout", want stream, display_data, execute_result or error`},
		{output(`{"output_type":"stream","name":"stdout"}`), "not a notebook: cell 1: output 1: there is no text"},
		{output(`{"output_type":"error","ename":"a","evalue":"b","traceback":[1]}`), "not a notebook: cell 1: output 1: traceback holds a number, want strings"},
	} {
		_, err := Decode([]byte(tt.data))
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s\ngot  %v\nwant %s", tt.data, err, tt.want)
		}
	}
}

func TestReplaceFile(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "a"), filepath.Join(dir, "link")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path, link); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	if err := ReplaceFile(link, []byte("new")); err != nil {
		t.Fatal(err)
	}
	if data, _ := os.ReadFile(path); string(data) != "new" {
		t.Errorf("the file holds %q", data)
	}
	if info, _ := os.Lstat(link); info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link was replaced")
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("permissions became %v", info.Mode())
	}
	if err := ReplaceFile(filepath.Join(dir, "no", "such"), nil); err == nil {
		t.Error("no error for a missing folder")
	}
}

// Whatever is read can be written, and reads again as the same.
func FuzzDecode(f *testing.F) {
	all, _ := os.ReadFile("testdata/all.ipynb")
	f.Add(all)
	f.Add([]byte(`{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		nb, err := Decode(data)
		if err != nil {
			return
		}
		first, err := nb.Encode()
		if err != nil {
			t.Fatal(err)
		}
		nb, err = Decode(first)
		if err != nil {
			t.Fatalf("%v\n%s", err, first)
		}
		second, err := nb.Encode()
		if err != nil || !bytes.Equal(first, second) {
			t.Fatalf("%v\n%s\n%s", err, first, second)
		}
	})
}

func FuzzFromMarkdown(f *testing.F) {
	f.Add("# a\n```go id=x tags=y\nz\n```\n~~~go\n~~~\n")
	f.Fuzz(func(t *testing.T, text string) {
		nb, err := FromMarkdown(text)
		if err != nil {
			return
		}
		data, err := nb.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Decode(data); err != nil {
			t.Fatal(err)
		}
	})
}
