"""The notebooks run from the first cell to the last, in short trainings, and show what they are to show; and
the outputs that are stored in them belong to their code."""
import importlib.util
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "notebooks"
BOOKS = sorted(path.name for path in FOLDER.glob("*.ipynb"))
found = importlib.util.spec_from_file_location("execute", FOLDER / "execute.py")
execute = importlib.util.module_from_spec(found)
found.loader.exec_module(execute)


@pytest.mark.parametrize("name", BOOKS)
def test_stored_outputs_are_those_of_the_code(name):
    book = nbformat.read(FOLDER / name, as_version=4)
    nbformat.validate(book)
    outputs = [output for cell in book.cells for output in cell.get("outputs", [])]
    assert book.metadata.get("executed") == (execute.digest(book) if outputs else None), (
        "the code of %s is not that of its outputs: run examples/notebooks/execute.py" % name)
    assert not any("<iframe" in str(output) or output.get("name") == "stderr" for output in outputs)
    assert (FOLDER / name).stat().st_size < 300000


def test_stored_outputs_need_no_live_notebook():
    chart, page = "<svg viewBox>", '<p>a</p><iframe srcdoc="">'
    picture = execute.SVG + "viewBox>"
    for shown, kept in (({"text/html": chart, "text/plain": "a"}, {"image/svg+xml": picture, "text/plain": "a"}),
                        ({"text/html": page, "text/plain": "a"}, {"text/plain": "a"}),
                        ({"text/html": "<table>"}, {"text/html": "<table>"})):
        execute.still({"data": shown})
        assert shown == kept


@pytest.fixture
def executed(tmp_path, monkeypatch):
    """Runs a notebook with this Python and returns the outputs of its cells."""
    monkeypatch.setenv("NCA_TEST_DATA", str(tmp_path))  # no data: made images are used

    def run(name):
        book = nbformat.read(FOLDER / name, as_version=4)
        for cell in book.cells:
            cell.source = cell.source.replace("iterations = 300", "iterations = 8")
        execute.run(book)
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
