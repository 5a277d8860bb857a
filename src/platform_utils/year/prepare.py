"""What is prepared for a year's members: list, forms, receipts of what has come, reminders.

Enters: the workspace. Leaves: files in the year's restricted folder, each whole or not at all, the same bytes
however often they are made. Nothing is sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from platform_utils import pipeline
from platform_utils.form import write_template
from platform_utils.messages import LANGUAGES, label, say
from platform_utils.paths import Workspace, write_whole
from platform_utils.returns import load_members, load_receipts, missing_members
from platform_utils.validate import receipt_path, write_receipt


def list_members(workspace: Workspace, source: str, year: int) -> int:
    """Return how many are on the list of members; a year without one is given that of the year before.

    Raises
    ------
    FileError
        E-134 if there is neither.
    """
    path, last = workspace.members(source, year), workspace.members(source, year - 1)
    if not path.is_file() and last.is_file():
        load_members(workspace, source, year - 1)  # a list that cannot be read is no draft
        write_whole(path, last.read_bytes())
    return len(load_members(workspace, source, year))


def write_forms(workspace: Workspace, source: str, year: int, lang: str, desk: Mapping[str, str]) -> int:
    """Write the form of each member that has not answered, with its name on the cover; return how many."""
    missing = missing_members(workspace, source, year)
    stem = label("L-template-file", lang, year=year)
    for one in missing:
        path = _folder(workspace, source, year, "forms") / f"{stem}_{one.id}.xlsx"
        write_template(path, year, lang, member_id=one.id, member_name=one.name, desk=desk)
    return len(missing)


def write_checks(workspace: Workspace, source: str, year: int, lang: str) -> dict[str, int]:
    """Write the receipt of each return that counts; return the rows that await correction, by member.

    Raises
    ------
    FileError, ContractError
        As `pipeline.clean`.
    """
    held: Counter[str] = Counter()
    for checked in pipeline.check_returns(year, source, workspace=workspace):
        waiting = sum(entry.rows for entry in checked.ledger if entry.reason == "held")
        held[checked.member_id] += waiting
        path = receipt_path(_folder(workspace, source, year, "checks") / checked.file, lang)
        write_receipt(checked, path, lang)
    return dict(held)


def draft_reminders(
    workspace: Workspace, source: str, year: int, held: Mapping[str, int], desk: Mapping[str, str]
) -> int:
    """Draft a reminder to each member that owes something, in both languages, and list who was asked.

    Parameters
    ----------
    held : mapping of str to int
        Rows that await correction, by member.

    Returns
    -------
    int
        How many members are reminded.
    """
    missing = {one.id for one in missing_members(workspace, source, year)}
    forms = {one.member_id: one.form_version for one in load_receipts(workspace, source, year)}
    folder, listed, wanted = _folder(workspace, source, year, "reminders"), ["id,answered,awaiting"], set()
    for one in load_members(workspace, source, year):
        rows = held.get(one.id, 0)
        listed.append(f"{one.id},{'no' if one.id in missing else 'yes'},{rows}")
        kind = "missing" if one.id in missing else "held" if rows else ""
        for lang in LANGUAGES if kind else ():
            told = {"name": one.name or one.id, "year": year, "rows": rows, "form": forms.get(one.id, "")}
            told |= {name: desk.get(name) or "………" for name in ("deadline", "contact")}
            wanted.add(path := folder / f"{one.id}.{lang}.txt")
            write_whole(path, say("reminders", kind, lang, **told))
    for path in {*folder.glob("*.txt")} - wanted:  # has answered since
        path.unlink()
    write_whole(folder.parent / "asked.csv", "\n".join(listed) + "\n")
    return len(wanted) // len(LANGUAGES)


def _folder(workspace: Workspace, source: str, year: int, name: str) -> Path:
    return workspace.new_year(source, year) / name
