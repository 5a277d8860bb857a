"""``platform-utils demo``: invented returns to try everything on."""

from __future__ import annotations

from typing import Annotated

import typer

from platform_utils import messages
from platform_utils.cli._words import Lang, language
from platform_utils.errors import UsageError
from platform_utils.paths import Workspace


def main(
    years: Annotated[str, typer.Option(help="A year or a span of years.")] = "2018-2024",
    seed: Annotated[int, typer.Option(help="Same seed, same returns.")] = 1,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Say what the invented persons behind ask.open() show.")
    ] = False,
    lang: Lang = None,
) -> int:
    """Invent the returns of some years, faults of real life included, and receive them.

    Example: platform-utils demo --years 2018-2024 --seed 1
    """
    from platform_utils.demo import make_returns

    say = language(lang)
    if coverage:
        from platform_utils import ask

        for year in _span(years):
            shown = {name: 100 * share for name, share in ask.coverage(year).items()}
            print(messages.label("L-demo-coverage", say, year=year, persons=ask.PERSONS, **shown))
        return 0
    workspace = Workspace.find()
    for made in make_returns(workspace, _span(years), seed):
        where = workspace.relative(made.folder)
        fields = {"year": made.year, "files": made.files, "members": made.members, "faults": made.faults}
        print(messages.label("L-demo-year", say, **fields, folder=where))
    print(messages.label("L-demo-invented", say))
    return 0


def _span(years: str) -> range:

    first, _, last = years.partition("-")
    if not (first.isdecimal() and (last or first).isdecimal()) or int(first) > int(last or first):
        raise UsageError("E-841", years=years)
    return range(int(first), int(last or first) + 1)
