"""A crosswalk: which question of the codebook a column of somebody else's case file answers.

Enters: ``resources/crosswalks/*.toml``, or a file of the same form anywhere, and the headings of a file.
Leaves: the crosswalk that fits it. Rule: what the file does not ask stays not asked, and every column that is
not taken says so.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from platform_utils.errors import ContractError, FileError, SettingsError, UsageError
from platform_utils.paths import resource
from platform_utils.spec.codebook import load
from platform_utils.spec.entries import Labelled, key, read_entry, read_packaged, require_known
from platform_utils.spec.sources import is_named, row_unit


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
class Split:
    """A column of several answers at once: those named are yes, the others no.

    ``parts`` cuts the cell at ``separators``; without them an answer is given where the cell holds its word.
    """

    column: str = field(metadata=key("from"))
    parts: Mapping[str, tuple[str, ...]]
    separators: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Number:
    """A column of whole numbers."""

    to: str
    column: str = field(metadata=key("from"))


@dataclass(frozen=True)
class _LeftOut(Labelled):
    """Rows that are left out, and why: where a column holds one of ``values``, or with ``keep`` none of them.

    ``*`` stands for the rest of a value. With ``within`` a row stays where no other row has its value in that
    column: a total counts where what it sums up is not in the file.
    """

    column: str = field(metadata=key("from"))
    values: tuple[str, ...]
    sv: str
    en: str
    keep: bool = False
    within: str = ""

    def fits(self, value: str) -> bool:
        """Say whether a value is among those named."""
        return is_named(value, self.values)


@dataclass(frozen=True)
class _NotTaken(Labelled):
    """Columns that are not used, and why; ``*`` stands for the rest of a name."""

    columns: tuple[str, ...]
    sv: str
    en: str


@dataclass(frozen=True)
class Crosswalk(Labelled):
    """How the columns of one published case file become the codebook's, and what the file asks.

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
    year : str
        Column of the year; empty where every row is of ``year_fixed``, or of the year in the file's name.
    year_pattern : str
        Regular expression of the year in that column or name; its first group if it has one.
    count : str
        Column of how many a row stands for; empty where each is one.
    member : str
        Column of the organisation behind a row; empty where the whole file is one.
    several : {"replace", "add"}
        Whether another file of the same year replaces the one before it, or is counted with it.
    needs, tells_apart : tuple of str
        Columns that it must have, and such as only this edition has.
    blank, redacted : tuple of str
        Cells that say nothing, and countries that the publisher has suppressed.
    constant : mapping of str to str
        Columns of ours that are the same for every row.
    digest : str
        Of the text, where the package does not carry it.
    """

    name: str
    source: str
    sv: str
    en: str
    unit: Literal["persons", "rows"] = "persons"
    family: str = ""
    year: str = ""
    year_fixed: int = 0
    year_from_name: bool = False
    year_pattern: str = ""
    count: str = ""
    member: str = ""
    several: Literal["replace", "add"] = "replace"
    needs: tuple[str, ...] = ()
    tells_apart: tuple[str, ...] = ()
    blank: tuple[str, ...] = ("",)
    redacted: tuple[str, ...] = ()
    constant: Mapping[str, str] = field(default_factory=lambda: {"role": "direct"})
    codes: tuple[_Codes, ...] = field(default=(), metadata=key("code"))
    countries: tuple[_Country, ...] = field(default=(), metadata=key("country"))
    places: tuple[_Place, ...] = field(default=(), metadata=key("place"))
    flags: tuple[_Flag, ...] = field(default=(), metadata=key("flag"))
    splits: tuple[Split, ...] = field(default=(), metadata=key("split"))
    numbers: tuple[_Number, ...] = field(default=(), metadata=key("number"))
    left_out: tuple[_LeftOut, ...] = field(default=(), metadata=key("leave_out"))
    not_taken: tuple[_NotTaken, ...] = ()
    digest: str = ""

    @property
    def form_version(self) -> str:
        """Stamp that imported rows carry instead of a form's."""
        return f"crosswalk-{self.name}{self.digest and f'-{self.digest}'}"

    @property
    def taken(self) -> tuple[str, ...]:
        """Columns of the file that it reads, in the order of the crosswalk."""
        names = [self.year, self.count, self.member]
        named = (self.codes, self.countries, self.places, self.splits, self.numbers, self.left_out)
        names += [entry.column for entries in named for entry in entries]
        names += [entry.within for entry in self.left_out]
        names += [name for entry in self.flags for name in (*entry.any, *entry.no)]
        return tuple(filter(None, dict.fromkeys(names)))

    @property
    def gives(self) -> tuple[str, ...]:
        """Columns of the codebook that it can fill."""
        names = [*self.constant, *(entry.to for entry in self.codes), *(entry.to for entry in self.flags)]
        names += [name for entry in self.countries for name in (entry.to, entry.group)]
        names += [name for entry in self.places for name in (entry.sweden, entry.abroad)]
        names += [name for entry in self.splits for named in entry.parts.values() for name in named]
        return tuple(dict.fromkeys([*names, *(entry.to for entry in self.numbers)]))

    @property
    def needed(self) -> tuple[str, ...]:
        """Columns without which it cannot be read."""
        rows = [self.year, self.count, self.member, *(entry.column for entry in self.left_out)]
        return tuple(filter(None, dict.fromkeys([*self.needs, *rows])))

    def reason_not_taken(self, column: str, lang: str) -> str | None:
        """Return why a known column is not taken, None for a column that the crosswalk does not know."""
        for entry in self.not_taken:
            if is_named(column, entry.columns):
                return entry.label(lang)
        return None


@cache
def load_crosswalks() -> tuple[Crosswalk, ...]:
    """Return every crosswalk that the package carries, by name; errors as in `read_crosswalk`."""
    return tuple(_read(file, "") for file in sorted(resource("crosswalks").glob("*.toml")))


def read_crosswalk(path: Path) -> Crosswalk:
    """Return the crosswalk that somebody has written.

    Raises
    ------
    FileError
        E-101 if the file is gone.
    SettingsError
        E-010 if it is not usable, or names a column that the codebook lacks.
    """
    if not path.is_file():
        raise FileError("E-101", file=path.name)
    return _read(path, hashlib.sha256(path.read_bytes()).hexdigest()[:8])


def _read(path: Path, digest: str) -> Crosswalk:
    found = read_entry(Crosswalk, read_packaged(path), path.name, "crosswalk", digest=digest)
    require_known(found.gives, load().grain_columns("case"), path.name, "crosswalk")
    ways = [bool(found.year), bool(found.year_fixed), found.year_from_name]
    expected = {
        "year": ("year, year_fixed, year_from_name: 1", ways.count(True) == 1),
        "unit": (row_unit(f"external-{found.source}"), found.unit == row_unit(f"external-{found.source}")),
        "source": ("a-z 0-9 -", re.fullmatch("[a-z0-9][a-z0-9-]*", found.source) is not None),
        "name": ("a-z 0-9 _", re.fullmatch("[a-z0-9_]+", found.name) is not None),
        "year_pattern": ("(regular expression)", _is_pattern(found.year_pattern)),
    }
    for name, (wanted, is_so) in expected.items():
        if not is_so:
            raise SettingsError("E-010", name=name, file=path.name, expected=wanted)
    return found


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True


def choose_crosswalk(name: str, headings: Sequence[str], file: str) -> Crosswalk:
    """Return the crosswalk that a file's headings ask for.

    Parameters
    ----------
    name : str
        A crosswalk, or a family of them: then the edition whose own columns the file has; or the path of a
        ``.toml`` file that is one.
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
    own = name.lower().endswith(".toml")
    wanted = (
        [read_crosswalk(Path(name))]
        if own
        else [one for one in load_crosswalks() if name in (one.name, one.family)]
    )
    if not wanted:
        names = {each for one in load_crosswalks() for each in (one.family or one.name, one.name)}
        raise UsageError("E-320", name=name, known=", ".join(sorted(names)))
    found = {heading.casefold() for heading in headings}
    lacking = [column for column in wanted[0].needed if column.casefold() not in found]
    if lacking:
        raise ContractError(
            "E-321", file=file, name=wanted[0].name if own else name, columns=", ".join(lacking)
        )
    if len(wanted) == 1:
        return wanted[0]
    fitting = [one for one in wanted if any(column.casefold() in found for column in one.tells_apart)]
    if len(fitting) != 1:
        known = ", ".join(one.name for one in wanted)
        raise ContractError("E-322", file=file, name=name, known=known)
    return fitting[0]
