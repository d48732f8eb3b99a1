"""What notebooks show."""
import html
import re
import sys

import numpy as np
import pytest

import nca


def test_a_model_shows_itself_in_a_sandboxed_frame(head):
    shown = nca.load(head)._repr_html_()
    if shown.startswith("<pre>"):  # the library was built without the page
        assert "nca.Model" in shown
        return
    assert re.match(r'<iframe sandbox="allow-scripts" [^>]*srcdoc="[^"]*"></iframe>$', shown)
    page = html.unescape(re.search(r'srcdoc="([^"]*)"', shown).group(1))
    assert page.lstrip().lower().startswith("<!doctype html>") and "</html>" in page
    assert len(shown) < 400e3


def test_a_run_shows_itself(small, tmp_path):
    run = nca.train(output=tmp_path / "a<b", draw=False, **small)
    assert "a&lt;b&#x27;, 12 iterations" in run._repr_html_()


def test_the_chart_of_a_training_without_a_notebook(small, capsys):
    chart = nca.LiveChart(every=0)
    nca.Session(**small).run(chart)
    assert [iteration for iteration, _ in chart.points] == list(range(1, 13))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 12 and all(line.startswith("iteration %d  loss " % (at + 1)) for at, line in enumerate(lines))
    assert "IPython" not in sys.modules or not sys.modules["IPython"].get_ipython()
    assert chart._repr_html_().startswith("<svg") and "iteration 12, loss" in chart._repr_html_()
    assert nca.LiveChart()._repr_html_() == "<pre>no iteration yet</pre>"
    odd = nca.LiveChart()
    odd.points = list(enumerate([1.0, float("nan"), 0.0, float("inf"), 0.5], 1))
    assert "polyline" in odd._repr_html_() and odd.text().startswith("iteration 5")


def test_a_terminal_replaces_the_line_of_the_chart(small, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    nca.Session(**small).run(nca.LiveChart(every=0))
    lines = capsys.readouterr().err.split("\r")
    assert len(lines) == 13 and lines[-1].startswith("iteration 12  loss ") and lines[-1].endswith("\n")


def test_a_chart_continues_a_resumed_training_and_starts_anew_with_another(small, tmp_path, capsys):
    chart = nca.LiveChart(every=1000)
    nca.train(output=tmp_path / "run", draw=False, callback=chart, **small)
    run = nca.Run.open(tmp_path / "run")
    later = nca.LiveChart(every=1000)
    run.resume(callback=later, draw=False, iterations=14)
    assert [iteration for iteration, _ in later.points] == [13, 14] and "iteration 14, loss" in later._repr_html_()
    nca.Session(**small).run(chart)
    assert len(chart.points) == 12


def test_each_training_has_an_output_of_its_own(small, monkeypatch):
    display = pytest.importorskip("IPython.display")
    shown = []

    class Output:
        def update(self, chart):
            shown.append("update")

    monkeypatch.setattr("nca.notebook.in_notebook", lambda: True)
    monkeypatch.setattr(display, "display", lambda chart, display_id: shown.append("new") or Output())
    chart = nca.LiveChart(every=0)
    for _ in range(2):
        nca.Session(**dict(small, iterations=2)).run(chart)
    assert shown == ["new", "update"] * 2


def test_a_picture_of_states_and_of_images(head, tmp_path):
    states = np.zeros((2, 3, 4, 5), np.float32)
    states[0, 1, 2, :4] = [1, 0, 0, 1]
    picture = nca.Picture(states, scale=1)
    assert picture.pixels.shape == (3, 8, 4)
    assert list(picture.pixels[1, 2]) == [255, 0, 0, 255] and picture.pixels[0, 0].min() == 255
    assert nca.Picture(states[0], scale=2, background="black").pixels[0, 0, 0] == 0
    assert nca.Picture(np.full((3, 2, 2), 7, np.uint8), columns=2, scale=1).pixels.shape == (4, 4, 4)
    one = np.zeros((5, 6, 4), np.uint8)
    one[..., 1:] = [200, 100, 255]
    for image in (one[..., :3], one):
        assert nca.Picture(image, scale=1).pixels.shape == (5, 6, 4)
        assert list(nca.Picture(image, scale=1).pixels[2, 3]) == [0, 200, 100, 255]
        assert nca.Picture(image[np.newaxis], scale=1).pixels.shape == (5, 6, 4)
    with pytest.raises(ValueError, match="columns: expected 1 or more"):
        nca.Picture(one, columns=0)
    picture.save(tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes() == picture._repr_png_()
    with pytest.raises(ValueError, match="values: expected states"):
        nca.Picture(np.zeros((3, 3)))
    with pytest.raises(ValueError, match="values: expected .H,W."):
        nca.Picture(np.zeros((2, 3, 3, 5), np.uint8))
