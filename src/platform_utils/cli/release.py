"""``platform-utils release``: show, sign and freeze a year's release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from platform_utils import messages
from platform_utils.cli._words import (
    DECISIONS,
    DayOfAct,
    Decision,
    DemoReaders,
    Lang,
    PassphraseFile,
    Reason,
    Sign,
    Source,
    day_of,
)
from platform_utils.cli.ledger import say_head
from platform_utils.config import Settings, load_settings
from platform_utils.errors import UsageError
from platform_utils.lock import one_writer
from platform_utils.paths import Workspace

if TYPE_CHECKING:
    from platform_utils.release import Release


def main(
    year: Annotated[int, typer.Argument(help="Support year.")],
    *,
    source: Source = None,
    date: DayOfAct = "",
    sign: Sign = "",
    decision: Decision = "approve",
    reason: Reason = "",
    passphrase_file: PassphraseFile = None,
    demo_readers: DemoReaders = False,
    replaces: Annotated[str, typer.Option(help="Release that this one corrects.")] = "",
    lang: Lang = None,
) -> int:
    """Freeze a year's reports, tables, evidence and code once two readers have signed exactly these files.

    Example: platform-utils release 2023 --date 2024-08-15
    """
    from platform_utils import publish, release
    from platform_utils.cli.reader import Signing, demo_readers_in, sign_candidate

    workspace = Workspace.find()
    settings = load_settings(workspace, source=source, lang=lang)
    day = day_of(date)
    if day is None:
        raise UsageError("E-803", decisions=", ".join(DECISIONS))
    with one_writer(workspace):
        frozen = None if sign else release.finish_release(workspace, settings.source, year)
        ledger = release.open_ledger(workspace, settings.source)
        if frozen is not None:
            return _say_frozen(workspace, settings, frozen)
        if demo_readers:
            ledger = demo_readers_in(ledger, settings, day)
        files = _files(workspace, settings, year)
        tables = publish.read_released(workspace, settings.source, year)
        candidate = release.release_candidate(workspace, settings.source, year, files, tables)
        about = {
            "digest": candidate.digest[:16],
            "number": len(files),
            "year": year,
            "source": settings.source,
        }
        print(messages.label("L-release-candidate", settings.lang, **about))
        if sign:
            said = Signing(sign, decision, reason, passphrase_file, demo_readers=False, day=day)
            about["name"] = sign_candidate(lambda _: candidate, said, workspace, settings)
            print(messages.label("L-release-signed", settings.lang, decision=decision, **about))
            return 0
        if demo_readers:
            release.sign_as_demo_readers(workspace, ledger, candidate, day=day)
        frozen = release.freeze_release(
            workspace, settings.source, year, files, tables, date=date, replaces=replaces, reason=reason
        )
    return _say_frozen(workspace, settings, frozen)


def _files(workspace: Workspace, settings: Settings, year: int) -> dict[str, bytes]:
    """Return what goes out, with what goes along where it is missing."""
    from platform_utils import release

    files = release.collect(workspace, settings.source, year)
    release.require_up_to_date(workspace, settings.source, year)
    brought = release.bring_along(workspace, settings.source, year)
    return release.collect(workspace, settings.source, year) if brought else files


def _say_frozen(workspace: Workspace, settings: Settings, frozen: Release) -> int:
    folder = workspace.relative(workspace.releases(settings.source) / frozen.id)
    print(messages.label("L-release-frozen", settings.lang, id=frozen.id, folder=folder))
    say_head(frozen.head, frozen.length, settings)
    return 0
