"""What the tests share. NCA_PROGRAM is the program whose results are compared, NCA_TEST_DATA a folder with
files of MedMNIST; tests that need one of them are skipped without it."""
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# A training of less than a second.
SMALL = dict(target="phantom", img_size=12, padding=4, n_channels=8, hidden=16, batch_size=2, pool_size=8,
             steps_min=8, steps_max=12, iterations=12, extension=0, threads=1, seed=3)
SMALL_CLASSIFY = dict(task="classify", n_channels=8, hidden=16, batch_size=4, steps_min=4, steps_max=6, iterations=6,
                      features=0, threads=1, seed=3, shift=0)


@pytest.fixture
def small():
    return dict(SMALL)


@pytest.fixture
def small_classify():
    return dict(SMALL_CLASSIFY)


@pytest.fixture
def head():
    """The path of a trained model."""
    return ROOT / "examples" / "head.safetensors"


@pytest.fixture
def program():
    """Runs the program and returns what it prints."""
    path = os.environ.get("NCA_PROGRAM")
    if not path:
        pytest.skip("NCA_PROGRAM is not set")

    def run(*arguments):
        done = subprocess.run([path, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              universal_newlines=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def options(settings):
    """Settings as options of the program."""
    return ["--%s=%s" % (key.replace("_", "-"), value) for key, value in settings.items()]


def in_child(work):
    """The text that a process made by fork gets from `work`."""
    ends = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            said = work()
        except BaseException as error:
            said = "%s: %s" % (type(error).__name__, error)
        os.write(ends[1], said.encode())
        os._exit(0)
    os.close(ends[1])
    with os.fdopen(ends[0]) as file:
        said = file.read()
    os.waitpid(child, 0)
    return said
