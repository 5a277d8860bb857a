"""``platform-utils import``: bring in a year of a case file that others published."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from platform_utils.cli._words import DayOrToday, Lang, language, today

__all__ = ["main"]


def main(
    file: Annotated[Path, typer.Argument(help="The file as it was downloaded.")],
    year: Annotated[int, typer.Option(help="Year of registration to take.")],
    crosswalk: Annotated[str, typer.Option(help="Whose file it is: ctdc, or one edition.")] = "ctdc",
    date: DayOrToday = None,
    lang: Lang = None,
) -> int:
    """Bring one year of a published case file into the workspace, every row accounted for.

    Example: platform-utils import --crosswalk ctdc FILE --year 2016
    """
    from platform_utils.messages import label
    from platform_utils.paths import Workspace
    from platform_utils.returns import import_cases
    from platform_utils.spec import codebook

    workspace = Workspace.find()
    say = language(lang)
    done = import_cases(
        file, crosswalk=crosswalk, year=year, workspace=workspace, date=date or today(), lang=say
    )
    role = codebook.load().label("role", done.crosswalk.constant["role"], say)
    lines = [
        (done.receipt.rows, label("L-import-read", say)),
        (done.taken, label("L-import-taken", say, role=role)),
        (done.other_years, label("L-import-other", say)),
        (done.without_year, label("L-import-without", say)),
        (done.empty_rows, label("L-import-empty", say)),
    ]
    lines += [(n, label("L-import-redacted", say, column=column)) for column, n in done.redacted.items()]
    lines += [(n, label("L-import-outside", say, column=column)) for column, n in done.outside.items()]
    print(label("L-import-title", say, label=done.crosswalk.label(say), year=year))
    width = max(len(str(number)) for number, _ in lines)
    for number, text in lines:
        print(f"  {number:>{width}}  {text}")
    if done.crosswalk.unit == "rows":
        print(label("L-import-synthetic", say))
    print(label("L-import-columns", say, columns=", ".join(done.columns_taken)))
    if done.columns_missing:
        print(label("L-import-missing", say, columns=", ".join(done.columns_missing)))
    for reason in dict.fromkeys(done.columns_left.values()):
        columns = ", ".join(column for column, why in done.columns_left.items() if why == reason)
        print(label("L-import-left", say, reason=reason or label("L-import-not-known", say), columns=columns))
    print(workspace.relative(workspace.receipts(done.source, year)))
    print(label("L-import-unchecked", say))
    print(label("L-import-next", say, year=year, source=done.source))
    return 0
