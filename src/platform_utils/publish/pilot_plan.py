"""A pilot's plan on one page, with what it can see: to be lodged outside before any outcome is known.

Enters: the words of a plan, how often each verdict comes in invented cohorts, and how often effects of each
size are found. Leaves: Markdown. Nothing in it is from a cohort.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platform_utils.messages import label
from platform_utils.publish.figure import COLOURS, Look, chart_block
from platform_utils.publish.inline import Shown
from platform_utils.publish.pilot_parts import planned
from platform_utils.publish.table import table_block

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_VERDICTS = ("more", "fewer", "insufficient", "none")
_STYLES = {"lost": (COLOURS["main"], "-", "o"), "report": (COLOURS["second"], (0, (4, 2)), "s")}


@dataclass(frozen=True)
class Power:
    """What a plan can see of one outcome.

    Attributes
    ----------
    verdicts : mapping of str to float
        Share of invented cohorts with each verdict, under the plan's effect on this outcome.
    curve : sequence of (float, float)
        Sizes of effects, and the share of cohorts in which each is found.
    smallest : float or None
        Smallest effect found in 80 of 100; None if none is.
    """

    verdicts: Mapping[str, float]
    curve: Sequence[tuple[float, float]]
    smallest: float | None


def power_lines(found: Mapping[str, Power], scenario: Mapping[str, object], lang: str) -> list[str]:
    """Return what a plan can see in lines: what is supposed, each verdict's chance, the smallest effect."""
    lines = [label("L-pilot-power-scenario", lang, **scenario)]
    for outcome, power in found.items():
        said = {name: round(100 * power.verdicts.get(name, 0.0)) for name in _VERDICTS}
        lines.append(label(f"L-pilot-power-verdicts-{outcome}", lang, **said))
        key = "L-pilot-power-smallest-none" if power.smallest is None else f"L-pilot-power-smallest-{outcome}"
        lines.append(label(key, lang, points=round(100 * (power.smallest or 0))))
    return lines


def show_plan(
    words: Mapping[str, Any],
    registration: str,
    found: Mapping[str, Power],
    scenario: Mapping[str, object],
    lang: str,
    fonts: Path | None = None,
) -> Shown:
    """Return a plan on one page: question, hash, settings, what it can see, with a figure.

    Parameters
    ----------
    words : mapping
        The plan, as an evaluation's words hold it.
    registration : str
        Whether it is frozen and lodged, in words.
    scenario : mapping
        Fields of the text that says what was supposed.
    """
    rows = [[label(f"L-pilot-plan-{key}", lang), said] for key, said in planned(words, lang).items()]
    heading = [label(f"L-pilot-column-{key}", lang) for key in ("setting", "planned")]
    table = table_block("pilot-plan", label("L-pilot-caption-frozen", lang), heading, rows, (), (18, 56), ())
    drawn = [(outcome, *point) for outcome, power in found.items() for point in power.curve]
    values = "; ".join(
        f"{label(f'L-pilot-outcome-{outcome}', lang)}: "
        + ", ".join(f"{100 * size:.0f}: {100 * share:.0f}" for size, share in power.curve)
        for outcome, power in found.items()
    )
    figure = chart_block(
        "pilot-power",
        partial(_paint_power, found=found, lang=lang),
        1.9,
        drawn,
        Look(lang, "plan", fonts, width=4.2),
        label("L-pilot-alt-power", lang, values=values),
        label("L-pilot-caption-power", lang),
    )
    lines = power_lines(found, scenario, lang)
    parts = [
        words["question"][lang],
        f"{registration} SHA-256 `{words['sha256']}`",
        table._repr_markdown_(),
        *lines[:1],
        "\n".join(f"- {line}" for line in lines[1:]),
        figure._repr_markdown_(),
    ]
    return Shown("\n\n".join(parts) + "\n")


def _paint_power(axes: Axes, found: Mapping[str, Power], lang: str) -> None:
    for outcome, power in found.items():
        colour, dashes, mark = _STYLES[outcome]
        sizes, shares = ([100 * part for part in column] for column in zip(*power.curve, strict=True))
        name = label(f"L-pilot-outcome-{outcome}", lang)
        axes.plot(sizes, shares, color=colour, linestyle=dashes, marker=mark, markersize=4, label=name)
    axes.axhline(80, color=COLOURS["ink"], linewidth=0.8, linestyle=(0, (3, 2)))
    axes.set(ylim=(0, 101), yticks=[0, 20, 40, 60, 80, 100], xlim=(0, None))
    axes.set_title(label("L-pilot-axis-power", lang), loc="left")
    axes.grid(axis="y", color=COLOURS["pale"], linewidth=0.4)
    axes.legend(loc="lower right", frameon=False)
