"""``platform-utils receive``: keep reduced copies of returns, say who has not returned."""

from __future__ import annotations

import sys
from getpass import getpass
from pathlib import Path
from typing import Annotated

import typer

from platform_utils.cli._words import DayOrToday, Lang, Member, Source, today
from platform_utils.config import load_settings
from platform_utils.errors import PlatformError, UsageError
from platform_utils.messages import label
from platform_utils.paths import Workspace

_SHOWN = 20
"""Places listed on screen; the receipt lists all."""


def main(
    files: Annotated[list[Path] | None, typer.Argument(help="Files as members sent them.")] = None,
    year: Annotated[int, typer.Option(help="Support year that the returns are about.")] = 0,
    source: Source = None,
    member: Member = None,
    date: DayOrToday = None,
    key_file: Annotated[
        Path | None, typer.Option(help="TOML file with passwords of protected workbooks.")
    ] = None,
    missing: Annotated[bool, typer.Option("--missing", help="Only list who has not returned.")] = False,
    lang: Lang = None,
) -> int:
    """Keep a reduced copy of each member's return, with a receipt; the file itself is never copied.

    Example: platform-utils receive return.xlsx --year 2023
    """
    from platform_utils.returns import missing_members, receive
    from platform_utils.returns.source_file import is_ignored

    workspace = Workspace.find()
    settings = load_settings(workspace, lang=lang, source=source)
    say = settings.lang
    if not year:
        raise UsageError("E-141")
    day = date or today()

    def ask(name: str) -> str | None:
        return getpass(label("L-receive-password", say, file=name)) if sys.stdin.isatty() else None

    status = 0
    given = [path for path in files or () if not is_ignored(path)]
    if not given and not missing:
        raise UsageError("E-139")
    for path in given if not missing else ():
        try:
            (receipt,) = receive(
                [path], workspace=workspace, source=settings.source, year=year, date=day,
                member=member, key_file=key_file, ask=ask,
            )  # fmt: skip
        except PlatformError as error:
            print(error.text(say), file=sys.stderr)
            status = max(status, error.exit_status)
            continue
        line = {
            "file": receipt.file,
            "member": receipt.member_id,
            "rows": receipt.rows,
            "form": receipt.form_version or "-",
        }
        key = "replacing" if receipt.replaces and receipt.status == "current" else receipt.status
        print(label(f"L-receive-{key}", say, **line, replaces=", ".join(receipt.replaces)))
        if receipt.left_out:
            shown = [*receipt.left_out[:_SHOWN], *["…"] * (len(receipt.left_out) > _SHOWN)]
            print(label("L-receive-left-out", say, count=len(receipt.left_out), places=", ".join(shown)))
    waiting = missing_members(workspace, settings.source, year)
    print(label("L-receive-missing" if waiting else "L-receive-all", say, count=len(waiting), year=year))
    for one in waiting:
        print(f"  {one.id}  {one.name}")
    print(label("L-receive-unchecked", say))
    return status
