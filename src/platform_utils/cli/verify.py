"""``platform-utils verify``: rebuild a release in an empty folder and say what has moved."""

from __future__ import annotations

from typing import Annotated

import typer

from platform_utils import messages
from platform_utils.cli._words import Lang, Source, Workers
from platform_utils.config import core_count, load_settings
from platform_utils.errors import NotReproducible
from platform_utils.paths import Workspace


def main(
    release: Annotated[str, typer.Argument(help="A release such as 2023-1; the newest if not given.")] = "",
    *,
    source: Source = None,
    lang: Lang = None,
    workers: Workers = None,
) -> int:
    """Rebuild a release from its inputs in an empty folder, compare, and name what moved and why.

    Example: platform-utils verify 2023-1
    """
    from platform_utils.release import find_release, open_ledger
    from platform_utils.verify import compared_as, verify_release

    workspace = Workspace.find()
    settings = load_settings(workspace, source=source, lang=lang, workers=workers)
    open_ledger(workspace, settings.source)  # what is there is told before what was asked for
    folder = find_release(workspace, settings.source, release)
    chosen = folder.name
    verdict = verify_release(workspace, folder, workers=core_count(settings))
    say = settings.lang
    print(messages.label(f"L-verify-level-{verdict.level}", say, release=chosen))
    print(messages.label("L-verify-same", say, number=len(verdict.same)))
    for name in verdict.equal_by_value:
        compared = messages.label(f"L-verify-as-{compared_as(name)}", say)
        print(messages.label("L-verify-value", say, file=name, compared=compared))
    for moved in verdict.moved:
        print(messages.label("L-verify-moved", say, file=moved.file, place=moved.place))
    for what in verdict.inputs:
        print(messages.label("L-verify-input", say, what=what))
    if not verdict.is_reproduced:
        raise NotReproducible("E-809", release=chosen, number=len(verdict.moved))
    return 0
