"""``platform-utils delete-rows``: delete the rows of persons of years whose time is up."""

from __future__ import annotations

from typing import Annotated

import typer

from platform_utils.cli._words import DayOrToday, Lang, Source, day_of, today
from platform_utils.config import load_settings
from platform_utils.errors import UsageError
from platform_utils.messages import label
from platform_utils.paths import Workspace


def main(
    until: Annotated[int, typer.Option(help="Last support year whose rows are deleted.")],
    *,
    source: Source = None,
    date: DayOrToday = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Name the years, delete nothing.")] = False,
    lang: Lang = None,
) -> int:
    """Delete returns, restricted rows and rows kept for editions of years whose time is up, with a receipt.

    Example: platform-utils delete-rows --until 2018 --dry-run
    """
    from platform_utils import release

    workspace = Workspace.find()
    settings = load_settings(workspace, source=source, lang=lang)
    day = day_of(date or today())
    if day is None:
        raise UsageError("E-137", flag="--date")
    if dry_run:
        for year in release.years_over(workspace, settings.source, day):
            if year <= until:
                last = release.kept_until(year)
                print(label("L-delete-would", settings.lang, year=year, until=last))
        return 0
    done = release.delete_rows(workspace, settings.source, until=until, day=day)
    for one in done:
        print(label("L-delete-done", settings.lang, year=one.year, files=one.files, size=one.bytes))
    if done:
        print(workspace.relative(workspace.deletions(settings.source)))
    print(label("L-delete-unchecked" if done else "L-delete-nothing", settings.lang, until=until))
    return 0
