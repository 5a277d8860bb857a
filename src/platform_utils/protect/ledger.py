"""The release ledger: everything ever released, in one chain that shows every later change.

Enters: safe tables and estimates on the day they are released. Leaves: what the attacker knows from before.
Each line holds a release's name, date and content and the hash of the line before; a line that is changed,
taken away or put in between breaks the chain. The last line's hash belongs in the release's manifest, so
that a shortened ledger is seen too. Only what was released stands here: hidden counts are nowhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from platform_utils.errors import DisclosureError, FileError
from platform_utils.paths import write_atomically
from platform_utils.protect.attacker import Seen, SeenTable
from platform_utils.protect.cells import universe_key
from platform_utils.spec.counts import Universe
from platform_utils.spec.safe import SafeEstimate, SafeTable

__all__ = ["FIRST", "Entry", "Ledger"]

FIRST = "0" * 64
"""What stands as the hash before the first line."""


@dataclass(frozen=True)
class Entry:
    """One line of the ledger.

    Attributes
    ----------
    release : str
        Name of the release, such as ``"annual-2023"`` or ``"request-2024-07"``.
    kind : {"table", "estimate", "published"}
        What was released.
    method : str
        How counts were protected: one method per universe and year, for ever.
    edition : int
        1 for the first release of a universe and year, 2 for the first corrected one.
    content : mapping
        What the reader saw.
    before, hash : str
        The chain.
    """

    release: str
    day: date
    kind: str
    method: str
    edition: int
    content: dict[str, Any]
    before: str
    hash: str

    @property
    def population(self) -> tuple[str, int]:
        """Universe and year."""
        universe = Universe(**self.content["universe"])
        return universe_key(universe), universe.year

    @property
    def name(self) -> str:
        """How an attack names it: release and table."""
        return f"{self.release}/{self.content['name']}"

    def seen(self, *, apart: bool = False) -> SeenTable:
        """Return what a reader sees of a released table; ``apart`` from tables that count other persons."""
        universe, year = self.population
        cells = {
            tuple(codes): Seen() if count is None else Seen(count, count)
            for codes, count in zip(self.content["cells"], self.content["counts"], strict=True)
        }
        return SeenTable(
            self.name,
            f"{universe}@{self.edition}" if apart else universe,
            year,
            tuple(self.content["dimensions"]),
            frozenset(self.content["multiple_dimensions"]),
            cells,
        )


class Ledger:
    """The releases of one source, read and checked whole.

    Parameters
    ----------
    path : Path
        ``releases/<source>/ledger.jsonl``; a file that is not there is an empty ledger.

    Raises
    ------
    DisclosureError
        E-436 if the chain is broken.
    FileError
        E-420 if the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self.entries: tuple[Entry, ...] = _read(self.path)

    @property
    def head(self) -> str:
        """Hash of the last line."""
        return self.entries[-1].hash if self.entries else FIRST

    def newest(self, year: int) -> int:
        """Return the newest edition of a year that is out, 0 if there is none."""
        return self._newest_by_year().get(year, 0)

    def seen(self, corrected: Collection[int] = ()) -> list[SeenTable]:
        """Return every released table as a reader sees it.

        Tables of an older edition of a year stand apart: the persons counted there are not the same.

        Parameters
        ----------
        corrected : collection of int
            Years of which a corrected edition is being made: all that is out of them stands apart then.
        """
        newest = self._newest_by_year()
        return [
            entry.seen(apart=entry.population[1] in corrected or entry.edition < newest[entry.population[1]])
            for entry in self.entries
            if entry.kind == "table"
        ]

    def superseded(self, years: Collection[int]) -> dict[int, list[SeenTable]]:
        """Return what a reader sees in the tables of ``years`` that a newer edition replaced, by edition."""
        newest = self._newest_by_year()
        older: dict[int, list[SeenTable]] = {}
        for entry in self.entries:
            year = entry.population[1]
            if entry.kind == "table" and year in years and entry.edition < newest[year]:
                older.setdefault(entry.edition, []).append(entry.seen())
        return dict(sorted(older.items()))

    def _newest_by_year(self) -> dict[int, int]:
        newest: dict[int, int] = {}
        for entry in self.entries:
            if entry.kind == "table":
                year = entry.population[1]
                newest[year] = max(newest.get(year, 0), entry.edition)
        return newest

    def add(
        self,
        items: Sequence[SafeTable | SafeEstimate],
        *,
        release: str,
        day: date,
        method: str = "suppression",
        edition: int | Mapping[int, int] = 1,
    ) -> str:
        """Enter a release and return the new head.

        Parameters
        ----------
        release : str
            Its name, never used before.
        edition : int or mapping of int to int
            Above 1 for a corrected edition of the newest year in ``items``; what is shown of other years
            belongs to their newest edition. Or the edition of each year.

        Raises
        ------
        DisclosureError
            E-437 if the name has been used or a universe and year was released by another method.
        """
        if any(entry.release == release for entry in self.entries):
            raise DisclosureError("E-437", release=release, earlier=release)
        methods = {entry.population: entry for entry in self.entries if entry.kind == "table"}
        of_year = self._editions_of(items, edition)
        added: list[Entry] = []
        before = self.head
        for item in items:
            kind = "estimate"
            if isinstance(item, SafeTable):
                kind = "table" if item.origin == "gate" else "published"
                other = methods.get((universe_key(item.universe), item.universe.year))
                if kind == "table" and other is not None and other.method != method:
                    raise DisclosureError("E-437", release=release, earlier=other.release)
            line = {
                "release": release,
                "day": day.isoformat(),
                "kind": kind,
                "method": method if kind == "table" else kind,
                "edition": of_year[item.universe.year],
                "content": json.loads(item.content_text()),
            }
            added.append(_chained(line, before))
            before = added[-1].hash
        entries = (*self.entries, *added)
        lines = [_text(vars(entry) | {"day": entry.day.isoformat()}) for entry in entries]
        with write_atomically(self.path) as partial:
            partial.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
        self.entries = entries
        return self.head

    def _editions_of(
        self, items: Sequence[SafeTable | SafeEstimate], edition: int | Mapping[int, int]
    ) -> dict[int, int]:
        years = sorted({item.universe.year for item in items})
        known = {year: max(1, self.newest(year)) for year in years}
        return known | (dict(edition) if isinstance(edition, Mapping) else dict.fromkeys(years[-1:], edition))


def _chained(line: Mapping[str, Any], before: str) -> Entry:
    """Return the entry of a line, with the hash that chains it to the line before."""
    digest = hashlib.sha256(f"{before}\n{_text(line)}".encode()).hexdigest()
    return Entry(**{**line, "day": date.fromisoformat(line["day"])}, before=before, hash=digest)


def _text(line: Mapping[str, Any]) -> str:
    return json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _read(path: Path) -> tuple[Entry, ...]:
    if not path.exists():
        return ()
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise FileError("E-420", file=path.name) from error
    entries: list[Entry] = []
    before = FIRST
    for number, text in enumerate(lines[:-1], start=1):
        try:
            line = json.loads(text)
            chained, digest = line.pop("before"), line.pop("hash")
            entry = _chained(line, before)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DisclosureError("E-436", file=path.name, line=number) from error
        if chained != before or digest != entry.hash:
            raise DisclosureError("E-436", file=path.name, line=number)
        entries.append(entry)
        before = digest
    if lines[-1]:
        raise DisclosureError("E-436", file=path.name, line=len(lines))
    return tuple(entries)
