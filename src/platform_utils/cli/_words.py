"""The words that commands share: flags that mean the same everywhere, and what their values stand for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from platform_utils.config import Settings, load_settings
from platform_utils.errors import PlatformError, UsageError
from platform_utils.messages import LANGUAGES
from platform_utils.paths import Workspace
from platform_utils.spec.reports import load_reports

FORMATS = tuple(dict.fromkeys(kind for report in load_reports().values() for kind in report.formats))
DECISIONS = ("approve", "change", "reject")
_YEARLY = [name for name, report in load_reports().items() if report.is_yearly]

Cluster = Annotated[
    str | None, typer.Option(help="Address of a Dask scheduler whose workers do it: tcp://… or tls://…")
]
DayOfAct = Annotated[str, typer.Option(help="Day on which that is done, such as 2024-08-15.")]
DayOrToday = Annotated[str | None, typer.Option(help="Day, such as 2024-03-15; today unless said.")]
Decision = Annotated[str, typer.Option(help=f"{', '.join(DECISIONS[:-1])} or {DECISIONS[-1]}.")]
Description = Annotated[
    Path | None,
    typer.Option(help="Description (TOML, see docs/disclosure.en.md); else tables.toml beside the files."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would run and why, run nothing.")]
Lang = Annotated[str | None, typer.Option(help=f"Language of what is said here: {' or '.join(LANGUAGES)}.")]
Member = Annotated[str | None, typer.Option(help="Member id, for a file whose cover sheet does not say it.")]
MinReleased = Annotated[int | None, typer.Option(help="Stricter smallest count, 4 to 10.")]
PassphraseFile = Annotated[
    Path | None,
    typer.Option(help="File whose first line opens your key; else PLATFORM_UTILS_PASSPHRASE."),
]
DemoReaders = Annotated[
    bool, typer.Option("--demo-readers", help="Let two invented readers sign; source demo only.")
]
OneYear = Annotated[str, typer.Argument(help="A year such as 2023.")]
Reason = Annotated[str, typer.Option(help="Why you decide so, or why a release is replaced.")]
ReportName = Annotated[str, typer.Argument(help=f"One of: {', '.join(load_reports())}.")]
ReportYear = Annotated[
    str, typer.Argument(help=f"A year such as 2023, or all; for a yearly report: {', '.join(_YEARLY)}.")
]
Rules = Annotated[Path | None, typer.Option(help="A stricter rule file (TOML).")]
Sign = Annotated[str, typer.Option(help="Your name as a reader, to sign off what is there now.")]
Source = Annotated[str | None, typer.Option(help="demo, members or external-<name>.")]
Workers = Annotated[int | None, typer.Option(min=0, help="How many at the same time; 0 = one per core.")]
YearOrAll = Annotated[str, typer.Argument(help="A year such as 2023, or all.")]


def settings_here(lang: str | None) -> Settings:
    """Return the settings with the language asked for; works outside a workspace too."""
    try:
        workspace: Workspace | None = Workspace.find()
    except PlatformError:
        workspace = None
    return load_settings(workspace, lang=lang)


def language(lang: str | None) -> str:
    """Return the language asked for, else that of the workspace's settings."""
    return settings_here(lang).lang


def chosen(flag: str, value: str, among: Sequence[str]) -> None:
    """Refuse a flag's value that is not one of ``among``.

    Raises
    ------
    UsageError
        E-443.
    """
    if value not in among:
        raise UsageError("E-443", name=flag, expected=", ".join(among))


def day_of(text: str | None) -> dt.date | None:
    """Return the day that ``2024-08-15`` means, or None if the text means none."""
    try:
        day = dt.date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if day.isoformat() == text else None


def today() -> str:
    """Return the day on which the command is given."""
    return dt.datetime.now().astimezone().date().isoformat()


def years_of(word: str, workspace: Workspace, source: str) -> tuple[int, ...]:
    """Return the years that ``2023`` or ``all`` means.

    Raises
    ------
    UsageError
        E-024 if it is no year, E-022 if nobody has returned for it.
    """
    known = workspace.years_with_returns(source)
    if word == "all" and known:
        return known
    if word != "all" and not (word.isascii() and word.isdigit()):
        raise UsageError("E-024", text=word[:20])
    if word == "all" or int(word) not in known:
        years = ", ".join(map(str, known)) or "–"
        raise UsageError("E-022", year=word, source=source, years=years)
    return (int(word),)


def languages_of(word: str) -> tuple[str, ...]:
    """Return the languages of ``sv``, ``en`` or ``sv,en``; E-001 for another."""
    langs = tuple(part.strip() for part in word.split(","))
    for lang in langs:
        if lang not in LANGUAGES:
            raise UsageError("E-001", lang=lang)
    return tuple(dict.fromkeys(langs))


def formats_of(word: str, known: Sequence[str] = FORMATS) -> tuple[str, ...]:
    """Return the formats of ``html,pdf``, in the order of those known; all of them for nothing.

    Raises
    ------
    UsageError
        E-025 for another.
    """
    formats = {part.strip() for part in word.split(",") if part.strip()} or set(known)
    for name in sorted(formats.difference(known)):
        raise UsageError("E-025", text=name[:20], known=", ".join(known))
    return tuple(name for name in known if name in formats)
