"""A crosswalk: which question of the codebook a column of somebody else's case file answers.

Enters: ``resources/crosswalks/*.toml`` and the headings of a file. Leaves: the crosswalk that fits it.
Rule: what the file does not ask stays not asked, and every column that is not taken says so.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from platform_utils.errors import ContractError, SettingsError, UsageError
from platform_utils.paths import resource
from platform_utils.spec.codebook import load

__all__ = ["Crosswalk", "choose_crosswalk", "load_crosswalk", "load_crosswalks"]


@dataclass(frozen=True)
class Crosswalk:
    """How the columns of one published case file become the codebook's.

    Parameters
    ----------
    name, family : str
        Its own name, and that of the editions among which ``--crosswalk`` chooses.
    source : str
        Name below ``data_raw/external``; the source is ``external-<source>``.
    unit : {"persons", "rows"}
        What one row is; rows of synthetic data are never called persons.
    labels : mapping of language to str
        Title of the file.
    address : str
        Publisher.
    year : str
        Column of the year.
    needs, tells_apart : tuple of str
        Columns that it must have, and such as only this edition has.
    blank, redacted : frozenset of str
        Cells that say nothing, and countries that the publisher has suppressed.
    constant : mapping of str to str
        Columns of ours that are the same for every row.
    codes : tuple of mapping
        ``to``, ``from``, ``map``.
    countries, places, flags : tuple of mapping
        As in the file.
    not_taken : tuple of mapping
        ``columns`` (``*`` stands for the rest of a name), ``sv``, ``en``.
    """

    name: str
    family: str
    source: str
    unit: str
    labels: Mapping[str, str]
    address: str
    year: str
    needs: tuple[str, ...]
    tells_apart: tuple[str, ...]
    blank: frozenset[str]
    redacted: frozenset[str]
    constant: Mapping[str, str]
    codes: tuple[Mapping[str, Any], ...]
    countries: tuple[Mapping[str, str], ...]
    places: tuple[Mapping[str, str], ...]
    flags: tuple[Mapping[str, Any], ...]
    not_taken: tuple[Mapping[str, Any], ...]

    @property
    def form_version(self) -> str:
        """Stamp that imported rows carry instead of a form's."""
        return f"crosswalk-{self.name}"

    @property
    def taken(self) -> tuple[str, ...]:
        """Columns of the file that it reads, in the order of the crosswalk."""
        single = [entry["from"] for entry in (*self.codes, *self.countries, *self.places)]
        flags = [name for entry in self.flags for name in (*entry["any"], *entry["no"])]
        return tuple(dict.fromkeys([self.year, *single, *flags]))

    @property
    def gives(self) -> tuple[str, ...]:
        """Columns of the codebook that it can fill."""
        names = [entry["to"] for entry in (*self.codes, *self.countries, *self.flags)]
        names += [entry["group"] for entry in self.countries]
        names += [entry[key] for entry in self.places for key in ("sweden", "abroad")]
        return tuple(dict.fromkeys([*self.constant, *names]))

    def reason_not_taken(self, column: str, lang: str) -> str | None:
        """Return why a known column is not taken, None for a column that the crosswalk does not know."""
        for entry in self.not_taken:
            if any(fnmatchcase(column.casefold(), pattern.casefold()) for pattern in entry["columns"]):
                return str(entry[lang])
        return None


@cache
def load_crosswalks() -> tuple[Crosswalk, ...]:
    """Return every crosswalk that the package carries, by name.

    Raises
    ------
    SettingsError
        E-010 if one names a column that the codebook lacks.
    """
    files = sorted(resource("crosswalks").glob("*.toml"))
    return tuple(_crosswalk(tomllib.loads(file.read_text(encoding="utf-8"))) for file in files)


def load_crosswalk(name: str) -> Crosswalk:
    """Return the crosswalk of that name.

    Raises
    ------
    UsageError
        E-320 if there is none.
    """
    for crosswalk in load_crosswalks():
        if crosswalk.name == name:
            return crosswalk
    raise UsageError("E-320", name=name, known=", ".join(_names()))


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


def _crosswalk(entry: Mapping[str, Any]) -> Crosswalk:
    crosswalk = Crosswalk(
        name=entry["name"],
        family=entry["family"],
        source=entry["source"],
        unit=entry["unit"],
        labels={"sv": entry["sv"], "en": entry["en"]},
        address=entry["address"],
        year=entry["year"],
        needs=tuple(entry["needs"]),
        tells_apart=tuple(entry["tells_apart"]),
        blank=frozenset(entry["blank"]),
        redacted=frozenset(entry["redacted"]),
        constant=entry["constant"],
        codes=tuple(entry.get("code", ())),
        countries=tuple(entry.get("country", ())),
        places=tuple(entry.get("place", ())),
        flags=tuple(entry.get("flag", ())),
        not_taken=tuple(entry.get("not_taken", ())),
    )
    known = load().grain_columns("case")
    for column in crosswalk.gives:
        if column not in known:
            raise SettingsError("E-010", name=column, file=f"{crosswalk.name}.toml", expected="codebook")
    return crosswalk


def _names() -> list[str]:
    return sorted({name for one in load_crosswalks() for name in (one.family, one.name)})
