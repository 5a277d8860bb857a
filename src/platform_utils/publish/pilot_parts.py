"""Parts of the pilot's documents: two figures, the plan beside what was done, numbers and codes as text.

Enters: safe estimates, the words of an evaluation. Leaves: Markdown and rows of text. What the
gate withheld is not drawn, and the alt text says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from platform_utils.messages import catalogue, label
from platform_utils.publish.figure import COLOURS, Look, chart_block
from platform_utils.publish.inline import Shown, marked
from platform_utils.spec.safe import SafeEstimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["as_decimal", "as_percent", "draw_curves", "draw_forest", "named", "plan_rows", "signed"]

_DAYS = (30, 60, 90, 180)
_OUTCOMES = {"lost": COLOURS["main"], "report": COLOURS["second"]}
_GROUPS = {"with": ("", "o"), "without": ((4, 2), "s")}
"""Dashes and mark of each group's lines: they are told apart without colours."""
_LINES = [(outcome, group) for outcome in _OUTCOMES for group in _GROUPS]
_Row = tuple[str, int, int, int]
# where each deviation belongs
_PLACES = {
    "L-pilot-deviation-follow-up": "windows",
    "L-pilot-deviation-sampled": "test",
    "L-pilot-deviation-left-out": "correction",
    "L-pilot-deviation-positivity": "covariates",
    "L-pilot-deviation-separated": "covariates",
    "L-pilot-deviation-not-adjusted": "covariates",
}
# what is not done when the evaluation stops at the data
_STOPPED = ("strategies", "estimand", "interval", "test", "correction", "covariates", "sensitivity", "series")


def draw_curves(estimates: Mapping[str, SafeEstimate], look: Look) -> Shown:
    """Return the cumulative incidence of both outcomes in both groups, in whole per cent.

    Markdown with the id ``fig-pilot-curves``.
    """
    found, lang = {}, look.lang
    for outcome, group in _LINES:
        estimate = estimates.get(f"{outcome}_curve_{outcome}_{group}")
        values = {} if estimate is None else estimate.values
        found[outcome, group] = [(day, int(values[f"day_{day}"])) for day in _DAYS if f"day_{day}" in values]
    drawn = [(_name(key, lang), day, value) for key, points in found.items() for day, value in points]
    hidden = label("L-pilot-alt-withheld", lang)
    said = "; ".join(
        f"{_name(key, lang)}: " + (", ".join(f"{day}: {value} %" for day, value in points) or hidden)
        for key, points in found.items()
    )
    alt = label("L-pilot-alt-curves", lang, values=said)
    paint, caption = partial(_paint_curves, found=found, lang=lang), label("L-pilot-caption-curves", lang)
    return chart_block("pilot-curves", paint, 3.2, drawn, look, alt, caption)


def draw_forest(estimates: Mapping[str, SafeEstimate], methods: Sequence[str], look: Look) -> Shown:
    """Return risk differences with their limits by outcome and method, in percentage points.

    Markdown with the id ``fig-pilot-forest``.

    Parameters
    ----------
    methods : sequence of str
        Endings of the names, in the order drawn.
    """
    rows: list[_Row] = []
    lang = look.lang
    for outcome in ("lost", "report"):
        for method in methods:
            estimate = estimates.get(f"{outcome}_{method}")
            values = {} if estimate is None else estimate.values
            if {"estimate", "lower", "upper"} <= set(values):
                words = f"{label(f'L-pilot-short-{outcome}', lang)}: {label(f'L-pilot-short-{method}', lang)}"
                rows.append((words, int(values["lower"]), int(values["estimate"]), int(values["upper"])))
    height = 0.8 + 0.23 * max(1, len(rows))
    said = "; ".join(f"{words} {one} ({low} – {high})" for words, low, one, high in rows)
    alt = label("L-pilot-alt-forest", lang, values=said or label("L-pilot-alt-withheld", lang))
    paint, caption = partial(_paint_forest, rows=rows, lang=lang), label("L-pilot-caption-forest", lang)
    return chart_block("pilot-forest", paint, height, rows, look, alt, caption)


def plan_rows(words: Mapping[str, Any], lang: str) -> list[list[str]]:
    """Return one row per setting of the plan: its name, what was planned, what was done.

    Whatever was done otherwise stands on the row of the setting that it touches, so that nothing planned can
    be read past.
    """
    done = _deviations(words, lang)
    as_planned = label("L-pilot-as-planned", lang)
    rows = []
    for key, planned in _planned(words["plan"], lang).items():
        if words["stopped_by"] and key in _STOPPED:
            happened = label("L-pilot-not-done", lang)
        else:
            happened = " ".join(done.get(key, [as_planned]))
        rows.append([label(f"L-pilot-plan-{key}", lang), planned, happened])
    return rows


def named(kind: str, code: str, lang: str) -> str:
    """Return the words for a code of a plan or a cohort; a code that has none is shown as it is.

    Examples
    --------
    >>> named("code", "third_country", "en"), named("code", "lower_saxony", "en")
    ('third country', 'lower saxony')
    """
    key = f"L-pilot-{kind}-{code}"
    return label(key, lang) if key in catalogue() else code.replace("_", " ")


def as_percent(lang: str, value: int | str | None) -> str:
    """Return a whole per cent, or the mark of a hidden number.

    Examples
    --------
    >>> as_percent("en", 12)
    '12%'
    """
    if value is None:
        return marked()
    return f"{value}%" if lang == "en" else f"{value}\u00a0%"


def signed(value: int | str) -> str:
    """Return percentage points with their sign, a true minus included.

    Examples
    --------
    >>> signed(14), signed(0)
    ('+14', '0')
    """
    number = int(value)
    return f"+{number}" if number > 0 else f"\u2212{-number}" if number < 0 else "0"


def as_decimal(lang: str, value: int | str) -> str:
    """Return a number with the decimal mark of the language.

    Examples
    --------
    >>> as_decimal("sv", "0.14")
    '0,14'
    """
    return str(value).replace(".", ",") if lang == "sv" else str(value)


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


def _planned(plan: Mapping[str, Any], lang: str) -> dict[str, str]:
    def listed(kind: str, codes: list[str]) -> str:
        return ", ".join(named(kind, code, lang) for code in codes)

    fields = {key: plan[key] for key in ("primary", "gap", "grace")}
    return {
        "population": label("L-pilot-plan-population-is", lang),
        "time-zero": label("L-pilot-plan-time-zero-is", lang),
        "strategies": label(f"L-pilot-plan-strategies-{plan['method']}", lang, **fields),
        "unit": named("unit", plan["unit"], lang),
        "outcomes": label(
            "L-pilot-plan-outcomes-are", lang, outcomes=listed("outcome", plan["outcomes"]), **fields
        ),
        "windows": label(
            "L-pilot-plan-windows-are", lang, windows=", ".join(map(str, plan["windows"])), **fields
        ),
        "estimand": label("L-pilot-plan-estimand-is", lang),
        "interval": named("interval", plan["interval"], lang),
        "test": named("test-kind", plan["test"], lang),
        "correction": label("L-pilot-plan-correction-is", lang, level=as_decimal(lang, plan["level"])),
        "covariates": listed("variable", plan["covariates"]) or "–",
        "sensitivity": listed("analysis", plan["sensitivity"]) or "–",
        "series": label("L-pilot-plan-series-is", lang),
        "sha256": plan["sha256"][:12],
    }


def _deviations(words: Mapping[str, Any], lang: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for note in words["deviations"]:
        fields = dict(note["fields"])
        if "outcome" in fields:
            fields["outcome"] = label(f"L-pilot-outcome-{fields['outcome']}", lang)
        found.setdefault(_PLACES[note["key"]], []).append(label(note["key"], lang, **fields))
    reason = words["registration"]["reason"]
    if reason:
        found["sha256"] = [label(reason, lang)]
    series = words["series"]
    if series is not None and series["refused"]:
        found["series"] = [label(series["refused"], lang, **series["fields"])]
    return found
