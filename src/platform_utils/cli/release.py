"""``platform-utils release``: show, sign and freeze a year's release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from platform_utils import messages
from platform_utils.cli._words import DECISIONS, DayOfAct, Decision, Lang, Reason, Sign, Source, day_of
from platform_utils.config import Settings, load_settings
from platform_utils.errors import UsageError
from platform_utils.paths import Workspace

if TYPE_CHECKING:
    from platform_utils.release import Release

__all__ = ["main"]


def main(
    year: Annotated[int, typer.Argument(help="Support year.")],
    *,
    source: Source = None,
    date: DayOfAct = "",
    sign: Sign = "",
    decision: Decision = "approve",
    reason: Reason = "",
    replaces: Annotated[str, typer.Option(help="Release that this one corrects.")] = "",
    lang: Lang = None,
) -> int:
    """Freeze a year's reports, tables, evidence and code once two people have signed exactly these files.

    Example: platform-utils release 2023 --date 2024-08-15
    """
    from platform_utils import publish, release
    from platform_utils.lock import one_writer
    from platform_utils.release.contents import digest_of

    workspace = Workspace.find()
    settings = load_settings(workspace, source=source, lang=lang)
    if day_of(date) is None:
        raise UsageError("E-803", decisions=", ".join(DECISIONS))
    with one_writer(workspace):
        frozen = None if sign else release.finish_release(workspace, settings.source, year)
        if frozen is not None:
            return _say_frozen(workspace, settings, frozen)
        files = release.collect(workspace, settings.source, year)
        release.require_up_to_date(workspace, settings.source, year)
        digest = digest_of(files)
        about = {"digest": digest[:16], "number": len(files), "year": year, "source": settings.source}
        print(messages.label("L-release-candidate", settings.lang, **about))
        if sign:
            signed = release.SignOff(sign, decision, reason, date, digest)
            release.write_sign_off(workspace, settings.source, signed)
            named = {"name": sign, "decision": decision, "digest": digest[:16]}
            print(messages.label("L-release-signed", settings.lang, **named))
            return 0
        tables = publish.read_tables(workspace, settings.source, year).values()
        frozen = release.freeze_release(
            workspace, settings.source, year, files, tables, date=date, replaces=replaces, reason=reason
        )
    return _say_frozen(workspace, settings, frozen)


def _say_frozen(workspace: Workspace, settings: Settings, frozen: Release) -> int:
    folder = workspace.relative(workspace.releases(settings.source) / frozen.id)
    print(messages.label("L-release-frozen", settings.lang, id=frozen.id, folder=folder))
    return 0
