import base64
import re

import pytest
from matplotlib.figure import Figure

from platform_utils.errors import DisclosureError
from platform_utils.paths import Workspace
from platform_utils.publish.drawn import read_account
from platform_utils.publish.figure import COLOURS, Bar, Look, draw_bars, show_figure, show_shares

FONTS = Workspace.find().assets / "fonts"


def picture(markdown):
    return base64.b64decode(re.search(r"base64,([^)]+)\)", markdown)[1])


def test_a_figure_has_an_id_alt_text_and_caption(role):
    markdown = show_figure(role, "sv", FONTS)._repr_markdown_()

    assert markdown.startswith("::: {#fig-role}\n")
    assert (
        'fig-alt="Stapeldiagram. Personer efter roll: direkt utsatt 140 (79\u00a0%), medföljande barn 28 (16\u00a0%), '
        'syskon 5 (3\u00a0%), släkting eller partner 4 (2\u00a0%)."'
    ) in markdown
    assert markdown.endswith(
        "Personer efter roll, 2019. Antal och andel av alla personer som organisationerna mötte, utsatta och "
        "närstående. Källa: påhittade demoreturer.\n\n:::\n"
    )


def test_the_same_table_gives_the_same_bytes(role):
    assert (
        show_figure(role, "en", FONTS)._repr_markdown_() == show_figure(role, "en", FONTS)._repr_markdown_()
    )


def test_the_picture_is_a_drawing_that_needs_no_font(role):
    image = picture(show_figure(role, "en", FONTS)._repr_markdown_())

    assert image.startswith(b"<?xml")
    assert b"<text" not in image


def test_demo_is_drawn_in_the_figure(role, safe):
    cells = list(zip(role.data["role"], role.data["count"], strict=True))
    real = safe("role", cells, dimension="role", universe="all", year=2019, source="members")

    told = [read_account(picture(show_figure(one, "sv", FONTS)._repr_markdown_()))[1] for one in (role, real)]
    assert ["DEMODATA" in account for account in told] == [True, False]


def test_the_longest_bar_is_first_and_what_is_not_known_last(safe):
    cells = [("yes", 10), ("no", 80), ("unknown", 30), ("total", 120)]
    shown = repr(show_figure(safe("nsp", cells, dimension="nsp"), "en"))
    assert shown.index("no 80") < shown.index("yes 10") < shown.index("unknown 30")


def test_shares_say_of_how_many_and_a_hidden_one_has_no_bar():
    look = Look("en", "members")
    markdown = show_shares(
        "one", [("a", 3, 30), ("b", None, 9), ("c", 20, 25)], look, "Shares."
    )._repr_markdown_()
    assert "c 80% · 20 of 25, a 10% · 3 of 30, b not shown" in markdown


def test_a_hidden_count_is_called_protected_in_the_alt_text(hidden):
    assert "annat kön visas inte" in show_figure(hidden, "sv", FONTS)._repr_markdown_()


def test_a_chart_with_no_bar_but_of_what_is_unknown_is_not_drawn(safe):
    cells = [("yes", 2), ("no", 3), ("unknown", 60), ("total", 65)]
    assert "" == show_figure(safe("nsp", cells, dimension="nsp"), "sv", FONTS)._repr_markdown_()


def test_what_was_not_asked_has_no_figure(unasked):
    assert "" == show_figure(unasked, "sv", FONTS)._repr_markdown_()


def test_numbers_drawn_are_stored_with_the_figure(role):
    assert "directly exploited 140 (79%)" in repr(show_figure(role, "en", FONTS))


def test_bars_of_what_is_not_known_differ_in_brightness():
    def light(colour):
        red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    assert 40 < abs(light(COLOURS["main"]) - light(COLOURS["pale"]))


def bars(labels, counts):
    axes = Figure().add_subplot()
    draw_bars(axes, [Bar(label, count, str(count)) for label, count in zip(labels, counts, strict=True)])
    return [bar.get_width() for container in axes.containers for bar in container]


def test_rows_that_are_called_the_same_keep_their_own_bars():
    assert [5, 3] == bars(["others", "others"], [5, 3])


def test_a_chart_of_nobody_is_empty():
    assert [] == bars([], [])


def test_only_safe_tables_are_drawn():
    with pytest.raises(DisclosureError):
        show_figure({"direct": 140}, "sv")
