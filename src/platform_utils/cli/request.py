"""``platform-utils request``: answer, sign and hand over what a researcher or student asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from platform_utils import messages
from platform_utils.cli._words import (
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
from platform_utils.config import load_settings
from platform_utils.errors import UsageError
from platform_utils.paths import Workspace

__all__ = ["main"]


def main(
    file: Annotated[Path, typer.Argument(help="The request (TOML).")],
    *,
    source: Source = None,
    sign: Sign = "",
    decision: Decision = "approve",
    reason: Reason = "",
    passphrase_file: PassphraseFile = None,
    demo_readers: DemoReaders = False,
    hand_over: Annotated[
        bool, typer.Option("--hand-over", help="Enter a signed answer in the ledger and let it go.")
    ] = False,
    date: DayOfAct = "",
    lang: Lang = None,
) -> int:
    """Count what a request asks for and protect it beside everything that is already out.

    Example: platform-utils request docs/request_example.toml
    """
    from platform_utils import release, requests
    from platform_utils.cli.reader import demo_readers_in, sign_with_key
    from platform_utils.lock import one_writer

    workspace = Workspace.find()
    settings = load_settings(workspace, source=source, lang=lang)
    day = day_of(date)
    if (sign or hand_over or demo_readers) and day is None:
        raise UsageError("E-824")
    request = requests.read_request(file)
    with one_writer(workspace):
        answer = requests.answer_request(request, settings.source, workspace=workspace)
        said: dict[str, object] = {
            "id": request.id,
            "digest": answer.digest[:16],
            "number": len(answer.files),
        }
        folder = workspace.relative(answer.folder)
        print(messages.label("L-request-candidate", settings.lang, folder=folder, **said))
        ledger = release.open_ledger(workspace, settings.source)
        if demo_readers and day:
            ledger = demo_readers_in(ledger, settings, day)
            candidate = answer.candidate(ledger)
            release.sign_as_demo_readers(workspace, ledger, candidate, day=day)
        if sign and day:
            key = sign_with_key(ledger, sign, passphrase_file)
            signed = answer.candidate(ledger).signed(*key, day=day, reason=reason, decision=decision)
            release.write_sign_off(workspace, settings.source, signed)
            said |= {"name": signed.name, "decision": decision}
            print(messages.label("L-request-signed", settings.lang, **said))
        if hand_over and day:
            gone = workspace.relative(requests.hand_over(answer, day=day, workspace=workspace))
            print(messages.label("L-request-handed-over", settings.lang, folder=gone, **said))
            ledger = release.open_ledger(workspace, settings.source)
            say_head(ledger.head, len(ledger.lines), settings)
    return 0
