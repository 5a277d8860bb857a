"""``platform-utils ledger``: everything that has been released, and whether all of it is still there."""

from __future__ import annotations

from typing import Annotated

import typer

from platform_utils import messages
from platform_utils.cli._words import Lang, Source
from platform_utils.config import Settings, load_settings
from platform_utils.paths import Workspace


def main(
    *,
    head: Annotated[str, typer.Option(help="A head from the minutes: is it in the chain?")] = "",
    source: Source = None,
    lang: Lang = None,
) -> int:
    """Show what has been released, and check chain, heads, folders and signatures; status 13 if one fails.

    Example: platform-utils ledger
    """
    from platform_utils.verify import check_all_releases, line_of_head

    workspace = Workspace.find()
    settings = load_settings(workspace, source=source, lang=lang)
    ledger = check_all_releases(workspace, settings.source)
    say, seen = settings.lang, dict.fromkeys(line.release for line in ledger.lines if line.release)
    for name in seen:
        lines = [number for number, line in enumerate(ledger.lines, start=1) if line.release == name]
        last = ledger.lines[lines[-1] - 1]
        about = {"name": name, "day": last.day.isoformat(), "first": lines[0], "last": lines[-1]}
        signed = ", ".join(each["name"] for each in last.content.get("signed", [])) or "–"
        print(messages.label("L-ledger-release", say, signed=signed, **about))
    say_head(ledger.head, len(ledger.lines), settings)
    if head:
        line = line_of_head(ledger, head)
        print(messages.label("L-ledger-found", say, line=line, length=len(ledger.lines)))
    return 0


def say_head(head: str, length: int, settings: Settings) -> None:
    """Print what belongs in the minutes: a ledger that ends earlier, or otherwise, has been touched."""
    print(messages.label("L-ledger-head", settings.lang, source=settings.source, head=head, length=length))
