"""Settings of this desk, resolved once into one frozen object.

Defaults in ``resources/settings.toml`` < ``workspace.toml`` < environment < flags.
Disclosure limits are not settings: they stand in ``resources/disclosure.toml`` alone.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from platform_utils.errors import SettingsError, UsageError
from platform_utils.messages import LANGUAGES
from platform_utils.paths import Workspace, check_source, resource

_ADDRESS = re.compile(r"(?:tcp|tls)://(?:\[[0-9a-fA-F:]+\]|[\w.-]+)(?::[0-9]{1,5})?")
_ANSWER, _ASKED = "PLATFORM_UTILS_ANSWER", "PLATFORM_UTILS_ASKED"
_LAB = "PLATFORM_UTILS_LAB"
_KEYS = "PLATFORM_UTILS_KEYS"
_PASSPHRASE = "PLATFORM_UTILS_PASSPHRASE"  # noqa: S105 - the variable's name
_CHOICES = {"engine": ("embedded", "quarto"), "kernels": ("forked", "plain")}
_FORM = ("deadline", "contact")
_LEAST = {"workers": 0, "cell_seconds": 1}
_EXPECTED = {
    "lang": ", ".join(LANGUAGES),
    "source": "demo, members, external-<name>",
    **{name: ", ".join(choices) for name, choices in _CHOICES.items()},
}


@dataclass(frozen=True)
class Settings:
    """What a command runs with.

    Parameters
    ----------
    lang : {"sv", "en"}
        Language of messages and reports.
    source : str
        ``"demo"``, ``"members"`` or ``"external-<name>"``.
    engine : {"embedded", "quarto"}
        Rendering engine.
    workers : int
        Documents at the same time; 0 means one per core.
    kernels : {"forked", "plain"}
        How Python starts for a document; forked where the system can, with the same bytes.
    trusted_workers : tuple of str
        Addresses of a cluster that may have rows, protected tables and drafts.
    cell_seconds : int
        Seconds that one cell of a notebook or document may take.
    form : mapping of str to str
        What the cover of the members' form says of this desk: ``deadline`` and ``contact``, empty if not set.
    """

    lang: str
    source: str
    engine: str
    workers: int
    kernels: str
    trusted_workers: tuple[str, ...]
    cell_seconds: int
    form: Mapping[str, str]


def load_settings(workspace: Workspace | None = None, **flags: object) -> Settings:
    """Return the settings; a flag that is None counts as not given.

    Raises
    ------
    SettingsError
        E-010 if ``workspace.toml`` or the environment holds something unusable.
    UsageError
        E-001, E-003 for an unknown language or source.
    """
    values = tomllib.loads(resource("settings.toml").read_text(encoding="utf-8"))
    if workspace is not None:
        values |= _from_file(workspace.root / "workspace.toml", set(values))
    values |= _from_environment(values)
    values |= {name: value for name, value in flags.items() if value is not None}
    values["trusted_workers"] = _addresses(values["trusted_workers"])
    values["form"] = _cover(values["form"])
    for name, expected in _EXPECTED.items():
        if not isinstance(values[name], str) or values[name] not in _CHOICES.get(name, [values[name]]):
            raise SettingsError("E-010", name=name, file="workspace.toml", expected=expected)
    settings = Settings(**values)
    if settings.lang not in LANGUAGES:
        raise UsageError("E-001", lang=settings.lang)
    check_source(settings.source)
    for name, least in _LEAST.items():
        number = getattr(settings, name)
        if isinstance(number, bool) or not isinstance(number, int) or number < least:
            expected = ", ".join(map(str, range(least, least + 3)))
            raise SettingsError("E-010", name=name, file="workspace.toml", expected=f"{expected}, …")
    return settings


def core_count(settings: Settings) -> int:
    """Return how many documents to work on at the same time."""
    if settings.workers:
        return settings.workers
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable else (os.cpu_count() or 1)


def quarto_profiles() -> tuple[str, ...] | None:
    """Return the profiles under which Quarto runs us; None where it does not."""
    named = os.environ.get("QUARTO_PROFILE", "")
    return tuple(named.split(",")) if "QUARTO_PROJECT_ROOT" in os.environ else None


def keys_folder() -> Path:
    """Return where this desk keeps its readers' keys: outside every workspace, or as the environment says."""
    import typer

    return Path(os.environ.get(_KEYS) or Path(typer.get_app_dir("platform-utils")) / "keys")


def answer_file() -> Path | None:
    """Return the answer that a notebook is run on, if it is run on one."""
    return Path(os.environ[_ANSWER]) if os.environ.get(_ANSWER) else None


def asked_file() -> Path | None:
    """Return the file in which questions are noted, where somebody collects them."""
    return Path(os.environ[_ASKED]) if os.environ.get(_ASKED) else None


def in_lab() -> bool:
    """Say whether somebody looks at a notebook in JupyterLab, which reads Markdown only, not Quarto's."""
    return os.environ.get(_LAB) == "1"


def lab_environment() -> dict[str, str]:
    """Return the environment of JupyterLab: its kernels begin with what `workflow.lab` sets up."""
    return {**os.environ, _LAB: "1", "PYTHONSTARTUP": str(resource("execute", "lab_startup.txt"))}


@contextmanager
def asking(*, answer: Path | None = None, asked: Path | None = None) -> Iterator[None]:
    """Run notebooks on an answer, or note what they ask; the environment is as before afterwards."""
    names = {_ANSWER: answer, _ASKED: asked}
    before = {name: os.environ.pop(name, None) for name in names}
    os.environ.update({name: str(path.resolve()) for name, path in names.items() if path is not None})
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            os.environ.update({name: value} if value is not None else {})


def passphrase_from(file: Path | None) -> str:
    """Return the passphrase of a reader's key: the first line of a file, else what the environment holds.

    Raises
    ------
    UsageError
        E-251 if the file cannot be read, E-026 if nothing gives a passphrase.
    """
    if file is None:
        text = os.environ.get(_PASSPHRASE, "")
    else:
        try:
            text = file.read_text(encoding="utf-8-sig").split("\n")[0].rstrip("\r")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError("E-251", file=file.name) from error
    if not text:
        raise UsageError("E-026", variable=_PASSPHRASE)
    return text


def _addresses(value: object) -> tuple[str, ...]:
    """Return addresses from a list, or from the environment's text with commas."""
    given = value.replace(",", " ").split() if isinstance(value, str) else value
    found = given if isinstance(given, list) else [None]
    if not all(isinstance(one, str) and _ADDRESS.fullmatch(one) for one in found):
        expected = '["tls://10.0.0.7", "tls://10.0.0.8:8786"]'
        raise SettingsError("E-010", name="trusted_workers", file="workspace.toml", expected=expected)
    return tuple(found)


def _cover(value: object) -> dict[str, str]:
    """Return what the form's cover says of this desk, a blank for what is not said."""
    said: dict[str, Any] = value if isinstance(value, dict) else {"form": None}
    found: dict[str, str] = {**dict.fromkeys(_FORM, ""), **said}
    if set(found) != set(_FORM) or not all(isinstance(one, str) for one in found.values()):
        expected = 'deadline = "…", contact = "…"'
        raise SettingsError("E-010", name="form", file="workspace.toml", expected=expected)
    return found


def _from_file(path: Path, known: set[str]) -> dict[str, object]:
    if not path.is_file():
        return {}
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsError("E-010", name="-", file=path.name, expected="TOML, UTF-8") from error
    for name in values:
        if name not in known:
            raise SettingsError("E-010", name=name, file=path.name, expected=", ".join(sorted(known)))
    return values


def _from_environment(defaults: dict[str, object]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name in (field.name for field in fields(Settings) if field.name != "form"):
        text = os.environ.get(f"PLATFORM_UTILS_{name.upper()}")
        if text is None:
            continue
        try:
            found[name] = int(text) if isinstance(defaults[name], int) else text
        except ValueError as error:
            variable = f"PLATFORM_UTILS_{name.upper()}"
            raise SettingsError("E-010", name=name, file=variable, expected="0, 1, 2, …") from error
    return found
