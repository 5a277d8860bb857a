"""What the Platform did in a year, its accounts and its publications: checked, and stored for its report.

Enters: ``activities.toml`` and ``accounts.toml`` of a year, ``publications.csv`` and the register. Leaves: a
safe table of figures, and ``told.json`` with the texts. The figures are the Platform's own about itself, and
its annual meeting makes them public: of members who are persons a number, of those met nothing.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

import pandas as pd

from platform_utils import protect
from platform_utils.books.register import count_members, key_of, load_register
from platform_utils.errors import ContractError, FileError, PlatformError
from platform_utils.guard.identity import find_identity
from platform_utils.paths import Workspace, replace_folder, resource, write_whole
from platform_utils.protect.foreign.published import PUBLISHED_DIMENSIONS
from platform_utils.spec.entries import key, read_entry, read_packaged
from platform_utils.spec.membership import forms

SOURCE = "the Platform's own books"
"""What figures of the books name as their source, as ``not_on_web.toml`` declares it."""
_DONE, _ACCOUNTS = "activities.toml", "accounts.toml"
Kind = TypeVar("Kind")


@dataclass(frozen=True)
class Activity:
    """One thing done: month (0: all the year), kind and outcome of the closed lists, and how many times."""

    kind: str
    outcome: str
    text: str
    month: int = 0
    party: str = field(default="", metadata=key("with"))
    times: int = 1
    material: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Office:
    """A seat of the board, or an employee's work since a month; who holds it is filled in by hand."""

    office: str
    organisation: str = ""
    since: str = ""
    extent: str = ""


@dataclass(frozen=True)
class Done:
    """A year's ``activities.toml``."""

    activity: tuple[Activity, ...]
    board: tuple[Office, ...] = ()
    post: tuple[Office, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Line:
    """One line of the accounts, in whole kronor."""

    line: str
    sek: int
    funder: str = ""


@dataclass(frozen=True)
class Accounts:
    """A year's ``accounts.toml``: lines, and the totals that the treasurer typed."""

    grant: tuple[Line, ...]
    income: tuple[Line, ...]
    cost: tuple[Line, ...]
    asset: tuple[Line, ...]
    debt: tuple[Line, ...]
    total: Mapping[str, int]
    note: str = ""

    def wrong(self, lines: Mapping[str, str]) -> Iterator[str]:
        """Yield the totals that do not follow from their lines, and from the totals before them."""
        right = {total: sum(one.sek for one in getattr(self, kind)) for total, kind in lines.items()}
        typed = dict.fromkeys((*right, "result"), 0) | dict(self.total)
        right["income"] += typed["grants"]
        right["result"] = typed["income"] - typed["costs"]
        yield from (f"total.{name}" for name in typed if typed[name] != right.get(name))
        if right["assets"] != right["debts"]:
            yield "asset, debt"


def store_year(year: int, source: str, *, workspace: Workspace) -> None:
    """Check the books of a year, and store what its activity report shows.

    Raises
    ------
    FileError
        E-397 with the key that cannot be used, if a file is missing or not as it should be; E-380.
    ContractError
        E-398 with the lines that do not add up, E-399 if the register contradicts itself.
    """
    words = read_packaged(resource("activities.toml"))
    done = _read(Done, workspace, source, year, _DONE)
    accounts = _read(Accounts, workspace, source, year, _ACCOUNTS)
    if wrong := list(accounts.wrong(words["lines"])):
        raise ContractError("E-398", file=_ACCOUNTS, year=year, lines=", ".join(wrong))
    for number, one in enumerate(done.activity, start=1):
        wrong = [name for name in ("kind", "outcome") if getattr(one, name) not in words[name]]
        wrong += ["month"] * (one.month not in range(13))
        wrong += ["text"] * bool(find_identity(f"{one.text} {one.party}"))
        if wrong:
            raise FileError("E-397", file=_DONE, year=year, key=f"activity {number}: {', '.join(wrong)}")
    with (workspace.published / "publications.csv").open(encoding="utf-8", newline="") as file:
        published = [one for one in csv.DictReader(file) if int(one["published"][:4]) <= year + 1]
    with (workspace.published / "published_figures.csv").open(encoding="utf-8", newline="") as file:
        quoted = Counter(one["source"] for one in csv.DictReader(file))
    figures = _of_members(workspace, source, year) | _of_year(done, accounts, words["lines"].values())
    figures |= {("quoted", one["title"]): quoted[one["sources"]] for one in published}
    rows = [("books", str(year), *names, str(n), "number", SOURCE, "") for names, n in figures.items()]
    notes = {"activities": done.note, "accounts": accounts.note}
    told = asdict(done) | {"note": notes, "publications": published}
    for each in told["activity"]:
        each.update(words["kind"][each["kind"]], done=words["outcome"][each["outcome"]])
    with replace_folder(workspace.controlled(source, year) / "books") as partial:
        write_whole(partial / "told.json", json.dumps(told, ensure_ascii=False, indent=1))
        for table in protect.as_published(pd.DataFrame(rows, columns=["series", *PUBLISHED_DIMENSIONS])):
            table.write(partial / f"{table.name}.parquet")


def _of_members(workspace: Workspace, source: str, year: int) -> dict[tuple[str, str], int]:
    register = load_register(workspace, source)
    register.require_clean()
    now, before = (count_members(register, each) for each in (year, year - 1))
    paying = {("paying", form): now.of(form) for form in ("", *forms())}
    paying["paying", "organisation"] = now.of(holder="organisation")
    return paying | {("new", ""): now.new, ("left", ""): now.left, ("left", "before"): before.left}


def _of_year(done: Done, accounts: Accounts, kinds: Iterable[str]) -> dict[tuple[str, str], int]:
    found: Counter[tuple[str, str]] = Counter({("seats", ""): len(done.board), ("forms", ""): len(forms())})
    for one in done.activity:
        found["times", one.kind] += one.times
    for kind in kinds:
        for each in getattr(accounts, kind):
            found[kind, ": ".join(filter(None, (each.funder, each.line)))] += each.sek
    return dict(found) | {("total", name): sek for name, sek in accounts.total.items()}


def _read(kind: type[Kind], workspace: Workspace, source: str, year: int, file: str) -> Kind:
    said: Any = None
    try:
        said = read_packaged(workspace.books(source, year) / file)
        return read_entry(kind, said, file, "-")
    except PlatformError as error:  # its words may be a name: only the key is said
        raise FileError("E-397", file=file, year=year, key=key_of(error) if said else "-") from error
