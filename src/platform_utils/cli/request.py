"""``platform-utils request``: from a question to an answer that may leave, one verb per step."""

from __future__ import annotations

import contextlib
import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from platform_utils import messages
from platform_utils.cli._words import (
    DayOrToday,
    Decision,
    DemoReaders,
    Lang,
    PassphraseFile,
    Reason,
    Source,
    chosen,
    day_of,
    today,
)
from platform_utils.cli.ledger import say_head
from platform_utils.cli.reader import Signing, sign_candidate
from platform_utils.config import Settings, load_settings
from platform_utils.errors import ContractError, FileError, PlatformError, UsageError
from platform_utils.paths import Workspace, resource, write_whole
from platform_utils.spec.entries import read_toml

_VERBS = {
    "new": ("NAME",),
    "collect": ("NOTEBOOK",),
    "check": ("FILE",),
    "answer": ("FILE",),
    "sign": ("FILE",),
    "hand-over": ("FILE",),
    "list": (),
    "rerun": ("NOTEBOOK", "ANSWER"),
}
_AT_THE_DESK = ("answer", "sign", "hand-over")
_DAYS_OPEN = 366


@dataclass(frozen=True)
class _Said:
    """The options of the command."""

    notebook: Path | None
    signing: Signing


def main(
    verb: Annotated[str, typer.Argument(help=f"One of: {', '.join(_VERBS)}.")],
    words: Annotated[
        list[str] | None, typer.Argument(help="What the verb is about; see docs/requests.md.")
    ] = None,
    *,
    source: Source = None,
    name: Annotated[str, typer.Option(help="sign: your name as a reader.")] = "",
    decision: Decision = "approve",
    reason: Reason = "",
    passphrase_file: PassphraseFile = None,
    demo_readers: DemoReaders = False,
    notebook: Annotated[
        Path | None, typer.Option(help="The notebook that came with the request; never run.")
    ] = None,
    date: DayOrToday = None,
    lang: Lang = None,
) -> int:
    """Ask for tables, see what would bounce, answer through the gate, sign, hand over, run again.

    Example: platform-utils request answer docs/request_example.toml
    """
    chosen("VERB", verb, tuple(_VERBS))
    given, day = words or [], day_of(date or today())
    if len(given) != len(_VERBS[verb]):
        raise UsageError("E-828", verb=verb, expected=" ".join(_VERBS[verb]) or "–")
    if day is None:
        raise UsageError("E-824")
    try:
        workspace: Workspace | None = Workspace.find()
    except PlatformError:
        if verb not in ("new", "collect", "rerun"):
            raise
        workspace = None
    if verb in ("collect", "rerun"):
        lang = lang or _spoken(Path(given[0]))
    settings = load_settings(workspace, source=source, lang=lang)
    if verb in _AT_THE_DESK:
        said = _Said(notebook, Signing(name, decision, reason, passphrase_file, demo_readers, day))
        return _at_the_desk(verb, Path(given[0]), said, Workspace.find(), settings)
    if verb == "new":
        return _new(given[0], settings, day)
    if verb == "collect":
        return _collect(Path(given[0]), settings)
    if verb == "rerun":
        return _rerun(Path(given[0]), Path(given[1]), settings, is_page=workspace is not None)
    if verb == "check":
        return _check(Path(given[0]), notebook, Workspace.find(), settings, day)
    return _list(Workspace.find(), settings)


def _spoken(notebook: Path) -> str | None:
    """Return the language of who asks, if the file beside a notebook says one."""
    with contextlib.suppress(OSError, ValueError):  # what is wrong with that file is told when it is read
        said = read_toml(notebook.with_name("about.toml")).get("lang")
        return said if said in messages.LANGUAGES else None
    return None


def _say(key: str, settings: Settings, **fields: object) -> None:
    print(messages.label(f"L-request-{key}", settings.lang, **fields))


def _new(name: str, settings: Settings, day: dt.date) -> int:
    """Write a folder to begin from: a notebook that runs, who asks, and a page that says how it goes on."""
    from platform_utils.requests import IDENTIFIER

    folder = Path(name)
    if not IDENTIFIER.fullmatch(name):  # a name, never a path
        raise ContractError("E-821", file="about.toml", key="id", expected="a–z, 0–9, -; 1–40")
    if folder.exists():
        raise FileError("E-829", folder=folder.name)
    files = {
        f"{folder.name}.ipynb": "question.{}.ipynb",
        "about.toml": "about.{}.txt",
        "README.md": "page.{}.md",
    }
    expires = (day + dt.timedelta(days=_DAYS_OPEN)).isoformat()
    for target, packaged in files.items():
        text = resource("ask", packaged.format(settings.lang)).read_text(encoding="utf-8")
        for word, value in (("{name}", folder.name), ("{id}", folder.name), ("{expires}", expires)):
            text = text.replace(word, value)
        write_whole(folder / target, text)
    _say("new", settings, folder=folder.name)
    return 0


def _collect(notebook: Path, settings: Settings) -> int:
    from platform_utils.ask.collect import collect

    made = collect(notebook)
    for question in made.questions:
        years = ", ".join(map(str, question.years))
        _say("asks", settings, table=question.name, years=years, why=question.why or "–")
    for cell, line in made.never_ran:
        _say("never-ran", settings, cell=cell, line=line)
    _say("collected", settings, number=len(made.questions), file=made.request.name)
    return 0


def _rerun(notebook: Path, answer: Path, settings: Settings, *, is_page: bool) -> int:
    from platform_utils.ask.collect import rerun

    for path in rerun(notebook, answer, is_page=is_page):
        print(path)
    _say("rerun", settings, answer=answer.name)
    return 0


def _check(file: Path, notebook: Path | None, workspace: Workspace, settings: Settings, day: dt.date) -> int:
    from platform_utils import requests

    if notebook is not None:
        requests.read_sent_notebook(notebook)
    found = requests.check_request(requests.read_request(file), settings.source, day=day, workspace=workspace)
    for one in found:
        print(messages.text(one.code, settings.lang, **one.fields))
    if not found:
        _say("sound", settings, file=file.name)
    return max((one.exit_status for one in found), default=0)


def _list(workspace: Workspace, settings: Settings) -> int:
    from platform_utils import requests

    if workspace.releases(settings.source).is_dir():
        register = requests.write_register(workspace, settings.source)
        print(register.read_text(encoding="utf-8-sig"), end="")
    else:
        _say("none", settings)
    return 0


def _at_the_desk(verb: str, file: Path, said: _Said, workspace: Workspace, settings: Settings) -> int:
    """Count and protect anew, whatever is done with the answer: what went out since is known then."""
    from platform_utils import release, requests
    from platform_utils.lock import one_writer

    request = requests.read_request(file)
    sent = {requests.SENT: file.read_bytes()}
    shown = sorted((workspace.controlled(settings.source, "requests") / request.id).glob("notebook.*"))
    # what is signed and handed over is what was shown: a notebook stays until the answer is made without it
    for notebook in shown if verb != "answer" and said.notebook is None else filter(None, [said.notebook]):
        sent[f"notebook{notebook.suffix}"] = requests.read_sent_notebook(notebook)
    with one_writer(workspace):
        answer = requests.answer_request(request, settings.source, workspace=workspace, sent=sent)
        about: dict[str, object] = {
            "id": request.id,
            "digest": answer.digest[:16],
            "number": len(answer.files),
        }
        _say("candidate", settings, folder=workspace.relative(answer.folder), **about)
        if verb == "answer":
            for one in requests.thin_tables(request, answer.tables, settings.source, workspace=workspace):
                print(messages.text(one.code, settings.lang, **one.fields))
        if said.signing.demo_readers or verb == "sign":
            signer = sign_candidate(answer.candidate, said.signing, workspace, settings)
            if signer:
                _say("signed", settings, name=signer, decision=said.signing.decision, **about)
        if verb == "hand-over":
            gone = requests.hand_over(answer, day=said.signing.day, workspace=workspace)
            _say("handed-over", settings, folder=workspace.relative(gone), **about)
            ledger = release.open_ledger(workspace, settings.source)
            say_head(ledger.head, len(ledger.lines), settings)
    return 0
