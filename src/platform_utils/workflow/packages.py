"""Which Python and which packages a node runs on, by version.

Enters: what is installed. Leaves: versions by name, of the packages that ours needs, directly or not.
What is installed beside them, such as an editor, changes no output and is not counted.
"""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

__all__ = ["needed", "package_versions"]

_OWN = "platform-utils"
_REQUIRES = re.compile(r"^Requires-Dist: ([A-Za-z0-9._-]+)([^\n]*)$", re.MULTILINE)
_DASHES = re.compile(r"[-_.]+")


def package_versions(folders: Iterable[str] | None = None) -> dict[str, str]:
    """Return the version of Python, the machine, and every package that ours needs.

    Parameters
    ----------
    folders : iterable of str, optional
        Where packages are installed; Python's own path if not given.

    Returns
    -------
    dict of str to str
        With ``package:`` before each name.
    """
    installed: dict[str, Path] = {}
    for folder in sys.path if folders is None else folders:
        for path in sorted(Path(folder or ".").glob("*.dist-info")):
            installed.setdefault(_name(path.name.partition("-")[0]), path)
    versions = {
        f"package:{name}": installed[name].stem.partition("-")[2]
        for name in needed(installed)
        if name != _OWN
    }
    own = {
        "package:python": platform.python_version(),
        "package:machine": f"{platform.system()} {platform.machine()}",
    }
    return own | versions


def needed(installed: Mapping[str, Path]) -> tuple[str, ...]:
    """Return the installed packages that ours needs, sorted; all of them where ours is not installed."""
    if _OWN not in installed:
        return tuple(sorted(installed))
    found: set[str] = set()
    waiting = [_OWN]
    while waiting:
        name = waiting.pop()
        if name in found or name not in installed:
            continue
        found.add(name)
        head = (installed[name] / "METADATA").read_text(encoding="utf-8").partition("\n\n")[0]
        waiting += [_name(one) for one, rest in _REQUIRES.findall(head) if "extra ==" not in rest]
    return tuple(sorted(found))


def _name(text: str) -> str:
    return _DASHES.sub("-", text).lower()
