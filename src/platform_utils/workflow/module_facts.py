"""What one Python module imports, uses and says, read once and remembered by its content.

Enters: the text of a module. Leaves: facts that can be stored. A module of the same content has the same
facts, so a build that has nothing to do parses nothing.
"""

from __future__ import annotations

import ast
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from platform_utils.errors import FileError
from platform_utils.paths import write_atomically

__all__ = ["Memory", "Uses", "bindings_of", "uses_of"]

PACKAGE = "platform_utils"
_RESOURCES = "resources"

Uses = list[list[str]]
"""Pairs of a name that an import binds and the attribute taken from it, ``""`` where it is used as it is."""


class Memory:
    """Facts of modules by the hash of their text.

    Parameters
    ----------
    path : Path, optional
        File that keeps them between runs; without one they last as long as this object. A file that is
        torn, or was written by other code or another Python, counts as none.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._maker = hashlib.sha256(Path(__file__).read_bytes() + sys.version.encode()).hexdigest()
        self._known: dict[str, Any] = {}
        self._asked: dict[str, Any] = {}
        if path is not None:
            try:
                stored = json.loads(path.read_text(encoding="utf-8"))
                self._known = dict(stored["facts"]) if stored["maker"] == self._maker else {}
            except (OSError, ValueError, KeyError, TypeError):
                self._known = {}

    def facts(self, module: str, content: bytes, function: str = "") -> dict[str, Any]:
        """Return the facts of a module, or of one function and what it uses in its module.

        Parameters
        ----------
        module : str
            Dotted name; ends with ``.__init__`` for a package.
        content : bytes
            Its text.
        function : str
            Name of a function at the top of the module; empty for all of it.

        Returns
        -------
        dict
            ``hash`` without comments and docstrings, ``bound`` names of this package with module and name,
            ``uses`` of them, ``data`` that it names, ``defines``: the functions at its top.
        """
        key = f"{module}:{function}:{hashlib.sha256(content).hexdigest()}"
        if key not in self._asked:
            self._asked[key] = self._known.get(key) or _facts(module, content, function)
        return self._asked[key]

    def store(self) -> None:
        """Keep what this object was asked for, if that is news; no harm is done if it cannot be kept."""
        if self._path is None or self._asked.keys() <= self._known.keys():
            return
        kept = {"maker": self._maker, "facts": dict(sorted({**self._known, **self._asked}.items()))}
        try:
            with write_atomically(self._path) as partial:
                partial.write_text(json.dumps(kept, separators=(",", ":")), encoding="utf-8")
        except FileError:
            return


def _facts(module: str, content: bytes, function: str) -> dict[str, Any]:
    tree = ast.parse(content)
    bound = bindings_of(tree, module.rpartition(".")[0])
    body = _used_statements(tree, function) if function else tree.body
    part = ast.Module(body=list(body), type_ignores=[])
    uses = sorted({tuple(pair) for pair in uses_of(part, bound)})
    data = sorted({"/".join(parts) for parts in _data(part) if parts})
    said = ast.dump(_without_docstrings(part))
    return {
        "hash": hashlib.sha256(said.encode("utf-8")).hexdigest(),
        "bound": bound,
        "uses": [list(pair) for pair in uses],
        "data": data,
        "defines": sorted(node.name for node in tree.body if isinstance(node, ast.FunctionDef)),
    }


def bindings_of(tree: ast.Module, package: str) -> dict[str, list[str]]:
    """Return the names that imports of this package bind anywhere in a module: origin, and name if any."""
    bound: dict[str, list[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            origin = node.module or ""
            if node.level:
                above = package.split(".")
                origin = ".".join([*above[: len(above) - node.level + 1], origin]).rstrip(".")
            if origin.partition(".")[0] == PACKAGE:
                bound |= {alias.asname or alias.name: [origin, alias.name] for alias in node.names}
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.partition(".")[0] == PACKAGE:
                    bound[alias.asname or alias.name] = [alias.name, ""]
    return bound


def uses_of(tree: ast.AST, bound: dict[str, list[str]]) -> Iterator[list[str]]:
    """Yield each bound name that a piece of code uses, with the attribute that it takes from it."""
    taken = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in bound:
            taken.add(id(node.value))
            yield [node.value.id, node.attr]
        elif isinstance(node, ast.Name) and node.id in bound and id(node) not in taken:
            yield [node.id, ""]
        elif isinstance(node, ast.Name) and node.id == PACKAGE:
            yield from ([name, ""] for name in bound if name.startswith(f"{PACKAGE}."))


def _used_statements(tree: ast.Module, function: str) -> list[ast.stmt]:
    """Return a function and the statements at the top of its module that it uses, in the file's order.

    What is run at the top and sets no name, such as a bare call, may change anything: it counts for all.
    """
    named: dict[str, list[ast.stmt]] = {}
    for node in tree.body:
        for name in _names_set(node):
            named.setdefault(name, []).append(node)
    run = [node for node in tree.body if _is_run_for_all(node)]
    wanted, waiting = set[str](), [function, *(name for node in run for name in _names_in(node))]
    while waiting:
        name = waiting.pop()
        if name in wanted or name not in named:
            continue
        wanted.add(name)
        waiting += [used for node in named[name] for used in _names_in(node)]
    kept = {id(node) for node in run} | {id(node) for name in wanted for node in named[name]}
    return [node for node in tree.body if id(node) in kept]


def _names_in(node: ast.AST) -> Iterator[str]:
    return (inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name))


def _is_run_for_all(node: ast.stmt) -> bool:
    """Say whether a statement at the top of a module does something beyond setting names of the module."""
    if isinstance(node, ast.Import | ast.ImportFrom | ast.Pass):
        return False
    if isinstance(node, ast.Expr):
        return not isinstance(node.value, ast.Constant)
    if (
        isinstance(node, ast.If)
        and getattr(node.test, "id", getattr(node.test, "attr", "")) == "TYPE_CHECKING"
    ):
        return False
    if isinstance(node, ast.For | ast.While | ast.With):
        return True
    return not any(True for _ in _names_set(node)) or any(_sets_elsewhere(node))


def _sets_elsewhere(node: ast.stmt) -> Iterator[bool]:
    targets = node.targets if isinstance(node, ast.Assign | ast.Delete) else [getattr(node, "target", None)]
    return (isinstance(target, ast.Attribute | ast.Subscript) for target in targets)


def _names_set(node: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement at the top of a module sets; imports count by their use."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
        return
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            yield inner.id
        elif isinstance(inner, ast.FunctionDef | ast.ClassDef):
            yield inner.name


def _data(tree: ast.AST) -> Iterator[list[str]]:
    """Yield packaged data named by ``resource("a", "b")`` or ``… / "resources" / "a"``.

    A part that is not constant ends the path, so a folder stands for everything in it.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if getattr(node.func, "id", getattr(node.func, "attr", "")) == "resource":
                yield _constants(node.args)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            parts = _constants(_divided(node)[1:])
            if _RESOURCES in parts:
                yield parts[parts.index(_RESOURCES) + 1 :]


def _divided(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return [*_divided(node.left), node.right]
    return [node]


def _constants(nodes: list[ast.expr]) -> list[str]:
    found: list[str] = []
    for node in nodes:
        if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
            break
        found.append(node.value)
    return found


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                node.body = node.body[1:] or [ast.Pass()]
    return tree
