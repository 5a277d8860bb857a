"""``platform-utils feedback``: what each member gets back for its return, one pair of signatures for all."""

from __future__ import annotations

from typing import Annotated

import typer

from platform_utils import messages
from platform_utils.cli._words import (
    DayOfAct,
    Decision,
    DemoReaders,
    PassphraseFile,
    Reason,
    Sign,
    Source,
    day_of,
)
from platform_utils.cli.reader import Signing, sign_candidate
from platform_utils.config import load_settings
from platform_utils.errors import UsageError
from platform_utils.lock import one_writer
from platform_utils.paths import Workspace


def main(
    year: Annotated[int, typer.Argument(help="Support year that has been released.")],
    *,
    source: Source = None,
    date: DayOfAct = "",
    sign: Sign = "",
    decision: Decision = "approve",
    reason: Reason = "",
    passphrase_file: PassphraseFile = None,
    demo_readers: DemoReaders = False,
) -> int:
    """Write each member's page; with a date sign them, or give them out once two readers have.

    Example: platform-utils feedback 2024
    """
    from platform_utils import release
    from platform_utils import year as steps

    workspace = Workspace.find()
    settings = load_settings(workspace, source=source)
    place, day = settings.source, day_of(date)
    if day is None and (date or sign or demo_readers):
        raise UsageError("E-824")
    with one_writer(workspace):
        made = steps.write_feedback(workspace, place, year)
        about = {"folder": workspace.relative(made.folder), "number": len(made.hashes)}
        print(messages.label("L-feedback-written", settings.lang, release=made.release, **about))
        if day is None:
            return 0
        if sign or demo_readers:
            said = Signing(sign, decision, reason, passphrase_file, demo_readers, day)
            sign_candidate(made.candidate, said, workspace, settings)
        if not sign:
            name = steps.give_feedback(made, day=day, workspace=workspace)
            length = len(release.open_ledger(workspace, place).lines)
            print(messages.label("L-feedback-given", settings.lang, name=name, length=length))
    return 0
