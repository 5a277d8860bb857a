"""The command line: one thin module per command, errors caught once, exit statuses in one place.

Results go to stdout, everything else to stderr. 0 done, 2 usage, 10 settings, 11 file, 12 contract,
13 disclosure gate, 14 not reproducible, 15 not signed off; 141 nobody
reads stdout any more; 1 is a bug of ours.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Any

import typer

from platform_utils import __version__, messages
from platform_utils.config import load_settings
from platform_utils.errors import PlatformError
from platform_utils.lock import close_restricted
from platform_utils.paths import Workspace

__all__ = ["build_app", "main"]

_ORDER = (
    "demo", "template", "receive", "check", "import", "run", "report", "lab", "audit", "protect",
    "power", "evaluate", "verify", "release", "ledger", "reader", "request", "members", "feedback", "explain",
    "new_year", "delete_rows",
)  # fmt: skip
_HELP_KEYS = ["-h", "--help"]
_PASSED_ON = ("lab",)
"""Commands that hand options on that are not theirs."""


def build_app() -> typer.Typer:
    """Return the application with every command of this package, in the order of the work."""
    app = typer.Typer(
        name="platform-utils",
        help="Turn returns into protected tables and reports.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": _HELP_KEYS},
    )
    names = [module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")]
    for name in sorted(names, key=lambda item: _ORDER.index(item.rstrip("_"))):
        command = importlib.import_module(f"platform_utils.cli.{name}").main
        settings = {"help_option_names": _HELP_KEYS, "ignore_unknown_options": name in _PASSED_ON}
        app.command(name.rstrip("_").replace("_", "-"), context_settings=settings)(command)
    app.callback()(_root)
    return app


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        status = build_app()(args=words, prog_name="platform-utils", standalone_mode=False)
        sys.stdout.flush()
    except PlatformError as error:
        print(error.text(_language(words)), file=sys.stderr)
        return error.exit_status
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except SystemExit:  # click's own end when nobody reads stdout any more
        return 141
    except Exception as error:  # noqa: BLE001 - the one place where a bug becomes a calm line
        if isinstance(error, BrokenPipeError) and _reader_has_gone():
            return 141
        if hasattr(error, "exit_code") and hasattr(
            error, "show"
        ):  # click's own usage errors, in English only
            print(_usage(error, words), end="\n" if words else "", file=sys.stderr)
            return 2
        print(_calm_line(error, _language(words)), file=sys.stderr)
        return 1
    finally:
        if "check" not in words[:1]:  # it names what stands open, and leaves that to whoever looks
            with suppress(PlatformError, OSError):
                close_restricted(Workspace.find())
    return status if isinstance(status, int) else 0


def _usage(error: Any, words: Sequence[str]) -> str:
    """Return what is said of a command line that cannot be read: by place, in the language asked for."""
    if not words:  # typer has shown its help
        return ""
    param, command = getattr(error, "param", None), getattr(error, "ctx", None)
    word = getattr(error, "option_name", None) or words[0][:20]
    if param is not None:
        word = next((one for one in param.opts if one.startswith("--")), param.name.upper())
    path = command.command_path if command else "platform-utils"
    return messages.text("E-030", _language(words), word=word, command=path)


def _reader_has_gone() -> bool:
    """Say whether nobody reads stdout any more, as behind ``| head``; what is left goes nowhere then."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return True
    return False


def _say_version(asked: bool) -> None:
    if asked:
        print(__version__)
        raise typer.Exit


def _root(
    _version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_say_version, help="Print the version.")
    ] = False,
) -> None:
    """Turn returns into protected tables and reports."""


def _language(words: Sequence[str]) -> str:
    for position, word in enumerate(words):
        value = word.partition("=")[2] or (words[position + 1] if position + 1 < len(words) else "")
        if word.partition("=")[0] == "--lang" and value in messages.LANGUAGES:
            return value
    try:
        return load_settings(Workspace.find()).lang
    except PlatformError:
        return "sv"


def _calm_line(error: Exception, lang: str) -> str:
    try:
        return Workspace.find().bug(error).text(lang)
    except PlatformError:
        return messages.text("E-020", lang, kind=type(error).__name__, file="-")
