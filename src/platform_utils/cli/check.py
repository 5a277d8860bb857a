"""``platform-utils check``: everything that a member should correct in a return, before it is handed in."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from platform_utils.cli._words import Lang, Member, language
from platform_utils.config import load_settings
from platform_utils.errors import ContractError, FileError, SettingsError, UsageError
from platform_utils.lock import stands_open
from platform_utils.messages import label, text
from platform_utils.paths import Workspace

if TYPE_CHECKING:
    from platform_utils.spec.returns import RawReturn


def main(
    file: Annotated[
        Path | None,
        typer.Argument(help="The return: .xlsx, .xlsm, .xls, .ods, .csv or .tsv; without it, folders only."),
    ] = None,
    lang: Lang = None,
    year: Annotated[int | None, typer.Option(help="Support year, if no cover sheet says it.")] = None,
    member: Member = None,
    password_file: Annotated[Path | None, typer.Option(help="File whose first line is the password.")] = None,
    receipt: Annotated[
        Path | None, typer.Option(help="Receipt to write; beside the file unless said.")
    ] = None,
) -> int:
    """Print every finding of a return and write its receipt; name restricted folders that stand open.

    Example: platform-utils check return.xlsx --lang sv
    """
    from platform_utils.returns import read_return, reduce_return
    from platform_utils.validate import (
        check_return,
        persons_counted,
        printed_check,
        receipt_path,
        write_receipt,
    )

    say = language(lang)
    is_open = _say_what_stands_open(say)
    if file is None:
        return FileError.exit_status if is_open else 0
    password = _password(file, password_file, say)
    raw = read_return(file, year=year or _year_on_cover(file, password), member_id=member, password=password)
    checked = check_return(_beside_last_year(reduce_return(raw)))
    for line in printed_check(checked, say):
        print(line)
    path = receipt or receipt_path(file, say)
    write_receipt(checked, path, say)
    print(label("L-check-written", say, file=path))
    print(label("L-check-counted", say, number=persons_counted(checked)))
    held = any(entry.reason == "held" for entry in checked.ledger)
    return ContractError.exit_status if held else 0


def _beside_last_year(raw: RawReturn) -> RawReturn:
    """Compare a return with the member's of the year before, on a desk that has received that."""
    from platform_utils.returns import beside_last_year

    try:
        workspace = Workspace.find()
    except SettingsError:  # a member's own desk
        return raw
    return beside_last_year(raw, workspace, load_settings(workspace).source)


def _say_what_stands_open(lang: str) -> bool:
    """Name what others than their owner may read in the workspace, and say whether there is any."""
    try:
        found = stands_open(Workspace.find())
    except SettingsError:  # a member's own desk
        return False
    for name in found:
        print(text("E-013", lang, file=name), file=sys.stderr)
    return bool(found)


def _password(file: Path, password_file: Path | None, lang: str) -> Callable[[], str | None]:
    """Return how the password is found if one is needed: the file, else the person at the terminal, once."""
    known: list[str] = []

    def ask() -> str | None:

        if not known and password_file is not None:
            try:
                known.append(password_file.read_text(encoding="utf-8-sig").split("\n")[0].rstrip("\r"))
            except (OSError, UnicodeDecodeError) as error:
                raise UsageError("E-251", file=password_file.name) from error
        if not known and sys.stdin.isatty():
            known.append(getpass.getpass(label("L-check-ask-password", lang, file=file.name)))
        return known[0] if known else None

    return ask


def _year_on_cover(file: Path, password: Callable[[], str | None]) -> int:
    from platform_utils.returns import latest_form, read_return
    from platform_utils.returns.cover import read_cover
    from platform_utils.returns.opened import open_return

    sheets = open_return(file, password).sheets
    covers = (read_cover(sheets.read(name).rows) for name in sheets.names) if sheets is not None else ()
    year = next((cover.year for cover in covers if cover.year is not None), None)
    if year is not None:
        return year
    read_return(
        file, year=latest_form(), password=password
    )  # what is no return is said before a year is asked for
    raise UsageError("E-250", file=file.name)
