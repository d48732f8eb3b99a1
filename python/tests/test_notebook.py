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
    assert len(chart.losses) == 12
    lines = capsys.readouterr().err.split("\r")
    assert len(lines) == 14 and lines[-1].startswith("iteration 12  loss ") and lines[-1].endswith("\n")
    assert "IPython" not in sys.modules or not sys.modules["IPython"].get_ipython()
    assert chart._repr_html_().startswith("<svg") and "iteration 12, loss" in chart._repr_html_()
    assert nca.LiveChart()._repr_html_() == "<pre>no iteration yet</pre>"
    odd = nca.LiveChart()
    odd.losses = [1.0, float("nan"), 0.0, float("inf"), 0.5]
    assert "polyline" in odd._repr_html_() and odd.text().startswith("iteration 5")


def test_a_picture_of_states_and_of_images(head, tmp_path):
    states = np.zeros((2, 3, 4, 5), np.float32)
    states[0, 1, 2, :4] = [1, 0, 0, 1]
    picture = nca.Picture(states, scale=1)
    assert picture.pixels.shape == (3, 8, 4)
    assert list(picture.pixels[1, 2]) == [255, 0, 0, 255] and picture.pixels[0, 0].min() == 255
    assert nca.Picture(states[0], scale=2, background="black").pixels[0, 0, 0] == 0
    assert nca.Picture(np.full((3, 2, 2), 7, np.uint8), columns=2, scale=1).pixels.shape == (4, 4, 4)
    picture.save(tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes() == picture._repr_png_()
    with pytest.raises(ValueError, match="values: expected states"):
        nca.Picture(np.zeros((3, 3)))
