"""What a picture says about itself: table, axes, series, labels, colours; never a hidden number."""

import base64
import json
import re

import pytest
from matplotlib.figure import Figure

from platform_utils.publish.drawn import read_account, save_figure
from platform_utils.publish.figure import COLOURS, show_figure


def told(content):
    return json.loads(read_account(content)[1])


def picture(markdown):
    return base64.b64decode(re.search(r"base64,([^)]+)\)", markdown)[1])


def test_a_figure_of_a_table_holds_the_table_that_it_draws(role):
    content = picture(show_figure(role, "sv")._repr_markdown_())
    expected = [
        ["direkt utsatt", "140 (79\u00a0%)"],
        ["medföljande barn", "28 (16\u00a0%)"],
        ["syskon", "5 (3\u00a0%)"],
        ["släkting eller partner", "4 (2\u00a0%)"],
    ]
    assert expected == told(content)["table"]
    assert "fig-role" == read_account(content)[0]


def test_a_figure_says_its_axes_series_labels_and_colours(role):
    (axes,) = told(picture(show_figure(role, "sv")._repr_markdown_()))["axes"]
    assert {"limits": [0, 203], "scale": "linear"} == {key: axes["x"][key] for key in ("limits", "scale")}
    assert "DEMODATA" in axes["x"]["label"]
    assert "direkt utsatt" == axes["y"]["labels"][0]
    assert ["140 (79\u00a0%)", 140, 0, COLOURS["ink"].lower()] == axes["texts"][0]
    (bars,) = axes["series"]
    assert [[0, 140], [1, 28], [2, 5], [3, 4]] == bars["points"]
    assert {COLOURS["main"].lower()} == set(bars["colours"])


def test_a_hidden_number_stands_nowhere_in_a_picture(hidden):
    account = told(picture(show_figure(hidden, "en")._repr_markdown_()))
    places = [place for place, (_, number) in enumerate(account["table"]) if number == ".."]
    assert places
    assert not {"2", "20"} & {number.split()[0] for _, number in account["table"]}
    (bars,) = account["axes"][0]["series"]
    assert {0} == {bars["points"][place][1] for place in places}


def drawing():
    figure = Figure(figsize=(3, 2))
    axes = figure.add_subplot()
    axes.plot([0, 1], [1 / 3, 2e9], color="#112233", label="one", marker="o")
    axes.plot([0, 1], [1, 1], label="_hidden from the legend")
    axes.scatter([1, 2], [3, 4], color="red", label="points")
    axes.fill_between([0, 1], [0, 0], [1, 1], color="blue")
    axes.set_yscale("log")
    axes.set_title("Years", loc="left")
    axes.set_ylabel("persons")
    axes.legend()
    return figure


@pytest.fixture(scope="module")
def account():
    return told(save_figure(drawing(), [("one", 3)], "fig-one"))


def test_lines_areas_and_points_are_told(account):
    (axes,) = account["axes"]
    assert "log" == axes["y"]["scale"]
    assert ["Years", "persons", ["one", "points"]] == [axes["title"], axes["y"]["label"], axes["legend"]]
    one, _, points, area = axes["series"]
    assert ["one", "", "points", ""] == [each["label"] for each in axes["series"]]
    assert {"kind": "line", "label": "one", "colours": ["#112233"] * 2, "style": ["-", "o"]} == {
        key: one[key] for key in ("kind", "label", "colours", "style")
    }
    assert ["#0000ff"] == area["colours"]
    assert [[1, 3], [2, 4]] == points["points"][:2]


def test_numbers_keep_twelve_digits_and_whole_ones_stay_whole(account):
    assert [[0, 0.333333333333], [1, 2_000_000_000]] == account["axes"][0]["series"][0]["points"]


def test_the_same_figure_gives_the_same_bytes_with_its_name():
    one, other = (save_figure(drawing(), [("one", 3)], "fig-år") for _ in range(2))
    assert one == other
    assert "fig-år" == read_account(one)[0]


def test_a_picture_that_is_not_ours_says_nothing():
    assert ("", None) == read_account(b"<svg/>")
