"""The notebooks run from the first cell to the last, in short trainings, and show what they are to show."""
import sys
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "notebooks"


@pytest.fixture
def executed(tmp_path, monkeypatch):
    """Runs a notebook with this Python and returns the outputs of its cells."""
    # A kernel of this Python, whatever is installed under the name python3.
    kernel = tmp_path / "jupyter" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    (kernel / "kernel.json").write_text(
        '{"argv": ["%s", "-m", "ipykernel_launcher", "-f", "{connection_file}"], "display_name": "Python 3", '
        '"language": "python"}' % sys.executable)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("NCA_TEST_DATA", str(tmp_path))  # no data: made images are used

    def run(name):
        book = nbformat.read(FOLDER / name, as_version=4)
        nbformat.validate(book)
        for cell in book.cells:
            assert cell.cell_type != "code" or (not cell.outputs and cell.execution_count is None), "outputs are saved"
            cell.source = cell.source.replace("iterations = 300", "iterations = 8")
        nbclient.NotebookClient(book, timeout=600, kernel_name="python3",
                                resources={"metadata": {"path": str(FOLDER)}}).execute()
        return [cell.outputs for cell in book.cells if cell.cell_type == "code"]

    return run


def shown(outputs, kind):
    """What the outputs of a cell have of a MIME type."""
    return [output.data[kind] for output in outputs if kind in output.get("data", {})]


def test_grow_and_heal(executed):
    outputs = executed("grow_and_heal.ipynb")
    charts = shown(outputs[1], "text/html")
    assert charts[0].startswith("<svg") and "iteration 8, loss" in charts[0]
    assert shown(outputs[2], "image/png") and shown(outputs[3], "image/png")
    assert "cells erased" in outputs[3][0].text
    page = shown(outputs[4], "text/html")[0]
    assert page.startswith(('<iframe sandbox="allow-scripts"', "<pre>"))


def test_classify_breastmnist(executed):
    outputs = executed("classify_breastmnist.ipynb")
    assert shown(outputs[0], "image/png")
    assert outputs[1][0].text.startswith("accuracy 0.")
    assert "balanced_accuracy" in shown(outputs[2], "text/plain")[0]
    assert "NCAClassifier" in shown(outputs[3], "text/html")[0]
