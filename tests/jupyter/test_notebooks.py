"""Every notebook, its outputs stripped, runs through nbclient without an error and without a word on stderr, twice, and
says the same both times.

A code cell tagged "timing" shows measured times: what it says is not compared. Nothing else may depend on the clock.
"""
import collections
import pathlib

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = pathlib.Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
CELL_SECONDS = 300


class Client(NotebookClient):
    """Counts, for every cell and display id, the updates that arrive before the cell is idle."""

    def __init__(self, nb, **options):
        super().__init__(nb, kernel_name="fluxion", timeout=CELL_SECONDS, **options)
        self.updates = collections.defaultdict(collections.Counter)

    def process_message(self, msg, cell, cell_index):
        if msg["msg_type"] == "update_display_data":
            self.updates[cell_index][msg["content"]["transient"]["display_id"]] += 1
        return super().process_message(msg, cell, cell_index)


def execute(nb, folder):
    """Runs a notebook in a fresh kernel; raises at the first cell that fails."""
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = Client(nb, resources={"metadata": {"path": str(folder)}})
    client.execute()
    return client


def text(output):
    """What an output says, without pictures."""
    if output.output_type == "stream":
        return (output.name, output.text)
    return (output.output_type, output.get("data", {}).get("text/plain", ""))


def said(nb):
    """What the cells said that must say the same again."""
    return [
        (i, cell.source, [text(o) for o in cell.outputs])
        for i, cell in enumerate(nb.cells)
        if cell.cell_type == "code" and "timing" not in cell.metadata.get("tags", [])
    ]


def test_there_are_notebooks():
    assert NOTEBOOKS, f"no notebooks in {ROOT / 'notebooks'}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook(path):
    runs = []
    for _ in range(2):
        nb = nbformat.read(path, as_version=4)
        nbformat.validate(nb)
        execute(nb, path.parent)
        for i, cell in enumerate(nb.cells):
            for output in cell.get("outputs", []):
                assert output.output_type != "error", f"cell {i} of {path.name}: {output.evalue}"
                assert output.get("name") != "stderr", f"cell {i} of {path.name} writes to stderr: {output.text}"
        runs.append(said(nb))
    for first, second in zip(*runs, strict=True):
        assert first == second


# Long enough for several updates, which come at most ten times a second, and more
# rarely where drawing takes long, as on a machine that is busy with other things.
TRAINING = """\
import "time"
dl.Seed(1)
began := time.Now()
x := dl.Randn(4096, 256)
y := x.Sum(1).Greater(0).Cast(dl.Int64)
model := nn.Sequential(nn.Dense(256), nn.ReLU(), nn.Dense(2))
enough := func(e *nn.Event) error {
	if time.Since(began) > 6*time.Second {
		e.Stop("enough")
	}
	return nil
}
model.Fit(x, y, nn.FitOptions{Epochs: 100000, Batch: 32, Optimizer: opt.SGD(0.01), Loss: nn.SoftmaxCrossEntropy, Seed: 1, Callbacks: []nn.Callback{enough}})
"""


def test_training_updates_in_place(tmp_path):
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(TRAINING)])
    client = execute(nb, tmp_path)
    most = client.updates[0].most_common(1)
    assert most and most[0][1] >= 3, f"updates by display id: {dict(client.updates[0])}"
    nbformat.write(nb, tmp_path / "saved.ipynb")
    saved = nbformat.read(tmp_path / "saved.ipynb", as_version=4)
    pictures = [o for o in saved.cells[0].outputs if any(m.startswith("image/") for m in o.get("data", {}))]
    assert len(pictures) == 1, f"the saved cell holds {len(pictures)} figures"
