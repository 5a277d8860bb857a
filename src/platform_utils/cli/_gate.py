"""What ``audit`` and ``protect`` share: they work anywhere, inside a workspace or not."""

from __future__ import annotations

from collections.abc import Sequence

from platform_utils.errors import PlatformError, UsageError

__all__ = ["chosen", "language"]


def chosen(flag: str, value: str, among: Sequence[str]) -> None:
    """Refuse a flag's value that is not one of ``among``.

    Raises
    ------
    UsageError
        E-443.
    """
    if value not in among:
        raise UsageError("E-443", name=flag, expected=", ".join(among))


def language(lang: str | None) -> str:
    """Return the language asked for, else that of the workspace's settings."""
    from platform_utils.config import load_settings
    from platform_utils.paths import Workspace

    try:
        workspace: Workspace | None = Workspace.find()
    except PlatformError:
        workspace = None
    return load_settings(workspace, lang=lang).lang
