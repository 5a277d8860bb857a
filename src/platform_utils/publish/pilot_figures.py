"""Two figures of the pilot: cumulative incidence at the plan's days, and risk differences by method.

Enters: safe estimates. Leaves: Markdown with the picture, alt text and caption. What the gate withheld is not
drawn, and the alt text says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platform_utils.messages import label
from platform_utils.publish.figure import COLOURS, draw_chart, figure_block
from platform_utils.publish.inline import Shown
from platform_utils.publish.pilot_numbers import signed
from platform_utils.spec.safe import SafeEstimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_curves", "draw_forest"]

_DAYS = (30, 60, 90, 180)
_OUTCOMES = {"lost": COLOURS["main"], "report": COLOURS["second"]}
_GROUPS = {"with": ("", "o"), "without": ((4, 2), "s")}
"""Dashes and mark of each group's lines: they are told apart without colours."""
_LINES = [(outcome, group) for outcome in _OUTCOMES for group in _GROUPS]
_Row = tuple[str, int, int, int]


def draw_curves(estimates: Mapping[str, SafeEstimate], lang: str, source: str, fonts: Path) -> Shown:
    """Return the cumulative incidence of both outcomes in both groups, in whole per cent.

    Parameters
    ----------
    estimates : mapping of str to SafeEstimate
        By name.
    lang : {"sv", "en"}
        Language.
    source : str
        Whose cohort.
    fonts : Path
        Folder of the report's fonts.

    Returns
    -------
    Shown
        Markdown with the id ``fig-pilot-curves``.
    """
    found = {}
    for outcome, group in _LINES:
        estimate = estimates.get(f"{outcome}_curve_{outcome}_{group}")
        values = {} if estimate is None else estimate.values
        found[outcome, group] = [(day, int(values[f"day_{day}"])) for day in _DAYS if f"day_{day}" in values]
    drawn = [(_name(key, lang), day, value) for key, points in found.items() for day, value in points]
    image = draw_chart(
        partial(_paint_curves, found=found, lang=lang), 3.2, drawn, source=source, lang=lang, fonts=fonts
    )
    hidden = label("L-pilot-alt-withheld", lang)
    said = "; ".join(
        f"{_name(key, lang)}: " + (", ".join(f"{day}: {value} %" for day, value in points) or hidden)
        for key, points in found.items()
    )
    alt = label("L-pilot-alt-curves", lang, values=said)
    return figure_block("pilot-curves", image, alt, label("L-pilot-caption-curves", lang))


def draw_forest(
    estimates: Mapping[str, SafeEstimate], methods: Sequence[str], lang: str, source: str, fonts: Path
) -> Shown:
    """Return risk differences with their limits by outcome and method, in percentage points.

    Parameters
    ----------
    estimates : mapping of str to SafeEstimate
        By name.
    methods : sequence of str
        Endings of the names, in the order drawn.
    lang, source, fonts
        As in `draw_curves`.

    Returns
    -------
    Shown
        Markdown with the id ``fig-pilot-forest``.
    """
    rows: list[_Row] = []
    for outcome in ("lost", "report"):
        for method in methods:
            estimate = estimates.get(f"{outcome}_{method}")
            values = {} if estimate is None else estimate.values
            if {"estimate", "lower", "upper"} <= set(values):
                words = f"{label(f'L-pilot-short-{outcome}', lang)}: {label(f'L-pilot-short-{method}', lang)}"
                rows.append((words, int(values["lower"]), int(values["estimate"]), int(values["upper"])))
    height = 0.8 + 0.23 * max(1, len(rows))
    image = draw_chart(
        partial(_paint_forest, rows=rows, lang=lang), height, rows, source=source, lang=lang, fonts=fonts
    )
    said = "; ".join(f"{words} {one} ({low} – {high})" for words, low, one, high in rows)
    alt = label("L-pilot-alt-forest", lang, values=said or label("L-pilot-alt-withheld", lang))
    return figure_block("pilot-forest", image, alt, label("L-pilot-caption-forest", lang))


def _paint_curves(axes: Axes, found: Mapping[tuple[str, str], list[tuple[int, int]]], lang: str) -> None:
    import pandas as pd
    import seaborn as sns

    names = {key: _name(key, lang) for key in found}
    rows = [(names[key], *point) for key, points in found.items() for point in [(0, 0), *points]]
    looks: dict[str, Any] = {
        "palette": {name: _OUTCOMES[outcome] for (outcome, _), name in names.items()},
        "dashes": {name: _GROUPS[group][0] for (_, group), name in names.items()},
        "markers": {name: _GROUPS[group][1] for (_, group), name in names.items()},
    }
    points = pd.DataFrame(rows, columns=["line", "day", "value"])
    sns.lineplot(
        points,
        x="day",
        y="value",
        hue="line",
        style="line",
        estimator=None,
        markeredgewidth=0,
        ax=axes,
        **looks,
    )
    axes.set(xticks=[0, *_DAYS], xlabel="", ylabel=label("L-pilot-axis-percent", lang), ylim=(0, None))
    axes.axhline(0, color=COLOURS["pale"], linewidth=1)
    axes.grid(axis="y", color=COLOURS["pale"], linewidth=0.4)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, frameon=False, fontsize=8.5)


def _paint_forest(axes: Axes, rows: Sequence[_Row], lang: str) -> None:
    # the same distance to both sides of no difference, in whole tens
    reach = max([20, *(-(-max(abs(low), abs(high)) // 10) * 10 for _, low, _, high in rows)])
    for place, (_, low, one, high) in enumerate(rows):
        axes.plot([low, high], [place, place], color=COLOURS["main"], linewidth=1.6)
        axes.plot(one, place, "D", color=COLOURS["main"], markersize=5)
        axes.text(1.01 * reach, place, signed(one), va="center", fontsize=8.5)
    axes.axvline(0, color=COLOURS["ink"], linewidth=0.8, linestyle=(0, (3, 2)))
    axes.set_yticks(range(len(rows)), [row[0] for row in rows])
    axes.set_ylim(max(1, len(rows)) - 0.5, -0.5)
    axes.set_xlim(-reach, reach)
    axes.set_title(label("L-pilot-axis-points", lang), fontsize=9, loc="left")


def _name(key: tuple[str, str], lang: str) -> str:
    return f"{label(f'L-pilot-short-{key[0]}', lang)}, {label(f'L-pilot-group-{key[1]}', lang)}"
