"""Make the demo returns of a year and receive them as members' returns are received.

Enters: a workspace, years and a seed. Leaves: files, ``members.toml``, ``receipts.toml``,
``corrections.toml`` and ``planted_faults.toml`` in the folder of each year. Everything is invented.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from platform_utils.demo.faults import plant_faults
from platform_utils.demo.fill_in import fill_in
from platform_utils.demo.pilot import write_pilot_cohort
from platform_utils.demo.planted import Fault, Planted
from platform_utils.demo.write import write_file
from platform_utils.demo.year import DemoYear, make_years
from platform_utils.lock import one_writer
from platform_utils.paths import Workspace, write_atomically
from platform_utils.returns import receive

__all__ = ["DemoReceipt", "make_returns"]

_SOURCE = "demo"
_OF_SHEET, _OF_COLUMN = ("W-154",), ("W-153",)
"""Findings that name no row, and those that name a column only."""


@dataclass(frozen=True)
class DemoReceipt:
    """What was made for one year.

    Parameters
    ----------
    year : int
        Support year.
    files : int
        Files written.
    members : int
        Members that returned.
    faults : int
        Faults planted, habits of files not counted.
    folder : Path
        Where they are.
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
    workspace : Workspace
        Where to.
    years : iterable of int
        Support years, 2018 to 2024.
    seed : int
        Decides who is who and how it is spelt, never how many. The same seed gives the same bytes.

    Returns
    -------
    list of DemoReceipt
        One per year, in order.

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
        final.parent.mkdir(parents=True, exist_ok=True)
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
    return made


def _make_year(demo: DemoYear, planted: Planted, workspace: Workspace) -> None:
    _write_text(workspace.members(_SOURCE, demo.year), _members(demo))
    stored = _send(planted, workspace, demo.year)
    _write_text(workspace.corrections(_SOURCE, demo.year), _corrections(planted.faults, stored))
    _write_text(
        workspace.returns(_SOURCE, demo.year) / "planted_faults.toml", _faults(planted.faults, stored)
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


def _members(demo: DemoYear) -> str:
    lines = ["# Invented members. None of them exists."]
    for member in demo.members:
        fields = {
            "id": member.id, "name": member.name,
            "membership_form": member.membership_form, "county": member.county,
        }  # fmt: skip
        lines += ["", "[[member]]", *_pairs(fields)]
    return "\n".join(lines) + "\n"


def _corrections(faults: Sequence[Fault], stored: Mapping[int, str]) -> str:
    lines = ["# Corrections of invented returns: what the analyst would declare after asking the member."]
    for fault in faults:
        if not fault.correction:
            continue
        aimed: dict[str, object] = {"member_id": fault.one.member_id}
        if fault.correction["action"] != "alias" and fault.page is not None and fault.row is not None:
            aimed |= {"file": stored[id(fault.one)], "row": fault.page.row_number(fault.row)}
            if fault.page.name != "" and not fault.one.kind.startswith("csv"):
                aimed["sheet"] = fault.page.name
        lines += ["", "[[correction]]", *_pairs(aimed | fault.correction)]
    return "\n".join(lines) + "\n"


def _faults(faults: Sequence[Fault], stored: Mapping[int, str]) -> str:
    """Say what was planted: where, which finding it must give, and whether the row is held."""
    lines = [
        "# Faults planted in invented returns. code: the finding that each must give, or none: handled.",
        "# held: the row is not counted until mended_by; persons and answers: what is missing then.",
    ]
    for fault in faults:
        fields: dict[str, object] = {
            "kind": fault.kind,
            "file": stored[id(fault.one)],
            "member_id": fault.one.member_id,
        }
        if fault.page is not None and not fault.one.kind.startswith("csv"):
            fields["sheet"] = fault.page.name
        if fault.page is not None and fault.row is not None:
            fields |= {"grain": fault.page.grain, "row": fault.page.row_number(fault.row)}
        if fault.column and fault.page is not None:
            fields |= {"variable": fault.column, "column": fault.page.headings[fault.column]}
        fields["code"] = fault.code or "none: handled"
        if fault.code:
            fields["names_row"] = fault.code not in (*_OF_SHEET, *_OF_COLUMN)
        if fault.is_replaced:
            fields["is_replaced"] = True
        if fault.is_held:
            mended = "file sent again" if fault.is_replaced else "corrections.toml"
            truth = fault.row.truth if fault.row is not None else {}
            fields |= {"held": True, "mended_by": mended, "persons": int(bool(truth)), "answers": truth}
        lines += ["", "[[fault]]", *_pairs(fields)]
    return "\n".join(lines) + "\n"


def _pairs(fields: Mapping[str, object]) -> list[str]:
    return [f"{name} = {_toml(value)}" for name, value in fields.items()]


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        return (
            "{ " + ", ".join(f"{key} = {_toml(each)}" for key, each in value.items()) + " }"
            if value
            else "{}"
        )
    return json.dumps(value, ensure_ascii=False)


def _write_text(path: Path, text: str) -> None:
    with write_atomically(path) as partial:
        partial.write_text(text, encoding="utf-8", newline="\n")
