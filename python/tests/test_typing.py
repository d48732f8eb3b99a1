"""The types that a program of a user sees, and the names of the package."""
import os
import subprocess
import sys

import pytest

import nca

PROGRAM = """
import nca
import numpy as np

run = nca.train(settings={"recipe": "fast"}, output="runs/a", iterations=10)
model: nca.Model = nca.load("runs/a", filter="sobel")
states = model.grow(steps=3)
states[..., :4].max()
model.target = np.zeros((3, 3, 4), np.float32)
masks = nca.fire_masks(3, 1, 4, 4)
back: nca.Model = nca.from_torch({}, like=model)
"""


def checked(source, folder):
    pytest.importorskip("mypy")
    (folder / "program.py").write_text(source)
    package = os.path.dirname(os.path.dirname(nca.__file__))
    done = subprocess.run([sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", "--cache-dir",
                           str(folder.parent / "mypy"), "program.py"], cwd=folder, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, universal_newlines=True, env=dict(os.environ, MYPYPATH=package))
    return done.returncode, done.stdout


def test_a_program_is_checked_and_its_mistakes_are_found(tmp_path):
    code, said = checked(PROGRAM, tmp_path)
    assert code == 0, said
    code, said = checked("import nca\nnca.laod('a')\nnca.load(5)\nnca.fire_masks('a')\n", tmp_path)
    assert code == 1 and 'no attribute "laod"' in said.replace("Module has", "has"), said
    assert said.count("error:") >= 3 and ":3:" in said and ":4:" in said, said


def test_all_names_are_listed():
    assert {"fire_masks", "from_torch", "train", "__version__"} <= set(dir(nca))
    assert all(hasattr(nca, name) for name in nca.__all__)
    with pytest.raises(AttributeError, match="laod"):
        nca.laod
