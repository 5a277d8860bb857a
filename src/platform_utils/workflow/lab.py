"""What a notebook in JupyterLab is told beside its cells: calm errors, and objects without walls of fields.

Enters: a kernel that ``platform-utils lab`` has started. Nothing here changes what a cell computes.
"""

from __future__ import annotations

import traceback
from contextlib import suppress
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import pandas as pd
from IPython.core.formatters import PlainTextFormatter

from platform_utils import validate
from platform_utils.config import load_settings
from platform_utils.errors import PlatformError
from platform_utils.messages import text
from platform_utils.paths import Workspace
from platform_utils.spec.returns import Finding

_OURS = Path(__file__).parents[1]
_LONGEST = 60


class _Plain(PlainTextFormatter):
    def __call__(self, obj: object) -> Any:
        return in_short(obj) or super().__call__(obj)


def begin(shell: Any) -> None:
    """Set up a kernel's shell, as ``get_ipython()`` gives it."""
    with suppress(PlatformError):
        PlatformError.shown_in = load_settings(Workspace.find()).lang
    shell.display_formatter.formatters["text/plain"] = _Plain(parent=shell.display_formatter)
    shell.set_custom_exc((Exception,), _show)


def in_short(made: object) -> str:
    """Return what a dataclass of ours, or a row of them, holds in a few lines; nothing for others."""
    if isinstance(made, tuple | list) and made and all(isinstance(one, Finding) for one in made):
        return validate.show_findings(made, PlatformError.shown_in).to_string(index=False)
    if isinstance(made, tuple | list) and made and all(map(_is_ours, made)):
        return f"{len(made)} × {in_short(made[0])}"
    if not _is_ours(made):
        return ""
    said = (f"  .{each.name}  {_said(getattr(made, each.name))}" for each in fields(made))  # type: ignore[arg-type]
    return "\n".join([type(made).__name__, *said])


def _is_ours(made: object) -> bool:
    return is_dataclass(made) and type(made).__module__.startswith("platform_utils")


def _said(value: Any) -> str:
    if isinstance(value, pd.DataFrame):
        return f"{len(value)} × {len(value.columns)}"
    if hasattr(value, "__len__") and not isinstance(value, str):
        return str(len(value))
    said = type(value).__name__ if is_dataclass(value) else " ".join(str(value).split())
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]} …"


def calm(error: BaseException, way: TracebackType | None) -> str:
    """Return the one line that is shown of an error of ours, or of a bug in our code; nothing for others."""
    if isinstance(error, PlatformError):
        return error.text(PlatformError.shown_in)
    if not any(Path(frame.filename).is_relative_to(_OURS) for frame in traceback.extract_tb(way)):
        return ""
    try:
        return Workspace.find().bug(error).text(PlatformError.shown_in)
    except PlatformError:
        return text("E-020", PlatformError.shown_in, kind=type(error).__name__, file="-")


def _show(
    shell: Any, kind: type, error: BaseException, way: TracebackType, tb_offset: int | None = None
) -> None:
    line = calm(error, way)
    made = [line] if line else shell.InteractiveTB.structured_traceback(kind, error, way, tb_offset=tb_offset)
    shell._showtraceback(kind, Exception(line) if line else error, made)  # noqa: SLF001 - there is no other door
