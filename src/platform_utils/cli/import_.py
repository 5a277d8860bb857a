"""``platform-utils import``: bring in a year of a case file that others published."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from platform_utils.cli._words import DayOrToday, Lang, language, today
from platform_utils.messages import label
from platform_utils.paths import Workspace

if TYPE_CHECKING:
    from platform_utils.returns import Imported
    from platform_utils.returns.crosswalk import Crosswalk


def main(
    file: Annotated[Path, typer.Argument(help="The file as it was downloaded.")],
    year: Annotated[int, typer.Option(help="Year of registration to take.")],
    crosswalk: Annotated[
        str,
        typer.Option(help="Whose file it is: ctdc, uk_nrm, one edition, or a crosswalk of your own (.toml)."),
    ] = "ctdc",
    date: DayOrToday = None,
    lang: Lang = None,
) -> int:
    """Bring one year of a published case file into the workspace, every row accounted for.

    Example: platform-utils import --crosswalk ctdc FILE --year 2016
    """
    from platform_utils.returns import import_cases

    workspace = Workspace.find()
    say = language(lang)

    def before(chosen: Crosswalk, described: str) -> None:
        print(
            label("L-import-uses", say, crosswalk=chosen.name, label=chosen.label(say), file=described),
            flush=True,
        )

    done = import_cases(
        file, crosswalk=crosswalk, year=year, workspace=workspace, date=date or today(), lang=say, say=before
    )
    _say_rows(done, say)
    print(label("L-import-columns", say, columns=", ".join(done.columns_taken)))
    if done.columns_missing:
        print(label("L-import-missing", say, columns=", ".join(done.columns_missing)))
    for reason in dict.fromkeys(done.columns_left.values()):
        columns = ", ".join(column for column, why in done.columns_left.items() if why == reason)
        print(label("L-import-left", say, reason=reason or label("L-import-not-known", say), columns=columns))
    for replaced in done.receipt.replaces:
        print(label("L-import-replaces", say, file=replaced))
    print(workspace.relative(workspace.receipts(done.source, year)))
    print(label("L-import-unchecked", say))
    print(label("L-import-next", say, year=year, source=done.source))
    return 0


def _say_rows(done: Imported, say: str) -> None:
    """Print what became of every row, and which cells say nothing."""
    from platform_utils.spec import codebook

    tally, told = done.tally, done.crosswalk
    role = codebook.load().label("role", told.constant["role"], say) if "role" in told.constant else "–"
    lines = [
        (done.receipt.rows, label("L-import-read", say)),
        (tally.fates["taken"], label("L-import-taken", say, role=role)),
    ]
    reasons = ((rows, told.left_out[n].label(say)) for n, rows in sorted(tally.left_out.items()))
    lines += [(rows, label("L-import-set-aside", say, reason=reason)) for rows, reason in reasons]
    fates = ("other_year", "no_year", "blank_row", *(("nobody", "unreadable") if told.count else ()))
    lines += [(tally.fates[fate], label(f"L-import-{fate}", say, column=told.count)) for fate in fates]
    cells = sorted(tally.cells.items())
    lines += [(n, label(f"L-import-{kind}", say, column=column)) for (kind, column), n in cells]
    print(label("L-import-title", say, label=told.label(say), year=done.year))
    width = max(len(str(number)) for number, _ in lines)
    for number, text in lines:
        print(f"  {number:>{width}}  {text}")
    if told.count:
        print(label("L-import-persons", say, persons=tally.persons, members=len(tally.members)))
    if told.unit == "rows":
        print(label("L-import-synthetic", say))
