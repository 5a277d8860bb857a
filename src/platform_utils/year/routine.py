"""The routine of a year as a file that people tick: the one home of what is done when, and by whom.

Enters: ``resources/new_year.toml``, and the file as it stands. Leaves: the same file with what the
machine has done now. A tick of people, and whatever they wrote after it, stays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Literal

from platform_utils.messages import label, say
from platform_utils.paths import resource, write_whole
from platform_utils.spec.entries import Labelled, read_entry, read_packaged

_TICKED = re.compile(r"^- \[([ xX])\].*<!-- (\w+) -->(.*)$", re.MULTILINE)
"""A line of the file: ticked or not, its step, what people wrote after it."""


@dataclass(frozen=True)
class Step(Labelled):
    """One step of a year; ``month`` is of the year after the support year, 0 that year's December."""

    name: str
    month: int
    who: Literal["machine", "people"]
    sv: str
    en: str


@cache
def load_steps() -> tuple[Step, ...]:
    """Return the steps of every year, in order.

    Raises
    ------
    SettingsError
        E-010 with the entry and key that cannot be used.
    """
    said = read_packaged(resource("new_year.toml"))
    return tuple(read_entry(Step, one, "new_year.toml", name, name=name) for name, one in said.items())


@dataclass(frozen=True)
class Routine:
    """The file of one year."""

    path: Path
    year: int
    lang: str

    def open_decisions(self) -> int:
        """Return how many decisions nobody has ticked."""
        ticked = self._ticked()
        return sum(one.who == "people" and not ticked.get(one.name, ("", ""))[0] for one in load_steps())

    def write(self, done: Mapping[str, str]) -> None:
        """Write the file anew.

        Parameters
        ----------
        done : mapping of str to str
            What the machine has done, by step, with its number.

        Raises
        ------
        FileError
            E-012 if it cannot be written.
        """
        ticked = self._ticked()
        for step in load_steps():
            if step.who == "machine":
                ticked[step.name] = ("x" if step.name in done else "", "")
        write_whole(self.path, written_routine(self.year, self.lang, ticked, done))

    def _ticked(self) -> dict[str, tuple[str, str]]:
        text = self.path.read_text(encoding="utf-8") if self.path.is_file() else ""
        return {name: (mark.strip().lower(), said) for mark, name, said in _TICKED.findall(text)}


def written_routine(
    year: int | str,
    lang: str,
    ticked: Mapping[str, tuple[str, str]] | None = None,
    done: Mapping[str, str] | None = None,
) -> str:
    """Return the routine as Markdown, a heading per month; with ticks and keys where there are any."""
    lines = [] if ticked is None else [label("L-year-title", lang, year=year), "", label("L-year-lead", lang)]
    months = say("report", "months", lang).split()
    for month, steps in groupby(load_steps(), key=lambda one: one.month):
        after = "" if isinstance(year, str) else f" {year + (month > 0)}"
        lines += ["", f"### {months[month - 1].capitalize()}{after}", ""]
        for step in steps:
            mark, said = (ticked or {}).get(step.name, ("", ""))
            who = label(f"L-year-{step.who}", lang)
            text = f"**{who}:** {step.label(lang).format(year=year)}"
            text += "" if text.endswith("?") else "."
            number = f" {(done or {}).get(step.name, '')}".rstrip()
            box, end = (
                (f"[{mark or ' '}] ", f" <!-- {step.name} -->{said}") if ticked is not None else ("", "")
            )
            lines.append(f"- {box}{text}{number}{end}")
    return "\n".join(lines).strip() + "\n"
