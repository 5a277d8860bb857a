"""The release ledger: everything ever released, in one chain that shows every later change.

Enters: safe tables and estimates on the day they are released, readers' keys, signatures. Leaves: what the
attacker knows from before. Each line holds the hash of the line before; a line that is changed, taken away
or put in between breaks the chain. A shortened one is whole in itself: `anchors` holds it against the heads
that releases have stored. Only what was released stands here: hidden counts are nowhere.
"""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from platform_utils.errors import DisclosureError, FileError
from platform_utils.paths import write_whole
from platform_utils.protect.attacker import Seen, SeenTable
from platform_utils.protect.cells import universe_key
from platform_utils.spec.counts import Universe
from platform_utils.spec.ledger_lines import CLOSED, READER, SEALED, SEEN
from platform_utils.spec.safe import SafeEstimate, SafeTable

FIRST = "0" * 64
"""What stands as the hash before the first line."""


@dataclass(frozen=True)
class Entry:
    """One line of the ledger.

    Attributes
    ----------
    release : str
        Name of the release, such as ``"2023-1"`` or ``"request-2024-07"``; empty on a reader's line.
    kind : {"table", "estimate", "published", "sealed", "reader", "reader closed"}
        What was released; the end of a release, with its signatures; a key that comes or goes.
    method : str
        How counts were protected: one method per universe and year, for ever.
    edition : int
        1 for the first release of a universe and year, 2 for the first corrected one, 0 where none is meant.
    content : mapping
        What the reader saw; of a release's end what it says about itself, and who signed it.
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
        self.lines: tuple[Entry, ...] = _read(self.path)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The lines that somebody outside has seen."""
        return tuple(line for line in self.lines if line.kind in SEEN)

    @property
    def seals(self) -> dict[str, tuple[int, Entry]]:
        """The line that ends each release, and its number from 1, by the release's name."""
        numbered = enumerate(self.lines, start=1)
        return {line.release: (number, line) for number, line in numbered if line.kind == SEALED}

    def ended(self) -> Iterator[tuple[int, Entry, tuple[Entry, ...]]]:
        """Yield the line that ends each release, its number from 1, and the lines seen directly before it."""
        since = 0
        for number, line in enumerate(self.lines, start=1):
            if line.kind == SEALED:
                yield number, line, self.lines[since : number - 1]
            since = since if line.kind in SEEN else number

    @property
    def releases(self) -> frozenset[str]:
        """Names of everything that is out."""
        return frozenset(line.release for line in self.lines if line.release)

    @property
    def head(self) -> str:
        """Hash of the last line."""
        return self.head_at(len(self.lines)) or FIRST

    def head_at(self, length: int) -> str | None:
        """Return the head that the ledger had with ``length`` lines; None if it has never been as long."""
        if not 0 <= length <= len(self.lines):
            return None
        return self.lines[length - 1].hash if length else FIRST

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
        grown = self.with_release(items, release=release, day=day, method=method, edition=edition)
        grown.write()
        self.lines = grown.lines
        return self.head

    def with_release(
        self,
        items: Sequence[SafeTable | SafeEstimate],
        *,
        release: str,
        day: date,
        method: str = "suppression",
        edition: int | Mapping[int, int] = 1,
    ) -> Ledger:
        """Return the ledger as it will be once a release has been entered; nothing is written. As `add`."""
        if release in self.releases:
            raise DisclosureError("E-437", release=release, earlier=release)
        methods = {entry.population: entry for entry in self.entries if entry.kind == "table"}
        of_year = self._editions_of(items, edition)
        grown = self
        for item in items:
            kind = "estimate"
            if isinstance(item, SafeTable):
                kind = "table" if item.origin == "gate" else "published"
                other = methods.get((universe_key(item.universe), item.universe.year))
                if kind == "table" and other is not None and other.method != method:
                    raise DisclosureError("E-437", release=release, earlier=other.release)
            how = method if kind == "table" else kind
            content = content_of(item)
            year = of_year[item.universe.year]
            grown = grown.with_line(kind, content, day=day, release=release, method=how, edition=year)
        return grown

    def with_line(
        self, kind: str, content: Mapping[str, Any], *, day: date, release: str = "", **how: Any
    ) -> Ledger:
        """Return the ledger as it will be with one more line; nothing is written.

        Parameters
        ----------
        **how : str, int
            ``method`` and ``edition`` of what is seen; other lines have none.
        """
        line = {
            "release": release,
            "day": day.isoformat(),
            "kind": kind,
            "content": dict(content),
            "method": how.get("method", kind),
            "edition": how.get("edition", 0),
        }
        grown = copy.copy(self)
        grown.lines = (*self.lines, _chained(line, self.head))
        return grown

    def write(self) -> None:
        """Write the whole ledger, or nothing."""
        lines = [_text(vars(line) | {"day": line.day.isoformat()}) for line in self.lines]
        write_whole(self.path, "".join(f"{line}\n" for line in lines))

    def _editions_of(
        self, items: Sequence[SafeTable | SafeEstimate], edition: int | Mapping[int, int]
    ) -> dict[int, int]:
        years = sorted({item.universe.year for item in items})
        known = {year: max(1, self.newest(year)) for year in years}
        return known | (dict(edition) if isinstance(edition, Mapping) else dict.fromkeys(years[-1:], edition))


def content_of(item: SafeTable | SafeEstimate) -> dict[str, Any]:
    """Return what a line holds of a table or an estimate."""
    return dict(json.loads(item.content_text()))


def digest_of_contents(contents: Iterable[Mapping[str, Any]]) -> str:
    """Return one hash of what a release shows: the contents of its tables and estimates, in their order."""
    return hashlib.sha256("\n".join(map(_text, contents)).encode()).hexdigest()


def _chained(line: Mapping[str, Any], before: str) -> Entry:
    """Return the entry of a line, with the hash that chains it to the line before."""
    digest = hashlib.sha256(f"{before}\n{_text(line)}".encode()).hexdigest()
    return Entry(**{**line, "day": date.fromisoformat(line["day"])}, before=before, hash=digest)


def _text(line: Mapping[str, Any]) -> str:
    return json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _is_known(entry: Entry) -> bool:
    """Say whether a line says what its kind must say: a chain can be made anew by hand."""
    said = entry.content
    if bool(entry.release) is (entry.kind in (READER, CLOSED)):
        return False
    if entry.kind == SEALED:
        return isinstance(said.get("about"), dict) and isinstance(said.get("signed"), list)
    if entry.kind in (READER, CLOSED):
        return isinstance(said["name"], str) and bool(re.fullmatch("[0-9a-f]{64}", said["key"]))
    return entry.kind in SEEN and "name" in said and isinstance(entry.population[1], int)


def _read(path: Path) -> tuple[Entry, ...]:
    if not path.exists():
        return ()
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise FileError("E-420", file=path.name) from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise DisclosureError("E-436", file=path.name, line=line) from error
    entries: list[Entry] = []
    before = FIRST
    for number, text in enumerate(lines[:-1], start=1):
        try:
            line = json.loads(text)
            same = text == _text(line)  # a key that stands twice is read once
            chained, digest = line.pop("before"), line.pop("hash")
            entry = _chained(line, before)
            known = same and _is_known(entry)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DisclosureError("E-436", file=path.name, line=number) from error
        if chained != before or digest != entry.hash or not known:
            raise DisclosureError("E-436", file=path.name, line=number)
        entries.append(entry)
        before = digest
    if lines[-1]:
        raise DisclosureError("E-436", file=path.name, line=len(lines))
    return tuple(entries)
