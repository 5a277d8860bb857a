"""``platform-utils explain``: why a number is another than it was, between editions or between years."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from platform_utils import messages
from platform_utils.cli._words import Lang, OneYear, Source, years_of
from platform_utils.config import load_settings
from platform_utils.errors import UsageError
from platform_utils.paths import Workspace


def main(
    year: OneYear,
    *,
    since: Annotated[
        str, typer.Option(help="A year, or an edition such as 2023-1; else the one before.")
    ] = "",
    source: Source = None,
    lang: Lang = None,
) -> int:
    """Say why a number changed since the year or the edition before: causes that add up to the change.

    Example: platform-utils explain 2024 --since 2023
    """
    from platform_utils import publish
    from platform_utils.release import find_release, releases_of
    from platform_utils.verify import inputs_since

    workspace = Workspace.find()
    settings = load_settings(workspace, source=source, lang=lang)
    (of,), place, say = years_of(year, workspace, settings.source), settings.source, settings.lang
    out = [each.id for each in releases_of(workspace, place, of)]
    known = [str(one) for one in publish.years_before(workspace, place, of)]
    start = since or (out or known or [""])[-1]
    if not (out or known):
        raise UsageError("E-029", year=of, before=of - 1)
    if start not in (*out, *known):
        raise UsageError("E-028", year=of, known=(*known, *out))
    if start in known:
        years = {one: publish.read_tables(workspace, place, one) for one in range(int(start), of + 1)}
        print(
            repr(publish.show_why(publish.explain_years(years, int(start), of), say, f"{start}–{of}", place))
        )
        for one in publish.breaks_of(range(int(start) + 1, of + 1), say):
            print(f"- {one}")
        return 0
    first = int(start.rpartition("-")[2])
    editions = [publish.read_tables(workspace, place, of, number) for number in range(first, len(out) + 1)]
    states = [*editions, publish.read_tables(workspace, place, of)]
    for number in publish.EXPLAINED:
        change = publish.explain_editions(states, of, number)
        print(repr(publish.show_why(change, say, f"{start} → {of}", place)))
    for what in inputs_since(workspace, find_release(workspace, place, start)):
        print(messages.label("L-verify-input", say, what=what), file=sys.stderr)
    return 0
