"""The release ledger: everything ever released, in one chain that shows every later change.

Enters: safe tables and estimates on the day they are released. Leaves: what the attacker knows from before.
Each line holds a release's name, date and content and the hash of the line before; a line that is changed,
taken away or put in between breaks the chain. The last line's hash belongs in the release's manifest, so
that a shortened ledger is seen too. Only what was released stands here: hidden counts are nowhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from platform_utils.errors import DisclosureError, FileError
from platform_utils.paths import write_atomically
from platform_utils.protect.attacker import Seen, SeenTable
from platform_utils.protect.cells import universe_key
from platform_utils.schemas.estimate import SafeEstimate
from platform_utils.schemas.safe import SafeTable

__all__ = ["FIRST", "Entry", "Ledger"]

FIRST = "0" * 64
"""What stands as the hash before the first line."""


@dataclass(frozen=True)
class Entry:
    """One line of the ledger.

    Parameters
    ----------
    release : str
        Name of the release, such as ``"annual-2023"`` or ``"request-2024-07"``.
    day : date
        Day of the release.
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
        universe = self.content["universe"]
        key = universe["name"] if universe["unit"] == "persons" else f"{universe['name']}:{universe['unit']}"
        return str(key), int(universe["year"])

    @property
    def name(self) -> str:
        """How an attack names it: release and table."""
        return f"{self.release}/{self.content['name']}"

    def seen(self) -> SeenTable:
        """Return what a reader sees of a released table."""
        universe, year = self.population
        marked = f"{universe}@{self.edition}" if self.edition > 1 else universe
        cells = {
            tuple(codes): Seen() if count is None else Seen(count, count)
            for codes, count in zip(self.content["cells"], self.content["counts"], strict=True)
        }
        return SeenTable(
            self.name,
            marked,
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

    def editions(self, universe: str, year: int) -> int:
        """Return how many editions of a universe and year are out."""
        return max((e.edition for e in self.entries if e.population == (universe, year)), default=0)

    def seen(self, edition_of: Iterable[tuple[str, int]] = ()) -> list[SeenTable]:
        """Return every released table as a reader sees it.

        Parameters
        ----------
        edition_of : iterable of (str, int)
            Universes and years of which a corrected edition is being made: the persons counted then are not
            the same, so their cells are kept apart from the new ones.
        """
        apart = set(edition_of)
        tables = []
        for entry in self.entries:
            if entry.kind == "table":
                table = entry.seen()
                if entry.population in apart and "@" not in table.universe:
                    table = _renamed(table, f"{table.universe}@1")
                tables.append(table)
        return tables

    def add(
        self,
        items: Sequence[SafeTable | SafeEstimate],
        *,
        release: str,
        day: date,
        method: str = "suppression",
        edition: int = 1,
    ) -> str:
        """Enter a release and return the new head.

        Parameters
        ----------
        items : sequence of SafeTable or SafeEstimate
            All that is released.
        release : str
            Its name, never used before.
        day : date
            Day of the release.
        method : str
            How counts were protected.
        edition : int
            Above 1 for a corrected edition.

        Raises
        ------
        DisclosureError
            E-437 if the name has been used or a universe and year was released by another method.
        """
        if any(entry.release == release for entry in self.entries):
            raise DisclosureError("E-437", release=release, earlier=release)
        methods = {entry.population: entry for entry in self.entries if entry.kind == "table"}
        added: list[Entry] = []
        before = self.head
        for item in items:
            said = json.loads(item.content_text())
            if isinstance(item, SafeTable):
                kind = "table" if item.origin == "gate" else "published"
                other = methods.get((universe_key(item.universe), item.universe.year))
                if kind == "table" and other is not None and other.method != method:
                    raise DisclosureError("E-437", release=release, earlier=other.release)
            else:
                kind = "estimate"
            line = {
                "release": release,
                "day": day.isoformat(),
                "kind": kind,
                "method": method if kind == "table" else kind,
                "edition": edition,
                "content": said,
            }
            digest = _hash(before, line)
            added.append(_entry(line, before, digest))
            before = digest
        entries = (*self.entries, *added)
        text = "".join(_line(entry) for entry in entries)
        with write_atomically(self.path) as partial:
            partial.write_text(text, encoding="utf-8", newline="\n")
        self.entries = entries
        return self.head


def _said(entry: Entry) -> dict[str, Any]:
    return {
        "release": entry.release,
        "day": entry.day.isoformat(),
        "kind": entry.kind,
        "method": entry.method,
        "edition": entry.edition,
        "content": entry.content,
    }


def _hash(before: str, line: dict[str, Any]) -> str:
    text = json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{before}\n{text}".encode()).hexdigest()


def _line(entry: Entry) -> str:
    whole = _said(entry) | {"before": entry.before, "hash": entry.hash}
    return json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"


def _entry(line: dict[str, Any], before: str, digest: str) -> Entry:
    return Entry(
        release=str(line["release"]),
        day=date.fromisoformat(line["day"]),
        kind=str(line["kind"]),
        method=str(line["method"]),
        edition=int(line["edition"]),
        content=dict(line["content"]),
        before=before,
        hash=digest,
    )


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
            entry = _entry(line, before, digest)
            intact = chained == before and digest == _hash(before, line)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DisclosureError("E-436", file=path.name, line=number) from error
        if not intact:
            raise DisclosureError("E-436", file=path.name, line=number)
        entries.append(entry)
        before = digest
    if lines[-1]:
        raise DisclosureError("E-436", file=path.name, line=len(lines))
    return tuple(entries)


def _renamed(table: SeenTable, universe: str) -> SeenTable:
    return SeenTable(
        table.name, universe, table.year, table.dimensions, table.multiple, table.cells, table.shares
    )
