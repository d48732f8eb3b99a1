"""Executes the notebooks of this folder and stores their outputs in them, in a form that a code host
shows without running anything.

    python3 examples/notebooks/execute.py              # with the package nca and Jupyter's nbclient
    python3 examples/notebooks/execute.py grow_and_heal.ipynb

Texts, tables and pictures are kept. A chart becomes an SVG picture; a page in a frame, which needs a
live notebook, becomes its text.
"""
import hashlib
import os
import sys
import tempfile
from pathlib import Path

import nbclient
import nbformat

FOLDER = Path(__file__).resolve().parent
SVG = '<svg xmlns="http://www.w3.org/2000/svg" '


def code_of(book):
    """The sources of the code cells."""
    return [cell.source for cell in book.cells if cell.cell_type == "code"]


def digest(book):
    """Of the code that the stored outputs are those of."""
    return hashlib.sha256("\0".join(code_of(book)).encode()).hexdigest()[:16]


def run(book):
    """Runs all cells with this Python, whatever kernel is installed under the name python3."""
    with tempfile.TemporaryDirectory() as folder:
        kernel = Path(folder, "kernels", "python3")
        kernel.mkdir(parents=True)
        (kernel / "kernel.json").write_text(
            '{"argv": ["%s", "-m", "ipykernel_launcher", "-f", "{connection_file}"], "display_name": "Python 3", '
            '"language": "python"}' % sys.executable)
        before = dict(os.environ)
        os.environ.update(JUPYTER_PATH=folder, IPYTHONDIR=os.path.join(folder, "ipython"))
        try:
            nbclient.NotebookClient(book, timeout=3600, kernel_name="python3", record_timing=False,
                                    resources={"metadata": {"path": str(FOLDER)}}).execute()
        finally:
            os.environ.clear()
            os.environ.update(before)


def still(output):
    """Changes an output to what can be shown without a live notebook."""
    data = output.get("data", {})
    page = data.get("text/html", "")
    if page.startswith("<svg "):
        data["image/svg+xml"] = page.replace("<svg ", SVG, 1)
    if page.startswith("<svg ") or "<iframe" in page:
        del data["text/html"]


def store(path):
    """Executes a notebook and writes it with its outputs."""
    book = nbformat.read(path, as_version=4)
    run(book)
    for cell in book.cells:
        for output in cell.get("outputs", []):
            still(output)
    book.metadata["executed"] = digest(book)
    nbformat.write(book, path)


if __name__ == "__main__":
    for name in sys.argv[1:] or sorted(path.name for path in FOLDER.glob("*.ipynb")):
        store(FOLDER / name)
        print(name, (FOLDER / name).stat().st_size, "bytes")
