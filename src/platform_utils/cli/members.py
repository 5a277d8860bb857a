"""``platform-utils members``: who the members of a year are, and the list of the annual meeting."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from platform_utils.cli._words import DayOrToday, Lang, Source, chosen, day_of, today


def main(
    year: Annotated[int, typer.Argument(help="Year whose members are counted.")],
    source: Source = None,
    lang: Lang = None,
    on: Annotated[str | None, typer.Option(help="Day of the meeting; else 31 December.")] = None,
    application: Annotated[
        str | None, typer.Option(help="Only write the application of a form: full, individual or network.")
    ] = None,
    receive: Annotated[Path | None, typer.Option(help="Only receive an application.")] = None,
    date: DayOrToday = None,
) -> int:
    """Check the register of members, count those of a year, and write the list of the annual meeting.

    Example: platform-utils members 2024
    """
    from platform_utils import books
    from platform_utils.config import load_settings
    from platform_utils.errors import UsageError
    from platform_utils.form import write_application
    from platform_utils.messages import label, text
    from platform_utils.paths import Workspace
    from platform_utils.spec.membership import form_label, forms

    workspace = Workspace.find()
    settings = load_settings(workspace, lang=lang, source=source)
    say, place = settings.lang, settings.source
    if application is not None:
        chosen("--application", application, list(forms()))
        path = Path(f"{label('L-application-file', say, form=application)}.xlsx")
        write_application(path, application, say)
        print(path)
        return 0
    day = day_of((on or f"{year}-12-31") if receive is None else (date or today()))
    if day is None:
        raise UsageError("E-137", flag="--date" if receive else "--on")
    if receive is not None:
        receipt = books.receive_application(receive, place, day, workspace=workspace)
        told = {"code": receipt.member_id, "form": form_label(receipt.form_version, say)}
        key = "again" if receipt.status == "duplicate" else "received"
        print(label(f"L-members-{key}", say, **told, count=receipt.rows))
        return 0
    register = books.load_register(workspace, place)
    for code, fields in register.contradictions:
        print(text(code, say, **fields))
    print(*books.told_of(books.count_members(register, year), say), sep="\n")
    for path in books.write_meeting_list(register, day, say, workspace, place):
        print(workspace.relative(path))
    register.require_clean()
    return 0
