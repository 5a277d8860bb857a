"""What the pilot's documents call: the verdict, and everything around it, in one language; and its store.

Enters: safe estimates and the evaluation's words. Leaves: Markdown blocks. A number that the gate withheld is
shown as ``..``, and the text beside it does not change.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from platform_utils.errors import DisclosureError, FileError, UsageError
from platform_utils.messages import LANGUAGES, label, say
from platform_utils.paths import Workspace, write_atomically
from platform_utils.publish.figure import Look
from platform_utils.publish.inline import Shown, marked
from platform_utils.publish.opening import check_told, show_opening
from platform_utils.publish.pilot_parts import (
    as_decimal,
    as_percent,
    draw_curves,
    draw_forest,
    named,
    plan_rows,
    signed,
)
from platform_utils.publish.table import table_block
from platform_utils.spec.reports import Period
from platform_utils.spec.safe import SafeEstimate

__all__ = ["Pilot", "load_pilot", "remove_pilot", "write_pilot"]

_STORED_WORDS = "words.json"
_DAYS = (30, 60, 90, 180)
_THREATS = 25
_FLOW = (
    "read", "reported_before", "in_mmm", "closed", "before_programme", "population", "followed",
    "entered", "early", "waiting", "reported", "lost", "other_end", "in_contact",
)  # fmt: skip
_FOREST = (
    "difference", "stratified", "g_computation", "inverse_probability", "clone", "landmark",
    "person_newcombe",
)  # fmt: skip
_TESTS = ("fisher", "fisher_mid_p", "barnard_pooled", "barnard_unpooled", "boschloo")
_SENSITIVITY = ("e_value", "manski", "recontact", "unequal_contact", "misclassification", "leave_one_out")
_BY_GROUP = ("group-with", "group-without")
# per table: its columns, their widths, which of them hold numbers
_TABLES: dict[str, tuple[tuple[str, ...], tuple[int, ...], tuple[int, ...]]] = {
    "plan": (("column-setting", "column-planned", "column-done"), (20, 36, 26), ()),
    "checks": (("column-check", "column-passed"), (60, 14), ()),
    "designs": (("column-design", "column-smallest", "column-can"), (52, 12, 16), (1,)),
    "known": (("column-years", "column-published", "column-source"), (12, 40, 28), ()),
    "threats": (("column-number", "column-threat", "column-done-about"), (6, 34, 40), ()),
    "flow": (("column-step", *_BY_GROUP), (40, 18, 18), (1, 2)),
    "baseline": (("column-at-zero", *_BY_GROUP), (40, 18, 18), (1, 2)),
    "shares": (("column-shares", *_BY_GROUP), (40, 18, 18), (1, 2)),
    "curve": (("column-curve",), (40, 10, 10, 10, 10), (1, 2, 3, 4)),
    "effect": (("column-estimate-of", "column-estimate", "column-interval"), (46, 14, 20), (1, 2)),
    "persons": (("column-test", "column-p"), (56, 24), ()),
    "sensitivity": (("column-question", "column-estimate", "column-bounds"), (46, 14, 20), (1, 2)),
}
_WORDS_ONLY = ("plan", "checks", "designs", "known", "threats")


class Pilot:
    """The evaluation in one language, from ``words`` as `write_pilot` stored them."""

    def __init__(
        self,
        estimates: Mapping[str, SafeEstimate],
        words: Mapping[str, Any],
        *,
        lang: str,
        source: str,
        fonts: Path,
    ) -> None:
        self._estimates, self._words = estimates, words
        self._lang, self._source, self._look = lang, source, Look(lang, source, fonts)

    @property
    def origin(self) -> Shown:
        """What the document tells of itself, and the box that says whose figures these are."""
        return show_opening("pilot", Period("pilot"), self._source, self._lang, self.mark)

    @property
    def status(self) -> Shown:
        """Whether the plan was fixed before outcomes were read; exploratory otherwise."""
        registered = self._words["registration"]
        kind, title = ("warning", "exploratory-title") if registered["reason"] else ("note", "planned-title")
        title, text = (
            self._say(title),
            label(registered["reason"] or "L-pilot-planned", self._lang, **registered),
        )
        return Shown(f"::: {{.callout-{kind}}}\n## {title}\n\n{text}\n:::\n", f"{title}. {text}")

    @property
    def verdict(self) -> Shown:
        """The verdict on each outcome, in words, with what stood in the way and what would be needed."""
        if self._words["stopped_by"]:
            reasons = "\n".join(f"- {self._check(key, '-no')}" for key in self._words["stopped_by"])
            return Shown(f"**{self._say('verdict-descriptive')}**\n\n{reasons}\n")
        parts = []
        for item in self._words["outcomes"]:
            fields = {
                "outcome": self._say(f"outcome-{item['outcome']}"),
                "window": self._words["plan"]["primary"],
            }
            said = self._say(f"verdict-{item['verdict']}", **fields)
            reasons = " ".join(
                [*(label(key, self._lang) for key in item["reasons"]), self._size(item["outcome"])]
            )
            parts.append(f"- **{said[:1].upper()}{said[1:]}** {reasons}")
        return Shown("\n".join(parts) + "\n\n" + self._needed() + "\n")

    @property
    def question(self) -> Shown:
        """The plan's question."""
        return Shown(self._words["plan"]["question"][self._lang])

    @property
    def plan(self) -> Shown:
        """What was planned beside what was done, setting by setting."""
        return self._table("plan", plan_rows(self._words, self._lang))

    @property
    def checks(self) -> Shown:
        """Every data check and whether it passed."""
        marks = {True: self._say("check-passed"), False: self._say("check-failed")}
        rows = [[self._check(check["key"]), marks[check["ok"]]] for check in self._words["checks"]]
        return self._table("checks", rows)

    @property
    def designs(self) -> Shown:
        """Every design with the smallest p that it could have given, known before outcomes were read."""
        rows = []
        for design in self._words["designs"]:
            number, state = "–", "–"
            if design["attainable"] is not None:
                number = as_decimal(self._lang, design["attainable"])
                state = self._say("design-testable" if design["testable"] else "design-descriptive")
            rows.append([self._say(f"design-{design['key']}"), number, state])
        return self._table("designs", rows)

    @property
    def flow(self) -> Shown:
        """Persons from contact to analysis, in per cent of those read."""
        found = [key for key in _FLOW if f"flow_{key}_with" in self._estimates]
        rows = [[self._say(f"flow-{key}"), *self._shares(f"flow_{key}")] for key in found]
        return self._table("flow", rows)

    @property
    def baseline(self) -> Shown:
        """Groups at time zero, in per cent of each group."""
        rows = []
        for variable in self._words["plan"]["covariates"]:
            start = f"baseline_{variable}_"
            found = [name.removeprefix(start) for name in self._estimates if name.startswith(start)]
            for code in sorted(name.removesuffix("_with") for name in found if name.endswith("_with")):
                words = f"{named('variable', variable, self._lang)}: {named('code', code, self._lang)}"
                rows.append([words, *self._shares(start + code)])
        return self._table("baseline", rows)

    @property
    def shares(self) -> Shown:
        """Shares with each outcome by the primary window: all there is when the evaluation stopped."""
        outcomes = self._words["plan"]["outcomes"]
        rows = [[self._say(f"outcome-{item}"), *self._shares(f"{item}_share")] for item in outcomes]
        return self._table("shares", rows)

    @property
    def curve_figure(self) -> Shown:
        """Cumulative incidence of both outcomes at the plan's days."""
        return draw_curves(self._estimates, self._look)

    def curve(self, outcome: str) -> Shown:
        """Return the cumulative incidence of an outcome and of what competes with it, at the plan's days."""
        start = f"{outcome}_curve_"
        names = [name for name in self._estimates if name.startswith(start)]
        rows = []
        for name in sorted(names, key=lambda item: (not item.startswith(f"{start}{outcome}"), item)):
            cause, group = name.removeprefix(start).rsplit("_", 1)
            values = self._estimates[name].values
            cells = [as_percent(self._lang, values.get(f"day_{day}")) for day in _DAYS]
            rows.append([f"{self._say(f'cause-{cause}')}, {self._say(f'group-{group}')}", *cells])
        return self._table("curve", rows, outcome)

    @property
    def forest_figure(self) -> Shown:
        """Risk differences of both outcomes over designs and methods."""
        return draw_forest(self._estimates, _FOREST, self._look)

    def effect(self, outcome: str) -> Shown:
        """Return the risk differences of an outcome by method and window, then the ratios."""
        keys = self._made(outcome, [*_FOREST, *(f"window_{day}" for day in _DAYS)])
        rows = [self._interval(outcome, key) for key in (*keys, "risk_ratio", "odds_ratio")]
        return self._table("effect", rows, outcome)

    def persons(self, outcome: str) -> Shown:
        """Return the person-level tests: right only if members did not matter."""
        rows = []
        for key in ("test", *(f"person_{test}" for test in _TESTS)):
            side = self._values(f"{outcome}_{key}").get("p")
            rows.append([self._say(f"test-{key}"), marked() if side is None else self._say(f"p-{side}")])
        return self._table("persons", rows, outcome)

    def sensitivity(self, outcome: str) -> Shown:
        """Return what would change the answer on an outcome."""
        rows = [self._interval(outcome, key) for key in self._made(outcome, _SENSITIVITY)]
        return self._table("sensitivity", rows, outcome)

    @property
    def tipping(self) -> Shown:
        """How many of those who left must have reported for a finding on reports to go, in a sentence."""
        share = as_percent(self._lang, self._values("report_tipping").get("estimate"))
        return Shown(self._say(f"tipping-{self._words['tipping']}", share=share))

    @property
    def mark(self) -> str:
        """What stands on every page unless the plan was fixed before outcomes were read; else empty."""
        return self._say("exploratory-title") if self._words["registration"]["reason"] else ""

    @property
    def year(self) -> Shown:
        """The last year of first contacts."""
        return Shown(str(max((estimate.universe.year for estimate in self._estimates.values()), default=0)))

    @property
    def series(self) -> Shown:
        """The second design: its months, its counterfactual and its ratios, or why it was refused."""
        series = self._words["series"]
        if series is None:
            return Shown(self._say("series-none"))
        if series["refused"]:
            return Shown(label(series["refused"], self._lang, **series["fields"]))
        said = [self._say("series-fitted", **series["fields"]), label(series["counterfactual"], self._lang)]
        for key in ("closure", "reopening"):
            said += [self._say(f"series-{key}", ratio=self._ratio_text(f"series_{key}"))]
        return Shown(" ".join([*said, self._say("series-no-verdict")]))

    @property
    def known(self) -> Shown:
        """What had been published on the outcomes when the plan was written."""
        rows = [[item["years"], item[self._lang], item["source"]] for item in self._words["plan"]["known"]]
        return self._table("known", rows)

    @property
    def threats(self) -> Shown:
        """Threats to validity, and what was done about each."""
        rows = [
            [str(number), self._say(f"threat-{number:02d}"), self._say(f"threat-{number:02d}-done")]
            for number in range(1, _THREATS + 1)
        ]
        return self._table("threats", rows)

    @property
    def ethics(self) -> Shown:
        """Whether ethical review is owed, and whether there is an approval."""
        plan = self._words["plan"]
        approval = plan["approval"] or self._say("ethics-missing")
        return Shown(self._say(f"ethics-{plan['review']}", approval=approval))

    def _say(self, key: str, **fields: object) -> str:
        return label(f"L-pilot-{key}", self._lang, **fields)

    def _check(self, key: str, ending: str = "") -> str:
        fields = next(check["fields"] for check in self._words["checks"] if check["key"] == key)
        said = {name: as_decimal(self._lang, value) for name, value in fields.items()}
        return label(f"L-pilot-check-{key}{ending}", self._lang, **said)

    def _needed(self) -> str:
        tenths = self._words["power_tenths"]
        said = [] if tenths is None else [self._say("power", share=10 * tenths)]
        if any(item["verdict"] in ("insufficient", "none") for item in self._words["outcomes"]):
            years = self._words["years_needed"]
            said.append(self._say("needed-more") if years is None else self._say("needed-years", years=years))
        return " ".join(said)

    def _size(self, outcome: str) -> str:
        values = self._values(f"{outcome}_difference")
        if not {"estimate", "lower", "upper"} <= set(values):
            return self._say("size-withheld", few=self._few(f"{outcome}_difference") or marked())
        return self._say("size", **{key: signed(values[key]) for key in ("estimate", "lower", "upper")})

    def _made(self, outcome: str, keys: Sequence[str]) -> list[str]:
        return [key for key in keys if f"{outcome}_{key}" in self._estimates]

    def _interval(self, outcome: str, key: str) -> list[str]:
        name = f"{outcome}_{key}"
        estimate = self._estimates.get(name)
        values = self._values(name)
        whole_points = estimate is not None and estimate.kind in ("difference", "range")
        show = signed if whole_points else partial(as_decimal, self._lang)
        number = show(values["estimate"]) if "estimate" in values else ("–" if values else marked())
        limits = [values.get("lower", values.get("limit")), values.get("upper")]
        said = [show(limit) for limit in limits if limit is not None]
        row = "window" if key.startswith("window_") else key
        fields = {"window": key.removeprefix("window_"), "grace": self._words["plan"]["grace"]}
        words = self._say(f"row-{row}", **fields)
        between = self._say("to").join(said) if said else ("–" if values else self._few(name) or marked())
        return [words, number, between]

    def _ratio_text(self, name: str) -> str:
        values = self._values(name)
        if not {"estimate", "lower", "upper"} <= set(values):
            return marked()
        one, low, high = (as_decimal(self._lang, values[key]) for key in ("estimate", "lower", "upper"))
        return f"{one} ({low}{self._say('to')}{high})"

    def _few(self, name: str) -> str:
        estimate = self._estimates.get(name)
        if estimate is None or estimate.number is None:
            return ""
        return self._say("few", least=estimate.rule[1:], number=estimate.number)

    def _values(self, name: str) -> Mapping[str, int | str]:
        return self._estimates[name].values if name in self._estimates else {}

    def _shares(self, start: str) -> list[str]:
        values = [self._values(f"{start}_{group}").get("estimate") for group in ("with", "without")]
        return [as_percent(self._lang, value) for value in values]

    def _table(self, name: str, rows: Sequence[Sequence[str]], outcome: str = "") -> Shown:
        columns, widths, numbers = _TABLES[name]
        heading = [self._say(key) for key in columns]
        if name == "curve":
            heading += [self._say("day", day=day) for day in _DAYS]
        caption = self._say(f"caption-{name}", outcome=outcome and self._say(f"outcome-{outcome}"))
        notes = []
        if name not in _WORDS_ONLY:
            # tables of persons say whose they are and what marks mean
            whose = self._say("note-demo" if self._source == "demo" else "note-source")
            notes = [whose, say("words", "legend", self._lang)]
        body = rows or [["–"] * len(heading)]
        label_of = f"pilot-{name}-{outcome}".rstrip("-")
        return table_block(label_of, caption, heading, body, notes, widths, numbers)


def load_pilot(*, lang: str, source: str = "demo", workspace: Workspace | None = None) -> Pilot:
    """Return everything that the pilot's documents may show.

    Parameters
    ----------
    source : str
        ``"demo"``, ``"members"`` or ``"external-<name>"``.

    Raises
    ------
    UsageError
        E-001, E-003 for an unknown language or source; E-504, E-505, E-664 for what Quarto was told.
    FileError
        E-740 if nothing has been evaluated.
    DisclosureError
        E-411, E-412 if an estimate is not the one that the gate wrote.
    """
    if lang not in LANGUAGES:
        raise UsageError("E-001", lang=lang)
    check_told(source, "pilot")
    workspace = workspace or Workspace.find()
    folder = workspace.controlled(source, "pilot")
    try:
        words = json.loads((folder / _STORED_WORDS).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FileError("E-740") from error
    found = [SafeEstimate.read(path) for path in sorted((folder / "estimates").glob("*.parquet"))]
    estimates = {estimate.name: estimate for estimate in found}
    return Pilot(estimates, words, lang=lang, source=source, fonts=workspace.assets / "fonts")


def write_pilot(estimates: Iterable[SafeEstimate], words: Mapping[str, Any], folder: Path) -> None:
    """Store an evaluation's safe estimates and its words.

    Parameters
    ----------
    words : mapping
        Keys of the catalogue and settings of the plan; no number of persons.
    folder : Path
        Controlled folder of the pilot.

    Raises
    ------
    DisclosureError
        E-650 for anything that the gate has not made.
    """
    for estimate in estimates:
        if not isinstance(estimate, SafeEstimate):
            raise DisclosureError("E-650", kind=type(estimate).__name__)
        estimate.write(folder / "estimates" / f"{estimate.name}.parquet")
    with write_atomically(folder / _STORED_WORDS) as partial:
        text = json.dumps(dict(words), ensure_ascii=False, indent=1, sort_keys=True)
        partial.write_text(text + "\n", encoding="utf-8", newline="\n")


def remove_pilot(folder: Path) -> None:
    """Remove a stored evaluation, so that nothing of it is taken for the next one's."""
    shutil.rmtree(folder / "estimates", ignore_errors=True)
    (folder / _STORED_WORDS).unlink(missing_ok=True)
