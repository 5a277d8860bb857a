"""What the pilot's documents call: the verdict, and everything around it, in one language.

Enters: safe estimates and the evaluation's words. Leaves: Markdown blocks. A number that the gate withheld is
shown as ``..``; rows without any number become a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from platform_utils.messages import label, say
from platform_utils.publish.figure import Look
from platform_utils.publish.inline import Shown, marked
from platform_utils.publish.opening import show_opening
from platform_utils.publish.pilot_parts import (
    BY_PERSON,
    FLOW,
    FOREST,
    SENSITIVITY,
    TABLES,
    TESTS,
    WORDS_ONLY,
    answer_named,
    as_chance,
    as_decimal,
    as_percent,
    draw_curves,
    draw_forest,
    listed,
    plan_rows,
    signed,
    threat_rows,
    variable_named,
)
from platform_utils.publish.table import table_block
from platform_utils.spec.reports import Period
from platform_utils.spec.safe import SafeEstimate


class Pilot:
    """The evaluation in one language, from ``words`` as `write_pilot` stored them."""

    def __init__(
        self, estimates: Mapping[str, SafeEstimate], words: Mapping[str, Any], source: str, look: Look
    ) -> None:
        self._estimates, self._words, self._plan = estimates, words, words["plan"]
        self._lang, self._source, self._look = look.lang, source, look

    @property
    def origin(self) -> Shown:
        """What the document tells of itself, and the box that says whose figures these are."""
        return show_opening("pilot", Period("pilot"), self._source, self._lang, self.mark)

    @property
    def status(self) -> Shown:
        """Which plan and file are shown, and whether the plan was fixed before outcomes were read."""
        registered, sha256 = self._words["registration"], self._plan["sha256"][:12]
        files = {"plan": self._words["plan_file"], "data": self._words["data_file"]}
        shown = self._say("shows", version=self._plan["version"], sha256=sha256, **files)
        return Shown(f"{label(registered['reason'] or 'L-pilot-planned', self._lang, **registered)} {shown}")

    @property
    def question(self) -> Shown:
        """The plan's question."""
        return Shown(self._plan["question"][self._lang])

    @property
    def who(self) -> Shown:
        """How many persons at how many members are compared with how many others."""
        fields, start = {}, f"{self._plan['outcomes'][0]}_share"
        for place, group in ((1, "with"), (0, "without")):
            number = getattr(self._estimates.get(f"{start}_{group}"), "number", None)
            fields[f"persons_{place}"] = marked() if number is None else str(number)
        units = next((one["units"] for one in self._words["designs"] if one["role"] == "primary"), None)
        if units is None or self._plan["unit"] == "person":
            return Shown(self._say("who-persons", **fields))
        for place, number in zip((1, 0), units, strict=True):
            kind = f"{self._plan['unit']}-one" if number == 1 else self._plan["unit"]
            fields[f"units_{place}"] = f"{number} {self._say(f'units-{kind}')}"
        return Shown(self._say("who", **fields))

    @property
    def compared(self) -> Shown:
        """What is compared with what, by whom the plan says that access was decided."""
        return Shown(self._say(f"compared-{self._plan['unit']}"))

    @property
    def verdict(self) -> Shown:
        """The verdict in one sentence; where there is none, why."""
        if self._words["stopped_by"]:
            causes = "\n".join(f"- {self._check(key, '-no')}" for key in self._words["stopped_by"])
            return Shown(f"**{self._say('verdict-descriptive')}**\n\n{causes}\n")
        verdicts = [(item["verdict"], item["outcome"]) for item in self._words["outcomes"]]
        parts = [self._say(f"verdict-{verdict}-{outcome}") for verdict, outcome in verdicts]
        if len(verdicts) > 1 and {verdict for verdict, _ in verdicts} == {"insufficient"}:
            parts = [self._say("verdict-insufficient-both")]
        said = self._say("verdict", window=self._plan["primary"], parts="; ".join(parts))
        reasons = [f"- {label(key, self._lang)}" for one in self._words["outcomes"] for key in one["reasons"]]
        return Shown("\n".join([f"**{said}**", "", *dict.fromkeys(reasons)]).rstrip() + "\n")

    @property
    def numbers(self) -> Shown:
        """Three numbers: each outcome in both groups with its difference, and what could have been seen."""
        rows = []
        for outcome in self._plan["outcomes"]:
            both = dict(zip(("with_access", "without"), self._shares(f"{outcome}_share"), strict=True))
            rows.append(f"- {self._say(f'number-{outcome}', size=self._size(outcome), **both).rstrip()}")
        parts = []
        for outcome, share in self._words["power"].items():
            risks = [round(100 * self._plan[key]) for key in ("risk_without", "risk_with")]
            before, after = risks if outcome == "report" else risks[::-1]
            parts.append(self._say(f"power-{outcome}", share=share, before=before, after=after))
        if parts:
            rows.append(f"- {self._say('power', parts=listed(parts, self._lang))}")
        return Shown("\n".join(rows) + "\n")

    @property
    def meaning(self) -> Shown:
        """What the verdict means, in plain words."""
        ended = "found" if self._found() else "insufficient"
        return Shown(self._say(f"meaning-{'descriptive' if self._words['stopped_by'] else ended}"))

    @property
    def change(self) -> Shown:
        """What would change the answer."""
        years = self._words["years_needed"]
        if self._words["stopped_by"]:
            return Shown(self._say("change-descriptive"))
        if self._found():
            tipping = "" if self._words["tipping"] == "none" else self.tipping
            strong = any(self._values(f"{outcome}_e_value") for outcome in self._found())
            return Shown(f"{self._say('change-found' if strong else 'change-other')} {tipping}".strip())
        return Shown(self._say("needed-more" if years is None else "needed-years", years=years))

    @property
    def plan(self) -> Shown:
        """What was planned beside what was done."""
        return self._table("plan", plan_rows(self._words, self._lang))

    @property
    def checks(self) -> Shown:
        """Every data check and whether it passed."""
        ends = {True: ("", "passed"), False: ("-no", "failed")}
        found = [(one["key"], *ends[one["ok"]]) for one in self._words["checks"]]
        rows = [[self._check(key, end), self._say(f"check-{mark}")] for key, end, mark in found]
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
            months = {key: self._plan[key] for key in ("closed_from", "reopened")}
            words = self._say(f"design-{design['key']}", units=design["units"][0], **months)
            rows.append([words, number, state])
        return self._table("designs", rows)

    @property
    def flow(self) -> Shown:
        """Persons from contact to analysis, in per cent of those read."""
        made = [key for key in FLOW if f"flow_{key}_with" in self._estimates]
        return self._table("flow", [[self._say(f"flow-{key}"), *self._shares(f"flow_{key}")] for key in made])

    @property
    def baseline(self) -> Shown:
        """Groups at time zero, in per cent of each group."""
        rows = []
        for variable in self._plan["covariates"]:
            start = f"baseline_{variable}_"
            ends = sorted(name for name in self._estimates if name.startswith(start))
            codes = [name[len(start) :].removesuffix("_with") for name in ends if name.endswith("_with")]
            shown = [[answer_named(variable, one, self._lang), *self._shares(start + one)] for one in codes]
            # which answers there are would tell of the few who gave them
            if shown and all(cell == marked() for _, *cells in shown for cell in cells):
                shown = [[variable_named(variable, self._lang), marked(), marked()]]
            rows += shown
        return self._table("baseline", rows)

    def curve_figure(self, outcome: str) -> Shown:
        """Return the cumulative incidence of an outcome in both groups, as steps at the plan's days."""
        if self._unasked(outcome):
            return Shown(self._say("unasked", outcome=self._say(f"outcome-{outcome}")) + "\n")
        caption = self._say("caption-curves", outcome=self._say(f"outcome-{outcome}"))
        return draw_curves(self._estimates, outcome, self._plan["windows"], caption, self._look)

    def curve(self, outcome: str) -> Shown:
        """Return the cumulative incidence of an outcome and of what competes with it, at the plan's days."""
        start = f"{outcome}_curve_"
        names = [name for name in self._estimates if name.startswith(start)]
        rows = []
        for name in sorted(names, key=lambda item: (not item.startswith(f"{start}{outcome}"), item)):
            cause, group = name.removeprefix(start).rsplit("_", 1)
            if group in ("with", "without"):
                values = self._estimates[name].values
                cells = [as_percent(self._lang, values.get(f"day_{day}")) for day in self._plan["windows"]]
                rows.append([f"{self._say(f'cause-{cause}')}, {self._say(f'group-{group}')}", *cells])
        return self._table("curve", rows, outcome)

    @property
    def headline_figure(self) -> Shown:
        """Both outcomes by the plan's own comparison: what the verdict rests on."""
        rows = [(f"{one}_difference", self._say(f"outcome-{one}")) for one in self._plan["outcomes"]]
        caption = self._say("caption-forest-headline")
        return draw_forest(self._estimates, "headline", rows, caption, self._look)

    def forest_figure(self, outcome: str) -> Shown:
        """Return the risk differences of an outcome over designs and methods."""
        rows = [(f"{outcome}_{key}", self._row(key)) for key in FOREST]
        if self._unasked(outcome):
            return Shown("\n")
        caption = self._say(f"caption-forest-{outcome}")
        return draw_forest(self._estimates, outcome, rows, caption, self._look)

    def effect(self, outcome: str) -> Shown:
        """Return the risk differences of an outcome by method and window, then the ratios."""
        others = [f"window_{day}" for day in self._plan["windows"] if day != self._plan["primary"]]
        keys = [*FOREST, *others, "risk_ratio", "odds_ratio"]
        rows = []
        for key in self._made(outcome, keys):
            words, number, between = self._interval(outcome, key)
            starred = key in BY_PERSON and between != marked() and self._plan["unit"] != "person"
            mark = "\u00a0*" if starred else ""
            rows.append([words, number, between + mark])
        return self._table("effect", rows, outcome)

    def persons(self, outcome: str) -> Shown:
        """Return, in a sentence, on which side of the level the person-level tests are."""
        sides: dict[str, list[str]] = {}
        for test in TESTS:
            side = self._values(f"{outcome}_person_{test}").get("p")
            if side is not None:
                sides.setdefault(str(side), []).append(self._say(f"test-person_{test}"))
        level = as_decimal(self._lang, self._plan["level"])
        said = [
            self._say(f"persons-{side}", tests=listed(tests, self._lang), level=level)
            for side, tests in sorted(sides.items())
        ]
        if self._unasked(outcome):
            return Shown("\n")
        start = self._say(f"outcome-{outcome}")
        text = " ".join(said) or self._say("no-rows" if self._words["stopped_by"] else "persons-none")
        return Shown(f"{start[:1].upper()}{start[1:]}: {text}\n")

    def sensitivity(self, outcome: str) -> Shown:
        """Return what would change the answer on an outcome."""
        made = self._made(outcome, SENSITIVITY)
        return self._table("sensitivity", [self._interval(outcome, key) for key in made], outcome)

    @property
    def tipping(self) -> Shown:
        """How many of those who left must have reported for a finding on reports to go, in a sentence."""
        share = as_percent(self._lang, self._values("report_tipping").get("estimate"))
        return Shown(self._say(f"tipping-{self._words['tipping']}", share=share))

    @property
    def mark(self) -> str:
        """What stands on every page unless the plan was fixed before outcomes were read; else empty."""
        return self._say("exploratory-title") if self._words["registration"]["reason"] else ""

    def setting(self, name: str) -> Shown:
        """Return a number of the plan, such as ``"primary"``, ``"gap"`` or ``"grace"``, in days."""
        return Shown(str(self._plan[name]))

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
            ratios = {part: self._ratio_text(f"series_{key}_{part}") for part in ("level", "slope")}
            said += [self._say(f"series-{key}", **ratios)]
        return Shown(" ".join([*said, self._say("series-no-verdict")]))

    @property
    def known(self) -> Shown:
        """What had been published on the outcomes when the plan was written."""
        known, reading = self._plan["known"], self._plan.get("known_reading", {}).get(self._lang, "")
        if not known:
            return Shown(self._say("known-none"))
        table = self._table("known", [[one["years"], one[self._lang], one["source"]] for one in known])
        year = max((one.universe.year for one in self._estimates.values()), default=0)
        parts = self._say("known-said", year=year), table._repr_markdown_().strip(), reading
        return Shown("\n\n".join(parts).rstrip() + "\n")

    @property
    def threats(self) -> Shown:
        """Threats to validity, and what was done about each in this run."""
        return self._table("threats", threat_rows(self._words, self._estimates, self._lang))

    @property
    def ethics(self) -> Shown:
        """Whether ethical review is owed, and whether there is an approval."""
        said = self._plan["approval"] or self._say("ethics-missing")
        return Shown(self._say(f"ethics-{self._plan['review']}", approval=said))

    def _say(self, key: str, **fields: object) -> str:
        sure = as_decimal(self._lang, f"{100 * (1 - self._plan['level']):g}")
        unit = label(f"L-pilot-units-{self._plan['unit']}", self._lang)
        return label(f"L-pilot-{key}", self._lang, **{"sure": sure, "unit": unit} | fields)

    def _found(self) -> list[str]:
        return [one["outcome"] for one in self._words["outcomes"] if one["verdict"] in ("more", "fewer")]

    def _check(self, key: str, ending: str = "") -> str:
        fields = next(check["fields"] for check in self._words["checks"] if check["key"] == key)
        said = {name: as_decimal(self._lang, value) for name, value in fields.items()}
        return label(f"L-pilot-check-{key}{ending}", self._lang, **said)

    def _size(self, outcome: str) -> str:
        values = {key: signed(value) for key, value in self._values(f"{outcome}_difference").items()}
        if self._words["stopped_by"]:
            return ""
        if not values:
            return self._say("size-withheld")
        points = {"0": "none", "+1": "one", "\u22121": "one"}.get(values["estimate"], "points")
        values["difference"] = self._say(f"size-{points}", estimate=values["estimate"])
        # where units of a group are all alike there is no interval
        return self._say("size" if "lower" in values else "size-alike", **values)

    def _made(self, outcome: str, keys: Sequence[str]) -> list[str]:
        return [key for key in keys if f"{outcome}_{key}" in self._estimates]

    def _row(self, key: str, outcome: str = "") -> str:
        row = "window" if key.startswith("window_") else key
        points = f"{100 * self._plan['relevant']:.0f}"
        fields = {"window": key.removeprefix("window_"), "grace": self._plan["grace"], "relevant": points}
        if key == "bayes_effect":
            fields["towards"] = self._say(f"towards-{outcome}")
        return self._say(f"row-{row}", **fields)

    def _interval(self, outcome: str, key: str) -> list[str]:
        name = f"{outcome}_{key}"
        kind, values = getattr(self._estimates.get(name), "kind", "withheld"), self._values(name)
        show = signed if kind in ("difference", "range") else partial(as_decimal, self._lang)
        if kind == "share":
            show = partial(as_chance, self._lang)
        number = show(values["estimate"]) if "estimate" in values else ("–" if values else marked())
        limits = [values.get("lower", values.get("limit")), values.get("upper")]
        said = [show(limit) for limit in limits if limit is not None]
        between = self._say("to").join(said) if said else ("–" if values else marked())
        return [self._row(key, outcome), number, between]

    def _ratio_text(self, name: str) -> str:
        values = self._values(name)
        if not {"estimate", "lower", "upper"} <= set(values):
            return marked()
        one, low, high = (as_decimal(self._lang, values[key]) for key in ("estimate", "lower", "upper"))
        return f"{one} ({low}{self._say('to')}{high})"

    def _values(self, name: str) -> Mapping[str, int | str]:
        return self._estimates[name].values if name in self._estimates else {}

    def _shares(self, start: str) -> list[str]:
        groups = ("with", "without")
        return [as_percent(self._lang, self._values(f"{start}_{one}").get("estimate")) for one in groups]

    def _unasked(self, outcome: str) -> bool:
        return bool(outcome) and outcome not in self._plan["outcomes"]

    def _table(self, name: str, rows: Sequence[Sequence[str]], outcome: str = "") -> Shown:
        if self._unasked(outcome):
            return Shown("\n")
        columns, widths, numbers = TABLES[name]
        heading = [self._say(key) for key in columns]
        if name == "curve":
            heading += [self._say("day", day=day) for day in self._plan["windows"]]
            widths, numbers = (*widths, *[10] * (len(heading) - 1)), tuple(range(1, len(heading)))
        caption = self._say(f"caption-{name}", outcome=outcome and self._say(f"outcome-{outcome}"))
        # what is hidden altogether is said in a sentence
        hidden = [row[0] for row in rows if numbers and all(row[place] == marked() for place in numbers)]
        body = [row for row in rows if row[0] not in hidden]
        unseen = [self._say("hidden-rows", rows="; ".join(hidden))] if hidden else []
        if not body:
            return Shown(f"*{caption} {' '.join(unseen) or self._say('no-rows')}*\n")
        notes = []
        if name not in WORDS_ONLY:
            # tables of persons say whose they are and what marks mean
            kind = self._source if self._source in ("demo", "members") else "external"
            whose = self._say(f"note-{kind}", file=self._words["data_file"])
            estimates = name in ("effect", "sensitivity")
            legend = self._say("legend", hidden=marked()) if estimates else say("words", "legend", self._lang)
            notes = [whose, legend, *unseen]
            if name == "effect":
                units = "persons" if self._plan["unit"] == "person" else "units"
                notes.append(self._say(f"assumes-{units}"))
        return table_block(
            f"pilot-{name}-{outcome}".rstrip("-"), caption, heading, body, notes, widths, numbers
        )
