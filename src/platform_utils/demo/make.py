"""Make the demo returns of a year and receive them as members' returns are received.

Enters: a workspace, years and a seed. Leaves: files, ``members.toml``, ``receipts.toml``,
``corrections.toml`` and ``planted_faults.toml`` in the folder of each year. Everything is invented.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from platform_utils.demo.faults import Fault, Planted, plant_faults
from platform_utils.demo.fill_in import fill_in
from platform_utils.demo.pilot import write_pilot_cohort
from platform_utils.demo.targets import load_members
from platform_utils.demo.write import ENCODINGS, write_file
from platform_utils.demo.year import DemoYear, make_years
from platform_utils.lock import one_writer
from platform_utils.paths import Workspace, make_folder, resource, write_whole
from platform_utils.returns import receive

_SOURCE, _WITH_TEXTS = "demo", 2023
_FOUNDED, _LAST = 2017, 2024
"""The association's first year, and the last one of the demo."""
Entry = dict[str, object]
_NAMES_NO_ROW = ("W-153", "W-154")
"""Findings about a column or a sheet."""


@dataclass(frozen=True)
class DemoReceipt:
    """What was made for one year.

    Attributes
    ----------
    members : int
        Members that returned.
    faults : int
        Faults planted, habits of files not counted.
    """

    year: int
    files: int
    members: int
    faults: int
    folder: Path


def make_returns(workspace: Workspace, years: Iterable[int], seed: int) -> list[DemoReceipt]:
    """Invent the returns of some years and receive them; what the demo made before is replaced.

    The pilot's invented cohort is written beside them: it is the same whatever the years and the seed.

    Parameters
    ----------
    seed : int
        Decides who is who and how it is spelt, never how many. The same seed gives the same bytes.

    Raises
    ------
    UsageError
        E-840 if the demo has no such year.
    FileError
        E-012 if the folder cannot be written.
    """
    made = []
    for demo in make_years(years, seed):
        planted = plant_faults(fill_in(demo, seed), demo.year, seed)
        final = workspace.returns(_SOURCE, demo.year)
        make_folder(final.parent)
        with tempfile.TemporaryDirectory(prefix=".partial-", dir=final.parent) as name:
            aside = Workspace(Path(name))
            _make_year(demo, planted, aside)
            with one_writer(workspace):
                if final.exists():
                    shutil.rmtree(final)
                aside.returns(_SOURCE, demo.year).rename(final)
        files = len(planted.first) + len(planted.again) + len(planted.copies)
        named = sum(fault.row is not None for fault in planted.faults)
        made.append(DemoReceipt(demo.year, files, len(planted.first), named, final))
    if made:
        write_pilot_cohort(workspace.cohort(_SOURCE))
        _write_books(workspace)
    return made


def _write_books(workspace: Workspace) -> None:
    """Write the invented register of members; the same whatever the years and the seed."""
    register = []
    for member in load_members():
        first = member.joined or member.since or _FOUNDED
        is_person = member.membership_form == "individual"
        named: Entry = {} if is_person else {"name": member.name}
        entry = {"id": member.id, "holder": "person" if is_person else "organisation"} | named
        days = {"applied": date(first, 1, 20), "admitted": date(first, 3, 5), "joined": date(first, 3, 5)}
        paid = list(range(first, _LAST + 1))
        register.append(entry | {"form": member.membership_form} | days | {"paid": paid})
    _write_entries(
        workspace.books(_SOURCE, "register.toml"),
        "Invented register of members. None of them exists.",
        "membership",
        register,
    )
    for path in sorted(resource("demo", "books").iterdir()):
        write_whole(workspace.books(_SOURCE, _LAST) / path.name, path.read_bytes())


def _write_texts(folder: Path, year: int) -> None:
    """Write the edition of a year, and for the newest years examples of what an analyst may write."""
    make_folder(folder)
    day = f"{year + 1}-08-15"
    (folder / "edition.toml").write_text(
        f"# Invented.\nedition = 1\ndate = {day}\n", encoding="utf-8", newline="\n"
    )
    for path in sorted(resource("demo", "texts").glob("*.md")) if year >= _WITH_TEXTS else ():
        shutil.copyfile(path, folder / path.name)


def _make_year(demo: DemoYear, planted: Planted, workspace: Workspace) -> None:
    _write_entries(
        workspace.members(_SOURCE, demo.year),
        "Invented members. None of them exists.",
        "member",
        _members(demo),
    )
    _write_texts(workspace.own_words(_SOURCE, demo.year), demo.year)
    stored = _send(planted, workspace, demo.year)
    _write_entries(
        workspace.corrections(_SOURCE, demo.year),
        "Corrections of invented returns: what the analyst would declare after asking the member.",
        "correction",
        _corrections(planted.faults, stored),
    )
    _write_entries(
        workspace.returns(_SOURCE, demo.year) / "planted_faults.toml",
        "Faults planted in invented returns. code: the finding that each must give, or none: handled.\n"
        "# held: the row is not counted until mended_by; persons and answers: what is missing then.",
        "fault",
        (_fault(fault, stored[id(fault.one)]) for fault in planted.faults),
    )


def _send(planted: Planted, workspace: Workspace, year: int) -> dict[int, str]:
    """Write and receive the files by date; return the name under which each return is kept."""
    stored: dict[int, str] = {}
    with tempfile.TemporaryDirectory() as name:
        desk = Path(name)
        sent = [*planted.first, *planted.again]
        for one in sorted(sent, key=lambda each: (each.received, each.member_id)):
            path = write_file(one, desk)
            copies = [desk / copy for original, copy in planted.copies if original is one]
            for copy in copies:
                shutil.copyfile(path, copy)
            receipts = receive(
                [path, *copies], workspace=workspace, source=_SOURCE, year=year, date=one.received,
                member=one.member_id,
            )  # fmt: skip
            stored[id(one)] = receipts[0].file
    return stored


def _members(demo: DemoYear) -> Iterator[Entry]:
    for member in demo.members:
        yield {name: getattr(member, name) for name in ("id", "name", "membership_form", "county")}


def _corrections(faults: Sequence[Fault], stored: Mapping[int, str]) -> Iterator[Entry]:
    for fault in faults:
        if not fault.correction:
            continue
        aimed: Entry = {"member_id": fault.one.member_id}
        if fault.correction["action"] != "alias" and fault.page is not None and fault.row is not None:
            aimed |= {"file": stored[id(fault.one)], "row": fault.page.row_number(fault.row)} | _sheet(fault)
        yield aimed | fault.correction


def _fault(fault: Fault, file: str) -> Entry:
    """Say what was planted: where, which finding it must give, and whether the row is held."""
    fields: Entry = {"kind": fault.kind, "file": file, "member_id": fault.one.member_id} | _sheet(fault)
    if fault.page is not None and fault.row is not None:
        fields |= {"grain": fault.page.grain, "row": fault.page.row_number(fault.row)}
        if fault.column:
            fields |= {"variable": fault.column, "column": fault.page.headings[fault.column]}
    fields["code"] = fault.code or "none: handled"
    if fault.code:
        fields["names_row"] = fault.code not in _NAMES_NO_ROW
    if fault.is_replaced:
        fields["is_replaced"] = True
    if fault.is_held:
        mended = "file sent again" if fault.is_replaced else "corrections.toml"
        truth = fault.row.truth if fault.row is not None else {}
        fields |= {"held": True, "mended_by": mended, "persons": int(bool(truth)), "answers": truth}
    return fields


def _sheet(fault: Fault) -> Entry:
    is_workbook = fault.one.kind not in ENCODINGS
    return {"sheet": fault.page.name} if fault.page is not None and is_workbook else {}


def _write_entries(path: Path, comment: str, name: str, entries: Iterable[Entry]) -> None:
    lines = [f"# {comment}"]
    for entry in entries:
        lines += ["", f"[[{name}]]", *(f"{key} = {_toml(value)}" for key, value in entry.items())]
    write_whole(path, "\n".join(lines) + "\n")


def _toml(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False)
    pairs = ", ".join(f"{key} = {_toml(each)}" for key, each in value.items())
    return f"{{ {pairs} }}" if pairs else "{}"
