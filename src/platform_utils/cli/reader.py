"""``platform-utils reader``: who may sign releases and answers, each with a key of their own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from platform_utils import messages
from platform_utils.cli._words import DayOrToday, Lang, PassphraseFile, Source, chosen, day_of, today
from platform_utils.cli.ledger import say_head
from platform_utils.config import Settings, keys_folder, load_settings, passphrase_from
from platform_utils.errors import UsageError
from platform_utils.lock import one_writer
from platform_utils.paths import Workspace

if TYPE_CHECKING:
    from platform_utils.protect import Ledger
    from platform_utils.release import Candidate


_ACTIONS = ("add", "list", "close")


def main(
    action: Annotated[str, typer.Argument(help=f"{', '.join(_ACTIONS[:-1])} or {_ACTIONS[-1]}.")],
    name: Annotated[str, typer.Argument(help="The reader; quote a name of several words.")] = "",
    *,
    source: Source = None,
    passphrase_file: PassphraseFile = None,
    date: DayOrToday = None,
    lang: Lang = None,
) -> int:
    """Add, list or close readers: a new one gets a random key, locked by a passphrase, named in the ledger.

    Example: platform-utils reader list
    """
    from platform_utils import release

    chosen("ACTION", action, _ACTIONS)
    workspace = Workspace.find()
    settings = load_settings(workspace, source=source, lang=lang)
    day = day_of(date or today())
    if day is None:
        raise UsageError("E-824")
    if action == "list":
        for reader in release.readers_of(release.open_ledger(workspace, settings.source)):
            _say(reader, settings)
        return 0
    with one_writer(workspace):
        ledger = release.open_ledger(workspace, settings.source)
        if action == "close":
            ledger = release.close_reader(ledger, name, day=day)
        else:
            release.enrol_reader(ledger, name, "", day=day)  # a bad name makes no key
            key = release.make_key(keys_folder(), passphrase_from(passphrase_file))
            ledger = release.enrol_reader(ledger, name, key, day=day)
        ledger.write()
    changed = ledger.lines[-1].content["key"]
    _say(next(one for one in release.readers_of(ledger) if one.key == changed), settings)
    say_head(ledger.head, len(ledger.lines), settings)
    return 0


@dataclass(frozen=True)
class Signing:
    """What a reader says of what is about to go out."""

    name: str
    decision: str
    reason: str
    passphrase_file: Path | None
    demo_readers: bool
    day: dt.date


def sign_candidate(
    of: Callable[[Ledger], Candidate], said: Signing, workspace: Workspace, settings: Settings
) -> str:
    """Store a reader's decision, or the approval of both demo readers; return who signed, if one did."""
    from platform_utils import release

    ledger = release.open_ledger(workspace, settings.source)
    if said.demo_readers:
        ledger = demo_readers_in(ledger, settings, said.day)
        release.sign_as_demo_readers(workspace, ledger, of(ledger), day=said.day)
        return ""
    key = sign_with_key(ledger, said.name, said.passphrase_file)
    signed = of(ledger).signed(*key, day=said.day, reason=said.reason, decision=said.decision)
    release.write_sign_off(workspace, settings.source, signed)
    return signed.name


def sign_with_key(ledger: Ledger, name: str, passphrase_file: Path | None) -> tuple[Any, Any]:
    """Return a reader whom the ledger knows, and the key that this desk has of them, opened."""
    from platform_utils import release

    reader = release.open_reader(ledger, name)
    passphrase = passphrase_from(passphrase_file)
    return reader, release.unlock(keys_folder(), reader.key, passphrase, name=reader.name)


def demo_readers_in(ledger: Ledger, settings: Settings, day: dt.date) -> Ledger:
    """Enter the demo readers in the ledger of the source demo, if they are not there yet."""
    from platform_utils import release

    grown = release.with_demo_readers(ledger, settings.source, day=day)
    if grown is not ledger:
        grown.write()
    return grown


def _say(reader: Any, settings: Settings) -> None:
    state = "closed" if reader.went else "demo" if reader.is_demo else "open"
    about = {"name": reader.name, "fingerprint": reader.fingerprint, "day": reader.day.isoformat()}
    print(messages.label(f"L-reader-{state}", settings.lang, line=reader.came, went=reader.went, **about))
