"""A crosswalk: which question of the codebook a column of somebody else's case file answers.

Enters: ``resources/crosswalks/*.toml`` and the headings of a file. Leaves: the crosswalk that fits it.
Rule: what the file does not ask stays not asked, and every column that is not taken says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from typing import Literal

from platform_utils.errors import ContractError, UsageError
from platform_utils.paths import resource
from platform_utils.spec.codebook import load
from platform_utils.spec.entries import Labelled, key, read_entry, read_toml, require_known

__all__ = ["Crosswalk", "choose_crosswalk", "load_crosswalks"]


@dataclass(frozen=True)
class _Codes:
    """A column whose values are answers of ours."""

    to: str
    column: str = field(metadata=key("from"))
    map: Mapping[str, str]


@dataclass(frozen=True)
class _Country:
    """A column of countries of origin; ``group`` follows from the country."""

    to: str
    group: str
    column: str = field(metadata=key("from"))


@dataclass(frozen=True)
class _Place:
    """A column of the country of exploitation, which answers two questions."""

    column: str = field(metadata=key("from"))
    sweden: str
    abroad: str


@dataclass(frozen=True)
class _Flag:
    """Columns of 1 and 0: yes if any of ``any`` is 1, no if all of ``no`` are 0, else blank."""

    to: str
    any: tuple[str, ...]
    no: tuple[str, ...]


@dataclass(frozen=True)
class _NotTaken(Labelled):
    """Columns that are not used, and why; ``*`` stands for the rest of a name."""

    columns: tuple[str, ...]
    sv: str
    en: str


@dataclass(frozen=True)
class Crosswalk(Labelled):
    """How the columns of one published case file become the codebook's.

    Attributes
    ----------
    name, family : str
        Its own name, and that of the editions among which ``--crosswalk`` chooses.
    source : str
        Name below ``data_raw/external``; the source is ``external-<source>``.
    unit : {"persons", "rows"}
        What one row is; rows of synthetic data are never called persons.
    sv, en : str
        Title of the file.
    address : str
        Publisher.
    year : str
        Column of the year.
    needs, tells_apart : tuple of str
        Columns that it must have, and such as only this edition has.
    blank, redacted : tuple of str
        Cells that say nothing, and countries that the publisher has suppressed.
    constant : mapping of str to str
        Columns of ours that are the same for every row.
    """

    name: str
    family: str
    source: str
    unit: Literal["persons", "rows"]
    sv: str
    en: str
    address: str
    year: str
    needs: tuple[str, ...]
    tells_apart: tuple[str, ...]
    blank: tuple[str, ...]
    redacted: tuple[str, ...]
    constant: Mapping[str, str]
    codes: tuple[_Codes, ...] = field(default=(), metadata=key("code"))
    countries: tuple[_Country, ...] = field(default=(), metadata=key("country"))
    places: tuple[_Place, ...] = field(default=(), metadata=key("place"))
    flags: tuple[_Flag, ...] = field(default=(), metadata=key("flag"))
    not_taken: tuple[_NotTaken, ...] = ()

    @property
    def form_version(self) -> str:
        """Stamp that imported rows carry instead of a form's."""
        return f"crosswalk-{self.name}"

    @property
    def taken(self) -> tuple[str, ...]:
        """Columns of the file that it reads, in the order of the crosswalk."""
        names = [self.year, *(entry.column for entry in self.codes)]
        names += [entry.column for entry in self.countries] + [entry.column for entry in self.places]
        names += [name for entry in self.flags for name in (*entry.any, *entry.no)]
        return tuple(dict.fromkeys(names))

    @property
    def gives(self) -> tuple[str, ...]:
        """Columns of the codebook that it can fill."""
        names = [*self.constant, *(entry.to for entry in self.codes), *(entry.to for entry in self.flags)]
        names += [name for entry in self.countries for name in (entry.to, entry.group)]
        names += [name for entry in self.places for name in (entry.sweden, entry.abroad)]
        return tuple(dict.fromkeys(names))

    def reason_not_taken(self, column: str, lang: str) -> str | None:
        """Return why a known column is not taken, None for a column that the crosswalk does not know."""
        for entry in self.not_taken:
            if any(fnmatchcase(column.casefold(), pattern.casefold()) for pattern in entry.columns):
                return entry.label(lang)
        return None


@cache
def load_crosswalks() -> tuple[Crosswalk, ...]:
    """Return every crosswalk that the package carries, by name.

    Raises
    ------
    SettingsError
        E-010 if one is not usable, or names a column that the codebook lacks.
    """
    found = []
    for file in sorted(resource("crosswalks").glob("*.toml")):
        crosswalk = read_entry(Crosswalk, read_toml(file), file.name, "crosswalk")
        require_known(crosswalk.gives, load().grain_columns("case"), file.name, "crosswalk")
        found.append(crosswalk)
    return tuple(found)


def choose_crosswalk(name: str, headings: Sequence[str], file: str) -> Crosswalk:
    """Return the crosswalk that a file's headings ask for.

    Parameters
    ----------
    name : str
        A crosswalk, or a family of them: then the edition whose own columns the file has.
    headings : sequence of str
        First row of the file; upper and lower case are the same.
    file : str
        Its name, for messages.

    Raises
    ------
    UsageError
        E-320 if no crosswalk has that name.
    ContractError
        E-321 if the file lacks columns, E-322 if it fits none or several editions.
    """
    wanted = [one for one in load_crosswalks() if name in (one.name, one.family)]
    if not wanted:
        raise UsageError("E-320", name=name, known=", ".join(_names()))
    found = {heading.casefold() for heading in headings}
    lacking = [column for column in wanted[0].needs if column.casefold() not in found]
    if lacking:
        raise ContractError("E-321", file=file, name=name, columns=", ".join(lacking))
    if len(wanted) == 1:
        return wanted[0]
    fitting = [one for one in wanted if any(column.casefold() in found for column in one.tells_apart)]
    if len(fitting) != 1:
        known = ", ".join(one.name for one in wanted)
        raise ContractError("E-322", file=file, name=name, known=known)
    return fitting[0]


def _names() -> list[str]:
    return sorted({name for one in load_crosswalks() for name in (one.family, one.name)})
