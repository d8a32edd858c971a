"""The programs beside JupyterLab that run notebooks and cells: papermill, nbconvert, jupyter console."""
import math
import pathlib
import subprocess
import sys

import nbformat
import pexpect
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "install" / "papermill"))


def notebook(path, *cells):
    nb = nbformat.v4.new_notebook(cells=list(cells), metadata={"kernelspec": {"name": "fluxion", "display_name": "Go", "language": "go"}})
    nbformat.write(nb, path)
    return path


code = nbformat.v4.new_code_cell

# Each value as Go prints it with %T %v.
PARAMETERS = {
    "i": (-7, "int -7"),
    "f": (0.5, "float64 0.5"),
    "whole": (2.0, "float64 2"),
    "small": (1e-300, "float64 1e-300"),
    "inf": (-math.inf, "float64 -Inf"),
    "nan": (math.nan, "float64 NaN"),
    "b": (True, "bool true"),
    "s": ('quote " back \\ line\n tab\t é 😀 \u0001 %', 'string quote " back \\ line\n tab\t é 😀 \u0001 %'),
    "nothing": (None, "<nil> <nil>"),
    "ints": ([1, 2], "[]int [1 2]"),
    "mixed": ([1, 2.5], "[]float64 [1 2.5]"),
    "any": ([1, "a"], "[]interface {} [1 a]"),
    "empty": ([], "[]interface {} []"),
    "deep": ([[1], [2, 3]], "[][]int [[1] [2 3]]"),
    "dict": ({"a": 1, 'k "': 2}, 'map[string]int map[a:1 k ":2]'),
}


def test_papermill(tmp_path):
    import fluxion_papermill  # noqa: F401  registers the translator
    import papermill

    names = list(PARAMETERS)
    path = notebook(
        tmp_path / "in.ipynb",
        code("i := 1 // a number", metadata={"tags": ["parameters"]}),
        *(code(f'fmt.Printf("%T %v", {"any_" if n == "any" else n}, {"any_" if n == "any" else n})') for n in names),
    )
    given = {("any_" if n == "any" else n): value for n, (value, _) in PARAMETERS.items()}
    nb = papermill.execute_notebook(path, tmp_path / "out.ipynb", parameters=given, progress_bar=False)
    assert nb.cells[1].metadata["tags"] == ["injected-parameters"]
    for cell, name in zip(nb.cells[2:], names, strict=True):
        assert cell.outputs[0].text == PARAMETERS[name][1]
    assert papermill.inspect_notebook(path)["i"]["default"] == "1"
    assert papermill.inspect_notebook(path)["i"]["help"] == "a number"
    with pytest.raises(ValueError):
        papermill.execute_notebook(path, None, parameters={"i": 1 << 70}, progress_bar=False)


def test_papermill_stops_at_an_error(tmp_path):
    import papermill

    path = notebook(tmp_path / "in.ipynb", code("x := 1"), code("undefinedName"), code('fmt.Println("never")'))
    with pytest.raises(papermill.PapermillExecutionError, match="undefined: undefinedName"):
        papermill.execute_notebook(path, tmp_path / "out.ipynb", progress_bar=False)


def test_nbconvert(tmp_path):
    path = notebook(tmp_path / "in.ipynb", code("x := 6"), code("x * 7"), code('panic("boom")'), code('display.HTML("<b>bold</b>")'))
    command = [sys.executable, "-m", "jupyter", "nbconvert", "--execute", "--to", "html", str(path)]
    assert subprocess.run(command, capture_output=True).returncode != 0
    subprocess.run([*command, "--allow-errors"], check=True, capture_output=True)
    page = (tmp_path / "in.html").read_text()
    for part in ("<pre>42</pre>", "boom", "<b>bold</b>"):
        assert part in page


def test_console():
    console = pexpect.spawn(sys.executable, ["-m", "jupyter", "console", "--kernel", "fluxion", "--simple-prompt"], encoding="utf-8", timeout=60)
    console.expect(r"In \[1\]:")
    console.sendline("6 * 7")
    console.expect(r"Out\[1\]: 42")
    console.expect(r"In \[2\]:")
    console.sendline('fmt.Println("to be", "printed")')
    console.expect("to be printed")
    console.expect(r"In \[3\]:")
    console.sendline("undefinedName")
    console.expect("undefined: undefinedName")
    console.expect(r"In \[4\]:")
    console.sendline('fmt.Println("spinning"); for { }')
    console.expect("\nspinning")
    for _ in range(20):  # jupyter console ignores an interrupt that comes before it waits for the cell
        console.sendintr()
        if console.expect(["interrupted", pexpect.TIMEOUT], timeout=3) == 0:
            break
    else:
        pytest.fail(f"the cell is not interrupted; the console shows {console.buffer[-400:]!r}")
    console.expect(r"In \[\d+\]:")
    console.sendline("1 + 1")
    console.expect(r": 2\b")
    console.close(force=True)  # the kernel ends with its parent
