"""Which code and packaged data a piece of Python reaches, and one hash for each file of it.

Enters: the names that a notebook or document calls. Leaves: a hash per module, function or packaged file,
which comments, blank lines and docstrings do not move. Rule: code counts by the import closure of what a
node calls.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from platform_utils.workflow.module_facts import PACKAGE, Memory, bindings_of, uses_of

__all__ = ["Closure", "entries_of"]

_ROOT = Path(__file__).parents[1]


def entries_of(source: str) -> frozenset[str]:
    r"""Return what a piece of code calls, such as ``"platform_utils.pipeline:clean"``.

    Parameters
    ----------
    source : str
        Python text of all code cells.

    Returns
    -------
    frozenset of str
        Modules, with the attribute after a colon where one is taken.

    Examples
    --------
    >>> sorted(entries_of("from platform_utils import pipeline\npipeline.clean(2023)"))
    ['platform_utils.pipeline:clean']
    """
    tree = ast.parse(source)
    bound = bindings_of(tree, PACKAGE)
    pairs = [(*bound[name], attribute) for name, attribute in uses_of(tree, bound)]
    return frozenset(":".join(filter(None, (_dotted(a, b), c))) for a, b, c in pairs)


class Closure:
    """Reads each file of the package once, and says what is reached from where.

    Parameters
    ----------
    memory : Memory, optional
        Facts of modules that are known by their content.
    root : Path, optional
        Folder of the package; the installed one if not given.
    """

    def __init__(self, memory: Memory | None = None, root: Path | None = None) -> None:
        self._memory = memory or Memory()
        self._root = root or _ROOT
        self._content: dict[Path, bytes] = {}
        self._paths: dict[str, Path | None] = {}
        self._hashes: dict[frozenset[str], dict[str, str]] = {}

    def hashes(self, entries: Iterable[str]) -> dict[str, str]:
        """Return a hash for everything that the entries reach.

        Parameters
        ----------
        entries : iterable of str
            As `entries_of` gives them.

        Returns
        -------
        dict of str to str
            Sorted by key: modules by dotted name, a function of a module after a colon, packaged data by
            its path from the package.
        """
        wanted = frozenset(entries)
        if wanted not in self._hashes:
            self._hashes[wanted] = self._walk(wanted)
            self._memory.store()
        return self._hashes[wanted]

    def _walk(self, entries: frozenset[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        data: set[str] = set()
        followed: set[str] = set()
        waiting = [part for entry in entries for part in self._asked(entry)]
        while waiting:
            entry = waiting.pop()
            if entry in followed:
                continue
            followed.add(entry)
            module, _, function = entry.partition(":")
            facts = self._facts(module, function)
            found[entry] = facts["hash"]
            data |= set(facts["data"])
            bound = facts["bound"]
            if self._is_package(module):
                uses = [(origin, name, "") for origin, name in bound.values()]
            else:
                uses = [(bound[name][0], bound[name][1], attribute) for name, attribute in facts["uses"]]
            waiting += [part for use in uses for part in self._targets(*use)]
            # what stands in a package's own file is run, but only what is asked of it is reached through it
            found |= {parent: self._facts(parent)["hash"] for parent in _parents(module)}
        for item in data:
            found |= self._packaged(self._root / "resources" / item)
        return dict(sorted(found.items()))

    def _asked(self, entry: str) -> list[str]:
        module, _, attribute = entry.partition(":")
        if self._path_of(module) is None:
            module, _, attribute = module.rpartition(".")
        return self._targets(module, "", attribute)

    def _targets(self, origin: str, name: str, attribute: str) -> list[str]:
        """Return what an imported name, or an attribute of an imported module, stands for."""
        whole = _dotted(origin, name)
        if self._path_of(whole) is None:
            return self._named(origin, name)
        return self._named(whole, attribute) if attribute else [whole]

    def _named(self, module: str, name: str) -> list[str]:
        """Return where a name of a module comes from; a function at the package's top stands for itself."""
        if self._path_of(module) is None:
            return []
        facts = self._facts(module)
        if name in facts["bound"]:
            through = [] if self._is_package(module) else [module]
            origin, original = facts["bound"][name]
            return through + self._targets(origin, original, "")
        if self._path_of(_dotted(module, name)) is not None:
            return [_dotted(module, name)]
        at_top = module.count(".") == 1 and not self._is_package(module)
        return [f"{module}:{name}"] if at_top and name in facts["defines"] else [module]

    def _facts(self, module: str, function: str = "") -> dict[str, Any]:
        path = self._path_of(module)
        if path is None:
            return {"hash": "", "bound": {}, "uses": [], "data": [], "defines": []}
        name = f"{module}.__init__" if path.name == "__init__.py" else module
        return self._memory.facts(name, self._read(path), function)

    def _is_package(self, module: str) -> bool:
        path = self._path_of(module)
        return path is not None and path.name == "__init__.py"

    def _path_of(self, module: str) -> Path | None:
        if module not in self._paths:
            base = self._root.joinpath(*module.split(".")[1:])
            inside = module.partition(".")[0] == PACKAGE
            candidates = (base.with_suffix(".py"), base / "__init__.py") if inside else ()
            self._paths[module] = next((path for path in candidates if path.is_file()), None)
        return self._paths[module]

    def _read(self, path: Path) -> bytes:
        if path not in self._content:
            self._content[path] = path.read_bytes()
        return self._content[path]

    def _packaged(self, item: Path) -> dict[str, str]:
        files = sorted(item.rglob("*")) if item.is_dir() else [item]
        return {
            path.relative_to(self._root).as_posix(): hashlib.sha256(self._read(path)).hexdigest()
            for path in files
            if path.is_file() and "__pycache__" not in path.parts
        }


def _dotted(*parts: str) -> str:
    return ".".join(filter(None, parts))


def _parents(module: str) -> Iterator[str]:
    parts = module.split(".")
    for length in range(1, len(parts)):
        yield ".".join(parts[:length])
