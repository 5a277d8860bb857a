"""Where a year stands: who has returned, what each must mend, what changed, what to do next.

Enters: members, receipts, returns, and what was made of them. Leaves: tables and lines for the analyst's
screen. Restricted: numbers of single members stand in it.
"""

from __future__ import annotations

import importlib.util
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from platform_utils import returns, validate
from platform_utils.config import in_lab
from platform_utils.messages import label
from platform_utils.paths import Workspace
from platform_utils.publish import Shown
from platform_utils.publish.table import plain_table
from platform_utils.spec.reports import Period, load_reports
from platform_utils.spec.returns import CheckedReturn, Finding
from platform_utils.workflow.graph import annual_nodes
from platform_utils.workflow.runner import what_changed

_REPORT = "annual"
_PARTS = ("members", "to_mend", "changed", "next")
"""What is shown of a year, in the order of the work: properties of `Start`."""


@dataclass(frozen=True)
class Start:
    """One year as it stands; in JupyterLab with a list of years to choose from."""

    year: int
    source: str
    lang: str
    workspace: Workspace

    @property
    def members(self) -> Shown:
        """Who has returned and who has not: persons this year and the year before, what holds rows."""
        now, before = self._persons(self._checked), self._persons(self._of(self.year - 1))
        held = Counter(
            one.member_id for one in self._checked for found in one.findings if found.severity == "error"
        )
        rows = []
        for member in returns.load_members(self.workspace, self.source, self.year):
            there = self._say("yes" if member.id in now else "no")
            numbers = (now.get(member.id), before.get(member.id), held[member.id])
            told = ("–" if number is None else str(number) for number in numbers)
            rows.append([member.id, member.name, there, *told])
        headings = self._say("heading", year=self.year, before=self.year - 1).split("|")
        return plain_table(headings, "|:--|:--|:--|--:|--:|--:|", rows)

    @property
    def to_mend(self) -> Shown:
        """What each member must mend: text, member, row numbers; never a cell's content."""
        return mend([found for one in self._checked for found in one.findings], self.lang)

    @property
    def changed(self) -> Shown:
        """What has changed since the year was run last."""
        first = {why.node: why for why in reversed(self._reasons)}
        number = Counter(why.node for why in self._reasons)
        lines = []
        for name, why in sorted(first.items()):
            more = f" (+{number[name] - 1})" if number[name] > 1 else ""
            lines.append(f"- {label(f'L-run-why-{why.kind}', self.lang, node=name, what=why.what)}{more}")
        return Shown("\n".join(lines or [label("L-run-nothing", self.lang)]) + "\n")

    @property
    def next(self) -> Shown:
        """The next command."""
        fields = {"year": self.year, "source": self.source, "number": len(self._missing)}
        key = "receive" if not self._checked else "run" if self._reasons else "report"
        if key == "report" and not self._report_waits:
            key = "release"
        late = self._say("late", **fields) + "\n\n" if self._missing else ""
        return Shown(f"{late}{self._say(f'next-{key}', **fields)}\n")

    def _ipython_display_(self) -> None:
        from IPython.display import display

        if in_lab() and importlib.util.find_spec("ipywidgets"):
            _choose(self)
        else:
            display(Shown(self._say("title", year=self.year, source=self.source)))  # type: ignore[no-untyped-call]

    def show(self, parts: Iterable[str]) -> None:
        """Show parts, one under the other, each with what it is."""
        from IPython.display import display

        for part in parts:
            display(Shown(self._say(part, year=self.year)), getattr(self, part))  # type: ignore[no-untyped-call]

    @cached_property
    def _checked(self) -> list[CheckedReturn]:
        return self._of(self.year)

    def _of(self, year: int) -> list[CheckedReturn]:
        declared = validate.load_corrections(self.workspace.corrections(self.source, year))
        read = returns.read_year(self.workspace, self.source, year)
        return [validate.check_return(raw, corrections=declared) for raw in read]

    @cached_property
    def _missing(self) -> tuple[str, ...]:
        missing = returns.missing_members(self.workspace, self.source, self.year)
        return tuple(member.id for member in missing)

    @cached_property
    def _reasons(self) -> list[Any]:
        nodes = annual_nodes(self.workspace, self.source, [self.year], self.lang)
        return what_changed(nodes, self.workspace, self.source)

    @property
    def _report_waits(self) -> bool:
        about = load_reports()[_REPORT]
        stem = about.draft(self.workspace, Period.of(self.year), self.source, self.lang, "embedded")
        return not stem.with_name(f"{stem.name}.html").is_file()

    @staticmethod
    def _persons(checked: list[CheckedReturn]) -> dict[str, int]:
        persons: dict[str, int] = {}
        for one in checked:
            persons[one.member_id] = persons.get(one.member_id, 0) + validate.persons_counted(one)
        return persons

    def _say(self, key: str, **fields: object) -> str:
        return label(f"L-start-{key}", self.lang, **fields)


def start(year: int, source: str = "demo", lang: str = "sv", *, workspace: Workspace | None = None) -> Start:
    """Return where a year stands.

    Raises
    ------
    FileError
        E-134 if the list of its members is missing or not usable.
    """
    workspace = workspace or Workspace.find()
    returns.load_members(workspace, source, year)
    return Start(year, source, lang, workspace)


def mend(findings: Iterable[Finding], lang: str) -> Shown:
    """Return what members should look at as a table, a line each, errors first."""
    frame = validate.show_findings(findings, lang)
    if frame.empty:
        return Shown(label("L-check-nothing-found", lang) + "\n")
    return plain_table(
        [str(name) for name in frame], "|:--" * len(frame.columns) + "|", frame.to_numpy().tolist()
    )


def _choose(begun: Start) -> None:
    """Show a list of the years that have returns; the one that is chosen stands under it."""
    import ipywidgets
    from IPython.display import display

    years = begun.workspace.years_with_returns(begun.source)
    shown = ipywidgets.Output()
    chosen = ipywidgets.Dropdown(options=years, value=begun.year if begun.year in years else None)

    def look(change: dict[str, Any]) -> None:
        shown.clear_output()
        with shown:
            one = replace(begun, year=change["new"])
            # the first two of the notebook's own year stand below
            one.show(_PARTS if one.year != begun.year else _PARTS[2:])

    chosen.observe(look, names="value")
    look({"new": begun.year})
    display(chosen, shown)  # type: ignore[no-untyped-call]
