"""Parts of the pilot's documents: two figures, the plan beside what was done, numbers and codes as text.

Enters: safe estimates, the words of an evaluation. Leaves: Markdown and rows of text. What the
gate withheld is not drawn, and the alt text says so.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from platform_utils.messages import catalogue, label
from platform_utils.publish.figure import COLOURS, Look, chart_block
from platform_utils.publish.inline import Shown, marked
from platform_utils.spec import codebook
from platform_utils.spec.safe import SafeEstimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FLOW = (
    "read", "reported_before", "in_mmm", "closed", "before_programme", "population", "followed",
    "entered", "early", "waiting", "reported", "lost", "other_end", "in_contact",
)  # fmt: skip
FOREST = (
    "difference", "stratified", "g_computation", "inverse_probability", "clone", "landmark",
    "person_newcombe",
)  # fmt: skip
TESTS = ("fisher", "fisher_mid_p", "barnard_pooled", "barnard_unpooled", "boschloo", "gray")
SENSITIVITY = (
    "bayes", "bayes_effect", "bayes_relevant", "e_value", "e_value_relevant", "manski", "manski_limits",
    "recontact", "unequal_contact", "misclassification", "leave_one_out",
)  # fmt: skip
# persons are taken as independent in these; in the other effects whole units are what varies
BY_PERSON = ("person_newcombe", "risk_ratio", "odds_ratio")
_BY_GROUP = ("group-with", "group-without")
# per table: its columns, their widths, which of them hold numbers
TABLES: dict[str, tuple[tuple[str, ...], tuple[int, ...], tuple[int, ...]]] = {
    "plan": (("column-setting", "column-planned", "column-done"), (20, 36, 26), ()),
    "checks": (("column-check", "column-passed"), (60, 14), ()),
    "designs": (("column-design", "column-smallest", "column-can"), (52, 12, 16), (1,)),
    "known": (("column-years", "column-published", "column-source"), (12, 40, 28), ()),
    "threats": (("column-number", "column-threat", "column-done-about"), (6, 34, 40), ()),
    "flow": (("column-step", *_BY_GROUP), (40, 18, 18), (1, 2)),
    "baseline": (("column-at-zero", *_BY_GROUP), (40, 18, 18), (1, 2)),
    "curve": (("column-curve",), (40,), ()),
    "effect": (("column-estimate-of", "column-estimate", "column-interval"), (46, 14, 20), (1, 2)),
    "sensitivity": (("column-question", "column-estimate", "column-bounds"), (46, 14, 20), (1, 2)),
}  # fmt: skip
WORDS_ONLY = ("plan", "checks", "designs", "known", "threats")
_GROUPS = {"with": (COLOURS["main"], "-", "o"), "without": (COLOURS["second"], (0, (4, 2)), "s")}
"""Colour, dashes and mark of each group's line: they are told apart without colours."""
_THREATS, _WRAP = 25, 50
_Row = tuple[str, int, int, int]
_Points = list[tuple[int, int, int, int]]
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
# threats that an estimate answers, or a check that must hold: without it nothing was done about them
_ANSWERED_BY = {
    2: "g_computation", 4: "manski", 7: "misclassification", 9: "leave_one_out", 11: "stratified",
    13: "difference", 14: "g_computation", 23: "difference",
}  # fmt: skip
_CHECKED_BY = {
    1: ("reported_before", "against_mmm"), 3: ("time_zero", "entry_at_zero"), 5: ("time_zero",),
    12: ("calendar",), 15: ("calendar",), 19: ("calendar",), 20: ("time_zero",),
}  # fmt: skip
_WITHOUT_DAYS = (8, 10, 17, 18, 21, 22)


def draw_curves(
    estimates: Mapping[str, SafeEstimate], outcome: str, days: Sequence[int], caption: str, look: Look
) -> Shown:
    """Return the cumulative incidence of an outcome in both groups, in whole per cent, as steps with limits.

    Markdown with the id ``fig-pilot-curves-<outcome>``.

    Parameters
    ----------
    days : sequence of int
        The plan's windows.
    """
    lang, found = look.lang, dict[str, _Points]()
    for group in _GROUPS:
        parts = [
            estimates[name].values if (name := f"{outcome}_curve_{outcome}_{group}{end}") in estimates else {}
            for end in ("", "_lower", "_upper")
        ]
        found[group] = []
        for day in days:
            if all(f"day_{day}" in values for values in parts):
                one, low, high = (int(str(values[f"day_{day}"]).strip("<>")) for values in parts)
                found[group].append((day, one, low, high))
    drawn = [(label(f"L-pilot-group-{group}", lang), *row) for group, rows in found.items() for row in rows]
    hidden = label("L-pilot-alt-withheld", lang)
    said = "; ".join(
        f"{label(f'L-pilot-group-{group}', lang)}: "
        + (", ".join(f"{day}: {one} % ({low}–{high})" for day, one, low, high in rows) or hidden)
        for group, rows in found.items()
    )
    if not drawn:
        return _not_drawn(caption, estimates, lang)
    alt = label("L-pilot-alt-curves", lang, outcome=label(f"L-pilot-outcome-{outcome}", lang), values=said)
    paint = partial(_paint_curves, found=found, days=days, lang=lang)
    return chart_block(f"pilot-curves-{outcome}", paint, 2.6, drawn, look, alt, caption)


def draw_forest(
    estimates: Mapping[str, SafeEstimate],
    name: str,
    wanted: Sequence[tuple[str, str]],
    caption: str,
    look: Look,
) -> Shown:
    """Return risk differences with their limits, in percentage points, each under its own words.

    Markdown with the id ``fig-pilot-forest-<name>``.

    Parameters
    ----------
    wanted : sequence of (str, str)
        Names of estimates and their words, in the order drawn; what the gate withheld is left out.
    """
    rows: list[_Row] = []
    lang = look.lang
    for key, words in wanted:
        values = estimates[key].values if key in estimates else {}
        if {"estimate", "lower", "upper"} <= set(values):
            low, one, high = (int(values[part]) for part in ("lower", "estimate", "upper"))
            rows.append((words, low, one, high))
    each = 0.56 if any(len(words) > _WRAP for words, *_ in rows) else 0.38
    height = 0.6 + each * max(1, len(rows))
    said = "; ".join(
        f"{words} {signed(one)} ({signed(low)} – {signed(high)})" for words, low, one, high in rows
    )
    alt = label("L-pilot-alt-forest", lang, values=said or label("L-pilot-alt-withheld", lang))
    if not rows:
        return _not_drawn(caption, estimates, lang)
    paint = partial(_paint_forest, rows=rows, lang=lang)
    return chart_block(f"pilot-forest-{name}", paint, height, rows, look, alt, caption)


def _not_drawn(caption: str, estimates: Mapping[str, SafeEstimate], lang: str) -> Shown:
    # empty axes would look like a finding of nothing
    why = "not-drawn" if any(name.endswith("_difference") for name in estimates) else "no-rows"
    return Shown(f"*{caption} {label(f'L-pilot-{why}', lang)}*\n")


def plan_rows(words: Mapping[str, Any], lang: str) -> list[list[str]]:
    """Return one row per setting of the plan: its name, what was planned, what was done.

    Whatever was done otherwise stands on the row of the setting that it touches, so that nothing planned can
    be read past.
    """
    done = _deviations(words, lang)
    as_planned = label("L-pilot-as-planned", lang)
    rows = []
    for key, said in planned(words["plan"], lang).items():
        if words["stopped_by"] and key in _STOPPED:
            happened = label("L-pilot-not-done", lang)
        else:
            happened = " ".join(done.get(key, [as_planned]))
        rows.append([label(f"L-pilot-plan-{key}", lang), said, happened])
    return rows


def named(kind: str, code: str, lang: str) -> str:
    """Return the words for a code of a plan; a code that has none is shown as it is.

    Examples
    --------
    >>> named("unit", "member", "en"), named("variable", "lower_saxony", "en")
    ('whole members', 'lower saxony')
    """
    key = f"L-pilot-{kind}-{code}"
    return label(key, lang) if key in catalogue() else code.replace("_", " ")


def variable_named(name: str, lang: str) -> str:
    """Return the words for a covariate: the plan's own, else the codebook's."""
    book = codebook.load()
    own = f"L-pilot-variable-{name}" in catalogue() or all(one.name != name for one in book.variables)
    return named("variable", name, lang) if own else book.variable(name).label(lang)


def answer_named(name: str, code: str, lang: str) -> str:
    """Return the words for an answer of a covariate, after its own; yes, no and unknown need no variable."""
    book = codebook.load()
    known = any(variable.name == name for variable in book.variables)
    return f"{variable_named(name, lang)}: {book.label(name if known else 'asylum', code, lang)}"


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


def as_chance(lang: str, value: int | str) -> str:
    """Return a probability in steps of five of a hundred; the ends of that scale are "or more", "or less".

    Examples
    --------
    >>> as_chance("en", 95).startswith("≥"), as_chance("en", 40)
    (True, '40%')
    """
    sign = {"5": "≤\u00a0", "95": "≥\u00a0"}.get(str(value), "")
    return sign + as_percent(lang, value)


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
    """Return a number with the decimal mark of the language; a ratio without limit as its sign.

    Examples
    --------
    >>> as_decimal("sv", "0.14"), as_decimal("en", "inf")
    ('0,14', '∞')
    """
    if value == "inf":
        return "∞"
    return str(value).replace(".", ",") if lang == "sv" else str(value)


def threat_rows(
    words: Mapping[str, Any], estimates: Mapping[str, SafeEstimate], lang: str
) -> list[list[str]]:
    """Return each threat to validity with what was done about it in this run."""
    plan, done = words["plan"], {}
    fields = {
        "window": plan["primary"],
        "gap": plan["gap"],
        "unit": label(f"L-pilot-units-{plan['unit']}", lang),
        "covariates": ", ".join(variable_named(name, lang).lower() for name in plan["covariates"]) or "–",
    }
    passed = {check["key"]: check["ok"] for check in words["checks"]}
    for number in range(1, _THREATS + 1):
        needed = _ANSWERED_BY.get(number, "")
        answered = not needed or any(f"{outcome}_{needed}" in estimates for outcome in plan["outcomes"])
        answered &= "calendar" in passed or number in _WITHOUT_DAYS
        answered &= number != 14 or "origin_group" in plan["covariates"]
        answered &= number != 18 or not words["registration"]["reason"]
        answered &= number not in (9, 13, 23) or plan["unit"] != "person"
        failed = not all(passed.get(key, True) for key in _CHECKED_BY.get(number, ()))
        key = f"{number:02d}-done" if answered and not failed else "failed" if failed else "not"
        done[number] = label(f"L-pilot-threat-{key}", lang, **fields)
    return [[str(number), label(f"L-pilot-threat-{number:02d}", lang), said] for number, said in done.items()]


def listed(parts: Sequence[str], lang: str) -> str:
    """Return parts in a row, "and" before the last.

    Examples
    --------
    >>> listed(["a", "b", "c"], "en"), listed(["a"], "sv")
    ('a, b and c', 'a')
    """
    *first, last = parts
    return f"{', '.join(first)} {label('L-pilot-and', lang)} {last}" if first else last


def _paint_curves(axes: Axes, found: Mapping[str, _Points], days: Sequence[int], lang: str) -> None:
    for shift, (group, points) in enumerate(found.items()):
        colour, dashes, mark = _GROUPS[group]
        if not points:
            continue
        at, value, low, high = zip(*[(0, 0, 0, 0), *points], strict=True)
        # beside each other, so that both limits can be seen
        beside = [day + (2 * shift - 1) * 0.008 * max(days) for day in at[1:]]
        axes.step([*at, max(days)], [*value, value[-1]], where="post", color=colour, linestyle=dashes)
        axes.vlines(beside, low[1:], high[1:], color=colour, linewidth=1.2)
        name = label(f"L-pilot-group-{group}", lang)
        axes.plot(beside, value[1:], mark, color=colour, markersize=5, label=name)
    axes.set(xticks=[0, *days], ylim=(0, None), xlim=(0, 1.04 * max(days)))
    axes.set_title(label("L-pilot-axis-percent", lang), loc="left")
    axes.axhline(0, color=COLOURS["pale"], linewidth=1)
    axes.grid(axis="y", color=COLOURS["pale"], linewidth=0.4)
    if any(found.values()):
        axes.legend(loc="upper left", frameon=False)


def _paint_forest(axes: Axes, rows: Sequence[_Row], lang: str) -> None:
    # the same distance to both sides of no difference, in whole tens
    reach = max([20, *(-(-max(abs(low), abs(high)) // 10) * 10 for _, low, _, high in rows)])
    for place, (words, low, one, high) in enumerate(rows):
        axes.plot([low, high], [place, place], color=COLOURS["main"], linewidth=2)
        axes.plot(one, place, "D", color=COLOURS["main"], markersize=6)
        # on white: the line of no difference goes behind the words
        ground = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
        said = textwrap.fill(words, _WRAP)
        axes.text(-reach, place - 0.15, said, va="bottom", linespacing=0.95, bbox=ground)
        axes.text(1.02 * reach, place, signed(one), va="center")
    axes.axvline(0, color=COLOURS["ink"], linewidth=0.8, linestyle=(0, (3, 2)))
    axes.set_yticks([])
    axes.set_ylim(max(1, len(rows)) - 0.7, -0.9)
    axes.set_xlim(-reach, reach)
    axes.set_title(label("L-pilot-axis-points", lang), loc="left")


def planned(plan: Mapping[str, Any], lang: str) -> dict[str, str]:
    """Return every setting of a plan in words, by its name."""

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
        "covariates": ", ".join(variable_named(name, lang) for name in plan["covariates"]) or "–",
        "sensitivity": listed("analysis", plan["sensitivity"]) or "–",
        "series": label(
            "L-pilot-plan-series-is", lang, closed_from=plan["closed_from"], reopened=plan["reopened"]
        ),
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
