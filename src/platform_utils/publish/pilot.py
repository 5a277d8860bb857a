"""What the pilot's documents call: the verdict, and everything around it, in one language.

Enters: safe estimates and the evaluation's words. Leaves: Markdown blocks. A number that the gate withheld is
shown as ``..``, and the text beside it does not change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from platform_utils.errors import UsageError
from platform_utils.messages import LANGUAGES, label
from platform_utils.paths import Workspace
from platform_utils.publish.inline import Shown, marked
from platform_utils.publish.method import origin_mark
from platform_utils.publish.pilot_figures import draw_curves, draw_forest
from platform_utils.publish.pilot_numbers import as_decimal, as_percent, named, signed
from platform_utils.publish.pilot_plan import plan_rows
from platform_utils.publish.pilot_store import read_pilot
from platform_utils.publish.pilot_tables import pilot_table
from platform_utils.spec.safe import SafeEstimate

__all__ = ["Pilot", "load_pilot"]

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


class Pilot:
    """The evaluation in one language.

    Parameters
    ----------
    estimates : mapping of str to SafeEstimate
        By name.
    words : mapping
        As `write_pilot` stored them.
    lang : {"sv", "en"}
        Language.
    source : str
        Whose cohort.
    fonts : Path
        Folder of the report's fonts.
    """

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
        self._lang, self._source, self._fonts = lang, source, fonts

    @property
    def origin(self) -> Shown:
        """The box that says whose figures these are."""
        return origin_mark(self._source, self._lang)

    @property
    def status(self) -> Shown:
        """Whether the plan was fixed before outcomes were read; exploratory otherwise."""
        registered = self._words["registration"]
        if registered["reason"]:
            return self._box(
                "warning", self._say("exploratory-title"), label(registered["reason"], self._lang)
            )
        return self._box(
            "note", self._say("planned-title"), label("L-pilot-planned", self._lang, **registered)
        )

    @property
    def verdict(self) -> Shown:
        """The verdict on each outcome, in words, with what stood in the way and what would be needed."""
        if self._words["stopped_by"]:
            lines = [f"**{self._say('verdict-descriptive')}**"]
            lines += [f"- {self._check(key, '-no')}" for key in self._words["stopped_by"]]
            return Shown("\n\n".join([lines[0], "\n".join(lines[1:])]) + "\n")
        parts = []
        for item in self._words["outcomes"]:
            outcome = self._say(f"outcome-{item['outcome']}")
            window = self._words["plan"]["primary"]
            said = self._say(f"verdict-{item['verdict']}", outcome=outcome, window=window)
            reasons = [label(reason, self._lang) for reason in item["reasons"]]
            parts.append(
                f"- **{said[:1].upper()}{said[1:]}** {' '.join([*reasons, self._size(item['outcome'])])}"
            )
        return Shown("\n".join(parts) + "\n\n" + self._needed() + "\n")

    @property
    def question(self) -> Shown:
        """The plan's question."""
        return Shown(self._words["plan"]["question"][self._lang])

    @property
    def plan(self) -> Shown:
        """What was planned beside what was done, setting by setting."""
        heading = [self._say(f"column-{key}") for key in ("setting", "planned", "done")]
        return self._table("plan", heading, plan_rows(self._words, self._lang), (20, 36, 26), ())

    @property
    def checks(self) -> Shown:
        """Every data check and whether it passed."""
        rows = [
            [
                self._check(check["key"]),
                self._say("check-passed" if check["ok"] else "check-failed"),
            ]
            for check in self._words["checks"]
        ]
        return self._table(
            "checks", [self._say("column-check"), self._say("column-passed")], rows, (60, 14), ()
        )

    @property
    def designs(self) -> Shown:
        """Every design with the smallest p that it could have given, known before outcomes were read."""
        rows = []
        for design in self._words["designs"]:
            state = "design-testable" if design["testable"] else "design-descriptive"
            known = design["attainable"] is not None
            number = design["attainable"] if known else "–"
            rows.append(
                [
                    self._say(f"design-{design['key']}"),
                    as_decimal(self._lang, number),
                    self._say(state) if known else "–",
                ]
            )
        heading = [self._say(f"column-{key}") for key in ("design", "smallest", "can")]
        return self._table("designs", heading, rows, (52, 12, 16), (1,))

    @property
    def flow(self) -> Shown:
        """Persons from contact to analysis, in per cent of those read."""
        keys = [name.removeprefix("flow_").removesuffix("_with") for name in self._estimates]
        found = [key for key, name in zip(keys, self._estimates, strict=True) if name == f"flow_{key}_with"]
        rows = [
            [self._say(f"flow-{key}"), self._share(f"flow_{key}_with"), self._share(f"flow_{key}_without")]
            for key in _FLOW
            if key in found
        ]
        return self._table("flow", self._groups("step"), rows, (40, 18, 18), (1, 2))

    @property
    def baseline(self) -> Shown:
        """Groups at time zero, in per cent of each group."""
        rows = []
        for variable in self._words["plan"]["covariates"]:
            start = f"baseline_{variable}_"
            codes = [
                name.removeprefix(start).removesuffix("_with")
                for name in self._estimates
                if name.startswith(start) and name.endswith("_with")
            ]
            for code in sorted(codes):
                shares = [self._share(f"{start}{code}_{group}") for group in ("with", "without")]
                words = f"{named('variable', variable, self._lang)}: {named('code', code, self._lang)}"
                rows.append([words, *shares])
        return self._table("baseline", self._groups("at-zero"), rows, (40, 18, 18), (1, 2))

    @property
    def shares(self) -> Shown:
        """Shares with each outcome by the primary window: all there is when the evaluation stopped."""
        rows = [
            [
                self._say(f"outcome-{item}"),
                *(self._share(f"{item}_share_{group}") for group in ("with", "without")),
            ]
            for item in self._words["plan"]["outcomes"]
        ]
        return self._table("shares", self._groups("shares"), rows, (40, 18, 18), (1, 2))

    @property
    def curve_figure(self) -> Shown:
        """Cumulative incidence of both outcomes at the plan's days."""
        return draw_curves(self._estimates, self._lang, self._source, self._fonts)

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
        heading = [self._say("column-curve"), *(self._say("day", day=day) for day in _DAYS)]
        return self._table(f"curve-{outcome}", heading, rows, (40, 10, 10, 10, 10), (1, 2, 3, 4))

    @property
    def forest_figure(self) -> Shown:
        """Risk differences of both outcomes over designs and methods."""
        return draw_forest(self._estimates, _FOREST, self._lang, self._source, self._fonts)

    def effect(self, outcome: str) -> Shown:
        """Return the risk differences of an outcome by method and window, then the ratios."""
        rows = [self._interval(outcome, key) for key in _FOREST if f"{outcome}_{key}" in self._estimates]
        rows += [
            self._interval(outcome, f"window_{day}")
            for day in _DAYS
            if f"{outcome}_window_{day}" in self._estimates
        ]
        rows += [self._interval(outcome, key) for key in ("risk_ratio", "odds_ratio")]
        heading = [self._say(f"column-{key}") for key in ("estimate-of", "estimate", "interval")]
        return self._table(f"effect-{outcome}", heading, rows, (46, 14, 20), (1, 2))

    def persons(self, outcome: str) -> Shown:
        """Return the person-level tests: right only if members did not matter."""
        rows = []
        for key in ("test", *(f"person_{test}" for test in _TESTS)):
            estimate = self._estimates.get(f"{outcome}_{key}")
            side = None if estimate is None else estimate.values.get("p")
            rows.append([self._say(f"test-{key}"), marked() if side is None else self._say(f"p-{side}")])
        heading = [self._say("column-test"), self._say("column-p")]
        return self._table(f"persons-{outcome}", heading, rows, (56, 24), ())

    def sensitivity(self, outcome: str) -> Shown:
        """Return what would change the answer on an outcome."""
        rows = [self._interval(outcome, key) for key in _SENSITIVITY if f"{outcome}_{key}" in self._estimates]
        heading = [self._say(f"column-{key}") for key in ("question", "estimate", "bounds")]
        return self._table(f"sensitivity-{outcome}", heading, rows, (46, 14, 20), (1, 2))

    @property
    def tipping(self) -> Shown:
        """How many of those who left must have reported for a finding on reports to go, in a sentence."""
        share = self._share("report_tipping")
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
            row = self._ratio_text(f"series_{key}")
            said.append(self._say(f"series-{key}", ratio=row))
        said.append(self._say("series-no-verdict"))
        return Shown(" ".join(said))

    @property
    def known(self) -> Shown:
        """What had been published on the outcomes when the plan was written."""
        rows = [[item["years"], item[self._lang], item["source"]] for item in self._words["plan"]["known"]]
        heading = [self._say(f"column-{key}") for key in ("years", "published", "source")]
        return self._table("known", heading, rows, (12, 40, 28), ())

    @property
    def threats(self) -> Shown:
        """Threats to validity, and what was done about each."""
        rows = [
            [str(number), self._say(f"threat-{number:02d}"), self._say(f"threat-{number:02d}-done")]
            for number in range(1, _THREATS + 1)
        ]
        heading = [self._say(f"column-{key}") for key in ("number", "threat", "done-about")]
        return self._table("threats", heading, rows, (6, 34, 40), ())

    @property
    def ethics(self) -> Shown:
        """Whether ethical review is owed, and whether there is an approval."""
        plan = self._words["plan"]
        return Shown(
            self._say(f"ethics-{plan['review']}", approval=plan["approval"] or self._say("ethics-missing"))
        )

    def _say(self, key: str, **fields: object) -> str:
        return label(f"L-pilot-{key}", self._lang, **fields)

    def _check(self, key: str, ending: str = "") -> str:
        fields = next(check["fields"] for check in self._words["checks"] if check["key"] == key)
        said = {name: as_decimal(self._lang, value) for name, value in fields.items()}
        return label(f"L-pilot-check-{key}{ending}", self._lang, **said)

    def _needed(self) -> str:
        said = []
        if self._words["power_tenths"] is not None:
            said.append(self._say("power", share=10 * self._words["power_tenths"]))
        if any(item["verdict"] in ("insufficient", "none") for item in self._words["outcomes"]):
            years = self._words["years_needed"]
            said.append(self._say("needed-more") if years is None else self._say("needed-years", years=years))
        return " ".join(said)

    def _size(self, outcome: str) -> str:
        values = self._values(f"{outcome}_difference")
        if not {"estimate", "lower", "upper"} <= set(values):
            return self._say("size-withheld", few=self._few(f"{outcome}_difference") or marked())
        return self._say("size", **{key: signed(values[key]) for key in ("estimate", "lower", "upper")})

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

    def _share(self, name: str) -> str:
        return as_percent(self._lang, self._values(name).get("estimate"))

    def _groups(self, first: str) -> list[str]:
        return [self._say(f"column-{first}"), self._say("group-with"), self._say("group-without")]

    def _table(
        self, name: str, heading: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int],
        numbers: Sequence[int],
    ) -> Shown:  # fmt: skip
        return pilot_table(name, heading, rows, widths, numbers, self._lang, self._source)

    def _box(self, kind: str, title: str, text: str) -> Shown:
        return Shown(f"::: {{.callout-{kind}}}\n## {title}\n\n{text}\n:::\n", f"{title}. {text}")


def load_pilot(*, lang: str, source: str = "demo", workspace: Workspace | None = None) -> Pilot:
    """Return everything that the pilot's documents may show.

    Parameters
    ----------
    lang : {"sv", "en"}
        Language.
    source : str
        ``"demo"``, ``"members"`` or ``"external-<name>"``.
    workspace : Workspace, optional
        Found from the working folder if not given.

    Raises
    ------
    UsageError
        E-001, E-003 for an unknown language or source.
    FileError
        E-740 if nothing has been evaluated.
    DisclosureError
        E-411, E-412 if an estimate is not the one that the gate wrote.
    """
    if lang not in LANGUAGES:
        raise UsageError("E-001", lang=lang)
    workspace = workspace or Workspace.find()
    estimates, words = read_pilot(workspace.controlled(source, "pilot"))
    return Pilot(estimates, words, lang=lang, source=source, fonts=workspace.assets / "fonts")
