"""Which part of a figure moved is said in words: rows, limits, scales, ticks, labels, colours, points."""

import base64

import pytest
from matplotlib.figure import Figure

from platform_utils.publish.drawn import save_figure
from platform_utils.verify import compare_files

ROWS = [("all", 2022, 40), ("all", 2023, 60)]


def page(edit=lambda axes: None, *, rows=ROWS, values=(40, 60), colour="#0072B2", size=(3, 2), mark=None):
    figure = Figure(figsize=size, dpi=60)
    axes = figure.add_subplot()
    axes.plot([2022, 2023], values, color=colour, label="all")
    axes.set_ylim(0, 60)
    axes.set_ylabel("persons")
    axes.set_title("Persons met")
    axes.legend()
    edit(axes)
    if mark is not None:
        figure.text(0.5, 0.5, mark, size=30)
    return frame(save_figure(figure, rows, "fig-series"))


def frame(*pictures):
    shown = "".join(f'<img src="data:image/svg+xml;base64,{base64.b64encode(p).decode()}">' for p in pictures)
    return f"<p>Text.</p>{shown}".encode()


THEN = page()


def places(now, then=THEN):
    return [each.place for each in compare_files("reports/a.html", then, now)]


CHANGES = {
    "fig-series: y axis upper limit 60 → 80": page(lambda axes: axes.set_ylim(0, 80)),
    "fig-series: y axis scale ”linear” → ”log”": page(
        lambda axes: (axes.set_yscale("log"), axes.set_ylim(1, 60))
    ),
    "fig-series: y axis label ”persons” → ”cases”": page(lambda axes: axes.set_ylabel("cases")),
    "fig-series: title ”Persons met” → ”Cases”": page(lambda axes: axes.set_title("Cases")),
    "fig-series: legend all → other": page(lambda axes: axes.legend(["other"])),
    "fig-series: all: colour #0072b2 → #d55e00": page(colour="#D55E00"),
    "fig-series: all: point 2 (2023, 60) → (2023, 61)": page(values=(40, 61)),
    "fig-series: table, row all, 2023: 60 → 61": page(rows=[ROWS[0], ("all", 2023, 61)]),
    "fig-series: table, row all, 2023: 60 → –": page(rows=ROWS[:1]),
    "fig-series: table: its rows stand in another order": page(rows=ROWS[::-1]),
    "fig-series: size in inches 3, 2 → 3, 3": page(size=(3, 3)),
    "fig-series: 1 series → 2": page(lambda axes: axes.axhline(3)),
    "fig-series: text 1: – → ”here”": page(lambda axes: axes.text(2022, 5, "here")),
    "fig-series: 1 panels → 2": page(lambda axes: axes.figure.add_axes((0.7, 0.7, 0.1, 0.1))),
}


@pytest.mark.parametrize("place", CHANGES)
def test_the_part_that_moved_is_named(place):
    assert place in places(CHANGES[place])


def test_a_mark_that_the_account_does_not_know_is_found_by_its_points():
    (found,) = places(page(mark="X"))
    assert found.startswith("fig-series: points ")
    assert found.endswith("though table, axes, series and labels are the same")


def test_a_number_that_differs_in_its_last_digits_is_none():
    assert [] == places(page(values=(40 * (1 + 1e-12), 60)))


def test_a_figure_left_out_is_named():
    assert ["1 pictures → 0: fig-series"] == places(frame())


def test_a_picture_that_no_longer_says_what_it_draws_is_named():
    figure = Figure(figsize=(3, 2), dpi=60)
    import io

    stream = io.BytesIO()
    figure.savefig(stream)
    assert ["fig-series: what it draws is told no longer"] == places(frame(stream.getvalue()))
