"""Which reports there are, what each is made from, and the period that one is about.

Enters: ``resources/reports.toml``. Leaves: frozen definitions that commands, graph and pipeline follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from platform_utils.paths import SOURCES, Workspace, resource
from platform_utils.spec.entries import Labelled, key, read_entry, read_packaged


@dataclass(frozen=True)
class Period:
    """What a document or notebook is about: a support year, or a report that has none.

    Its text is the name of its folders, and its word in a node's name.

    Attributes
    ----------
    name : str
        ``"2023"``; or the report's own name, such as ``"pilot"``.
    """

    name: str

    @classmethod
    def of(cls, year: int) -> Period:
        """Return the period that a support year is."""
        return cls(str(year))

    @property
    def year(self) -> int | None:
        """The support year, if it is one."""
        return int(self.name) if self.name.isdigit() else None

    def parameters(self, source: str) -> dict[str, int | str]:
        """Return what a notebook or document of this period is told."""
        return {"source": source} if self.year is None else {"source": source, "year": self.year}

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Report(Labelled):
    """One report: its documents are ``reports/<lang>/<name>.qmd``.

    Attributes
    ----------
    sv, en : str
        Title; ``{period}`` stands for the year.
    made_from : {"returns", "cohort", "published", "file", "books"}
        Counts of the year and all before it; the pilot's cohort; figures that have been published, which are
        real whatever the source of the returns; a file that somebody else has published; what the Platform
        keeps about itself.
    period : {"year", "none"}
        One a year; or it is its own period.
    formats : tuple of str
        What it can be.
    goes_with : str
        Report that it goes with in a release.
    numbers : mapping of str to str
        Facts of its first page, by the sentence beside each.
    """

    name: str
    sv: str
    en: str
    made_from: Literal["returns", "cohort", "published", "file", "books"] = field(metadata=key("from"))
    period: Literal["year", "none"]
    formats: tuple[str, ...] = ("html", "pdf", "docx")
    goes_with: str = field(default="", metadata=key("with"))
    numbers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_yearly(self) -> bool:
        """Whether there is one a year."""
        return self.period == "year"

    def title(self, period: Period, lang: str) -> str:
        """Return the title of the report of a period."""
        return self.label(lang).format(period=period)

    def source(self, asked: str) -> str:
        """Return whose figures it shows when a source is asked for."""
        return "published" if self.made_from == "published" else asked

    def fits(self, source: str) -> bool:
        """Say whether it can be made of a source: our members' figures and other people's never mix."""
        return self.made_from in ("cohort", "published") or (self.made_from == "file") != (source in SOURCES)

    def periods(self, years: Iterable[int]) -> tuple[Period, ...]:
        """Return what it is made for: each of ``years``, or itself."""
        return tuple(map(Period.of, years)) if self.is_yearly else (Period(self.name),)

    def stem(self, period: Period) -> str:
        """Return its name in a period: ``annual-2023``, ``series``."""
        return f"{self.name}-{period}" if self.is_yearly else self.name

    def document(self, workspace: Workspace, lang: str) -> Path:
        """Return the Quarto document that it is written in."""
        return workspace.reports(lang) / f"{self.name}.qmd"

    def draft(
        self, workspace: Workspace, period: Period, source: str, lang: str, engine: str = "embedded"
    ) -> Path:
        """Return its rendered file without the ending: ``annual-2023.sv``, ``series.en``."""
        return workspace.drafts(source, period, engine) / f"{self.stem(period)}.{lang}"


@cache
def load_reports() -> Mapping[str, Report]:
    """Return every report by its name, in order.

    Raises
    ------
    SettingsError
        E-010 with the entry and key that cannot be used.
    """
    said = read_packaged(resource("reports.toml"))
    return {name: read_entry(Report, entry, "reports.toml", name, name=name) for name, entry in said.items()}
