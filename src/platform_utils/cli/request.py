"""``platform-utils request``: answer, sign and hand over what a researcher or student asks for."""

from __future__ import annotations

from datetime import date as calendar
from pathlib import Path
from typing import Annotated

import typer

from platform_utils import messages
from platform_utils.config import load_settings
from platform_utils.errors import UsageError
from platform_utils.paths import Workspace

__all__ = ["main"]


def main(
    file: Annotated[Path, typer.Argument(help="The request (TOML).")],
    *,
    source: Annotated[str | None, typer.Option(help="demo, members or external-<name>.")] = None,
    sign: Annotated[str, typer.Option(help="Your name, to sign off the answer as it is now.")] = "",
    decision: Annotated[str, typer.Option(help="approve, change or reject.")] = "approve",
    reason: Annotated[str, typer.Option(help="Why you decide so.")] = "",
    hand_over: Annotated[
        bool, typer.Option("--hand-over", help="Enter a signed answer in the ledger and let it go.")
    ] = False,
    date: Annotated[str, typer.Option(help="Date of the sign-off or hand-over, such as 2024-08-15.")] = "",
    lang: Annotated[str | None, typer.Option(help="Language of what is said here: sv or en.")] = None,
) -> int:
    """Count what a request asks for and protect it beside everything that is already out.

    Example: platform-utils request docs/request_example.toml
    """
    from platform_utils import requests
    from platform_utils.lock import one_writer

    workspace = Workspace.find()
    settings = load_settings(workspace, source=source, lang=lang)
    day = _day(date) if sign or hand_over else None
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
        if sign and day:
            requests.sign_answer(
                answer, name=sign, decision=decision, reason=reason, day=day, workspace=workspace
            )
            print(messages.label("L-request-signed", settings.lang, name=sign, decision=decision, **said))
        if hand_over and day:
            gone = workspace.relative(requests.hand_over(answer, day=day, workspace=workspace))
            print(messages.label("L-request-handed-over", settings.lang, folder=gone, **said))
    return 0


def _day(text: str) -> calendar:
    try:
        return calendar.fromisoformat(text)
    except ValueError as error:
        raise UsageError("E-824") from error
